"""Events: what happened to an aggregate. The state is the fold of its events; the log keeps them for ever.

The stored form is one line of JSON whose last member is `hash` = sha256(previous hash + the line without it); so the chain
runs over the very bytes that were stored, and over what is sealed, and still verifies after an erasure.
"""

import hashlib
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, TypeAdapter

from schemas import events_handling as handling
from schemas.admission import AdmissionEvent
from schemas.base import Utc
from schemas.event_base import SCHEMA_VERSION, EventBase, OfHandling
from schemas.events_handling import AssignmentReplied, AssignmentSigned, Dispatched, ProblemClosed
from schemas.handling import Extension, Pause, Return
from schemas.knowledge_events import KnowledgeEvent
from schemas.passing import PassingEvent
from schemas.problem import Assignment, Member
from schemas.proposals import ProposalEvent
from schemas.report_record import ReportRecord
from schemas.watch import Box
from schemas.words import Clock, Mode, RequestType, Urgency


class ProblemRegistered(OfHandling):
    """A problem exists: founded by a report, or split off with the members given. kind: what the founding caller wants."""

    type: Literal["ProblemRegistered"] = "ProblemRegistered"
    order_number: str
    mode: Mode
    basis: str
    category: str | None = None
    category_confidence: float = 0.0
    urgency: Urgency = Urgency.NORMAL
    area: str | None = None
    grid: str | None = None
    record: ReportRecord | None = None
    members: list[Member] = []
    split_from: str | None = None
    kind: RequestType | None = None


class ReportAdded(EventBase):
    """A further report of the same incident. `reason` names the rule that matched, `score` its similarity 0..1. via: merged
    problems that it came through; it goes back with them."""

    type: Literal["ReportAdded"] = "ReportAdded"
    record: ReportRecord
    reason: str
    score: float
    via: list[str] = []


class ReportRevised(EventBase):
    """The sender's correction took the place of what it sent before."""

    type: Literal["ReportRevised"] = "ReportRevised"
    record: ReportRecord
    revision: int


class ReportMadeLive(OfHandling):
    """A report of history came live; the problem leaves the archive."""

    type: Literal["ReportMadeLive"] = "ReportMadeLive"
    report: str
    basis: str


class ReportErased(EventBase):
    """Its words, contact and key are gone."""

    type: Literal["ReportErased"] = "ReportErased"
    report: str


class ClockExpired(OfHandling):
    """A clock of handling ran out; said once."""

    type: Literal["ClockExpired"] = "ClockExpired"
    clock: Clock
    due: Utc
    of: str = ""


class ClockPutOff(EventBase):
    """A clock ran out while a merge was being asked: what follows from it waits until that is answered."""

    type: Literal["ClockPutOff"] = "ClockPutOff"
    clock: Clock
    due: Utc
    of: str = ""
    until: Utc


class AskedAgain(EventBase):
    """The answer to a merge, its undo or a split is late: the command went out again, with a new due time."""

    type: Literal["AskedAgain"] = "AskedAgain"
    due: Utc


class CommandParked(EventBase):
    """It arrived while a merge was being asked; it waits in the document."""

    type: Literal["CommandParked"] = "CommandParked"
    parked: str


class MergeAsked(EventBase):
    type: Literal["MergeAsked"] = "MergeAsked"
    target: str
    ask: str
    due: Utc
    unsplit: bool = False


class MergeReleased(EventBase):
    """The target refused; the source goes on as before."""

    type: Literal["MergeReleased"] = "MergeReleased"
    code: str


class Merged(EventBase):
    """The root holds the members now; open assignments end as merged. followed: reports parked here, which go to the root."""

    type: Literal["Merged"] = "Merged"
    root: str
    followed: list[str] = []


class MembersAbsorbed(OfHandling):
    """Target side of a merge. assignments: the parts that join; first_dispatch: the earliest of both problems.

    sign_due, basis, category, duty_item, pauses, extensions, returns: of a lead that joins a problem without one; what it was
    dispatched by and what was granted to it comes along."""

    type: Literal["MembersAbsorbed"] = "MembersAbsorbed"
    source: str
    members: list[Member]
    assignments: list[Assignment]
    first_dispatch: Utc | None = None
    sign_due: Utc | None = None
    handle_due: Utc | None = None
    basis: str | None = None
    category: str | None = None
    duty_item: str | None = None
    absorbed: list[str] = []
    pauses: list[Pause] = []
    extensions: list[Extension] = []
    returns: list[Return] = []


class UndoAsked(EventBase):
    type: Literal["UndoAsked"] = "UndoAsked"
    ask: str
    due: Utc


class MembersGivenBack(OfHandling):
    """Root (or what lies between) lets the members of an undone merge go, with what the source had absorbed itself."""

    type: Literal["MembersGivenBack"] = "MembersGivenBack"
    source: str
    members: list[Member]
    absorbed: list[str] = []


class MergeUndone(OfHandling):
    """The source is open again with its members, assignments and clocks as if never paused. gone: split off meanwhile."""

    type: Literal["MergeUndone"] = "MergeUndone"
    members: list[Member]
    gone: list[str] = []


