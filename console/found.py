"""Search results on the screen and as JSON."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from city.pack import CityPack
from city.terms import WorkerLevel
from console.labels import BASIS_SHORT, CHANNEL, STATE, STATE_STYLE, URGENCY
from console.terminal import marked, one_line, plain_table
from pool.query import Facet, Hit, Page
from schemas.documents import ReportDocument
from schemas.words import Basis, Channel, ProblemState, Urgency

TITLE = 30
NARROWEST_TITLE = 22
"""Columns of the screen that a title keeps on a narrow terminal."""
AROUND = 18
"""Characters shown of a text on each side of what was found."""
BAR = 30


def hit_json(hit: Hit) -> dict[str, Any]:
    """One report as programs get it."""
    report, content = hit.report, hit.report.content
    shown: dict[str, Any] = {
        "id": report.id,
        "source_id": content.source_id if content else None,
        "source": content.source if content else None,
        "problem": report.problem,
        "order_number": report.order_number,
        "title": content.title if content else "",
        "text": content.text if content else "",
        "address": content.address if content else "",
        "places": content.places if content else [],
        "lon": content.lon if content else None,
        "lat": content.lat if content else None,
        "channel": report.channel.value,
        "mode": report.mode.value,
        "state": report.state.value,
        "basis": report.basis,
        "urgency": report.urgency.value,
        "category": report.category,
        "area": report.area,
        "grid": report.grid,
        "lead": report.lead,
        "units": report.units,
        "duty_item": report.duty_item,
        "time": report.time.isoformat(),
        "received": report.received.isoformat(),
        "erased": report.erased,
        "score": round(hit.score, 4),
        "highlights": hit.highlights,
    }
    if hit.distance is not None:
        shown["distance"] = round(hit.distance, 1)
    return shown


def by_problem(hits: list[Hit]) -> list[dict[str, Any]]:
    """The hits of one page grouped by problem, in the order of the first hit of each."""
    groups: dict[str, dict[str, Any]] = {}
    for hit in hits:
        report = hit.report
        group = groups.setdefault(
            report.problem,
            {
                "problem": report.problem,
                "order_number": report.order_number,
                "state": report.state.value,
                "category": report.category,
                "lead": report.lead,
                "reports": [],
            },
        )
        group["reports"].append(report.id)
    return list(groups.values())


def print_found(
    console: Console,
    pack: CityPack,
    page: Page,
    counted: dict[Facet, list[tuple[str, int]]],
    days: list[tuple[str, int]],
    *,
    grouped: bool,
) -> None:
    """The page, then the counts."""
    if not page.hits:
        console.print("没有找到" if not page.total else "后面没有了", style="yellow")
        return
    near = any(hit.distance is not None for hit in page.hits)
    led = any(hit.report.lead for hit in page.hits)
    table = plain_table("时间", "来件", "地点", "类别", "状态", *(["主办"] if led else []), *(["距离"] if near else []), "工单号")
    table.columns[0].no_wrap = table.columns[-1].no_wrap = True
    table.columns[1].min_width = NARROWEST_TITLE
    seen: dict[str, int] = {}
    for hit in page.hits:
        seen[hit.report.problem] = seen.get(hit.report.problem, 0) + 1
        if not grouped or seen[hit.report.problem] == 1:
            _row(table, pack, hit, led=led, near=near)
    if grouped:
        for index, problem in enumerate(seen):
            if seen[problem] > 1:
                cells = table.columns[1]._cells  # the count is known only after the last hit
                cells[index] = Text.assemble(cells[index], (f"  共 {seen[problem]} 件", "bold"))  # type: ignore[arg-type]
    console.print(table)
    shown = f"{len(page.hits)} 件" if not grouped else f"{len(seen)} 个问题的 {len(page.hits)} 件"
    console.print(f"共 {page.total:,} 件,显示 {shown}", style="dim")
    if page.cursor:
        console.print(f"下一页:--cursor {page.cursor}", style="dim", soft_wrap=True)
    _print_counts(console, pack, counted, days)


def _row(table: Table, pack: CityPack, hit: Hit, *, led: bool, near: bool) -> None:
    report = hit.report
    cells: list[Text | str] = [local_time(pack, report), _title(hit), place_of(pack, report), category_of(pack, report.category)]
    cells.append(_state(report))
    if led:
        cells.append(unit_of(pack, report.lead))
    if near:
        cells.append(f"{hit.distance:.0f} 米" if hit.distance is not None else "")
    table.add_row(*cells, report.order_number)


def _title(hit: Hit) -> Text:
    content = hit.report.content
    if content is None:
        return Text("(内容已删除)", style="dim")
    spans = hit.highlights.get("title", [])
    title = title_of(hit.report, TITLE)
    shown = marked(title, spans) if title == content.title[: len(title)] else Text(title)
    if not spans and hit.highlights.get("text"):
        shown.append("\n")
        shown.append(excerpt(content.text, hit.highlights["text"]))
    return shown


def title_of(report: ReportDocument, limit: int = 0) -> str:
    """The title, else the text, else what a camera calls it and where."""
    content = report.content
    if content is None:
        return "(内容已删除)"
    alarm = f"{content.extra.get('alarm_class', '')} {content.address}"
    return one_line(content.title or content.text or alarm, limit)


def excerpt(text: str, spans: list[tuple[int, int]]) -> Text:
    """The first find with what stands around it, on one line."""
    start, end = spans[0]
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    shown = Text("…" if start > AROUND else "", style="dim")
    shown.append(_flat(before)).append(_flat(text[start:end]), style="bold reverse not dim").append(_flat(after))
    return shown.append("…" if end + AROUND < len(text) else "")


def _flat(text: str) -> str:
    return one_line(f"|{text}|")[1:-1]


def _state(report: ReportDocument) -> Text:
    shown = Text(STATE[report.state], style=STATE_STYLE[report.state])
    if report.state is ProblemState.WAITING and report.basis in set(Basis):
        shown.append(f"({BASIS_SHORT[Basis(report.basis)]})", style="dim")
    if report.urgency is not Urgency.NORMAL:
        shown.append(f" {URGENCY[report.urgency]}", style="bold red")
    return shown


def local_time(pack: CityPack, report: ReportDocument) -> str:
    """When it happened, by the city's clock."""
    return pack.calendar.local(report.time).strftime("%Y-%m-%d %H:%M")


