"""The first command on a new cluster, before any worker has begun."""

from contextlib import closing

from schemas.words import Stage
from streams.kafka.remote_broker import Broker
from streams.kafka.settings import Servers
from tests.servers import StartKafka


def test_a_broker_that_knows_no_groups_yet_is_asked_again(fresh_kafka: StartKafka) -> None:
    with closing(Broker(Servers(fresh_kafka().address, "http://localhost:9", "new"))) as broker:
        assert broker.committed(Stage) == {stage: {} for stage in Stage}
