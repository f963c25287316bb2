"""Events of handling. Sealed with the problem's key: `text`, `note`, `asked`, `notes`, `outcome`, `minutes`, and clarity as
written by people."""

from typing import Literal

from schemas.base import Utc
from schemas.event_base import OfHandling
from schemas.handling import Clarity, Proposal
from schemas.replies import ReplyFault
from schemas.words import (
    DeclineReason,
    ExclusionReason,
    HandOverTo,
    HopEnd,
    PauseReason,
    RecheckOutcome,
    ReturnReason,
    SupervisionReason,
    Verdict,
    Way,
    Wish,
)


class Dispatched(OfHandling):
    """Exactly one lead and its cooperators from now on; earlier open parts of other units are withdrawn. final: by joint
    decision or fallback, and cannot be returned. cooperate_due: the cooperators' own limit."""

    type: Literal["Dispatched"] = "Dispatched"
    basis: str
    lead: str
    cooperators: list[str] = []
    notes: dict[str, str] = {}
    category: str | None = None
    duty_item: str | None = None
    sign_due: Utc
    handle_due: Utc
    clarity: Clarity | None = None
    cooperate_due: Utc | None = None
    final: bool = False


class AssignmentSigned(OfHandling):
    type: Literal["AssignmentSigned"] = "AssignmentSigned"
    unit: str


class CallerContacted(OfHandling):
    """reached False: tried in vain."""

    type: Literal["CallerContacted"] = "CallerContacted"
    unit: str
    reached: bool
    way: Way
    note: str = ""


class AssignmentReplied(OfHandling):
    """faults: what the check of the words and of what was done is sure of; doubts: what it is not sure of."""

    type: Literal["AssignmentReplied"] = "AssignmentReplied"
    unit: str
    text: str
    note: str = ""
    faults: list[ReplyFault] = []
    doubts: list[ReplyFault] = []
    checker: str = ""


class CooperatorsAdded(OfHandling):
    """notes: unit -> what is asked of it."""

    type: Literal["CooperatorsAdded"] = "CooperatorsAdded"
    notes: dict[str, str]
    clarity: Clarity | None = None
    cooperate_due: Utc
    admission: str = ""


class ReturnAsked(OfHandling):
    type: Literal["ReturnAsked"] = "ReturnAsked"
    unit: str
    reason: ReturnReason
    suggested: str | None = None
    note: str = ""


class ReturnDecided(OfHandling):
    """Of `redispatched` and `fallback` the dispatch follows as an event of its own."""

    type: Literal["ReturnDecided"] = "ReturnDecided"
    verdict: Verdict
    note: str = ""


class ConferenceDecided(OfHandling):
    """The dispatch follows as an event of its own."""

    type: Literal["ConferenceDecided"] = "ConferenceDecided"
    minutes: str


class ProblemRecalled(OfHandling):
    """Open parts are withdrawn; the problem waits for a person."""

    type: Literal["ProblemRecalled"] = "ProblemRecalled"
    basis: str
    note: str = ""


class Recategorised(OfHandling):
    """A person has set the category. What hangs on it (duty item, machine's proposal) is gone; dispatch or recall follows."""

    type: Literal["Recategorised"] = "Recategorised"
    category: str
    before: str | None = None


class UnitSucceeded(OfHandling):
    """The open part of an abolished unit is its successor's, as it stood. successor None: nobody's, the problem waits."""

    type: Literal["UnitSucceeded"] = "UnitSucceeded"
    unit: str
    successor: str | None


class AnsweredDirectly(OfHandling):
    type: Literal["AnsweredDirectly"] = "AnsweredDirectly"
    text: str
    knowledge: str = ""


class ProblemDeclined(OfHandling):
    type: Literal["ProblemDeclined"] = "ProblemDeclined"
    reason: DeclineReason
    text: str


class ProblemHandedOver(OfHandling):
    type: Literal["ProblemHandedOver"] = "ProblemHandedOver"
    to: HandOverTo
    number: str
    note: str = ""


class Noted(OfHandling):
    type: Literal["Noted"] = "Noted"
    text: str


class Objected(OfHandling):
    type: Literal["Objected"] = "Objected"
    number: int
    unit: str
    note: str = ""


class ObjectionDecided(OfHandling):
    """Upheld: the unit's part is withdrawn."""

    type: Literal["ObjectionDecided"] = "ObjectionDecided"
    number: int
    upheld: bool
    note: str = ""


class Applied(OfHandling):
    type: Literal["Applied"] = "Applied"
    wish: Wish
    unit: str
    amount: int = 0
    reason: ExclusionReason | None = None
    note: str = ""


class ApplicationDecided(OfHandling):
    """unit_of_time: of an extension, the limit unit of the pack at that time."""

    type: Literal["ApplicationDecided"] = "ApplicationDecided"
    wish: Wish
    granted: bool
    unit_of_time: str = ""
    note: str = ""


class HandlingPaused(OfHandling):
    type: Literal["HandlingPaused"] = "HandlingPaused"
    why: PauseReason
    note: str = ""


