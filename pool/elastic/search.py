"""Port Search on Elasticsearch. A get by id is realtime; all else sees what was written before the last refresh (1 s)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from casework.facts import Facts
from pool.conditions import Condition
from pool.cursor import cursor_after, last_hit
from pool.distance import metres
from pool.elastic import counting, facts
from pool.elastic.hits import order_of, page
from pool.elastic.mapping import CLAIMS, PROBLEMS, REPORTS
from pool.elastic.query_dsl import Selection, in_scope, select
from pool.elastic.similar import rarity_now, similar
from pool.elastic.transport import Elastic
from pool.figures import Asked, Figures, Order, ask, by_month
from pool.highlight import highlights
from pool.kept import permitted
from pool.measures import Formula, Group
from pool.query import Facet, Hit, Interval, Page, Query, Sort
from pool.query_words import check, check_limit
from pool.scope import Scope
from pool.secrecy import shown_problem, shown_report
from pool.similar import WordRarity
from schemas.documents import Claim, ReportDocument
from schemas.problem import Problem
from schemas.state import State, state_of_values
from schemas.watch import Watch
from schemas.words import WatchState

_AT_A_TIME: Final = 1000


class ElasticSearch:
    """Usable from several threads. Raises ContractError for what cannot be asked, PoolAway while the server is away."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._rarity = WordRarity()

    def search(self, query: Query, scope: Scope) -> Page:
        return self._page(query, scope, {})[0]

    def search_and_facets(
        self, query: Query, facets: Sequence[Facet], scope: Scope, limit: int = 20
    ) -> tuple[Page, dict[Facet, list[tuple[str, int]]]]:
        """`search` and `facets` of the same query, in one request and of one moment."""
        check_limit(limit)
        found, answer = self._page(query, scope, counting.of_facets(facets, limit))
        return found, counting.counted(facets, answer, found.total, limit)

    def _page(self, query: Query, scope: Scope, aggregations: dict[str, Any]) -> tuple[Page, dict[str, Any]]:
        check(query)
        after = last_hit(query)
        selection = self._selected(query, scope)
        found = page(self._elastic, query, selection, after, aggregations)
        scored = order_of(query, selection) is Sort.RELEVANCE
        hits = [_hit(query, selection, report, key if scored else 0.0, scope) for key, report in found.rows[: query.limit]]
        more = len(found.rows) > query.limit
        cursor = cursor_after(query, found.rows[query.limit - 1][0], found.mark) if more else ""
        return Page(found.total, hits, cursor), found.aggregations

    def count(self, query: Query, scope: Scope) -> int:
        check(query)
        return counting.aggregate(self._elastic, REPORTS, self._selected(query, scope).query(), {})[0]

    def facets(self, query: Query, facets: Sequence[Facet], scope: Scope, limit: int = 20) -> dict[Facet, list[tuple[str, int]]]:
        check(query)
        check_limit(limit)
        return counting.facets(self._elastic, self._selected(query, scope), facets, limit)

    def histogram(self, query: Query, interval: Interval, scope: Scope) -> list[tuple[str, int]]:
        check(query)
        return counting.histogram(self._elastic, self._selected(query, scope), interval)

    def similar(self, report: str, scope: Scope, limit: int = 10) -> list[tuple[ReportDocument, float]]:
        check_limit(limit)
        found = self._report(report, scope)
        if found is None:
            return []
        self._rarity = rarity_now(self._elastic, self._rarity)
        alike = similar(self._elastic, self._rarity, found, scope, limit)
        return [(shown_report(other, scope), likeness) for other, likeness in alike]

    def report(self, report: str, scope: Scope) -> ReportDocument | None:
        found = self._report(report, scope)
        return shown_report(found, scope) if found else None

    def reports_of(self, problem: str, scope: Scope) -> list[ReportDocument]:
        return self._in_scope("problem", problem, scope)

    def by_source_id(self, source_id: str, scope: Scope) -> list[ReportDocument]:
        return self._in_scope("source_id", source_id, scope)

    def problem(self, problem: str, scope: Scope) -> Problem | None:
        if not problem.startswith("p"):
            return None
        state = self._get(PROBLEMS, problem)
        if state is None:
            return None
        found = Problem.model_validate(state)
        if found.version == 0 or not self._any_report(problem, scope):
            return None
        return shown_problem(found, scope)

    def by_order_number(self, number: str, scope: Scope) -> Problem | None:
        claim = self._get(CLAIMS, number)
        problem = self.problem(Claim.model_validate(claim).problem, scope) if claim else None
        return problem if problem is not None and problem.order_number == number else None

    def watches(self, state: WatchState | None, scope: Scope, after: str = "", limit: int = 100) -> list[Watch]:
        check_limit(limit)
        self._elastic.refresh(PROBLEMS)
        page = {"sort": ["id"], "size": limit, "search_after": [after], "_source": ["doc"]}
        hits = self._elastic.search(PROBLEMS, {"query": counting.watched(state, scope), **page})["hits"]["hits"]
        return [Watch.model_validate(hit["_source"]["doc"]) for hit in hits]

    def kept(self, kind: str, state: str | None, scope: Scope, after: str = "", limit: int = 100) -> list[State]:
        check_limit(limit)
        self._elastic.refresh(PROBLEMS)
        return permitted(partial(self._kept, kind, state), kind, scope, after, limit)

    def _kept(self, kind: str, state: str | None, after: str, limit: int) -> list[State]:
        """By id, whoever may see them."""
        filters: list[dict[str, Any]] = [{"term": {"kind": kind}}, {"range": {"version": {"gt": 0}}}]
        if state is not None:
            filters.append({"term": {"state": state}})
        page = {"sort": ["id"], "size": limit, "search_after": [after], "track_total_hits": False, "_source": ["doc"]}
        hits = self._elastic.search(PROBLEMS, {"query": {"bool": {"filter": filters}}, **page})["hits"]["hits"]
        return [state_of_values(hit["_source"]["doc"]["id"], hit["_source"]["doc"]) for hit in hits]

    def measures(
        self,
        formulas: Sequence[Formula],
        scope: Scope,
        group: Group | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Figures:
        self._elastic.refresh(PROBLEMS)
        if group is Group.MONTH:
            return by_month(since, until, lambda begin, end: self._measures(ask(formulas, None, begin, end), scope))
        return self._measures(ask(formulas, group, since, until), scope)

    def _measures(self, asked: Asked, scope: Scope) -> Figures:
        return facts.measures(self._elastic, asked, scope)

    def cases(
        self, condition: Condition, scope: Scope, order: Order | None = None, after: str = "", limit: int = 100
    ) -> list[Facts]:
        check_limit(limit)
        self._elastic.refresh(PROBLEMS)
        return facts.cases(self._elastic, condition, scope, order, after, limit)

    def stats(self, scope: Scope) -> dict[str, object]:
        return counting.stats(self._elastic, scope)

    def _selected(self, query: Query, scope: Scope) -> Selection:
        """With what the server would put on the wrong side of an edge already left out."""
        selection = select(query, scope)
        if selection.edge is not None:
            undecided = [*selection.edge.band(), *in_scope(scope)]
            for report in self._all(undecided, ["doc.id", "doc.content.lon", "doc.content.lat"]):
                place = report["content"]
                if not selection.edge.holds(place["lon"], place["lat"]):
                    selection.without.append(report["id"])
        return selection

    def _report(self, report: str, scope: Scope) -> ReportDocument | None:
        document = self._get(REPORTS, report)
        found = ReportDocument.model_validate(document) if document else None
        return found if found is not None and scope.permits(found) else None

    def _in_scope(self, field: str, value: str, scope: Scope) -> list[ReportDocument]:
        """Reports by time, ties by id."""
        if not _can_be_sent(value):
            return []
        found = self._all([{"term": {field: value}}, *in_scope(scope)], ["doc"])
        return [shown_report(ReportDocument.model_validate(document), scope) for document in found]

    def _any_report(self, problem: str, scope: Scope) -> bool:
        if scope.everything:
            return True
        query = {"bool": {"filter": [{"term": {"problem": problem}}, *in_scope(scope)]}}
        return counting.aggregate(self._elastic, REPORTS, query, {})[0] > 0

    def _all(self, conditions: list[dict[str, Any]], fields: list[str]) -> list[dict[str, Any]]:
        """These fields of every report for which the conditions hold, by time, ties by id."""
        body: dict[str, Any] = {
            "query": {"bool": {"filter": conditions}},
            "sort": [{"time": "asc"}, {"id": "asc"}],
            "size": _AT_A_TIME,
            "track_total_hits": False,
            "_source": fields,
        }
        gathered: list[dict[str, Any]] = []
        while True:
            hits = self._elastic.search(REPORTS, body)["hits"]["hits"]
            gathered += [hit["_source"]["doc"] for hit in hits]
            if len(hits) < _AT_A_TIME:
                return gathered
            body["search_after"] = hits[-1]["sort"]

    def _get(self, kind: str, id_: str) -> dict[str, Any] | None:
        """The document, as of now."""
        if not id_ or not _can_be_sent(id_):
            return None
        found = self._elastic.mget(kind, [id_], "doc").get(id_)
        return found["doc"] if found else None


def _can_be_sent(value: str) -> bool:
    """Half a surrogate pair (a broken byte on a command line) stands in no document and in no JSON."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _hit(query: Query, selection: Selection, report: ReportDocument, score: float, scope: Scope) -> Hit:
    content, near = report.content, query.filters.near
    distance, found = None, {}
    if near is not None and content is not None and content.lon is not None and content.lat is not None:
        distance = metres(content.lon, content.lat, *near[:2])
    if query.highlight and selection.words and content is not None:
        found = highlights(content, selection.words)
    return Hit(shown_report(report, scope), score, distance, found)
