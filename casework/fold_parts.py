"""The fold of dispatch, of units' parts, of returns and of the end. See casework.fold."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from casework.timers import put, set_timer
from schemas import events_handling as ev
from schemas.handling import Objection, Return
from schemas.problem import Assignment, Problem
from schemas.words import (
    OPEN_ASSIGNMENTS,
    AssignmentState,
    Clock,
    Ending,
    HopEnd,
    Mode,
    Part,
    ProblemState,
    Verdict,
)


def derive_state(problem: Problem) -> ProblemState:
    """The state of a live, unmerged, unclosed problem, from its lead's part."""
    for assignment in reversed(problem.assignments):
        if assignment.part is Part.LEAD and assignment.state in OPEN_ASSIGNMENTS:
            return _led(problem, assignment.state)
    if problem.mode is Mode.HISTORY:
        return ProblemState.ARCHIVED
    return ProblemState.ON_LADDER if problem.hop is not None else ProblemState.WAITING


def _led(problem: Problem, state: AssignmentState) -> ProblemState:
    if problem.conference is not None:
        return ProblemState.CONFERENCE
    if state is AssignmentState.REPLIED:
        return ProblemState.REPLIED if problem.checked is None else ProblemState.CHECKED
    if state is AssignmentState.RETURN_ASKED:
        return ProblemState.RETURN_ASKED
    if problem.paused is not None:
        return ProblemState(_PAUSED[problem.paused.why.value])
    return ProblemState.DISPATCHED if state is AssignmentState.DISPATCHED else ProblemState.IN_PROGRESS


_PAUSED = {"caller": ProblemState.AWAITING_CALLER, "suspended": ProblemState.SUSPENDED}


def run_handle(problem: Problem, due: datetime) -> None:
    """The clock of handling. One that has expired is not started again by a due time that lies no later: it is said once."""
    if not any(timer.clock is Clock.HANDLE and timer.expired and due <= timer.due for timer in problem.timers):
        set_timer(problem, Clock.HANDLE, due)


def open_part(problem: Problem, unit: str) -> Assignment:
    return next(a for a in problem.assignments if a.unit == unit and a.state in OPEN_ASSIGNMENTS)


def _open_lead(problem: Problem) -> Assignment | None:
    return next((a for a in problem.assignments if a.part is Part.LEAD and a.state in OPEN_ASSIGNMENTS), None)


def end_pause(problem: Problem, at: datetime) -> None:
    if problem.paused is not None:
        problem.paused.end = at


def end_hop(problem: Problem, at: datetime) -> None:
    """The ladder is left for another reason than a post's."""
    hop = problem.hop
    if hop is not None:
        hop.ended, hop.end = at, HopEnd.UP


def drop_wishes(problem: Problem, at: datetime) -> None:
    """Nobody decides any more on what a unit applied for that leads no longer."""
    for one in problem.applications:
        if one.decided is None:
            one.granted, one.decided = False, at


def dispatched(problem: Problem, event: ev.Dispatched) -> None:
    wanted = {event.lead: Part.LEAD} | dict.fromkeys(event.cooperators, Part.COOPERATOR)
    for assignment in problem.assignments:
        if assignment.state in OPEN_ASSIGNMENTS and wanted.get(assignment.unit) is not assignment.part:
            assignment.state, assignment.ended = AssignmentState.WITHDRAWN, event.at
    kept = {a.unit: a for a in problem.assignments if a.state in OPEN_ASSIGNMENTS}
    for unit, part in wanted.items():
        if unit in kept:
            at_work_again(kept[unit])
            kept[unit].asked = event.notes.get(unit, kept[unit].asked)
            kept[unit].clarity = event.clarity or kept[unit].clarity
        else:
            problem.assignments.append(
                Assignment(
                    unit=unit,
                    part=part,
                    state=AssignmentState.DISPATCHED,
                    dispatched=event.at,
                    asked=event.notes.get(unit),
                    clarity=event.clarity,
                    due=event.cooperate_due if part is Part.COOPERATOR else None,
                )
            )
    end_pause(problem, event.at)
    end_hop(problem, event.at)
    problem.basis = event.basis
    problem.duty_item = event.duty_item
    if event.category is not None:
        problem.category = event.category
    problem.final = event.final
    problem.conference = None
    problem.waited = 0
    problem.first_dispatch = problem.first_dispatch or event.at
    problem.first_lead = problem.first_lead or event.lead
    problem.policy = event.policy
    lead = kept.get(event.lead)
    if lead is None:
        problem.dispatches += 1
        drop_wishes(problem, event.at)
        set_timer(problem, Clock.SIGN, event.sign_due)
    if lead is None or lead.state is not AssignmentState.REPLIED:
        problem.checked = None
        run_handle(problem, event.handle_due)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def cooperators_added(problem: Problem, event: ev.CooperatorsAdded) -> None:
    for unit, asked in event.notes.items():
        problem.assignments.append(
            Assignment(
                unit=unit,
                part=Part.COOPERATOR,
                state=AssignmentState.DISPATCHED,
                dispatched=event.at,
                asked=asked,
                clarity=event.clarity,
                due=event.cooperate_due,
            )
        )
    put(problem, event.timers)


