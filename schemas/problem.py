"""The state document of a problem: the fold of its events."""

from typing import Literal

from pydantic import Field

from schemas.aggregate import Aggregate, Timer
from schemas.base import Record, Utc
from schemas.words import AssignmentState, Channel, Mode, Part, ProblemState, Urgency


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
    def frozen(self) -> bool:
        """True while a merge is asked and not answered; commands are parked meanwhile."""
        return self.merge is not None and self.merge.step in ("asked", "undo_asked")
