"""progress on Kafka: what units write on `progress.<unit>` becomes commands.

A kafka-python consumer with a topic pattern, since Faust's patterns do not work; a new unit's topic is found by itself. It goes
to commands at once, without a topic in between: a command's id comes from the unit's own record, so a second time is a replay.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import CommitFailedError, KafkaError

from schemas.words import PROGRESS_PREFIX, Stage
from streams.careful import Careful
from streams.effects import Effects, LogRecord, at_of
from streams.failpoints import FailPoint, reach
from streams.kafka.clients import open_client
from streams.kafka.hands import Hands
from streams.kafka.settings import poll_seconds, session_seconds
from streams.kafka.stopping import KafkaAway
from streams.kafka.topics import MAX_BYTES
from streams.operations.health import Health
from streams.operations.holds import Server
from streams.operations.listed import Family, Step
from streams.stages.progress import ProgressStage, checker_of

BATCH: Final = 500
_POLL_MS: Final = 200
LOOK: Final = 10.0
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
        self._held = _Held(health)
        self._tries = 0
        self._away: KafkaAway | None = None
        self._careful = Careful(Stage.PROGRESS, ProgressStage(hands.pool.pack, checker_of(hands.models)))

    async def run(self) -> None:
        """Until the worker stops. Raises what the stage raises."""
        while not self._hands.holding.stopping:
            try:
                await self._follow()
            except (KafkaError, KafkaAway) as error:  # the group begins anew: what was not committed comes again
                self._away = _away(error)
                await self._hands.apart(Stage.PROGRESS, partial(self._hands.holding.wait, self._tries, self._away))
                self._tries += 1

    def _reads(self) -> None:
        """The broker gave what was asked for, if only nothing."""
        if self._away is not None:
            self._hands.holding.over(self._away)
        self._tries, self._away = 0, None

    async def _follow(self) -> None:
        hands = self._hands
        consumer = await hands.apart(Stage.PROGRESS, self._consumer)
        try:
            while not hands.holding.stopping:
                polled = await hands.apart(Stage.PROGRESS, lambda: consumer.poll(timeout_ms=_POLL_MS, max_records=BATCH))
                self._reads()
                batch = [_record(hands, record) for records in polled.values() for record in records]
                if batch:
                    await self._work(batch)
                    await hands.apart(Stage.PROGRESS, partial(_commit, consumer, polled))
                    self._held.follow(polled)
                    reach(FailPoint.KAFKA_PROGRESS_ACKED)
                    for server in Server:
                        self._health.free(server)
                    self._health.finished(Stage.PROGRESS, len(batch))
                if time.monotonic() - self._looked > LOOK:
                    waiting = await hands.apart(Stage.PROGRESS, partial(self._held.waiting, consumer))
                    self._health.waiting(Stage.PROGRESS, waiting, _age(batch) if waiting and batch else 0.0)
                    self._looked = time.monotonic()
        finally:
            await asyncio.shield(hands.apart(Stage.PROGRESS, consumer.close))

    def _consumer(self) -> KafkaConsumer:
        servers = self._hands.pool.servers
        consumer = open_client(
            KafkaConsumer,
            servers,
            group_id=servers.group(Stage.PROGRESS),
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
        consumer.subscribe(pattern=pattern, listener=self._held)
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


class _Held(ConsumerRebalanceListener):  # type: ignore[misc]
    """What the group gave, told to health, and how far each topic is worked.

    The client looks through all its partitions whenever it is asked for the place of one; so each is asked for once.
    """

    def __init__(self, health: Health) -> None:
        self._health = health
        self._places: dict[TopicPartition, int | None] = {}

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for place in revoked:
            self._places.pop(place, None)
        self._health.revoked(Stage.PROGRESS)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._places |= dict.fromkeys(assigned)
        self._health.assigned(Stage.PROGRESS, len(self._places))

    def follow(self, worked: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """These records are worked."""
        self._places |= {place: records[-1].offset + 1 for place, records in worked.items() if place in self._places}

    def waiting(self, consumer: KafkaConsumer) -> int:
        """Records that wait in the topics held, as far as the last fetches told."""
        count = 0
        for place in self._places.keys() & consumer.assignment():
            following = self._places[place]
            if following is None:
                following = self._places[place] = consumer.position(place)
            highest = consumer.highwater(place)
            if highest is not None and following is not None:
                count += max(0, highest - following)
        return count


def _record(hands: Hands, record: Any) -> LogRecord:
    topic = hands.pool.servers.plain(record.topic)
    key = record.key.decode("utf-8", "replace") if record.key else None
    return LogRecord(topic, record.partition, record.offset, key, record.value, at_of(record.timestamp))


def _age(batch: Sequence[LogRecord]) -> float:
    """Seconds since the newest of the batch arrived."""
    return max(0.0, time.time() - batch[-1].at.timestamp())


def _away(error: KafkaError | KafkaAway) -> KafkaAway:
    if isinstance(error, KafkaAway):
        return error
    return KafkaAway(f"读不到单位的进展({type(error).__name__});请检查 Kafka")


def _commit(consumer: KafkaConsumer, polled: dict[TopicPartition, Sequence[Any]]) -> None:
    """What was taken away meanwhile is somebody else's to commit; it comes again there, as a replay."""
    places = {place: OffsetAndMetadata(records[-1].offset + 1, "", -1) for place, records in polled.items() if records}
    try:
        consumer.commit(places)
    except CommitFailedError:
        return
