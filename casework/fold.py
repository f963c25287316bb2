"""The fold: a problem's state is what its events made of it. `apply` changes the problem in place and decides nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from casework import fold_care, fold_parts
from casework.admission_fold import ADMISSION_FOLDS
from casework.fold_parts import derive_state, run_handle
from casework.knowing_fold import KNOWLEDGE_FOLDS
from casework.passing_fold import PASSING_FOLDS
from casework.proposing_fold import PROPOSING_FOLDS
from casework.timers import put, set_timer
from casework.watch_fold import WATCH_FOLDS
from schemas import events as ev
from schemas.admission import AdmissionTask
from schemas.aggregate import Timer
from schemas.knowledge import Knowledge
from schemas.passing import BuckFinding
from schemas.problem import Assignment, Leaving, Member, MergeRecord, Problem
from schemas.proposals import DutyProposal
from schemas.report_record import ReportRecord
from schemas.state import State
from schemas.watch import Watch
from schemas.words import (
    OPEN_ASSIGNMENTS,
    AssignmentState,
    Basis,
    Clock,
    Mode,
    Part,
    ProblemState,
)


def apply(state: State, event: ev.EventBase) -> None:
    """Fold one event. Raises KeyError for an event type that has no fold, ValueError when the version does not follow."""
    if event.version != state.version + 1:
        raise ValueError(f"{state.id}: event {event.version} after version {state.version}")
    folds = _OTHERS.get(type(state), _FOLDS)
    folds[event.type](state, event)  # type: ignore[attr-defined]
    state.version = event.version
    state.head = event.hash


def member_of(record: ReportRecord, revision: int) -> Member:
    """A report as a member: without its words."""
    return Member(
        report=record.report,
        channel=record.channel,
        mode=record.mode,
        time=record.time,
        received=record.received,
        sequence=record.sequence,
        caller=record.caller,
        secret=record.secret,
        content=record.content,
        revision=revision,
    )


def find_member(problem: Problem, report: str) -> Member | None:
    """The member with this report id, or None."""
    return next((member for member in problem.members if member.report == report), None)


def next_holder(problem: Problem, report: str) -> str | None:
    """Where to look next for a report that this problem founded or was given; None = here, or nowhere further.

    What left goes before where the rest was merged to. A problem that is being given back its members keeps what comes
    for them (parked) until they are there, so nobody is sent in a circle meanwhile.
    """
    if report in problem.gone and find_member(problem, report) is None:
        return problem.gone[report]
    if problem.merge is not None and problem.merge.step == "merged":
        return problem.merge.target
    return None


def _registered(problem: Problem, event: ev.ProblemRegistered) -> None:
    problem.order_number = event.order_number
    problem.mode = event.mode
    problem.state = ProblemState.ARCHIVED if event.mode is Mode.HISTORY else ProblemState.WAITING
    problem.basis = event.basis
    problem.category = event.category
    problem.category_confidence = event.category_confidence
    problem.urgency = event.urgency
    problem.area = event.area
    problem.grid = event.grid
    problem.registered = event.at
    problem.policy = event.policy
    problem.split_from = event.split_from
    problem.kind = event.kind
    problem.members = [member.model_copy() for member in event.members]
    problem.parked = []
    set_timer(problem, Clock.PARK, None)
    if event.record is not None:
        problem.members.append(member_of(event.record, event.record.revision or 1))
    put(problem, event.timers)


def _report_added(problem: Problem, event: ev.ReportAdded) -> None:
    """Who joins what has been answered gets that answer."""
    problem.gone.pop(event.record.report, None)
    member = member_of(event.record, event.record.revision or 1)
    member.via = list(event.via)
    if problem.checked is not None or problem.state is ProblemState.CLOSED:
        member.answered = event.at
    problem.members.append(member)


def _report_revised(problem: Problem, event: ev.ReportRevised) -> None:
    for place, member in enumerate(problem.members):
        if member.report == event.record.report:
            revised = member_of(event.record, event.revision)
            kept = {name: getattr(member, name) for name in _OF_THE_CALLER}
            revised = revised.model_copy(update=kept)
            problem.members[place] = revised


_OF_THE_CALLER = (
    "moves",
    "mode",
    "via",
    "answered",
    "urged",
    "withdrawn",
    "calls",
    "heard",
    "contacted",
    "solved",
    "first_rating",
    "rating",
)
"""What of a member does not come with its words."""


def _made_live(problem: Problem, event: ev.ReportMadeLive) -> None:
    for member in problem.members:
        if member.report == event.report:
            member.mode = Mode.LIVE
    problem.basis = event.basis
    put(problem, event.timers)
    if problem.mode is Mode.HISTORY:
        problem.mode = Mode.LIVE
        problem.state = derive_state(problem)


def _report_erased(problem: Problem, event: ev.ReportErased) -> None:
    for member in problem.members:
        if member.report == event.report:
            member.erased = True
            member.caller = None
            member.content = ""


def _clock_expired(problem: Problem, event: ev.ClockExpired) -> None:
    for timer in problem.timers:
        if timer.clock is event.clock and timer.due == event.due and timer.of == event.of:
            timer.expired = True
    if event.clock is Clock.HANDLE:
        problem.overdue = problem.overdue or event.at
    if event.clock in (Clock.SIGN, Clock.CONTACT) and event.clock not in problem.late:
        problem.late.append(event.clock)
    if event.clock in (Clock.WHISTLE_ANSWER, Clock.WHISTLE_ARRIVE):
        late = fold_care.whistle(problem, int(event.of)).late
        late.append("answer" if event.clock is Clock.WHISTLE_ANSWER else "arrival")
    put(problem, event.timers)


def _put_off(problem: Problem, event: ev.ClockPutOff) -> None:
    for timer in problem.timers:
        if timer.clock is event.clock and timer.due == event.due and timer.of == event.of:
            timer.due = event.until


def _asked_again(problem: Problem, event: ev.AskedAgain) -> None:
    for leaving in problem.leaving:
        leaving.due = event.due
    set_timer(problem, Clock.RESEND, event.due)


def _parked(problem: Problem, event: ev.CommandParked) -> None:
    problem.parked.append(event.parked)


def _merge_asked(problem: Problem, event: ev.MergeAsked) -> None:
    problem.merge = MergeRecord(
        target=event.target,
        ask=event.ask,
        step="asked",
        before_assignments=[],
        before_timers=[],
        unsplit=event.unsplit,
    )
    set_timer(problem, Clock.RESEND, event.due)


def _merge_released(problem: Problem, _event: ev.MergeReleased) -> None:
    problem.merge = None
    problem.parked = []
    set_timer(problem, Clock.RESEND, None)


def _merged(problem: Problem, event: ev.Merged) -> None:
    """What undo restores is as it is now: clocks have run, and some have moved the problem, while the merge was asked."""
    if problem.merge is None:
        raise ValueError(f"{problem.id}: merged without asking")
    problem.merge.target, problem.merge.step = event.root, "merged"
    problem.merge.before_assignments = [assignment.model_copy() for assignment in problem.assignments]
    problem.merge.before_timers = [timer for timer in problem.timers if timer.clock is not Clock.RESEND]
    problem.state = ProblemState.MERGED
    problem.merge.followed = list(event.followed)
    # The root's members are the ones that erasure reaches; here only who they were is kept.
    problem.members = [member.model_copy(update={"caller": None, "content": ""}) for member in problem.members]
    problem.parked = []
    problem.timers = []
    for assignment in problem.assignments:
        if assignment.state in OPEN_ASSIGNMENTS:
            assignment.state, assignment.ended = AssignmentState.MERGED, event.at


def _absorbed(problem: Problem, event: ev.MembersAbsorbed) -> None:
    held = {member.report for member in problem.members}
    for member in event.members:
        problem.gone.pop(member.report, None)
        if member.report not in held:
            taken = member.model_copy()
            taken.moves += 1
            problem.members.append(taken)
    problem.absorbed += [event.source, *event.absorbed]
    problem.assignments += [assignment.model_copy() for assignment in event.assignments]
    problem.first_dispatch = event.first_dispatch
    if any(assignment.part is Part.LEAD for assignment in event.assignments):
        problem.basis = event.basis or problem.basis
        problem.category = event.category or problem.category
        problem.duty_item = event.duty_item
        problem.pauses += [pause.model_copy() for pause in event.pauses]
        problem.extensions += event.extensions
        problem.returns += [one.model_copy() for one in event.returns]
        fold_parts.end_hop(problem, event.at)
        set_timer(problem, Clock.SIGN, event.sign_due)
    if event.handle_due is not None:
        run_handle(problem, event.handle_due)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def _undo_asked(problem: Problem, event: ev.UndoAsked) -> None:
    if problem.merge is None:
        raise ValueError(f"{problem.id}: undo without a merge")
    problem.merge.step, problem.merge.ask = "undo_asked", event.ask
    set_timer(problem, Clock.RESEND, event.due)


def _given_back(problem: Problem, event: ev.MembersGivenBack) -> None:
    leaving = {member.report for member in event.members}
    problem.members = [member for member in problem.members if member.report not in leaving]
    sources = {event.source, *event.absorbed}
    problem.absorbed = [source for source in problem.absorbed if source not in sources]
    if problem.merge is None:
        problem.gone |= dict.fromkeys(sorted(leaving), event.source)
        if _let_go(problem, problem.assignments, sources, event.at):
            problem.timers = _without_lead(problem.timers)
            problem.checked, problem.conference = None, None
            fold_parts.end_pause(problem, event.at)
        put(problem, event.timers)
        if problem.state is not ProblemState.CLOSED and not (
            problem.state is ProblemState.ARCHIVED and problem.mode is Mode.LIVE
        ):
            problem.state = derive_state(problem)
    else:  # in between: what undo will restore must not bring them back
        problem.gone |= dict.fromkeys(sorted(leaving), problem.merge.target)
        if _let_go(problem, problem.merge.before_assignments, sources, event.at):
            problem.merge.before_timers = _without_lead(problem.merge.before_timers)
        left = {a.unit for a in problem.merge.before_assignments if a.state in OPEN_ASSIGNMENTS}
        kept = [t for t in problem.merge.before_timers if t.clock is not Clock.COOPERATE or t.of in left]
        problem.merge.before_timers = kept


def _let_go(problem: Problem, assignments: list[Assignment], sources: set[str], at: datetime) -> bool:
    """Withdraw the open parts that these problems brought. True when the lead was among them: the problem waits for a person."""
    led = False
    for assignment in assignments:
        if assignment.joined_from in sources and assignment.state in OPEN_ASSIGNMENTS:
            assignment.state, assignment.ended = AssignmentState.WITHDRAWN, at
            led = led or assignment.part is Part.LEAD
    if led:
        problem.basis, problem.duty_item = Basis.PERSON.value, None
    return led


def _without_lead(timers: list[Timer]) -> list[Timer]:
    return [timer for timer in timers if timer.clock is Clock.RESEND or (timer.clock is Clock.HANDLE and timer.expired)]


def _merge_undone(problem: Problem, event: ev.MergeUndone) -> None:
    if problem.merge is None:
        raise ValueError(f"{problem.id}: undone without a merge")
    before = problem.merge
    returned = {member.report for member in event.members}
    gone = {*event.gone, *(member.report for member in problem.members)} - returned
    problem.gone |= dict.fromkeys(sorted(gone), before.target)
    for report in returned:
        problem.gone.pop(report, None)
    problem.members = [member.model_copy() for member in event.members]
    for member in problem.members:
        member.moves += 1
    problem.assignments = [assignment.model_copy() for assignment in before.before_assignments]
    problem.timers = [timer.model_copy() for timer in before.before_timers]
    put(problem, event.timers)
    if problem.mode is Mode.HISTORY and any(member.mode is Mode.LIVE for member in problem.members):
        problem.mode, problem.basis = Mode.LIVE, Basis.PERSON.value
    problem.state = derive_state(problem)
    problem.merge = None
    problem.parked = []


def _split_asked(problem: Problem, event: ev.SplitAsked) -> None:
    going = set(event.reports)
    members = [member for member in problem.members if member.report in going]
    problem.members = [member for member in problem.members if member.report not in going]
    problem.leaving.append(Leaving(target=event.target, ask=event.ask, members=members, due=event.due))
    for report in event.reports:
        problem.gone[report] = event.target
    set_timer(problem, Clock.RESEND, event.due)


def _split_finished(problem: Problem, event: ev.SplitFinished) -> None:
    problem.leaving = [leaving for leaving in problem.leaving if leaving.target != event.target]
    if not problem.leaving:
        set_timer(problem, Clock.RESEND, None)


_FOLDS: dict[str, Callable[[Problem, Any], None]] = {
    "ProblemRegistered": _registered,
    "ReportAdded": _report_added,
    "ReportRevised": _report_revised,
    "ReportMadeLive": _made_live,
    "ReportErased": _report_erased,
    "ClockExpired": _clock_expired,
    "ClockPutOff": _put_off,
    "AskedAgain": _asked_again,
    "CommandParked": _parked,
    "MergeAsked": _merge_asked,
    "MergeReleased": _merge_released,
    "Merged": _merged,
    "MembersAbsorbed": _absorbed,
    "UndoAsked": _undo_asked,
    "MembersGivenBack": _given_back,
    "MergeUndone": _merge_undone,
    "SplitAsked": _split_asked,
    "SplitFinished": _split_finished,
    **fold_parts.FOLDS,
    **fold_care.FOLDS,
}
_OTHERS: dict[type, dict[str, Callable[[Any, Any], None]]] = {
    Watch: WATCH_FOLDS,
    Knowledge: KNOWLEDGE_FOLDS,
    AdmissionTask: ADMISSION_FOLDS,
    BuckFinding: PASSING_FOLDS,
    DutyProposal: PROPOSING_FOLDS,
}
"""Folds of aggregates that are no problems."""
