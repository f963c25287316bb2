"""Events of a knowledge item."""

from datetime import date
from typing import Literal

from schemas.event_base import EventBase, OfHandling


class WordedEvent(OfHandling):
    """An edition, whole. Its writer and moment are the event's."""

    edition: int
    question: str
    answer: str
    source: str
    valid_until: date | None = None
    unit: str
    categories: list[str] = []


class KnowledgeWritten(WordedEvent):
    """In force at once: the supervisor or the owner wrote it."""

    type: Literal["KnowledgeWritten"] = "KnowledgeWritten"


class KnowledgeDrafted(WordedEvent):
    """It waits for approval: as a draft, or beside the words in force."""

    type: Literal["KnowledgeDrafted"] = "KnowledgeDrafted"


class KnowledgeApproved(OfHandling):
    """What waited is in force."""

    type: Literal["KnowledgeApproved"] = "KnowledgeApproved"
    edition: int
    note: str = ""


class KnowledgeDeclined(EventBase):
    """What waited is dropped: a draft is withdrawn, words in force stay."""

    type: Literal["KnowledgeDeclined"] = "KnowledgeDeclined"
    edition: int
    note: str = ""


class KnowledgeWithdrawn(OfHandling):
    """Not to be used any more."""

    type: Literal["KnowledgeWithdrawn"] = "KnowledgeWithdrawn"
    note: str


class KnowledgeUsed(EventBase):
    """A caller of this problem was answered with it."""

    type: Literal["KnowledgeUsed"] = "KnowledgeUsed"
    problem: str


class KnowledgeReportedWrong(EventBase):
    """Doubted until the owner has settled this report."""

    type: Literal["KnowledgeReportedWrong"] = "KnowledgeReportedWrong"
    number: int
    note: str
    problem: str | None = None


class KnowledgeSettled(EventBase):
    """The owner has looked into the report."""

    type: Literal["KnowledgeSettled"] = "KnowledgeSettled"
    number: int
    corrected: bool
    note: str


class KnowledgeExpired(OfHandling):
    """The day until which it held is over: doubted, and never silently gone."""

    type: Literal["KnowledgeExpired"] = "KnowledgeExpired"


KnowledgeEvent = (
    KnowledgeWritten
    | KnowledgeDrafted
    | KnowledgeApproved
    | KnowledgeDeclined
    | KnowledgeWithdrawn
    | KnowledgeUsed
    | KnowledgeReportedWrong
    | KnowledgeSettled
    | KnowledgeExpired
)
