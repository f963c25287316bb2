"""Walks over all documents of a kind, as they stood at one point of time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from pool.elastic.transport import WHOLE, Elastic, Impatience
from schemas.errors import PoolError

_KEPT: Final = "5m"
_AT_ONCE: Final = 1000
"""Measured over 30,000 reports: 0.33 s; with 10,000 at once 1.0 s."""


def scan(
    elastic: Elastic, kind: str, sort: Sequence[str], fields: Sequence[str], query: Mapping[str, Any] | None = None
) -> Iterator[dict[str, list[Any]]]:
    """`fields` of every document that `query` finds, from doc values alone; a field without value is absent.

    Ascending by `sort`, whose values are unique together. What was written since the last refresh is not seen. A point that
    the server lost (restart, long pause, swapped index) is opened again behind the last hit.
    """
    body: dict[str, Any] = {
        "size": _AT_ONCE, "sort": list(sort), "query": query or {"match_all": {}}, "track_total_hits": False,
        "_source": False, "stored_fields": "_none_", "docvalue_fields": list(fields),
    }  # fmt: skip
    point = ""
    try:
        while True:
            point = point or _open(elastic, kind)
            body["pit"] = {"id": point, "keep_alive": _KEPT}
            status, answer = elastic.request("POST", "/_search", body, params=WHOLE, expect=(404,))
            if status == 404:
                point = ""
                continue
            point, hits = answer["pit_id"], answer["hits"]["hits"]
            for hit in hits:
                yield hit["fields"]
            if len(hits) < _AT_ONCE:
                return
            body["search_after"] = hits[-1]["sort"][: len(sort)]
    finally:
        if point:
            with suppress(PoolError):
                elastic.request("DELETE", "/_pit", {"id": point}, expect=(404,), patience=Impatience(0))


def _open(elastic: Elastic, kind: str) -> str:
    _, answer = elastic.request("POST", f"/{elastic.name(kind)}/_pit", params={"keep_alive": _KEPT})
    return str(answer["id"])
