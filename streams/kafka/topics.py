"""The topics of a pool: made, and checked against what the protocol counts on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from city.pack import CityPack
from schemas.words import DISPATCH_PREFIX, PROGRESS_PREFIX, Channel, Topic, intake_topic
from streams.kafka.clients import open_client
from streams.kafka.settings import Servers
from streams.kafka.stopping import KafkaAway

PARTITIONS: Final = 8
"""Of commands and events, fixed for the life of a pool (DESIGN, protocol 5): a slot's partition must never change."""
INTAKE_PARTITIONS: Final = 4
_DAY: Final = 86_400_000
_AT_ONCE: Final = 200
MAX_BYTES: Final = 8 << 20
"""Of one record: a sealed text is longer than the text, a unit's view holds every report of its problem."""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """partitions None = not checked. config: what must hold; compared by `check`."""

    name: str
    partitions: int
    config: Mapping[str, str]
    fixed: bool = False


def plan(pack: CityPack, partitions: int = PARTITIONS) -> list[TopicPlan]:
    """Every topic of the pool, by its plain name. Records carry the broker's time where that time counts as arrival."""
    arrival = {"message.timestamp.type": "LogAppendTime"}
    large = {"max.message.bytes": str(MAX_BYTES)}
    week = {"cleanup.policy": "delete", "retention.ms": str(7 * _DAY)} | large
    kept = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"} | large
    quarter = {"retention.ms": str(90 * _DAY)} | large
    topics = [TopicPlan(intake_topic(channel).value, INTAKE_PARTITIONS, week | arrival) for channel in Channel]
    topics += [
        TopicPlan(Topic.COMMANDS.value, partitions, {"cleanup.policy": "delete"} | quarter, fixed=True),
        TopicPlan(Topic.EVENTS.value, partitions, kept, fixed=True),
        TopicPlan(Topic.OUTCOMES.value, INTAKE_PARTITIONS, week),
        TopicPlan(Topic.DEAD_LETTER.value, INTAKE_PARTITIONS, {"cleanup.policy": "compact,delete"} | quarter),
    ]
    for unit in pack.units:
        topics += unit_topics(unit)
    return topics


def unit_topics(unit: str) -> list[TopicPlan]:
    """The two topics of a unit."""
    return [
        TopicPlan(f"{DISPATCH_PREFIX}{unit}", 1, {"cleanup.policy": "compact", "max.message.bytes": str(MAX_BYTES)}),
        TopicPlan(
            f"{PROGRESS_PREFIX}{unit}",
            1,
            {"cleanup.policy": "delete", "retention.ms": str(7 * _DAY), "message.timestamp.type": "LogAppendTime"},
        ),
    ]


class Topics:
    """Makes and checks topics. Raises KafkaAway when the broker does not answer."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._admin = open_client(KafkaAdminClient, servers, request_timeout_ms=20_000)

    def close(self) -> None:
        self._admin.close()

    def existing(self) -> set[str]:
        """Plain names of this pool's topics."""
        prefix = self._servers.topic("")
        try:
            return {self._servers.plain(name) for name in self._admin.list_topics() if name.startswith(prefix)}
        except KafkaError as error:
            raise KafkaAway(f"Kafka 没有答复({type(error).__name__});请检查服务") from error

    def create(self, plans: Iterable[TopicPlan], replication: int = 1) -> list[str]:
        """Makes those that are missing; the names of what was made. Several processes may do it at once."""
        there = self.existing()
        missing = [topic for topic in plans if topic.name not in there]
        for first in range(0, len(missing), _AT_ONCE):
            new = [
                NewTopic(self._servers.topic(topic.name), topic.partitions, replication, topic_configs=dict(topic.config))
                for topic in missing[first : first + _AT_ONCE]
            ]
            try:
                answer = self._admin.create_topics(new, timeout_ms=60_000, raise_errors=False)
            except KafkaError as error:
                raise KafkaAway(f"Kafka 没有建成主题({type(error).__name__});请检查服务后重试") from error
            for made in answer["topics"]:
                if made["error_code"] not in (0, TopicAlreadyExistsError.errno):  # or another process was faster
                    raise KafkaAway(f"Kafka 没有建成主题 {made['name']}({made['error_message']});请检查服务和权限后重试")
        return [topic.name for topic in missing]

    def check(self, plans: Iterable[TopicPlan]) -> list[str]:
        """What is not as the protocol needs it, with the remedy; [] when all is well."""
        wanted = list(plans)
        there = self.existing()
        faults = [f"缺主题 {topic.name};请运行 wentichi topics create" for topic in wanted if topic.name not in there]
        present = [topic for topic in wanted if topic.name in there]
        try:
            faults += self._check_partitions(present)
            faults += self._check_config(present)
        except KafkaError as error:
            raise KafkaAway(f"Kafka 没有答复({type(error).__name__});请检查服务") from error
        return faults

    def _check_partitions(self, plans: list[TopicPlan]) -> list[str]:
        described = self._admin.describe_topics([self._servers.topic(topic.name) for topic in plans])
        counts = {self._servers.plain(found["name"]): len(found["partitions"]) for found in described}
        return [
            f"主题 {topic.name} 有 {counts.get(topic.name)} 个分区,建池时是 {topic.partitions} 个:归口分区与分区的对应不能变;"
            "请停止各环节、处理完指令后,按运行手册“分区数被改”重建主题"
            for topic in plans
            if topic.fixed and counts.get(topic.name) != topic.partitions
        ]

    def _check_config(self, plans: list[TopicPlan]) -> list[str]:
        faults = []
        for first in range(0, len(plans), _AT_ONCE):
            some = plans[first : first + _AT_ONCE]
            resources = [ConfigResource(ConfigResourceType.TOPIC, self._servers.topic(topic.name)) for topic in some]
            held = config_values(self._admin.describe_configs(resources, config_filter="all"))
            for topic in some:
                values = held.get(self._servers.topic(topic.name), {})
                for name, value in topic.config.items():
                    if _policy(values.get(name, "")) != _policy(value):
                        faults.append(f"主题 {topic.name} 的 {name} 是 {values.get(name)},须为 {value};请用 kafka-configs 改正")
        return faults


def config_values(described: object) -> dict[str, dict[str, str]]:
    """Topic -> name -> value, of what the client answers."""
    found: dict[str, dict[str, str]] = {}
    if isinstance(described, dict):
        for kind in described.values():
            for topic, entries in kind.items():
                found[topic] = {name: str(entry["value"]) for name, entry in entries.items()}
    return found


def _policy(value: str) -> str:
    return ",".join(sorted(value.split(",")))
