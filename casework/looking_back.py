"""Supervision (督办) and the look back (回头看): whether it was done, and whether it stayed so. And what units think of each
other."""

from collections.abc import Callable
from typing import Any, Final, Literal

from casework.change import Change
from casework.clocks import handling, limit_of
from casework.dispatch import set_clocks, waits
from casework.fold_parts import answering_lead
from city.pack import CityPack
from city.terms import Clock as LimitClock
from city.terms import UnitKind
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import TimerChange
from schemas.problem import Problem
from schemas.words import Clock, ProblemState, RecheckOutcome, Refusal, Role, SupervisionReason

REPORT: Final = "report"
"""Of the clock of looking back: that of the checker's report; without it that until the look back is asked."""


def supervise(change: Change, command: cmd.Supervise) -> None:
    """Onto the key list, by a supervisor's hand."""
    if change.problem.supervision is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    due = command.due or change.due(LimitClock.SUPERVISE)
    timers = [TimerChange(clock=Clock.SUPERVISE, due=due)]
    change.emit(ev.SupervisionStarted, reason=command.reason, due=due, note=command.note, timers=timers)


def supervise_because(change: Change, reason: SupervisionReason) -> None:
    """By a rule of the pack; once at a time."""
    if change.problem.supervision is None:
        due = change.due(LimitClock.SUPERVISE)
        change.emit(ev.SupervisionStarted, reason=reason, due=due, timers=[TimerChange(clock=Clock.SUPERVISE, due=due)])


def end_supervision(change: Change, command: cmd.EndSupervision) -> None:
    if change.problem.supervision is None:
        raise change.refuse(Refusal.NOT_SUPERVISED)
    ended = [TimerChange(clock=clock, due=None) for clock in set_clocks(change.problem, (Clock.SUPERVISE,))]
    change.emit(ev.SupervisionEnded, note=command.note, timers=ended)


def redo(change: Change, why: Literal["unsatisfied", "rebounded", "sham"]) -> None:
    """Again by the lead who had it, with the limit of a redo from now; where nobody led, it waits for a person."""
    problem, pack, at = change.problem, change.pack, change.command.at
    again = problem.model_copy(update={"handle_from": at})
    end = pack.calendar.add(at, limit_of(pack, LimitClock.REDO, problem.urgency, problem.category, problem.kind))
    ended = set_clocks(problem, (Clock.CHECK, Clock.CALLBACK, Clock.ARCHIVE, Clock.RECHECK))
    timers = [TimerChange(clock=clock, due=None) for clock in ended]
    follow = handling(pack, again, end, at) if answering_lead(problem) is not None else waits(change)
    change.emit(ev.RedoAsked, why=why, counts=True, timers=[*timers, *follow])


def ask_recheck(change: Change, command: cmd.AskRecheck) -> None:
    """By another unit than one that had a part; the machine names the district's government, or the office."""
    problem, pack = change.problem, change.pack
    if open_recheck(problem):
        raise change.refuse(Refusal.ASKED_ALREADY)
    if command.checker is not None:
        unit = pack.units.get(command.checker)
        if unit is None or unit.abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
        if command.checker in {a.unit for a in problem.assignments}:
            raise change.refuse(Refusal.CHECKS_ITSELF)
    begin_recheck(change, command.checker)


def begin_recheck(change: Change, checker: str | None) -> None:
    """The checker has a limit too, that of supervision."""
    ended = [TimerChange(clock=clock, due=None) for clock in set_clocks(change.problem, (Clock.RECHECK, Clock.ARCHIVE))]
    report = TimerChange(clock=Clock.RECHECK, due=change.due(LimitClock.SUPERVISE), of=REPORT)
    change.emit(ev.RecheckAsked, checker=checker, timers=[*ended, report])


def usual_checker(pack: CityPack, problem: Problem) -> str | None:
    """The government of the district where it happened, unless it had a part itself; None = the office."""
    district = pack.district_of(problem.area)
    had = {a.unit for a in problem.assignments}
    for unit in pack.units.values():
        serves = unit.kind is UnitKind.DISTRICT_GOVERNMENT and district is not None and unit.area == district.code
        if serves and unit.abolished is None and unit.code not in had:
            return unit.code
    return None


def open_recheck(problem: Problem) -> bool:
    return bool(problem.rechecks) and problem.rechecks[-1].done is None


def recheck(change: Change, command: cmd.Recheck) -> None:
    """真解决 ends it; what came back or was never done is done again, under supervision."""
    problem = change.problem
    if not open_recheck(problem):
        raise change.refuse(Refusal.NO_RECHECK)
    if command.actor.role is Role.UNIT and command.actor.unit != problem.rechecks[-1].checker:
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    over = [TimerChange(clock=Clock.RECHECK, due=None, of=REPORT)]
    change.emit(ev.RecheckDone, outcome=command.outcome, note=command.note, timers=over)
    match command.outcome:
        case RecheckOutcome.SOLVED:
            archive(change)
        case RecheckOutcome.REBOUNDED:
            redo(change, "rebounded")
            supervise_because(change, SupervisionReason.SHAM)
        case RecheckOutcome.SHAM:
            redo(change, "sham")
            supervise_because(change, SupervisionReason.SHAM)


def archive(change: Change) -> None:
    problem = change.problem
    if problem.state is ProblemState.CLOSED:
        ended = set_clocks(problem, [clock for clock in Clock if clock is not Clock.RESEND])
        change.emit(ev.ProblemArchived, timers=[TimerChange(clock=clock, due=None) for clock in ended])


def rate_unit(change: Change, command: cmd.RateUnit) -> None:
    """Units that had a part rate each other, once (seed row 4.16: 镇街评部门)."""
    problem, unit = change.problem, change.unit()
    had = {a.unit for a in problem.assignments} | {w.to for w in problem.whistles}
    if unit not in had or command.of not in had or command.of == unit:
        raise change.refuse(Refusal.NOT_A_PART)
    if any(one.by == unit and one.of == command.of for one in problem.unit_ratings):
        raise change.refuse(Refusal.ASKED_ALREADY)
    change.emit(ev.UnitRated, by=unit, of=command.of, mark=command.mark)


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "Supervise": supervise,
    "EndSupervision": end_supervision,
    "AskRecheck": ask_recheck,
    "Recheck": recheck,
    "RateUnit": rate_unit,
}
