"""Documents, log and timers in Elasticsearch: ports Reader (without the vault's part), Events and Timers, and the writing.

Each step of the writing returns when every item is on the disk or definitely refused; the runner takes the steps in the order of
the protocol. Versions decide between writers, never the order of arrival.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel

from casework.facts import Facts
from city.pack import CityPack
from pool.elastic.facts import stored_facts
from pool.elastic.mapping import CLAIMS, DEAD_LETTERS, EVENTS, OUTCOMES, PROBLEMS, REPORTS
from pool.elastic.report_fields import source_of
from pool.elastic.scan import scan
from pool.elastic.sources import PlacedEvent, event_id, of_claim, of_event, of_letter, of_outcome, of_state, read_event
from pool.elastic.transport import Elastic, Item, StoreRefused
from pool.ports import MatchEntry, StoredEvent, Writes
from pool.sqlite.rows import micros, moment
from schemas.aggregate import Timer
from schemas.documents import Claim, DeadLetter, Outcome, ReportDocument
from schemas.errors import PoolBusy, PoolDamaged, PoolError
from schemas.problem import Problem
from schemas.state import State, state_of_values
from schemas.words import Mode

_FIRST_EVENTS: Final = 16
"""Most aggregates have fewer events."""
_MORE_EVENTS: Final = 500
_LETTERS: Final = 100
"""Read at once; each may hold a megabyte."""

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=Claim | State)


@dataclass(slots=True)
class StatesWritten:
    """lost: ids of problems of which a higher or another document of this write counter stands; refused: id -> reason."""

    lost: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class ElasticStore:
    """Usable from several threads. Reads by id see what was written before; searches say when they refresh.

    pack: by which the facts of the states written are made; without it they have no paths and no parts of the grassroots.
    """

    def __init__(self, elastic: Elastic, pack: CityPack | None = None) -> None:
        self._elastic = elastic
        self._pack = pack

    # reading by id

    def claims(self, ids: Iterable[str]) -> dict[str, Claim]:
        return self._read(CLAIMS, Claim, ids)

    def states(self, ids: Iterable[str]) -> dict[str, State]:
        return {id_: state_of_values(id_, source["doc"]) for id_, source in self._elastic.mget(PROBLEMS, ids).items()}

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]:
        return self._read(PROBLEMS, Problem, (id_ for id_ in ids if id_.startswith("p")))

    def facts(self, ids: Iterable[str]) -> dict[str, Facts]:
        """Of problems that exist, as they lie beside their states."""
        return stored_facts(self._elastic, ids)

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]:
        return self._read(REPORTS, ReportDocument, ids)

    def outcomes(self, commands: Iterable[str]) -> dict[str, Outcome]:
        """What became of these commands; those not yet decided are absent."""
        return self._read(OUTCOMES, Outcome, commands)

    def versions(self, problems: Iterable[str]) -> dict[str, int]:
        """How many events each has, without reading the rest; those that are not there are absent."""
        return {id_: source["version"] for id_, source in self._elastic.mget(PROBLEMS, problems, "version").items()}

    def _read(self, kind: str, model: type[M], ids: Iterable[str]) -> dict[str, M]:
        validate = model.__pydantic_validator__.validate_python
        return {id_: validate(source["doc"]) for id_, source in self._elastic.mget(kind, ids).items()}

    # scans

    def dead_letters(self, after: str = "", limit: int = 100) -> list[DeadLetter]:
        """By id, after the given one. Refreshes."""
        return list(islice(self._letters({"match_all": {}}, after), limit))

    def dead_letters_of(self, report: str) -> list[DeadLetter]:
        """The letters that hold words of this report. Refreshes."""
        return list(self._letters({"term": {"report": report}}))

    def _letters(self, query: Mapping[str, Any], after: str = "") -> Iterator[DeadLetter]:
        self._elastic.refresh(DEAD_LETTERS)
        body = {"query": query, "sort": ["id"], "size": _LETTERS, "_source": ["doc"], "search_after": [after]}
        while hits := self._elastic.search(DEAD_LETTERS, body)["hits"]["hits"]:
            yield from (DeadLetter.model_validate(hit["_source"]["doc"]) for hit in hits)
            body["search_after"] = hits[-1]["sort"]

    def delete_dead_letters(self, ids: Iterable[str]) -> None:
        self._bulk([(self._head(b"delete", DEAD_LETTERS, id_), None) for id_ in ids])

    def state_ids(self) -> Iterator[str]:
        """Every state document, also of version 0, by id. Refreshes."""
        return self._ids(PROBLEMS)

    def report_ids(self) -> Iterator[str]:
        """Every report document, by id. Refreshes."""
        return self._ids(REPORTS)

    def claim_ids(self) -> Iterator[str]:
        """Every claim, by id. Refreshes."""
        return self._ids(CLAIMS)

    def _ids(self, kind: str) -> Iterator[str]:
        self._elastic.refresh(kind)
        return (fields["id"][0] for fields in scan(self._elastic, kind, ["id"], ["id"]))

    def match_entries(self, slot: int, since: datetime) -> Iterator[MatchEntry]:
        """See pool.ports.Reader. Refreshes."""
        self._elastic.refresh(REPORTS)
        query = {"bool": {"filter": [{"term": {"slot": slot}}, {"range": {"time": {"gte": micros(since)}}}]}}
        fields = ["id", "mode", "time", "caller", "matter", "place_key", "simhash"]
        for found in scan(self._elastic, REPORTS, ["time", "id"], fields, query):
            yield MatchEntry(
                report=found["id"][0],
                live=found["mode"][0] == Mode.LIVE,
                time=moment(found["time"][0]),
                caller=found["caller"][0] if "caller" in found else None,
                category=found["matter"][0] if "matter" in found else None,
                place_key=found["place_key"][0],
                simhash=found["simhash"][0],
            )

    def events_of(self, aggregate: str) -> list[StoredEvent]:
        """By version, realtime. Asks in runs of versions and ends with the run that is not full."""
        events: list[StoredEvent] = []
        first, count = 1, _FIRST_EVENTS
        while True:
            found = self._elastic.mget(EVENTS, [f"{aggregate}-{version}" for version in range(first, first + count)])
            events += sorted(map(read_event, found.values()), key=lambda event: event.version)
            if len(found) < count:
                return events
            first, count = first + count, _MORE_EVENTS

    def events_after(self, sequence: int, limit: int) -> list[StoredEvent]:
        """limit: at most 10,000. Refreshes."""
        self._elastic.refresh(EVENTS)
        body = {"query": {"range": {"sequence": {"gt": sequence}}}, "sort": ["sequence"], "size": limit}
        return [read_event(hit["_source"]) for hit in self._elastic.search(EVENTS, body)["hits"]["hits"]]

    def aggregates(self) -> Iterator[str]:
        """Those with events, in order of id. Refreshes."""
        self._elastic.refresh(EVENTS)
        composite: dict[str, Any] = {"size": 5000, "sources": [{"aggregate": {"terms": {"field": "aggregate"}}}]}
        body = {"size": 0, "track_total_hits": False, "aggs": {"all": {"composite": composite}}}
        while True:
            found = self._elastic.search(EVENTS, body)["aggregations"]["all"]
            yield from (bucket["key"]["aggregate"] for bucket in found["buckets"])
            if "after_key" not in found:
                return
            composite["after"] = found["after_key"]

    def due(self, until: datetime, limit: int, slots: Collection[int] | None = None) -> list[tuple[str, Timer]]:
        """Of these slots, or of all. What was written within the last second may be missing; what is given is due now."""
        filters: list[dict[str, Any]] = [{"range": {"next_due": {"lte": micros(until)}}}]
        if slots is not None:
            filters.append({"terms": {"slot": sorted(slots)}})
        body = {"query": {"bool": {"filter": filters}}, "sort": ["next_due", "id"], "size": limit, "_source": False}
        hits = self._elastic.search(PROBLEMS, body)["hits"]["hits"]
        states = self.states(hit["_id"] for hit in hits).values()
        found = [(s.id, t) for s in states for t in s.timers if not t.expired and t.due <= until]
        found.sort(key=lambda pair: (pair[1].due, pair[0], pair[1].clock))
        return found[:limit]

    # writing

    def write_claims(self, claims: Sequence[Claim]) -> set[str]:
        """Ids of the claims that lost: another stands with this write counter or a higher one. Of several given for one id
        only the one with the highest counter counts. Raises StoreRefused."""
        newest = _newest(claims)
        operations = [(self._head(b"index", CLAIMS, claim.id, claim.write), of_claim(claim)) for claim in newest.values()]
        items = dict(zip(newest, self._elastic.bulk(operations), strict=True))
        for id_, item in items.items():
            if not item.done and not item.conflict:
                raise StoreRefused(item.status, f"登记 {id_}:{item.reason}")
        return _lost(newest, items, self.claims)

    def write_states(self, states: Sequence[State]) -> StatesWritten:
        """As write_claims; what the server refuses for a document itself is named with its reason."""
        newest = _newest(states)
        written = time.time_ns() // 1_000_000
        operations = [
            (self._head(b"index", PROBLEMS, state.id, state.write), of_state(state, written, self._pack))
            for state in newest.values()
        ]
        items = dict(zip(newest, self._elastic.bulk(operations), strict=True))
        refused = {id_: item.reason for id_, item in items.items() if not item.done and not item.conflict}
        return StatesWritten(_lost(newest, items, self.states), refused)

    def replace(self, claims: Sequence[Claim], states: Sequence[State]) -> None:
        """For the only writer of new indices beside those in use: a document of the same write counter is replaced.

        Raises StoreRefused; PoolBusy when a document of a higher counter stands, so that there is another writer.
        """
        written = time.time_ns() // 1_000_000
        rule = b"external_gte"
        operations = [(self._head(b"index", CLAIMS, claim.id, claim.write, rule), of_claim(claim)) for claim in claims]
        operations += [
            (self._head(b"index", PROBLEMS, state.id, state.write, rule), of_state(state, written, self._pack))
            for state in states
        ]
        ids = [claim.id for claim in claims] + [state.id for state in states]
        for id_, item in zip(ids, self._bulk(operations), strict=True):
            if item.conflict:
                raise PoolBusy(f"{id_} 在新索引里已有更新的文档;可能另有重建在进行,请只留一个")

    def write_events(self, events: Sequence[PlacedEvent]) -> None:
        """Create-only: the same line again changes nothing, its first sequence stays.

        Raises PoolDamaged when another line stands under that version, StoreRefused.
        """
        self.write_derived(events, [], [])

    def write_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """The same id again replaces. Raises StoreRefused."""
        self.write_derived([], letters, [])

    def write_reports(self, documents: Sequence[ReportDocument]) -> dict[str, str]:
        """The highest version of a report stands, the last given among equals. What the server refuses: id -> reason."""
        return self.write_derived([], [], documents)

    def write_derived(
        self, events: Sequence[PlacedEvent], letters: Sequence[DeadLetter], documents: Sequence[ReportDocument]
    ) -> dict[str, str]:
        """All three in one request; see write_events, write_dead_letters and write_reports for each."""
        newest: dict[str, ReportDocument] = {}
        for document in documents:
            if document.id not in newest or document.version >= newest[document.id].version:
                newest[document.id] = document
        operations = [(self._head(b"create", EVENTS, event_id(event)), of_event(event)) for event in events]
        operations += [(self._head(b"index", DEAD_LETTERS, letter.id), of_letter(letter)) for letter in letters]
        derived = [
            (self._head(b"index", REPORTS, document.id, document.version, b"external_gte"), source_of(document))
            for document in newest.values()
        ]
        items = self._elastic.bulk(operations + derived)
        _require(operations, items[: len(operations)])
        self._same_lines([event for event, item in zip(events, items, strict=False) if item.conflict])
        reports = zip(newest, items[len(operations) :], strict=True)
        return {id_: item.reason for id_, item in reports if not item.done and not item.conflict}

    def _same_lines(self, events: Sequence[PlacedEvent]) -> None:
        stored = self._elastic.mget(EVENTS, map(event_id, events))
        for event in events:
            if stored[event_id(event)]["line"].encode() != event[2]:
                raise PoolDamaged(f"事件记录中已有同一版本的事件:{event[0]} 第 {event[1]} 版;请运行核对(reconcile)")

    def write_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """The same command again replaces. Raises StoreRefused."""
        self._bulk([(self._head(b"index", OUTCOMES, outcome.command), of_outcome(outcome)) for outcome in outcomes])

    def write(self, writes: Writes) -> None:
        """Everything, in the order of the protocol; events behind all that are there. For one writer at a time.

        Raises StoreRefused or PoolError with the first document refused, PoolBusy with the first that another writer
        overtook, PoolDamaged: see write_events. What was written before stays.
        """
        lost = self.write_claims(writes.claims)
        states = self.write_states(writes.states)
        for id_ in sorted(lost | states.lost):
            raise PoolBusy(f"{id_} 已有更新的文档,本次写入作废;请停止其他写入者后重试")
        _raise_first("问题", states.refused)
        if writes.events:
            first = self._last_sequence() + 1
            self.write_events([(*event, first + place) for place, event in enumerate(writes.events)])
        self.write_dead_letters(writes.dead_letters)
        _raise_first("来件", self.write_reports(writes.reports))
        self.write_outcomes(writes.outcomes)

    def _last_sequence(self) -> int:
        self._elastic.refresh(EVENTS)
        body = {"sort": [{"sequence": "desc"}], "size": 1, "_source": ["sequence"]}
        hits = self._elastic.search(EVENTS, body)["hits"]["hits"]
        return int(hits[0]["_source"]["sequence"]) if hits else 0

    def _head(self, action: bytes, kind: str, id_: str, version: int | None = None, rule: bytes = b"external") -> bytes:
        target = b'{"%s":{"_index":"%s","_id":%s' % (action, self._elastic.name(kind).encode(), orjson.dumps(id_))
        if version is None:
            return target + b"}}"
        return target + b',"version":%d,"version_type":"%s"}}' % (version, rule)

    def _bulk(self, operations: Sequence[tuple[bytes, bytes | None]]) -> list[Item]:
        """Raises StoreRefused for the first item that is neither done nor in conflict."""
        items = self._elastic.bulk(operations)
        _require(operations, items)
        return items


def _require(operations: Sequence[tuple[bytes, bytes | None]], items: Sequence[Item]) -> None:
    """Raises StoreRefused for the first item that is neither done nor in conflict."""
    for (head, _), item in zip(operations, items, strict=True):
        if not item.done and not item.conflict:
            raise StoreRefused(item.status, f"{head.decode()}:{item.reason}")


def _newest(documents: Sequence[W]) -> dict[str, W]:
    """By id, the highest write counter, the last given among equals."""
    newest: dict[str, W] = {}
    for document in documents:
        if document.id not in newest or document.write >= newest[document.id].write:
            newest[document.id] = document
    return newest


def _lost(ours: Mapping[str, W], items: Mapping[str, Item], read: Callable[[Iterable[str]], Mapping[str, W]]) -> set[str]:
    """In conflict, and what stands is not ours: ours stands already when an earlier answer was lost on the way."""
    conflicts = [id_ for id_, item in items.items() if item.conflict]
    standing = read(conflicts)
    return {id_ for id_ in conflicts if standing.get(id_) != ours[id_]}


def _raise_first(what: str, refused: Mapping[str, str]) -> None:
    for id_, reason in refused.items():
        raise PoolError(f"{what} {id_} 的文档被 Elasticsearch 拒收:{reason};请核对索引结构与城市配置包")
