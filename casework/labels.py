"""What a finished problem teaches: the category and the unit that a person has settled, and nothing a model has said alone."""

from dataclasses import dataclass

from schemas.problem import Member, Problem
from schemas.words import Basis, Ending, Mode, ProblemState

BY_PEOPLE = frozenset((Basis.PERSON, Basis.JOINT_DECISION, Basis.RECATEGORISED))
"""Bases of a dispatch that a person has settled: recategorised, a person has set the matter and the duty list the unit. Who must
take a problem because nobody would (fallback) is not thereby the right one."""


@dataclass(frozen=True, slots=True)
class Label:
    """Codes of the pack by which the problem was dispatched, as they were then: either may be gone since."""

    category: str
    unit: str


def confirmed(problem: Problem) -> Label | None:
    """The final decision of a person (law 2), else None.

    Final: closed, so that the unit has answered and nobody sent it back. A person's: the dispatch that stands is one; what a
    machine dispatched would only teach the model its own opinion. History brings proposals and no dispatch of this pool.
    """
    ended = problem.state in (ProblemState.CLOSED, ProblemState.ARCHIVED) and problem.ending in (None, Ending.REPLIED)
    if problem.mode is not Mode.LIVE or not ended or problem.basis not in BY_PEOPLE:
        return None
    if problem.category is None or problem.lead is None:
        return None
    return Label(problem.category, problem.lead)


def founding(problem: Problem) -> Member | None:
    """The earliest report of those that the problem holds, ties by id; None where it holds none any more.

    The decision was about this one; what joined it later may say no more than "still not repaired".
    """
    return min(problem.members, key=lambda member: (member.time, member.report), default=None)
