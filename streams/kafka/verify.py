"""The log of record against the index of events, both ways; and the documents against the log, while workers work."""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from pool.elastic.mapping import CLAIMS, EVENTS, PROBLEMS, REPORTS
from pool.elastic.pages import PagedPool
from pool.ports import StoredEvent
from pool.reconcile import Findings
from pool.reconcile import reconcile as compare
from schemas.events import version_of
from streams.kafka.log_reader import LogLine, LogReader, place_of
from streams.kafka.pool import ElasticPool

PAUSE: Final = 2.0
"""Seconds before what differs is looked at again: a worker's batch takes less."""
LOOKS_AGAIN: Final = 2
MOST: Final = 10_000
"""Faults of the log after which the rest is not looked at: such an index is rebuilt, not read through."""
_AT_ONCE: Final = 500


def verify(pool: ElasticPool, pause: float = PAUSE) -> Findings:
    """Every line of the topic is in the index byte for byte, nothing else is; chains hold; documents are as the log says.

    Raises PoolAway, PoolDamaged (the topic is gone or was cut at its beginning).
    """
    reader = LogReader(pool.servers)
    try:
        faults = _Lines(pool, reader).faults(pause)
    finally:
        reader.close()
    found, _ = reconcile(pool, pause=pause)
    found.faults[:0] = faults
    return found


def reconcile(pool: ElasticPool, *, repair: bool = False, pause: float = PAUSE) -> tuple[Findings, int]:
    """(what still differs, documents repaired). A repair never takes the place of a document that a worker wrote since."""
    found = _compare(pool, pause)
    repairs = found.repairs
    wanted = len(repairs.claims) + len(repairs.states) + len(repairs.reports)
    if not repair or not wanted:
        return found, 0
    store = pool.store
    overtaken = len(store.write_claims(repairs.claims))
    states = store.write_states(repairs.states)
    overtaken += len(states.lost) + len(states.refused) + len(store.write_reports(repairs.reports))
    return _compare(pool, pause), wanted - overtaken


def _compare(pool: ElasticPool, pause: float) -> Findings:
    paged = PagedPool(pool.elastic, pool.vault.keys)

    def settle() -> None:
        time.sleep(pause)
        pool.elastic.refresh(CLAIMS, PROBLEMS, REPORTS, EVENTS)
        paged.forget()

    return compare(paged, paged.keys, pool.pack, settle)


class _Fault(NamedTuple):
    """line: of the topic, None for an event that only the index has. key: what is looked up again."""

    sentence: str
    aggregate: str
    version: int
    sequence: int
    line: bytes | None


class _Lines:
    """One comparison of topic and index, partition by partition, both in the order of offsets. Memory: one page of each."""

    def __init__(self, pool: ElasticPool, reader: LogReader) -> None:
        self._pool = pool
        self._reader = reader
        self._found: list[_Fault] = []

    def faults(self, pause: float) -> list[str]:
        ends = self._reader.ends()
        for partition, end in ends.items():
            self._partition(partition, end)
            if len(self._found) >= MOST:
                break
        for _ in range(LOOKS_AGAIN):
            if self._found:
                time.sleep(pause)
                self._pool.elastic.refresh(EVENTS)
                self._found = [fault for fault in self._found if not self._right_now(fault)]
        cut = [f"不符已达 {MOST} 处,其余未再比对;请由事件记录重建(rebuild)"] if len(self._found) >= MOST else []
        return [fault.sentence for fault in self._found] + self._beyond() + cut

    def _partition(self, partition: int, end: int) -> None:
        indexed = self._indexed(partition, end)
        event = next(indexed, None)
        elsewhere: list[LogLine] = []
        for line in self._reader.read({partition: 0}, {partition: end}):
            while event is not None and event.sequence < line.sequence:
                self._extra(event)
                event = next(indexed, None)
            if event is None or event.sequence != line.sequence:
                elsewhere.append(line)
            else:
                if (event.aggregate, event.line) != (line.key, line.value) or event.version != _version(line):
                    self._differs(line, "索引里的内容与它不符")
                event = next(indexed, None)
            if len(elsewhere) >= _AT_ONCE:
                self._sent_twice(elsewhere)
                elsewhere = []
            if len(self._found) >= MOST:
                return
        self._sent_twice(elsewhere)
        while event is not None and len(self._found) < MOST:
            self._extra(event)
            event = next(indexed, None)

    def _indexed(self, partition: int, end: int) -> Iterator[StoredEvent]:
        after = (partition << 40) - 1
        last = (partition << 40 | end) - 1
        while True:
            events = self._pool.store.events_after(after, _AT_ONCE)
            for event in events:
                if event.sequence > last:
                    return
                yield event
            if len(events) < _AT_ONCE:
                return
            after = events[-1].sequence

    def _sent_twice(self, lines: list[LogLine]) -> None:
        """A line that the topic holds twice stands in the index once, under one of its places."""
        stored = self._pool.elastic.mget(EVENTS, [f"{line.key}-{_version(line)}" for line in lines])
        for line in lines:
            event = stored.get(f"{line.key}-{_version(line)}")
            if event is None:
                self._differs(line, "索引里没有")
            elif event["line"].encode() != line.value or place_of(event["sequence"])[0] != line.partition:
                self._differs(line, "索引里的内容与它不符")

    def _differs(self, line: LogLine, what: str) -> None:
        version = _version(line)
        place = f"事件记录分区 {line.partition} 第 {line.offset} 条({line.key} 第 {version} 版)"
        self._found.append(_Fault(f"{place}:{what}", line.key, version, line.sequence, line.value))

    def _extra(self, event: StoredEvent) -> None:
        partition, offset = place_of(event.sequence)
        sentence = (
            f"索引里 {event.aggregate} 第 {event.version} 版事件记在分区 {partition} 第 {offset} 条,事件记录的那个位置不是它"
        )
        self._found.append(_Fault(sentence, event.aggregate, event.version, event.sequence, None))

    def _right_now(self, fault: _Fault) -> bool:
        """What was on its way when it was looked at. What only the index has was not: the topic is written first."""
        if fault.line is None:
            return False
        name = f"{fault.aggregate}-{fault.version}"
        stored = self._pool.elastic.mget(EVENTS, [name]).get(name)
        if stored is None:
            return False
        return bool(stored["line"].encode() == fault.line and place_of(stored["sequence"])[0] == place_of(fault.sequence)[0])

    def _beyond(self) -> list[str]:
        """Events in the index that lie behind the end of the log: the log was cut or made anew."""
        elastic, faults = self._pool.elastic, []
        for partition in self._reader.starts:
            first = partition << 40
            query = {"range": {"sequence": {"gte": first, "lt": first + (1 << 40)}}}
            body = {"query": query, "sort": [{"sequence": "desc"}], "size": 1}
            hits = elastic.search(EVENTS, body)["hits"]["hits"]
            end = self._reader.ends()[partition]
            for hit in hits:
                event = hit["_source"]
                offset = place_of(event["sequence"])[1]
                if offset >= end:
                    faults.append(
                        f"事件记录分区 {partition} 只到第 {end} 条之前,索引里却有第 {offset} 条({event['aggregate']} 第 "
                        f"{event['version']} 版):末尾的事件记录被截去,请找回事件记录"
                    )
        return faults


def _version(line: LogLine) -> int:
    """0 where it cannot be read: then the index cannot have it."""
    try:
        return version_of(line.value)
    except (ValueError, KeyError, TypeError):
        return 0
