"""A unit's part from signing to the reply, the check of the reply, and closing."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from casework.clocks import handle_due, handling, still
from casework.dispatch import callable_members, set_clocks
from casework.ending import close
from city.terms import Clock as LimitClock
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import TimerChange
from schemas.problem import Assignment
from schemas.replies import ReplyFault
from schemas.words import AssignmentState, Clock, Ending, Part, Refusal


def _own(change: Change) -> Assignment:
    part = change.own_part()
    if part is None:
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    return part


def sign(change: Change, _command: cmd.Sign) -> None:
    part = _own(change)
    if part.signed is None:
        change.emit(ev.AssignmentSigned, unit=part.unit)


def contact(change: Change, command: cmd.Contact) -> None:
    """Speaking with the caller within the limit (深圳: 24 小时内联系). An attempt in vain is noted and lets the clock run on."""
    part = _own(change)
    ends = command.reached and bool(set_clocks(change.problem, (Clock.CONTACT,)))
    change.emit(
        ev.CallerContacted,
        unit=part.unit,
        reached=command.reached,
        way=command.way,
        note=command.note,
        timers=[TimerChange(clock=Clock.CONTACT, due=None)] if ends else [],
    )


def reply(change: Change, command: cmd.Reply) -> None:
    """The lead's reply ends its clock of handling and starts that of the check."""
    problem, part = change.problem, _own(change)
    found = command.findings.faults if command.findings else []
    faults = [finding.fault for finding in found if finding.blocks]
    timers: list[TimerChange] = []
    if part.part is Part.LEAD:
        if callable_members(problem) and not any(a.contacted for a in problem.assignments):
            faults.append(ReplyFault.NO_CONTACT)
        ended = set_clocks(problem, (Clock.CONTACT, Clock.SUPPLEMENT, Clock.SUSPEND))
        timers = [TimerChange(clock=clock, due=None) for clock in ended]
        timers += [change_ for change_ in still(problem) if change_.clock is Clock.MARK]
        timers.append(TimerChange(clock=Clock.CHECK, due=change.due(LimitClock.CHECK)))
    elif any(t.clock is Clock.COOPERATE and t.of == part.unit for t in problem.timers):
        timers = [TimerChange(clock=Clock.COOPERATE, due=None, of=part.unit)]
    change.emit(
        ev.AssignmentReplied,
        unit=part.unit,
        text=command.text,
        note=command.note,
        faults=list(dict.fromkeys(faults)),
        doubts=[finding.fault for finding in found if not finding.blocks],
        checker=command.findings.model if command.findings else "",
        timers=timers,
    )


def check(change: Change, command: cmd.Check) -> None:
    """Who reads the reply lets it go out, whatever was found, or sends it back; the clock then goes on from the first
    dispatch."""
    ended = [TimerChange(clock=clock, due=None) for clock in set_clocks(change.problem, (Clock.CHECK,))]
    change.emit(ev.ReplyChecked, passed=command.passed, note=command.note, timers=ended)
    if not command.passed:
        at = change.command.at
        again = handling(change.pack, change.problem, handle_due(change.pack, change.problem, at), at)
        change.emit(ev.RedoAsked, why="sent_back", counts=False, timers=again)


def close_replied(change: Change, command: cmd.Close) -> None:
    """Not while a fault that was found is neither mended nor overruled by who read the reply."""
    problem = change.problem
    lead = next((a for a in problem.assignments if a.part is Part.LEAD and a.state is AssignmentState.REPLIED), None)
    blocks = change.pack.handling.reply_blocks
    if problem.checked is None and lead is not None and any(fault.value in blocks for fault in lead.faults):
        raise change.refuse(Refusal.REPLY_FAULTY)
    close(change, Ending.REPLIED, command.reason)


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "Sign": sign,
    "Contact": contact,
    "Reply": reply,
    "Check": check,
    "Close": close_replied,
}
