"""publish on Kafka: the units' views go out, and again where the problem changed while they went."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog

from schemas.errors import PoolAway
from schemas.words import Stage, Topic
from streams.careful import Careful
from streams.effects import Effects, LogRecord, Message
from streams.failpoints import FailPoint, reach
from streams.kafka.hands import Hands, StageWork
from streams.kafka.stopping import KafkaAway, Stopping
from streams.kafka.topics import Topics, unit_topics
from streams.operations.listed import Family, Step
from streams.stages.publish import PublishStage, newest

BEHIND_FOR: Final = 60.0
"""Seconds to wait for a report's document, which casework writes right after the event; then the view goes without."""
_PAUSE: Final = 0.02
_LOOK: Final = 1.0
"""Seconds that one look counts at most: while the server is away, casework cannot write the document either."""

log = structlog.get_logger()


class PublishWork(StageWork):
    """Any number of processes, by partition of `events`."""

    stage = Stage.PUBLISH

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._reader = hands.pool.reader
        self._careful = Careful(Stage.PUBLISH, PublishStage(hands.pool.pack))
        self._known: set[str] = set()
        self._without_words: set[str] = set()

    def topics(self) -> list[str]:
        return [Topic.EVENTS.value]

    def acked(self) -> None:
        reach(FailPoint.KAFKA_PUBLISH_ACKED)

    async def work(self, batch: Sequence[LogRecord]) -> None:
        waiting = newest(batch)
        looked, waited, again = False, 0.0, False
        while waiting:
            began = time.monotonic()
            effects = await self._hands.apart(self.stage, partial(self._handle, waiting, again=looked))
            looked = True
            self._without_words -= effects.versions.keys() - effects.behind
            behind = self._still_behind(effects.behind, waited)
            messages = [message for message in effects.messages if message.key not in behind]
            await self._ensure_topics(messages)
            await self._hands.send(self.stage, Family.DISPATCH, self._hands.sender.messages(messages))
            letters = effects.writes.dead_letters
            await self._hands.send_letters(self.stage, letters)
            reach(FailPoint.KAFKA_PUBLISH_SENT)
            if letters:
                await self._hands.apart(self.stage, partial(self._hands.pool.store.write_dead_letters, letters))
            if again:
                self._hands.metrics.publish_resends().inc(len(messages))
            sent = {name: version for name, version in effects.versions.items() if name not in behind}
            newer = await self._hands.apart(self.stage, partial(self._newer, sent))
            reach(FailPoint.KAFKA_PUBLISH_READ_AGAIN)
            waiting = [event for event in waiting if event.key in newer or event.key in behind]
            again = bool(newer)
            if behind:
                await asyncio.sleep(max(_PAUSE, time.monotonic() - began))  # looking must not keep the writer from writing
                waited += min(_LOOK, time.monotonic() - began)

    def _still_behind(self, behind: set[str], waited: float) -> set[str]:
        """Problems whose views wait for a document: derived documents are written after the events went out. A document that
        does not come, since the store refuses it, is waited for once; the others never wait for it."""
        behind = behind - self._without_words
        if behind and self._hands.holding.stopping:
            raise Stopping("正在停止;等文档的单位视图还没有发,重新启动后再发")
        if behind and waited > BEHIND_FOR:
            log.warning("view_without_words", count=len(behind), aggregate=min(behind))
            self._without_words |= behind
            return set()
        return behind

    def _handle(self, events: list[LogRecord], *, again: bool) -> Effects:
        """The keys of dead letters are durable on return."""
        while True:
            with self._hands.timed(self.stage, Step.HANDLE):
                effects = self._careful.handle(events, self._reader, again=again)
            if not effects.keys or not self._hands.pool.vault.write(effects.keys, []):
                return effects

    def _newer(self, sent: dict[str, int]) -> set[str]:
        """Problems that have changed since their views were made: another publisher may have sent a newer view before ours."""
        with self._hands.timed(self.stage, Step.STATES):
            return {name for name, version in self._hands.pool.store.versions(sent).items() if version > sent[name]}

    async def _ensure_topics(self, messages: Sequence[Message]) -> None:
        missing = {message.topic for message in messages} - self._known
        if missing:
            await self._hands.apart(self.stage, lambda: self._make(missing))
            self._known |= missing

    def _make(self, missing: set[str]) -> None:
        attempt = 0
        while True:
            try:
                return self._make_once(missing)
            except PoolAway as error:
                away = KafkaAway(str(error))
            self._hands.holding.wait(attempt, away)
            attempt += 1

    def _make_once(self, missing: set[str]) -> None:
        topics = Topics(self._hands.pool.servers)
        try:
            units = {topic.partition(".")[2] for topic in missing}
            plans = [plan for unit in sorted(units) for plan in unit_topics(unit)]
            made = topics.create(plans, self._hands.replication)
        finally:
            topics.close()
        if made:
            log.info("unit_topics_made", count=len(made))
