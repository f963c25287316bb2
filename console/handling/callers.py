"""`wentichi urge`, `supplement`, `withdraw`, `callback`, `callbacks`: what callers say, written down by who speaks with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from casework.calling_back import to_call
from console.acting import OPERATOR, As, By, Hat, Json, Key, Report, chosen, desk_of_report
from console.found import title_of
from console.labels import MARK, WAY
from console.opening import open_pool_home
from console.terminal import one_line, plain_table, print_json, screen
from console.waiting import problems_in
from pool.scope import ALL
from schemas.commands_handling import Callback, Supplement, Urge, Withdraw
from schemas.documents import ReportDocument
from schemas.errors import ContractError
from schemas.problem import Member, Problem
from schemas.words import Clock, ProblemState, Way
from streams.session import PoolHome

TITLE = 30


def urge(report: Report, by: By = OPERATOR, role: As = Hat.CLERK, key: Key = "", as_json: Json = False) -> None:
    """催办:来件人来问办到哪里了。不动时限;次数到了配置包的数目即列入督办。"""
    with desk_of_report(Urge, report, by=by, key=key, role=role) as (desk, which):
        desk.do(Urge, "已记下催办", as_json=as_json, report=which)


def supplement(
    report: Report,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="来件人补充了什么")],
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """来件人的补充。单位在等补充的,办理时限接着走。"""
    with desk_of_report(Supplement, report, by=by, key=key, role=role) as (desk, which):
        desk.do(Supplement, "已记下补充", as_json=as_json, report=which, text=desk.sealed("--text", text, "是东侧那盏灯"))


def withdraw(report: Report, by: By = OPERATOR, role: As = Hat.CLERK, key: Key = "", as_json: Json = False) -> None:
    """来件人撤回这一件。同一问题里别人的来件照旧办;最后一件撤回,问题即办结。"""
    with desk_of_report(Withdraw, report, by=by, key=key, role=role) as (desk, which):
        desk.do(Withdraw, "已撤回这一件", as_json=as_json, report=which)


def callback(
    report: Report,
    *,
    reached: Annotated[bool, typer.Option("--reached/--not-reached", help="是否联系上")] = True,
    rating: Annotated[
        int | None, typer.Option("--rating", min=1, max=5, metavar="1到5", help="1 非常不满意 到 5 非常满意")
    ] = None,
    solved: Annotated[bool | None, typer.Option("--solved/--not-solved", help="是否解决", show_default=False)] = None,
    contacted: Annotated[
        bool | None, typer.Option("--contacted/--not-contacted", help="承办单位是否联系过", show_default=False)
    ] = None,
    way: Annotated[str, typer.Option("--way", metavar="方式", help="电话、短信、链接、上门")] = Way.PHONE.value,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="来件人说了什么")] = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """记下一次回访。没有解决或不满意的由原单位重办。"""
    said_something = any(one is not None for one in (rating, solved, contacted))
    if not reached and said_something:
        raise ContractError("--not-reached", "没有联系上就没有评价", "请去掉 --rating、--solved、--contacted")
    if reached and rating is None and solved is None:
        raise ContractError("--rating", "联系上了须记下评价或是否解决", "请加 --rating 1到5,或 --solved、--not-solved")
    with desk_of_report(Callback, report, by=by, key=key, role=role) as (desk, which):
        answers = {"reached": reached, "rating": rating, "solved": solved, "contacted": contacted}
        sealed = desk.sealed("--text", text)
        said = "已记下回访" + (f":{MARK[rating]}" if rating is not None else "" if reached else ":没有联系上")
        desk.do(Callback, said, as_json=as_json, report=which, way=chosen("--way", WAY, way), text=sealed, **answers)


@dataclass(frozen=True, slots=True)
class Call:
    """One caller who is to be called."""

    problem: Problem
    member: Member
    report: ReportDocument | None
    due: datetime | None


def callbacks(
    *,
    contact: Annotated[bool, typer.Option("--contact", help="显示联系方式;须说明理由,查看会记录在案")] = False,
    secret: Annotated[bool, typer.Option("--secret", help="连要求保密的来件人也显示;同样记录在案")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="查看联系方式的理由")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几人")] = 20,
    by: By = OPERATOR,
    as_json: Json = False,
) -> None:
    """要回访谁:已得到答复、还没有评价、没有打够次数的来件人,先到期的在前。打过后用 callback 记下。"""
    if contact and not reason.strip():
        raise ContractError("--reason", "查看联系方式必须说明理由", "请加 --reason 理由;谁、何时、为何查看都会记录")
    with open_pool_home() as home:
        calls = to_be_called(home)
        shown = calls[:limit]
        contacts = {call.member.report: contact_of(home, call, by, reason, secret=secret) for call in shown} if contact else {}
        if as_json:
            print_json({"total": len(calls), "callbacks": [_json(home, call, contacts) for call in shown]})
            return
        _print(home, calls, shown, contacts)


def to_be_called(home: PoolHome) -> list[Call]:
    most = home.pack.handling.calls_max.value
    calls: list[Call] = []
    for problem in problems_in(home, frozenset({ProblemState.CHECKED, ProblemState.CLOSED}), ALL):
        due = next((timer.due for timer in problem.timers if timer.clock is Clock.CALLBACK), None)
        members = to_call(problem, most)
        documents = home.store.report_documents([member.report for member in members])
        calls += [Call(problem, member, documents.get(member.report), due) for member in members]
    far = datetime.max.replace(tzinfo=home.clock.now().tzinfo)
    return sorted(calls, key=lambda call: (call.due or far, call.problem.id, call.member.report))


def contact_of(home: PoolHome, call: Call, by: str, reason: str, *, secret: bool) -> dict[str, str] | None:
    """None where it is withheld or gone."""
    if call.member.secret and not secret:
        return None
    found = home.vault.contact(call.member.report, by, reason, home.clock.now())
    return dict(found) if found else None


def _json(home: PoolHome, call: Call, contacts: dict[str, dict[str, str] | None]) -> dict[str, Any]:
    member, report = call.member, call.report
    shown: dict[str, Any] = {
        "problem": call.problem.id,
        "order_number": call.problem.order_number,
        "report": member.report,
        "source_id": report.content.source_id if report and report.content else None,
        "title": title_of(report) if report else "",
        "answered": member.answered,
        "calls": member.calls,
        "secret": member.secret,
        "due": call.due,
        "overdue": call.due is not None and call.due < home.clock.now(),
    }
    return shown | ({"contact": contacts[member.report]} if member.report in contacts else {})


def _print(home: PoolHome, calls: list[Call], shown: list[Call], contacts: dict[str, dict[str, str] | None]) -> None:
    console, local = screen(), home.pack.calendar.local
    if not calls:
        console.print("没有要回访的来件人", style="green")
        return
    table = plain_table("工单号", "来件", "事由", "答复于", "已打", "回访时限", *(["联系方式"] if contacts else []))
    table.columns[0].no_wrap = True
    for call in shown:
        report, due = call.report, call.due
        number = report.content.source_id if report and report.content else call.member.report
        answered = f"{local(call.member.answered):%m-%d %H:%M}" if call.member.answered else ""
        until = f"{local(due):%m-%d %H:%M}{' 已超时' if due < home.clock.now() else ''}" if due else ""
        cells = [call.problem.order_number, one_line(number, 24), title_of(report, TITLE) if report else "", answered]
        cells += [f"{call.member.calls} 次", until]
        table.add_row(*cells, *([_told(call, contacts[call.member.report])] if contacts else []))
    console.print(table)
    console.print(f"共 {len(calls):,} 人,显示 {len(shown)} 人", style="dim")


def _told(call: Call, contact: dict[str, str] | None) -> str:
    if contact is not None:
        return "  ".join(one_line(str(value), 40) for value in contact.values())
    return "要求保密,没有显示" if call.member.secret else "没有留下,或已删除"
