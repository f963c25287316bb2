"""One problem: what it is, why it was decided so, who works on it until when, and what happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from city.pack import CityPack
from console.earlier import earlier_areas, earlier_sentence
from console.evidence import evidence_lines, why_it_waits
from console.found import area_of, category_of, local_time, title_of, unit_of
from console.labels import ASSIGNMENT, CHANNEL, MODE, PART, REQUEST, STATE, STATE_STYLE, URGENCY
from console.show_handling import handling_document, part_document, print_handling, print_turn
from console.terminal import indented, one_line, paragraph, plain_table
from console.timeline import Sentences
from pool.scope import Scope
from schemas.documents import ReportDocument
from schemas.errors import PoolDamaged
from schemas.events import read_event
from schemas.problem import Problem
from schemas.words import Mode, ProblemState, Urgency
from streams.session import PoolHome

TITLE = 120
TEXT = 600
"""Characters of a report's text on the screen; --json has all."""


def as_document(home: PoolHome, problem: Problem, reports: list[ReportDocument], scope: Scope) -> dict[str, Any]:
    """Everything as programs get it. Sealed texts come opened."""
    sentences = _sentences(home, problem, reports)
    timeline = [
        {
            "version": event.version,
            "at": event.at.isoformat(),
            "type": event.type,
            "actor": event.actor.model_dump(mode="json"),
            "said": sentences.of(event),
        }
        for event in _events(home, problem)
    ]
    return {
        "id": problem.id,
        "order_number": problem.order_number,
        "version": problem.version,
        "state": problem.state.value,
        "mode": problem.mode.value,
        "basis": problem.basis,
        "waits_for": why_it_waits(home.pack, problem, reports),
        "category": problem.category,
        "category_name": category_of(home.pack, problem.category),
        "category_confidence": problem.category_confidence,
        "duty_item": problem.duty_item,
        "urgency": problem.urgency.value,
        "area": problem.area,
        "area_name": area_of(home.pack, problem.area),
        "grid": problem.grid,
        "lead": problem.lead,
        "registered": problem.registered,
        "first_dispatch": problem.first_dispatch,
        "closed": problem.closed,
        "policy": problem.policy,
        "merged_into": problem.merge.target if problem.merge and problem.merge.step == "merged" else None,
        "absorbed": problem.absorbed,
        "split_from": problem.split_from,
        "split_off": sorted(set(problem.gone.values())),
        "assignments": [part_document(part, sentences) for part in problem.assignments],
        "timers": [timer.model_dump(mode="json") for timer in problem.timers],
        "reports": [_report_json(report) for report in reports],
        "callers_earlier_areas": earlier_areas(home.search, reports[0], scope) if reports else {},
        "timeline": timeline,
    } | handling_document(problem, sentences)


def _report_json(report: ReportDocument) -> dict[str, Any]:
    shown = report.model_dump(mode="json")
    content = shown.pop("content") or {}
    for hidden in ("simhash", "place_key"):
        content.pop(hidden, None)
    return shown | content


def print_problem(console: Console, home: PoolHome, problem: Problem, reports: list[ReportDocument], scope: Scope) -> None:
    """For a person at a terminal."""
    pack = home.pack
    sentences = _sentences(home, problem, reports)
    _print_head(console, pack, problem)
    print_turn(console, problem, sentences, home.clock.now())
    waits = why_it_waits(pack, problem, reports)
    if waits:
        console.print(Text.assemble(("等人处理:", "bold yellow"), (waits, "yellow")))
    _section(console, f"来件 {len(reports)} 件")
    for report in reports:
        _print_report(console, pack, report)
    if problem.state is ProblemState.MERGED and problem.merge is not None:
        console.print(f"  来件已转到 {problem.merge.target}", style="dim")
    if reports:
        _section(console, "凭什么这样认定")
        for name, said in (*evidence_lines(pack, problem, reports), *_earlier(home, reports[0], scope)):
            console.print(indented(Text.assemble((f"{name}  ", "bold"), said)))
    if problem.assignments:
        _section(console, "派单与时限")
        _print_assignments(console, pack, problem, sentences)
    print_handling(console, problem, sentences)
    _section(console, "办理过程")
    table = plain_table("", "", "")
    table.show_header = False
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for event in _events(home, problem):
        at = pack.calendar.local(event.at).strftime("%Y-%m-%d %H:%M")
        who = sentences.who(event)
        table.add_row(Text(at, style="dim"), Text(who, style="cyan"), sentences.of(event).removeprefix(f"{who} "))
    console.print(indented(table))


def _earlier(home: PoolHome, report: ReportDocument, scope: Scope) -> list[tuple[str, str]]:
    said = earlier_sentence(home.pack, earlier_areas(home.search, report, scope), report)
    return [("来件人", said)] if said else []


