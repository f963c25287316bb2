"""The fold of a finding of passing the buck."""

from collections.abc import Callable
from typing import Any, Final

from casework.timers import put
from schemas import passing as pas
from schemas.passing import BuckFinding, FindingState


def _raised(finding: BuckFinding, event: pas.FindingRaised) -> None:
    finding.problem, finding.kind = event.problem, event.kind
    finding.units, finding.score = list(event.units), event.score
    finding.evidence = [line.model_copy(deep=True) for line in event.evidence]
    finding.raised = finding.raised or event.at
    finding.seen += 1
    finding.policy = event.policy
    if event.reopened:
        finding.state, finding.judge, finding.judged, finding.note = FindingState.SUSPECTED, "", None, ""
    put(finding, event.timers)


def _judged(finding: BuckFinding, event: pas.FindingJudged) -> None:
    finding.state = FindingState.CONFIRMED if event.confirmed else FindingState.DISMISSED
    finding.judge, finding.judged, finding.note, finding.proposal = event.actor.id, event.at, event.note, event.proposal
    put(finding, event.timers)


PASSING_FOLDS: Final[dict[str, Callable[[Any, Any], None]]] = {"FindingRaised": _raised, "FindingJudged": _judged}
