"""`wentichi figures`: every published figure, with its formula, by scope and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from city.pack import CityPack
from console import paper
from console.figure_words import (
    EMPTY,
    GROUP,
    Span,
    group_name,
    group_rows,
    group_tables,
    kind_of_group,
    measure_rows,
    scope_named,
    span_of,
    value_json,
)
from console.opening import open_pool_home
from console.terminal import Json, aside, plain_table, print_json, screen
from pool.figures import Figures, grade, summary
from pool.filled import Filling, filling
from pool.formulas import formulas
from pool.measures import Group, Measure, Value
from pool.ports import Search
from pool.query import Filters, Query, Sort
from pool.repeats import SPANS, Repeats, repeats
from pool.scope import Scope

LOOKED_AT: Final = 1000
"""Newest reports by which the form's filling is measured: findings lie in the documents and nowhere else."""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that one call of the command has found."""

    pack: CityPack
    whose: str
    span: Span
    whole: dict[Measure, Value]
    by: Group | None
    groups: Figures
    again: Repeats | None
    filled: Filling


Since = Annotated[str, typer.Option("--since", metavar="日期", help="从这一天起,含当天")]
Until = Annotated[str, typer.Option("--until", metavar="日期", help="到这一天止,含当天")]
OfUnit = Annotated[str, typer.Option("--unit", metavar="单位", help="只看这个单位有份的问题")]
OfArea = Annotated[str, typer.Option("--area", metavar="地区", help="只看这个地区(含下级)的问题")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="文件", help="写成可打印的网页")]


def figures(
    *,
    by: Annotated[Group | None, typer.Option("--by", help="按单位、地区、类别、月份、渠道分开")] = None,
    since: Since = "",
    until: Until = "",
    unit: OfUnit = "",
    area: OfArea = "",
    html: HtmlFile = None,
    as_json: Json = False,
) -> None:
    """办结率、按时办结率、响应率、解决率、满意率等,各只有一个公式;经审核剔除的不计入,并写明剔除了几件。

    综合分按城市定的权重计算,只分等次,不排名(国办函〔2025〕66号:不片面追求排名)。
    """
    with open_pool_home() as home:
        pack, span = home.pack, span_of(home.pack, since, until)
        scope, whose = scope_named(pack, unit, area)
        defined = formulas(pack.handling)
        asked = list(defined.values())
        whole = home.search.measures(asked, scope, None, span.since, span.until)[""]
        groups = home.search.measures(asked, scope, by, span.since, span.until) if by else {}
        again = returned(home.search, scope, span)
        filled = filled_fields(home.search, scope, span)
    told = Told(pack, whose, span, whole, by, groups, again, filled)
    if html is not None:
        paper.write(html, _page(told))
        aside().print(f"已写入 {html}", style="dim")
    if as_json:
        print_json(document(told))
    elif html is None:
        _print(told)


def returned(search: Search, scope: Scope, span: Span) -> Repeats | None:
    """None without both ends of the period: the whole pool is not walked for it."""
    if span.since is None or span.until is None:
        return None
    return repeats(search, scope, span.since, span.until)


def filled_fields(search: Search, scope: Scope, span: Span) -> Filling:
    filters = Filters(since=span.since, until=span.until)
    page = search.search(Query(filters=filters, sort=Sort.NEWEST, limit=LOOKED_AT), scope)
    return filling(hit.report for hit in page.hits)


def extra_rows(again: Repeats | None, filled: Filling) -> list[Sequence[str]]:
    """Figures that are not made of one problem's facts: name, figure, what it is made of, left out, formula."""
    rows: list[Sequence[str]] = []
    if again is not None:
        for days in SPANS:
            count = again.within(days)
            callers = again.within(days, same_caller=True)
            rows.append([
                f"重复率({days}日)", share(count, again.closed), f"{count:,} ÷ {again.closed:,}", "",
                f"办结后{days}日内,同一来件人或同一网格又有同类别的新问题 ÷ 本期办结;其中同一来件人 {callers:,} 件",
            ])  # fmt: skip
    of = filled.reports * len(filled.by_field)
    count = sum(filled.by_field.values())
    words = "、".join(f"{name} {share(number, filled.reports)}" for name, number in filled.by_field.items())
    formula = f"由系统填好的栏目 ÷ 全部栏目,按最近 {filled.reports:,} 件来件;{words}"
    return [*rows, ["自动填写率", share(count, of), f"{count:,} ÷ {of:,}", "", formula]]


