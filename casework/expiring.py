"""What follows when a clock runs out. Each is said once; what must go on by itself goes on."""

from typing import Final, Literal

from casework.change import Change
from casework.climbing import up
from casework.clocks import RED, YELLOW, due, next_mark
from casework.looking_back import REPORT, archive, begin_recheck, supervise_because, usual_checker
from casework.returning import conference_failed
from casework.timing import resume
from city.terms import Clock as LimitClock
from schemas import events as ev
from schemas import events_handling as handled
from schemas.commands import FireTimer
from schemas.handling import Card, TimerChange
from schemas.words import Clock, HopEnd, ProblemState, SupervisionReason

SUPERVISED_FROM: Final = 3
"""The level of escalation that puts a problem on the key list (山东 2017: 逾期的下督办单)."""


def expire(change: Change, command: FireTimer) -> None:
    """While a merge is asked nothing acts: the target has been told how things stand."""
    if change.problem.frozen and command.clock not in (Clock.SIGN, Clock.HANDLE):
        until = due(change.pack, LimitClock.MERGE_RETRY, command.at)
        change.emit(ev.ClockPutOff, clock=command.clock, due=command.due, of=command.of, until=until)
        return
    match command.clock:
        case Clock.MARK:
            _mark(change, command)
        case Clock.SUPPLEMENT | Clock.SUSPEND:
            resume(change)
        case Clock.LADDER:
            up(change, HopEnd.EXPIRED)
        case Clock.RECHECK if command.of != REPORT:
            begin_recheck(change, usual_checker(change.pack, change.problem))
        case Clock.ARCHIVE if change.problem.state is ProblemState.CLOSED:
            archive(change)
        case Clock.CONFERENCE:
            _said(change, command)
            conference_failed(change)
        case Clock.DISPATCH:
            _nobody_dispatched(change, command)
        case _:
            _said(change, command)


def _said(change: Change, command: FireTimer, timers: list[TimerChange] | None = None) -> None:
    change.emit(ev.ClockExpired, clock=command.clock, due=command.due, of=command.of, timers=timers or [])


def _mark(change: Change, command: FireTimer) -> None:
    """A card on the order, or one level up; then the next one. The due time it belongs to is the one that the clock of handling
    has."""
    problem, pack = change.problem, change.pack
    end = next((timer.due for timer in problem.timers if timer.clock is Clock.HANDLE), None)
    if end is None:
        change.emit(ev.ClockExpired, clock=command.clock, due=command.due, of=command.of)
        return
    if command.of in (YELLOW, RED):
        colour: Literal["yellow", "red"] = "yellow" if command.of == YELLOW else "red"
        card = Card(colour=colour, unit=problem.lead, at=command.at, due=end)
        ahead = problem.model_copy(update={"cards": [*problem.cards, card]})
        follows = next_mark(pack, ahead, end, after=command.of)
        change.emit(handled.CardShown, colour=colour, unit=problem.lead, due=end, timers=[follows])
        return
    level = int(command.of)
    ahead = problem.model_copy(update={"escalated_to": level, "escalated_due": end})
    to = next((step.to for step in pack.handling.escalations if step.level == level), "")
    follows = next_mark(pack, ahead, end, after=command.of)
    change.emit(handled.Escalated, level=level, to=to, due=end, timers=[follows])
    if level >= SUPERVISED_FROM:
        supervise_because(change, SupervisionReason.OVERDUE)


def _nobody_dispatched(change: Change, command: FireTimer) -> None:
    """What waits for a person escalates too: past the units, to who is responsible for the hotline, and again after the same
    time."""
    problem = change.problem
    levels = [step for step in change.pack.handling.escalations if step.level >= SUPERVISED_FROM]
    following = [step for step in levels if step.level > problem.waited]
    again = [TimerChange(clock=Clock.DISPATCH, due=change.due(LimitClock.DISPATCH))] if len(following) > 1 else []
    _said(change, command, again)
    if following:
        step = following[0]
        change.emit(handled.Escalated, level=step.level, to=step.to, due=None)
