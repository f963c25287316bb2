"""The city's working calendar: holidays, make-up working days (调休), working hours, and sums of time over them.

Counting follows 《中华人民共和国民法典》第二百零一条 and 第二百零三条: hours run from the moment; of days the first is
not counted, and the last ends when the office closes (working days) or at midnight (natural days). A naive time is a
time of the pack's zone.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from city.records import Limit
from city.terms import LimitUnit

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`years` maps each year of the pack to the notice that announced it.

    `provisional` years have not been announced yet: their holidays are those of the law, without make-up days. In years
    that are not there at all only weekends are free. Both are not covered; whoever shows a due date shows that too.
    `holidays` and `make_up_days` never overlap; `working_hours` are ascending spans within one day.
    """

    zone: ZoneInfo
    working_hours: tuple[tuple[time, time], ...]
    years: Mapping[int, str]
    holidays: Mapping[date, str]
    make_up_days: frozenset[date]
    provisional: frozenset[int]

    def covers(self, day: date) -> bool:
        """Whether the holidays of that year have been announced and are in the pack."""
        return day.year in self.years and day.year not in self.provisional

    def is_working_day(self, day: date) -> bool:
        if day in self.make_up_days:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def is_working_time(self, at: datetime) -> bool:
        local = self.local(at)
        return any(begin <= local < end for begin, end in self._spans(local.date()))

    def local(self, at: datetime) -> datetime:
        """The same moment in the city's zone; a naive time is taken to be in it already."""
        return at.replace(tzinfo=self.zone) if at.tzinfo is None else at.astimezone(self.zone)

    def add(self, start: datetime, limit: Limit) -> datetime:
        """When a limit that starts at `start` is due, in the city's zone."""
        match limit.unit:
            case LimitUnit.HOUR:
                return self._elapsed(start, timedelta(hours=limit.amount))
            case LimitUnit.WORKING_HOUR:
                return self.add_working_time(start, timedelta(hours=limit.amount))
            case LimitUnit.NATURAL_DAY:
                return datetime.combine(self.local(start).date() + (limit.amount + 1) * _DAY, time(), self.zone)
            case LimitUnit.WORKING_DAY:
                return self.add_working_days(start, limit.amount)

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of `start`, which itself never counts.

        Negative `days` count back ("one working day before it is due"); 0 gives `start` itself, in the city's zone.
        """
        local = self.local(start)
        if days == 0:
            return local
        step = _DAY if days > 0 else -_DAY
        day, left = local.date(), abs(days)
        while left:
            day += step
            left -= self.is_working_day(day)
        return datetime.combine(day, self.working_hours[-1][1], self.zone)

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """The moment at which `span` of working time has passed since `start`. A negative span is a ValueError."""
        if span < timedelta():
            raise ValueError("a span of working time cannot be negative")
        local, left = self.local(start), span
        day = local.date()
        while True:
            for opens, closes in self._spans(day):
                begin = max(opens, local)
                if begin < closes and left <= closes - begin:
                    return begin + left
                left -= max(closes - begin, timedelta())
            day += _DAY

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; zero when `end` is not after `start`."""
        first, last = self.local(start), self.local(end)
        day, total = first.date(), timedelta()
        while day <= last.date():
            for span_begin, span_end in self._spans(day):
                total += max(min(span_end, last) - max(span_begin, first), timedelta())
            day += _DAY
        return total

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; zero when `last` is not after `first`."""
        return sum(self.is_working_day(first + n * _DAY) for n in range(1, (last - first).days + 1))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself during working time, else the next moment at which offices open (quiet hours, seed row 4.14)."""
        return self.local(at) if self.is_working_time(at) else self._first_opening_after(self.local(at))

    def _first_opening_after(self, local: datetime) -> datetime:
        day = local.date()
        while True:
            begins = [begin for begin, _ in self._spans(day)]
            later = bisect_right(begins, local)
            if later < len(begins):
                return begins[later]
            day += _DAY

    def _elapsed(self, start: datetime, span: timedelta) -> datetime:
        return (self.local(start).astimezone(ZoneInfo("UTC")) + span).astimezone(self.zone)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_working_day(day):
            return []
        return [
            (datetime.combine(day, opens, self.zone), datetime.combine(day, closes, self.zone))
            for opens, closes in self.working_hours
        ]
