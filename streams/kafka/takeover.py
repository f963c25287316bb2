"""Before a worker decides on a partition, the pool is compared with the end of the log (DESIGN, protocol 7).

Behind: the log has events that no document shows; an old snapshot was restored, say. Ahead: documents show events that the log
does not have, by more than their outboxes; the log was cut or made anew. Deciding on either would tear pool and log apart.
"""

import time
from collections.abc import Iterable
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pool.elastic.mapping import EVENTS, PROBLEMS
from schemas.errors import PoolError
from schemas.events import version_of
from schemas.state import State
from schemas.words import Topic
from streams.kafka.clients import open_client
from streams.kafka.epochs import SHIFT
from streams.kafka.pool import ElasticPool
from streams.kafka.settings import Servers
from streams.kafka.stopping import KafkaAway
from streams.kafka.topics import MAX_BYTES
from streams.operations.holds import Obstacle

TAIL: Final = 1000
"""Events of a partition that are looked at."""
NEWEST: Final = 200
"""Documents of a partition, last decided first, that are looked at."""
_PATIENCE: Final = 30.0


class TakeoverRefused(PoolError):
    """The pool and the log disagree; `obstacle` says how."""

    def __init__(self, obstacle: Obstacle, message: str) -> None:
        super().__init__(message)
        self.obstacle = obstacle


def check_partitions(pool: ElasticPool, partitions: Iterable[int], epoch: int = 0) -> None:
    """Raises TakeoverRefused; PoolAway while a server is away."""
    topic, commands = pool.servers.topic(Topic.EVENTS.value), pool.servers.topic(Topic.COMMANDS.value)
    places = [TopicPartition(topic, partition) for partition in sorted(partitions)]
    try:
        tails, ends, whole = _tails(pool.servers, places, [TopicPartition(commands, place.partition) for place in places])
    except (KafkaError, KeyError) as error:  # KeyError: the client leaves out a partition that has no leader now
        raise KafkaAway(f"读不到事件记录({type(error).__name__});请检查 Kafka") from error
    pool.elastic.refresh(EVENTS, PROBLEMS)
    for place in places:
        partition = place.partition
        _check_length(pool, partition, ends[place])
        _check_commands(pool, partition, epoch << SHIFT | ends[TopicPartition(commands, partition)])
        _check_documents(pool, partition, tails[partition], whole=whole[partition])


_Tails = tuple[dict[int, dict[str, int]], dict[TopicPartition, int], dict[int, bool]]


def _tails(servers: Servers, places: list[TopicPartition], others: list[TopicPartition]) -> _Tails:
    """Of each partition: the newest version by aggregate at the end of the log, the end, and whether that is the whole log.
    others: places of which only the end is wanted."""
    consumer = open_client(
        KafkaConsumer, servers, enable_auto_commit=False, max_partition_fetch_bytes=MAX_BYTES, fetch_max_wait_ms=100
    )
    try:
        consumer.assign(places)
        begins = consumer.beginning_offsets(places)
        ends = consumer.end_offsets(places) | consumer.end_offsets(others)  # together, the unknown topic would be left out
        for place in places:
            consumer.seek(place, max(begins[place], ends[place] - TAIL))
        tails: dict[int, dict[str, int]] = {place.partition: {} for place in places}
        until = time.monotonic() + _PATIENCE
        while any(consumer.position(place) < ends[place] for place in places):
            if time.monotonic() > until:
                raise KafkaAway("事件记录的末尾没有及时读到;请检查 Kafka")
            for place, records in consumer.poll(timeout_ms=500).items():
                newest = tails[place.partition]
                for record in records:
                    if record.key and record.value:
                        name = record.key.decode()
                        newest[name] = max(newest.get(name, 0), version_of(record.value))
        whole = {place.partition: ends[place] - begins[place] <= TAIL for place in places}
        return tails, ends, whole
    finally:
        consumer.close()


def _check_length(pool: ElasticPool, partition: int, end: int) -> None:
    """An event that was indexed with its place cannot lie behind the end of the log."""
    first = partition << 40
    query = {"range": {"sequence": {"gte": first, "lt": first + (1 << 40)}}}
    body = {"query": query, "sort": [{"sequence": "desc"}], "size": 1, "_source": ["aggregate", "version", "sequence"]}
    _, answer = pool.elastic.request("POST", f"/{pool.elastic.name(EVENTS)}/_search", body)
    for hit in answer["hits"]["hits"]:
        found = hit["_source"]
        if found["sequence"] - first >= end:
            raise TakeoverRefused(
                Obstacle.POOL_AHEAD_OF_LOG,
                f"问题池超前于事件记录:分区 {partition} 的事件记录只到 {end},池里却有其第 {found['sequence'] - first} 条"
                f"({found['aggregate']} 第 {found['version']} 版);事件记录被截断或重建过,请找回事件记录,不要重建问题池",
            )


def _check_commands(pool: ElasticPool, partition: int, end: int) -> None:
    """A command that was decided cannot lie behind the end of the commands: then the topic was made anew, and every new command
    would look like one decided before."""
    for state in pool.store.states(_newest(pool, partition, 1)).values():
        if state.applied_to is not None and state.applied_to[1] >= end:
            raise TakeoverRefused(
                Obstacle.POOL_AHEAD_OF_LOG,
                f"commands 主题被重建过:{state.id} 已处理到分区 {partition} 第 {state.applied_to[1]} 条,主题里只到第 {end} 条;"
                "若是有意重建(先处理完全部指令),请运行 wentichi topics create --new-epoch 后重启;否则请找回原主题",
            )


def _check_documents(pool: ElasticPool, partition: int, tail: dict[str, int], *, whole: bool) -> None:
    states = pool.store.states(tail)
    for name, version in tail.items():
        held = states[name].version if name in states else 0
        if held < version:
            raise TakeoverRefused(
                Obstacle.POOL_BEHIND_LOG,
                f"问题池落后于事件记录:{name} 在池里是第 {held} 版,事件记录已到第 {version} 版(分区 {partition});"
                "多半是恢复了旧快照,请运行 wentichi pool rebuild 按事件记录重建",
            )
    for name in _newest(pool, partition) - states.keys():
        states |= pool.store.states([name])
    for name, state in states.items():
        if name in tail or whole:
            _check_ahead(state, tail.get(name, 0), partition)


def _check_ahead(state: State, logged: int, partition: int) -> None:
    pending = {version_of(line.line.encode()) for line in state.outbox if line.topic == "events"}
    missing = set(range(logged + 1, state.version + 1)) - pending
    if missing:
        raise TakeoverRefused(
            Obstacle.POOL_AHEAD_OF_LOG,
            f"问题池超前于事件记录:{state.id} 在池里是第 {state.version} 版,事件记录只到第 {logged} 版(分区 {partition}),"
            f"发件箱里也没有第 {min(missing)} 版;请找回事件记录,不要重建问题池",
        )


def _newest(pool: ElasticPool, partition: int, count: int = NEWEST) -> set[str]:
    body = {
        "query": {"term": {"partition": partition}},
        "sort": [{"offset": "desc"}],
        "size": count,
        "_source": False,
    }
    _, answer = pool.elastic.request("POST", f"/{pool.elastic.name(PROBLEMS)}/_search", body)
    return {hit["_id"] for hit in answer["hits"]["hits"]}
