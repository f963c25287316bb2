"""`wentichi queue`: what waits for whom, the oldest due first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from city.pack import CityPack
from console.asking import scope_of
from console.found import area_of, category_of
from console.labels import STATE, URGENCY
from console.opening import known_unit, open_pool_home
from console.terminal import Json, one_line, plain_table, print_json, screen
from console.turns import STATES, TASK, Task, Turn, turns
from console.waiting import problems_in
from schemas.errors import ContractError, NotFound
from schemas.problem import Problem
from schemas.words import ProblemState, Role, Urgency
from streams.session import PoolHome

OFFICE = (
    Task.DISPATCH,
    Task.RETURN,
    Task.CONFERENCE,
    Task.OBJECTION,
    Task.APPLICATION,
    Task.CHECK,
    Task.CLOSE,
    Task.CALLBACK,
    Task.RECHECK,
)
"""What waits for people of the hotline: clerks, reviewers, supervisors."""
OF_OFFICE = frozenset({Role.CLERK, Role.REVIEWER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to do on one problem."""

    problem: Problem
    turn: Turn
    late: bool


def queue(
    task: Annotated[list[Task] | None, typer.Option("--task", help="只看这几样,可多次;不写为热线中心要办的各样")] = None,
    as_unit: Annotated[str, typer.Option("--as-unit", metavar="单位", help="这个单位要办的")] = "",
    post: Annotated[str, typer.Option("--post", metavar="岗位", help="这个网格岗位要办的")] = "",
    role: Annotated[Role | None, typer.Option("--role", help="只看等这种身份的人办的")] = None,
    late: Annotated[bool, typer.Option("--late", help="只看已超时的")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几条")] = 50,
    as_json: Json = False,
) -> None:
    """等谁办什么,先到期的在前,超时的标红。没有时限的排在最后。"""
    if as_unit and post:
        raise ContractError("--post", "单位和岗位只能写一个", "请去掉 --as-unit 或 --post")
    with open_pool_home() as home:
        found = [one for one in _waiting(home, task, as_unit, post, role) if one.late or not late]
        if as_json:
            listed = [_json(home, one) for one in found[:limit]]
            print_json({"total": len(found), "late": sum(one.late for one in found), "waiting": listed})
            return
        _print(home.pack, found, limit)


def _waiting(home: PoolHome, task: list[Task] | None, as_unit: str, post: str, role: Role | None) -> list[Waiting]:
    pack, now = home.pack, home.clock.now()
    unit = known_unit(pack, as_unit) if as_unit else ""
    if post and post not in pack.workers:
        raise NotFound(f"城市配置包里没有网格岗位 “{one_line(post, 40)}”;请用岗位编码")
    usual = tuple(Task) if unit else (Task.LADDER,) if post else OFFICE
    tasks = frozenset(task or usual)
    states = frozenset[ProblemState]().union(*(STATES[one] for one in tasks))
    found = []
    for problem in problems_in(home, states, scope_of(pack, as_unit), unit):
        for turn in turns(problem, pack):
            mine = turn.unit == unit if unit else turn.post == post if post else bool(task) or turn.role in OF_OFFICE
            if turn.task in tasks and mine and role in (None, turn.role):
                found.append(Waiting(problem, turn, turn.due is not None and turn.due < now))
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda one: (one.turn.due or far, one.problem.id, one.turn.task))


def _json(home: PoolHome, one: Waiting) -> dict[str, Any]:
    problem, turn, pack = one.problem, one.turn, home.pack
    return {
        "problem": problem.id,
        "order_number": problem.order_number,
        "state": problem.state.value,
        "urgency": problem.urgency.value,
        "category": problem.category,
        "category_name": category_of(pack, problem.category),
        "area": problem.area,
        "lead": problem.lead,
        "task": turn.task.value,
        "role": turn.role.value,
        "unit": turn.unit,
        "post": turn.post,
        "who": turn.who(pack),
        "about": turn.about,
        "due": turn.due,
        "overdue": one.late,
        "supervised": problem.supervision is not None,
        "escalation": problem.escalation,
    }


def _print(pack: CityPack, found: list[Waiting], limit: int) -> None:
    console = screen()
    if not found:
        console.print("没有等着办的", style="green")
        return
    table = plain_table("时限", "要办什么", "等谁", "类别", "地点", "状态", "工单号")
    table.columns[0].no_wrap = table.columns[-1].no_wrap = True
    for one in found[:limit]:
        problem, turn = one.problem, one.turn
        due = Text(f"{pack.calendar.local(turn.due):%m-%d %H:%M}" if turn.due else "", style="bold red" if one.late else "")
        due.append(" 已超时" if one.late else "")
        what = Text(TASK[turn.task] + (f"({turn.about})" if turn.about else ""))
        if problem.urgency is not Urgency.NORMAL:
            what.append(f" {URGENCY[problem.urgency]}", style="bold red")
        if problem.supervision is not None:
            what.append(" 督办", style="bold red")
        matter = category_of(pack, problem.category), area_of(pack, problem.area) or "不明"
        table.add_row(due, what, turn.who(pack), *matter, STATE[problem.state], problem.order_number)
    console.print(table)
    late = sum(one.late for one in found)
    over = f",其中已超时 {late:,} 件" if late else ""
    console.print(f"共 {len(found):,} 件{over},显示 {min(len(found), limit)} 件", style="dim")
