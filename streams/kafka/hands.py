"""What every stage of a worker holds: the pool, the sender, the figures; and the steps that all stages share."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from classifiers.standing import Condition
from schemas.documents import DeadLetter
from schemas.words import Stage
from streams.effects import LogRecord
from streams.kafka.pool import ElasticPool
from streams.kafka.sender import Outgoing, Sender
from streams.kafka.stopping import Holding, Pulse
from streams.operations.holds import Obstacle
from streams.operations.listed import Family, Step
from streams.operations.metrics import Metrics

T = TypeVar("T")


@dataclass(slots=True)
class Hands:
    """Of one process. `thread`: where one stage's blocking work runs, a batch at a time, so that the event loop goes on."""

    pool: ElasticPool
    sender: Sender
    holding: Holding
    pulse: Pulse
    metrics: Metrics
    partitions: int
    epoch: int = 0
    replication: int = 1
    """Of the topics that are made for new units."""
    refusing: Callable[[Obstacle | None], None] = lambda _obstacle: None
    models: Path | None = None
    """Folder of the registry of models."""
    standing: Callable[[Condition], None] = lambda _condition: None
    """Hears which model decides."""
    _threads: dict[Stage, ThreadPoolExecutor] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None

    async def apart(self, stage: Stage, work: Callable[[], T]) -> T:
        """Blocking work in the stage's own thread."""
        thread = self._threads.setdefault(stage, ThreadPoolExecutor(1, thread_name_prefix=stage.value))
        self._loop = asyncio.get_running_loop()
        return await self._loop.run_in_executor(thread, work)

    @contextmanager
    def timed(self, stage: Stage, step: Step) -> Iterator[None]:
        with self.metrics.step(stage, step).time():
            yield

    async def send(self, stage: Stage, family: Family, records: Sequence[Outgoing]) -> list[int]:
        """Acked by all in-sync replicas on return."""
        if not records:
            return []
        with self.timed(stage, Step.SEND):
            places = await self.sender.send(records)
        self.metrics.sent(family).inc(len(records))
        return places

    def send_from_apart(self, stage: Stage, family: Family, records: Sequence[Outgoing]) -> None:
        """As send, for work that runs in `apart` and goes on only when the broker has them."""
        if records:
            assert self._loop is not None  # noqa: S101 - set by apart
            asyncio.run_coroutine_threadsafe(self.send(stage, family, records), self._loop).result()

    async def send_letters(self, stage: Stage, letters: Sequence[DeadLetter]) -> None:
        """To the topic; their documents are written with the derived ones."""
        await self.send(stage, Family.DEAD_LETTER, self.sender.dead_letters(letters))
        for letter in letters:
            self.metrics.dead_letters(stage, letter.kind).inc()

    def close(self) -> None:
        """Does not wait for what hangs in a thread."""
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)


class StageWork(ABC):
    """A stage as the Kafka runner works it. `work` returns when every effect of the batch is durable."""

    stage: Stage
    epoch: int = 0
    """In front of every offset; of commands alone (streams.kafka.epochs)."""

    @abstractmethod
    def topics(self) -> list[str]:
        """Plain names of the topics that the stage reads."""

    @abstractmethod
    async def work(self, batch: Sequence[LogRecord]) -> None:
        """Every effect of the batch is durable on return."""

    def taken(self, partitions: set[int]) -> None:  # noqa: B027 - only casework keeps something by partition
        """These partitions came to this process. Called in the event loop."""

    def left(self, partitions: set[int]) -> None:  # noqa: B027 - see taken
        """These partitions went away."""

    def acked(self) -> None:  # noqa: B027 - see taken
        """The batch is acked; only the failure points of tests hang on this."""
