"""A pool on Kafka and Elasticsearch for benchmarks: in a namespace of its own, worked by real processes, deleted at the end."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

from kafka import KafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families

from city.pack import load_pack
from console.bench.kafka_plan import Layout
from console.bench.processes import cpu_seconds, listener, peak_mb
from pool.elastic.admin import create_indices, drop_all, remember
from pool.elastic.mapping import KINDS, PROBLEMS
from pool.elastic.transport import Elastic
from schemas.errors import PoolBusy
from schemas.words import Channel, Stage, Topic, intake_topic
from streams.kafka.clients import open_client
from streams.kafka.pool import open_elastic_pool, open_vault
from streams.kafka.remote_broker import Broker, Record
from streams.kafka.settings import Servers
from streams.kafka.topics import PARTITIONS, Topics, plan

TOPIC: Final = intake_topic(Channel.MESSAGE).value
CHUNK: Final = 1000
LOOK: Final = 0.2
"""Seconds between two looks at how far the workers are; a figure is as exact as that."""
STARTING: Final = 90.0
STILL: Final = 60.0
"""Seconds without any record worked after which a run is given up."""


class Figures(NamedTuple):
    """Sums of what workers expose. records: by stage; steps: seconds and times by (stage, step); decisions: count by bucket."""

    records: Counter[Stage]
    steps: Counter[tuple[str, str]]
    times: Counter[tuple[str, str]]
    decisions: Counter[str]


class Process:
    """A real `wentichi work` process."""

    def __init__(self, stages: Sequence[Stage], folder: Path, number: int, environment: dict[str, str]) -> None:
        self.name = f"{number}:" + "+".join(stages)
        self._port = _free_port()
        self._log = folder / f"worker-{number}.log"
        command = [sys.executable, "-m", "console.main", "work", *stages, "--metrics-port", str(self._port)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> bool:
        """Raises PoolBusy when the process has ended."""
        if self._process.poll() is not None:
            raise PoolBusy(f"工作进程 {self.name} 已退出:{self._log.read_text('utf-8', 'replace')[-1000:]}")
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def exposition(self) -> str:
        with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()


class BenchPool:
    """Use as a context: `with BenchPool(…) as pool`. Raises PoolAway when a server does not answer."""

    def __init__(self, servers: Servers, pack: Path, folder: Path) -> None:
        self.servers = replace(servers, namespace=f"{servers.prefix}-bench-{uuid4().hex[:8]}")
        self.folder = folder / self.servers.namespace
        self.folder.mkdir(mode=0o700)
        self.pack = load_pack(pack)
        self._pack_folder = pack
        self.processes: list[Process] = []
        self._started = 0
        elastic = Elastic(servers.elasticsearch, prefix=self.servers.prefix, access=servers.access)
        create_indices(elastic)
        remember(elastic, "city", self.pack.name)
        remember(elastic, "partitions", PARTITIONS)
        open_vault(elastic, self.folder, create=True)
        elastic.close()
        self._topics = Topics(self.servers)
        self._topics.create(plan(self.pack, PARTITIONS))
        self.pool = open_elastic_pool(self.servers, self.pack, self.folder)
        self.broker = Broker(self.servers)
        self._worked: Counter[Stage] = Counter()
        self._ends: Counter[str] = Counter()

    def __enter__(self) -> "BenchPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        names = [self.servers.topic(name) for name in self._topics.existing()]
        self._topics.close()
        self.broker.close()
        admin = open_client(KafkaAdminClient, self.servers)
        for first in range(0, len(names), 200):
            admin.delete_topics(names[first : first + 200])
        admin.close()
        drop_all(self.pool.elastic)
        self.pool.close()

    # workers

    def start(self, layout: Layout) -> float:
        """Seconds until every worker says that it is ready. What was appended before counts as worked."""
        began = time.monotonic()
        environment = {
            "WENTICHI_KAFKA": self.servers.kafka,
            "WENTICHI_ELASTICSEARCH": self.servers.elasticsearch,
            "WENTICHI_NAMESPACE": self.servers.namespace,
            "WENTICHI_HOME": str(self.folder),
            "WENTICHI_PACK": str(self._pack_folder),
        }
        for stages in layout:
            self.processes.append(Process(stages, self.folder, self._started, environment))
            self._started += 1
        wait_until(lambda: all(process.ready() for process in self.processes), STARTING, "工作进程没有就绪")
        return time.monotonic() - began

    def stop(self) -> None:
        for process in self.processes:
            process.end()
        self.processes = []

    def figures(self) -> Figures:
        found = Figures(Counter(), Counter(), Counter(), Counter())
        for process in self.processes:
            for family in text_string_to_metric_families(process.exposition()):
                for sample in family.samples:
                    _add(found, sample.name, sample.labels, sample.value)
        return found

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by process, servers of this machine included."""
        spent = {process.name: cpu_seconds(process.pid) for process in self.processes}
        spent |= {name: cpu_seconds(pid) for name, pid in self._servers_here()}
        return spent | {"bench": sum(os.times()[:2])}

    def peaks(self) -> dict[str, int]:
        """Peak memory in MB, by process, servers of this machine included."""
        named = [(process.name, process.pid) for process in self.processes]
        return {name: peak_mb(pid) for name, pid in [*named, *self._servers_here()]}

    def _servers_here(self) -> Iterator[tuple[str, int]]:
        ports = {"kafka": int(self.servers.kafka.rpartition(":")[2]), "elasticsearch": urlsplit(self.servers.elasticsearch).port}
        for name, port in ports.items():
            if port and (pid := listener(port)) is not None:
                yield name, pid

    # records

    def append(self, records: Sequence[Record]) -> None:
        """To the intake topic of messages, durably."""
        for first in range(0, len(records), CHUNK):
            self.broker.append(TOPIC, records[first : first + CHUNK])

    def mark(self) -> None:
        """What is there and worked now counts as done by `waiting`."""
        self._ends = self._ends_now()
        self._worked = self.figures().records

    def waiting(self) -> dict[Stage, int]:
        """Records appended since `mark` and not yet worked, by stage; progress left out."""
        return self._waiting(self.figures().records)

    def _waiting(self, worked: Counter[Stage]) -> dict[Stage, int]:
        ends = self._ends_now()
        topics = {Stage.INTAKE: TOPIC, Stage.CASEWORK: Topic.COMMANDS.value, Stage.PUBLISH: Topic.EVENTS.value}
        return {
            stage: max(0, ends[topic] - self._ends[topic] - worked[stage] + self._worked[stage])
            for stage, topic in topics.items()
        }

    def drain(self) -> float:
        """Until nothing waits; returns the moment (perf_counter) when that was seen. Raises PoolBusy when nothing moves."""
        last, moved = -1, time.monotonic()
        while True:
            worked = self.figures().records
            waiting = self._waiting(worked)
            if not any(waiting.values()):
                return time.perf_counter()
            if worked.total() != last:
                last, moved = worked.total(), time.monotonic()
            if time.monotonic() - moved > STILL:
                raise PoolBusy(f"{STILL:.0f} 秒没有一条处理完:{waiting}")
            time.sleep(LOOK)

    def _ends_now(self) -> Counter[str]:
        ends: Counter[str] = Counter()
        for place, end in self.broker.ends([TOPIC, Topic.COMMANDS.value, Topic.EVENTS.value]).items():
            ends[self.servers.plain(place.topic)] += end
        return ends

    def problems(self) -> int:
        """Founded ones. Refreshes."""
        self.pool.elastic.refresh(*KINDS)
        body = {"query": {"range": {"version": {"gte": 1}}}, "size": 0, "track_total_hits": True}
        return int(self.pool.elastic.search(PROBLEMS, body)["hits"]["total"]["value"])

    def missing(self, reports: Iterable[str]) -> int:
        """How many of these reports have no document."""
        wanted = set(reports)
        return len(wanted - set(self.pool.store.report_documents(wanted)))


def _add(found: Figures, name: str, labels: dict[str, str], value: float) -> None:
    match name:
        case "wentichi_records_total":
            found.records[Stage(labels["stage"])] += int(value)
        case "wentichi_step_seconds_sum":
            found.steps[labels["stage"], labels["step"]] += value  # type: ignore[assignment]
        case "wentichi_step_seconds_count":
            found.times[labels["stage"], labels["step"]] += int(value)
        case "wentichi_decision_seconds_bucket":
            found.decisions[labels["le"]] += int(value)


def wait_until(true: Callable[[], bool], seconds: float, fault: str) -> None:
    """Raises PoolBusy with the fault when it has not come true in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise PoolBusy(f"{fault}({seconds:.0f} 秒)")
        time.sleep(LOOK)


@contextmanager
def working(pool: BenchPool, layout: Layout) -> Iterator[float]:
    """Workers of this lay-out; the seconds until they were ready."""
    seconds = pool.start(layout)
    try:
        pool.mark()
        yield seconds
    finally:
        pool.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
