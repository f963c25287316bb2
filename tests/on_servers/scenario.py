"""What every scenario of faults takes and gives, and the load that goes on meanwhile."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from faults.load import Load, make_load
from kafka import KafkaProducer

from on_servers.served import Served, wait_until
from pool.elastic.mapping import body_of
from schemas.words import Channel, Stage, intake_topic
from streams.kafka.remote_broker import Broker


@dataclass(frozen=True, slots=True)
class Scale:
    """seconds: how long a load goes on; counts grow with it."""

    seconds: float

    def count(self, short: int) -> int:
        """`short` of something in a short run, so many in this one."""
        return max(short, round(short * self.seconds / SHORT.seconds))

    @property
    def patience(self) -> float:
        """Seconds in which everything must have been worked, with other tests on the same two cores."""
        return 150 + 5 * self.seconds


SHORT = Scale(5.0)
Figures = dict[str, Any]
Scenario = Callable[[Served, Scale], Figures]


def message(number: object, text: str, **more: Any) -> dict[str, Any]:
    """A row of the channel `message`."""
    row = {"id": str(number), "time": "2025-03-01T08:00:00+08:00", "title": text[:12], "text": text, "user": f"用户{number}"}
    return row | more


def load_of(rows: Iterable[dict[str, Any]], channel: Channel = Channel.MESSAGE) -> Load:
    return Load(channel, [orjson.dumps(row) for row in rows])


def without_bad_lines(load: Load) -> Load:
    """The same load, that may be sent twice: a bad line sent twice is two dead letters."""
    marks = [mark.encode() for mark in load.bad]
    lines = [line for line in load.lines if not any(mark in line for mark in marks)]
    return Load(load.channel, lines, load.reports)


Raw = tuple[int, bytes | None, bytes | None]
"""(partition, key, value)."""


def put_raw(served: Served, topic: str, records: Iterable[Raw]) -> int:
    """Bytes as a stranger might write them, in this order; how many."""
    producer = KafkaProducer(bootstrap_servers=served.servers.kafka, acks="all", linger_ms=5)
    try:
        name = served.servers.topic(topic)
        sent = [producer.send(name, value, key=key, partition=partition) for partition, key, value in records]
        producer.flush()
        for future in sent:
            future.get(30)
        return len(sent)
    finally:
        producer.close()


@contextmanager
def reports_coming(served: Served, seed: int = 1000, every: float = 0.5) -> Iterator[list[Load]]:
    """Until the end of the block somebody sends reports, some of them revised or sent twice."""
    ended, loads = threading.Event(), list[Load]()

    def send() -> None:
        while not ended.wait(every):
            load = make_load(list(Channel)[len(loads) % 4], 12, seed=seed + len(loads))
            served.send(load)
            loads.append(load)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield loads
    finally:
        ended.set()
        thread.join()


def remake(served: Served, kind: str, **fields: dict[str, Any]) -> None:
    """An empty index in place of the one in use, with these fields mapped otherwise."""
    elastic = served.pool.elastic
    _, found = elastic.request("GET", f"/{elastic.name(kind)}")
    (index,) = found
    elastic.request("DELETE", f"/{index}")
    body = body_of(kind)
    body["mappings"] = body["mappings"] | {"properties": body["mappings"]["properties"] | fields}
    elastic.request("PUT", f"/{index}", body | {"aliases": {elastic.name(kind): {}}})


def settle_intake(served: Served, timeout: float) -> float:
    """Until intake has acked all; seconds it took. What it asked for may still wait."""
    began = time.monotonic()
    broker = Broker(served.servers)
    try:
        for channel in Channel:
            reached = broker.reached(Stage.INTAKE, intake_topic(channel).value)
            wait_until(reached, timeout, f"intake.{channel} is worked")
    finally:
        broker.close()
    return time.monotonic() - began
