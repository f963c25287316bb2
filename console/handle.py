"""`wentichi assign`, `close`, `merge`, `unmerge`, `split`, `unsplit`: what a clerk does with a problem."""

import secrets
from typing import Annotated, Any

import typer

from casework.refusals import SENTENCES
from console.asking import person
from console.found import unit_of
from console.labels import STATE
from console.opening import find_problem, find_reports, known_category, known_unit, open_pool_session
from console.terminal import Json, print_json, screen
from console.written import sealed_for
from schemas.commands import Actor, Assign, Close, Merge, OfProblem, Split, Unmerge, Unsplit
from schemas.documents import Outcome
from schemas.errors import CommandRefused, ContractError, NotFound
from schemas.events import MergeReleased, SplitAsked, read_event
from schemas.identity import command_id
from schemas.problem import Problem
from schemas.words import ProblemState, Refusal, Role
from streams.session import PoolSession

Name = Annotated[str, typer.Argument(metavar="问题", help="问题编号、工单号、来件编号或来源方的编号")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)]
Key = Annotated[str, typer.Option("--id", metavar="键", help="幂等键:重试时用同一个键,只办一次")]


def assign(
    name: Name,
    *,
    lead: Annotated[str, typer.Option("--lead", metavar="单位", help="主办单位,编码或全名,只有一个")],
    with_units: Annotated[list[str] | None, typer.Option("--with", metavar="单位", help="协办单位,可多次")] = None,
    note: Annotated[list[str] | None, typer.Option("--note", metavar="单位=要求", help="对某单位的要求,可多次")] = None,
    category: Annotated[str, typer.Option("--category", metavar="类别", help="同时改定类别,编码或名称")] = "",
    duty_item: Annotated[str, typer.Option("--duty-item", metavar="事项", help="依据的权责事项编码")] = "",
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """已派过的改派:不再承办的单位收到撤回,时限仍从首次派单算起。"""
    with open_pool_session() as session:
        home, problem = session.home, find_problem(session.home, name)
        if duty_item and duty_item not in home.pack.duty_items:
            raise NotFound(f"权责清单里没有事项 {duty_item[:40]};可用 wentichi pack show --duty 查看")
        units = [known_unit(home.pack, unit) for unit in with_units or []]
        leading = known_unit(home.pack, lead)
        notes = dict(_note(session, text, {leading, *units}) for text in note or [])
        command = Assign(
            **_base(session, problem, by, key),
            lead=leading,
            cooperators=units,
            category=known_category(home.pack, category) if category else None,
            duty_item=duty_item or None,
            notes={unit: sealed_for(home, problem.id, text) for unit, text in notes.items()},
        )
        outcome = _submit(session, command)
        said = f"已派单:主办 {unit_of(home.pack, leading)}"
        said += f",协办 {'、'.join(unit_of(home.pack, unit) for unit in units)}" if units else ""
        _say(session, outcome, said, as_json=as_json)


def close(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="说明", help="办结说明")] = "",
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """承办单位答复之后才能办结。"""
    with open_pool_session() as session:
        problem = find_problem(session.home, name)
        sealed = sealed_for(session.home, problem.id, reason) if reason.strip() else ""
        outcome = _submit(session, Close(**_base(session, problem, by, key), reason=sealed))
        _say(session, outcome, "已办结", as_json=as_json)


