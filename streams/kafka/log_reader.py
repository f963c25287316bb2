"""Reads the log of record by offsets, outside of any consumer group: for rebuild, verify and whoever compares with it."""

import time
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.errors import PoolDamaged
from schemas.words import Topic
from streams.kafka.clients import open_client
from streams.kafka.settings import Servers
from streams.kafka.stopping import KafkaAway
from streams.kafka.topics import MAX_BYTES

_PATIENCE: Final = 30.0
"""Seconds without a record while some must come."""
_FETCH_BYTES: Final = 16 << 20
_AT_ONCE: Final = 2000
_OFFSET_BITS: Final = 40


class LogLine(NamedTuple):
    """One record. key: the aggregate; value: the stored line."""

    partition: int
    offset: int
    key: str
    value: bytes

    @property
    def sequence(self) -> int:
        """Its place in the whole log."""
        return self.partition << _OFFSET_BITS | self.offset


def place_of(sequence: int) -> tuple[int, int]:
    """(partition, offset) of a place in the whole log."""
    return sequence >> _OFFSET_BITS, sequence & ((1 << _OFFSET_BITS) - 1)


class LogReader:
    """The topic of events. Raises KafkaAway when the broker does not answer, PoolDamaged when the topic is not there or its
    beginning was deleted. Not for several threads."""

    def __init__(self, servers: Servers) -> None:
        self._topic = servers.topic(Topic.EVENTS.value)
        self._consumer = open_client(
            KafkaConsumer,
            servers,
            enable_auto_commit=False,
            max_poll_records=_AT_ONCE,
            max_partition_fetch_bytes=MAX_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=100,
        )
        try:
            self._places = self._find()
        except BaseException:
            self.close()
            raise
        self._consumer.assign(self._places)

    def _find(self) -> list[TopicPartition]:
        try:
            partitions = self._consumer.partitions_for_topic(self._topic)
            if not partitions:
                raise PoolDamaged(f"Kafka 里没有事件记录主题 {self._topic};请核对地址与命名空间,不要重建问题池")
            places = [TopicPartition(self._topic, partition) for partition in sorted(partitions)]
            begins = self._consumer.beginning_offsets(places)
        except KafkaError as error:
            raise KafkaAway(f"读不到事件记录({type(error).__name__});请检查 Kafka") from error
        for place in places:
            if begins[place] > 0:
                raise PoolDamaged(
                    f"事件记录分区 {place.partition} 第 {begins[place]} 条之前的已被删去(保留时间或人为删除);"
                    "请运行 wentichi topics check,并从备份找回事件记录"
                )
        return places

    @property
    def starts(self) -> dict[int, int]:
        """The first offset of every partition."""
        return {place.partition: 0 for place in self._places}

    def ends(self) -> dict[int, int]:
        """By partition, the offset behind the last record."""
        try:
            return {place.partition: end for place, end in self._consumer.end_offsets(self._places).items()}
        except KafkaError as error:
            raise KafkaAway(f"读不到事件记录的末尾({type(error).__name__});请检查 Kafka") from error

    def read(self, starts: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[LogLine]:
        """Every record from `starts` up to `ends`, in order within a partition. What stands above `ends` is left.

        Memory: one fetch. Only one iteration at a time.
        """
        waiting = {partition for partition, end in ends.items() if starts.get(partition, 0) < end}
        for place in self._places:
            self._consumer.seek(place, starts.get(place.partition, 0))
        self._pause(waiting)
        until = time.monotonic() + _PATIENCE
        while waiting:
            try:
                polled = self._consumer.poll(timeout_ms=500)
            except KafkaError as error:
                raise KafkaAway(f"读不到事件记录({type(error).__name__});请检查 Kafka") from error
            if polled:
                until = time.monotonic() + _PATIENCE
            elif time.monotonic() > until:
                raise KafkaAway(f"事件记录的分区 {sorted(waiting)} 没有及时读到;请检查 Kafka")
            for place, records in polled.items():
                end = ends.get(place.partition, 0)
                for record in records:
                    if record.offset < end:
                        yield LogLine(place.partition, record.offset, (record.key or b"").decode(), record.value or b"")
            done = {place.partition for place in self._places if self._consumer.position(place) >= ends.get(place.partition, 0)}
            if waiting & done:
                waiting -= done
                self._pause(waiting)

    def _pause(self, waiting: set[int]) -> None:
        """Only what is still wanted is fetched."""
        self._consumer.pause(*(place for place in self._places if place.partition not in waiting))
        self._consumer.resume(*(place for place in self._places if place.partition in waiting))

    def close(self) -> None:
        self._consumer.close()