class HandlingResumed(OfHandling):
    type: Literal["HandlingResumed"] = "HandlingResumed"


class WhistleBlown(OfHandling):
    type: Literal["WhistleBlown"] = "WhistleBlown"
    number: int
    by: str
    to: str
    asked: str


class WhistleAnswered(OfHandling):
    type: Literal["WhistleAnswered"] = "WhistleAnswered"
    number: int
    coming: bool
    note: str = ""


class WhistleArrived(OfHandling):
    type: Literal["WhistleArrived"] = "WhistleArrived"
    number: int


class WhistleEnded(OfHandling):
    type: Literal["WhistleEnded"] = "WhistleEnded"
    number: int
    outcome: str
    mark: int


class WhistleRated(OfHandling):
    type: Literal["WhistleRated"] = "WhistleRated"
    number: int
    mark: int


class HopStarted(OfHandling):
    """A post of the ladder has it. proposal: said with the first hop."""

    type: Literal["HopStarted"] = "HopStarted"
    post: str
    level: str
    due: Utc
    proposal: Proposal | None = None


class HopEnded(OfHandling):
    type: Literal["HopEnded"] = "HopEnded"
    end: HopEnd
    note: str = ""


class ReportSupplemented(OfHandling):
    type: Literal["ReportSupplemented"] = "ReportSupplemented"
    report: str
    text: str


class ReportUrged(OfHandling):
    type: Literal["ReportUrged"] = "ReportUrged"
    report: str


class ReportWithdrawn(OfHandling):
    """With the last one that the problem holds it is closed (ProblemClosed follows)."""

    type: Literal["ReportWithdrawn"] = "ReportWithdrawn"
    report: str


class CalledBack(OfHandling):
    type: Literal["CalledBack"] = "CalledBack"
    report: str
    way: Way
    reached: bool
    contacted: bool | None = None
    solved: bool | None = None
    rating: int | None = None
    text: str = ""


class ReplyChecked(OfHandling):
    """passed: every caller's answer goes out."""

    type: Literal["ReplyChecked"] = "ReplyChecked"
    passed: bool
    note: str = ""


class RedoAsked(OfHandling):
    """The lead works on it again. counts: because of a caller or of a look back, and not of the check alone."""

    type: Literal["RedoAsked"] = "RedoAsked"
    why: Literal["sent_back", "unsatisfied", "rebounded", "sham"]
    counts: bool


class ProblemClosed(OfHandling):
    """Callers who had no answer yet get it with this. ending None: of the first version, closed after a reply."""

    type: Literal["ProblemClosed"] = "ProblemClosed"
    reason: str = ""
    ending: str = "replied"


class CardShown(OfHandling):
    """due: the due time of handling that it warns of, or that has passed."""

    type: Literal["CardShown"] = "CardShown"
    colour: Literal["yellow", "red"]
    unit: str | None
    due: Utc


class Escalated(OfHandling):
    """due: the due time of handling that has passed or will; None where nobody has dispatched it."""

    type: Literal["Escalated"] = "Escalated"
    level: int
    to: str
    due: Utc | None


class SupervisionStarted(OfHandling):
    type: Literal["SupervisionStarted"] = "SupervisionStarted"
    reason: SupervisionReason
    due: Utc | None = None
    note: str = ""


class SupervisionEnded(OfHandling):
    type: Literal["SupervisionEnded"] = "SupervisionEnded"
    note: str = ""


class RecheckAsked(OfHandling):
    type: Literal["RecheckAsked"] = "RecheckAsked"
    checker: str | None = None


class RecheckDone(OfHandling):
    type: Literal["RecheckDone"] = "RecheckDone"
    outcome: RecheckOutcome
    note: str = ""


class ProblemArchived(OfHandling):
    type: Literal["ProblemArchived"] = "ProblemArchived"


class UnitRated(OfHandling):
    type: Literal["UnitRated"] = "UnitRated"
    by: str
    of: str
    mark: int


HandlingEvent = (
    Dispatched
    | AssignmentSigned
    | CallerContacted
    | AssignmentReplied
    | CooperatorsAdded
    | ReturnAsked
    | ReturnDecided
    | ConferenceDecided
    | ProblemRecalled
    | Recategorised
    | UnitSucceeded
    | AnsweredDirectly
    | ProblemDeclined
    | ProblemHandedOver
    | Noted
    | Objected
    | ObjectionDecided
    | Applied
    | ApplicationDecided
    | HandlingPaused
    | HandlingResumed
    | WhistleBlown
    | WhistleAnswered
    | WhistleArrived
    | WhistleEnded
    | WhistleRated
    | HopStarted
    | HopEnded
    | ReportSupplemented
    | ReportUrged
    | ReportWithdrawn
    | CalledBack
    | ReplyChecked
    | RedoAsked
    | ProblemClosed
    | CardShown
    | Escalated
    | SupervisionStarted
    | SupervisionEnded
    | RecheckAsked
    | RecheckDone
    | ProblemArchived
    | UnitRated
)