def print_contact(console: Console, contacts: Mapping[str, Mapping[str, Any] | None], withheld: Sequence[str]) -> None:
    """The callers in clear; the vault has logged who asked and why. withheld: reports whose callers ask for secrecy."""
    _section(console, "联系方式(本次查看已记录)")
    names = {"name": "姓名", "phone": "电话", "contact": "联系方式", "mail": "邮箱"}
    names |= {"company": "单位", "account": "账号", "sex": "性别", "label": "标注"}
    for report, contact in contacts.items():
        said = "没有留下,或已删除"
        if contact:
            said = "  ".join(f"{names.get(field, field)} {one_line(str(value))}" for field, value in contact.items())
        console.print(indented(f"{report}  {said}"))
    for report in withheld:
        console.print(indented(Text(f"{report}  来件人要求保密,没有显示;确有必要时加 --secret", style="red")))


def _print_head(console: Console, pack: CityPack, problem: Problem) -> None:
    head = Text.assemble(
        (f"工单 {problem.order_number}", "bold"), "  ", (STATE[problem.state], f"bold {STATE_STYLE[problem.state]}")
    )
    if problem.urgency is not Urgency.NORMAL:
        head.append(f"  {URGENCY[problem.urgency]}", style="bold red")
    if problem.mode is Mode.HISTORY:
        head.append(f"  {MODE[problem.mode]}", style="dim")
    console.print(head)
    place = area_of(pack, problem.area) or "地点不明"
    grid = pack.grids.get(problem.grid) if problem.grid else None
    facts = [f"问题编号 {problem.id}", f"类别 {category_of(pack, problem.category)}", f"地点 {place}"]
    facts += [f"网格 {grid.name}"] if grid else []
    facts += [f"主办 {unit_of(pack, problem.lead)}"] if problem.lead else []
    console.print("  ".join(facts), style="dim")
    if problem.merge is not None and problem.merge.step == "merged":
        console.print(f"已并入 {problem.merge.target}", style="yellow")
    if problem.absorbed:
        console.print(f"并入了 {'、'.join(problem.absorbed)}", style="dim")
    if problem.split_from:
        console.print(f"由 {problem.split_from} 拆出", style="dim")


def _print_report(console: Console, pack: CityPack, report: ReportDocument) -> None:
    content = report.content
    number = one_line(content.source_id, 60) if content else report.id
    head = Text(f"{CHANNEL[report.channel]} {number}  {local_time(pack, report)}", style="bold")
    if report.request_type is not None:
        head.append(f"  {REQUEST[report.request_type]}")
    if report.revision > 1:
        head.append(f"  第 {report.revision} 版", style="dim")
    if report.secret:
        head.append("  要求保密", style="red")
    console.print(indented(head))
    if content is None:
        console.print(indented(Text("内容已删除", style="dim"), 4))
        return
    title, text = title_of(report, TITLE), paragraph(content.text)
    console.print(indented(Text(title), 4))
    if text and one_line(text) != title:
        cut = text if len(text) <= TEXT else text[:TEXT] + f"……(共 {len(text)} 字)"
        console.print(indented(Text(cut, style="dim"), 4))
    facts = [f"地址 {one_line(content.address)}"] if content.address else []
    facts += [f"提到的地点 {'、'.join(one_line(place, 20) for place in content.places[:6])}"] if content.places else []
    facts += [f"来件编号 {report.id}"]
    console.print(indented(Text("  ".join(facts), style="dim"), 4))


def _print_assignments(console: Console, pack: CityPack, problem: Problem, sentences: Sentences) -> None:
    table = plain_table("单位", "分工", "状态", "派单", "签收", "答复", "要求")
    for part in problem.assignments:
        times = [_short(pack, moment) for moment in (part.dispatched, part.signed, part.replied)]
        joined = f"(随 {part.joined_from} 并入)" if part.joined_from else ""
        asked = one_line(sentences.opened(part.asked), 60) + joined
        table.add_row(unit_of(pack, part.unit), PART[part.part], ASSIGNMENT[part.state], *times, asked)
    console.print(indented(table))
    for timer in problem.timers:
        over = Text("  已超时", style="bold red") if timer.expired else Text("")
        due = Text(f"{sentences.clock(timer.clock, timer.of)}时限 {_short(pack, timer.due)}")
        console.print(indented(Text.assemble(due, over)))


def _short(pack: CityPack, moment: datetime | None) -> str:
    return pack.calendar.local(moment).strftime("%m-%d %H:%M") if moment else ""


def _section(console: Console, name: str) -> None:
    console.print()
    console.print(name, style="bold")


def _events(home: PoolHome, problem: Problem) -> list[Any]:
    try:
        return [read_event(stored.line) for stored in home.store.events_of(problem.id)]
    except ValueError as error:
        raise PoolDamaged(f"问题 {problem.id} 的事件记录读不出来;请运行 wentichi audit verify 找出是哪一条") from error


def _sentences(home: PoolHome, problem: Problem, reports: list[ReportDocument]) -> Sentences:
    elsewhere = {member.report for member in problem.members}.union(problem.gone) - {report.id for report in reports}
    known = [*reports, *home.store.report_documents(elsewhere).values()]
    source_ids = {report.id: report.content.source_id for report in known if report.content}
    return Sentences(home.pack, problem.id, home.vault.keys([problem.id]).get(problem.id), source_ids)
