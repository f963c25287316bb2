"""Outages of Kafka and Elasticsearch under load: nothing is lost, nothing is doubled, and the workers go on by themselves."""

import gc
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("on_servers.outages")

from deploy.local.elasticsearch import Elasticsearch, start_elasticsearch  # noqa: E402 - after assertions are rewritten
from deploy.local.kafka import Kafka, start_kafka  # noqa: E402 - see above
from on_servers import outages  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above
from tests.proxy import Proxy  # noqa: E402 - see above
from tests.servers import _had, server_folder  # noqa: E402 - see above

pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    # kafka-python leaves sockets to the collector when the broker is away
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    with server_folder() as folder, _had(lambda: start_kafka(folder / "kafka")) as server:
        yield server


@pytest.fixture(scope="module")
def node() -> Iterator[Elasticsearch]:
    with server_folder() as folder, _had(lambda: start_elasticsearch(folder / "elasticsearch", heap=512)) as server:
        yield server


@pytest.fixture
def proxy(node: Elasticsearch) -> Iterator[Proxy]:
    with Proxy(node.address) as before:
        yield before


@pytest.fixture
def quiet() -> Iterator[None]:
    """kafka-python logs each failed connection with its error; pytest keeps the records, and with them the sockets."""
    logger = logging.getLogger("kafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(before)


@pytest.fixture
def own(quiet: None, broker: Kafka, node: Elasticsearch, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A pool on servers of the module's own; its workers see Elasticsearch through the proxy where the test asks for one."""
    sees = request.getfixturevalue("proxy").url if "proxy" in request.fixturenames else ""
    for server in (broker, node):
        if not server.running:  # the test before failed in the middle of an outage
            server.start()
    served = Served(broker.address, node.address, "o" + secrets.token_hex(5), tmp_path, workers_see=sees)
    yield served
    served.close()
    vars(served).clear()
    gc.collect()  # here, where warnings about the clients' sockets are ignored; pytest keeps the pool itself until the end


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Iterator[outages.Figures]:
    """Figures go into the report of the run."""
    figures: outages.Figures = {}
    yield figures
    for name, value in figures.items():
        request.node.user_properties.append((name, value))
    print(", ".join(f"{name} {value:g}" for name, value in figures.items()))


def test_a_killed_broker_comes_back_and_nothing_is_lost(own: Served, broker: Kafka, tell: outages.Figures) -> None:
    tell |= outages.broker_killed(own, broker, outages.SHORT)


def test_elasticsearch_is_killed_and_stopped_and_a_worker_stops_meanwhile(
    own: Served, node: Elasticsearch, tell: outages.Figures
) -> None:
    tell |= outages.elasticsearch_away(own, node, outages.SHORT)


def test_a_worker_that_its_group_put_out_is_started_again(own: Served, proxy: Proxy, tell: outages.Figures) -> None:
    tell |= outages.away_longer_than_poll(own, proxy, outages.SHORT)


def test_read_only_indices_make_workers_wait(own: Served, tell: outages.Figures) -> None:
    tell |= outages.indices_read_only(own, outages.SHORT)


def test_what_says_nothing_of_the_data_is_tried_again(own: Served, proxy: Proxy, tell: outages.Figures) -> None:
    tell |= outages.refused(own, proxy, outages.BRIEF)
