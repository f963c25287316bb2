"""What a unit writes on `progress.<unit>`. The unit is taken from the topic's name, never from the message."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints, ValidationError, model_validator

from schemas.base import Inbound
from schemas.cloudevent import contract_error
from schemas.errors import ContractError
from schemas.identity import slot_of_problem
from schemas.words import ExclusionReason, RecheckOutcome, ReturnReason, Way, Wish

Words = Annotated[str, StringConstraints(max_length=20_000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ProgressAction(StrEnum):
    """What a unit can say of its part."""

    SIGN = "sign"
    CONTACT = "contact"
    REPLY = "reply"
    NOTE = "note"
    RETURN = "return"
    OBJECT = "object"
    APPLY = "apply"
    WAIT = "wait"
    RESUME = "resume"
    COOPERATE = "cooperate"
    WHISTLE = "whistle"
    ANSWER_WHISTLE = "answer_whistle"
    ARRIVE = "arrive"
    END_WHISTLE = "end_whistle"
    RATE_WHISTLE = "rate_whistle"
    RATE = "rate"
    RECHECK = "recheck"


NEEDED: Final[dict[ProgressAction, tuple[str, ...]]] = {
    ProgressAction.CONTACT: ("reached",),
    ProgressAction.REPLY: ("text",),
    ProgressAction.NOTE: ("text",),
    ProgressAction.RETURN: ("reason", "text"),
    ProgressAction.APPLY: ("wish", "text"),
    ProgressAction.WAIT: ("text",),
    ProgressAction.COOPERATE: ("notes",),
    ProgressAction.WHISTLE: ("to", "text"),
    ProgressAction.ANSWER_WHISTLE: ("number", "coming"),
    ProgressAction.ARRIVE: ("number",),
    ProgressAction.END_WHISTLE: ("number", "text", "mark"),
    ProgressAction.RATE_WHISTLE: ("number", "mark"),
    ProgressAction.RATE: ("to", "mark"),
    ProgressAction.RECHECK: ("outcome",),
}
"""Fields without which an action says nothing."""


class ClarityWords(Inbound):
    """三个明确, in the unit's words: what the department does, what the grassroots does, what support it gets."""

    department: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    grassroots: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    support: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Progress(Inbound):
    """One step of a unit. id: its own key for retries; without one the record's place in the topic stands for it.

    text: of a reply for the caller, `note` for the office; of everything else what the unit says. amount: of an application."""

    problem: Code
    action: ProgressAction
    text: Words = ""
    note: Words = ""
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    by: Annotated[str, StringConstraints(max_length=100)] = ""
    reached: bool | None = None
    way: Way = Way.PHONE
    reason: ReturnReason | None = None
    suggested: Code | None = None
    wish: Wish | None = None
    amount: int = Field(default=0, ge=0, le=1000)
    ground: ExclusionReason | None = Field(default=None, description="of an application for exclusion from scores")
    notes: Annotated[dict[Code, Words], Field(max_length=50)] = Field(default={}, description="unit -> what is asked of it")
    clarity: ClarityWords | None = None
    to: Code | None = Field(default=None, description="the unit that is summoned, or rated")
    number: int | None = Field(default=None, ge=1, description="of the whistle")
    coming: bool | None = None
    mark: int | None = Field(default=None, ge=1, le=5)
    outcome: RecheckOutcome | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Progress":
        slot_of_problem(self.problem)
        for name in NEEDED.get(self.action, ()):
            value = getattr(self, name)
            if value is None or value in ("", {}):
                raise ValueError(f"{_SAID.get(self.action, self.action.value)}({self.action.value})须有 {name}")
        return self


_SAID: Final = {ProgressAction.REPLY: "答复", ProgressAction.RETURN: "退单", ProgressAction.WHISTLE: "吹哨"}


def parse_progress(raw: bytes) -> Progress:
    """Bytes of `progress.<unit>`; raises ContractError."""
    try:
        return Progress.model_validate_json(raw)
    except ValidationError as error:
        raise contract_error(error) from error
    except UnicodeDecodeError as error:
        raise ContractError("(整条)", "须为 UTF-8 编码的 JSON", "请检查编码后重发") from error
