"""Timers of an aggregate."""

from collections.abc import Iterable
from datetime import datetime

from schemas.aggregate import Aggregate, Timer
from schemas.handling import TimerChange
from schemas.problem import Problem
from schemas.words import Clock


def set_timer(aggregate: Aggregate, clock: Clock, due: datetime | None, of: str = "") -> None:
    """The timer of this clock is replaced; None takes it away. The same due time again changes nothing, so it fires once.

    of: which one, where there are several of a kind. There is one mark, whatever it is of. A due time of handling that lies
    before it was first said that the problem is late has been said with that.
    """
    if any(timer.clock is clock and timer.due == due and timer.of == of for timer in aggregate.timers):
        return
    single = clock is Clock.MARK
    aggregate.timers = [timer for timer in aggregate.timers if timer.clock is not clock or not (single or timer.of == of)]
    if due is not None:
        late = aggregate.overdue if clock is Clock.HANDLE and isinstance(aggregate, Problem) else None
        expired = late is not None and due <= late
        aggregate.timers.append(Timer(clock=clock, due=due, of=of, expired=expired))


def put(aggregate: Aggregate, changes: Iterable[TimerChange]) -> None:
    """Set every timer as decided. A clock of handling that has expired is not started again by a due time that lies no later: it
    is said once."""
    for change in changes:
        over = change.clock is Clock.HANDLE and any(
            timer.clock is Clock.HANDLE and timer.expired and (change.due is None or change.due <= timer.due)
            for timer in aggregate.timers
        )
        if not over:
            set_timer(aggregate, change.clock, change.due, change.of)


def holds(aggregate: Aggregate, clock: Clock, due: datetime, of: str = "") -> bool:
    """The timer that a FireTimer speaks of is still there and has not fired."""
    return any(t.clock is clock and t.due == due and t.of == of and not t.expired for t in aggregate.timers)
