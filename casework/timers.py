"""Timers of an aggregate."""

from datetime import datetime

from schemas.aggregate import Aggregate, Timer
from schemas.words import Clock


def set_timer(aggregate: Aggregate, clock: Clock, due: datetime | None) -> None:
    """The timer of this clock is replaced; None takes it away. The same due time again changes nothing, so it fires once."""
    if any(timer.clock is clock and timer.due == due for timer in aggregate.timers):
        return
    aggregate.timers = [timer for timer in aggregate.timers if timer.clock is not clock]
    if due is not None:
        aggregate.timers.append(Timer(clock=clock, due=due))


def holds(aggregate: Aggregate, clock: Clock, due: datetime) -> bool:
    """The timer that a FireTimer speaks of is still there and has not fired."""
    return any(timer.clock is clock and timer.due == due and not timer.expired for timer in aggregate.timers)