def place_of(pack: CityPack, report: ReportDocument) -> str:
    """The area by name, and the first place that the report names."""
    area = area_of(pack, report.area)
    places = report.content.places if report.content else []
    own = one_line(next((place for place in places if place not in pack.area_names), ""), 14)
    return f"{area} {own}".strip() or "不明"


def area_of(pack: CityPack, code: str | None) -> str:
    """The name of an area with its district before it; the code where the pack has none."""
    area = pack.areas.get(code) if code else None
    if area is None:
        return code or ""
    district = pack.district_of(code)
    return area.name if district is None or district.code == area.code else f"{district.name}{area.name}"


def category_of(pack: CityPack, code: str | None) -> str:
    """The name of a category; the code where the pack has none."""
    category = pack.categories.get(code) if code else None
    return category.name if category else (code or "不明")


def post_of(pack: CityPack, code: str) -> str:
    """A post of the grid's ladder in words: where, and of which level; the code where the pack has none."""
    post = pack.workers.get(code)
    if post is None:
        return one_line(code, 40)
    grid = pack.grids.get(post.grid) if post.grid else None
    where = grid.name if grid else area_of(pack, post.area)
    return f"{where}{post.level.label}网格{'长' if post.level is WorkerLevel.STREET else '员'}"


def unit_of(pack: CityPack, code: str | None) -> str:
    """The name of a unit; the code where the pack has none."""
    unit = pack.units.get(code) if code else None
    return unit.name if unit else (code or "")


def _print_counts(
    console: Console, pack: CityPack, counted: dict[Facet, list[tuple[str, int]]], days: list[tuple[str, int]]
) -> None:
    for facet, values in counted.items():
        console.print()
        console.print(f"按{FACET[facet]}", style="bold")
        _bars(console, [(facet_value(pack, facet, value), number) for value, number in values])
    if days:
        console.print()
        console.print("按时间", style="bold")
        _bars(console, days)


def _bars(console: Console, rows: list[tuple[str, int]]) -> None:
    most = max((number for _, number in rows), default=0)
    table = plain_table("", "", "")
    table.show_header = False
    table.columns[1].justify = "right"
    for name, number in rows:
        table.add_row(name, f"{number:,}", Text("█" * round(BAR * number / most) if most else "", style="cyan"))
    console.print(table)


FACET = {
    Facet.STATE: "状态",
    Facet.CHANNEL: "渠道",
    Facet.CATEGORY: "类别",
    Facet.LEAD: "主办单位",
    Facet.AREA: "地区",
    Facet.URGENCY: "紧急程度",
    Facet.BASIS: "派单依据",
}


def facet_value(pack: CityPack, facet: Facet, value: str) -> str:
    """A counted value in words."""
    named: dict[Facet, Callable[[], str]] = {
        Facet.STATE: lambda: STATE[ProblemState(value)],
        Facet.CHANNEL: lambda: CHANNEL[Channel(value)],
        Facet.URGENCY: lambda: URGENCY[Urgency(value)],
        Facet.BASIS: lambda: BASIS_SHORT[Basis(value)] if value in set(Basis) else value,
        Facet.CATEGORY: lambda: category_of(pack, value),
        Facet.LEAD: lambda: unit_of(pack, value),
        Facet.AREA: lambda: area_of(pack, value),
    }
    return named[facet]() if value else "(无)"
