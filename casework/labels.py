"""What a finished problem teaches: the category and the unit that a person has settled, and nothing a model has said alone."""

from dataclasses import dataclass

from schemas.problem import Member, Problem
from schemas.words import Basis, Mode, ProblemState


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
    if problem.mode is not Mode.LIVE or problem.state is not ProblemState.CLOSED or problem.basis != Basis.PERSON:
        return None
    if problem.category is None or problem.lead is None:
        return None
    return Label(problem.category, problem.lead)


def founding(problem: Problem) -> Member | None:
    """The earliest report of those that the problem holds, ties by id; None where it holds none any more.

    The decision was about this one; what joined it later may say no more than "still not repaired".
    """
    return min(problem.members, key=lambda member: (member.time, member.report), default=None)
