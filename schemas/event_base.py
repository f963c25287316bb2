"""What every event has."""

from pydantic import Field

from schemas.base import Record, Utc
from schemas.command_base import Actor
from schemas.handling import TimerChange

SCHEMA_VERSION = 2


class EventBase(Record):
    """The envelope. Event id = (aggregate, version). origin = (partition, offset) of the command.
    pack, model: versions used by who asked; policy: pack version whose rules decided."""

    schema_version: int = SCHEMA_VERSION
    aggregate: str
    slot: int
    version: int = Field(ge=1)
    command: str
    origin: tuple[int, int]
    actor: Actor
    at: Utc
    pack: str = ""
    model: str = ""
    policy: str = ""
    previous: str = ""
    hash: str = ""


class OfHandling(EventBase):
    """An event that may move clocks. timers: every change of them, decided with the pack and only put in place by the fold."""

    timers: list[TimerChange] = []
