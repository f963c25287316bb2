"""Who may ask what, in which state: one table, tested both ways.

A command that is not in the table for the role or the state is refused. What arrives while a merge is being asked is
parked; what reaches a merged problem and belongs to a report or a unit's part goes on to the root.
"""

from dataclasses import dataclass

from schemas.words import ProblemState, Role

WAITING, DISPATCHED, IN_PROGRESS = ProblemState.WAITING, ProblemState.DISPATCHED, ProblemState.IN_PROGRESS
REPLIED, CLOSED, MERGED, ARCHIVED = (
    ProblemState.REPLIED,
    ProblemState.CLOSED,
    ProblemState.MERGED,
    ProblemState.ARCHIVED,
)
OPEN = frozenset({WAITING, DISPATCHED, IN_PROGRESS, REPLIED})
EVERY = frozenset(ProblemState)

PEOPLE = frozenset({Role.CLERK, Role.SUPERVISOR})
MACHINE = frozenset({Role.SYSTEM})
INTAKE = frozenset({Role.INTAKE, Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class Rule:
    """roles and states in which the command is decided. parks: waits while the problem is frozen.
    follows: goes on to the root of a merged problem instead of being decided."""

    roles: frozenset[Role]
    states: frozenset[ProblemState]
    parks: bool = False
    follows: bool = False


TABLE: dict[str, Rule] = {
    # Closed too: a report is only sent to a closed problem when it came, and was claimed, while that was still open.
    "AddReport": Rule(INTAKE, OPEN | {CLOSED, ARCHIVED}, parks=True),
    "ReviseReport": Rule(INTAKE, EVERY - {MERGED}, parks=True, follows=True),
    "MakeLive": Rule(INTAKE, EVERY - {MERGED}, parks=True, follows=True),
    "Assign": Rule(PEOPLE, OPEN, parks=True),
    "Sign": Rule(frozenset({Role.UNIT}), frozenset({DISPATCHED, IN_PROGRESS, REPLIED}), parks=True, follows=True),
    "Reply": Rule(frozenset({Role.UNIT}), frozenset({DISPATCHED, IN_PROGRESS, REPLIED}), parks=True, follows=True),
    "Close": Rule(PEOPLE, frozenset({REPLIED}), parks=True),
    "EraseReport": Rule(PEOPLE | MACHINE, EVERY - {MERGED}, parks=True, follows=True),
    "FireTimer": Rule(MACHINE, EVERY),
    "Merge": Rule(PEOPLE, OPEN | {ARCHIVED}, parks=True),
    "Unmerge": Rule(PEOPLE, frozenset({MERGED}), parks=True),
    "Split": Rule(PEOPLE, OPEN | {ARCHIVED}, parks=True),
    "Unsplit": Rule(PEOPLE, OPEN | {ARCHIVED}, parks=True),
    "Absorb": Rule(MACHINE, EVERY),
    "AbsorbAnswer": Rule(MACHINE, EVERY),
    "ReturnMembers": Rule(MACHINE, EVERY, parks=True),
    "MembersReturned": Rule(MACHINE, EVERY),
    "Found": Rule(MACHINE, EVERY),
    "FoundAnswer": Rule(MACHINE, EVERY),
}

WATCH_TABLE: dict[str, frozenset[Role]] = {
    "SeeAlarm": INTAKE,
    "ConfirmAlarm": PEOPLE,
    "DismissAlarm": PEOPLE,
    "FireTimer": MACHINE,
}
"""Who may ask what of a camera's watch."""