def signed(problem: Problem, event: ev.AssignmentSigned) -> None:
    part = open_part(problem, event.unit)
    part.signed = event.at
    if part.state is AssignmentState.DISPATCHED:
        part.state = AssignmentState.SIGNED
    if part.part is Part.LEAD:
        set_timer(problem, Clock.SIGN, None)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def contacted(problem: Problem, event: ev.CallerContacted) -> None:
    part = open_part(problem, event.unit)
    if event.reached:
        part.contacted = part.contacted or event.at
        if part.state is AssignmentState.SIGNED:
            part.state = AssignmentState.CONTACTED
    put(problem, event.timers)
    problem.state = derive_state(problem)


def replied(problem: Problem, event: ev.AssignmentReplied) -> None:
    part = open_part(problem, event.unit)
    part.state, part.replied, part.reply = AssignmentState.REPLIED, event.at, event.text
    part.signed = part.signed or event.at
    part.note, part.faults, part.doubts = event.note or None, list(event.faults), list(event.doubts)
    if part.part is Part.LEAD:
        problem.checked = None
        end_pause(problem, event.at)
        set_timer(problem, Clock.SIGN, None)
        problem.timers = [timer for timer in problem.timers if timer.clock is not Clock.HANDLE or timer.expired]
    put(problem, event.timers)
    problem.state = derive_state(problem)


def return_asked(problem: Problem, event: ev.ReturnAsked) -> None:
    open_part(problem, event.unit).state = AssignmentState.RETURN_ASKED
    problem.returns.append(Return(unit=event.unit, reason=event.reason, at=event.at, suggested=event.suggested, note=event.note))
    put(problem, event.timers)
    problem.state = derive_state(problem)


def return_decided(problem: Problem, event: ev.ReturnDecided) -> None:
    asked = problem.returns[-1]
    asked.verdict, asked.decided, asked.by = event.verdict, event.at, event.actor.id
    part = next(a for a in problem.assignments if a.state is AssignmentState.RETURN_ASKED)  # of who asked, or succeeded it
    match event.verdict:
        case Verdict.REDISPATCHED:
            part.state, part.ended = AssignmentState.RETURNED, event.at
        case Verdict.CONFERENCE:
            problem.conference = event.at
        case Verdict.REFUSED | Verdict.FALLBACK:
            at_work_again(part)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def at_work_again(part: Assignment) -> None:
    """Where the part stood before its unit wished to give it back."""
    if part.state is AssignmentState.RETURN_ASKED:
        if part.contacted is not None:
            part.state = AssignmentState.CONTACTED
        else:
            part.state = AssignmentState.DISPATCHED if part.signed is None else AssignmentState.SIGNED


def conference_decided(problem: Problem, event: ev.ConferenceDecided) -> None:
    for part in problem.assignments:
        at_work_again(part)
    problem.conference = None
    put(problem, event.timers)
    problem.state = derive_state(problem)


def recalled(problem: Problem, event: ev.ProblemRecalled) -> None:
    for part in problem.assignments:
        if part.state in OPEN_ASSIGNMENTS:
            part.state, part.ended = AssignmentState.WITHDRAWN, event.at
    end_pause(problem, event.at)
    drop_wishes(problem, event.at)
    problem.basis, problem.duty_item, problem.conference, problem.checked = event.basis, None, None, None
    keep = (Clock.RESEND, Clock.SUPERVISE, Clock.OBJECTION)
    problem.timers = [t for t in problem.timers if t.clock in keep or (t.clock is Clock.HANDLE and t.expired)]
    put(problem, event.timers)
    problem.state = derive_state(problem)


def recategorised(problem: Problem, event: ev.Recategorised) -> None:
    problem.category, problem.category_confidence, problem.confirmed_category = event.category, 1.0, True
    problem.proposal = None
    put(problem, event.timers)


