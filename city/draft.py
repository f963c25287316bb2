"""A pack as it was read: every record sound in itself, with its line. Whether they fit together is for check.py."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from city.calendar import Calendar
from city.fault import Fault
from city.geometry import Polygons
from city.handling import Handling
from city.layout import PackFile
from city.records import (
    Area,
    Camera,
    CameraRule,
    Category,
    DutyItem,
    Grid,
    Limit,
    MatchWindow,
    PlaceName,
    Policy,
    RiskWord,
    Slot,
    Unit,
    Worker,
)
from city.terms import Clock, RequestKind, Urgency

RecordT_co = TypeVar("RecordT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Header:
    """What pack.yaml says of the pack itself."""

    name: str
    version: str
    effective: date
    zone: ZoneInfo
    policy: Policy


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A row of limits.csv: `category` None holds for all categories, `kind` None for all kinds of requests."""

    clock: Clock
    urgency: Urgency
    category: str | None
    kind: RequestKind | None
    limit: Limit


class Sheet(Generic[RecordT_co]):
    """The sound records of one file in its order, each with its line.

    `keys` are the keys of all rows, of unsound ones too; None when the file could not be read, and then nobody can say
    that a reference into it is wrong.
    """

    __slots__ = ("_lines", "_records", "file", "keys")

    def __init__(self, file: PackFile, entries: Iterable[tuple[int, RecordT_co]], keys: frozenset[str] | None) -> None:
        self.file = file
        self.keys = keys
        self._lines: tuple[int, ...] = ()
        self._records: tuple[RecordT_co, ...] = ()
        found = tuple(zip(*entries, strict=True))
        if found:
            self._lines, self._records = found

    def __iter__(self) -> Iterator[tuple[int, RecordT_co]]:
        return zip(self._lines, self._records, strict=True)

    def __len__(self) -> int:
        return len(self._records)

    def knows(self, key: str) -> bool:
        return self.keys is None or key in self.keys

    def records(self) -> tuple[RecordT_co, ...]:
        return self._records


@dataclass(frozen=True, slots=True)
class Draft:
    """`polygons` are those of `grids`, in the same order; `monitoring` those areas of `handling`, with their lines."""

    faults: tuple[Fault, ...]
    fingerprint: str
    header: Header | None
    calendar: Calendar | None
    categories: Sheet[Category]
    areas: Sheet[Area]
    units: Sheet[Unit]
    duty: Sheet[DutyItem]
    grids: Sheet[Grid]
    polygons: Polygons
    places: Sheet[PlaceName]
    workers: Sheet[Worker]
    cameras: Sheet[Camera]
    high_risk: Sheet[RiskWord]
    slots: Sheet[Slot]
    limits: Sheet[LimitRule]
    match_windows: Sheet[MatchWindow]
    camera_classes: Sheet[tuple[str, str]]
    camera_rules: Sheet[CameraRule]
    grid_events: Sheet[tuple[str, str]]
    sayings: Sheet[tuple[str, str]]
    handling: Handling
    monitoring: Sheet[str]