def merge(
    name: Name,
    into: Annotated[str, typer.Option("--into", metavar="问题", help="并到哪个问题")],
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """来件连同派单转到目标问题;每位来件人仍各自得到答复。可用 unmerge 撤销。"""
    with open_pool_session() as session:
        source, target = find_problem(session.home, name), find_problem(session.home, into)
        outcome = _submit(session, Merge(**_base(session, source, by, key), target=target.id))
        _merged(session, outcome, "并入", as_json=as_json)


def unmerge(name: Name, by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    """把已并走的问题恢复原样:自己的来件、派单和时限都回来;后来的来件留在目标问题。"""
    with open_pool_session() as session:
        source = find_problem(session.home, name)
        outcome = _submit(session, Unmerge(**_base(session, source, by, key)))
        after = session.settle(source.id)
        if after is None or after.merge is not None:
            raise _unfinished(source.id)
        _say(session, outcome, f"并单已撤销,现为{STATE[after.state]}", as_json=as_json)


def split(
    name: Name,
    report: Annotated[list[str], typer.Option("--report", metavar="来件", help="要拆出的来件,可多次")],
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """拆出的来件成为一个新问题,等人派单。可用 unsplit 撤销。"""
    with open_pool_session() as session:
        problem = find_problem(session.home, name)
        members = {member.report for member in problem.members}
        reports = [_member(session, text, members) for text in report]
        outcome = _submit(session, Split(**_base(session, problem, by, key), reports=reports))
        session.settle(problem.id)
        event = _last(session, problem.id, SplitAsked)
        target = session.problem(event.target) if event else None
        if target is None or target.version == 0:
            raise _unfinished(problem.id)
        said = f"已拆出 {len(reports)} 件,新问题 {target.id}(工单 {target.order_number}),{STATE[target.state]}"
        _say(session, outcome, said, as_json=as_json, target=target.id, order_number=target.order_number)


def unsplit(name: Name, by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    """把拆出来的问题退回原来的问题。"""
    with open_pool_session() as session:
        problem = find_problem(session.home, name)
        outcome = _submit(session, Unsplit(**_base(session, problem, by, key)))
        _merged(session, outcome, "退回", as_json=as_json)


def _base(session: PoolSession, problem: Problem, by: str, key: str) -> dict[str, Any]:
    """The fields that every command has. The key is the actor's own, so two people's keys never meet."""
    home = session.home
    return {
        "id": command_id("console", by, key or secrets.token_hex(16)),
        "slot": problem.slot,
        "at": home.clock.now(),
        "actor": Actor(id=by, role=Role.CLERK),
        "pack": home.pack.version,
        "problem": problem.id,
    }


def _submit(session: PoolSession, command: OfProblem) -> Outcome:
    """Raises CommandRefused with the sentence for the refusal."""
    (outcome,) = session.submit(command)  # type: ignore[arg-type]
    if outcome.status == "refused":
        raise CommandRefused(outcome.code, outcome.message)
    return outcome


def _merged(session: PoolSession, outcome: Outcome, done: str, *, as_json: bool) -> None:
    """How asking for a merge ended: merged into a root, or released with a reason."""
    after = session.settle(outcome.aggregate)
    if after is None or after.frozen:
        raise _unfinished(outcome.aggregate)
    if after.state is ProblemState.MERGED and after.merge is not None:
        root = session.root(after.id) or after
        said = f"已{done} {root.id}(工单 {root.order_number}),那里现有 {len(root.members)} 件来件,{STATE[root.state]}"
        _say(session, outcome, said, as_json=as_json, target=root.id, order_number=root.order_number)
        return
    released = _last(session, after.id, MergeReleased)
    code = released.code if released else Refusal.TARGET_BUSY.value
    raise CommandRefused(code, SENTENCES[Refusal(code)] if code in set(Refusal) else "没有并成")


def _say(session: PoolSession, outcome: Outcome, said: str, *, as_json: bool, **more: object) -> None:
    after = session.problem(outcome.aggregate)
    state = after.state.value if after else ""
    if outcome.status == "parked":
        said = "问题正在并单或拆单,指令已收下,结束后自动办理"
    if as_json:
        print_json(outcome.model_dump(mode="json") | {"state": state, "said": said} | more)
        return
    number = after.order_number if after else ""
    screen().print(f"工单 {number}({outcome.aggregate}):{said}")


def _note(session: PoolSession, text: str, allowed: set[str]) -> tuple[str, str]:
    unit, sign, asked = text.partition("=")
    if not sign or not asked.strip():
        raise ContractError("--note", "应为 单位=要求", "例如 --note yunxi-chengguan=今日内到场")
    code = known_unit(session.home.pack, unit.strip())
    if code not in allowed:
        raise ContractError("--note", f"{code} 既不是主办也不是协办", "请先用 --lead 或 --with 列出该单位")
    return code, asked


def _member(session: PoolSession, name: str, members: set[str]) -> str:
    if name in members:
        return name
    found = [report.id for report in find_reports(session.home, name) if report.id in members]
    if len(found) != 1:
        raise NotFound(f"来件 {name[:60]} 不在这个问题里;请用 wentichi show 查看它的来件")
    return found[0]


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
