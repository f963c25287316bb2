"""Search on a server: the pool, and what a user would write without this application: one field of words, one request."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

import orjson

from console.bench.search_texts import Question, Side, raw_fields, raw_terms, raw_words, states_of
from pool.elastic.access import access
from pool.elastic.admin import create_indices, drop_all
from pool.elastic.mapping import KINDS, PROBLEMS, REPORTS, body_of
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from pool.ports import Writes
from pool.query import Sort
from pool.scope import ALL
from schemas.documents import ReportDocument

_RAW: Final = "raw"
_FILLED: Final = (REPORTS, PROBLEMS, _RAW)
_TIMEOUT_SECONDS: Final = 3600.0
"""Of one request: the server answers when it has merged."""
_LEASES_SECONDS: Final = 120.0


class Server:
    """A pool under a name of its own on the server. Pool and reference are written side by side, while the next reports are
    made; nothing is refreshed until all is written."""

    def __init__(self, url: str) -> None:
        elastic = Elastic(url, prefix=f"wentichi-bench-{uuid4().hex[:8]}", timeout=_TIMEOUT_SECONDS, access=access(url))
        self.where, self._elastic = elastic.prefix, elastic
        create_indices(elastic)
        self._store, self._search, self._raw = ElasticStore(elastic), ElasticSearch(elastic), RawElastic(elastic)
        self._refreshing("-1")
        self._threads = ThreadPoolExecutor(2)
        self._writing: list[Future[None]] = []

    def write(self, documents: Sequence[ReportDocument]) -> None:
        self._written()
        self._writing = [self._threads.submit(write, documents) for write in (self._write, self._raw.write)]

    def _write(self, documents: Sequence[ReportDocument]) -> None:
        self._store.write(Writes(states=states_of(documents), reports=list(documents)))

    def _written(self) -> None:
        for writing in self._writing:
            writing.result()

    def ready(self) -> None:
        self._written()
        self._elastic.refresh(*_FILLED)
        self._refreshing(body_of(REPORTS)["settings"]["refresh_interval"])

    def _refreshing(self, interval: str) -> None:
        self._elastic.request("PUT", f"/{self._names(*_FILLED)}/_settings", {"index.refresh_interval": interval})

    def settle(self) -> None:
        """Both are merged into one segment each. What a pool writes day by day is merged again and again; here it lies in pieces
        as large as memory, which still hold what was sent, kept for a replica that might come. A merge throws that away, once
        the server has seen, twice a minute, that none needs it."""
        end = time.monotonic() + _LEASES_SECONDS
        while self._sent_is_needed() and time.monotonic() < end:
            time.sleep(1)
        self._elastic.request("POST", f"/{self._names(*_FILLED)}/_flush", params={"force": "true"})
        for kind in _FILLED:
            self._elastic.request("POST", f"/{self._elastic.name(kind)}/_forcemerge", params={"max_num_segments": 1})

    def _sent_is_needed(self) -> bool:
        _, answer = self._elastic.request("GET", f"/{self._names(*_FILLED)}/_stats/docs", params={"level": "shards"})
        copies = [copy for index in answer["indices"].values() for shard in index["shards"].values() for copy in shard]
        return any(
            lease["retaining_seq_no"] <= copy["seq_no"]["max_seq_no"]
            for copy in copies
            for lease in copy["retention_leases"]["leases"]
        )

    def ask(self, side: Side, question: Question) -> int:
        query, facets = question
        if side is not Side.OURS:
            return self._raw.ask(question, together=side is Side.PHRASE)
        return self._search.search_and_facets(query, facets, ALL)[0].total

    def size(self) -> int:
        _, answer = self._elastic.request("GET", f"/{self._names(*KINDS)}/_stats/store")
        return int(answer["_all"]["total"]["store"]["size_in_bytes"])

    def _names(self, *kinds: str) -> str:
        return ",".join(self._elastic.name(kind) for kind in kinds)

    def close(self, *, keep: bool) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._raw.close()
        if not keep:
            drop_all(self._elastic)
        self._elastic.close()


class RawElastic:
    """An index of its own beside the pool's, one shard."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        keyword = {"type": "keyword"}
        words = {"type": "text", "analyzer": "whitespace"}
        fields = {"time": {"type": "long"}, "category": keyword, "state": keyword, "area": keyword, "district": keyword}
        properties = fields | {"words": words, "doc": {"type": "object", "enabled": False}}
        self._index = f"{elastic.name(_RAW)}-000001"
        body = {
            "aliases": {elastic.name(_RAW): {}},
            "settings": {"number_of_shards": 1, "number_of_replicas": 0},
            "mappings": {"dynamic": "strict", "_source": {"excludes": ["words"]}, "properties": properties},
        }
        elastic.request("PUT", f"/{self._index}", body)

    def write(self, documents: Sequence[ReportDocument]) -> None:
        name = self._elastic.name(_RAW)
        self._elastic.bulk([
            (
                orjson.dumps({"index": {"_index": name, "_id": document.id}}),
                orjson.dumps(raw_fields(document) | {"words": raw_words(document), "doc": document.model_dump(mode="json")}),
            )
            for document in documents
        ])  # fmt: skip

    def ask(self, question: Question, *, together: bool) -> int:
        query, facets = question
        found = [{"match_phrase": {"words": term}} for term in raw_terms(query.text, together=together)]
        limits = [{"term": {"district": query.filters.area_path}}] if query.filters.area_path else []
        scored = query.sort is Sort.RELEVANCE
        parts = {"must": found, "filter": limits} if scored else {"filter": [*found, *limits]}
        body: dict[str, Any] = {"query": {"bool": parts}, "size": query.limit, "track_total_hits": True}
        if not scored:
            body["sort"] = [{"time": "desc"}]
        if facets:
            body["aggs"] = {facet.value: {"terms": {"field": facet.value, "size": 20}} for facet in facets}
        return int(self._elastic.search(_RAW, body)["hits"]["total"]["value"])

    def close(self) -> None:
        self._elastic.request("DELETE", f"/{self._index}")
