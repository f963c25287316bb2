"""One command's change to one aggregate: events are drafted, chained and folded as they are made."""

from typing import Any, TypeVar

from casework.fold import apply
from city.pack import CityPack
from schemas.commands import Command
from schemas.events import EventBase, seal_chain
from schemas.identity import command_id
from schemas.problem import Problem
from schemas.words import Refusal

E = TypeVar("E", bound=EventBase)


class Refused(Exception):
    """The command is refused; raised before the first event, so nothing has changed."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code


class Change:
    """What deciding one command does: `problem` is changed in place, `lines` are the new events, `asks` the commands to others.

    A refusal after the first event would leave half a change, and is a defect.
    """

    def __init__(self, problem: Problem, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        self.problem = problem
        self.command = command
        self.origin = origin
        self.pack = pack
        self.lines: list[tuple[str, int, bytes]] = []
        self.asks: list[Command] = []

    def emit(self, kind: type[E], **data: Any) -> E:
        """Draft the next event, chain it, fold it into the problem."""
        problem, command = self.problem, self.command
        envelope: dict[str, Any] = {
            "aggregate": problem.id,
            "slot": problem.slot,
            "version": problem.version + 1,
            "command": command.id,
            "origin": self.origin,
            "actor": command.actor,
            "at": command.at,
            "pack": command.pack,
            "model": command.model,
            "policy": self.pack.version,
            "previous": problem.head,
        }
        event = kind.model_construct(None, **envelope, **data)
        line = seal_chain(event)
        apply(problem, event)
        self.lines.append((problem.id, event.version, line))
        return event  # type: ignore[return-value]

    def refuse(self, code: Refusal) -> Refused:
        """To be raised by the caller."""
        if self.lines:
            raise RuntimeError(f"refusal {code} after an event of {self.command.id}")
        return Refused(code)

    def ask_id(self, purpose: str) -> str:
        """The id of a command that this change will ask of another aggregate: derived from the event that asks."""
        return command_id(self.problem.id, str(self.problem.version + 1), purpose)
