"""What a unit writes on `progress.<unit>`. The unit is taken from the topic's name, never from the message."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints, ValidationError, model_validator

from schemas.base import Inbound
from schemas.cloudevent import contract_error
from schemas.errors import ContractError
from schemas.identity import slot_of_problem


class ProgressAction(StrEnum):
    """What a unit can say of its part."""

    SIGN = "sign"
    REPLY = "reply"


class Progress(Inbound):
    """One step of a unit. id: its own key for retries; without one the record's place in the topic stands for it."""

    problem: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    action: ProgressAction
    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    by: Annotated[str, StringConstraints(max_length=100)] = ""

    @model_validator(mode="after")
    def _complete(self) -> "Progress":
        slot_of_problem(self.problem)
        if self.action is ProgressAction.REPLY and not self.text:
            raise ValueError("答复(reply)须有 text")
        return self


def parse_progress(raw: bytes) -> Progress:
    """Bytes of `progress.<unit>`; raises ContractError."""
    try:
        return Progress.model_validate_json(raw)
    except ValidationError as error:
        raise contract_error(error) from error
    except UnicodeDecodeError as error:
        raise ContractError("(整条)", "须为 UTF-8 编码的 JSON", "请检查编码后重发") from error
