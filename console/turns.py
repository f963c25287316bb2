"""Who must act next on a problem, and until when (现在轮到谁): what its state and what is asked of somebody make necessary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from casework.calling_back import to_call
from casework.looking_back import open_recheck
from city.pack import CityPack
from console.found import post_of, unit_of
from console.labels import ROLE, WISH
from schemas.problem import Problem
from schemas.words import OPEN_ASSIGNMENTS, AssignmentState, Clock, Part, ProblemState, Role, Wish


class Task(StrEnum):
    """What somebody has to do, named so that it can be typed."""

    DISPATCH = "dispatch"
    LADDER = "ladder"
    SIGN = "sign"
    HANDLE = "handle"
    COOPERATE = "cooperate"
    RETURN = "return"
    CONFERENCE = "conference"
    SUPPLEMENT = "supplement"
    SUSPENDED = "suspended"
    CHECK = "check"
    CLOSE = "close"
    CALLBACK = "callback"
    RECHECK = "recheck"
    OBJECTION = "objection"
    APPLICATION = "application"
    WHISTLE = "whistle"
    SUPERVISION = "supervision"


TASK: Final = {
    Task.DISPATCH: "派单",
    Task.LADDER: "网格处置",
    Task.SIGN: "签收",
    Task.HANDLE: "办理并答复",
    Task.COOPERATE: "协办",
    Task.RETURN: "审核退单",
    Task.CONFERENCE: "记下会商结果",
    Task.SUPPLEMENT: "补充情况",
    Task.SUSPENDED: "挂账",
    Task.CHECK: "审核答复",
    Task.CLOSE: "办结",
    Task.CALLBACK: "回访",
    Task.RECHECK: "回头看",
    Task.OBJECTION: "审核异议",
    Task.APPLICATION: "审批申请",
    Task.WHISTLE: "应哨",
    Task.SUPERVISION: "报督办结果",
}
"""The word on the screen."""

P = ProblemState
WITH_LEAD: Final = frozenset({P.DISPATCHED, P.IN_PROGRESS, P.RETURN_ASKED, P.CONFERENCE, P.AWAITING_CALLER, P.SUSPENDED})
STATES: Final[dict[Task, frozenset[ProblemState]]] = {
    Task.DISPATCH: frozenset({P.WAITING}),
    Task.LADDER: frozenset({P.ON_LADDER}),
    Task.SIGN: frozenset({P.DISPATCHED}),
    Task.HANDLE: frozenset({P.IN_PROGRESS}),
    Task.COOPERATE: WITH_LEAD | {P.REPLIED, P.CHECKED},
    Task.RETURN: frozenset({P.RETURN_ASKED}),
    Task.CONFERENCE: frozenset({P.CONFERENCE}),
    Task.SUPPLEMENT: frozenset({P.AWAITING_CALLER}),
    Task.SUSPENDED: frozenset({P.SUSPENDED}),
    Task.CHECK: frozenset({P.REPLIED}),
    Task.CLOSE: frozenset({P.CHECKED}),
    Task.CALLBACK: frozenset({P.CHECKED, P.CLOSED}),
    Task.RECHECK: frozenset({P.CLOSED}),
    Task.OBJECTION: frozenset(P) - {P.MERGED, P.ARCHIVED},
    Task.APPLICATION: frozenset({P.DISPATCHED, P.IN_PROGRESS, P.REPLIED, P.CHECKED, P.CLOSED}),
    Task.WHISTLE: frozenset(P) - {P.MERGED, P.ARCHIVED, P.CLOSED},
    Task.SUPERVISION: frozenset(P) - {P.MERGED, P.ARCHIVED},
}
"""In which states of the problem a task can be open."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing to do. unit: whose turn for role unit; post: for role grid. due: None where no clock runs. about: details."""

    task: Task
    role: Role
    unit: str = ""
    post: str = ""
    due: datetime | None = None
    about: str = ""

    def who(self, pack: CityPack) -> str:
        """By name."""
        if self.post:
            return post_of(pack, self.post)
        return unit_of(pack, self.unit) if self.unit else ROLE[self.role]


def turns(problem: Problem, pack: CityPack) -> list[Turn]:
    """First what the state asks, then what runs beside it."""
    found = [*_of_state(problem, pack), *_cooperators(problem), *_asked(problem, pack), *_whistles(problem)]
    if problem.supervision is not None:
        role = Role.UNIT if problem.lead else Role.CLERK
        found.append(Turn(Task.SUPERVISION, role, problem.lead or "", due=_due(problem, Clock.SUPERVISE)))
    return [turn for turn in found if problem.state in STATES[turn.task]]


def whose_turn(problem: Problem, pack: CityPack) -> str:
    """Who must act next and until when, in one line."""
    if problem.state is P.MERGED and problem.merge is not None:
        return f"已并入 {problem.merge.target},请看那里"
    if problem.frozen or problem.leaving:
        return "系统(并单或拆单进行中)"
    said = []
    for turn in turns(problem, pack):
        about = f"({turn.about})" if turn.about else ""
        until = f",{pack.calendar.local(turn.due):%m-%d %H:%M} 前" if turn.due else ""
        said.append(f"{turn.who(pack)} {TASK[turn.task]}{about}{until}")
    return ";".join(said) or "没有人:已经办完"


