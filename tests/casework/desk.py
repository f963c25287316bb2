"""One aggregate that is no problem, and who speaks to it: its commands, its events, what it asks of others."""

from datetime import datetime, timedelta
from typing import Any

from world import START, sample_pack

from casework.decide import Decision, decide
from casework.fold import apply
from city.pack import CityPack
from schemas.aggregate import UNCOMPARED
from schemas.commands import COMMAND, Actor, Command
from schemas.events import read_event, stored_hash
from schemas.state import unborn
from schemas.words import Role


class Desk:
    """`now` only moves when a test moves it."""

    def __init__(self, aggregate: str, pack: CityPack | None = None) -> None:
        self.pack = pack or sample_pack()
        self.state: Any = unborn(aggregate)
        self.now: datetime = START
        self.lines: list[bytes] = []
        self.asks: list[Command] = []
        self._count = 0

    def hear(self, kind: str, by: Role | str | Actor, /, **data: Any) -> Decision:
        """by: a role (of a person who belongs to no unit), a unit's code, or an actor."""
        actor = by if isinstance(by, Actor) else _actor(by)
        self._count += 1
        base = {"type": kind, "id": f"c{self._count}", "slot": self.state.slot, "at": self.now, "actor": actor}
        before = self.state.model_dump()
        command = COMMAND.validate_python(base | {"aggregate": self.state.id} | data)
        decision = decide(self.state, command, (0, self._count), self.pack)
        assert (decision.status == "applied") is (decision.code is None)
        if decision.code is not None:
            assert self.state.model_dump() == before
            assert (decision.lines, decision.asks) == ([], [])
        self.lines += [line for _, _, line in decision.lines]
        self.asks += decision.asks
        return decision

    def passes(self, **time: float) -> list[Decision]:
        """Time goes by; what is due then fires."""
        self.now += timedelta(**time)
        due = [timer for timer in self.state.timers if not timer.expired and timer.due <= self.now]
        return [self.hear("FireTimer", Role.SYSTEM, clock=timer.clock, due=timer.due, of=timer.of) for timer in due]

    @property
    def types(self) -> list[str]:
        return [read_event(line).type for line in self.lines]

    def check(self) -> None:
        """The events alone give the same document, and their chain holds."""
        folded: Any = unborn(self.state.id)
        for line in self.lines:
            stored, computed = stored_hash(line, folded.head)
            assert stored == computed
            apply(folded, read_event(line))
        assert folded.model_dump(exclude=UNCOMPARED) == self.state.model_dump(exclude=UNCOMPARED)
        assert type(folded).model_validate_json(self.state.model_dump_json()) == self.state


def _actor(by: Role | str) -> Actor:
    return Actor(id=f"a {by.value}", role=by) if isinstance(by, Role) else Actor(id=f"of {by}", role=Role.UNIT, unit=by)
