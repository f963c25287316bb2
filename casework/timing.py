"""More time, and time that does not count: extensions, suspension (挂账), waiting for the caller. Who asks is not who grants."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from casework.clocks import extended, handle_due, handling, limit_of, still
from casework.dispatch import set_clocks
from casework.transitions import AT_WORK
from city.terms import Clock as LimitClock
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import Application, Extension, TimerChange
from schemas.problem import Problem
from schemas.words import AssignmentState, Clock, Part, PauseReason, ProblemState, Refusal, Role, Wish


def apply_for(change: Change, command: cmd.Apply) -> None:
    """The lead asks, before it is too late, no more than the city lets it, one wish of a kind at a time."""
    problem = change.problem
    unit = change.unit()
    if unit != problem.lead:
        raise change.refuse(Refusal.NOT_THE_LEAD)
    if open_wish(problem, command.wish) is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    if command.wish is Wish.EXCLUSION:
        if command.reason is None or command.reason.value not in change.pack.handling.exclusions:
            raise change.refuse(Refusal.REASON_NOT_ALLOWED)
        if problem.excluded:
            raise change.refuse(Refusal.ASKED_ALREADY)
    else:
        _check_time(change, command)
    change.emit(ev.Applied, wish=command.wish, unit=unit, amount=command.amount, reason=command.reason, note=command.note)


def _check_time(change: Change, command: cmd.Apply) -> None:
    """An extension is asked before the clock has run out, and no longer than the limit; a suspension no longer than the limit for
    parking (数字城管: 到期仍未解决的, 书面说明后挂账)."""
    problem, pack = change.problem, change.pack
    part = change.own_part()
    working = part is not None and part.state in (AssignmentState.SIGNED, AssignmentState.CONTACTED)
    if not working or problem.state is ProblemState.CLOSED:
        raise change.refuse(Refusal.FORBIDDEN_STATE)
    if command.wish is Wish.EXTENSION:
        if len(problem.extensions) >= pack.handling.extensions_max.value:
            raise change.refuse(Refusal.TOO_OFTEN)
        if any(timer.clock is Clock.HANDLE and timer.expired for timer in problem.timers):
            raise change.refuse(Refusal.OVERDUE_ALREADY)
    clock = LimitClock.EXTEND if command.wish is Wish.EXTENSION else LimitClock.PARK
    limit = limit_of(pack, clock, problem.urgency, problem.category, problem.kind)
    if not 0 < command.amount <= limit.amount:
        raise change.refuse(Refusal.TOO_LONG)


def open_wish(problem: Problem, wish: Wish) -> Application | None:
    return next((one for one in problem.applications if one.wish is wish and one.decided is None), None)


def decide_application(change: Change, command: cmd.DecideApplication) -> None:
    """An extension: the dispatcher, from the city's number on a supervisor. A suspension: a supervisor. An exclusion: a neutral
    reviewer, never who dispatched."""
    problem, pack = change.problem, change.pack
    asked = open_wish(problem, command.wish)
    if asked is None:
        raise change.refuse(Refusal.NOTHING_ASKED)
    role = command.actor.role
    if command.wish is Wish.EXCLUSION and role is Role.CLERK:
        raise change.refuse(Refusal.FORBIDDEN_ROLE)
    late = len(problem.extensions) + 1 >= pack.handling.extension_supervisor_from.value
    if role is not Role.SUPERVISOR and (command.wish is Wish.SUSPENSION or (command.wish is Wish.EXTENSION and late)):
        raise change.refuse(Refusal.NEEDS_SUPERVISOR)
    if command.granted and command.wish is not Wish.EXCLUSION and problem.state not in AT_WORK:
        raise change.refuse(Refusal.FORBIDDEN_STATE)  # what was answered meanwhile needs no time any more
    timers: list[TimerChange] = []
    unit_of_time = ""
    if command.granted and command.wish is Wish.EXTENSION:
        limit = limit_of(pack, LimitClock.EXTEND, problem.urgency, problem.category, problem.kind)
        unit_of_time = limit.unit.value
        longer = Extension(amount=asked.amount, unit=unit_of_time, at=command.at, by=command.actor.id)
        timers = handling(pack, problem, extended(pack, problem, longer, command.at), command.at)
    change.emit(
        ev.ApplicationDecided,
        wish=command.wish,
        granted=command.granted,
        unit_of_time=unit_of_time,
        note=command.note,
        timers=timers,
    )
    if command.granted and command.wish is Wish.SUSPENSION:
        limit = limit_of(pack, LimitClock.PARK, problem.urgency, problem.category, problem.kind)
        until = pack.calendar.add(command.at, type(limit)(asked.amount, limit.unit, limit.source))
        pause(change, PauseReason.SUSPENDED, TimerChange(clock=Clock.SUSPEND, due=until))


def wait_for_caller(change: Change, command: cmd.WaitForCaller) -> None:
    """Only for what the caller alone can say, and not for ever (domain.md H: 待补充)."""
    problem, pack = change.problem, change.pack
    waits = sum(one.why is PauseReason.CALLER for one in problem.pauses)
    if waits >= pack.handling.pauses_max.value:
        raise change.refuse(Refusal.TOO_OFTEN)
    if not any(member.caller is not None and member.withdrawn is None for member in problem.members):
        raise change.refuse(Refusal.CALLER_GONE)
    pause(change, PauseReason.CALLER, TimerChange(clock=Clock.SUPPLEMENT, due=change.due(LimitClock.SUPPLEMENT)), command.note)


def pause(change: Change, why: PauseReason, until: TimerChange, text: str = "") -> None:
    change.emit(ev.HandlingPaused, why=why, note=text, timers=[*still(change.problem), until])


def resume(change: Change, _command: cmd.Resume | None = None) -> None:
    """The clock goes on where it stood."""
    change.emit(ev.HandlingResumed, timers=going_on(change))


def going_on(change: Change) -> list[TimerChange]:
    problem, at = change.problem, change.command.at
    ended = [TimerChange(clock=clock, due=None) for clock in set_clocks(problem, (Clock.SUPPLEMENT, Clock.SUSPEND))]
    lead = next((a for a in problem.assignments if a.part is Part.LEAD and change.part_of(a.unit) is a), None)
    if lead is None or lead.state is AssignmentState.REPLIED:
        return ended
    return [*ended, *handling(change.pack, problem, handle_due(change.pack, problem, at), at)]


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "Apply": apply_for,
    "DecideApplication": decide_application,
    "WaitForCaller": wait_for_caller,
    "Resume": resume,
}
