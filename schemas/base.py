"""Bases of all contract models."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("时间必须带时区")
    return value.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_utc)]
"""A moment with a zone, held in UTC."""


class Inbound(BaseModel):
    """What other systems send: unknown fields are kept, wrong ones are errors."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True, populate_by_name=True)


class Record(BaseModel):
    """What this application writes and reads itself. Unknown fields of a later version are passed over."""

    model_config = ConfigDict(extra="ignore")
