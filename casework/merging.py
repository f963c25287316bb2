"""Merge and its undo. One road for all: freeze, ask the target, be absorbed or released; a timer asks again.

source                               target (or its root)
Merge -> MergeAsked, frozen  --Absorb-->  MembersAbsorbed | refused
Merged | MergeReleased  <--AbsorbAnswer--
Unmerge -> UndoAsked  --ReturnMembers-->  MembersGivenBack (every problem in between, then the root)
MergeUndone  <--MembersReturned--
"""

from datetime import datetime
from typing import Final, TypeVar

from casework.change import Change
from casework.clocks import due, due_of, handle_due, next_mark
from casework.fold_parts import at_work_again
from city.terms import Clock as LimitClock
from schemas import events as ev
from schemas.commands import (
    COMMAND,
    Absorb,
    AbsorbAnswer,
    Actor,
    AddReport,
    CommandBase,
    MembersReturned,
    Merge,
    ReturnMembers,
    Unmerge,
)
from schemas.handling import TimerChange
from schemas.identity import command_id, slot_of_problem
from schemas.problem import Assignment, Problem
from schemas.words import (
    OPEN_ASSIGNMENTS,
    AssignmentState,
    Clock,
    Mode,
    Part,
    PauseReason,
    ProblemState,
    Refusal,
    Role,
)

SYSTEM = Actor(id="casework", role=Role.SYSTEM)
C = TypeVar("C", bound=CommandBase)
_PAUSES: Final = {PauseReason.CALLER: Clock.SUPPLEMENT, PauseReason.SUSPENDED: Clock.SUSPEND}


def ask(change: Change, kind: type[C], to: str, ask_id: str, **data: object) -> C:
    """A command of this aggregate to another one, in the name of casework."""
    return kind.model_validate(
        {
            "id": ask_id,
            "slot": slot_of_problem(to),
            "at": change.command.at,
            "actor": SYSTEM,
            "pack": change.command.pack,
            "model": change.command.model,
            "problem": to,
            **data,
        }
    )


def merge(change: Change, command: Merge) -> None:
    """A person says: same incident. The source freezes until the target has answered."""
    if command.target == change.problem.id:
        raise change.refuse(Refusal.SAME_PROBLEM)
    try:
        slot_of_problem(command.target)
    except ValueError:
        raise change.refuse(Refusal.NOT_FOUND) from None
    if change.problem.leaving:
        raise change.refuse(Refusal.TARGET_BUSY)
    begin(change, command.target, unsplit=False)


def begin(change: Change, target: str, *, unsplit: bool) -> None:
    """Freeze and ask. Also the second half of undoing a split. What was live and is archived is over, as what is closed."""
    change.not_archived()
    ask_id = change.ask_id("absorb")
    again = due(change.pack, LimitClock.MERGE_RETRY, change.command.at)
    change.emit(ev.MergeAsked, target=target, ask=ask_id, due=again, unsplit=unsplit)
    change.asks.append(_absorb_command(change, target, ask_id))


def _absorb_command(change: Change, target: str, ask_id: str) -> Absorb:
    problem = change.problem
    return ask(
        change,
        Absorb,
        target,
        ask_id,
        source=problem.id,
        source_mode=problem.mode,
        members=problem.members,
        assignments=problem.assignments,
        first_dispatch=problem.first_dispatch,
        basis=problem.basis,
        category=problem.category,
        duty_item=problem.duty_item,
        absorbed=problem.absorbed,
        unsplit=problem.merge is not None and problem.merge.unsplit,
        pauses=problem.pauses,
        paused_until=next((timer.due for timer in problem.timers if timer.clock in _PAUSES.values()), None),
        extensions=problem.extensions,
        returns=[one for one in problem.returns if one.decided is not None],
    )


def pending(change: Change) -> list[Absorb | ReturnMembers]:
    """The command that this problem still waits for an answer to, as it went out first."""
    merge_record = change.problem.merge
    if merge_record is None:
        return []
    if merge_record.step == "asked":
        return [_absorb_command(change, merge_record.target, merge_record.ask)]
    if merge_record.step == "undo_asked":
        return [_return_command(change, merge_record.target, merge_record.ask)]
    return []


def absorb(change: Change, command: Absorb) -> None:
    """Target side. A merged target forwards to its root.

    A frozen or closed one refuses, so that two problems that ask each other both go free.
    """
    problem = change.problem
    if problem.state is ProblemState.MERGED and problem.merge is not None and problem.merge.step == "merged":
        root = problem.merge.target
        if root == command.source:
            _answer(change, command, Refusal.SAME_PROBLEM)
            return
        change.asks.append(
            command.model_copy(
                update={
                    "id": command_id(command.id, "forward", root),
                    "problem": root,
                    "slot": slot_of_problem(root),
                }
            )
        )
        return
    code = _refusal(problem, command)
    if code is None and command.source not in problem.absorbed:
        _take(change, command)
    _answer(change, command, code)


