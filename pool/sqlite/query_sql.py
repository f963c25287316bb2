"""From Query and Scope to SQL. Names come from closed sets, every value is bound."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from pool.distance import box_around
from pool.query import Filters, Query
from pool.query_words import search_words
from pool.scope import Scope
from pool.sqlite.rows import micros

RELEVANCE: Final = "bm25(fts, 4.0, 1.0)"
"""FTS5's rank, smaller is better; a word in the title counts four times."""

_HAS_UNIT: Final = "instr(r.units, ?)"
_IN_BOX: Final = "r.lon between ? and ? and r.lat between ? and ?"


@dataclass(slots=True)
class Selection:
    """What follows `from`, with the reports as `r`: the same for hits, totals, facets and histograms."""

    words: list[str]
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def tables(self) -> str:
        # a cross join keeps the full-text index outside: with a plain one the planner walks all reports (1000 times slower)
        return "fts cross join reports r on r.rid = fts.rowid" if self.words else "reports r"

    @property
    def sql(self) -> str:
        return f"{self.tables} where {self.where}"

    @property
    def where(self) -> str:
        return " and ".join(self.conditions) or "1"


def select(query: Query, scope: Scope) -> Selection:
    """Raises ContractError for words that cannot be searched; all else was checked before."""
    words = search_words(query.text)
    selection = Selection(words)
    if words:
        selection.add("fts match ?", match_all(words))
    add_scope(selection, scope)
    _add_filters(selection, query.filters)
    if query.filters.caller:  # looks at every row (0.3 s at a million): an index of random keys would cost each write a page
        selection.add("r.caller = ?", query.filters.caller if scope.secrets else None)
    return selection


def match_all(words: Collection[str]) -> str:
    """Every word as a phrase of its characters, so that what it finds is exactly what contains it."""
    return " AND ".join(phrase(word) for word in words)


def phrase(word: str) -> str:
    """Words are letters and digits only (`search_words`), so nothing in them can end the quotation."""
    return f'"{" ".join(word)}"'


def add_scope(selection: Selection, scope: Scope) -> None:
    """The same rule as Scope.permits."""
    if scope.everything:
        return
    parts: list[str] = ["0"]
    values: list[Any] = []
    for unit in sorted(scope.units):
        parts.append(_HAS_UNIT)
        values.append(_bars(unit))
    for path in sorted(scope.area_paths):
        parts.append("substr(r.area_path, 1, ?) = ?")
        values += [len(path), path]
    selection.add(f"({' or '.join(parts)})", *values)


def _bars(unit: str) -> str:
    """How a unit stands in the column; a code with a bar in it stands in none."""
    return "|none" if "|" in unit else f"|{unit}|"


def _add_filters(selection: Selection, filters: Filters) -> None:
    for column, words in (
        ("state", filters.states),
        ("channel", filters.channels),
        ("urgency", filters.urgencies),
        ("mode", filters.modes),
    ):
        if words:
            selection.add(f"r.{column} in ({', '.join('?' * len(words))})", *sorted(word.value for word in words))
    for column, path in (("category_path", filters.category_path), ("area_path", filters.area_path)):
        if path:
            selection.add(f"substr(r.{column}, 1, ?) = ?", len(path), path)
    if filters.unit:
        selection.add(_HAS_UNIT, _bars(filters.unit))
    if filters.problem:
        selection.add("r.problem = (select row from aggregates where id = ?)", filters.problem)
    if filters.source:
        selection.add("r.source = ?", filters.source)
    _add_time_and_place(selection, filters)


def _add_time_and_place(selection: Selection, filters: Filters) -> None:
    if filters.since is not None:
        selection.add("r.time >= ?", micros(filters.since))
    if filters.until is not None:
        selection.add("r.time < ?", micros(filters.until))
    if filters.box is not None:
        west, south, east, north = filters.box
        selection.add(_IN_BOX, west, east, south, north)
    if filters.near is not None:
        lon, lat, radius = filters.near
        west, south, east, north = box_around(lon, lat, radius)
        selection.add(_IN_BOX, west, east, south, north)
        selection.add("metres(r.lon, r.lat, ?, ?) <= ?", lon, lat, radius)
