"""What stages take and give. A stage is `handle(batch, reader) -> Effects`, pure; runners perform effects in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import orjson

from pool.ports import ContactEntry, Reader, Writes
from schemas.commands import AddReport, Command, aggregate_of


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record of a topic. at: when it was appended, by the appender's clock; value None = tombstone."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None
    at: datetime
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def place(self) -> str:
        """topic-partition-offset, the id of its dead letter."""
        return f"{self.topic}-{self.partition}-{self.offset}"


@dataclass(frozen=True, slots=True)
class Message:
    """A record for a topic that other people read. value None = tombstone."""

    topic: str
    key: str
    value: bytes | None


class Packed(NamedTuple):
    """A command in its stored form. slot says which partition, key what it is about: a report or a problem."""

    slot: int
    key: str
    line: bytes

    @classmethod
    def of(cls, command: Command) -> "Packed":
        key = command.record.report if isinstance(command, AddReport) else aggregate_of(command) or ""
        return cls(command.slot, key, command.__pydantic_serializer__.to_json(command))

    @classmethod
    def of_line(cls, line: bytes) -> "Packed":
        """From the stored form itself."""
        fields = orjson.loads(line)
        key = next((fields[name] for name in ("problem", "watch", "aggregate") if name in fields), None)
        return cls(fields["slot"], key or fields["record"]["report"], line)


@dataclass(slots=True)
class Effects:
    """What one batch asks for. keys and contacts are create-only: where one loses, the batch runs again with what is stored."""

    keys: dict[str, bytes] = field(default_factory=dict)
    contacts: list[ContactEntry] = field(default_factory=list)
    erasures: list[str] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)
    commands: list[Command] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    """Commands in their stored form, before `commands`."""
    messages: list[Message] = field(default_factory=list)
    replays: int = 0
    """casework: commands that were decided before and only went out again."""
    heard: set[str] = field(default_factory=set)
    """casework: commands of people and units, whose outcomes go out for them to hear."""
    versions: dict[str, int] = field(default_factory=dict)
    """publish: the version of each problem that the views show."""
    behind: set[str] = field(default_factory=set)
    """publish: problems of which a report's document is not there yet, or is older than the problem says."""

    def pack_commands(self) -> None:
        """Bring the commands into their stored form."""
        self.packed += [Packed.of(command) for command in self.commands]
        self.commands = []


class StageHandler(Protocol):
    """Pure: reads only through the reader; the same batch and the same answers give the same effects, but for keys drawn."""

    def handle(self, batch: Sequence[LogRecord], reader: Reader) -> Effects: ...


def at_of(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds_of(at: datetime) -> int:
    """UTC moment as milliseconds since 1970."""
    return round(at.timestamp() * 1000)
