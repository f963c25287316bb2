"""What a simulated city sends, and what is true of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from schemas.cloudevent import event_type
from schemas.identity import report_id
from schemas.words import Channel

SOURCE = "simulation"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a line is about. incident: reports of one incident share it, "" = of none (false alarm, bad message).

    category: a leaf of the pack. place: kind of the place's expression. area, grid: where it is, as fine as the words (or the
    device) tell; findable: whether a reader who knows the city can find `area`.
    """

    incident: str
    category: str | None = None
    urgency: str = "normal"
    place: str = ""
    area: str | None = None
    grid: str | None = None
    findable: bool = False
    caller: str | None = None
    kind: str = "report"
    """report, urging, revision, alarm, false_alarm, bad."""


@dataclass(frozen=True, slots=True)
class Line:
    """A record of an intake topic. key None: nothing is known of it (a bad message)."""

    at: datetime
    channel: Channel
    id: str
    key: str | None
    value: bytes
    truth: Truth

    def told(self) -> dict[str, Any]:
        """The line of truth.jsonl."""
        return {"id": self.id, "channel": self.channel.value, "at": self.at.isoformat()} | asdict(self.truth)


def report_line(at: datetime, channel: Channel, name: str, data: Mapping[str, Any], truth: Truth) -> Line:
    """A CloudEvent of the channel. data without None."""
    event = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": event_type(channel),
        "time": at.isoformat(),
        "data": {field: value for field, value in data.items() if value is not None},
    }
    return Line(at, channel, name, report_id(SOURCE, name), orjson.dumps(event), truth)


def bad_line(at: datetime, channel: Channel, name: str, value: bytes) -> Line:
    """Bytes that are no report."""
    return Line(at, channel, name, None, value, Truth("", kind="bad"))
