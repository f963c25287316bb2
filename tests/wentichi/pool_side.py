"""The pool's side of the topics that a client meets."""

from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

UNIT = "c-chengguan"
TOPICS = {"intake.message": 4, "intake.grid": 4, f"dispatch.{UNIT}": 1, f"progress.{UNIT}": 1}


class Pool:
    """The pool's side: writes views, reads reports and answers. Every read starts at the beginning."""

    def __init__(self, address: str, namespace: str) -> None:
        self.address = address
        self.namespace = namespace
        self._producer = KafkaProducer(bootstrap_servers=address)

    def topic(self, name: str) -> str:
        return f"{self.namespace}.{name}"

    def put(self, name: str, key: str, value: bytes | None) -> None:
        self._producer.send(self.topic(name), value, key=key.encode()).get(timeout=10)

    def read(self, name: str) -> list[Any]:
        """Every record of a topic, partition by partition."""
        topic = self.topic(name)
        with KafkaConsumer(bootstrap_servers=self.address, auto_offset_reset="earliest") as consumer:
            places = [TopicPartition(topic, number) for number in range(TOPICS[name])]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            found: list[Any] = []
            while sum(ends.values()) > len(found):
                for records in consumer.poll(timeout_ms=1000).values():
                    found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def topics(self) -> set[str]:
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        try:
            return {topic for topic in admin.list_topics() if topic.startswith(self.namespace)}
        finally:
            admin.close()

    def close(self) -> None:
        self._producer.close(timeout=10)
