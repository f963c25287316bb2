"""The topics that a client meets, on a real broker."""

from collections.abc import Iterator

import pytest
from kafka.admin import KafkaAdminClient, NewTopic
from pool_side import TOPICS, Pool


@pytest.fixture
def pool(kafka: str, namespace: str) -> Iterator[Pool]:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(f"{namespace}.{name}", count, 1) for name, count in TOPICS.items()])
    admin.wait_for_topics([f"{namespace}.{name}" for name in TOPICS])
    admin.close()
    side = Pool(kafka, namespace)
    yield side
    side.close()
