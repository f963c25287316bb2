"""From counts by day to a histogram."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from pool.query import Interval
from schemas.errors import ContractError

_MOST_DAYS: Final = 50_000


def histogram_of(days: Iterable[tuple[date, int]], interval: Interval) -> list[tuple[str, int]]:
    """From the first interval that holds a report to the last one, without gaps; weeks begin on Monday.

    days: (day in Asia/Shanghai, count > 0) in any order. Raises ContractError when they lie too far apart.
    """
    starts: dict[date, int] = {}
    for day, counted in days:
        start = _first_day(day, interval)
        starts[start] = starts.get(start, 0) + counted
    if not starts:
        return []
    first, last = min(starts), max(starts)
    if (last - first).days > _MOST_DAYS:
        raise ContractError("filters.since", f"时间跨度最多 {_MOST_DAYS} 天", "请给出开始和结束时间")
    return [(start.isoformat(), starts.get(start, 0)) for start in _starts(first, last, interval)]


def _first_day(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


def _starts(first: date, last: date, interval: Interval) -> Iterator[date]:
    while first <= last:
        yield first
        if interval is Interval.MONTH:
            first = (first + timedelta(days=31)).replace(day=1)
        else:
            first += timedelta(days=7 if interval is Interval.WEEK else 1)
