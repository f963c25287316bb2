"""publish on Kafka: the units' views go out, and again where the problem changed while they went."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog

from pool.ports import StoredEvent
from schemas.events import version_of
from schemas.words import Stage, Topic
from streams.effects import Effects, LogRecord
from streams.failpoints import FailPoint, reach
from streams.kafka.hands import Hands, StageWork
from streams.kafka.topics import Topics, unit_topics
from streams.operations.listed import Family, Step
from streams.stages.publish import PublishStage

BEHIND_FOR: Final = 60.0
"""Seconds to wait for a report's document, which casework writes right after the event; then the view goes without."""
_PAUSE: Final = 0.02

log = structlog.get_logger()


class PublishWork(StageWork):
    """Any number of processes, by partition of `events`."""

    stage = Stage.PUBLISH

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._reader = hands.pool.reader
        self._publish = PublishStage(hands.pool.pack)
        self._known: set[str] = set()

    def topics(self) -> list[str]:
        return [Topic.EVENTS.value]

    def acked(self) -> None:
        reach(FailPoint.KAFKA_PUBLISH_ACKED)

    async def work(self, batch: Sequence[LogRecord]) -> None:
        waiting = [event for record in batch if (event := _event(record)) is not None]
        again = False
        while waiting:
            effects = await self._views(waiting)
            await self._ensure_topics(effects)
            await self._hands.send(self.stage, Family.DISPATCH, self._hands.sender.messages(effects.messages))
            reach(FailPoint.KAFKA_PUBLISH_SENT)
            if again:
                self._hands.metrics.publish_resends().inc(len(effects.messages))
            newer = await self._hands.apart(self.stage, partial(self._newer, effects.versions))
            reach(FailPoint.KAFKA_PUBLISH_READ_AGAIN)
            waiting = [event for event in waiting if event.aggregate in newer]
            again = True

    async def _views(self, events: list[StoredEvent]) -> Effects:
        """Views of documents that show what their problems say: derived documents are written after the events went out."""
        for _ in range(int(BEHIND_FOR / _PAUSE)):
            effects = await self._hands.apart(self.stage, lambda: self._handle(events))
            if not effects.behind or self._hands.holding.stopping:
                return effects
            await asyncio.sleep(_PAUSE)
        log.warning("view_without_words", count=len(effects.behind), aggregate=min(effects.behind))
        return effects

    def _handle(self, events: list[StoredEvent]) -> Effects:
        with self._hands.timed(self.stage, Step.HANDLE):
            return self._publish.handle(events, self._reader)

    def _newer(self, sent: dict[str, int]) -> set[str]:
        """Problems that have changed since their views were made: another publisher may have sent a newer view before ours."""
        with self._hands.timed(self.stage, Step.STATES):
            return {name for name, problem in self._reader.problems(sent).items() if problem.version > sent[name]}

    async def _ensure_topics(self, effects: Effects) -> None:
        missing = {message.topic for message in effects.messages} - self._known
        if missing:
            await self._hands.apart(self.stage, lambda: self._make(missing))
            self._known |= missing

    def _make(self, missing: set[str]) -> None:
        topics = Topics(self._hands.pool.servers)
        try:
            units = {topic.partition(".")[2] for topic in missing}
            made = topics.create(plan for unit in sorted(units) for plan in unit_topics(unit))
        finally:
            topics.close()
        if made:
            log.info("unit_topics_made", count=len(made))


def _event(record: LogRecord) -> StoredEvent | None:
    if record.key is None or record.value is None:
        return None
    return StoredEvent(record.partition << 40 | record.offset, record.key, version_of(record.value), record.value)
