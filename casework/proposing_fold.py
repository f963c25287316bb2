"""The fold of a proposal to change the duty list."""

from collections.abc import Callable
from typing import Any, Final

from casework.timers import put
from schemas import proposals as pro
from schemas.proposals import DutyProposal, ProposalState


def _proposed(proposal: DutyProposal, event: pro.DutyProposed) -> None:
    proposal.item, proposal.reason, proposal.from_finding = event.item, event.reason, event.from_finding
    proposal.before = event.before.model_copy(deep=True) if event.before else None
    proposal.after = event.after.model_copy(deep=True) if event.after else None
    proposal.proposer, proposal.proposer_unit, proposal.proposed = event.actor.id, event.actor.unit, event.at
    proposal.based_on = event.based_on
    put(proposal, event.timers)


def _judged(proposal: DutyProposal, event: pro.ProposalJudged) -> None:
    proposal.state = ProposalState.APPROVED if event.approved else ProposalState.REFUSED
    proposal.approver, proposal.decided, proposal.note = event.actor.id, event.at, event.note
    put(proposal, event.timers)


def _withdrawn(proposal: DutyProposal, event: pro.ProposalWithdrawn) -> None:
    proposal.state, proposal.decided, proposal.note = ProposalState.WITHDRAWN, event.at, event.note
    put(proposal, event.timers)


PROPOSING_FOLDS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "DutyProposed": _proposed,
    "ProposalJudged": _judged,
    "ProposalWithdrawn": _withdrawn,
}