_NEXT: Final[dict[ProblemState, tuple[Task, Role, Clock | None]]] = {
    P.WAITING: (Task.DISPATCH, Role.CLERK, Clock.DISPATCH),
    P.ON_LADDER: (Task.LADDER, Role.GRID, Clock.LADDER),
    P.DISPATCHED: (Task.SIGN, Role.UNIT, Clock.SIGN),
    P.IN_PROGRESS: (Task.HANDLE, Role.UNIT, Clock.HANDLE),
    P.RETURN_ASKED: (Task.RETURN, Role.REVIEWER, Clock.REVIEW),
    P.CONFERENCE: (Task.CONFERENCE, Role.REVIEWER, Clock.CONFERENCE),
    P.AWAITING_CALLER: (Task.SUPPLEMENT, Role.CALLER, Clock.SUPPLEMENT),
    P.SUSPENDED: (Task.SUSPENDED, Role.UNIT, Clock.SUSPEND),
    P.REPLIED: (Task.CHECK, Role.CLERK, Clock.CHECK),
    P.CHECKED: (Task.CLOSE, Role.CLERK, None),
}
"""What a state asks of whom, and the clock that runs for it. The states that are left out ask nothing of anybody."""


def _of_state(problem: Problem, pack: CityPack) -> Iterator[Turn]:
    if problem.state in _NEXT:
        task, role, clock = _NEXT[problem.state]
        unit = problem.lead if role is Role.UNIT else None
        post = problem.hop.post if role is Role.GRID and problem.hop is not None else ""
        yield Turn(task, role, unit or "", post, _due(problem, clock) if clock else None, _about(problem, pack))
    yield from _after_the_answer(problem, pack)


def _about(problem: Problem, pack: CityPack) -> str:
    match problem.state:
        case P.IN_PROGRESS if _due(problem, Clock.CONTACT):
            return "先联系来件人"
        case P.RETURN_ASKED if problem.asked_return is not None:
            return f"{unit_of(pack, problem.asked_return.unit)} 申请"
        case P.SUSPENDED:
            return "到期接着办"
        case P.REPLIED if any(one.faults for one in problem.assignments if one.state in OPEN_ASSIGNMENTS):
            return "检查有问题"
        case _:
            return ""


def _after_the_answer(problem: Problem, pack: CityPack) -> Iterator[Turn]:
    if problem.state not in (P.CHECKED, P.CLOSED):
        return
    if callers := to_call(problem, pack.handling.calls_max.value):
        yield Turn(Task.CALLBACK, Role.CLERK, due=_due(problem, Clock.CALLBACK), about=f"{len(callers)} 人")
    if problem.state is P.CLOSED and open_recheck(problem):
        checker = problem.rechecks[-1].checker
        yield Turn(Task.RECHECK, Role.UNIT if checker else Role.REVIEWER, checker or "")


def _cooperators(problem: Problem) -> Iterator[Turn]:
    for part in problem.assignments:
        waits = part.state in OPEN_ASSIGNMENTS and part.state is not AssignmentState.REPLIED
        if part.part is Part.COOPERATOR and waits:
            yield Turn(Task.COOPERATE, Role.UNIT, part.unit, due=part.due)


def _asked(problem: Problem, pack: CityPack) -> Iterator[Turn]:
    """What waits for a decision beside the state."""
    for objection in problem.objections:
        if objection.decided is None:
            about = f"第 {objection.number} 号,{unit_of(pack, objection.unit)}"
            yield Turn(Task.OBJECTION, Role.REVIEWER, due=_due(problem, Clock.OBJECTION, str(objection.number)), about=about)
    for wish in problem.applications:
        if wish.decided is None:
            yield Turn(Task.APPLICATION, _grants(problem, pack, wish.wish), about=WISH[wish.wish])


def _grants(problem: Problem, pack: CityPack, wish: Wish) -> Role:
    """As casework.timing decides: from the city's number on a supervisor."""
    if wish is Wish.EXCLUSION:
        return Role.REVIEWER
    late = len(problem.extensions) + 1 >= pack.handling.extension_supervisor_from.value
    return Role.SUPERVISOR if wish is Wish.SUSPENSION or late else Role.CLERK


def _whistles(problem: Problem) -> Iterator[Turn]:
    for one in problem.whistles:
        if one.ended is not None or one.coming is False or one.arrived is not None:
            continue
        clock = Clock.WHISTLE_ANSWER if one.answered is None else Clock.WHISTLE_ARRIVE
        about = f"第 {one.number} 号," + ("先响应" if one.answered is None else "到场")
        yield Turn(Task.WHISTLE, Role.UNIT, one.to, due=_due(problem, clock, str(one.number)), about=about)


def _due(problem: Problem, clock: Clock, of: str = "") -> datetime | None:
    return next((timer.due for timer in problem.timers if timer.clock is clock and timer.of == of), None)
