"""`wentichi search`, `show` and `stats`: reading the pool."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from console.asking import filters, person, scope_of
from console.found import by_problem, hit_json, print_found
from console.opening import find_problem, find_report, open_pool_home
from console.show import as_document, print_contact, print_problem
from console.terminal import Json, one_line, plain_table, print_json, screen
from pool.query import Facet, Interval, Query, Sort
from schemas.errors import ContractError, NotFound
from schemas.words import Channel, ProblemState, Urgency
from streams.session import PoolHome

AsUnit = Annotated[str, typer.Option("--as-unit", metavar="单位", help="以这个单位的身份看:只看得到派给它的")]


def stats(as_unit: AsUnit = "", as_json: Json = False) -> None:
    """来件按渠道、问题按状态计数;已并入别处的问题不再计。"""
    from console.labels import CHANNEL, STATE  # noqa: PLC0415 - beside its only use

    with open_pool_home() as home:
        found: Any = home.search.stats(scope_of(home.pack, as_unit))
        where = home.name
    if as_json:
        print_json(found)
        return
    table = plain_table("", "合计", "其中")
    table.columns[1].justify = "right"
    channels = "  ".join(f"{CHANNEL[Channel(name)]} {number:,}" for name, number in found["by_channel"].items())
    states = "  ".join(f"{STATE[ProblemState(name)]} {number:,}" for name, number in found["by_state"].items())
    table.add_row("来件", f"{found['reports']:,}", channels)
    table.add_row("问题", f"{found['problems']:,}", states)
    table.add_row("死信", f"{found['dead_letters']:,}", "wentichi dead-letters list" if found["dead_letters"] else "")
    alarms = found["alarms"]
    if alarms["seen"]:
        waiting = alarms["unconfirmed"]
        asked = f"  待人确认 {waiting:,}(wentichi cameras list --state unconfirmed)" if waiting else ""
        table.add_row("告警", f"{alarms['seen']:,}", f"只作观察 {alarms['observed']:,}{asked}")
    console = screen()
    console.print(f"问题池 {where}")
    console.print(table)
    if not found["reports"] and not alarms["seen"] and not as_unit:
        console.print("池里还没有来件;可用 wentichi push 文件 --channel message 推入,或 wentichi demo 看演示", style="yellow")


def search(
    text: Annotated[str, typer.Argument(metavar="文字", help="空格分开的词须都出现;引号内为整句;空串为全部")] = "",
    *,
    state: Annotated[list[ProblemState] | None, typer.Option("--state", help="问题状态,可多次")] = None,
    category: Annotated[str, typer.Option("--category", metavar="类别", help="类别编码或名称,含下级")] = "",
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="承办单位(主办或协办)")] = "",
    area: Annotated[str, typer.Option("--area", metavar="地区", help="地区编码或名称,含下级")] = "",
    channel: Annotated[list[Channel] | None, typer.Option("--channel", help="渠道,可多次")] = None,
    caller: Annotated[str, typer.Option("--caller", metavar="来件编号", help="与这一件同一来件人的各件")] = "",
    urgency: Annotated[list[Urgency] | None, typer.Option("--urgency", help="紧急程度,可多次")] = None,
    since: Annotated[str, typer.Option("--since", metavar="时间", help="从何时起(含),例如 2026-05-01")] = "",
    until: Annotated[str, typer.Option("--until", metavar="时间", help="到何时止;写日期则含当天")] = "",
    near: Annotated[str, typer.Option("--near", metavar="经度,纬度,米", help="在这一点周围")] = "",
    box: Annotated[str, typer.Option("--box", metavar="西,南,东,北", help="在这个方框内")] = "",
    sort: Annotated[Sort, typer.Option("--sort", help="排序:相关、最新、最早、最近")] = Sort.RELEVANCE,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几条")] = 20,
    cursor: Annotated[str, typer.Option("--cursor", metavar="标记", help="上一页给出的翻页标记")] = "",
    facets: Annotated[list[Facet] | None, typer.Option("--facets", help="按此项计数,可多次")] = None,
    histogram: Annotated[Interval | None, typer.Option("--histogram", help="按日、周、月计数")] = None,
    problems: Annotated[bool, typer.Option("--problems", help="同一问题的来件归在一起")] = False,
    as_unit: AsUnit = "",
    as_json: Json = False,
) -> None:
    """例:wentichi search 停水 --area 云溪区 --state waiting --facets category"""
    with open_pool_home() as home:
        asked = filters(
            home.pack,
            state=state or [],
            channel=channel or [],
            urgency=urgency or [],
            category=category,
            unit=unit,
            area=area,
            since=since,
            until=until,
            near=near,
            box=box,
        )
        if caller:
            asked = replace(asked, caller=_caller_of(home, caller))
        scope = scope_of(home.pack, as_unit)
        query = Query(text, asked, sort, limit, cursor, highlight=True)
        page = home.search.search(query, scope)
        counted = home.search.facets(query, facets, scope) if facets else {}
        days = home.search.histogram(query, histogram, scope) if histogram else []
        if as_json:
            found: dict[str, Any] = {"total": page.total, "reports": [hit_json(hit) for hit in page.hits], "cursor": page.cursor}
            if problems:
                found["problems"] = by_problem(page.hits)
            if facets:
                found["facets"] = {facet.value: values for facet, values in counted.items()}
            if histogram:
                found["histogram"] = days
            print_json(found)
        else:
            print_found(screen(), home.pack, page, counted, days, grouped=problems)


def _caller_of(home: PoolHome, name: str) -> str:
    report = find_report(home, name)
    if report is None or not report.caller:
        what = "没有这件来件" if report is None else "这件没有留下来件人的电话或账号"
        raise NotFound(f"--caller {one_line(name, 60)}:{what};请用带来件人的来件编号,可用 wentichi show 查看")
    return report.caller


def show(
    name: Annotated[str, typer.Argument(metavar="编号", help="问题编号、工单号、来件编号或来源方的编号")],
    *,
    contact: Annotated[bool, typer.Option("--contact", help="显示来件人的联系方式;须说明理由,查看会记录在案")] = False,
    secret: Annotated[bool, typer.Option("--secret", help="连要求保密的来件人也显示;同样记录在案")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="查看联系方式的理由")] = "",
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="谁在查看", callback=person)] = "operator",
    as_unit: AsUnit = "",
    as_json: Json = False,
) -> None:
    """办理过程、来件、派单与时限,以及类别、单位、地点各凭什么认定,为什么在等人。"""
    if contact and not reason.strip():
        raise ContractError("--reason", "查看联系方式必须说明理由", "请加 --reason 理由;谁、何时、为何查看都会记录")
    with open_pool_home() as home:
        scope = scope_of(home.pack, as_unit)
        problem = find_problem(home, name, scope)
        reports = home.search.reports_of(problem.id, scope)
        if contact and not scope.everything:
            raise NotFound("承办单位看不到来件人的联系方式;请由热线中心查看")
        only = find_report(home, name) if contact and name not in (problem.id, problem.order_number) else None
        wanted = [report for report in reports if contact and (only is None or report.id == only.id)]
        withheld = [report.id for report in wanted if report.secret and not secret]
        contacts: dict[str, dict[str, Any] | None] = {}
        for report in wanted:
            if report.id not in withheld:
                found = home.vault.contact(report.id, by, reason, home.clock.now())
                contacts[report.id] = dict(found) if found else None
        if as_json:
            document = as_document(home, problem, reports, scope)
            print_json(document | {"contacts": contacts, "withheld": withheld} if contact else document)
            return
        print_problem(screen(), home, problem, reports, scope)
        if contact:
            print_contact(screen(), contacts, withheld)
