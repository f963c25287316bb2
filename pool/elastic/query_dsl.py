"""From Query and Scope to the query language of Elasticsearch; only what a server without plugins and modules has.

`body` holds overlapping pairs of characters, `characters` those that occur. So a word of one or two characters is a token, a
longer one a phrase of tokens: what is found is exactly what contains the word, and one field is asked for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pool.elastic.edges import Edge
from pool.elastic.report_fields import query_terms
from pool.query import Filters, Query
from pool.query_words import search_words
from pool.scope import Scope
from pool.sqlite.rows import micros

Clause = dict[str, Any]

NOTHING: Final[Clause] = {"match_none": {}}
_MOST_TERMS: Final = 65_536
"""The server takes no more in one clause."""


@dataclass(slots=True)
class Selection:
    """What must hold, in filter context: the same for hits, totals, facets and histograms."""

    words: list[str] = field(default_factory=list)
    conditions: list[Clause] = field(default_factory=list)
    edge: Edge | None = None
    without: list[str] = field(default_factory=list)
    """Ids of reports that the server takes to be inside and that are not."""

    def query(self, *, scored: bool = False) -> Clause:
        """scored: words give a score, which costs time; without it they only choose."""
        found = [weighed(word) for word in self.words] if scored and len(self.words) > 1 else [*map(containing, self.words)]
        parts: dict[str, Any] = {"filter": self.conditions if scored else [*found, *self.conditions]}
        if self.edge is not None:
            parts["filter"] = [*parts["filter"], self.edge.outer]
        if scored:
            parts["must"] = found
        if self.without:
            parts["must_not"] = [
                {"terms": {"id": self.without[at : at + _MOST_TERMS]}} for at in range(0, len(self.without), _MOST_TERMS)
            ]
        return {"bool": parts}


def select(query: Query, scope: Scope) -> Selection:
    """Raises ContractError for words that cannot be searched; all else was checked before."""
    filters = query.filters
    conditions = [*in_scope(scope), *_of_codes(filters), *_of_time(filters)]
    if filters.caller:
        conditions.append({"term": {"caller": filters.caller}} if scope.secrets else NOTHING)
    return Selection(search_words(query.text), conditions, Edge.of(filters))


def in_scope(scope: Scope) -> list[Clause]:
    """The same rule as Scope.permits."""
    if scope.everything:
        return []
    parts: list[Clause] = [{"terms": {"units": sorted(scope.units)}}] if scope.units else []
    parts += [_below("area_paths", path) for path in sorted(scope.area_paths)]
    return [any_of(parts)] if parts else [NOTHING]


def any_of(parts: Sequence[Clause]) -> Clause:
    return {"bool": {"should": list(parts), "minimum_should_match": 1}}


def containing(word: str) -> Clause:
    """The reports in which the word stands, as a substring of one segment. A single term can be counted without looking."""
    if len(word) == 1:
        return {"term": {"characters": word}}
    if len(word) == 2:
        return {"term": {"body": word}}
    return {"match_phrase": {"body": " ".join(query_terms(word))}}


def weighed(word: str) -> Clause:
    """The same reports, each with a score that depends on nothing but its own text: f / (f + 1) where the word stands f times,
    times the word's length, since long words are rare. A single character orders nothing."""
    if len(word) == 1:
        return {"constant_score": {"filter": containing(word)}}
    match = {"query": " ".join(query_terms(word)), "ordered": True, "max_gaps": 0}
    return {"intervals": {"body": {"match": match, "boost": float(len(word))}}}


def _below(field_name: str, path: str) -> Clause:
    """Whose path begins with `path`. A whole path, ended by a slash, is one of the ancestors that were indexed."""
    if not path:
        return {"match_all": {}}
    if len(path) > 1 and path.startswith("/") and path.endswith("/"):
        return {"term": {field_name: path}}
    return {"prefix": {field_name: path}}


def _of_codes(filters: Filters) -> list[Clause]:
    parts: list[Clause] = [
        {"terms": {name: sorted(word.value for word in words)}}
        for name, words in (
            ("state", filters.states),
            ("channel", filters.channels),
            ("urgency", filters.urgencies),
            ("mode", filters.modes),
        )
        if words
    ]
    paths = (("category_paths", filters.category_path), ("area_paths", filters.area_path))
    parts += [_below(name, path) for name, path in paths if path]
    codes = (("units", filters.unit), ("problem", filters.problem), ("source", filters.source))
    parts += [{"term": {name: code}} for name, code in codes if code]
    return parts


def _of_time(filters: Filters) -> list[Clause]:
    limits = {name: micros(at) for name, at in (("gte", filters.since), ("lt", filters.until)) if at is not None}
    return [{"range": {"time": limits}}] if limits else []
