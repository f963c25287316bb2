"""What can be asked of the pool, the same for every back end."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schemas.documents import ReportDocument
from schemas.words import Channel, Mode, ProblemState, Urgency


class Sort(StrEnum):
    """Order of hits. Ties are broken by report id, so pages never overlap."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    DISTANCE = "distance"


class Facet(StrEnum):
    """Fields that can be counted over."""

    STATE = "state"
    CHANNEL = "channel"
    CATEGORY = "category"
    LEAD = "lead"
    AREA = "area"
    URGENCY = "urgency"
    BASIS = "basis"


class Interval(StrEnum):
    """Widths of a histogram, in Asia/Shanghai; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Filters:
    """All given filters must hold. Subtrees are given as paths (`/01/0102/`); times are [since, until)."""

    states: frozenset[ProblemState] = frozenset()
    channels: frozenset[Channel] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()
    modes: frozenset[Mode] = frozenset()
    category_path: str = ""
    area_path: str = ""
    unit: str = ""
    problem: str = ""
    source: str = ""
    caller: str = ""
    """A caller's random id; finds nothing in a scope that may not see who asked for secrecy."""
    since: datetime | None = None
    until: datetime | None = None
    near: tuple[float, float, float] | None = None
    """(lon, lat, metres)"""
    box: tuple[float, float, float, float] | None = None
    """(west, south, east, north)"""


@dataclass(frozen=True, slots=True)
class Query:
    """`text`: words separated by white space must all occur (each as a substring of title, text, address or places, folded);
    "…" keeps white space inside a phrase. Empty text = all. limit: 1..1000. cursor: from the page before, opaque."""

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str = ""
    highlight: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One report. highlights: (start, end) offsets of what was found in title and text, by field name.
    distance: metres, when `near` was asked. score: higher is better."""

    report: ReportDocument
    score: float = 0.0
    distance: float | None = None
    highlights: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """total: exact count of all hits in scope. cursor: "" on the last page."""

    total: int
    hits: list[Hit]
    cursor: str = ""