def succeeded(problem: Problem, event: ev.UnitSucceeded) -> None:
    part = open_part(problem, event.unit)
    held = {a.unit for a in problem.assignments if a.state in OPEN_ASSIGNMENTS}
    moved = part.model_copy(deep=True)
    part.state, part.ended = AssignmentState.WITHDRAWN, event.at
    if event.successor is None or event.successor in held:
        problem.timers = [t for t in problem.timers if not (t.clock is Clock.COOPERATE and t.of == event.unit)]
    if event.successor is None:
        return
    for timer in problem.timers:
        if timer.clock is Clock.COOPERATE and timer.of == event.unit:
            timer.of = event.successor
    if event.successor in held:
        other = open_part(problem, event.successor)
        if part.part is Part.COOPERATOR:
            return
        other.state, other.ended = AssignmentState.WITHDRAWN, event.at
        problem.timers = [t for t in problem.timers if not (t.clock is Clock.COOPERATE and t.of == event.successor)]
    moved.unit = event.successor
    problem.assignments.append(moved)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def objected(problem: Problem, event: ev.Objected) -> None:
    problem.objections.append(Objection(number=event.number, unit=event.unit, at=event.at, note=event.note))
    put(problem, event.timers)


def objection_decided(problem: Problem, event: ev.ObjectionDecided) -> None:
    found = next(one for one in problem.objections if one.number == event.number)
    found.upheld, found.decided, found.by = event.upheld, event.at, event.actor.id
    if event.upheld:
        for part in problem.assignments:
            if part.unit == found.unit and part.state in OPEN_ASSIGNMENTS:
                part.state, part.ended = AssignmentState.WITHDRAWN, event.at
    put(problem, event.timers)
    if problem.state not in _ENDED:
        problem.state = derive_state(problem)


_ENDED = (ProblemState.CLOSED, ProblemState.ARCHIVED)


def reply_checked(problem: Problem, event: ev.ReplyChecked) -> None:
    put(problem, event.timers)
    if event.passed:
        problem.checked = event.at
        answer_callers(problem, event.at)
    problem.state = derive_state(problem)


def answer_callers(problem: Problem, at: datetime) -> None:
    """Everybody who has no answer yet has one now."""
    for member in problem.members:
        if member.answered is None and member.withdrawn is None:
            member.answered = at


def answering_lead(problem: Problem) -> Assignment | None:
    """The lead whose answer it is: open, or closed with the problem."""
    states = OPEN_ASSIGNMENTS | {AssignmentState.CLOSED}
    return next((a for a in reversed(problem.assignments) if a.part is Part.LEAD and a.state in states), None)


def redo_asked(problem: Problem, event: ev.RedoAsked) -> None:
    """Open again: the lead's part that ended with the closing; cooperators stay closed. Where nobody led it waits for a person,
    and handling runs from its first dispatch."""
    lead = answering_lead(problem)
    if lead is not None:
        lead.state, lead.ended, lead.redone = AssignmentState.SIGNED, None, lead.redone + 1
    problem.checked, problem.closed, problem.ending = None, None, None
    if event.counts:
        problem.redo += 1
        problem.handle_from = event.at if problem.first_dispatch is not None else None
        for member in problem.members:
            member.calls, member.answered, member.heard = 0, None, None
    put(problem, event.timers)
    problem.state = derive_state(problem)


def closed(problem: Problem, event: ev.ProblemClosed) -> None:
    problem.state, problem.closed = ProblemState.CLOSED, event.at
    problem.ending = Ending(event.ending)
    problem.conference = None
    end_pause(problem, event.at)
    end_hop(problem, event.at)
    keep = (Clock.RESEND, Clock.SUPERVISE, Clock.OBJECTION)
    problem.timers = [timer for timer in problem.timers if timer.clock in keep]
    for assignment in problem.assignments:
        if assignment.state in OPEN_ASSIGNMENTS:
            assignment.state, assignment.ended = AssignmentState.CLOSED, event.at
    for whistle in problem.whistles:
        whistle.ended = whistle.ended or event.at
    answer_callers(problem, event.at)
    put(problem, event.timers)


FOLDS: Final[dict[str, Callable[[Problem, Any], None]]] = {
    "Dispatched": dispatched,
    "CooperatorsAdded": cooperators_added,
    "AssignmentSigned": signed,
    "CallerContacted": contacted,
    "AssignmentReplied": replied,
    "ReturnAsked": return_asked,
    "ReturnDecided": return_decided,
    "ConferenceDecided": conference_decided,
    "ProblemRecalled": recalled,
    "Recategorised": recategorised,
    "UnitSucceeded": succeeded,
    "Objected": objected,
    "ObjectionDecided": objection_decided,
    "ReplyChecked": reply_checked,
    "RedoAsked": redo_asked,
    "ProblemClosed": closed,
}
