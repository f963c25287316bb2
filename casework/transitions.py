"""Who may ask what, in which state: one table, tested both ways.

A command that is not in the table for the role, the state of the problem or the state of the unit's own part is refused. What
arrives while a merge is being asked is parked; what reaches a merged problem and belongs to a report or a unit's part goes on to
the root.
"""

from dataclasses import dataclass
from typing import Final

from schemas.words import OPEN_ASSIGNMENTS, AssignmentState, Part, ProblemState, Role

_P = ProblemState
_A = AssignmentState

UNDISPATCHED: Final = frozenset({_P.WAITING, _P.ON_LADDER})
AT_WORK: Final = frozenset({_P.DISPATCHED, _P.IN_PROGRESS})
HELD_UP: Final = frozenset({_P.RETURN_ASKED, _P.CONFERENCE, _P.AWAITING_CALLER, _P.SUSPENDED})
ANSWERED: Final = frozenset({_P.REPLIED, _P.CHECKED})
WITH_UNITS: Final = AT_WORK | HELD_UP | ANSWERED
OPEN: Final = UNDISPATCHED | WITH_UNITS
EVERY: Final = frozenset(ProblemState)
CLOSED: Final = frozenset({_P.CLOSED})
ENDED: Final = frozenset({_P.CLOSED, _P.ARCHIVED})

CLERK: Final = frozenset({Role.CLERK})
PEOPLE: Final = frozenset({Role.CLERK, Role.SUPERVISOR})
NEUTRAL: Final = frozenset({Role.REVIEWER, Role.SUPERVISOR})
"""Who judges is not who dispatches."""
UNIT: Final = frozenset({Role.UNIT})
POST: Final = frozenset({Role.GRID})
MACHINE: Final = frozenset({Role.SYSTEM})
INTAKE: Final = frozenset({Role.INTAKE, Role.SYSTEM})
FOR_CALLERS: Final = frozenset({Role.CLERK, Role.SUPERVISOR, Role.CALLER})
ANYBODY: Final = frozenset({Role.CLERK, Role.SUPERVISOR, Role.REVIEWER, Role.UNIT, Role.GRID})

HELD: Final = OPEN_ASSIGNMENTS
SIGNED: Final = frozenset({_A.SIGNED, _A.CONTACTED})


@dataclass(frozen=True, slots=True)
class Rule:
    """roles and states in which the command is decided. parks: waits while the problem is frozen. follows: goes on to the root of
    a merged problem instead of being decided.

    own: for role unit, the states of its own part in which it may ask this; None = it needs no part. part: which part.
    """

    roles: frozenset[Role]
    states: frozenset[ProblemState]
    parks: bool = False
    follows: bool = False
    own: frozenset[AssignmentState] | None = None
    part: Part | None = None


def _office(states: frozenset[ProblemState], roles: frozenset[Role] = PEOPLE) -> Rule:
    return Rule(roles, states, parks=True)


def _unit(
    states: frozenset[ProblemState],
    own: frozenset[AssignmentState] | None,
    part: Part | None = None,
    roles: frozenset[Role] = UNIT,
) -> Rule:
    return Rule(roles, states, parks=True, follows=True, own=own, part=part)


def _caller(states: frozenset[ProblemState]) -> Rule:
    return Rule(FOR_CALLERS, states, parks=True, follows=True)


