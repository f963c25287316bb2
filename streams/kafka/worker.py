"""One worker process: any set of stages, until it is stopped or something ends it."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog

from city.pack import CityPack
from classifiers.registry import models_folder
from classifiers.standing import Condition
from pool.elastic.admin import recall
from pool.elastic.transport import Elastic
from schemas.errors import KeyMissing, PoolAway, PoolError, WentichiError
from schemas.words import Stage
from streams.careful import StageStopped
from streams.kafka.agents import Agent, stop_all
from streams.kafka.casework import CaseworkWork
from streams.kafka.clients import Asking, KafkaRefused
from streams.kafka.epochs import current_epoch
from streams.kafka.hands import Hands, StageWork
from streams.kafka.intake import IntakeWork
from streams.kafka.pool import ElasticPool, open_elastic_pool
from streams.kafka.progress import ProgressWork
from streams.kafka.publish import PublishWork
from streams.kafka.sender import Sender
from streams.kafka.settings import Servers, session_seconds
from streams.kafka.stopping import Holding, KafkaAway, Pulse, Stopping, WorkerPaused
from streams.kafka.timers import EVERY, Timers
from streams.kafka.topics import Topics, plan
from streams.local.collector import calm
from streams.operations.health import Health, watch
from streams.operations.holds import Obstacle, Server, hold_of
from streams.operations.metrics import Metrics
from streams.operations.models import model_standing
from streams.operations.probes import Probes

BEAT: Final = 0.25
LOOK: Final = 2.0
"""Seconds between two looks at lag and servers."""
LOOK_AGAIN: Final = 10.0
"""Seconds between two looks at what a person must mend."""
STOP_WITHIN: Final = 4.0
"""Seconds for a clean stop; then the process ends as it is, which loses nothing."""

log = structlog.get_logger()


class Worker:
    """`run` returns the exit status: 0 stopped when asked, 1 ended by a fault (its restart begins where it was acked)."""

    def __init__(self, servers: Servers, stages: Iterable[Stage], pack: CityPack, folder: Path, port: int | None = None) -> None:
        """folder: of the master key. port: for metrics and health; None = none, 0 = any free one."""
        self._servers = servers
        self._stages = list(dict.fromkeys(stages))
        self._pack = pack
        self._folder = folder
        self._port = port
        self._holding = Holding()
        self._pulse = Pulse(session_seconds() * 0.8)
        self._metrics = Metrics()
        self._health = Health(self._metrics, self._stages)
        self._holding.on_hold = self._on_hold
        self._holding.on_over = lambda error: self._health.free(_server_of(error))
        self._ended: asyncio.Event
        self._fault: BaseException | None = None
        self._refused: KafkaRefused | None = None

    def run(self) -> int:
        """Blocks. Raises WentichiError for what is wrong before the first record: no indices, no key, a port that is taken."""
        calm()
        probes = Probes(self._metrics, self._health, port=self._port) if self._port is not None else None
        watch(self._health, self._give_up)
        try:
            return asyncio.run(self._main())
        finally:
            if probes is not None:
                probes.close()

    async def _main(self) -> int:
        self._ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._ask_to_stop)
        beating = asyncio.create_task(self._beat())
        try:
            working = asyncio.create_task(self._work())
            ended = asyncio.create_task(self._ended.wait())
            await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
            status = await self._end(working)
        finally:
            beating.cancel()
        return status

    async def _end(self, working: "asyncio.Task[None]") -> int:
        self._holding.stop()
        self._health.stopping()
        self._force_end_after(STOP_WITHIN)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError, Stopping):
            await working
        fault = self._fault
        if fault is None or isinstance(fault, Stopping):
            log.info("stopped", stage="、".join(self._stages))
            return 0
        if isinstance(fault, WentichiError) and not isinstance(fault, StageStopped | PoolAway | WorkerPaused):
            raise fault
        log.error("ended_by_fault", error=type(fault).__name__, reason=str(fault))
        return 1

    def _force_end_after(self, seconds: float) -> None:
        """A thread that hangs in a request, or a broker that does not answer, must not keep the process."""

        def end() -> None:
            log.warning("stopped_without_waiting", seconds=seconds)
            os._exit(0 if self._fault is None else 1)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()

    async def _work(self) -> None:
        try:
            await self._serve()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._fail(error)

    async def _serve(self) -> None:
        pool = await self._open_pool()
        pool.elastic.on_bulk_error = self._metrics.bulk_error
        partitions = await asyncio.to_thread(lambda: recall(pool.elastic, "partitions"))
        if not isinstance(partitions, int):
            raise PoolError("这个池还没有记下分区数;请先运行 wentichi topics create")
        sender = Sender(self._servers, partitions, self._holding)
        await self._until_partitions_are(partitions)
        epoch = await asyncio.to_thread(current_epoch, pool.elastic)
        replication = await asyncio.to_thread(recall, pool.elastic, "replication")
        hands = Hands(pool, sender, self._holding, self._pulse, self._metrics, partitions, epoch, replication or 1)
        hands.refusing = self._refusing
        hands.models, hands.standing = models_folder(self._folder), self._standing
        agents: list[Agent] = []
        others: list[asyncio.Task[None]] = []
        try:
            await sender.start()
            self._metrics.build(version("wentichi-app"), self._pack.version, "")
            works = await asyncio.to_thread(lambda: self._works(hands))
            agents = [Agent(work, self._servers, self._health, self._fail) for work in works]
            for agent in agents:
                await agent.start()
            others = self._others(hands, works, agents)
            log.info("working", stage="、".join(self._stages))
            await asyncio.gather(*others)
        finally:
            for task in others:
                task.cancel()
            await stop_all(agents, STOP_WITHIN / 2)
            hands.close()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(sender.stop(), 1.0)
            pool.close()

    async def _open_pool(self) -> ElasticPool:
        """Without the pool's own key nothing can be worked; a key file is looked for again, the environment only by a restart."""
        while True:
            try:
                pool = await asyncio.to_thread(
                    lambda: open_elastic_pool(self._servers, self._pack, self._folder, patience=self._holding)
                )
            except KeyMissing as missing:
                self._health.refusing(Obstacle.MASTER_KEY)
                log.error("refused", reason=str(missing))
                await asyncio.sleep(LOOK_AGAIN)
            else:
                self._health.refusing(None)
                return pool

    async def _until_partitions_are(self, partitions: int) -> None:
        """Another number of partitions would part the commands of a slot (DESIGN, protocol 5)."""
        while faults := await asyncio.to_thread(self._holding.through, partial(self._partition_faults, partitions)):
            self._health.refusing(Obstacle.PARTITION_COUNT)
            log.error("refused", reason=faults[0])
            await asyncio.sleep(LOOK_AGAIN)
        self._health.refusing(None)

    def _partition_faults(self, partitions: int) -> list[str]:
        with contextlib.closing(Topics(self._servers)) as topics:
            return topics.check(topic for topic in plan(self._pack, partitions) if topic.fixed)

    def _works(self, hands: Hands) -> list[StageWork]:
        made: dict[Stage, type[StageWork]] = {
            Stage.INTAKE: IntakeWork,
            Stage.CASEWORK: CaseworkWork,
            Stage.PUBLISH: PublishWork,
        }
        return [made[stage](hands) for stage in self._stages if stage in made]  # type: ignore[call-arg]

    def _others(self, hands: Hands, works: list[StageWork], agents: list[Agent]) -> "list[asyncio.Task[None]]":
        found = [asyncio.create_task(self._look(hands, agents))]
        if Stage.PROGRESS in self._stages:
            found.append(asyncio.create_task(ProgressWork(hands, self._health).run()))
        found += [asyncio.create_task(self._fire(Timers(hands, work))) for work in works if isinstance(work, CaseworkWork)]
        return found

    async def _fire(self, timers: Timers) -> None:
        while not self._holding.stopping:
            await timers.look()
            await asyncio.sleep(EVERY)

    async def _beat(self) -> None:
        """A worker that stood still ends at once, whatever its stages, before it is given partitions again."""
        while True:
            self._pulse.beat()
            self._health.tick()
            try:
                self._pulse.check()
            except WorkerPaused as paused:
                self._fail(paused)
                return
            await asyncio.sleep(BEAT)

    async def _look(self, hands: Hands, agents: list[Agent]) -> None:
        """Lag, and whether the servers answer."""
        asking = Asking(self._servers)
        try:
            while not self._holding.stopping:
                for agent in agents:
                    lag = agent.lag()
                    self._health.waiting(agent.stage, lag, agent.oldest() if lag else 0.0)
                    agent.check()
                up = await asyncio.to_thread(_answers, hands.pool.elastic)
                self._health.reachable(Server.ELASTICSEARCH, up)
                await self._look_at_kafka(asking)
                await asyncio.sleep(LOOK)
        finally:
            asking.close()

    async def _look_at_kafka(self, asking: Asking) -> None:
        """A login that is refused is told as held: the stages' own clients try on without a word to their caller."""
        refused, self._refused = self._refused, None
        try:
            await asking.ask()
        except KafkaAway as away:
            self._health.reachable(Server.KAFKA, False)
            if isinstance(away, KafkaRefused):
                self._refused = away
                self._on_hold(away)
        else:
            self._health.reachable(Server.KAFKA, True)
            if refused is not None:
                self._holding.over(refused)

    # what ends it

    def _on_hold(self, error: PoolAway) -> None:
        self._health.holding(_server_of(error), hold_of(error))

    def _refusing(self, obstacle: Obstacle | None) -> None:
        """A comparison that passes has just read both servers."""
        self._health.refusing(obstacle)
        if obstacle is None:
            for server in Server:
                self._health.free(server)

    def _standing(self, condition: Condition) -> None:
        self._metrics.build(version("wentichi-app"), self._pack.version, condition.model)
        model_standing(self._metrics, models_folder(self._folder), condition)

    def _fail(self, error: BaseException) -> None:
        if self._fault is None:
            self._fault = error
        self._ended.set()

    def _ask_to_stop(self) -> None:
        self._health.stopping()
        self._ended.set()

    def _give_up(self, reason: str) -> None:
        log.error("not_alive", reason=reason)
        os._exit(1)


class _NoPatience:
    def wait(self, attempt: int, error: PoolAway) -> None:  # noqa: ARG002
        raise error

    def over(self, error: PoolAway) -> None:
        """Nobody waited."""


def _server_of(error: PoolAway) -> Server:
    return Server.KAFKA if isinstance(error, KafkaAway) else Server.ELASTICSEARCH


def _answers(elastic: Elastic) -> bool:
    try:
        elastic.request("GET", "/_cluster/health", patience=_NoPatience())
    except PoolAway:
        return False
    return True
