"""Real Kafka and Elasticsearch for tests, started when the first test asks, on free ports; they end with the run in any case.

A test that asks for one of these fixtures is marked `servers` and `slow`. Without Java or Maven it is skipped, or fails with
REQUIRE_SERVERS=1. WENTICHI_TEST_KAFKA=host:port and WENTICHI_TEST_ELASTICSEARCH=URL name servers that are up already: faster for
somebody who runs one test again and again. With several workers of xdist each has its own pair.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import pytest
from elasticsearch import Elasticsearch as Client
from kafka import KafkaAdminClient

from deploy.local.elasticsearch import Elasticsearch, start_elasticsearch
from deploy.local.faults import ServersMissing
from deploy.local.kafka import Kafka, start_kafka
from deploy.local.server import Server

S = TypeVar("S", bound=Server)
StartKafka = Callable[..., Kafka]
StartElasticsearch = Callable[..., Elasticsearch]
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6
os.environ.setdefault("WENTICHI_PORTS", f"{20_000 + 2000 * _WORKER}-{21_999 + 2000 * _WORKER}")
_ASK_FOR_SERVERS: Final = frozenset({"kafka", "elasticsearch", "fresh_kafka", "fresh_elasticsearch"})
_NONE: Final = "没有真实的服务:"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _ASK_FOR_SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """All tests that lack servers are one line of the summary, instead of one line each."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and _NONE in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """host:port of the broker that all tests share: leave it running; topics only under `namespace`."""
    named = os.environ.get("WENTICHI_TEST_KAFKA")
    if named:
        yield named
        return
    quick = {"group.min.session.timeout.ms": "1000"}  # a killed worker's partitions go to others after seconds
    with server_folder() as folder, _had(lambda: start_kafka(folder / "kafka", settings=quick)) as server:
        yield server.address


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[str]:
    """URL of the node that all tests share: leave it running; indices only under `namespace`."""
    named = os.environ.get("WENTICHI_TEST_ELASTICSEARCH")
    if named:
        yield named
        return
    with server_folder() as folder, _had(lambda: start_elasticsearch(folder / "elasticsearch")) as server:
        os.environ["WENTICHI_TEST_ELASTICSEARCH"] = server.address  # for helpers that are no fixtures
        yield server.address
        del os.environ["WENTICHI_TEST_ELASTICSEARCH"]


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new name for one test, small letters and digits. Topics `<name>.…` and indices `<name>…` are deleted after it."""
    name = "t" + secrets.token_hex(5)
    yield name
    if "kafka" in request.fixturenames:
        delete_topics(request.getfixturevalue("kafka"), f"{name}.")
    if "elasticsearch" in request.fixturenames:
        delete_indices(request.getfixturevalue("elasticsearch"), name)


@pytest.fixture
def fresh_kafka() -> Iterator[StartKafka]:
    """Starts a broker of the test's own, to kill and to pause; arguments as of start_kafka, without the folder."""
    with ExitStack() as stack:

        def start(**more: object) -> Kafka:
            folder = stack.enter_context(server_folder())
            return stack.enter_context(_had(lambda: start_kafka(folder / "kafka", **more)))  # type: ignore[arg-type]

        yield start


@pytest.fixture
def fresh_elasticsearch() -> Iterator[StartElasticsearch]:
    """Starts a node of the test's own, to kill and to pause; arguments as of start_elasticsearch, without the folder."""
    with ExitStack() as stack:

        def start(**more: object) -> Elasticsearch:
            folder = stack.enter_context(server_folder())
            made = {"heap": 512} | more
            return stack.enter_context(_had(lambda: start_elasticsearch(folder / "elasticsearch", **made)))  # type: ignore[arg-type]

        yield start


@contextmanager
def server_folder() -> Iterator[Path]:
    """A new folder that the servers' user can reach, which pytest's own folders are not when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="wentichi-servers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _had(start: Callable[[], S]) -> S:
    try:
        return start()
    except ServersMissing as error:
        without_servers(error)


def without_servers(error: ServersMissing) -> NoReturn:
    """Skips the test, or fails it where servers are required."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        raise pytest.fail.Exception(f"REQUIRE_SERVERS=1,但没有真实的服务:{error}", pytrace=False) from None
    raise pytest.skip.Exception(f"{_NONE}{error}") from None


def delete_topics(address: str, prefix: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=address)) as client:
        topics = [topic for topic in client.list_topics() if topic.startswith(prefix)]
        if topics:
            client.delete_topics(topics)


def delete_indices(url: str, prefix: str) -> None:
    with Client(url) as client:
        for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all"):
            client.indices.delete(index=index)
