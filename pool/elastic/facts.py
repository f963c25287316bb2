"""What is asked of the facts in Elasticsearch: conditions as clauses, figures as aggregations, cases as hits."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from casework.facts import FIELDS, Facts, Keywords
from pool.conditions import FLAGS, MOMENTS, And, AtLeast, Below, Condition, Equals, Is, Not, Or, Within
from pool.elastic.facts_source import facts_of
from pool.elastic.mapping import PROBLEMS
from pool.elastic.query_dsl import NOTHING, any_of
from pool.elastic.transport import Elastic
from pool.figures import COLUMNS, Asked, Figures, Order, figures_of
from pool.scope import Scope

Clause = dict[str, Any]

_GROUPS_AT_ONCE: Final = 200
"""Times about 150 buckets each stays below the server's 65,536 (search.max_buckets)."""
_NO_GROUP: Final = "all"


def _field(name: str) -> str:
    return f"facts.{name}"


def clause(condition: Condition) -> Clause:  # noqa: PLR0911 - one for each word
    match condition:
        case Is(name):
            return {"term": {_field(name): True}} if name in FLAGS else {"exists": {"field": _field(name)}}
        case Equals(name, value):
            if not value:
                return NOTHING if FIELDS[name] is Keywords else {"bool": {"must_not": [{"exists": {"field": _field(name)}}]}}
            return {"term": {_field(name): value}}
        case Below(name, path):
            return {"prefix": {_field(name): path}} if path else {"match_all": {}}
        case AtLeast(name, number):
            return {"range": {_field(name): {"gte": number}}}
        case Within(name, since, until):
            limits = {key: at for key, at in (("gte", since), ("lt", until)) if at is not None}
            return {"range": {_field(name): limits}} if limits else {"exists": {"field": _field(name)}}
        case Not(of):
            return {"bool": {"must_not": [clause(of)]}}
        case And(parts):
            return {"bool": {"filter": [clause(part) for part in parts]}} if parts else {"match_all": {}}
        case Or(parts):
            return any_of([clause(part) for part in parts]) if parts else NOTHING


def _seen(scope: Scope, condition: Condition) -> Clause:
    """The same rule as Scope.permits."""
    filters = [clause(Is("counted")), clause(condition)]
    if not scope.everything:
        units: list[Clause] = [{"terms": {_field("units"): sorted(scope.units)}}] if scope.units else []
        areas = [clause(Below("area_path", path)) for path in sorted(scope.area_paths)]
        filters.append(any_of([*units, *areas]) if units or areas else NOTHING)
    return {"bool": {"filter": filters}}


def measures(elastic: Elastic, asked: Asked, scope: Scope) -> Figures:
    """As of the last refresh. Groups come page by page."""
    query = _seen(scope, And(()))
    totals = {f"t{place}": _total(total.where, total.sums) for place, total in enumerate(asked.totals)}
    if asked.group is None:
        found = _search(elastic, query, {_NO_GROUP: {"filter": {"match_all": {}}, "aggs": totals}})[_NO_GROUP]
        return figures_of(asked, {"": _counted(asked, found)})
    terms = {"field": _field(COLUMNS[asked.group]), "missing_bucket": True}
    composite: dict[str, Any] = {"size": _GROUPS_AT_ONCE, "sources": [{"group": {"terms": terms}}]}
    counted: dict[str, list[int]] = {}
    while True:
        page = _search(elastic, query, {_NO_GROUP: {"composite": composite, "aggs": totals}})[_NO_GROUP]
        for bucket in page["buckets"]:
            counted[bucket["key"]["group"] or ""] = _counted(asked, bucket)
        if "after_key" not in page:
            return figures_of(asked, counted)
        composite["after"] = page["after_key"]


def _total(where: Condition, sums: tuple[str, ...]) -> Clause:
    added = {name: {"sum": {"field": _field(name)}} for name in sums}
    return {"filter": clause(where)} | ({"aggs": added} if added else {})


def _counted(asked: Asked, found: Mapping[str, Any]) -> list[int]:
    counted = []
    for place, total in enumerate(asked.totals):
        bucket = found[f"t{place}"]
        counted.append(sum(int(bucket[name]["value"]) for name in total.sums) if total.sums else bucket["doc_count"])
    return counted


def _search(elastic: Elastic, query: Clause, aggregations: Mapping[str, Any]) -> dict[str, Any]:
    body = {"size": 0, "track_total_hits": False, "query": query, "aggs": aggregations}
    found: dict[str, Any] = elastic.search(PROBLEMS, body)["aggregations"]
    return found


def cases(elastic: Elastic, condition: Condition, scope: Scope, order: Order | None, after: str, limit: int) -> list[Facts]:
    """As of the last refresh. limit: at most 10,000."""
    body: dict[str, Any] = {"query": _seen(scope, condition), "size": limit, "track_total_hits": False, "_source": ["facts"]}
    if order is None:
        body |= {"sort": ["id"], "search_after": [after]}
    elif order.field in MOMENTS:
        body["sort"] = [{_field(order.field): {"order": "desc" if order.falling else "asc", "missing": "_last"}}, "id"]
    else:  # a count that is not there is 0
        body["sort"] = [{_field(order.field): {"order": "desc" if order.falling else "asc", "missing": 0}}, "id"]
    return [facts_of(hit["_source"]["facts"]) for hit in elastic.search(PROBLEMS, body)["hits"]["hits"]]


def stored_facts(elastic: Elastic, ids: Iterable[str]) -> dict[str, Facts]:
    """By problem, realtime; those that have none are absent."""
    found = elastic.mget(PROBLEMS, ids, "facts").items()
    return {id_: facts_of(source["facts"]) for id_, source in found if "facts" in source}
