"""Search on a server: the pool, and what a user would write without this application: one field of words, one request."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson

from console.bench.search_texts import Question, raw_fields, raw_words
from language.tokenise import tokenise
from pool.elastic.access import access
from pool.elastic.admin import create_indices, drop_all
from pool.elastic.mapping import KINDS, PROBLEMS, REPORTS
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from pool.ports import Writes
from pool.query import Sort
from schemas.documents import ReportDocument


class Server:
    """A pool under a name of its own on the server."""

    def __init__(self, url: str) -> None:
        elastic = Elastic(url, prefix=f"wentichi-bench-{uuid4().hex[:8]}", access=access(url))
        self.where, self._elastic = elastic.prefix, elastic
        create_indices(elastic)
        self._store, self.search, self.raw = ElasticStore(elastic), ElasticSearch(elastic), RawElastic(elastic)

    def write(self, writes: Writes) -> None:
        self._store.write(writes)

    def size(self) -> int:
        self._elastic.refresh(REPORTS, PROBLEMS)
        names = ",".join(self._elastic.name(kind) for kind in KINDS)
        _, answer = self._elastic.request("GET", f"/{names}/_stats/store")
        return int(answer["_all"]["total"]["store"]["size_in_bytes"])

    def close(self, *, keep: bool) -> None:
        self.raw.close()
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
        self._index = f"{elastic.name('raw')}-000001"
        body = {
            "aliases": {elastic.name("raw"): {}},
            "settings": {"number_of_shards": 1, "number_of_replicas": 0},
            "mappings": {"dynamic": "strict", "_source": {"excludes": ["words"]}, "properties": properties},
        }
        elastic.request("PUT", f"/{self._index}", body)

    def write(self, documents: Sequence[ReportDocument]) -> None:
        name = self._elastic.name("raw")
        self._elastic.bulk([
            (
                orjson.dumps({"index": {"_index": name, "_id": document.id}}),
                orjson.dumps(raw_fields(document) | {"words": raw_words(document), "doc": document.model_dump(mode="json")}),
            )
            for document in documents
        ])  # fmt: skip

    def ready(self) -> None:
        self._elastic.refresh("raw")

    def ask(self, question: Question) -> int:
        query, facets = question
        found: dict[str, Any] = {"match_all": {}}
        if query.text:
            found = {"match": {"words": {"query": " ".join(tokenise(query.text)), "operator": "and"}}}
        limits = [{"term": {"district": query.filters.area_path}}] if query.filters.area_path else []
        scored = query.sort is Sort.RELEVANCE
        parts = {"must": [found], "filter": limits} if scored else {"filter": [found, *limits]}
        body: dict[str, Any] = {"query": {"bool": parts}, "size": query.limit, "track_total_hits": True}
        if not scored:
            body["sort"] = [{"time": "desc"}]
        if facets:
            body["aggs"] = {facet.value: {"terms": {"field": facet.value, "size": 20}} for facet in facets}
        return int(self._elastic.search("raw", body)["hits"]["total"]["value"])

    def close(self) -> None:
        self._elastic.request("DELETE", f"/{self._index}")
