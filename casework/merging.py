"""Merge and its undo. One road for all: freeze, ask the target, be absorbed or released; a timer asks again.

    source                               target (or its root)
    Merge -> MergeAsked, frozen  --Absorb-->  MembersAbsorbed | refused
    Merged | MergeReleased  <--AbsorbAnswer--
    Unmerge -> UndoAsked  --ReturnMembers-->  MembersGivenBack (every problem in between, then the root)
    MergeUndone  <--MembersReturned--
"""

from typing import TypeVar

from casework.change import Change
from casework.clocks import due
from city.terms import Clock as LimitClock
from schemas import events as ev
from schemas.commands import (
    COMMAND,
    Absorb,
    AbsorbAnswer,
    Actor,
    CommandBase,
    MembersReturned,
    Merge,
    ReturnMembers,
    Unmerge,
)
from schemas.identity import command_id, slot_of_problem
from schemas.problem import Assignment, Problem
from schemas.words import (
    OPEN_ASSIGNMENTS,
    Part,
    ProblemState,
    Refusal,
    Role,
)

SYSTEM = Actor(id="casework", role=Role.SYSTEM)
C = TypeVar("C", bound=CommandBase)


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
    if change.problem.leaving:
        raise change.refuse(Refusal.TARGET_BUSY)
    begin(change, command.target, unsplit=False)


def begin(change: Change, target: str, *, unsplit: bool) -> None:
    """Freeze and ask. Also the second half of undoing a split."""
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
        absorbed=problem.absorbed,
        unsplit=problem.merge is not None and problem.merge.unsplit,
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
            return _answer(change, command, Refusal.SAME_PROBLEM)
        change.asks.append(
            command.model_copy(
                update={
                    "id": command_id(command.id, "forward", root),
                    "problem": root,
                    "slot": slot_of_problem(root),
                }
            )
        )
        return None
    if command.source in problem.absorbed:
        return _answer(change, command, None)
    if problem.frozen or problem.leaving:
        return _answer(change, command, Refusal.TARGET_BUSY)
    if problem.state is ProblemState.CLOSED:
        return _answer(change, command, Refusal.TARGET_CLOSED)
    if problem.mode is not command.source_mode:
        return _answer(change, command, Refusal.OTHER_MODE)
    joining = _joining(problem, command)
    starts = [start for start in (problem.first_dispatch, command.first_dispatch) if start is not None]
    led = _has_lead(problem) or any(assignment.part is Part.LEAD for assignment in joining)
    change.emit(
        ev.MembersAbsorbed,
        source=command.source,
        members=command.members,
        assignments=joining,
        first_dispatch=min(starts, default=None),
        handle_due=due(change.pack, LimitClock.HANDLE, min(starts), problem.urgency, problem.category) if starts and led else None,
        absorbed=command.absorbed,
    )
    return _answer(change, command, None)


def _joining(problem: Problem, command: Absorb) -> list[Assignment]:
    """The source's open parts join the root as cooperators, but for units that have an open part already.

    Only where the root has no lead yet does the source's lead go on as lead.
    """
    held = {a.unit for a in problem.assignments if a.state in OPEN_ASSIGNMENTS}
    joining = []
    for assignment in command.assignments:
        if assignment.state in OPEN_ASSIGNMENTS and assignment.unit not in held:
            held.add(assignment.unit)
            part = Part.COOPERATOR
            if assignment.part is Part.LEAD and not _has_lead(problem):
                part = Part.LEAD
            joining.append(assignment.model_copy(update={"part": part, "joined_from": command.source}))
    return joining


def _has_lead(problem: Problem) -> bool:
    return any(a.part is Part.LEAD and a.state in OPEN_ASSIGNMENTS for a in problem.assignments)


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
        change.emit(ev.Merged, root=command.root)
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
    reports = [member.report for member in change.problem.members]
    return ask(change, ReturnMembers, target, ask_id, source=change.problem.id, reports=reports)


def return_members(change: Change, command: ReturnMembers) -> None:
    """Root: give back the members as they are now. A problem in between forgets them too and passes the wish on."""
    problem = change.problem
    wanted = set(command.reports)
    members = [member for member in problem.members if member.report in wanted]
    between = problem.state is ProblemState.MERGED and problem.merge is not None
    if command.source in problem.absorbed:
        change.emit(ev.MembersGivenBack, source=command.source, members=members)
    if between and problem.merge is not None:
        root = problem.merge.target
        change.asks.append(
            command.model_copy(
                update={"id": command_id(command.id, "forward", root), "problem": root, "slot": slot_of_problem(root)}
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
        )
    )


def members_returned(change: Change, command: MembersReturned) -> None:
    """Source: open again, as if never paused."""
    problem = change.problem
    if problem.merge is None or problem.merge.step != "undo_asked":
        return
    parked = [COMMAND.validate_json(line) for line in problem.parked]
    change.emit(ev.MergeUndone, members=command.members)
    change.asks += parked
