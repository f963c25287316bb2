"""From the records of a pack to the mappings by which they are looked up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from city.draft import LimitRule
from city.records import Area, Category, DutyItem, Grid, Limit, Slot, Unit, Worker
from city.terms import Clock, Urgency
from city.tree import codes_of

RecordT = TypeVar("RecordT", Category, Area, Unit, DutyItem, Grid, Worker, Slot)


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


NamedT = TypeVar("NamedT", bound=_Named)


def by_code(records: Iterable[RecordT]) -> Mapping[str, RecordT]:
    return {record.code: record for record in records}


def by_name(records: Iterable[NamedT]) -> Mapping[str, tuple[NamedT, ...]]:
    found: dict[str, tuple[NamedT, ...]] = {}
    for record in records:
        for name in dict.fromkeys((record.name, *record.aliases)):
            found[name] = (*found.get(name, ()), record)
    return found


def children(categories: Mapping[str, Category]) -> Mapping[str | None, tuple[str, ...]]:
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for category in categories.values():
        found[category.parent].append(category.code)
    return {parent: tuple(codes) for parent, codes in found.items()}


def duty_by_category(categories: Mapping[str, Category], items: Iterable[DutyItem]) -> Mapping[str, tuple[DutyItem, ...]]:
    own: defaultdict[str, list[DutyItem]] = defaultdict(list)
    for item in items:
        for code in item.categories:
            own[code].append(item)
    return {
        code: tuple(dict.fromkeys(item for level in reversed(codes_of(category.path)) for item in own.get(level, ())))
        for code, category in categories.items()
    }


def unit_by_line(units: Mapping[str, Unit]) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for unit in units.values():
        if unit.abolished is None:
            found.setdefault((unit.line, unit.area), []).append(unit.code)
    return {key: codes[0] for key, codes in found.items() if len(codes) == 1}


def limits(rules: Iterable[LimitRule]) -> Mapping[tuple[Clock, Urgency, str | None, str | None], Limit]:
    return {(rule.clock, rule.urgency, rule.category, rule.kind): rule.limit for rule in rules}


def first_posts(workers: Iterable[Worker]) -> tuple[Mapping[str, Worker], Mapping[str, Worker]]:
    """The first 三级 of each grid, and the first post of each community and street."""
    grids: dict[str, Worker] = {}
    areas: dict[str, Worker] = {}
    for worker in workers:
        if worker.grid:
            grids.setdefault(worker.grid, worker)
        elif worker.area:
            areas.setdefault(worker.area, worker)
    return grids, areas
