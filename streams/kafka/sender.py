"""Sends records and returns only when the broker has all of them (acks=all), in the order given."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordTooLargeError

from schemas.documents import DeadLetter, Outcome
from schemas.errors import PoolError
from schemas.words import Topic
from streams.effects import Message, Packed
from streams.kafka.clients import KafkaRefused, log_in, options
from streams.kafka.settings import OPEN, Servers
from streams.kafka.stopping import Holding, KafkaAway
from streams.kafka.topics import MAX_BYTES

_LINGER_MS: Final = 2
_PATIENCE_MS: Final = 30_000


class Outgoing(NamedTuple):
    """topic: its plain name. partition None = by the key."""

    topic: str
    key: str
    value: bytes | None
    partition: int | None = None


class Sender:
    """One producer of one event loop. While the broker is away it holds, and goes on where it was."""

    def __init__(self, servers: Servers, partitions: int, holding: Holding) -> None:
        self._servers = servers
        self._partitions = partitions
        self._holding = holding
        self._producer = AIOKafkaProducer(
            **options(servers),
            acks="all",
            enable_idempotence=True,
            linger_ms=_LINGER_MS,
            max_batch_size=1 << 20,
            max_request_size=MAX_BYTES,
            request_timeout_ms=_PATIENCE_MS,
        )

    async def start(self) -> None:
        """Connects; holds while there is no broker."""
        await self._holding_on(self._producer.start)

    async def stop(self) -> None:
        await self._producer.stop()

    async def send(self, records: Sequence[Outgoing]) -> list[int]:
        """partition << 40 | offset of each record. What a lost answer leaves unknown is sent again: readers know a record by
        its key and version, never by its place."""
        if not records:
            return []
        places: list[int] = []

        async def rest() -> None:
            waiting = [await self._one(record) for record in records[len(places) :]]
            try:
                for future in waiting:
                    found = await future
                    places.append(found.partition << 40 | found.offset)
            finally:
                await asyncio.gather(*waiting, return_exceptions=True)

        await self._holding_on(rest)
        return places

    async def _one(self, record: Outgoing) -> Awaitable[Any]:
        name = self._servers.topic(record.topic)
        try:
            sent: Awaitable[Any] = await self._producer.send(
                name, record.value, key=record.key.encode(), partition=record.partition
            )
            return sent
        except (MessageSizeTooLargeError, RecordTooLargeError) as error:
            size = len(record.value or b"")
            raise PoolError(f"给 {record.topic} 的记录有 {size} 字节,超过 {MAX_BYTES};键 {record.key}") from error

    async def _holding_on(self, work: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        away: KafkaAway | None = None
        while True:
            try:
                await work()
            except (KafkaError, OSError) as error:
                away = await self._reason(error)
                await asyncio.to_thread(self._holding.wait, attempt, away)
                attempt += 1
            else:
                if away is not None:
                    self._holding.over(away)
                return

    async def _reason(self, error: Exception) -> KafkaAway:
        """The client says of a refused login only that nobody answered."""
        if self._servers.security != OPEN:
            try:
                await (await log_in(self._servers)).close()
            except KafkaRefused as refused:
                return refused
            except KafkaAway:
                pass
        return KafkaAway(f"Kafka 没有收下({type(error).__name__});请检查服务、账号与磁盘")

    # what goes where

    def commands(self, packed: Iterable[Packed]) -> list[Outgoing]:
        """To the partition of the slot."""
        topic = Topic.COMMANDS.value
        return [Outgoing(topic, key, line, slot % self._partitions) for slot, key, line in packed]

    def events(self, lines: Iterable[tuple[str, int, bytes]]) -> list[Outgoing]:
        """To the partition of the aggregate's slot."""
        topic = Topic.EVENTS.value
        return [Outgoing(topic, aggregate, line, int(aggregate[1:4]) % self._partitions) for aggregate, _, line in lines]

    def dead_letters(self, letters: Iterable[DeadLetter]) -> list[Outgoing]:
        topic = Topic.DEAD_LETTER.value
        return [Outgoing(topic, letter.id, letter.model_dump_json().encode()) for letter in letters]

    def forgotten_letters(self, letters: Iterable[DeadLetter]) -> list[Outgoing]:
        """Tombstones: the excerpt that a letter shows must not outlive an erasure."""
        return [Outgoing(Topic.DEAD_LETTER.value, letter.id, None) for letter in letters]

    def outcomes(self, outcomes: Iterable[Outcome]) -> list[Outgoing]:
        """What people and units hear of what they asked for."""
        topic = Topic.OUTCOMES.value
        return [Outgoing(topic, outcome.command, outcome.model_dump_json().encode()) for outcome in outcomes]

    def messages(self, messages: Iterable[Message]) -> list[Outgoing]:
        return [Outgoing(message.topic, message.key, message.value) for message in messages]
