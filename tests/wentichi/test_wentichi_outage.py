"""The broker dies while a program uses the client: that is said in time, and the same client goes on when the broker is back."""

import gc
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from pool_side import Pool

from deploy.local.kafka import Kafka
from schemas.identity import report_id
from wentichi import Client, NotReachable

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves the sockets of refused connections to the garbage collector, which says so
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _nothing_left_for_the_next_test() -> Iterator[None]:
    """Records of kafka-python's log would hold on to those sockets until the run ends."""
    log = logging.getLogger("kafka")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    yield
    log.setLevel(before)
    gc.collect()


def send(client: Client, name: str) -> str:
    return client.send(channel="message", source="s", id=name, data={"text": "x"}).key


def test_an_outage_is_said_and_then_forgotten(fresh_kafka: Callable[..., Kafka]) -> None:
    server = fresh_kafka()
    with closing(KafkaAdminClient(bootstrap_servers=server.address)) as admin:
        admin.create_topics([NewTopic("t.intake.message", 4, 1), NewTopic("t.dispatch.u", 1, 1)])
        admin.wait_for_topics(["t.intake.message", "t.dispatch.u"])
    with Client(server.address, namespace="t", timeout=4.0) as client:
        send(client, "1")
        server.kill()
        begun = time.monotonic()
        with pytest.raises(NotReachable):
            send(client, "2")
        assert time.monotonic() - begun < 20
        server.start()
        for name in ("2", "3"):
            send(client, name)
    side = Pool(server.address, "t")
    keys = [record.key.decode() for record in side.read("intake.message")]
    side.close()
    assert set(keys) == {report_id("s", name) for name in "123"}


def test_a_loop_does_not_call_it_idle_when_the_broker_is_away(fresh_kafka: Callable[..., Kafka]) -> None:
    server = fresh_kafka()
    with closing(KafkaAdminClient(bootstrap_servers=server.address)) as admin:
        admin.create_topics([NewTopic("dispatch.u", 1, 1)])
        admin.wait_for_topics(["dispatch.u"])
    with closing(KafkaProducer(bootstrap_servers=server.address)) as producer:
        producer.send("dispatch.u", None, key=b"p").get(timeout=10)
    with Client(server.address, timeout=4.0) as client:
        loop = client.dispatches("u", idle=2.0)
        assert next(loop).forgotten
        server.kill()
        with pytest.raises(NotReachable):
            next(loop)
