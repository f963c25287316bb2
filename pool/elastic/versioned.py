"""Documents of one kind that are created once and changed only as they were last seen: no writer overwrites another unseen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pool.elastic.transport import Elastic, Item, StoreRefused
from schemas.errors import PoolAway

Source = dict[str, Any]

_PAGE: Final = 5_000
_KEPT_OPEN: Final = "2m"


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as it was read; seq_no and term name this state of it and no other."""

    source: Source
    seq_no: int
    term: int


class Versioned:
    """What one kind of document needs beyond `Elastic`. Realtime, but for `scan`. Usable from several threads."""

    def __init__(self, elastic: Elastic, kind: str) -> None:
        self._elastic = elastic
        self._kind = kind

    def read(self, ids: Iterable[str]) -> dict[str, Seen]:
        """What is not there is absent from the answer."""
        wanted = list(ids)
        attempt = 0
        while wanted:
            try:
                return self._read(wanted)
            except PoolAway as error:  # of one document, inside an answer of 200
                self._elastic.patience.wait(attempt, error)
            attempt += 1
        return {}

    def _read(self, ids: Sequence[str]) -> dict[str, Seen]:
        path = f"/{self._elastic.name(self._kind)}/_mget"
        _, answer = self._elastic.request("POST", path, orjson.dumps({"ids": ids}))
        found = {}
        for doc in answer["docs"]:
            if "error" in doc:
                raise PoolAway(f"Elasticsearch 读不出 {doc['_id']}:{doc['error'].get('reason', '')};请检查服务与索引")
            if doc["found"]:
                found[doc["_id"]] = Seen(doc["_source"], doc["_seq_no"], doc["_primary_term"])
        return found

    def create(self, documents: Mapping[str, Source]) -> set[str]:
        """The ids that were not there before. After an answer that got lost, one of them may count as there."""
        return self._done("create", {id_: (source, {}) for id_, source in documents.items()})

    def replace(self, changes: Mapping[str, tuple[Source, Seen]]) -> set[str]:
        """The ids that were still as seen and now hold the new source."""
        return self._done("index", {id_: (source, _as_seen(seen)) for id_, (source, seen) in changes.items()})

    def delete(self, documents: Mapping[str, Seen]) -> set[str]:
        """The ids that were still as seen and are gone now."""
        return self._done("delete", {id_: (None, _as_seen(seen)) for id_, seen in documents.items()})

    def _done(self, action: str, changes: Mapping[str, tuple[Source | None, Source]]) -> set[str]:
        if not changes:
            return set()
        alias = {"_index": self._elastic.name(self._kind)}
        operations = [
            (orjson.dumps({action: alias | {"_id": id_} | terms}), None if source is None else orjson.dumps(source))
            for id_, (source, terms) in changes.items()
        ]
        items: Sequence[Item] = self._elastic.bulk(operations)
        for id_, item in zip(changes, items, strict=True):
            if not item.done and not item.conflict:
                raise StoreRefused(item.status, f"{id_}: {item.reason}")
        return {id_ for id_, item in zip(changes, items, strict=True) if item.done}

    def scan(self, query: Mapping[str, Any], sort: Sequence[str] = ("_shard_doc",)) -> Iterator[tuple[str, Source]]:
        """(id, source) of everything that was there at the call, at one point in time."""
        self._elastic.refresh(self._kind)
        _, opened = self._elastic.request("POST", f"/{self._elastic.name(self._kind)}/_pit", params={"keep_alive": _KEPT_OPEN})
        pit, after = opened["id"], None
        try:
            while True:
                body = {
                    "size": _PAGE,
                    "query": query,
                    "sort": [{field: "asc"} for field in sort],
                    "pit": {"id": pit, "keep_alive": _KEPT_OPEN},
                    "track_total_hits": False,
                } | ({} if after is None else {"search_after": after})
                params = {"allow_partial_search_results": "false"}
                _, answer = self._elastic.request("POST", "/_search", body, params=params)
                pit, hits = answer.get("pit_id", pit), answer["hits"]["hits"]
                yield from ((hit["_id"], hit["_source"]) for hit in hits)
                if len(hits) < _PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            self._elastic.request("DELETE", "/_pit", {"id": pit}, expect=(404,))


def _as_seen(seen: Seen) -> Source:
    return {"if_seq_no": seen.seq_no, "if_primary_term": seen.term}
