"""A whole pool read by the page: many documents with one request, one page in memory; and what changed since a moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from casework.facts import Facts
from pool.elastic.mapping import EVENTS
from pool.elastic.sources import read_event
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from pool.ports import StoredEvent
from schemas.documents import Claim, ReportDocument
from schemas.problem import Problem
from schemas.state import State

T = TypeVar("T")
PAGE: Final = 500
"""Aggregates."""
_IDS: Final = 1000

Keys = Callable[[Iterable[str]], dict[str, bytes | None]]


class Ahead(Generic[T]):
    """Documents by id, some of them fetched before they are asked for."""

    def __init__(self, read: Callable[[Iterable[str]], dict[str, T]]) -> None:
        self._read = read
        self._fetched: dict[str, T | None] = {}

    def fetch(self, ids: Iterable[str]) -> None:
        """These and no others are at hand from now on."""
        self._fetched = dict.fromkeys(ids)
        self._fetched |= self._read(list(self._fetched))

    def __call__(self, ids: Iterable[str]) -> dict[str, T]:
        wanted = list(ids)
        at_hand = ((id_, self._fetched.get(id_)) for id_ in wanted)
        found = {id_: document for id_, document in at_hand if document is not None}
        missing = [id_ for id_ in wanted if id_ not in self._fetched]
        return found | self._read(missing) if missing else found


class EventPages:
    """Port Events, but for `events_after`: the events of one page of aggregates are at hand, the others are read one by one."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._store = ElasticStore(elastic)
        self._page: dict[str, list[StoredEvent]] = {}

    def pages(self) -> Iterator[dict[str, int]]:
        """Aggregates with events and their newest version, in order of id. Refreshes."""
        self._elastic.refresh(EVENTS)
        composite: dict[str, Any] = {"size": PAGE, "sources": [{"aggregate": {"terms": {"field": "aggregate"}}}]}
        newest = {"newest": {"max": {"field": "version"}}}
        body = {"size": 0, "track_total_hits": False, "aggs": {"all": {"composite": composite, "aggs": newest}}}
        while True:
            found = self._elastic.search(EVENTS, body)["aggregations"]["all"]
            if found["buckets"]:
                yield {bucket["key"]["aggregate"]: int(bucket["newest"]["value"]) for bucket in found["buckets"]}
            if "after_key" not in found:
                return
            composite["after"] = found["after_key"]

    def load(self, newest: Mapping[str, int]) -> None:
        """These aggregates are at hand from now on, what was before is not. newest: the version that is likely the newest; of
        an aggregate that has a newer one nothing is kept, it is read by itself."""
        wanted = [f"{aggregate}-{version}" for aggregate, last in newest.items() for version in range(1, last + 2)]
        page: dict[str, list[StoredEvent]] = {aggregate: [] for aggregate in newest}
        for source in self._elastic.mget(EVENTS, wanted).values():
            event = read_event(source)
            page.setdefault(event.aggregate, []).append(event)
        for aggregate, last in newest.items():
            events = page[aggregate]
            events.sort(key=lambda event: event.version)
            if events and events[-1].version > last:
                del page[aggregate]
        self._page = page

    def aggregates(self) -> Iterator[str]:
        for page in self.pages():
            self.load(page)
            yield from page

    def events_of(self, aggregate: str) -> list[StoredEvent]:
        at_hand = self._page.get(aggregate)
        return self._store.events_of(aggregate) if at_hand is None else at_hand

    def events_after(self, sequence: int, limit: int) -> list[StoredEvent]:
        return self._store.events_after(sequence, limit)


class PagedPool(EventPages):
    """What `pool.reconcile` reads, while others write: a page's documents are read after its events. `forget` before looking
    again."""

    def __init__(self, elastic: Elastic, keys: Keys) -> None:
        super().__init__(elastic)
        self.keys: Ahead[bytes | None] = Ahead(keys)
        self.facts: Ahead[Facts] = Ahead(self._store.facts)
        self.states: Ahead[State] = Ahead(self._store.states)
        self.report_documents: Ahead[ReportDocument] = Ahead(self._store.report_documents)
        self.claims: Ahead[Claim] = Ahead(self._store.claims)
        self.state_ids = self._store.state_ids
        self.report_ids = self._store.report_ids
        self.claim_ids = self._store.claim_ids

    def load(self, newest: Mapping[str, int]) -> None:
        super().load(newest)
        self.states.fetch(newest)
        self.facts.fetch(name for name in newest if name.startswith("p"))
        problems = [state for state in self.states(newest).values() if isinstance(state, Problem)]
        members = [member.report for problem in problems for member in problem.members]
        for read in (self.keys, self.report_documents):
            read.fetch(members)
        self.claims.fetch([*members, *(problem.order_number for problem in problems if problem.order_number)])

    def forget(self) -> None:
        """Nothing is at hand any more."""
        self.load({})


def checkpoint(elastic: Elastic, kind: str) -> int:
    """Every write of this kind up to this number is done: what is written from now on has a higher one (of several shards, at
    least than the lowest)."""
    _, stats = elastic.request("GET", f"/{elastic.name(kind)}/_stats/docs", params={"level": "shards"})
    copies = [copy for index in stats["indices"].values() for shard in index["shards"].values() for copy in shard]
    return min(int(copy["seq_no"]["local_checkpoint"]) for copy in copies if copy["routing"]["primary"])


def changed_since(elastic: Elastic, kind: str, number: int) -> Iterator[str]:
    """Ids written after this checkpoint; by the server's own numbering, so that no clock counts. Refreshes. What is written
    while this reads may be missing, and has a higher number than a checkpoint taken before."""
    elastic.refresh(kind)
    body: dict[str, Any] = {
        "query": {"range": {"_seq_no": {"gt": number}}},
        "sort": ["id"],
        "size": _IDS,
        "_source": False,
        "track_total_hits": False,
    }
    while True:
        hits = elastic.search(kind, body)["hits"]["hits"]
        yield from (hit["_id"] for hit in hits)
        if len(hits) < _IDS:
            return
        body["search_after"] = hits[-1]["sort"]
