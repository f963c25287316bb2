"""Every client of Kafka gets its address, login and patience here, and here it is found out why nobody let it in.

kafka-python keeps a refused login to its log and waits as for a broker that is away, and what it opened for that it leaves open.
So where something can be refused, it is tried with aiokafka first, which says so.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterator
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    SecurityDisabled,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.admin import ApiVersionRequest
from kafka.errors import KafkaError as ClientError
from kafka.net.compat import KafkaNetClient

from pool.credentials import tls
from streams.kafka.settings import CAFILE, OPEN, Security, Servers
from streams.kafka.stopping import KafkaAway

RECONNECT_MS: Final = 1000
"""Between two tries of kafka-python to reach a broker, at most. Its own 30 s keep a worker waiting after the broker is back."""
_CONNECT_MS: Final = 10_000
_ANSWERS_WITHIN: Final = 5.0
"""Seconds for one step of a connection: address, TLS, login."""
_LOGIN: Final = (SaslAuthenticationFailed, IllegalSaslStateError, SecurityDisabled, UnsupportedSaslMechanismError)


class KafkaRefused(KafkaAway):
    """A broker is there and does not let this program in, or shows a certificate that is not trusted."""


def options(servers: Servers) -> dict[str, Any]:
    """What kafka-python and aiokafka are both given. Raises ContractError for certificates that cannot be used."""
    found: dict[str, Any] = {"bootstrap_servers": servers.addresses}
    security = servers.security
    if security != OPEN:
        found["security_protocol"] = security.protocol.value
    if security.has_tls:
        found["ssl_context"] = _tls(security)
    if security.logs_in:
        found["sasl_mechanism"] = security.mechanism.value
        found["sasl_plain_username"] = security.username
        found["sasl_plain_password"] = security.password
    return found


def faust_options(servers: Servers) -> dict[str, Any]:
    """The same for faust.App."""
    from faust import SASLCredentials, SSLCredentials  # noqa: PLC0415 - slow to import, and only workers use it

    found: dict[str, Any] = {"broker": ";".join(f"aiokafka://{address}" for address in servers.addresses)}
    security = servers.security
    context = _tls(security) if security.has_tls else None
    if security.logs_in:
        found["broker_credentials"] = SASLCredentials(
            username=security.username, password=security.password, ssl_context=context, mechanism=security.mechanism.value
        )
    elif context is not None:
        found["broker_credentials"] = SSLCredentials(context)
    return found


def _tls(security: Security) -> ssl.SSLContext:
    return tls(security.cafile, CAFILE, security.certfile, security.keyfile, security.key_password)


def open_client(kind: Callable[..., Any], servers: Servers, **more: Any) -> Any:
    """A client of kafka-python: KafkaConsumer, KafkaProducer, KafkaAdminClient, with these options of its own.

    Blocks, 10 s at most where nobody answers. Raises KafkaAway, KafkaRefused, ContractError; nothing of a client that could not
    connect stays open.
    """
    if servers.security != OPEN:
        asyncio.run(_try_login(servers))
    opened: list[KafkaNetClient] = []

    def connection(**config: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**config))
        return opened[-1]

    patience = {"reconnect_backoff_max_ms": RECONNECT_MS, "bootstrap_timeout_ms": _CONNECT_MS}
    try:
        return kind(kafka_client=connection, **patience, **options(servers), **more)
    except (ClientError, OSError) as error:
        for one in opened:
            one.close()
        raise KafkaAway(_unreached(servers, error)) from error


def quiet() -> None:
    """For commands: what the clients say in English to their logs comes as errors, told in Chinese."""
    for library in ("kafka", "aiokafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


async def log_in(servers: Servers) -> AIOKafkaConnection:
    """A connection to the first broker that lets in. Raises KafkaRefused when one refuses and none lets in, KafkaAway."""
    given = options(servers)
    away: KafkaAway | None = None
    for address in given.pop("bootstrap_servers"):
        host, _, port = address.rpartition(":")
        try:
            return await create_conn(host.strip("[]"), int(port), request_timeout_ms=int(_ANSWERS_WITHIN * 1000), **given)
        except (KafkaError, OSError, EOFError, TimeoutError) as error:
            if not isinstance(away, KafkaRefused):
                away = _reason(servers, error)
                away.__cause__ = error
    assert away is not None  # noqa: S101 - there is an address
    raise away


async def _try_login(servers: Servers) -> None:
    """Raises KafkaRefused; a broker that is away is waited for by the client itself."""
    try:
        connection = await log_in(servers)
    except KafkaRefused:
        raise
    except KafkaAway:
        return
    await connection.close()


def _reason(servers: Servers, error: Exception) -> KafkaAway:
    causes = list(_causes(error))
    if any(isinstance(cause, _LOGIN) for cause in causes):
        user, mechanism = servers.security.username, servers.security.mechanism
        return KafkaRefused(f"Kafka 不让 {user} 登录({type(error).__name__});请核对用户名、口令和登录方式 {mechanism}")
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return KafkaRefused(f"Kafka 的证书不受信任({untrusted.verify_message});请核对 {CAFILE} 和地址里的主机名")
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError) for cause in causes):
        remedy = "请核对它是否用 TLS(WENTICHI_KAFKA_SECURITY_PROTOCOL)、是否要客户端证书(WENTICHI_KAFKA_SSL_CERTFILE)"
        return KafkaRefused(f"与 Kafka 的 TLS 没有谈成;{remedy}")
    return KafkaAway(_unreached(servers, error))


def _unreached(servers: Servers, error: Exception) -> str:
    protocol = servers.security.protocol
    remedy = f"请检查地址和服务,以及它是不是 {protocol}(WENTICHI_KAFKA_SECURITY_PROTOCOL)"
    return f"连不上 Kafka {servers.kafka}({type(error).__name__});{remedy}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


class Asking:
    """Asks a broker now and then, over one connection that stays logged in."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._connection: AIOKafkaConnection | None = None

    async def ask(self) -> None:
        """Raises KafkaRefused, KafkaAway when none answers."""
        if self._connection is not None:
            try:
                await self._connection.send(ApiVersionRequest())
            except (KafkaError, OSError, TimeoutError):
                self.close()
            else:
                return
        self._connection = await log_in(self._servers)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
