"""Documents beside the state: claims, searchable reports, unit views, dead letters."""

from typing import Any, Literal

from pydantic import Field

from schemas.base import Record, Utc
from schemas.findings import Findings
from schemas.words import AssignmentState, Channel, DeadLetterKind, Mode, Part, ProblemState, RequestType, Urgency


class Claim(Record):
    """City-wide and small: who founded what. id = report id or order number.

    Create-only but for revision, contents, mode and erased."""

    id: str
    problem: str
    revision: int = 1
    contents: list[str] = Field(default=[], description="keyed hashes of the contents seen, oldest first, at most 16")
    mode: Mode = Mode.LIVE
    erased: bool = False
    write: int = Field(default=1, description="raised by every write; the external version, so that 1 is create-only")


CLAIM_UNCOMPARED = frozenset({"write"})
"""Fields of a claim that differ between runners."""


class ReportContent(Record):
    """What is sealed with the report's key: everything that could name a person, a house or a matter in words."""

    source: str
    source_id: str
    title: str = ""
    text: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    places: list[str] = []
    place_key: str = Field(default="", description="normalised place names, for matching; empty when too coarse to match on")
    simhash: int = Field(default=0, description="64-bit fingerprint of the tokens, signed as stores hold it, for matching")
    urges: str = ""
    extra: dict[str, Any] = Field(default={}, description="further fields of the sender, masked")


class ReportDocument(Record):
    """The searchable report, derived by the owner of the problem that holds it. All text is masked.

    version = (moves << 40) + the problem's version when it was last derived: later always wins. An erased report keeps id,
    category, grid, times, membership.
    """

    id: str
    version: int
    problem: str
    order_number: str
    slot: int
    channel: Channel
    mode: Mode
    time: Utc
    received: Utc
    revision: int = 1
    caller: str | None = None
    secret: bool = False
    erased: bool = False
    request_type: RequestType | None = None
    content: ReportContent | None = None
    attachments: list[dict[str, Any]] = []
    findings: Findings = Findings()
    state: ProblemState
    basis: str = ""
    category: str | None = None
    category_path: str = Field(default="", description="/01/0102/010203/ for subtree filters")
    area: str | None = None
    area_path: str = ""
    grid: str | None = None
    urgency: Urgency = Urgency.NORMAL
    lead: str | None = None
    units: list[str] = Field(default=[], description="units with an open or closed part, lead first")
    duty_item: str | None = None

    @property
    def matter(self) -> str | None:
        """The category that intake found, whatever was decided since."""
        return self.findings.categories[0].code if self.findings.categories else None


class UnitView(Record):
    """What a unit gets on `dispatch.<unit>`: its whole current view of one problem. Callers never stand in it."""

    problem: str
    version: int
    order_number: str
    unit: str
    part: Part
    assignment: AssignmentState
    withdrawn: bool = False
    state: ProblemState
    category: str | None = None
    category_name: str = ""
    duty_item: str | None = None
    legal_basis: str = ""
    urgency: Urgency = Urgency.NORMAL
    area: str | None = None
    grid: str | None = None
    dispatched: Utc
    sign_due: Utc | None = None
    handle_due: Utc | None = None
    lead: str | None = None
    cooperators: list[str] = []
    asked: str = ""
    reports: list[dict[str, Any]] = Field(default=[], description="title, text, address, time, channel of each report")
    clarity: dict[str, str] = Field(default={}, description="of a grassroots unit: department, grassroots, support")
    contact_due: Utc | None = None
    own_due: Utc | None = Field(default=None, description="a cooperator's own limit")
    review_due: Utc | None = Field(default=None, description="until when a return is to be decided")
    card: Literal["yellow", "red"] | None = Field(default=None, description="of the due time of handling that holds")
    escalation: int = 0
    supervised: bool = False
    faults: list[str] = Field(default=[], description="what the check of the reply that stands found")
    redo: int = Field(default=0, description="how often the callers or a look back asked for it again")
    paused: str | None = Field(default=None, description="why the clock of handling stands")
    final: bool = Field(default=False, description="by joint decision or fallback: cannot be returned")
    whistles: list[dict[str, Any]] = Field(default=[], description="that this unit blew or was summoned by")


class DeadLetter(Record):
    """A record that could not be worked. `sealed` is its content under the letter's own key; `shown` is masked.

    id = topic-partition-offset. `report` ties it to a report for erasure, when that much could be read."""

    id: str
    kind: DeadLetterKind
    stage: str
    topic: str
    partition: int
    offset: int
    reason: str
    field: str = ""
    remedy: str = ""
    at: Utc
    report: str | None = None
    shown: str = ""
    sealed: str = ""
    key: str | None = None


class Outcome(Record):
    """What became of a command."""

    command: str
    status: Literal["applied", "refused", "parked", "forwarded"]
    aggregate: str = ""
    version: int = 0
    code: str = ""
    message: str = ""
