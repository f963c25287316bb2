"""A pool on Kafka and Elasticsearch for people's commands: they append, and wait for what the workers make of it."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import orjson

from city.pack import CityPack
from pool.elastic.admin import recall
from pool.elastic.mapping import CLAIMS, DEAD_LETTERS, PROBLEMS, REPORTS
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.ports import Vault, Writes
from schemas.documents import DeadLetter
from schemas.errors import PoolBusy, PoolError
from schemas.problem import Problem
from schemas.words import Stage, Topic
from streams.clock import Clock, WallClock
from streams.dead_letters import key_name
from streams.effects import Packed
from streams.kafka.clients import quiet
from streams.kafka.pool import ElasticPool, open_elastic_pool
from streams.kafka.remote_broker import Broker, Record
from streams.kafka.remote_views import KafkaViews
from streams.kafka.settings import Servers
from streams.session import PATIENCE, Pairs, PoolSession
from streams.stages.publish import is_behind

POLL: Final = 0.03
LOOK: Final = 0.5
"""Seconds between two looks at how far the stages are; their workers ack every second."""
WAVES: Final = 3
"""What a batch asks of casework may ask once more (a revision, a merge)."""


class RemoteHome:
    """See streams.session.PoolHome. folder: of this machine, for the master key and how far a push came."""

    def __init__(self, pool: ElasticPool, folder: Path) -> None:
        self.pool = pool
        self.folder = folder
        self.broker = Broker(pool.servers)
        self.clock: Clock = WallClock()
        self._notebook: sqlite3.Connection | None = None

    @property
    def name(self) -> str:
        servers = self.pool.servers
        space = f",命名空间 {servers.namespace}" if servers.namespace else ""
        return f"Kafka {servers.kafka},Elasticsearch {servers.elasticsearch.rpartition('@')[2]}{space}"

    @property
    def pack(self) -> CityPack:
        return self.pool.pack

    @property
    def store(self) -> ElasticStore:
        return self.pool.store

    @property
    def search(self) -> ElasticSearch:
        return self.pool.search

    @property
    def vault(self) -> Vault:
        return self.pool.vault

    @property
    def notebook(self) -> sqlite3.Connection:
        """One file for each pool that this machine pushes to."""
        if self._notebook is None:
            servers = self.pool.servers
            url = servers.elasticsearch.rpartition("@")[2]  # another password is not another pool
            which = f"{servers.kafka}\n{url}\n{servers.namespace}"
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = self.folder / f"pushes-{hashlib.sha256(which.encode()).hexdigest()[:12]}.db"
            self._notebook = sqlite3.connect(file, isolation_level=None)
        return self._notebook

    def refresh(self) -> None:
        """What was written before is found by searches after."""
        self.pool.elastic.refresh(REPORTS, PROBLEMS, CLAIMS, DEAD_LETTERS)

    def letters_at(self, places: Iterable[str]) -> dict[str, DeadLetter]:
        found = self.pool.elastic.mget(DEAD_LETTERS, places)
        return {id_: DeadLetter.model_validate(source["doc"]) for id_, source in found.items()}

    def drop_letters(self, ids: Sequence[str]) -> None:
        """From the documents, and by tombstone from the topic: the excerpt that it shows must not outlive them."""
        if ids:
            self.broker.append(Topic.DEAD_LETTER.value, [Record(id_, None) for id_ in ids])
            self.store.delete_dead_letters(ids)

    def mend(self, writes: Writes) -> None:
        """Raises PoolBusy where a worker was faster."""
        self.store.write(writes)

    def views(self, unit: str, reader: str, *, from_start: bool) -> KafkaViews:
        return KafkaViews(self.pool.servers, self.broker, unit, reader, from_start=from_start)

    def note_erasure(self, report: str) -> tuple[Path, ...]:  # noqa: ARG002 - an export of the vault lists what is erased itself
        return ()

    def forget_unworked(self, report: str) -> int:
        """Raw records stay in intake.* until the topic's retention takes them, 7 days at most (law 6)."""
        letters = self.store.dead_letters_of(report)
        for letter in letters:
            self.vault.erase(key_name(letter.id))
        self.drop_letters([letter.id for letter in letters])
        return len(letters)

    def close(self) -> None:
        self.broker.close()
        if self._notebook is not None:
            self._notebook.close()
        self.pool.close()


def open_remote_home(servers: Servers, folder: Path, pack: CityPack) -> RemoteHome:
    """Raises PoolError as open_elastic_pool does."""
    quiet()
    return RemoteHome(open_elastic_pool(servers, pack, folder), folder)


