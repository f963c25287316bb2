"""Due timers of the slots that this process owns become commands."""

from datetime import UTC, datetime
from typing import Final

from schemas.aggregate import Timer, timer_command
from schemas.commands import Actor, FireTimer
from schemas.identity import slot_of
from schemas.words import Role, Stage
from streams.effects import Packed
from streams.failpoints import FailPoint, reach
from streams.kafka.casework import CaseworkWork
from streams.kafka.hands import Hands
from streams.operations.listed import Family

EVERY: Final = 1.0
"""Seconds between two looks."""
AT_ONCE: Final = 1000
_ACTOR: Final = Actor(id="timer", role=Role.SYSTEM)
_REMEMBERED: Final = 50_000


class Timers:
    """A timer may be asked for twice, by two owners or because search lags: the command's id is derived, so it fires once."""

    def __init__(self, hands: Hands, casework: CaseworkWork) -> None:
        self._hands = hands
        self._casework = casework
        self._asked: dict[tuple[str, str, str, datetime], None] = {}

    async def look(self) -> int:
        """How many were asked for."""
        slots = self._casework.slots()
        if not slots:
            return 0
        hands, now = self._hands, datetime.now(UTC)
        due = await hands.apart(Stage.CASEWORK, lambda: hands.pool.store.due(now, AT_ONCE, slots))
        fresh = [(name, timer) for name, timer in due if _key(name, timer) not in self._asked]
        late = (now - min(timer.due for _, timer in due)).total_seconds() if due else 0.0
        hands.metrics.timers_late().set(late)
        commands = [self._command(name, timer, now) for name, timer in fresh]
        await hands.send(Stage.CASEWORK, Family.COMMANDS, hands.sender.commands(Packed.of(command) for command in commands))
        if commands:
            reach(FailPoint.KAFKA_TIMERS_SENT)
        hands.metrics.timers_fired().inc(len(commands))
        self._asked |= {_key(name, timer): None for name, timer in fresh}
        if len(self._asked) > _REMEMBERED:
            self._asked.clear()
        return len(commands)

    def forget(self) -> None:
        """What was asked for may be asked for again: after a rebalance."""
        self._asked.clear()

    def _command(self, aggregate: str, timer: Timer, now: datetime) -> FireTimer:
        return FireTimer(
            id=timer_command(aggregate, timer),
            slot=slot_of(aggregate),
            at=now,
            actor=_ACTOR,
            pack=self._hands.pool.pack.version,
            aggregate=aggregate,
            clock=timer.clock,
            due=timer.due,
            of=timer.of,
        )


def _key(aggregate: str, timer: Timer) -> tuple[str, str, str, datetime]:
    return aggregate, timer.clock.value, timer.of, timer.due
