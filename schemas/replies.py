"""What the check of a unit's reply found (答复质量检查), before a problem may be closed."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from schemas.base import Record

BLOCKS_FROM: Final = 0.9
"""Confidence from which a finding is meant to hold a problem open until a person has looked. Checkers set their confidences so
that of replies that explain themselves at most 5 % carry such a finding (docs/replies.md)."""


class ReplyFault(StrEnum):
    """What can be wrong with a reply: of 答非所问, 逻辑, 是否解决, 时效, 态度 what its words can show."""

    OFF_TOPIC = "off_topic"
    """答非所问: about another matter than the request."""
    NO_ANSWER = "no_answer"
    """Does not answer: only received, passed on, or to be looked at."""
    NO_REASON = "no_reason"
    """A refusal or a statement without explanation or basis."""
    TEMPLATE = "template"
    """Set phrases without anything of this case."""
    NO_CONTACT = "no_contact"
    """The caller left a contact and nobody used it. Known to casework alone: no checker of words finds it."""


class ReplyFinding(Record):
    """evidence: words of the reply, or names of rules; never the caller's words."""

    fault: ReplyFault
    confidence: float = Field(ge=0, le=1)
    evidence: list[str] = []

    @property
    def blocks(self) -> bool:
        return self.confidence >= BLOCKS_FROM


class ReplyFindings(Record):
    """faults: the surest first, each fault once. explains: probability that the reply explains its reasons, None where no model
    was asked. model: name and version of the rules and of the model, with `+degraded` where a model could not be used."""

    faults: list[ReplyFinding] = []
    explains: float | None = Field(default=None, ge=0, le=1)
    model: str = ""
