"""One page of hits, in order, with the exact total.

Every page goes on behind the last hit of the page before. Times and distances of a report do not change when others are written,
nor do scores for several words, which come of its own text alone. A single word is scored the server's quicker way, where every
new report shifts all scores; but none changes places, since only how often the word occurs orders them. So its second page
opens a point in time, finds the last hit there and goes on behind it; the point travels in the cursor, and is given back with
the last page or after KEPT. Where it is gone (time, a restart, an id too long for a cursor), the next page does as the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pool.distance import metres
from pool.elastic.edges import SLACK_M
from pool.elastic.mapping import REPORTS
from pool.elastic.query_dsl import Selection
from pool.elastic.transport import WHOLE, Elastic, StoreRefused
from pool.query import Query, Sort
from schemas.documents import ReportDocument
from schemas.errors import ContractError

KEPT: Final = "2m"
_LONGEST_MARK: Final = 360
"""A cursor has at most 600 characters of base64, its key and the report id among them."""
_MORE: Final = 10
"""Hits fetched beyond a page by distance, so that one request mostly is enough."""
_MOST: Final = 1000
_ONE_MEASURE: Final = WHOLE | {"search_type": "dfs_query_then_fetch"}
"""All shards score by the figures of the whole index; where there is but one the server leaves the extra step out."""

Row = tuple[float, ReportDocument]
"""(sort key, report)"""
After = tuple[float, str] | None
Body = dict[str, Any]


@dataclass(slots=True)
class Found:
    """rows: at most limit + 1 behind the mark of the page before; mark: of the last hit of this page, its id and what the next
    page needs; aggregations: the answer to those that were asked."""

    total: int
    rows: list[Row]
    mark: str = ""
    aggregations: Body = field(default_factory=dict)


def order_of(query: Query, selection: Selection) -> Sort:
    """Without words nothing is more relevant: the newest come first."""
    return Sort.NEWEST if query.sort is Sort.RELEVANCE and not selection.words else query.sort


def page(elastic: Elastic, query: Query, selection: Selection, after: After, aggregations: Body) -> Found:
    """aggregations: over all that is selected, whichever page."""
    order = order_of(query, selection)
    extra = {"aggs": aggregations} if aggregations else {}
    try:
        if order is Sort.RELEVANCE:
            return _by_score(elastic, query, selection, after, extra)
        if order is Sort.DISTANCE:
            return _by_distance(elastic, query, selection, after, extra)
        return _by_time(elastic, query.limit, selection, "desc" if order is Sort.NEWEST else "asc", after, extra)
    except StoreRefused as error:
        if after is None or error.status != 400:
            raise
        raise ContractError("cursor", "不是这个查询的翻页标记", "请从第一页重新查询") from error


def _body(query: Body, sort: list[Body], size: int, after: Sequence[object] | None) -> Body:
    body: Body = {"query": query, "sort": sort, "size": size, "track_total_hits": True}
    if after is not None:
        body["search_after"] = list(after)
    return body


def _found(answer: Body, limit: int) -> Found:
    """limit: hits of a page, of which the last gives the mark."""
    hits = answer["hits"]
    validate = ReportDocument.__pydantic_validator__.validate_python
    rows = [(hit["sort"][0], validate(hit["_source"]["doc"])) for hit in hits["hits"]]
    return Found(hits["total"]["value"], rows, _last_id(rows, limit), answer.get("aggregations", {}))


def _last_id(rows: list[Row], limit: int) -> str:
    return rows[min(limit, len(rows)) - 1][1].id if rows else ""


def _by_time(elastic: Elastic, limit: int, selection: Selection, direction: str, after: After, extra: Body) -> Found:
    """The server sorts by time alone: with a second key it reads the id of every report that it meets on its way, and reports lie
    in the order of time (240,000 of them: 77 ms, not 14). Those of one moment are put in order here."""
    query = selection.query()
    rows = _of_moment(elastic, query, after, limit + 1) if after is not None else []
    body = _body(query, [{"time": direction}], limit + 1, after and after[:1]) | extra
    found = _found(elastic.search(REPORTS, body), limit)
    rows += found.rows
    if len(rows) > limit and rows[limit - 1][0] == rows[-1][0]:  # the page may end within a moment of which not all is here
        moment = rows[limit - 1][0]
        rows = [row for row in rows if row[0] != moment]
        rows += _of_moment(elastic, query, (moment, after[1] if after is not None and after[0] == moment else ""), limit + 1)
    ahead = -1 if direction == "desc" else 1
    rows.sort(key=lambda row: (ahead * row[0], row[1].id))
    return replace(found, rows=rows[: limit + 1], mark=_last_id(rows, limit))


def _of_moment(elastic: Elastic, query: Body, after: tuple[float, str], size: int) -> list[Row]:
    """Reports of exactly that time whose id comes behind."""
    moment = {"bool": {"filter": [query, {"term": {"time": after[0]}}]}}
    body = _body(moment, [{"time": "asc"}, {"id": "asc"}], size, after)
    return _found(elastic.search(REPORTS, body), size).rows


def _by_score(elastic: Elastic, query: Query, selection: Selection, after: After, extra: Body) -> Found:
    body = _body(selection.query(scored=True), [{"_score": "desc"}, {"id": "asc"}], query.limit + 1, None) | extra
    if len(selection.words) > 1 or after is None:
        return _found(_now(elastic, body | ({"search_after": after} if after else {})), query.limit)
    report, _, moment = after[1].partition(" ")
    last = (after[0], report)
    answer = _behind(elastic, moment, body, last) if moment else None
    if answer is None:
        moment = _open(elastic)
        answer = _behind(elastic, moment, body, last) or _now(elastic, body | {"search_after": last})
    return _kept(elastic, _found(answer, query.limit), query.limit, answer.get("pit_id", moment))


def _open(elastic: Elastic) -> str:
    return str(elastic.request("POST", f"/{elastic.name(REPORTS)}/_pit", params={"keep_alive": KEPT})[1]["id"])


def _kept(elastic: Elastic, found: Found, limit: int, moment: str) -> Found:
    """With the moment for the next page; where there is none, or the moment does not fit into a cursor, it is given back."""
    if len(found.rows) > limit and len(moment) < _LONGEST_MARK:
        return replace(found, mark=f"{found.mark} {moment}")
    elastic.request("DELETE", "/_pit", {"id": moment}, expect={404})
    return found


def _now(elastic: Elastic, body: Body) -> Body:
    answer: Body = elastic.request("POST", f"/{elastic.name(REPORTS)}/_search", body, params=_ONE_MEASURE)[1]
    return answer


def _behind(elastic: Elastic, moment: str, body: Body, last: tuple[float, str]) -> Body | None:
    """What comes behind the last hit, where it stands at this moment; None when the moment is gone."""
    query = {"bool": {"must": [body["query"]], "filter": [{"term": {"id": last[1]}}]}}
    seen = _at(elastic, moment, {"query": query, "size": 1, "_source": False})
    if seen is None:
        return None
    hits = seen["hits"]["hits"]
    score = float(hits[0]["_score"]) if hits else last[0]
    return _at(elastic, moment, body | {"search_after": [score, last[1]]})


def _at(elastic: Elastic, moment: str, body: Body) -> Body | None:
    """None when that point in time is gone."""
    body = body | {"pit": {"id": moment, "keep_alive": KEPT}}
    status, answer = elastic.request("POST", "/_search", body, params=_ONE_MEASURE, expect={404})
    return None if status == 404 else answer


def _by_distance(elastic: Elastic, query: Query, selection: Selection, after: After, extra: Body) -> Found:
    """The server's distances choose, ours order; so what is asked reaches a little beyond both ends of the page."""
    near = query.filters.near
    if near is None:
        raise ContractError("sort", "按距离排序必须给出中心点", "请同时给出 near(经度、纬度、半径米)")
    sort: list[Body] = [{"_geo_distance": {"point": list(near[:2]), "order": "asc", "unit": "m"}}, {"id": "asc"}]
    body = _body(selection.query(), sort, min(_MOST, query.limit + _MORE), after and (after[0] - SLACK_M, "")) | extra
    rows: list[Row] = []
    while True:
        answer = elastic.search(REPORTS, body)
        found = _found(answer, query.limit)
        hits = answer["hits"]["hits"]
        for _, report in found.rows:
            content = report.content
            if content is not None and content.lon is not None and content.lat is not None:
                key = metres(content.lon, content.lat, *near[:2])
                if after is None or (key, report.id) > after:
                    rows.append((key, report))
        rows.sort(key=lambda row: (row[0], row[1].id))
        last = hits[-1]["sort"] if hits else None
        if last is None or len(hits) < body["size"] or (len(rows) > query.limit and last[0] - SLACK_M > rows[query.limit - 1][0]):
            rows = rows[: query.limit + 1]
            return replace(found, rows=rows, mark=_last_id(rows, query.limit))
        body |= {"search_after": last, "size": _MOST}
