"""One value says how to log in to Kafka, and every client is given the same of it."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.conn import create_conn
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaTimeoutError
from kafka.net.compat import KafkaNetClient

from schemas.errors import ContractError
from streams.kafka.clients import RECONNECT_MS, faust_options, open_client, options
from streams.kafka.settings import OPEN, Mechanism, Protocol, Security, Servers, security, servers
from streams.kafka.stopping import KafkaAway
from tests.authority import Authority
from wentichi.broker import Security as OfTheWheel

VARIABLE = "WENTICHI_KAFKA_{}".format
LOGIN = {VARIABLE("SASL_PLAIN_USERNAME"): "worker", VARIABLE("SASL_PLAIN_PASSWORD"): "geheim"}
SASL = {VARIABLE("SECURITY_PROTOCOL"): "SASL_PLAINTEXT", **LOGIN}


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, str]:
    """The environment of a program that shows a certificate."""
    authority = Authority(tmp_path / "authority")
    certfile, keyfile = authority.issue("127.0.0.1", "geheim")
    return {
        VARIABLE("SSL_CAFILE"): str(authority.cafile),
        VARIABLE("SSL_CERTFILE"): str(certfile),
        VARIABLE("SSL_KEYFILE"): str(keyfile),
        VARIABLE("SSL_PASSWORD"): "geheim",
    }


def ways(certificates: dict[str, str]) -> Iterator[Security]:
    yield security({})
    yield security(SASL)
    yield security(SASL | {VARIABLE("SASL_MECHANISM"): "SCRAM-SHA-256"})
    yield security({VARIABLE("SECURITY_PROTOCOL"): "SSL", **certificates})
    yield security(
        {VARIABLE("SECURITY_PROTOCOL"): "SASL_SSL", VARIABLE("SASL_MECHANISM"): "SCRAM-SHA-512"} | LOGIN | certificates
    )


def test_every_client_takes_the_same_options_under_the_names_of_the_wheel(certificates: dict[str, str]) -> None:
    seen = set()
    for way in ways(certificates):
        given = options(Servers("a:1,b:2", "http://c:3", security=way))
        assert given["bootstrap_servers"] == ["a:1", "b:2"]
        for client in (KafkaConsumer, KafkaProducer, KafkaAdminClient):
            assert set(given) <= set(client.DEFAULT_CONFIG)
        assert set(given) <= set(inspect.signature(AIOKafkaProducer).parameters)
        assert set(given) - {"bootstrap_servers"} <= set(inspect.signature(create_conn).parameters)
        assert set(given) - {"bootstrap_servers"} <= set(OfTheWheel.__annotations__)
        seen |= set(given)
    assert len(seen) == 6


def test_faust_logs_in_as_the_other_clients_do(certificates: dict[str, str]) -> None:
    for way in ways(certificates):
        where = Servers("a:1,b:2", "http://c:3", security=way)
        given = faust_options(where)
        assert given["broker"] == "aiokafka://a:1;aiokafka://b:2"
        theirs = credentials_to_aiokafka_auth(given.get("broker_credentials"))
        ours = {"security_protocol": "PLAINTEXT"} | options(where)
        del ours["bootstrap_servers"]
        assert type(theirs.pop("ssl_context", None)) is type(ours.pop("ssl_context", None))
        assert theirs == ours


def test_the_words_are_kafkas_and_no_secret_is_shown(certificates: dict[str, str]) -> None:
    assert security({}) == OPEN
    assert {protocol.value for protocol in Protocol} == {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}
    for mechanism in Mechanism:
        assert security(SASL | {VARIABLE("SASL_MECHANISM"): mechanism.value}).mechanism is mechanism
    assert all("geheim" not in repr(way) for way in ways(certificates))


@pytest.mark.parametrize(
    "wrong",
    [
        {VARIABLE("SECURITY_PROTOCOL"): "sasl"},
        SASL | {VARIABLE("SASL_MECHANISM"): "GSSAPI"},
        LOGIN,
        LOGIN | {VARIABLE("SECURITY_PROTOCOL"): "SSL"},
        {VARIABLE("SECURITY_PROTOCOL"): "SASL_SSL"},
        {VARIABLE("SECURITY_PROTOCOL"): "SASL_SSL", VARIABLE("SASL_PLAIN_USERNAME"): "worker"},
        {VARIABLE("SECURITY_PROTOCOL"): "SASL_SSL", VARIABLE("SASL_PLAIN_PASSWORD"): "geheim"},
        SASL | {VARIABLE("SSL_CAFILE"): "/ca.pem"},
        {VARIABLE("SECURITY_PROTOCOL"): "SSL", VARIABLE("SSL_KEYFILE"): "/key.pem"},
        {VARIABLE("SECURITY_PROTOCOL"): "SSL", VARIABLE("SSL_CERTFILE"): "/none/own.pem"},
        SASL | {VARIABLE("SASL_PLAIN_PASSWORD_FILE"): "/none/password"},
    ],
)
def test_what_does_not_go_together_is_told_without_the_password(wrong: dict[str, str]) -> None:
    with pytest.raises(ContractError, match="WENTICHI_KAFKA") as said:
        security(wrong)
    assert "geheim" not in str(said.value)


def test_a_private_key_that_others_can_read_is_refused(certificates: dict[str, str]) -> None:
    keyfile = Path(certificates[VARIABLE("SSL_KEYFILE")])
    keyfile.chmod(0o644)
    with pytest.raises(ContractError, match="chmod 600"):
        security({VARIABLE("SECURITY_PROTOCOL"): "SSL", **certificates})


@pytest.mark.parametrize("address", ["localhost", "a:1,b", "a:1;b:2", "http://a:9092", ":9092"])
def test_an_address_without_a_port_is_told(address: str) -> None:
    with pytest.raises(ContractError, match="主机:端口"):
        servers(address, "http://127.0.0.1:9200")
    assert servers("a:1, [::1]:2", "http://127.0.0.1:9200") is not None


def test_every_client_of_kafka_python_comes_back_soon_and_leaves_nothing_open_when_nobody_answers() -> None:
    nobody = Servers("127.0.0.1:9", "http://127.0.0.1:9")
    opened: list[dict[str, Any]] = []
    closed = []

    class Client:
        def __init__(self, kafka_client: Callable[..., KafkaNetClient], **given: Any) -> None:
            connection = kafka_client(**given)
            opened.append(given)
            close = connection.close
            connection.close = lambda: (close(), closed.append(given))
            raise KafkaTimeoutError

    with pytest.raises(KafkaAway, match="WENTICHI_KAFKA_SECURITY_PROTOCOL"):
        open_client(Client, nobody, client_id="test")
    assert opened[0]["reconnect_backoff_max_ms"] == RECONNECT_MS
    assert closed == opened