TABLE: Final[dict[str, Rule]] = {
    # Closed too: a report is only sent to a closed problem when it came, and was claimed, while that was still open.
    "AddReport": Rule(INTAKE, OPEN | ENDED, parks=True),
    "ReviseReport": Rule(INTAKE, EVERY - {_P.MERGED}, parks=True, follows=True),
    "MakeLive": Rule(INTAKE, EVERY - {_P.MERGED}, parks=True, follows=True),
    "EraseReport": Rule(PEOPLE | MACHINE, EVERY - {_P.MERGED}, parks=True, follows=True),
    "FireTimer": Rule(MACHINE, EVERY),
    # the office
    "Assign": _office(OPEN),
    "AnswerDirectly": _office(UNDISPATCHED, CLERK),
    "Decline": _office(UNDISPATCHED, CLERK),
    "HandOver": _office(UNDISPATCHED | AT_WORK),
    "Recall": _office(WITH_UNITS),
    "Recategorise": _office(OPEN),
    "Succeed": Rule(MACHINE, OPEN, parks=True),
    "Note": Rule(ANYBODY, OPEN | ENDED, parks=True, follows=True),
    # a unit's part
    "Sign": _unit(WITH_UNITS, HELD),
    "Contact": _unit(AT_WORK | HELD_UP | ANSWERED, SIGNED | {_A.DISPATCHED, _A.REPLIED}),
    "Reply": _unit(AT_WORK | ANSWERED | {_P.AWAITING_CALLER, _P.SUSPENDED, _P.RETURN_ASKED}, HELD - {_A.RETURN_ASKED}),
    "AddCooperators": _unit(AT_WORK | ANSWERED, SIGNED | {_A.DISPATCHED}, Part.LEAD, UNIT | CLERK | MACHINE),
    "AskReturn": _unit(AT_WORK, SIGNED | {_A.DISPATCHED}, Part.LEAD),
    "DecideReturn": _office(frozenset({_P.RETURN_ASKED}), NEUTRAL),
    "DecideJointly": _office(frozenset({_P.CONFERENCE}), NEUTRAL),
    "Object": _unit(WITH_UNITS, HELD),
    "DecideObjection": _office(OPEN | ENDED, NEUTRAL),
    "Apply": _unit(AT_WORK | ANSWERED | CLOSED, None),
    "DecideApplication": _office(AT_WORK | ANSWERED | CLOSED, PEOPLE | NEUTRAL),
    "WaitForCaller": _unit(frozenset({_P.IN_PROGRESS}), SIGNED, Part.LEAD),
    "Resume": _unit(frozenset({_P.AWAITING_CALLER, _P.SUSPENDED}), HELD, Part.LEAD, UNIT | PEOPLE),
    # whistle and ladder
    "BlowWhistle": _unit(AT_WORK | HELD_UP, SIGNED | {_A.DISPATCHED}),
    "AnswerWhistle": _unit(OPEN, None),
    "Arrive": _unit(OPEN, None),
    "EndWhistle": _unit(OPEN | CLOSED, None),
    "RateWhistle": _unit(OPEN | CLOSED, None),
    "SolvedHere": Rule(POST, frozenset({_P.ON_LADDER}), parks=True, follows=True),
    "StepUp": Rule(POST, frozenset({_P.ON_LADDER}), parks=True, follows=True),
    "ClimbFrom": _office(frozenset({_P.WAITING}), CLERK),
    # the caller
    "Supplement": _caller(OPEN),
    "Urge": _caller(OPEN),
    "Withdraw": _caller(OPEN),
    "Callback": _caller(ANSWERED | CLOSED),
    # the end, and after
    "Check": _office(frozenset({_P.REPLIED})),
    "Close": _office(ANSWERED),
    "Supervise": _office(OPEN, frozenset({Role.SUPERVISOR})),
    "EndSupervision": _office(OPEN | ENDED, frozenset({Role.SUPERVISOR})),
    "AskRecheck": _office(CLOSED, NEUTRAL | MACHINE),
    "Recheck": Rule(UNIT | NEUTRAL, CLOSED, parks=True),
    "RateUnit": _unit(OPEN | CLOSED, None),
    # merge and split
    "Merge": _office(OPEN | {_P.ARCHIVED}),
    "Unmerge": _office(frozenset({_P.MERGED})),
    "Split": _office(OPEN | {_P.ARCHIVED}),
    "Unsplit": _office(OPEN | {_P.ARCHIVED}),
    "Absorb": Rule(MACHINE, EVERY),
    "AbsorbAnswer": Rule(MACHINE, EVERY),
    "ReturnMembers": Rule(MACHINE, EVERY, parks=True),
    "MembersReturned": Rule(MACHINE, EVERY),
    "Found": Rule(MACHINE, EVERY),
    "FoundAnswer": Rule(MACHINE, EVERY),
}

WATCH_TABLE: Final[dict[str, frozenset[Role]]] = {
    "SeeAlarm": INTAKE,
    "ConfirmAlarm": PEOPLE,
    "DismissAlarm": PEOPLE,
    "FireTimer": MACHINE,
}
"""Who may ask what of a camera's watch."""
