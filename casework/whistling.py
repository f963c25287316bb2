"""吹哨报到 in both directions (泰顺, seed row 1.3): who has a part summons another unit; that answers, arrives, and both rate."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from city.terms import Clock as LimitClock
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import TimerChange, Whistle
from schemas.words import Clock, Refusal


def blow(change: Change, command: cmd.BlowWhistle) -> None:
    """One whistle for one unit; no assignment comes of it. Not oneself, not twice at a time."""
    unit, known = change.unit(), change.pack.units.get(command.to)
    if known is None or known.abolished is not None:
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    if command.to == unit:
        raise change.refuse(Refusal.OWN_WHISTLE)
    if any(w.to == command.to and w.ended is None and w.coming is not False for w in change.problem.whistles):
        raise change.refuse(Refusal.ASKED_ALREADY)
    number = len(change.problem.whistles) + 1
    timers = [TimerChange(clock=Clock.WHISTLE_ANSWER, due=change.due(LimitClock.WHISTLE_ANSWER), of=str(number))]
    change.emit(ev.WhistleBlown, number=number, by=unit, to=command.to, asked=command.asked, timers=timers)


def answer(change: Change, command: cmd.AnswerWhistle) -> None:
    found = _find(change, command.number)
    if found.to != change.unit():
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    if found.answered is not None or found.ended is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    of = str(command.number)
    timers = [TimerChange(clock=Clock.WHISTLE_ANSWER, due=None, of=of)]
    if command.coming:
        timers.append(TimerChange(clock=Clock.WHISTLE_ARRIVE, due=change.due(LimitClock.WHISTLE_ARRIVE), of=of))
    change.emit(ev.WhistleAnswered, number=command.number, coming=command.coming, note=command.note, timers=timers)


def arrive(change: Change, command: cmd.Arrive) -> None:
    """Who is there has answered too."""
    found = _find(change, command.number)
    if found.to != change.unit():
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    if found.arrived is not None or found.ended is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    change.emit(ev.WhistleArrived, number=command.number, timers=_over(change, command.number))


def end(change: Change, command: cmd.EndWhistle) -> None:
    """Also after the problem was closed, which ends every whistle: how it went is still to be said."""
    found = _find(change, command.number)
    if found.by != change.unit():
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    if found.mark_of_summoned is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    timers = _over(change, command.number)
    change.emit(ev.WhistleEnded, number=command.number, outcome=command.outcome, mark=command.mark, timers=timers)


def rate(change: Change, command: cmd.RateWhistle) -> None:
    """After its end."""
    found = _find(change, command.number)
    if found.to != change.unit():
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    if found.ended is None:
        raise change.refuse(Refusal.FORBIDDEN_STATE)
    if found.mark_of_whistler is not None:
        raise change.refuse(Refusal.ASKED_ALREADY)
    change.emit(ev.WhistleRated, number=command.number, mark=command.mark)


def _find(change: Change, number: int) -> Whistle:
    found = next((whistle for whistle in change.problem.whistles if whistle.number == number), None)
    if found is None:
        raise change.refuse(Refusal.NO_WHISTLE)
    return found


def _over(change: Change, number: int) -> list[TimerChange]:
    held = {t.clock for t in change.problem.timers if t.of == str(number)}
    clocks = (Clock.WHISTLE_ANSWER, Clock.WHISTLE_ARRIVE)
    return [TimerChange(clock=clock, due=None, of=str(number)) for clock in clocks if clock in held]


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "BlowWhistle": blow,
    "AnswerWhistle": answer,
    "Arrive": arrive,
    "EndWhistle": end,
    "RateWhistle": rate,
}
