"""What every aggregate has: a version, timers, and the runner's bookkeeping beside its fold."""

from typing import Literal

from pydantic import Field

from schemas.base import Record, Utc
from schemas.identity import command_id
from schemas.words import Clock


class Timer(Record):
    """A due time of a clock; `expired` once FireTimer was applied. of: which one, where there are several of a kind."""

    clock: Clock
    due: Utc
    expired: bool = False
    of: str = ""


def timer_command(aggregate: str, timer: Timer) -> str:
    """The id of the command with which this timer fires: whoever makes it makes the same, so it fires once."""
    which = (timer.clock.value, timer.of) if timer.of else (timer.clock.value,)
    return command_id("timer", aggregate, *which, timer.due.isoformat())


class RecentCommand(Record):
    """A decided command, so that a redelivery is answered and not decided again."""

    id: str
    status: Literal["applied", "refused", "forwarded"]
    version: int
    code: str = ""


RECENT_LIMIT = 64
"""How many decided commands a document remembers from before the batch in hand."""


class Pending(Record):
    """What a decision put on a topic, as it goes there, until that is known to be acked. offset: of the command decided."""

    offset: int
    topic: Literal["events", "commands", "dead-letter"]
    line: str


UNCOMPARED = frozenset({"write", "applied_to", "recent", "outbox", "head"})
"""The closed list of fields that differ between runners: bookkeeping, and the chain (which covers origins)."""


class Aggregate(Record):
    """version counts events; version 0 = it does not exist, the document only keeps what arrived for it."""

    id: str
    slot: int
    version: int = 0
    timers: list[Timer] = []
    parked: list[str] = Field(default=[], description="commands (JSON) that wait: for a merge to end, or for it to exist")
    head: str = ""
    write: int = 0
    applied_to: tuple[int, int] | None = None
    recent: list[RecentCommand] = []
    outbox: list[Pending] = []