def _refusal(problem: Problem, command: Absorb) -> Refusal | None:
    if command.source in problem.absorbed:
        return None
    if problem.frozen or problem.leaving:
        return Refusal.TARGET_BUSY
    if problem.state is ProblemState.CLOSED or (problem.state is ProblemState.ARCHIVED and problem.mode is Mode.LIVE):
        return Refusal.TARGET_CLOSED
    return Refusal.OTHER_MODE if problem.mode is not command.source_mode else None


def _take(change: Change, command: Absorb) -> None:
    problem, pack = change.problem, change.pack
    joining = _joining(problem, command)
    first = min((start for start in (problem.first_dispatch, command.first_dispatch) if start is not None), default=None)
    comes = _open_lead(joining)
    lead = comes or _open_lead(problem.assignments)
    category = (comes and command.category) or problem.category
    signing = comes is not None and comes.state is AssignmentState.DISPATCHED
    handling = lead is not None and lead.state is not AssignmentState.REPLIED
    after: dict[str, object] = {"first_dispatch": first, "category": category}
    if comes is not None:
        after |= {"pauses": [*problem.pauses, *command.pauses], "extensions": [*problem.extensions, *command.extensions]}
    as_led = problem.model_copy(update=after)
    handle = handle_due(pack, as_led, change.command.at) if first and handling and as_led.paused is None else None
    change.emit(
        ev.MembersAbsorbed,
        source=command.source,
        members=command.members,
        assignments=joining,
        first_dispatch=first,
        sign_due=due_of(pack, problem, LimitClock.SIGN, comes.dispatched, category) if comes and signing else None,
        handle_due=handle,
        basis=command.basis if comes else None,
        category=command.category if comes else None,
        duty_item=command.duty_item if comes else None,
        absorbed=command.absorbed,
        pauses=command.pauses if comes else [],
        extensions=command.extensions if comes else [],
        returns=command.returns if comes else [],
        timers=_timers_of(change, command, joining, handle, comes),
    )


def _timers_of(
    change: Change, command: Absorb, joining: list[Assignment], handle: datetime | None, comes: Assignment | None
) -> list[TimerChange]:
    """The clocks that come with units: of cooperators their own, of a lead the next card, the contact, the check, or the end of
    the pause that is on; nobody has to dispatch any more."""
    problem, pack = change.problem, change.pack
    timers = [TimerChange(clock=Clock.COOPERATE, due=a.due, of=a.unit) for a in joining if a.due and a.replied is None]
    if handle is not None:
        timers.append(next_mark(pack, problem, handle, later_than=change.command.at))
    if comes is None:
        return timers
    if command.paused_until is not None and command.pauses and command.pauses[-1].end is None:
        timers.append(TimerChange(clock=_PAUSES[command.pauses[-1].why], due=command.paused_until))
    if comes.state is AssignmentState.REPLIED:
        check = due_of(pack, problem, LimitClock.CHECK, change.command.at)
        timers.append(TimerChange(clock=Clock.CHECK, due=check))
    elif comes.contacted is None:
        contact = due_of(pack, problem, LimitClock.CONTACT, comes.dispatched)
        timers.append(TimerChange(clock=Clock.CONTACT, due=contact))
    held = {timer.clock for timer in problem.timers}
    return timers + [TimerChange(clock=clock, due=None) for clock in (Clock.DISPATCH, Clock.LADDER) if clock in held]


def _joining(problem: Problem, command: Absorb) -> list[Assignment]:
    """The source's open parts join the root as cooperators, but for units that have an open part already.

    Only where the root has no lead yet does the source's lead go on as lead. joined_from names who brought a unit first, so
    that undoing a merge further down takes the right ones away.
    """
    led = _open_lead(problem.assignments) is not None
    held = {a.unit for a in problem.assignments if a.state in OPEN_ASSIGNMENTS}
    joining = []
    for assignment in command.assignments:
        if assignment.state in OPEN_ASSIGNMENTS and assignment.unit not in held:
            held.add(assignment.unit)
            part = Part.COOPERATOR if led else assignment.part
            brought = assignment.joined_from or command.source
            taken = assignment.model_copy(update={"part": part, "joined_from": brought})
            at_work_again(taken)
            joining.append(taken)
    return joining


def _open_lead(assignments: list[Assignment]) -> Assignment | None:
    return next((a for a in assignments if a.part is Part.LEAD and a.state in OPEN_ASSIGNMENTS), None)


def refuse_absorb(change: Change, command: Absorb, code: Refusal) -> None:
    """For a target that does not exist."""
    _answer(change, command, code)


