"""A pool on real servers for a test: made in a namespace of its own, worked by real processes, loaded, waited for, examined."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from faults.load import Load
from faults.whole import sample_pack
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from console.push_rows import row_of
from on_servers import whole
from pool.elastic.admin import create_indices, drop_all, remember
from pool.elastic.mapping import KINDS
from pool.elastic.transport import Elastic
from schemas.commands import Actor, Command
from schemas.errors import PoolAway
from schemas.words import PROGRESS_PREFIX, Channel, Mode, Role, Stage, Topic, intake_topic
from streams.effects import LogRecord, Packed
from streams.erasing import erase_command
from streams.failpoints import VARIABLE
from streams.kafka.pool import ElasticPool, open_elastic_pool, open_vault
from streams.kafka.settings import Servers
from streams.kafka.topics import Topics, plan

ALL_STAGES = tuple(Stage)
PARTITIONS = 8
SESSION = os.environ.get("WENTICHI_TEST_SESSION", "6")
"""Seconds after which a killed worker's partitions go to another; the broker's own least holds."""


class Worker:
    """A real `wentichi work` process."""

    def __init__(self, served: "Served", stages: Sequence[Stage], **environment: str) -> None:
        self.stages = stages
        self.log = served.folder / f"worker-{len(served.workers)}.log"
        names = served.environment | environment
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "console.main", "work", *(stage.value for stage in stages)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | names)

    def said(self, word: str) -> bool:
        return word in self.log.read_text("utf-8", "replace")

    def wait_until_working(self, timeout: float = 40) -> None:
        wait_until(lambda: self.said('"working"') or self.process.poll() is not None, timeout, "worker begins")
        assert self.process.poll() is None, self.log.read_text("utf-8", "replace")[-2000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, timeout: float = 8) -> int:
        """Asked to stop; its exit status."""
        self.process.terminate()
        return self.process.wait(timeout)


class Served:
    """The pool, its servers and its workers. Close it: workers end, indices and topics go."""

    def __init__(self, kafka: str, elasticsearch: str, namespace: str, folder: Path, *, workers_see: str = "") -> None:
        """workers_see: the URL that the workers are given, where that is not the server's own: a proxy that makes faults."""
        self.servers = Servers(kafka, elasticsearch, namespace)
        self._workers_see = workers_see or elasticsearch
        self.folder = folder
        self.pack = sample_pack()
        self.workers: list[Worker] = []
        self.erased: dict[str, bytes | None] = {}
        self.compared = 0
        elastic = Elastic(elasticsearch, prefix=self.servers.prefix)
        create_indices(elastic)
        remember(elastic, "city", self.pack.name)
        remember(elastic, "partitions", PARTITIONS)
        open_vault(elastic, folder, create=True)
        elastic.close()
        self.topics = Topics(self.servers)
        self.topics.create(plan(self.pack, PARTITIONS))
        self.pool: ElasticPool = open_elastic_pool(self.servers, self.pack, folder)
        self._admin = KafkaAdminClient(bootstrap_servers=kafka)
        self._producer = KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5)
        self._closing = ExitStack()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WENTICHI_KAFKA": self.servers.kafka,
            "WENTICHI_ELASTICSEARCH": self._workers_see,
            "WENTICHI_NAMESPACE": self.servers.namespace,
            "WENTICHI_HOME": str(self.folder),
            "WENTICHI_SESSION_SECONDS": SESSION,
        }

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
        self._producer.close()
        self._admin.close()
        self.topics.close()
        drop_all(self.pool.elastic)
        self.pool.close()

    # doing

    def work(self, *stages: Stage, **environment: str) -> Worker:
        """Starts a worker; all stages when none is named."""
        worker = Worker(self, stages or ALL_STAGES, **environment)
        self.workers.append(worker)
        return worker

    def failing_at(self, point: str, count: int, *stages: Stage) -> Worker:
        return self.work(*stages, **{VARIABLE: f"{point}:{count}"})

    def send(self, load: Load) -> None:
        """As push does."""
        source = f"push/{load.channel.value}"
        rows = [row_of(line, load.channel, source, Mode.LIVE) for line in load.lines if line.strip()]
        topic = self.servers.topic(intake_topic(Channel(load.channel)).value)
        sent = [self._producer.send(topic, value, key=key.encode() if key else None) for key, value in rows]
        self._producer.flush()
        for future in sent:
            future.get(30)

    def put(self, *commands: Command) -> None:
        """Straight to `commands`, as the runner puts them."""
        topic = self.servers.topic(Topic.COMMANDS.value)
        for slot, key, line in map(Packed.of, commands):
            self._producer.send(topic, line, key=key.encode(), partition=slot % PARTITIONS).get(30)

    def again(self, record: LogRecord) -> None:
        """The same record once more at the end of its partition: what a broker does after a lost answer."""
        topic, key = self.servers.topic(record.topic), (record.key or "").encode()
        self._producer.send(topic, record.value, key=key, partition=record.partition).get(30)

    def erase(self, report: str) -> None:
        """Asks casework to erase; the key is remembered, for the replay decides as casework did."""
        key = self.pool.vault.keys([report])[report]
        if key is not None:
            self.erased[report] = key
        problem = self.pool.store.report_documents([report])[report].problem
        actor = Actor(id="clerk-1", role=Role.CLERK)
        self.put(erase_command(report, problem, actor, datetime.now(UTC), self.pack.version))

    def progress(self, unit: str, **step: str) -> None:
        topic = self.servers.topic(PROGRESS_PREFIX + unit)
        self._producer.send(topic, orjson.dumps(step), key=step["problem"].encode()).get(30)

    def command(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """A `wentichi` command on this pool; timeout in seconds."""
        run = [sys.executable, "-m", "console.main", *arguments]
        return subprocess.run(
            run, env=os.environ | self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    # waiting

    def waiting(self) -> dict[Stage, int]:
        """Records not yet acked, by what the groups have committed."""
        waiting = dict.fromkeys(Stage, 0)
        names = {name: self.servers.topic(name) for name in self.topics.existing()}
        stages = {
            Stage.INTAKE: [intake_topic(channel).value for channel in Channel],
            Stage.PROGRESS: [name for name in names if name.startswith(PROGRESS_PREFIX)],
            Stage.CASEWORK: [Topic.COMMANDS.value],
            Stage.PUBLISH: [Topic.EVENTS.value],
        }
        consumer = KafkaConsumer(bootstrap_servers=self.servers.kafka)
        try:
            for stage, topics in stages.items():
                places = [TopicPartition(names[t], p) for t in topics for p in consumer.partitions_for_topic(names[t]) or ()]
                ends = {place: end for place, end in consumer.end_offsets(places).items() if end}
                if not ends:
                    continue
                group = self.servers.group(stage)
                held = self._admin.list_group_offsets({group: None}).get(group, {})
                committed = {(place.topic, place.partition): found.offset for place, found in held.items()}
                waiting[stage] = sum(end - max(0, committed.get((p.topic, p.partition), 0)) for p, end in ends.items())
        finally:
            consumer.close()
        return waiting

    def is_answered(self) -> bool:
        """A broker that has just begun knows no groups yet."""
        try:
            self.waiting()
        except (KafkaError, PoolAway):
            return False
        return True

    def settle(self, timeout: float = 90) -> float:
        """Until nothing waits, twice in a row; seconds it took."""
        began = time.monotonic()
        quiet = 0
        while quiet < 2:
            assert time.monotonic() - began < timeout, f"still wait: {self.waiting()}; {self.faults()}"
            try:
                quiet = quiet + 1 if not any(self.waiting().values()) else 0
            except (KafkaError, PoolAway):  # a coordinator that has just moved
                quiet = 0
            time.sleep(0.3)
        self.pool.elastic.refresh(*KINDS)
        return time.monotonic() - began

    def faults(self) -> str:
        return "\n".join(worker.log.read_text("utf-8", "replace")[-1500:] for worker in self.workers)

    # examining

    def assert_whole(self, loads: Sequence[Load], *, other_letters: int = 0, equal: bool = True) -> None:
        """Every report exactly once with its newest words, dead letters exactly the bad lines, no drift, every unit's newest
        view, the log without gaps, and documents equal to the embedded replay of the recorded commands."""
        whole.assert_loads(self, loads, other_letters)
        whole.assert_sound(self)
        if equal:
            self.compared = whole.assert_equal_to_replay(self)

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]:
        """As they were while the commands were decided."""
        wanted = set(ids)
        return self.pool.vault.keys(wanted) | {name: key for name, key in self.erased.items() if name in wanted}


def wait_until(true: Any, timeout: float, what: str) -> None:
    until = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < until, f"{what}: not within {timeout} s"
        time.sleep(0.05)
