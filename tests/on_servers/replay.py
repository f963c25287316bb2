"""The embedded replay of the commands that a pool on Kafka has recorded: the same commands must make the same documents."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
from kafka import KafkaConsumer, TopicPartition

from casework.derive import unit_views
from pool.ports import Reader
from pool.sqlite.store import SqliteReader
from schemas.identity import slot_of_problem
from schemas.words import DeadLetterKind, Topic
from streams.effects import LogRecord, at_of
from streams.kafka.pool import ElasticPool
from streams.local.home import Home, open_home, transaction
from streams.stages.casework import CaseworkStage
from streams.stages.publish import opened_texts

BATCH = 500
Keys = Callable[[Iterable[str]], dict[str, bytes | None]]


def read_topic(pool: ElasticPool, *topics: str) -> list[LogRecord]:
    """Every record of the topics, in the order of their times; of one partition in their own order."""
    names = [pool.servers.topic(topic) for topic in topics]
    consumer = KafkaConsumer(bootstrap_servers=pool.servers.kafka, enable_auto_commit=False, max_partition_fetch_bytes=1 << 24)
    try:
        places = [TopicPartition(name, partition) for name in names for partition in consumer.partitions_for_topic(name) or ()]
        ends = {place: end for place, end in consumer.end_offsets(places).items() if end}
        if not ends:
            return []
        consumer.assign(list(ends))
        consumer.seek_to_beginning(*ends)
        found: list[LogRecord] = []
        until = time.monotonic() + 60
        while any(consumer.position(place) < end for place, end in ends.items()):
            assert time.monotonic() < until, f"{topics} were not read to their ends"
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    key = record.key.decode() if record.key else None
                    topic, at = pool.servers.plain(record.topic), at_of(record.timestamp)
                    found.append(LogRecord(topic, record.partition, record.offset, key, record.value, at, tuple(record.headers)))
    finally:
        consumer.close()
    last: dict[tuple[str, int], int] = {}
    moments = []
    for record in sorted(found, key=lambda record: (record.topic, record.partition, record.offset)):
        place = record.topic, record.partition
        last[place] = max(last.get(place, 0), int(record.at.timestamp() * 1000))
        moments.append((last[place], *place, record.offset, record))
    return [record for *_, record in sorted(moments, key=lambda entry: entry[:4])]


def replayed(pool: ElasticPool, folder: Path, keys: Keys) -> Home:
    """An embedded pool that was given the recorded commands and nothing else: no intake, no timers, and what casework asks for
    is not asked, since the answer to it was recorded too. keys: data keys as they were while the commands were decided."""
    home = open_home(folder, pack=pool.pack)
    casework = CaseworkStage(pool.pack)
    reader: Reader = SqliteReader(home.store, home.vault)
    reader.keys = keys  # type: ignore[method-assign]
    aside = _put_aside(pool)
    records = [record for record in _in_order(pool, read_topic(pool, Topic.COMMANDS.value)) if record.place not in aside]
    for first in range(0, len(records), BATCH):
        effects = casework.handle(records[first : first + BATCH], reader)
        with transaction(home.connection):
            home.store.write(effects.writes)
    return home


def views_of(home: Home, keys: Keys) -> dict[tuple[str, str], dict[str, Any]]:
    """(unit, problem) -> the view that follows from the documents as they are."""
    views: dict[tuple[str, str], dict[str, Any]] = {}
    for problem in home.store.problems(home.store.state_ids()).values():
        documents = home.store.report_documents([member.report for member in problem.members])
        reports = [documents[member.report] for member in problem.members]
        key = keys([problem.id]).get(problem.id)
        for view in unit_views(problem, reports, opened_texts(problem, key), home.pack):
            views[view.unit, problem.id] = view.model_dump(mode="json")
    return views


def _put_aside(pool: ElasticPool) -> set[str]:
    """Commands that a stage with a bug had not decided: they count where they stand again after the replay of their letters."""
    letters = [orjson.loads(record.value) for record in read_topic(pool, Topic.DEAD_LETTER.value) if record.value is not None]
    return {letter["id"] for letter in letters if letter["kind"] == DeadLetterKind.DEFECT}


def _in_order(pool: ElasticPool, records: list[LogRecord]) -> list[LogRecord]:
    """The recorded sequence of every partition, woven as it was decided: which of two slots claimed a report first is no
    function of either sequence, so the other one's AddReport waits for the winner's."""
    added = {record.place: found for record in records if (found := _added(record)) is not None}
    claims = pool.store.claims({report for report, _ in added.values()})
    queues: dict[int, deque[LogRecord]] = {}
    for record in records:
        queues.setdefault(record.partition, deque()).append(record)
    claimed: set[str] = set()
    woven: list[LogRecord] = []

    def waits(record: LogRecord) -> bool:
        report, slot = added.get(record.place, ("", -1))
        claim = claims.get(report)
        return claim is not None and report not in claimed and slot_of_problem(claim.problem) != slot

    while queues:
        heads = sorted((queue[0] for queue in queues.values()), key=lambda record: (waits(record), record.at, record.partition))
        record = queues[heads[0].partition].popleft()
        if not queues[record.partition]:
            del queues[record.partition]
        claimed.add(added.get(record.place, ("", -1))[0])
        woven.append(record)
    return woven


def _added(record: LogRecord) -> tuple[str, int] | None:
    """(report, slot) of an AddReport; None of anything else, and of what is no command at all."""
    if b'"type":"AddReport"' not in (record.value or b""):
        return None
    fields = orjson.loads(record.value or b"")
    return fields["record"]["report"], fields["slot"]
