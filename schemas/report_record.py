"""A clean report on its way: in commands, and in the events that follow from them."""

from typing import Any

from pydantic import Field

from schemas.base import Record, Utc
from schemas.findings import Findings
from schemas.words import Channel, Mode, RequestType


class ReportRecord(Record):
    """A clean report as intake leaves it: the words sealed with the report's key, the rest in codes."""

    report: str
    channel: Channel
    mode: Mode
    time: Utc
    received: Utc
    sequence: int = Field(default=0, description="place in its intake topic: the order of what was received in one moment")
    revision: int | None = Field(default=None, description="the sender's number; None = the sender does not count")
    caller: str | None = None
    secret: bool = False
    content: str = Field(description="keyed hash over the words, places, category and caller given")
    request_type: RequestType | None = None
    attachments: list[dict[str, Any]] = []
    findings: Findings = Findings()
    sealed: str = Field(description="ReportContent under the report's key")
