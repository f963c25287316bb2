"""Due times by the city's limits and working calendar, in UTC. Clocks of handling run from the first dispatch, whatever happens
after (law 5); what was granted and what was paused stays counted when limits, category or units change."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from city.calendar import Calendar
from city.pack import CityPack
from city.records import Limit
from city.terms import Clock as LimitClock
from city.terms import LimitUnit
from city.terms import Urgency as PackUrgency
from schemas.handling import Extension, TimerChange
from schemas.problem import Problem
from schemas.words import Clock, RequestType, Urgency

YELLOW: Final = "yellow"
RED: Final = "red"


def due(
    pack: CityPack,
    clock: LimitClock,
    start: datetime,
    urgency: Urgency = Urgency.NORMAL,
    category: str | None = None,
    kind: RequestType | None = None,
) -> datetime:
    """When the limit of this clock, running from `start`, is due; a limit of the category or its nearest ancestor goes first."""
    return pack.calendar.add(start, limit_of(pack, clock, urgency, category, kind)).astimezone(UTC)


def limit_of(pack: CityPack, clock: LimitClock, urgency: Urgency, category: str | None, kind: RequestType | None) -> Limit:
    return pack.limit(clock, PackUrgency(urgency.value), category, kind.value if kind else None)


def due_of(pack: CityPack, problem: Problem, clock: LimitClock, start: datetime, category: str | None = None) -> datetime:
    """The same with what the problem is; category: another one than it has."""
    return due(pack, clock, start, problem.urgency, category or problem.category, problem.kind)


def handle_due(pack: CityPack, problem: Problem, at: datetime, category: str | None = None) -> datetime:
    """When handling is due: the limit from the first dispatch (from the redo, if there was one), every extension on top, every
    pause counted out, one that is on until now. at: now; of a first dispatch, where there was none yet, the start."""
    if problem.handle_from is not None:
        start, clock = problem.handle_from, LimitClock.REDO
    else:
        start, clock = problem.first_dispatch or at, LimitClock.HANDLE
    limit = limit_of(pack, clock, problem.urgency, category or problem.category, problem.kind)
    end = pack.calendar.add(start, limit)
    for extension in problem.extensions:
        if extension.at >= start:
            end = pack.calendar.add(end, Limit(extension.amount, LimitUnit(extension.unit), ""))
    for pause in problem.pauses:
        if pause.start >= start:
            end = shifted(pack.calendar, end, pause.start, pause.end or at, limit.unit)
    return end.astimezone(UTC)


def shifted(calendar: Calendar, end: datetime, since: datetime, until: datetime, unit: LimitUnit) -> datetime:
    """A due time that comes later by what of a pause counts in this unit; a pause that begins after it changes nothing."""
    if since >= end or until <= since:
        return end
    first, last = calendar.local(since), calendar.local(until)
    match unit:
        case LimitUnit.HOUR:
            return end + (until - since)
        case LimitUnit.WORKING_HOUR:
            return calendar.add_working_time(end, calendar.working_time(first, last))
        case LimitUnit.NATURAL_DAY:
            return calendar.local(end) + (last.date() - first.date())
        case LimitUnit.WORKING_DAY:
            days = calendar.working_days_between(first.date(), last.date())
            return calendar.add_working_days(end, days) if days else end


def extended(pack: CityPack, problem: Problem, extension: Extension, at: datetime) -> datetime:
    """The due time of handling with one extension more."""
    longer = problem.model_copy(update={"extensions": [*problem.extensions, extension]})
    return handle_due(pack, longer, at)


def handling(pack: CityPack, problem: Problem, end: datetime, at: datetime) -> list[TimerChange]:
    """The clock of handling with this due time, and the first card or level of escalation that follows from it."""
    return [TimerChange(clock=Clock.HANDLE, due=end), next_mark(pack, problem, end, later_than=at)]


def still(problem: Problem) -> list[TimerChange]:
    """The clock of handling stands: no due time, no cards. One that has expired stays said."""
    return [change for change in (_cleared(problem, Clock.HANDLE), _cleared(problem, Clock.MARK)) if change is not None]


def _cleared(problem: Problem, clock: Clock) -> TimerChange | None:
    return TimerChange(clock=clock, due=None) if any(t.clock is clock and not t.expired for t in problem.timers) else None


def next_mark(
    pack: CityPack, problem: Problem, end: datetime, later_than: datetime | None = None, after: str = ""
) -> TimerChange:
    """The next card or level of escalation of this due time; what was shown of it is not shown again.

    later_than: for a due time that is set now; a warning whose moment has gone by then is left out. after: the one that has come
    just now. Of a clock that has expired and is not started again (casework.timers.put) the due time stays that of then.
    """
    expired = next((t.due for t in problem.timers if t.clock is Clock.HANDLE and t.expired), end)
    end = max(end, expired)
    shown = {(card.colour, card.due) for card in problem.cards}
    order = sorted(marks(pack, end))
    names = [name for _, name in order]
    for moment, name in order[names.index(after) + 1 if after in names else 0 :]:
        warns = moment < end
        if (name, end) in shown or (warns and later_than is not None and moment <= later_than):
            continue
        if name.isdigit() and problem.escalated_due == end and int(name) <= problem.escalated_to:
            continue
        return TimerChange(clock=Clock.MARK, due=moment, of=name)
    return TimerChange(clock=Clock.MARK, due=None)


def marks(pack: CityPack, end: datetime) -> Iterator[tuple[datetime, str]]:
    """(moment, name) of every card and level that follows from a due time.

    Yellow: so many working days before; red: when offices open on the n-th working day after (山东 2017: 提前1个工作日黄牌,
    逾期首个工作日红牌).
    """
    rules = pack.handling
    yield _away(pack.calendar, end, -int(rules.yellow_days.value)), YELLOW
    yield _opening(pack.calendar, end, int(rules.red_days.value)), RED
    for step in rules.escalations:
        yield _away(pack.calendar, end, step.working_days), str(step.level)


def _away(calendar: Calendar, end: datetime, days: int) -> datetime:
    return calendar.add_working_days(end, days).astimezone(UTC)


def _opening(calendar: Calendar, end: datetime, days: int) -> datetime:
    closing = calendar.add_working_days(end, max(days, 1))
    return datetime.combine(closing.date(), calendar.working_hours[0][0], calendar.zone).astimezone(UTC)
