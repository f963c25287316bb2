"""`wentichi pack succeed`: what an abolished unit still has in hand goes to its successor, clocks and all."""

from collections.abc import Iterator

from casework.transitions import OPEN
from console.opening import open_pool_session
from console.terminal import Json, print_json, screen
from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.commands import Actor
from schemas.commands_handling import Succeed
from schemas.identity import command_id, slot_of_problem
from schemas.words import OPEN_ASSIGNMENTS, Role
from streams.session import PoolHome, PoolSession

AT_ONCE = 500


def succeed(as_json: Json = False) -> None:
    """按在用的城市配置包办理;可重复运行,已转过的不再转。登记新版本时若已生效,会自动办一次。"""
    with open_pool_session() as session:
        moved = hand_on(session)
        if as_json:
            print_json({"moved": moved})
            return
        names = {code: unit.name for code, unit in session.home.pack.units.items()}
        for unit, count in moved.items():
            after = session.home.pack.acting_unit(unit)
            to = after.name if after else "由人派单"
            screen().print(f"{names[unit]}:{count} 个问题的派单转给{to}")
        if not moved:
            screen().print("没有要转的派单")


def hand_on(session: PoolSession) -> dict[str, int]:
    """How many problems of each abolished unit were handed on, or were left to a person where nobody may take them."""
    home = session.home
    moved: dict[str, int] = {}
    for unit in [unit for unit in home.pack.units.values() if unit.abolished is not None]:
        problems = list(_held_by(home, unit.code))
        for start in range(0, len(problems), AT_ONCE):
            commands = [_command(home, problem, unit.code) for problem in problems[start : start + AT_ONCE]]
            outcomes = session.submit(*commands)
            moved[unit.code] = moved.get(unit.code, 0) + sum(one.status == "applied" for one in outcomes)
    return {unit: count for unit, count in moved.items() if count}


def _held_by(home: PoolHome, unit: str) -> Iterator[str]:
    """Problems in which the unit has an open part."""
    seen: set[str] = set()
    cursor = ""
    while True:
        query = Query(filters=Filters(states=OPEN, unit=unit), sort=Sort.OLDEST, limit=AT_ONCE, cursor=cursor)
        page = home.search.search(query, ALL)
        names = {hit.report.problem for hit in page.hits} - seen
        seen |= names
        for name, problem in home.store.problems(names).items():
            if any(part.unit == unit and part.state in OPEN_ASSIGNMENTS for part in problem.assignments):
                yield name
        cursor = page.cursor
        if not cursor:
            return


def _command(home: PoolHome, problem: str, unit: str) -> Succeed:
    return Succeed(
        id=command_id("succeed", problem, unit, home.pack.version),
        slot=slot_of_problem(problem),
        at=home.clock.now(),
        actor=Actor(id="succession", role=Role.SYSTEM),
        pack=home.pack.version,
        problem=problem,
        unit=unit,
    )
