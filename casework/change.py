"""One command's change to one aggregate: events are drafted, chained and folded as they are made."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from casework.clocks import due_of
from casework.fold import apply
from city.pack import CityPack
from city.terms import Clock as LimitClock
from schemas.commands import Command
from schemas.events import EventBase, seal_chain
from schemas.identity import command_id
from schemas.problem import Assignment, Problem
from schemas.state import State
from schemas.words import OPEN_ASSIGNMENTS, Mode, ProblemState, Refusal

E = TypeVar("E", bound=EventBase)


class Refused(Exception):
    """The command is refused; raised before the first event, so nothing has changed."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(slots=True)
class Decision:
    """What became of a command. status: applied, refused (code says why), parked, or forwarded to the root of a merge."""

    status: Literal["applied", "refused", "parked", "forwarded"]
    lines: list[tuple[str, int, bytes]] = field(default_factory=list)
    asks: list[Command] = field(default_factory=list)
    code: Refusal | None = None
    given_up: list[str] = field(default_factory=list)
    """Commands (JSON) that waited in vain for a problem that never came: dead letters."""


class Draft:
    """What deciding one command does: the aggregate is changed in place; `lines`: the new events; `asks`: commands to others.

    A refusal after the first event would leave half a change, and is a defect.
    """

    def __init__(self, aggregate: State, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        self.aggregate = aggregate
        self.command = command
        self.origin = origin
        self.pack = pack
        self.lines: list[tuple[str, int, bytes]] = []
        self.asks: list[Command] = []

    def emit(self, kind: type[E], /, **data: Any) -> E:
        """Draft the next event, chain it, fold it into the aggregate."""
        aggregate, command = self.aggregate, self.command
        envelope: dict[str, Any] = {
            "aggregate": aggregate.id,
            "slot": aggregate.slot,
            "version": aggregate.version + 1,
            "command": command.id,
            "origin": self.origin,
            "actor": command.actor,
            "at": command.at,
            "pack": command.pack,
            "model": command.model,
            "policy": self.pack.version,
            "previous": aggregate.head,
        }
        event = kind.model_construct(None, **envelope, **data)
        line = seal_chain(event)
        apply(aggregate, event)
        self.lines.append((aggregate.id, event.version, line))
        return event  # type: ignore[return-value]

    def refuse(self, code: Refusal) -> Refused:
        """To be raised by the caller."""
        if self.lines:
            raise RuntimeError(f"refusal {code} after an event of {self.command.id}")
        return Refused(code)

    def ask_id(self, purpose: str) -> str:
        """The id of a command that this change will ask of another aggregate: derived from the event that asks."""
        return command_id(self.aggregate.id, str(self.aggregate.version + 1), purpose)


class Change(Draft):
    """A change to a problem."""

    def __init__(self, problem: Problem, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(problem, command, origin, pack)
        self.problem = problem

    def not_archived(self) -> None:
        """Refuses what was live and is archived; history was never open and may still be sorted."""
        if self.problem.state is ProblemState.ARCHIVED and self.problem.mode is Mode.LIVE:
            raise self.refuse(Refusal.FORBIDDEN_STATE)

    def own_part(self) -> Assignment | None:
        """The open part of the unit that asks; None when it has none, or no unit asks."""
        return self.part_of(self.command.actor.unit)

    def part_of(self, unit: str | None) -> Assignment | None:
        """The open part of this unit."""
        return next((a for a in self.problem.assignments if a.unit == unit and a.state in OPEN_ASSIGNMENTS), None)

    def unit(self) -> str:
        """The unit that asks; refuses when none does."""
        if self.command.actor.unit is None:
            raise self.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
        return self.command.actor.unit

    def due(self, clock: LimitClock) -> datetime:
        """When this limit is due, for what the problem is, running from now."""
        return due_of(self.pack, self.problem, clock, self.command.at)
