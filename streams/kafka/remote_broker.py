"""What a command asks of the broker: append and wait for the acks, how far each stage has come."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError, NotCoordinatorError

from schemas.errors import ContractError, PoolAway, PoolError
from schemas.words import PROGRESS_PREFIX, Channel, Stage, Topic, intake_topic
from streams.kafka.clients import open_client
from streams.kafka.settings import Servers
from streams.kafka.topics import MAX_BYTES
from streams.session import packed_place

_OVERHEAD: Final = 1024
"""Bytes of a record beside key and value, generously."""
_WITHIN_MS: Final = 30_000
_CLOSE_SECONDS: Final = 5.0
_COORDINATOR_COMES: Final = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
"""A new cluster makes its list of groups when it is first asked for one; a broker that has just started reads it."""
_COORDINATED_WITHIN: Final = 20.0
_LOOK_AGAIN: Final = 0.2


class Record(NamedTuple):
    """partition None = by the key."""

    key: str | None
    value: bytes | None
    partition: int | None = None


@contextmanager
def asking() -> Iterator[None]:
    """Raises PoolAway for whatever the client raises."""
    try:
        yield
    except KafkaError as error:
        raise PoolAway(f"Kafka 没有答复({type(error).__name__});请检查地址、账号和服务") from error


class Broker:
    """Connects when it is first asked. One thread at a time. Topics go by their plain names."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._admin: KafkaAdminClient | None = None
        self._producer: KafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    def close(self) -> None:
        """Whatever `append` returned for is on the broker; a broker that went away meanwhile is no fault any more."""
        with suppress(KafkaError):
            if self._producer is not None:
                self._producer.close(timeout=_CLOSE_SECONDS)
        with suppress(KafkaError):
            if self._admin is not None:
                self._admin.close()

    def append(self, topic: str, records: Sequence[Record]) -> list[int]:
        """On all in-sync replicas on return; the place of each, partition << 40 | offset.

        Raises PoolAway (some may be there then), PoolError when there is no such topic, ContractError for a record that is too
        long: then nothing was sent.
        """
        for record in records:
            if len(record.value or b"") + len(record.key or "") * 4 > MAX_BYTES - _OVERHEAD:
                rule = f"记录 {record.key or ''} 有 {len(record.value or b''):,} 字节,Kafka 上每条至多 {MAX_BYTES >> 20} MB"
                raise ContractError(topic, rule, "请缩短这一条(例如去掉内嵌的附件)后再推")
        if not self.partitions([topic]):
            raise PoolError(f"Kafka 上没有主题 {topic};请运行 wentichi topics create")
        name = self._servers.topic(topic)
        with asking():
            producer = self._send_with()
            sent = [
                producer.send(name, record.value, key=record.key.encode() if record.key else None, partition=record.partition)
                for record in records
            ]
            producer.flush(_WITHIN_MS / 1000)
            done = [future.get(timeout=_WITHIN_MS / 1000) for future in sent]
        return [packed_place(found.partition, found.offset) for found in done]

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Of those topics that are there."""
        wanted = list(topics)
        unknown = [topic for topic in wanted if topic not in self._partitions]
        if unknown:
            with asking():
                described = self._ask().describe_topics([self._servers.topic(topic) for topic in unknown])
            there = [found for found in described if not found["error_code"]]
            self._partitions |= {self._servers.plain(found["name"]): len(found["partitions"]) for found in there}
        counts = ((self._servers.topic(topic), self._partitions.get(topic, 0)) for topic in wanted)
        return [TopicPartition(name, number) for name, count in counts for number in range(count)]

    def ends(self, topics: Iterable[str]) -> dict[TopicPartition, int]:
        """Where the next record will go, of partitions that hold records."""
        places = self.partitions(topics)
        if not places:
            return {}
        with asking():
            last = self._ask().list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
            first = self._ask().list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
        return {place: found.offset for place, found in last.items() if found.offset > first[place].offset}

    def committed(self, stages: Iterable[Stage]) -> dict[Stage, dict[TopicPartition, int]]:
        """What each stage has acked, by partition."""
        groups = {stage: self._servers.group(stage) for stage in stages}
        until = time.monotonic() + _COORDINATED_WITHIN
        while True:
            with asking():
                try:
                    found = self._ask().list_group_offsets(dict.fromkeys(groups.values()))
                    break
                except _COORDINATOR_COMES:
                    if time.monotonic() > until:
                        raise
            time.sleep(_LOOK_AGAIN)
        return {stage: {place: kept.offset for place, kept in found.get(group, {}).items()} for stage, group in groups.items()}

    def reached(self, stage: Stage, topic: str) -> Callable[[], bool]:
        """A question: has the stage acked everything that stands in the topic now?"""
        ends = self.ends([topic])

        def answer() -> bool:
            if not ends:
                return True
            committed = self.committed([stage])[stage]
            return all(committed.get(place, 0) >= end for place, end in ends.items())

        return answer

    def behind(self, units: Iterable[str]) -> tuple[dict[Stage, int], dict[Stage, int]]:
        """(how many records wait for each stage that has not acked all, a number for each stage that rises when it acks).

        Acks are read before ends, so nothing is overlooked: what a stage asked for stood in its topic when the stage acked.
        """
        committed = self.committed(Stage)
        waiting = {}
        for stage in Stage:
            ends = self.ends(_topics_of(stage, units))
            count = sum(end - min(end, committed[stage].get(place, 0)) for place, end in ends.items())
            if count:
                waiting[stage] = count
        return waiting, {stage: sum(places.values()) for stage, places in committed.items()}

    def _ask(self) -> KafkaAdminClient:
        if self._admin is None:
            self._admin = open_client(KafkaAdminClient, self._servers, request_timeout_ms=_WITHIN_MS)
        return self._admin

    def _send_with(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = open_client(
                KafkaProducer,
                self._servers,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
                batch_size=1 << 20,
                max_request_size=MAX_BYTES,
                max_block_ms=_WITHIN_MS,
                delivery_timeout_ms=_WITHIN_MS * 2,
            )
        return self._producer


def _topics_of(stage: Stage, units: Iterable[str]) -> list[str]:
    match stage:
        case Stage.INTAKE:
            return [intake_topic(channel).value for channel in Channel]
        case Stage.PROGRESS:
            return [PROGRESS_PREFIX + unit for unit in units]
        case Stage.CASEWORK:
            return [Topic.COMMANDS.value]
        case Stage.PUBLISH:
            return [Topic.EVENTS.value]
