"""The state document of a problem: the fold of its events."""

from typing import Literal

from pydantic import Field

from schemas.aggregate import Aggregate, Timer
from schemas.base import Record, Utc
from schemas.handling import (
    Application,
    Card,
    Clarity,
    Extension,
    Hop,
    Objection,
    Pause,
    Proposal,
    Recheck,
    Return,
    Supervision,
    UnitRating,
    Whistle,
)
from schemas.replies import ReplyFault
from schemas.words import AssignmentState, Channel, Clock, Ending, Mode, Part, ProblemState, RequestType, Urgency


class Member(Record):
    """One report of a problem, without its words. `moves` counts changes of holder."""

    report: str
    channel: Channel
    mode: Mode
    time: Utc
    received: Utc = Field(description="when the words that hold came in, and at what place of their topic")
    sequence: int = 0
    caller: str | None = None
    secret: bool = False
    content: str = Field(description="keyed hash of the content")
    revision: int = 1
    moves: int = 0
    erased: bool = False
    via: list[str] = Field(default=[], description="merged problems that it came through; when one is undone it goes along")
    answered: Utc | None = Field(default=None, description="when this caller's own answer went out")
    urged: int = 0
    withdrawn: Utc | None = None
    calls: int = Field(default=0, description="attempts to reach the caller for a callback")
    heard: Utc | None = Field(default=None, description="when the caller said what he thinks of the answer that stands")
    contacted: bool | None = Field(default=None, description="the caller says whether the unit made contact")
    solved: bool | None = Field(default=None, description="what the caller last said of whether it is solved")
    first_rating: int | None = Field(default=None, description="1 (worst) to 5, as first given; kept when a later one changes")
    rating: int | None = None


class Assignment(Record):
    """One unit's part. `asked` and `reply` are sealed with the problem's key."""

    unit: str
    part: Part
    state: AssignmentState
    dispatched: Utc
    signed: Utc | None = None
    replied: Utc | None = None
    ended: Utc | None = None
    asked: str | None = None
    reply: str | None = None
    joined_from: str | None = Field(default=None, description="the merged problem that brought this cooperator")
    clarity: Clarity | None = None
    contacted: Utc | None = None
    due: Utc | None = Field(default=None, description="a cooperator's own limit")
    note: str | None = Field(default=None, description="sealed: what the unit tells the office and not the caller")
    faults: list[ReplyFault] = Field(default=[], description="what the check of the reply that stands is sure of")
    doubts: list[ReplyFault] = Field(default=[], description="what it is not sure of; shown to who reads the reply")
    redone: int = Field(default=0, description="how often its reply was sent back or the caller was not satisfied")


class MergeRecord(Record):
    """Source side of a merge. `before` is what undo restores."""

    target: str
    ask: str = Field(description="id of the Absorb command, re-sent by timer")
    step: Literal["asked", "merged", "undo_asked"]
    before_assignments: list[Assignment]
    before_timers: list[Timer]
    followed: list[str] = Field(default=[], description="reports that came while the merge was asked; undo brings them back too")
    unsplit: bool = False


class Leaving(Record):
    """Split: members on their way to a problem of their own."""

    target: str
    ask: str
    members: list[Member]
    due: Utc


class Problem(Aggregate):
    """What is handled: one or more reports of the same incident, exactly one lead unit."""

    order_number: str = ""
    mode: Mode = Mode.LIVE
    state: ProblemState = ProblemState.WAITING
    basis: str = ""
    category: str | None = None
    category_confidence: float = 0.0
    duty_item: str | None = None
    urgency: Urgency = Urgency.NORMAL
    area: str | None = None
    grid: str | None = None
    members: list[Member] = []
    assignments: list[Assignment] = []
    registered: Utc | None = None
    first_dispatch: Utc | None = None
    closed: Utc | None = None
    policy: str = Field(default="", description="pack version whose limits the clocks follow")
    merge: MergeRecord | None = None
    absorbed: list[str] = Field(default=[], description="problems whose members live here now")
    split_from: str | None = None
    leaving: list[Leaving] = []
    kind: RequestType | None = Field(default=None, description="what the founding caller wants; limits differ by it")
    ending: Ending | None = None
    ended_by: str = Field(default="", description="of an ending: knowledge item, reason, or who took it over")
    checked: Utc | None = Field(default=None, description="when the reply that stands passed its check")
    proposal: Proposal | None = Field(default=None, description="where the machine would dispatch it, kept for the ladder's end")
    confirmed_category: bool = Field(default=False, description="a person has set or kept the category")
    dispatches: int = Field(default=0, description="dispatches with a new lead, the first included")
    first_lead: str | None = None
    final: bool = Field(default=False, description="dispatched by joint decision or fallback: cannot be returned")
    handle_from: Utc | None = Field(default=None, description="start of the clock of handling after a redo; else first_dispatch")
    returns: list[Return] = []
    conference: Utc | None = Field(default=None, description="since when units confer on who must act")
    pauses: list[Pause] = []
    extensions: list[Extension] = []
    applications: list[Application] = []
    whistles: list[Whistle] = []
    ladder: list[Hop] = []
    objections: list[Objection] = []
    overdue: Utc | None = Field(default=None, description="when its clock of handling first ran out")
    late: list[Clock] = Field(default=[], description="of signing and of contact: the clocks that ever ran out, each once")
    cards: list[Card] = []
    escalation: int = 0
    escalated_due: Utc | None = Field(default=None, description="the last due time of handling of which a level was told")
    escalated_to: int = Field(default=0, description="the level that was told of it")
    waited: int = Field(default=0, description="the level that was told that nobody has it; 0 again with a dispatch")
    redo: int = 0
    supervision: Supervision | None = None
    supervised: int = Field(default=0, description="how often it came under supervision")
    excluded: str = Field(default="", description="why it does not count in scores, after review")
    rechecks: list[Recheck] = []
    unit_ratings: list[UnitRating] = []
    gone: dict[str, str] = Field(
        default={}, description="report -> problem it left for when this one last let it go; followed to who holds it now"
    )

    @property
    def lead(self) -> str | None:
        """The lead unit's code, of the newest lead assignment that was not withdrawn."""
        for assignment in reversed(self.assignments):
            if assignment.part is Part.LEAD and assignment.state is not AssignmentState.WITHDRAWN:
                return assignment.unit
        return None

    @property
    def paused(self) -> Pause | None:
        """The pause that is on now."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].end is None else None

    @property
    def hop(self) -> Hop | None:
        """The post of the ladder that has it now."""
        return self.ladder[-1] if self.ladder and self.ladder[-1].ended is None else None

    @property
    def asked_return(self) -> Return | None:
        """The return that is under review or in conference."""
        return self.returns[-1] if self.returns and self.returns[-1].decided is None else None

    @property
    def frozen(self) -> bool:
        """True while a merge is asked and not answered; commands are parked meanwhile."""
        return self.merge is not None and self.merge.step in ("asked", "undo_asked")
