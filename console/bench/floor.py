"""The floor under the pipeline on Kafka: the same Faust agent with nothing in it but tokenising and one bulk write.

No problem is founded, nothing is matched, sealed, logged or published: what remains is what any stream processor of these texts
pays on this machine for Faust, Kafka, tokenising and Elasticsearch.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from uuid import uuid4

import orjson
from kafka import KafkaAdminClient

from console.bench.kafka_pool import CHUNK, TOPIC, wait_until
from language.tokenise import tokenise
from pool.elastic.transport import Elastic
from schemas.words import Stage
from streams.effects import LogRecord
from streams.kafka.agents import Agent
from streams.kafka.clients import open_client
from streams.kafka.hands import StageWork
from streams.kafka.remote_broker import Broker, Record
from streams.kafka.settings import Servers
from streams.kafka.topics import INTAKE_PARTITIONS, TopicPlan, Topics
from streams.operations.health import Health
from streams.operations.metrics import Metrics

INDEX = "floor"
READY = 30.0


class FloorWork(StageWork):
    """Reads the intake topic. count: records that are in the index."""

    stage = Stage.INTAKE

    def __init__(self, elastic: Elastic, count: "Synchronized[int]") -> None:
        self._elastic = elastic
        self._count = count

    def topics(self) -> list[str]:
        return [TOPIC]

    async def work(self, batch: Sequence[LogRecord]) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._write, batch)
        with self._count.get_lock():
            self._count.value += len(batch)

    def _write(self, batch: Sequence[LogRecord]) -> None:
        operations = []
        for record in batch:
            row = orjson.loads(record.value or b"{}")["data"]
            words = " ".join(tokenise(f"{row['title']}\n{row['text']}"))
            head = orjson.dumps({"index": {"_index": self._elastic.name(INDEX), "_id": record.key}})
            operations.append((head, orjson.dumps({"words": words, "doc": row})))
        for item in self._elastic.bulk(operations):
            if not item.done:
                raise RuntimeError(item.reason)


def floor_rate(servers: Servers, warm: Sequence[Record], records: Sequence[Record]) -> float:
    """Events a second, from the first append to the last one durable, one process; after `warm`, which does not count."""
    own = replace(servers, namespace=f"{servers.prefix}-bench-{uuid4().hex[:8]}")
    elastic = Elastic(own.elasticsearch, prefix=own.prefix, access=own.access)
    topics, broker = Topics(own), Broker(own)
    context = multiprocessing.get_context("spawn")
    count = context.Value("i", 0)
    process = context.Process(target=_run, args=(own, count), daemon=True)
    try:
        _make_index(elastic)
        topics.create([TopicPlan(TOPIC, INTAKE_PARTITIONS, {})])
        process.start()
        broker.append(TOPIC, warm)
        wait_until(lambda: count.value >= len(warm), READY, "对照程序没有开始")
        began = time.perf_counter()
        for first in range(0, len(records), CHUNK):
            broker.append(TOPIC, records[first : first + CHUNK])
        wait_until(lambda: count.value >= len(warm) + len(records), READY + len(records) / 100, "对照程序没有做完")
        return len(records) / (time.perf_counter() - began)
    finally:
        process.terminate()
        process.join(10)
        elastic.request("DELETE", f"/{elastic.name(INDEX)}-1", params={"ignore_unavailable": "true"})
        elastic.close()
        topics.close()
        broker.close()
        admin = open_client(KafkaAdminClient, own)
        admin.delete_topics([own.topic(TOPIC)])
        admin.close()


def _make_index(elastic: Elastic) -> None:
    words = {"type": "text", "analyzer": "whitespace"}
    body: dict[str, Any] = {
        "aliases": {elastic.name(INDEX): {}},
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {"dynamic": "strict", "properties": {"words": words, "doc": {"type": "object", "enabled": False}}},
    }
    elastic.request("PUT", f"/{elastic.name(INDEX)}-1", body)


def _run(servers: Servers, count: "Synchronized[int]") -> None:
    asyncio.run(_follow(servers, count))


async def _follow(servers: Servers, count: "Synchronized[int]") -> None:
    ended = asyncio.Event()
    work = FloorWork(Elastic(servers.elasticsearch, prefix=servers.prefix, access=servers.access), count)
    agent = Agent(work, servers, Health(Metrics(), [Stage.INTAKE]), lambda _error: ended.set())
    await agent.start()
    await ended.wait()
