"""A subscriber's reading of `dispatch.<unit>` on the broker: one partition, read without a group's rebalances."""

import time
from typing import Any, Final

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from schemas.words import DISPATCH_PREFIX, Stage, Topic
from streams.effects import LogRecord, at_of
from streams.kafka.clients import open_client
from streams.kafka.remote_broker import Broker, asking
from streams.kafka.settings import Servers
from streams.kafka.topics import MAX_BYTES

_POLL_MS: Final = 100
_SILENT: Final = 5.0
"""Seconds without a record, in a partition whose end was not reached, after which reading gives up for this time."""
_PUBLISHED_WITHIN: Final = 3.0
"""Seconds to wait for what casework has decided already; publish acks every second."""


class KafkaViews:
    """The reader's place is kept by the broker, under a group of its own. See streams.session.Views."""

    def __init__(self, servers: Servers, broker: Broker, unit: str, reader: str, *, from_start: bool) -> None:
        self._servers = servers
        self._broker = broker
        self._topic = DISPATCH_PREFIX + unit
        self._group = f"{servers.namespace or 'wentichi'}-subscriber.{reader}"
        self._from_start = from_start
        self._place: TopicPartition | None = None
        self._consumer: Any = None

    def read(self, limit: int) -> list[LogRecord]:
        """A topic that does not exist yet is empty. Raises PoolAway."""
        with asking():
            if self._consumer is None and not self._open():
                return []
            until = time.monotonic() + _SILENT
            while True:
                polled = self._consumer.poll(timeout_ms=_POLL_MS, max_records=limit)
                if polled:
                    return [self._record(record) for records in polled.values() for record in records]
                end = self._consumer.end_offsets([self._place])[self._place]
                if self._consumer.position(self._place) >= end or time.monotonic() > until:
                    return []

    def done(self) -> None:
        with asking():
            self._consumer.commit({self._place: OffsetAndMetadata(self._consumer.position(self._place), "", -1)})

    def close(self) -> None:
        if self._consumer is not None:
            with asking():
                self._consumer.close(autocommit=False)

    def _open(self) -> bool:
        """False where the unit has no topic yet."""
        places = self._broker.partitions([self._topic])
        if not places:
            return False
        self._await_publish()
        self._place = places[0]
        self._consumer = open_client(
            KafkaConsumer,
            self._servers,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_BYTES,
        )
        self._consumer.assign([self._place])
        if self._from_start:
            self._consumer.seek_to_beginning(self._place)
        return True

    def _await_publish(self) -> None:
        published = self._broker.reached(Stage.PUBLISH, Topic.EVENTS.value)
        until = time.monotonic() + _PUBLISHED_WITHIN
        while not published() and time.monotonic() < until:
            time.sleep(_POLL_MS / 1000)

    def _record(self, record: Any) -> LogRecord:
        key = record.key.decode("utf-8", "replace") if record.key else None
        return LogRecord(self._topic, record.partition, record.offset, key, record.value, at_of(record.timestamp))
