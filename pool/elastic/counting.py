"""Counts over what is selected: facets, histogram, the figures of the whole pool."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from pool.elastic.mapping import DEAD_LETTERS, PROBLEMS, REPORTS
from pool.elastic.query_dsl import Selection, in_scope
from pool.elastic.transport import Elastic
from pool.intervals import histogram_of
from pool.query import Facet, Interval
from pool.scope import Scope
from schemas.words import ProblemState, WatchState

_EPOCH: Final = date(1970, 1, 1)
_DAY_MS: Final = 86_400_000
_SHANGHAI_MS: Final = 8 * 3_600_000
"""UTC+8 the whole year (since 1992)."""
_MOST_VALUES: Final = 10_000
"""Values of one facet that each shard tells; a field with more is exact on an index of one shard only."""
_PROBLEMS_AT_A_TIME: Final = 10_000

_NOTHING: Final[dict[str, Any]] = {"match_none": {}}

Counts = list[tuple[str, int]]


def aggregate(elastic: Elastic, kind: str, query: dict[str, Any], aggregations: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """(exact total, aggregations)."""
    body = {"size": 0, "track_total_hits": True, "query": query, "aggs": aggregations}
    answer = elastic.search(kind, body)
    return answer["hits"]["total"]["value"], answer.get("aggregations", {})


def facets(elastic: Elastic, selection: Selection, wanted: Sequence[Facet], limit: int) -> dict[Facet, Counts]:
    """Most first, ties by value. A report has one value of a field or none, so what no value counts has none."""
    if not wanted:
        return {}
    total, found = aggregate(elastic, REPORTS, selection.query(), of_facets(wanted, limit))
    return counted(wanted, found, total, limit)


def of_facets(wanted: Sequence[Facet], limit: int) -> dict[str, Any]:
    """The aggregations that count them; `counted` reads the answer."""
    return {facet.value: _terms(facet.value, limit) for facet in wanted}


def counted(wanted: Sequence[Facet], found: dict[str, Any], total: int, limit: int) -> dict[Facet, Counts]:
    """Of the answer to `of_facets`; total: of all hits."""
    return {facet: _ordered(found[facet.value], total)[:limit] for facet in wanted}


def _terms(field: str, size: int = _MOST_VALUES) -> dict[str, Any]:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {"terms": {"field": field, "size": size, "shard_size": _MOST_VALUES, "order": order}}


def _ordered(found: dict[str, Any], total: int) -> Counts:
    counts = Counter({bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]})
    counts[""] += total - counts.total() - found["sum_other_doc_count"]
    return sorted(((value, counted) for value, counted in counts.items() if counted), key=lambda item: (-item[1], item[0]))


def histogram(elastic: Elastic, selection: Selection, interval: Interval) -> Counts:
    """From the first interval that holds a report to the last one, without gaps."""
    days = {"field": "day", "fixed_interval": "1d", "offset": "-8h", "min_doc_count": 1}
    _, found = aggregate(elastic, REPORTS, selection.query(), {"days": {"date_histogram": days}})
    counted = [(_day(bucket["key"]), bucket["doc_count"]) for bucket in found["days"]["buckets"]]
    return histogram_of(counted, interval)


def _day(begin_ms: int) -> date:
    return _EPOCH + timedelta(days=(begin_ms + _SHANGHAI_MS) // _DAY_MS)


def stats(elastic: Elastic, scope: Scope) -> dict[str, object]:
    """by_state counts problems (so it sums up to `problems`), by_channel counts reports (so it sums up to `reports`).

    Dead letters belong to no unit: only who sees everything is told how many there are.
    """
    seen = {"bool": {"filter": in_scope(scope)}}
    reports, found = aggregate(elastic, REPORTS, seen, {"channels": _terms("channel")})
    by_state = _states(elastic, []) if scope.everything else _states_of_reports(elastic, seen)
    return {
        "reports": reports,
        "problems": by_state.total(),
        "dead_letters": aggregate(elastic, DEAD_LETTERS, {"match_all": {}}, {})[0] if scope.everything else 0,
        "by_state": dict(sorted(by_state.items())),
        "by_channel": dict(sorted(_ordered(found["channels"], reports))),
        "alarms": _alarms(elastic, scope),
    }


def watched(state: WatchState | None, scope: Scope) -> dict[str, Any]:
    """The query for cameras' watches. Who sees an area sees its cameras; a unit sees none."""
    filters: list[dict[str, Any]] = [{"term": {"kind": "w"}}, {"range": {"version": {"gt": 0}}}]
    if state is not None:
        filters.append({"term": {"state": state.value}})
    if not scope.everything:
        filters.append({"bool": {"should": [{"prefix": {"area_path": path}} for path in sorted(scope.area_paths)] or [_NOTHING]}})
    return {"bool": {"filter": filters}}


def _alarms(elastic: Elastic, scope: Scope) -> dict[str, int]:
    sums = {name: {"sum": {"field": name}} for name in ("alarms", "observed")}
    unconfirmed = {"filter": {"term": {"state": WatchState.UNCONFIRMED.value}}}
    _, found = aggregate(elastic, PROBLEMS, watched(None, scope), sums | {"unconfirmed": unconfirmed})
    seen, observed = (int(found[name]["value"]) for name in ("alarms", "observed"))
    return {"seen": seen, "observed": observed, "unconfirmed": found["unconfirmed"]["doc_count"]}


def _states(elastic: Elastic, conditions: list[dict[str, Any]]) -> Counter[str]:
    """Existing problems by state, without those that were merged away."""
    query = {
        "bool": {
            "filter": [{"term": {"kind": "p"}}, {"range": {"version": {"gt": 0}}}, *conditions],
            "must_not": [{"term": {"state": ProblemState.MERGED.value}}],
        }
    }
    _, found = aggregate(elastic, PROBLEMS, query, {"states": _terms("state")})
    return Counter({bucket["key"]: bucket["doc_count"] for bucket in found["states"]["buckets"]})


def _states_of_reports(elastic: Elastic, query: dict[str, Any]) -> Counter[str]:
    """There is no join: every problem of the reports is named, some thousand at a time."""
    counts: Counter[str] = Counter()
    problems: dict[str, Any] = {"size": _PROBLEMS_AT_A_TIME, "sources": [{"problem": {"terms": {"field": "problem"}}}]}
    while True:
        _, found = aggregate(elastic, REPORTS, query, {"problems": {"composite": problems}})
        ids = [bucket["key"]["problem"] for bucket in found["problems"]["buckets"]]
        if ids:
            counts += _states(elastic, [{"ids": {"values": ids}}])
        if len(ids) < _PROBLEMS_AT_A_TIME:
            return counts
        problems["after"] = found["problems"]["after_key"]