def _answer(change: Change, command: Absorb, code: Refusal | None) -> None:
    answer_id = command_id(command.id, "answer", "no" if code else "yes")
    change.asks.append(
        ask(
            change,
            AbsorbAnswer,
            command.source,
            answer_id,
            root=change.problem.id,
            accepted=code is None,
            code=code.value if code else "",
        )
    )


def absorb_answered(change: Change, command: AbsorbAnswer) -> None:
    """Source side: merged, or released. What was parked goes out again, and from a merged source follows to the root."""
    problem = change.problem
    if problem.merge is None or problem.merge.step != "asked":
        return
    parked = [COMMAND.validate_json(line) for line in problem.parked]
    if command.accepted:
        followed = [waiting.record.report for waiting in parked if isinstance(waiting, AddReport)]
        change.emit(ev.Merged, root=command.root, followed=followed)
    else:
        change.emit(ev.MergeReleased, code=command.code)
    change.asks += parked


def unmerge(change: Change, _command: Unmerge) -> None:
    """Undo, asked of the merged source."""
    problem = change.problem
    if problem.merge is None or problem.merge.step != "merged":
        raise change.refuse(Refusal.NOT_MERGED)
    target, ask_id = problem.merge.target, change.ask_id("return")
    again = due(change.pack, LimitClock.MERGE_RETRY, change.command.at)
    change.emit(ev.UndoAsked, ask=ask_id, due=again)
    change.asks.append(_return_command(change, target, ask_id))


def _return_command(change: Change, target: str, ask_id: str) -> ReturnMembers:
    problem = change.problem
    reports = [member.report for member in problem.members]
    if problem.merge is not None:
        reports += [report for report in problem.merge.followed if report not in reports]
    return ask(change, ReturnMembers, target, ask_id, source=problem.id, reports=reports, absorbed=problem.absorbed)


def return_members(change: Change, command: ReturnMembers) -> None:
    """Root: give back the members as they are now. A problem in between forgets them too and passes the wish on.

    While the root is itself asking (frozen) the wish is parked: its members are on their way, and would be doubled.
    """
    problem = change.problem
    sources = {command.source, *command.absorbed}
    wanted = set(command.reports) | {member.report for member in problem.members if not sources.isdisjoint(member.via)}
    members = []
    gone = [*command.gone, *sorted((wanted & set(problem.gone)) - {member.report for member in problem.members})]
    if command.source in problem.absorbed:
        members = [member for member in problem.members if member.report in wanted]
        change.emit(
            ev.MembersGivenBack,
            source=command.source,
            members=members,
            absorbed=command.absorbed,
            timers=_left_behind(change, {command.source, *command.absorbed}),
        )
    if problem.state is ProblemState.MERGED and problem.merge is not None:
        root = problem.merge.target
        change.asks.append(
            command.model_copy(
                update={
                    "id": command_id(command.id, "forward", root),
                    "problem": root,
                    "slot": slot_of_problem(root),
                    "gone": gone,
                }
            )
        )
        return
    change.asks.append(
        ask(
            change,
            MembersReturned,
            command.source,
            command_id(command.id, "returned"),
            root=problem.id,
            members=members,
            gone=gone,
        )
    )


def _left_behind(change: Change, sources: set[str]) -> list[TimerChange]:
    """Whose lead goes back waits for a person; cooperators that go back take their limits along."""
    problem = change.problem
    leaving = [a for a in problem.assignments if a.joined_from in sources and a.state in OPEN_ASSIGNMENTS]
    if problem.merge is not None:
        return []
    timers = [TimerChange(clock=Clock.COOPERATE, due=None, of=a.unit) for a in leaving if a.part is Part.COOPERATOR]
    waits = any(a.part is Part.LEAD for a in leaving)
    return [*timers, *(_waits(change) if waits else [])]


def _waits(change: Change) -> list[TimerChange]:
    due = due_of(change.pack, change.problem, LimitClock.DISPATCH, change.command.at)
    return [TimerChange(clock=Clock.DISPATCH, due=due)]


def members_returned(change: Change, command: MembersReturned) -> None:
    """Source: open again, as if never paused."""
    problem = change.problem
    if problem.merge is None or problem.merge.step != "undo_asked":
        return
    parked = [COMMAND.validate_json(line) for line in problem.parked]
    before = problem.merge
    live = problem.mode is Mode.LIVE or any(member.mode is Mode.LIVE for member in command.members)
    held = {timer.clock for timer in before.before_timers}
    nobody = live and _open_lead(before.before_assignments) is None and not held & {Clock.DISPATCH, Clock.LADDER}
    timers = _waits(change) if nobody else []
    change.emit(ev.MergeUndone, members=command.members, gone=command.gone, timers=timers)
    change.asks += parked
