"""The runner's one clock, wall or played; the pool records which."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """now: UTC. name: what the pool records."""

    name: str

    def now(self) -> datetime: ...


class WallClock:
    """The machine's time."""

    name = "wall"

    def now(self) -> datetime:
        return datetime.now(UTC)


class PlayedClock:
    """A time that is set from outside and never goes back: for playing a day, and for tests."""

    name = "played"

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def play_to(self, at: datetime) -> None:
        """Move on to `at`; an earlier time changes nothing."""
        self._now = max(self._now, at.astimezone(UTC))