def share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f}%" if of else EMPTY


def _weights(pack: CityPack) -> str:
    rules = pack.handling
    weights = (rules.weight_response, rules.weight_solved, rules.weight_satisfied)
    return "、".join(f"{name} {weight.value:.0%}" for name, weight in zip(("响应率", "解决率", "满意率"), weights, strict=True))


def summary_words(pack: CityPack, whole: dict[Measure, Value]) -> str:
    total = summary(whole, pack.handling)
    said = "响应、解决、满意三项未都有数据,不作综合" if total is None else f"{total:.1f} 分,等次 {grade(whole, pack.handling)}"
    return f"综合:{said}({_weights(pack)};{pack.handling.weight_response.source})"


def document(told: Told) -> dict[str, Any]:
    """As programs get it."""
    defined = formulas(told.pack.handling)

    def values(found: dict[Measure, Value]) -> dict[str, Any]:
        return {measure.value: value_json(defined[measure], value) for measure, value in found.items()} | {
            "summary": {"value": summary(found, told.pack.handling), "grade": grade(found, told.pack.handling)}
        }

    return {
        "scope": told.whose,
        "since": told.span.since.isoformat() if told.span.since else None,
        "until": told.span.until.isoformat() if told.span.until else None,
        "figures": values(told.whole),
        "by": told.by.value if told.by else None,
        "groups": {
            code: {
                "name": group_name(told.pack, told.by, code),
                "class": kind_of_group(told.pack, told.by, code),
                "figures": values(found),
            }
            for code, found in told.groups.items()
        }
        if told.by
        else {},
        "repeats": None
        if told.again is None
        else {
            "closed": told.again.closed,
            "within": {
                days: {"all": told.again.within(days), "same_caller": told.again.within(days, same_caller=True)} for days in SPANS
            },
        },
        "filled": {"reports": told.filled.reports, "share": told.filled.share, "by_field": dict(told.filled.by_field)},
    }


def _print(told: Told) -> None:
    console, defined = screen(), formulas(told.pack.handling)
    console.print(f"{told.whose}  {told.span.words(told.pack)}", style="bold")
    if told.by is not None:
        heads, rows = group_rows(told.pack, defined, told.by, told.groups)
        listed = plain_table(*heads)
        for cells in rows:
            listed.add_row(*cells)
        console.print(listed)
    else:
        one = plain_table("指标", "数值", "分子 ÷ 分母", "剔除", "公式")
        for column in one.columns[1:4]:
            column.justify = "right"
        for row in [*measure_rows(defined, told.whole), *extra_rows(told.again, told.filled)]:
            one.add_row(*row)
        console.print(one)
    console.print(summary_words(told.pack, told.whole))
    if told.again is None:
        console.print("重复率须同时给出 --since 和 --until", style="dim")


def _page(told: Told) -> str:
    defined = formulas(told.pack.handling)
    parts = [paper.paragraph(summary_words(told.pack, told.whole))]
    if told.by is not None:
        parts += [paper.heading(f"按{GROUP[told.by]}"), *group_tables(told.pack, defined, told.by, told.groups)]
    rows_of_all = [*measure_rows(defined, told.whole), *extra_rows(told.again, told.filled)]
    parts += [paper.heading("各项指标"), paper.table(["指标", "数值", "分子 ÷ 分母", "剔除", "公式"], rows_of_all, (1, 2, 3))]
    sources = sorted({(one.source, one.name) for one in defined.values()})
    by_source: dict[str, list[str]] = {}
    for source, name in sources:
        by_source.setdefault(source, []).append(name)
    listed = ";".join(f"{'、'.join(names)}——{source}" for source, names in by_source.items())
    parts.append(paper.note(f"公式的出处:{listed}。经审核不计入考核的问题已从各项评分指标中剔除,“剔除”一栏为件数。"))
    return paper.page("运行情况统计", f"{told.pack.name} · {told.whose} · {told.span.words(told.pack)}", parts)


