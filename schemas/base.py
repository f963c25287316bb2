"""Bases of all contract models."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("时间必须带时区")
    return value.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_utc)]
"""A moment with a zone, held in UTC."""


def _written(value: object) -> object:
    if isinstance(value, str) and value.strip()[:1].isdigit() and "-" not in value:
        raise ValueError("须为 ISO 8601 时间,例如 2026-05-01T08:30:00+08:00")
    if not isinstance(value, str | datetime):
        raise ValueError("须为 ISO 8601 时间(文字),例如 2026-05-01T08:30:00+08:00")
    return value


Written = Annotated[datetime, BeforeValidator(_written, json_schema_input_type=datetime)]
"""A moment as other systems write it. A bare number is refused: nobody knows whether it counts seconds or milliseconds."""


class Inbound(BaseModel):
    """What other systems send: unknown fields are kept, wrong ones are errors."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True, populate_by_name=True)


class Record(BaseModel):
    """What this application writes and reads itself. Unknown fields of a later version are passed over."""

    model_config = ConfigDict(extra="ignore")