class RemoteSession(PoolSession):
    """Others work: this process appends and waits. `patience`: seconds without an ack of any stage."""

    home: RemoteHome

    def __init__(self, home: RemoteHome, *, patience: float = PATIENCE) -> None:
        self.home = home
        self._broker = home.broker
        self._patience = patience
        self._partitions: int | None = None
        self._counted, self._count = 0.0, 0

    def release(self) -> None:
        """Holds nothing; the home keeps the connections."""

    def append(self, topic: str, records: Pairs, along: Callable[[], None] = lambda: None) -> list[int]:
        if topic == Topic.COMMANDS:
            sent = self._broker.append(topic, [self._command(key, value) for key, value in records])
        else:
            sent = self._broker.append(topic, [Record(key, value) for key, value in records])
        along()
        return sent

    def _command(self, key: str | None, value: bytes | None) -> Record:
        """To the partition of its slot. What is no command (a dead letter that is sent again) may go to any."""
        if self._partitions is None:
            self._partitions = partitions_of(self.home.pool)
        try:
            slot, about, line = Packed.of_line(value or b"")
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return Record(key, value, 0)
        if not isinstance(slot, int) or not isinstance(about, str):
            return Record(key, value, 0)
        return Record(about, line, slot % self._partitions)

    def pace(self, topic: str, ahead: int) -> bool:  # noqa: ARG002 - the topic holds whatever the workers have not come to
        return False

    def waiting(self) -> int:
        if time.monotonic() - self._counted > LOOK:
            waiting, _ = self._broker.behind(self.home.pack.units)
            self._counted, self._count = time.monotonic(), sum(waiting.values())
        return self._count

    def published(self) -> Callable[[], bool]:
        """Nobody waits here for publish: who subscribes waits for it (remote_views)."""
        return lambda: True

    def work(
        self,
        done: Callable[[], bool],
        *,
        seen: Callable[[], None] = lambda: None,
        drain: bool = False,  # noqa: ARG002 - the workers go on in any case
    ) -> bool:
        watch = _Watch(self._broker, self.home.pack.units, self._patience)
        while not done():
            seen()
            if watch.over():
                return done()
            time.sleep(POLL)
        seen()
        return True

    def worked(self, stage: Stage, topic: str, sign: Callable[[], bool] = lambda: False) -> Callable[[], bool]:
        """By what the stages have acked. When it is so, searches find it too."""
        waves = self._waves(stage, topic)
        wave: Callable[[], bool] | None = next(waves)

        def answer() -> bool:
            nonlocal wave
            if wave is not None and sign():
                wave = None
            while wave is not None and wave():
                wave = next(waves, None)
            if wave is None:
                self.home.refresh()
            return wave is None

        return answer

    def _waves(self, stage: Stage, topic: str) -> Iterator[Callable[[], bool]]:
        """Each is asked for what stands in its topic when the one before is done."""
        yield self._broker.reached(stage, topic)
        for _ in range(WAVES):
            yield self._broker.reached(Stage.CASEWORK, Topic.COMMANDS.value)
        yield self._broker.reached(Stage.PUBLISH, Topic.EVENTS.value)

    def settle(self, problem: str) -> Problem | None:
        """And until the reports' documents say so too: the worker of another slot may write them a moment later."""
        found = super().settle(problem)
        if found is not None:
            names = {found.id, *found.gone.values(), *found.absorbed}
            root = self.root(problem)
            names |= {root.id} if root is not None else set()
            self.work(lambda: not self._behind(names))
            self.home.refresh()
        return found

    def _behind(self, names: set[str]) -> bool:
        members = [member for problem in self.home.store.problems(names).values() for member in problem.members]
        documents = self.home.store.report_documents(member.report for member in members)
        return any(is_behind(member, documents.get(member.report)) for member in members)


class _Watch:
    """Looks now and then whether anybody works."""

    def __init__(self, broker: Broker, units: Iterable[str], patience: float) -> None:
        self._broker = broker
        self._units = units
        self._patience = patience
        self._looked = time.monotonic()
        self._moved: dict[Stage, tuple[int, float]] = {}

    def over(self) -> bool:
        """Nothing waits any more: every stage acks after its effects, so nothing more will come by itself.

        Raises PoolBusy when something waits for a stage that acks nothing, naming who must be started.
        """
        now = time.monotonic()
        if now - self._looked < LOOK:
            return False
        self._looked = now
        waiting, acked = self._broker.behind(self._units)
        for stage in Stage:
            if stage not in waiting or self._moved.get(stage, (-1, now))[0] != acked[stage]:
                self._moved[stage] = acked[stage], now
        stuck = [stage for stage in waiting if now - self._moved[stage][1] > self._patience]
        if stuck:
            names = "、".join(f"{stage.value} 环节 {waiting[stage]} 条" for stage in stuck)
            raise PoolBusy(
                f"{self._patience:.0f} 秒没有进展,等着处理的有:{names};"
                f"已写入的都在。请启动 wentichi work {' '.join(stuck)},或检查这些进程的日志"
            )
        return not waiting


def partitions_of(pool: ElasticPool) -> int:
    """Of commands and events, as the pool remembers them. Raises PoolError before `topics create`."""
    partitions = recall(pool.elastic, "partitions")
    if not isinstance(partitions, int):
        raise PoolError("这个池还没有记下分区数;请先运行 wentichi topics create")
    return partitions
