"""One Faust app for each stage: its own consumer group, so that any set of stages may run in one process.

Faust by the recipe that loses nothing: raw bytes, batches that are never acked by Faust itself, no restart of an agent in place.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import faust
import structlog
from faust.types import TP

from schemas.words import Stage
from streams.effects import LogRecord, at_of
from streams.kafka.clients import faust_options
from streams.kafka.epochs import SHIFT
from streams.kafka.hands import StageWork
from streams.kafka.settings import Servers, poll_seconds, session_seconds
from streams.kafka.stopping import Stopping, WorkerPaused
from streams.kafka.topics import MAX_BYTES
from streams.operations.health import Health
from streams.operations.holds import Server

BATCH: Final = 500
WITHIN: Final = 0.05
"""Seconds that a batch may wait to fill."""
log = structlog.get_logger()


class Agent:
    """Runs one stage. `fail` is called with what the stage raised; nothing of the batch is acked then."""

    def __init__(self, work: StageWork, servers: Servers, health: Health, fail: Callable[[BaseException], None]) -> None:
        self._work = work
        self._servers = servers
        self._health = health
        self._fail = fail
        self._following: dict[TP, int] = {}
        self._arrived = time.time()
        self._stopping = False
        self._between = False
        self._in_hand = False
        self._put_out: WorkerPaused | None = None
        self._app = self._make(servers)

    @property
    def stage(self) -> Stage:
        return self._work.stage

    async def start(self) -> None:
        await self._app.start()

    async def stop(self) -> None:
        self._stopping = True
        await self._app.stop()

    def _make(self, servers: Servers) -> faust.App:
        app = faust.App(
            servers.group(self.stage),
            **faust_options(servers),
            store="memory://",
            datadir=f".faust-{self.stage.value}",
            key_serializer="raw",
            value_serializer="raw",
            stream_wait_empty=False,
            agent_supervisor="mode.CrashingSupervisor",
            broker_commit_interval=1.0,
            broker_session_timeout=session_seconds(),
            broker_heartbeat_interval=session_seconds() / 4,
            broker_max_poll_interval=poll_seconds(),
            stream_buffer_maxsize=2048,
            broker_max_poll_records=1000,
            consumer_max_fetch_size=MAX_BYTES,
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_auto_offset_reset="earliest",
            web_enabled=False,
            worker_redirect_stdouts=False,
        )
        names = [servers.topic(name) for name in self._work.topics()]
        topic = app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", acks=True)
        app.agent(topic, concurrency=1, name=self.stage.value)(self._follow)
        app.on_partitions_assigned.connect(self._assigned, weak=False)  # type: ignore[arg-type]
        app.on_partitions_revoked.connect(self._revoked, weak=False)  # type: ignore[arg-type]
        return app

    async def _follow(self, stream: Any) -> None:
        # noack_take gives acking back to Faust when it is left; what still stands in the queue would then be acked unworked
        stream.enable_acks = False
        try:
            async for events in stream.noack_take(BATCH, within=WITHIN):
                # what a rebalance has taken away meanwhile is worked and acked too: an event left out would be committed past
                # by the next ack of its partition, and versions keep two owners from deciding twice
                batch = [self._record(event.message) for event in events]
                self._in_hand = True
                await self._work.work(batch)
                self._in_hand = False
                if self._put_out is not None:
                    raise self._put_out
                for event in events:  # in order
                    await stream.ack(event)
                    self._following[event.message.tp] = event.message.offset + 1
                    self._arrived = event.message.timestamp
                self._work.acked()
                for server in Server:
                    self._health.free(server)
                self._health.finished(self.stage, len(batch))
        except Stopping:
            return
        except asyncio.CancelledError as cancelled:
            if not self._stopping:
                self._fail(cancelled)
            raise
        except BaseException as error:
            self._fail(error)
            raise

    def _record(self, message: Any) -> LogRecord:
        key = message.key.decode("utf-8", "replace") if message.key else None
        headers = message.headers.items() if isinstance(message.headers, dict) else message.headers or ()
        topic, at = self._servers.plain(message.topic), at_of(round(message.timestamp * 1000))
        offset = self._work.epoch << SHIFT | message.offset
        return LogRecord(topic, message.partition, offset, key, message.value, at, tuple(headers))

    def _held(self) -> set[TP]:
        return set(self._app.consumer.assignment())

    async def _assigned(self, _app: Any, assigned: set[TP], **_more: Any) -> None:
        self._between = False
        self._work.taken({place.partition for place in assigned})
        self._health.assigned(self.stage, len(assigned))

    async def _revoked(self, _app: Any, revoked: set[TP], **_more: Any) -> None:
        if revoked:
            self._between = True
            self._work.left({place.partition for place in revoked})
            self._health.revoked(self.stage)

    def check(self) -> None:
        """Ends the worker when its group has put it out: aiokafka leaves a group in which it did not fetch for so long, and does
        not join again while nothing is fetched; Faust fetches nothing until it has joined. What is in hand is finished first."""
        consumer: Any = self._app.consumer
        idle = consumer._thread._consumer._subscription.fetcher_idle_time if self._between else 0.0
        if self._put_out is not None or idle < poll_seconds():
            return
        self._put_out = WorkerPaused(
            f"{self.stage.value} 超过 {poll_seconds():.0f} 秒(WENTICHI_POLL_SECONDS)没有取数,消费组已收回它的分区;"
            "手上的一批写完后本进程退出,请由进程管理器重新启动"
        )
        log.warning("put_out", stage=self.stage.value, reason=str(self._put_out))
        if not self._in_hand:
            self._fail(self._put_out)

    def oldest(self) -> float:
        """Seconds since what was acked last had arrived: no record that waits in these partitions is older."""
        return max(0.0, time.time() - self._arrived)

    def lag(self) -> int:
        """Records that wait in the partitions held."""
        consumer: Any = self._app.consumer
        waiting = 0
        for place in self._held():
            highest = consumer.highwater(place)
            position = self._following.get(place, consumer._committed_offset.get(place) or 0)
            waiting += max(0, (highest or 0) - position)
        return waiting


async def stop_all(agents: Sequence[Agent], seconds: float) -> bool:
    """False when one did not end in time; then the process ends anyway, and what was not acked comes again."""
    try:
        await asyncio.wait_for(asyncio.gather(*(agent.stop() for agent in agents), return_exceptions=True), seconds)
    except TimeoutError:
        return False
    return True
