"""What callers do: add, urge, take back, rate. Every caller has an own answer and rating; one who is not satisfied gets a
redo."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from casework.dispatch import set_clocks
from casework.ending import close
from casework.fold import find_member
from casework.fold_parts import answering_lead
from casework.looking_back import redo, supervise_because
from casework.timing import going_on
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import TimerChange
from schemas.problem import Member, Problem
from schemas.words import Clock, Ending, ProblemState, Refusal, Role, SupervisionReason


def _member(change: Change, report: str) -> Member:
    member = find_member(change.problem, report)
    if member is None:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if change.command.actor.role is Role.CALLER and change.command.actor.id != member.caller:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if member.withdrawn is not None:
        raise change.refuse(Refusal.CALLER_GONE)
    return member


def supplement(change: Change, command: cmd.Supplement) -> None:
    """What was waited for is there, or something more; the wait ends with it."""
    _member(change, command.report)
    waited = change.problem.state is ProblemState.AWAITING_CALLER
    change.emit(ev.ReportSupplemented, report=command.report, text=command.text)
    if waited:
        change.emit(ev.HandlingResumed, timers=going_on(change))


def urge(change: Change, command: cmd.Urge) -> None:
    """No clock moves; from the city's number on somebody looks after it."""
    _member(change, command.report)
    change.emit(ev.ReportUrged, report=command.report)
    if sum(member.urged for member in change.problem.members) >= change.pack.handling.urgings_supervise.value:
        supervise_because(change, SupervisionReason.URGED)


def withdraw(change: Change, command: cmd.Withdraw) -> None:
    """The others' matter goes on; with the last one it ends."""
    _member(change, command.report)
    last = not any(m.caller is not None and m.withdrawn is None and m.report != command.report for m in change.problem.members)
    ended = set_clocks(change.problem, (Clock.CONTACT,)) if last else []
    timers = [TimerChange(clock=clock, due=None) for clock in ended]
    change.emit(ev.ReportWithdrawn, report=command.report, timers=timers)
    if all(member.withdrawn is not None for member in change.problem.members) and not change.problem.leaving:
        close(change, Ending.WITHDRAWN)


def call_back(change: Change, command: cmd.Callback) -> None:
    """Five levels (好差评). Not solved, or below what counts as satisfied: the lead does it again, and from the city's number of
    redos on under supervision. An attempt in vain counts only as that."""
    problem, pack = change.problem, change.pack
    member = _member(change, command.report)
    if member.erased:
        raise change.refuse(Refusal.ERASED)
    change.emit(
        ev.CalledBack,
        report=command.report,
        way=command.way,
        reached=command.reached,
        contacted=command.contacted,
        solved=command.solved,
        rating=command.rating,
        text=command.text,
        timers=_callback_over(change, command),
    )
    if command.reached and unsatisfied(change, command) and problem.redo < pack.handling.redo_supervise.value:
        redo(change, "unsatisfied")
        if problem.redo >= pack.handling.redo_supervise.value:
            supervise_because(change, SupervisionReason.UNSATISFIED)


def unsatisfied(change: Change, command: cmd.Callback) -> bool:
    """Of what is excluded from scores nobody is asked to do more: it cannot be done. Nor of what no unit's reply has ended."""
    low = command.rating is not None and command.rating < change.pack.handling.satisfied_from.value
    problem = change.problem
    replied = problem.ending in (None, Ending.REPLIED) and answering_lead(problem) is not None
    return (low or command.solved is False) and not problem.excluded and replied


def _callback_over(change: Change, command: cmd.Callback) -> list[TimerChange]:
    """The clock of callbacks ends when every caller has said something or was called often enough."""
    problem = change.problem
    if not set_clocks(problem, (Clock.CALLBACK,)):
        return []
    most = change.pack.handling.calls_max.value
    waiting = [m for m in problem.members if m.caller is not None and m.withdrawn is None and not spoken(m)]
    left = [m for m in waiting if m.report != command.report or (not command.reached and m.calls + 1 < most)]
    left = [m for m in left if m.calls < most]
    return [] if left else [TimerChange(clock=Clock.CALLBACK, due=None)]


def spoken(member: Member) -> bool:
    """The caller has said what he thinks of the answer that stands; what he said of an earlier one counts until then."""
    return member.heard is not None


def to_call(problem: Problem, most: float) -> list[Member]:
    """Callers who have an answer and were neither reached nor called often enough: the phone list."""
    return [
        m
        for m in problem.members
        if m.answered is not None and m.caller is not None and m.withdrawn is None and not spoken(m) and m.calls < most
    ]


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "Supplement": supplement,
    "Urge": urge,
    "Withdraw": withdraw,
    "Callback": call_back,
}
