"""How a problem ends, and what begins then: callbacks, a look back at some, the archive for the rest."""

import hashlib
from typing import Final

from casework.change import Change
from casework.dispatch import callable_members
from city.terms import Clock as LimitClock
from schemas import events_handling as ev
from schemas.handling import TimerChange
from schemas.problem import Problem
from schemas.words import Clock, Ending, Mode, Urgency

_ANSWERED: Final = frozenset({Ending.REPLIED, Ending.ANSWERED})
"""Endings after which callers are asked what they think of it."""


def close(change: Change, ending: Ending, reason: str = "") -> None:
    """Every caller who has no answer yet gets it with this."""
    change.emit(ev.ProblemClosed, reason=reason, ending=ending.value, timers=after_closing(change, ending))


def after_closing(change: Change, ending: Ending) -> list[TimerChange]:
    """The callback, and either the look back or the archive."""
    problem = change.problem
    timers = []
    if ending in _ANSWERED and callable_members(problem):
        timers.append(TimerChange(clock=Clock.CALLBACK, due=change.due(LimitClock.CALLBACK)))
    if ending is Ending.REPLIED and drawn_for_recheck(change):
        return [*timers, TimerChange(clock=Clock.RECHECK, due=change.due(LimitClock.RECHECK))]
    return [*timers, TimerChange(clock=Clock.ARCHIVE, due=change.due(LimitClock.ARCHIVE))]


def drawn_for_recheck(change: Change) -> bool:
    """Of problems with a known risk a larger share is looked at again than of the rest; on monitoring points all of them (seed
    rows 0.3, 2.7). A hash of the id draws, so the same problem is drawn everywhere."""
    problem, rules = change.problem, change.pack.handling
    if problem.mode is not Mode.LIVE:
        return False
    area = change.pack.areas.get(problem.area) if problem.area else None
    if area is not None and any(f"/{code}/" in area.path for code in rules.monitoring):
        return True
    share = rules.recheck_share_risk.value if risky(problem) else rules.recheck_share.value
    return _drawn(problem.id) < share


def risky(problem: Problem) -> bool:
    """What went wrong once, or was dangerous, is looked at more often."""
    return bool(problem.redo or problem.supervised or problem.urgency is Urgency.CRITICAL or problem.overdue)


def _drawn(name: str) -> float:
    """0 <= x < 1, from the name alone."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest(), "big") / (1 << 48)
