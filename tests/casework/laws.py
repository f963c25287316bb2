"""What must hold of every problem after every step, whatever people do: the laws of one document, without its events."""

from collections import Counter
from datetime import datetime
from typing import Any

from casework.transitions import AT_WORK, WITH_UNITS
from city import CityPack
from schemas.aggregate import Timer
from schemas.problem import Assignment, Problem
from schemas.words import OPEN_ASSIGNMENTS, AssignmentState, Clock, Part, ProblemState

_P = ProblemState
OVER = frozenset({_P.CLOSED, _P.ARCHIVED, _P.MERGED})
HANDLED_BY = AT_WORK | {_P.RETURN_ASKED, _P.CONFERENCE}
"""The clock of handling has been started; it runs, or has run out."""
PAUSED = {_P.AWAITING_CALLER: Clock.SUPPLEMENT, _P.SUSPENDED: Clock.SUSPEND}
ENDS = {_P.RETURN_ASKED: Clock.REVIEW, _P.CONFERENCE: Clock.CONFERENCE, _P.REPLIED: Clock.CHECK, _P.ON_LADDER: Clock.LADDER}
"""What a state ends by, if nobody acts."""

Key = tuple[object, ...]


def check_problem(problem: Problem, pack: CityPack) -> None:
    units = [a.unit for a in problem.assignments if a.state in OPEN_ASSIGNMENTS]
    assert len(units) == len(set(units)), f"a unit stands twice in {problem.id}: {units}"
    names = [(t.clock, t.of) for t in problem.timers]
    assert len(names) == len(set(names)), f"{problem.id} has a timer twice: {names}"
    _check_lead(problem, pack)
    if problem.state is not _P.MERGED:
        _check_somebody_or_a_clock(problem, pack)
        _check_pause(problem)
        _check_handling(problem)
        _check_cooperators(problem)


def open_leads(problem: Problem) -> list[Assignment]:
    return [a for a in problem.assignments if a.part is Part.LEAD and a.state in OPEN_ASSIGNMENTS]


def timer(problem: Problem, clock: Clock) -> Timer | None:
    return next((t for t in problem.timers if t.clock is clock), None)


def runs(problem: Problem, clock: Clock) -> bool:
    return any(t.clock is clock and not t.expired for t in problem.timers)


def _check_lead(problem: Problem, pack: CityPack) -> None:
    """At most one; and no department's matter with the grassroots (law 3)."""
    leads = open_leads(problem)
    assert len(leads) <= 1, f"{problem.id} has {len(leads)} leads"
    assert (problem.state in WITH_UNITS) == bool(leads), f"{problem.id} is {problem.state} with {len(leads)} leads"
    for lead in leads:
        if pack.units[lead.unit].grassroots:
            items = [item for item in pack.duty_items_for(problem.category or "") if item.code == problem.duty_item]
            assert [(item.township_role, item.list_kind != "negative") for item in items] == [("lead", True)]


def _check_somebody_or_a_clock(problem: Problem, pack: CityPack) -> None:
    """Never with nobody and without a clock. The clock of what waits stays expired only when the last level has heard of it."""
    assert (problem.hop is not None) == (problem.state is _P.ON_LADDER), f"{problem.id} is {problem.state}: {problem.ladder}"
    if problem.state in ENDS:
        assert timer(problem, ENDS[problem.state]) is not None, f"{problem.id} is {problem.state} for ever"
    if problem.state is _P.RETURN_ASKED:
        assert problem.asked_return is not None, f"{problem.id}: nobody can decide its return"
    if problem.state is _P.WAITING:
        waits = timer(problem, Clock.DISPATCH)
        assert waits is not None, f"{problem.id} waits without a clock"
        last = max(step.level for step in pack.handling.escalations)
        told = problem.waited == last
        assert not waits.expired or told, f"{problem.id} waits and nobody hears of it"
    if problem.state in OVER | WITH_UNITS:
        stray = [clock for clock in (Clock.DISPATCH, Clock.LADDER) if timer(problem, clock) is not None]
        assert not stray, f"{problem.id} is {problem.state} with {stray}"
    if problem.state is _P.CLOSED:
        asked = bool(problem.rechecks) and problem.rechecks[-1].done is None
        assert asked or runs(problem, Clock.ARCHIVE) or runs(problem, Clock.RECHECK), f"{problem.id} is never archived"


def _check_pause(problem: Problem) -> None:
    """A pause is a state, ends by itself, and no clock of handling runs while it is on."""
    assert (problem.paused is not None) == (problem.state in PAUSED), f"{problem.id} is {problem.state}: {problem.pauses}"
    for state, clock in PAUSED.items():
        assert runs(problem, clock) == (problem.state is state), f"{problem.id} is {problem.state}: {problem.timers}"
    if problem.state in PAUSED:
        assert not runs(problem, Clock.HANDLE), f"{problem.id} is paused and its clock runs"
        assert not runs(problem, Clock.MARK), f"{problem.id} is paused and cards come"


def _check_handling(problem: Problem) -> None:
    if problem.state in HANDLED_BY:
        assert timer(problem, Clock.HANDLE) is not None, f"{problem.id} is {problem.state} without a clock"
    elif problem.state not in PAUSED:
        running = [clock for clock in (Clock.HANDLE, Clock.MARK) if runs(problem, clock)]
        assert not running, f"{problem.id} is {problem.state} and runs {running}"


def _check_cooperators(problem: Problem) -> None:
    """A limit to cooperate is one of an open cooperator that has not replied."""
    timed = {t.of for t in problem.timers if t.clock is Clock.COOPERATE}
    working = {
        a.unit
        for a in problem.assignments
        if a.part is Part.COOPERATOR and a.state in OPEN_ASSIGNMENTS - {AssignmentState.REPLIED}
    }
    assert timed <= working, f"{problem.id} times {timed - working}, who have nothing to do"


class HandlingNeverEarlier:
    """Due times that run never move back while category, urgency, kind, redo and first dispatch are the same."""

    def __init__(self) -> None:
        self._seen: dict[Key, datetime] = {}

    def look(self, problem: Problem) -> None:
        handle = timer(problem, Clock.HANDLE)
        if handle is None or handle.expired or problem.state is _P.MERGED:
            return
        same = (problem.category, problem.urgency, problem.kind, problem.handle_from, problem.first_dispatch)
        key = (problem.id, *same)
        before = self._seen.get(key)
        assert before is None or before <= handle.due, f"{problem.id} was due {before}, is due {handle.due}"
        self._seen[key] = handle.due


def check_said_once(events: list[Any], problem: str) -> None:
    """Of one due time of handling: lateness, each card, and each level, once; levels and cards of one due time in order."""
    late = Counter(e.due for e in events if e.type == "ClockExpired" and e.clock is Clock.HANDLE)
    cards = Counter((e.colour, e.due) for e in events if e.type == "CardShown")
    levels = Counter((e.level, e.due) for e in events if e.type == "Escalated" and e.due is not None)
    for counted in (late, cards, levels):
        twice = [what for what, times in counted.items() if times > 1]
        assert not twice, f"{problem} said twice: {twice}"
