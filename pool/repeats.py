"""What comes back: a problem registered within so many days after another one was closed, of the same matter and the same caller,
or of the same matter in the same grid.

The matter is the category. That two problems of one grid and one category are about the same thing is likely and not known;
that the same matter came back under another category, or next door, is not seen here at all. Both are for grouping
(hotspots) to say.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from casework.facts import Facts
from pool.conditions import And, Condition, Is, Within
from pool.ports import Search
from pool.scope import Scope

SPANS: Final = (30, 90)
"""Days after closing (诸暨, look back: recurrence within 30 and 90 days)."""
_DAY: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Return:
    """One closed problem with the first later one. days: whole days from closing to registration."""

    closed: Facts
    later: Facts
    days: int
    same_caller: bool


@dataclass(frozen=True, slots=True)
class Repeats:
    """closed: problems closed in the period of which caller or grid, and category, are known. returns: at most one for each."""

    closed: int
    returns: tuple[Return, ...]

    def within(self, days: int, *, same_caller: bool | None = None) -> int:
        return sum(one.days < days and (same_caller is None or one.same_caller is same_caller) for one in self.returns)


def repeats(search: Search, scope: Scope, since: datetime, until: datetime, days: int = SPANS[-1]) -> Repeats:
    """Of the problems in scope that were closed in [since, until) and are not taken out of the scores. Later ones count only when
    they are in scope too, so nobody learns of a problem that he may not see."""
    closed = [
        one for one in every_case(search, Within("closed", _micros(since), _micros(until)), scope)
        if one.category and not one.excluded and (one.callers or one.grid)
    ]  # fmt: skip
    later_than = Within("registered", _micros(since), _micros(until + timedelta(days=days)))
    return find(closed, every_case(search, And((later_than, Is("category"))), scope), days)


def find(closed: Sequence[Facts], registered: Iterator[Facts] | Sequence[Facts], days: int) -> Repeats:
    """The first problem that follows on each closed one within so many days; the same caller's goes before another's."""
    by_key: dict[tuple[str, str, str], list[tuple[int, str, Facts]]] = defaultdict(list)
    for one in registered:
        if one.registered is not None:
            for key in _keys(one):
                by_key[key].append((one.registered, one.problem, one))
    for follows in by_key.values():
        follows.sort(key=lambda entry: entry[:2])
    found = []
    for one in closed:
        returned = next(_following(one, by_key, days), None)
        if returned is not None:
            found.append(returned)
    return Repeats(len(closed), tuple(found))


def _following(one: Facts, by_key: dict[tuple[str, str, str], list[tuple[int, str, Facts]]], days: int) -> Iterator[Return]:
    if one.closed is None:
        return
    for key in _keys(one):
        follows = by_key.get(key, [])
        place = bisect_left(follows, (one.closed, ""), key=lambda entry: entry[:2])
        for registered, problem, later in follows[place:]:
            gone = (registered - one.closed) // _DAY
            if gone >= days:
                break
            if problem != one.problem:
                yield Return(one, later, gone, key[0] == "caller")
                break


def _keys(one: Facts) -> Iterator[tuple[str, str, str]]:
    """Callers first."""
    if one.category:
        yield from (("caller", caller, one.category) for caller in one.callers)
        if one.grid:
            yield "grid", one.grid, one.category


def every_case(search: Search, condition: Condition, scope: Scope) -> Iterator[Facts]:
    """All of them, by id, a page at a time."""
    after = ""
    while True:
        page = search.cases(condition, scope, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].problem


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
