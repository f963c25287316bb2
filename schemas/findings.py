"""What intake found in a report, always with evidence (law 2)."""

from pydantic import Field

from schemas.base import Record
from schemas.words import EvidenceKind, RequestType, Urgency


class Evidence(Record):
    """One reason for a finding. `ref` is a code of the pack (duty item, category, grid, …);
    `word` is the pack's own word, never the caller's text; `weight` ≥ 0, in the units of the model."""

    kind: EvidenceKind
    ref: str = ""
    word: str = ""
    weight: float = 0.0


class CategoryProposal(Record):
    """A category with confidence in 0..1 (uncalibrated until a model says otherwise)."""

    code: str
    confidence: float = Field(ge=0, le=1)
    evidence: list[Evidence] = []


class UnitProposal(Record):
    """A candidate lead unit with its cooperators, by one duty item and the territory.

    duty_item: "" for a unit that only past orders name, which no machine dispatches to."""

    unit: str
    cooperators: list[str] = []
    duty_item: str
    legal_basis: str = ""
    confidence: float = Field(ge=0, le=1)
    evidence: list[Evidence] = []


class UrgencyFinding(Record):
    """Urgency with the risk words that raised it."""

    level: Urgency = Urgency.NORMAL
    evidence: list[Evidence] = []


class RequestTypeFinding(Record):
    """What the caller wants, read from the words (DB12/T 1438-2025)."""

    type: RequestType
    confidence: float = Field(ge=0, le=1)
    evidence: list[Evidence] = []


class Place(Record):
    """Where it happened, as codes of the pack. Names and coordinates are personal and travel sealed.

    area: the finest area known for sure; grid: grid code; confidence in 0..1."""

    area: str | None = None
    grid: str | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)
    evidence: list[Evidence] = []


class Findings(Record):
    """Everything that intake proposes; casework decides by it, a clerk checks it.

    categories and units: best first. abstained: why no unit was proposed as certain, as a `Basis` word."""

    categories: list[CategoryProposal] = []
    units: list[UnitProposal] = []
    urgency: UrgencyFinding = UrgencyFinding()
    place: Place = Place()
    request_type: RequestTypeFinding | None = None
    basis: str = ""
    model: str = ""