class SplitAsked(EventBase):
    """These members are on their way to the target."""

    type: Literal["SplitAsked"] = "SplitAsked"
    target: str
    ask: str
    reports: list[str]
    due: Utc


class SplitFinished(EventBase):
    type: Literal["SplitFinished"] = "SplitFinished"
    target: str


class WatchPlaced(EventBase):
    """What a watch looks at, and where: said with its first alarm, and again when one says otherwise."""

    type: Literal["WatchPlaced"] = "WatchPlaced"
    device: str
    alarm_class: str
    category: str | None = None
    area: str | None = None
    area_path: str = ""
    grid: str | None = None


class AlarmEvent(EventBase):
    """One alarm, which counts for the track with this number. clears: when that counts as gone, if no alarm comes."""

    number: int
    report: str
    time: Utc
    score: float
    box: Box | None = None
    track: str | None = None
    clears: Utc


class AlarmObserved(AlarmEvent):
    """It opens nothing and waits for nobody: known already, not there long enough yet, or dismissed a while ago."""

    type: Literal["AlarmObserved"] = "AlarmObserved"


class AlarmHeld(AlarmEvent):
    """Too unsure to act on: a person looks."""

    type: Literal["AlarmHeld"] = "AlarmHeld"
    record: ReportRecord


class AlarmOpened(AlarmEvent):
    """Its report was asked for (AddReport)."""

    type: Literal["AlarmOpened"] = "AlarmOpened"


class AlarmCorrected(EventBase):
    """The sender corrected an alarm that waits for a person."""

    type: Literal["AlarmCorrected"] = "AlarmCorrected"
    number: int
    record: ReportRecord


class AlarmConfirmed(EventBase):
    """A person saw it: the held report was asked for."""

    type: Literal["AlarmConfirmed"] = "AlarmConfirmed"
    number: int
    report: str


class AlarmDismissed(EventBase):
    """A person saw nothing to act on."""

    type: Literal["AlarmDismissed"] = "AlarmDismissed"
    number: int


class TracksCleared(EventBase):
    """No alarm came of these for their time: they are gone from the picture."""

    type: Literal["TracksCleared"] = "TracksCleared"
    numbers: list[int]


Event = Annotated[
    ProblemRegistered
    | ReportAdded
    | ReportRevised
    | ReportMadeLive
    | ReportErased
    | handling.HandlingEvent
    | ClockExpired
    | ClockPutOff
    | AskedAgain
    | CommandParked
    | MergeAsked
    | MergeReleased
    | Merged
    | MembersAbsorbed
    | UndoAsked
    | MembersGivenBack
    | MergeUndone
    | SplitAsked
    | SplitFinished
    | WatchPlaced
    | AlarmObserved
    | AlarmHeld
    | AlarmOpened
    | AlarmCorrected
    | AlarmConfirmed
    | AlarmDismissed
    | TracksCleared
    | KnowledgeEvent
    | AdmissionEvent
    | PassingEvent
    | ProposalEvent,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads any event; raises pydantic.ValidationError."""

_TAIL = b',"hash":"'


def seal_chain(event: EventBase) -> bytes:
    """The stored line of an event whose `previous` is set; sets `event.hash`. Pure but for that."""
    line = event.__pydantic_serializer__.to_json(event, exclude={"hash"}, exclude_defaults=False)
    event.hash = hashlib.sha256(event.previous.encode() + line).hexdigest()
    return bytes(line[:-1]) + _TAIL + event.hash.encode() + b'"}'


def stored_hash(line: bytes, previous: str) -> tuple[str, str]:
    """(hash as stored, hash as computed over the line) of a stored event; ("", …) when the line has no hash at its end."""
    cut = line.rfind(_TAIL)
    if cut < 0 or not line.endswith(b'"}'):
        return "", hashlib.sha256(previous.encode() + line).hexdigest()
    stored = line[cut + len(_TAIL) : -2].decode("ascii", "replace")
    return stored, hashlib.sha256(previous.encode() + line[:cut] + b"}").hexdigest()


def version_of(line: bytes) -> int:
    """The version that a stored line carries."""
    return int(orjson.loads(line)["version"])


def read_event(line: bytes) -> Any:
    """A stored line to its event; raises pydantic.ValidationError."""
    return EVENT.validate_json(line)


__all__ = [
    "EVENT",
    "SCHEMA_VERSION",
    "AlarmConfirmed",
    "AlarmCorrected",
    "AlarmDismissed",
    "AlarmEvent",
    "AlarmHeld",
    "AlarmObserved",
    "AlarmOpened",
    "AskedAgain",
    "AssignmentReplied",
    "AssignmentSigned",
    "ClockExpired",
    "ClockPutOff",
    "CommandParked",
    "Dispatched",
    "Event",
    "EventBase",
    "MembersAbsorbed",
    "MembersGivenBack",
    "MergeAsked",
    "MergeReleased",
    "MergeUndone",
    "Merged",
    "ProblemClosed",
    "ProblemRegistered",
    "ReportAdded",
    "ReportErased",
    "ReportMadeLive",
    "ReportRevised",
    "SplitAsked",
    "SplitFinished",
    "TracksCleared",
    "UndoAsked",
    "WatchPlaced",
    "read_event",
    "seal_chain",
    "stored_hash",
    "version_of",
]
