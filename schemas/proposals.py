"""Proposals to change the duty list (seed rows 2.9, 3.3 and 3.4): one item, before and after, with who proposes and who
approves. The list itself is data of the pack and is never changed in place; what is approved goes into the pack's next version.

Texts stand plain, as in the list itself.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.aggregate import Aggregate
from schemas.base import Record, Utc
from schemas.command_base import OfAggregate
from schemas.event_base import OfHandling

LONGEST_TEXT = 2000


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DutyLine(Record):
    """What a duty item says; fields and values as in city.records.DutyItem, but for its code and version."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    categories: list[str] = Field(min_length=1)
    lead: str
    cooperators: list[str] = []
    township_role: Literal["lead", "support", "none"]
    list_kind: Literal["duty", "enabled", "negative"]
    legal_basis: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    words: list[str] = []
    grassroots_does: str = Field(default="", max_length=LONGEST_TEXT)
    support: str = Field(default="", max_length=LONGEST_TEXT)


class FieldChange(Record):
    """One field of a duty item that a proposal changes; None where there is no item."""

    field: str
    before: str | list[str] | None
    after: str | list[str] | None


def changes(before: DutyLine | None, after: DutyLine | None) -> list[FieldChange]:
    """What differs, in the order of the list's columns."""
    old, new = (line.model_dump() if line else {} for line in (before, after))
    return [
        FieldChange(field=name, before=old.get(name), after=new.get(name))
        for name in DutyLine.model_fields
        if old.get(name) != new.get(name)
    ]


class DutyProposal(Aggregate):
    """before None: a new item; after None: the item goes."""

    item: str = ""
    state: ProposalState = ProposalState.PROPOSED
    before: DutyLine | None = None
    after: DutyLine | None = None
    reason: str = ""
    from_finding: str | None = None
    proposer: str = ""
    proposer_unit: str | None = None
    proposed: Utc | None = None
    approver: str = Field(default="", description="who approved or refused it")
    decided: Utc | None = None
    note: str = ""
    based_on: str = Field(default="", description="version of the pack whose list it would change")

    @property
    def diff(self) -> list[FieldChange]:
        """What it would change."""
        return changes(self.before, self.after)

    @property
    def concerns(self) -> frozenset[str]:
        """Units that may see it: who proposed it, and those that the item names or would name (unit codes, not territories)."""
        lines = [line for line in (self.before, self.after) if line is not None]
        named = {unit for line in lines for unit in (line.lead, *line.cooperators) if not unit.startswith("line:")}
        return frozenset(named | ({self.proposer_unit} if self.proposer_unit else set()))


class ProposeDuty(OfAggregate):
    """What the item should say; after None: it should go. What it says now casework takes from the pack."""

    type: Literal["ProposeDuty"] = "ProposeDuty"
    item: Annotated[str, Field(min_length=1, max_length=100)]
    after: DutyLine | None
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    from_finding: str | None = None


class JudgeProposal(OfAggregate):
    """Another person approves or refuses."""

    type: Literal["JudgeProposal"] = "JudgeProposal"
    approved: bool
    note: str = Field(default="", max_length=LONGEST_TEXT)


class WithdrawProposal(OfAggregate):
    """Who proposed it takes it back."""

    type: Literal["WithdrawProposal"] = "WithdrawProposal"
    note: str = Field(default="", max_length=LONGEST_TEXT)


ProposalCommand = ProposeDuty | JudgeProposal | WithdrawProposal


class DutyProposed(OfHandling):
    type: Literal["DutyProposed"] = "DutyProposed"
    item: str
    before: DutyLine | None
    after: DutyLine | None
    reason: str
    from_finding: str | None = None
    based_on: str


class ProposalJudged(OfHandling):
    type: Literal["ProposalJudged"] = "ProposalJudged"
    approved: bool
    note: str = ""


class ProposalWithdrawn(OfHandling):
    type: Literal["ProposalWithdrawn"] = "ProposalWithdrawn"
    note: str = ""


ProposalEvent = DutyProposed | ProposalJudged | ProposalWithdrawn
