"""A knowledge item: one question with its answer, where that stands, until when it holds, and which unit owns it.

Its words are public texts and stand plain; what looks like personal data in them is masked all the same, in casework.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.aggregate import Aggregate
from schemas.base import Record, Utc
from schemas.command_base import OfAggregate
from schemas.words import KnowledgeState

EDITIONS_KEPT = 20
"""Earlier editions that an item keeps; the log has them all."""
PROBLEMS_KEPT = 50
"""Newest problems that an item knows again by their id, so that none of these is counted twice."""
MOST_WRONG = 50
"""Reports of being wrong that may be open at a time."""

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Edition(Record):
    """The words of an item as somebody wrote them. valid_until: the last day on which they hold."""

    edition: int
    at: Utc
    by: str
    question: str
    answer: str
    source: str
    valid_until: date | None = None
    unit: str
    categories: list[str] = []


class WrongReport(Record):
    """Somebody says that the answer is wrong; open until the owner has settled it."""

    number: int
    by: str
    at: Utc
    note: str
    problem: str | None = None


class Knowledge(Aggregate):
    """The words in force, or a draft's. used: answers to callers given with it."""

    state: KnowledgeState = KnowledgeState.DRAFT
    edition: int = 0
    at: Utc | None = Field(default=None, description="when this edition was written")
    by: str = ""
    question: str = ""
    answer: str = ""
    source: str = ""
    valid_until: date | None = None
    unit: str = Field(default="", description="code of the unit that owns it")
    categories: list[str] = []
    proposed: Edition | None = Field(default=None, description="a change that waits for approval; the item stays as it is")
    editions: list[Edition] = Field(default=[], description="earlier ones, newest last")
    editions_made: int = 0
    expired: bool = Field(default=False, description="valid_until has passed; shown with a warning")
    used: int = 0
    used_in: list[str] = Field(default=[], description="the newest of the problems answered with it")
    wrong: list[WrongReport] = []
    wrong_made: int = 0

    @property
    def usable(self) -> bool:
        """May be shown to who answers a caller, with a warning when it is doubted."""
        return self.state in (KnowledgeState.VALID, KnowledgeState.DOUBTED)


class OfKnowledge(OfAggregate):
    """A command to a knowledge item, which lives in the pack's slot `city`."""

    @model_validator(mode="after")
    def _is_knowledge(self) -> Self:
        if not self.aggregate.startswith("k"):
            raise ValueError("aggregate 须为知识条目的编号")
        return self


class WriteKnowledge(OfKnowledge):
    """Found an item or write it anew. In force at once when the supervisor or the unit that owns it writes, else after
    approval."""

    type: Literal["WriteKnowledge"] = "WriteKnowledge"
    question: Question
    answer: Answer
    source: Question
    valid_until: date | None = None
    unit: str
    categories: list[str] = Field(default=[], max_length=20)


class ApproveKnowledge(OfKnowledge):
    """The draft or the proposed change is put in force, or declined. edition: the one that was read."""

    type: Literal["ApproveKnowledge"] = "ApproveKnowledge"
    edition: int
    approved: bool = True
    note: str = Field(default="", max_length=1000)


class WithdrawKnowledge(OfKnowledge):
    """It is not to be used any more; what is open about it is settled with that."""

    type: Literal["WithdrawKnowledge"] = "WithdrawKnowledge"
    note: Note


class UseKnowledge(OfKnowledge):
    """A caller of this problem was answered with it."""

    type: Literal["UseKnowledge"] = "UseKnowledge"
    problem: str


class ReportKnowledgeWrong(OfKnowledge):
    """The answer is wrong, or right no longer."""

    type: Literal["ReportKnowledgeWrong"] = "ReportKnowledgeWrong"
    note: Note
    problem: str | None = None


class SettleKnowledge(OfKnowledge):
    """The owner has looked into a report. corrected: the item was wrong and was written anew; else it was right."""

    type: Literal["SettleKnowledge"] = "SettleKnowledge"
    number: int
    corrected: bool
    note: Note


KnowledgeCommand = WriteKnowledge | ApproveKnowledge | WithdrawKnowledge | UseKnowledge | ReportKnowledgeWrong | SettleKnowledge
