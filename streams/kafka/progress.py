"""progress on Kafka: what units write on `progress.<unit>` becomes commands.

A kafka-python consumer with a topic pattern, since Faust's patterns do not work; a new unit's topic is found by itself. It goes
to commands at once, without a topic in between: a command's id comes from the unit's own record, so a second time is a replay.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import CommitFailedError, KafkaError

from schemas.words import PROGRESS_PREFIX, Stage
from streams.careful import Careful
from streams.effects import Effects, LogRecord, at_of
from streams.failpoints import FailPoint, reach
from streams.kafka.hands import Hands
from streams.kafka.settings import RECONNECT_MS, poll_seconds, session_seconds
from streams.kafka.stopping import KafkaAway
from streams.kafka.topics import MAX_BYTES
from streams.operations.health import Health
from streams.operations.holds import Server
from streams.operations.listed import Family, Step
from streams.stages.progress import ProgressStage

BATCH: Final = 500
_POLL_MS: Final = 200
LOOK: Final = 5.0
"""Seconds between two looks at what waits; a city has a topic for each of hundreds of units."""
_POLL_AT_MOST: Final = 300.0
"""Seconds without a poll; this client joins again by itself. A rebalance waits so long for a member that does not answer."""
FOUND_WITHIN_MS: Final = 10_000
"""A new unit's topic is read so soon after it was made."""


class ProgressWork:
    """Any number of processes, by unit."""

    def __init__(self, hands: Hands, health: Health) -> None:
        self._hands = hands
        self._health = health
        self._reader = hands.pool.reader
        self._looked = 0.0
        self._careful = Careful(Stage.PROGRESS, ProgressStage(hands.pool.pack))

    async def run(self) -> None:
        """Until the worker stops. Raises what the stage raises."""
        attempt = 0
        while not self._hands.holding.stopping:
            try:
                await self._follow()
                attempt = 0
            except KafkaError as error:  # the group begins anew: what was not committed comes again
                away = KafkaAway(f"读不到单位的进展({type(error).__name__});请检查 Kafka")
                await self._hands.apart(Stage.PROGRESS, lambda: self._hands.holding.wait(attempt, away))  # noqa: B023
                attempt += 1

    async def _follow(self) -> None:
        hands = self._hands
        consumer = await hands.apart(Stage.PROGRESS, self._consumer)
        try:
            while not hands.holding.stopping:
                polled = await hands.apart(Stage.PROGRESS, lambda: consumer.poll(timeout_ms=_POLL_MS, max_records=BATCH))
                batch = [_record(hands, record) for records in polled.values() for record in records]
                if batch:
                    await self._work(batch)
                    await hands.apart(Stage.PROGRESS, partial(_commit, consumer, polled))
                    reach(FailPoint.KAFKA_PROGRESS_ACKED)
                    for server in Server:
                        self._health.free(server)
                    self._health.finished(Stage.PROGRESS, len(batch))
                if time.monotonic() - self._looked > LOOK:
                    self._health.waiting(Stage.PROGRESS, *await hands.apart(Stage.PROGRESS, partial(_lag, consumer, batch)))
                    self._looked = time.monotonic()
        finally:
            await asyncio.shield(hands.apart(Stage.PROGRESS, consumer.close))

    def _consumer(self) -> KafkaConsumer:
        servers = self._hands.pool.servers
        consumer = KafkaConsumer(
            bootstrap_servers=servers.kafka.split(","),
            group_id=servers.group(Stage.PROGRESS),
            reconnect_backoff_max_ms=RECONNECT_MS,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(session_seconds() * 1000),
            heartbeat_interval_ms=int(session_seconds() * 250),
            max_poll_interval_ms=int(min(poll_seconds(), _POLL_AT_MOST) * 1000),
            metadata_max_age_ms=FOUND_WITHIN_MS,
            max_partition_fetch_bytes=MAX_BYTES,
            # by range, the default, every topic of one partition would go to the first of all processes
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
        )
        pattern = "^" + re.escape(servers.topic(PROGRESS_PREFIX)) + ".+"
        consumer.subscribe(pattern=pattern, listener=_Told(self._health))
        return consumer

    async def _work(self, batch: Sequence[LogRecord]) -> None:
        hands = self._hands
        effects = await hands.apart(Stage.PROGRESS, lambda: self._decide(batch))
        await hands.send(Stage.PROGRESS, Family.COMMANDS, hands.sender.commands(effects.packed))
        letters = effects.writes.dead_letters
        await hands.send_letters(Stage.PROGRESS, letters)
        reach(FailPoint.KAFKA_PROGRESS_SENT)
        if letters:
            await hands.apart(Stage.PROGRESS, lambda: hands.pool.store.write_dead_letters(letters))

    def _decide(self, batch: Sequence[LogRecord]) -> Effects:
        while True:
            with self._hands.timed(Stage.PROGRESS, Step.HANDLE):
                effects = self._careful.handle(batch, self._reader)
                effects.pack_commands()
            if not self._hands.pool.vault.write(effects.keys, []):
                break
        reach(FailPoint.KAFKA_PROGRESS_VAULT)
        return effects


class _Told(ConsumerRebalanceListener):  # type: ignore[misc]
    """Says to health what the group gave."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._held: set[TopicPartition] = set()

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._held -= set(revoked)
        self._health.revoked(Stage.PROGRESS)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._held |= set(assigned)
        self._health.assigned(Stage.PROGRESS, len(self._held))


def _record(hands: Hands, record: Any) -> LogRecord:
    topic = hands.pool.servers.plain(record.topic)
    key = record.key.decode("utf-8", "replace") if record.key else None
    return LogRecord(topic, record.partition, record.offset, key, record.value, at_of(record.timestamp))


def _lag(consumer: KafkaConsumer, batch: Sequence[LogRecord]) -> tuple[int, float]:
    """(records that wait in the topics held, as far as the last fetches told; seconds since the newest of this batch arrived)"""
    held = ((consumer.highwater(place), consumer.position(place)) for place in consumer.assignment())
    waiting = sum(max(0, highest - following) for highest, following in held if highest is not None and following is not None)
    age = max(0.0, time.time() - batch[-1].at.timestamp()) if waiting and batch else 0.0
    return waiting, age


def _commit(consumer: KafkaConsumer, polled: dict[TopicPartition, Sequence[Any]]) -> None:
    """What was taken away meanwhile is somebody else's to commit; it comes again there, as a replay."""
    places = {place: OffsetAndMetadata(records[-1].offset + 1, "", -1) for place, records in polled.items() if records}
    try:
        consumer.commit(places)
    except CommitFailedError:
        return
