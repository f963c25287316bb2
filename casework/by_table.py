"""Decide a command by a table of who may ask what in which state, for aggregates that neither park nor forward."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from casework.change import Decision, Draft, Refused
from casework.timers import holds
from schemas import events as ev
from schemas.commands import FireTimer
from schemas.words import Refusal, Role

NEUTRAL: Final = frozenset({Role.REVIEWER, Role.SUPERVISOR})
"""Who judges what others asked for."""
UNIT: Final = frozenset({Role.UNIT})
MACHINE: Final = frozenset({Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class Row:
    """roles and states in which the command is decided. founds: also of what does not exist yet."""

    roles: frozenset[Role]
    states: frozenset[StrEnum]
    founds: bool = False


def decide_by_table(
    change: Draft, state: StrEnum, table: Mapping[str, Row], deciders: Mapping[str, Callable[[Any, Any], None]]
) -> Decision:
    """state: where the aggregate stands. A refused command changes nothing."""
    command = change.command
    row = table.get(command.type)
    try:
        if row is None:
            raise Refused(Refusal.FORBIDDEN_STATE)
        if command.actor.role not in row.roles:
            raise Refused(Refusal.FORBIDDEN_ROLE)
        if change.aggregate.version == 0 and not row.founds:
            raise Refused(Refusal.NOT_FOUND)
        if change.aggregate.version > 0 and state not in row.states:
            raise Refused(Refusal.FORBIDDEN_STATE)
        deciders[command.type](change, command)
    except Refused as refused:
        return Decision("refused", code=refused.code)
    return Decision("applied", change.lines, change.asks)


def expire(change: Draft, command: FireTimer) -> None:
    """A limit ran out: said once, nothing else changes."""
    if not holds(change.aggregate, command.clock, command.due, command.of):
        raise change.refuse(Refusal.TIMER_VOID)
    change.emit(ev.ClockExpired, clock=command.clock, due=command.due, of=command.of)
