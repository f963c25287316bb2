"""`wentichi assign`, `close`, `merge`, `unmerge`, `split`, `unsplit`: what a clerk does with a problem."""

from typing import Annotated, Any

import typer

from casework.refusals import SENTENCES
from console.acting import (
    OPERATOR,
    As,
    Ask,
    By,
    ClearDepartment,
    ClearGrassroots,
    ClearSupport,
    Desk,
    DutyItem,
    Hat,
    Json,
    Key,
    Name,
    With,
    clarity_of,
    desk_for,
    known_item,
    member_of,
    told,
)
from console.found import unit_of
from console.labels import STATE
from console.opening import find_problem, known_category, known_unit
from schemas.commands import Assign, Close, Merge, Split, Unmerge, Unsplit
from schemas.documents import Outcome
from schemas.errors import CommandRefused
from schemas.events import MergeReleased, SplitAsked, read_event
from schemas.words import ProblemState, Refusal
from streams.session import PoolSession


def assign(
    name: Name,
    *,
    lead: Annotated[str, typer.Option("--lead", metavar="单位", help="主办单位,编码或全名,只有一个")],
    with_units: With = None,
    ask: Ask = None,
    category: Annotated[str, typer.Option("--category", metavar="类别", help="同时改定类别,编码或名称")] = "",
    duty_item: DutyItem = "",
    clear_department: ClearDepartment = "",
    clear_grassroots: ClearGrassroots = "",
    clear_support: ClearSupport = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """已派过的改派:不再承办的单位收到撤回,时限仍从首次派单算起。"""
    with desk_for(Assign, name, by=by, key=key, role=role) as desk:
        item = known_item(desk.pack, duty_item)
        units = [known_unit(desk.pack, unit) for unit in with_units or []]
        leading = known_unit(desk.pack, lead)
        said = f"已派单:主办 {unit_of(desk.pack, leading)}"
        said += f",协办 {'、'.join(unit_of(desk.pack, unit) for unit in units)}" if units else ""
        desk.do(
            Assign,
            said,
            as_json=as_json,
            lead=leading,
            cooperators=units,
            category=known_category(desk.pack, category) if category else None,
            duty_item=item,
            notes=told(desk, ask or [], {leading, *units}),
            clarity=clarity_of(desk, clear_department, clear_grassroots, clear_support),
        )


def close(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="说明", help="办结说明")] = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """承办单位答复之后才能办结;答复检查有问题的,先由 wentichi check 审核。"""
    with desk_for(Close, name, by=by, key=key, role=role) as desk:
        desk.do(Close, "已办结", as_json=as_json, reason=desk.sealed("--reason", reason))


def merge(
    name: Name,
    into: Annotated[str, typer.Option("--into", metavar="问题", help="并到哪个问题")],
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """来件连同派单转到目标问题;每位来件人仍各自得到答复。可用 unmerge 撤销。"""
    with desk_for(Merge, name, by=by, key=key) as desk:
        target = find_problem(desk.home, into)
        _merged(desk, desk.submit(Merge, target=target.id), "并入", as_json=as_json)


def unmerge(name: Name, by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    """把已并走的问题恢复原样:自己的来件、派单和时限都回来;后来的来件留在目标问题。"""
    with desk_for(Unmerge, name, by=by, key=key) as desk:
        outcome = desk.submit(Unmerge)
        after = desk.session.settle(desk.problem.id)
        if after is None or after.merge is not None:
            raise _unfinished(desk.problem.id)
        desk.say(outcome, f"并单已撤销,现为{STATE[after.state]}", as_json=as_json)


def split(
    name: Name,
    report: Annotated[list[str], typer.Option("--report", metavar="来件", help="要拆出的来件,可多次")],
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """拆出的来件成为一个新问题,等人派单。可用 unsplit 撤销。"""
    with desk_for(Split, name, by=by, key=key) as desk:
        session, problem = desk.session, desk.problem
        members = {member.report for member in problem.members}
        reports = [member_of(session, text, members) for text in report]
        outcome = desk.submit(Split, reports=reports)
        session.settle(problem.id)
        event = _last(session, problem.id, SplitAsked)
        target = session.problem(event.target) if event else None
        if target is None or target.version == 0:
            raise _unfinished(problem.id)
        said = f"已拆出 {len(reports)} 件,新问题 {target.id}(工单 {target.order_number}),{STATE[target.state]}"
        desk.say(outcome, said, as_json=as_json, target=target.id, order_number=target.order_number)


def unsplit(name: Name, by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    """把拆出来的问题退回原来的问题。"""
    with desk_for(Unsplit, name, by=by, key=key) as desk:
        _merged(desk, desk.submit(Unsplit), "退回", as_json=as_json)


def _merged(desk: Desk, outcome: Outcome, done: str, *, as_json: bool) -> None:
    """How asking for a merge ended: merged into a root, or released with a reason."""
    session = desk.session
    after = session.settle(outcome.aggregate)
    if after is None or after.frozen:
        raise _unfinished(outcome.aggregate)
    if after.state is ProblemState.MERGED and after.merge is not None:
        root = session.root(after.id) or after
        said = f"已{done} {root.id}(工单 {root.order_number}),那里现有 {len(root.members)} 件来件,{STATE[root.state]}"
        desk.say(outcome, said, as_json=as_json, target=root.id, order_number=root.order_number)
        return
    released = _last(session, after.id, MergeReleased)
    code = released.code if released else Refusal.TARGET_BUSY.value
    raise CommandRefused(code, SENTENCES[Refusal(code)] if code in set(Refusal) else "没有并成")


def _last(session: PoolSession, problem: str, kind: type[Any]) -> Any:
    """The newest event of a type, or None."""
    for stored in reversed(session.home.store.events_of(problem)):
        event = read_event(stored.line)
        if isinstance(event, kind):
            return event
    return None


def _unfinished(problem: str) -> CommandRefused:
    return CommandRefused(
        Refusal.TARGET_BUSY.value, f"{problem} 的并单或拆单还没有结束,时限到后会自动再催;请稍后用 wentichi show 查看"
    )
