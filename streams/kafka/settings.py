"""Where the servers are, how to log in there, and what this pool's topics, groups and indices are called."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from pool.credentials import own_file, secret
from pool.elastic.access import ANYBODY, Access, access
from schemas.errors import ContractError
from schemas.words import Stage

_ADDRESS: Final = re.compile(r"[^\s:\[\]]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5}", re.ASCII)
_PROTOCOL: Final = "WENTICHI_KAFKA_SECURITY_PROTOCOL"
CAFILE: Final = "WENTICHI_KAFKA_SSL_CAFILE"
W = TypeVar("W", bound=StrEnum)


def session_seconds() -> float:
    """Seconds without a heartbeat after which a worker's partitions go to others: WENTICHI_SESSION_SECONDS, 10 by default.

    Kafka's least is its own group.min.session.timeout.ms, 6 s unless set.
    """
    return _seconds("WENTICHI_SESSION_SECONDS", "10")


def poll_seconds() -> float:
    """Seconds that a stage may fetch nothing, as while a server is away, before its group puts it out: WENTICHI_POLL_SECONDS.

    30 days by default: a worker that holds keeps its partitions. One that was put out does not come back by itself, so it
    finishes the batch in hand and ends with status 1.
    """
    return _seconds("WENTICHI_POLL_SECONDS", str(30 * 86400))


def _seconds(variable: str, usual: str) -> float:
    given = os.environ.get(variable) or usual
    try:
        return max(1.0, float(given))
    except ValueError:
        raise ContractError(variable, f"须为秒数,实为 {given[:20]}", f"例如 {usual}") from None


class Protocol(StrEnum):
    """Kafka's own names: with or without TLS (SSL), with or without a login (SASL)."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How a login proves itself, by Kafka's names."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Security:
    """How to connect to Kafka; streams.kafka.clients makes of it what each client takes. The names are the client wheel's.

    cafile: empty = the authorities of the system. certfile, keyfile: of this program, where the broker wants to see one.
    """

    protocol: Protocol = Protocol.PLAINTEXT
    mechanism: Mechanism = Mechanism.PLAIN
    username: str = ""
    password: str = field(default="", repr=False)
    cafile: str = ""
    certfile: str = ""
    keyfile: str = ""
    key_password: str = field(default="", repr=False)

    @property
    def logs_in(self) -> bool:
        return self.protocol in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)

    @property
    def has_tls(self) -> bool:
        return self.protocol in (Protocol.SSL, Protocol.SASL_SSL)


OPEN: Final = Security()
"""A broker that lets everybody in."""


@dataclass(frozen=True, slots=True)
class Servers:
    """kafka: host:port, several separated by commas. elasticsearch: URL. namespace: empty for the one pool of a cluster;
    else every topic, group and index carries it in front, so that several pools share the servers."""

    kafka: str
    elasticsearch: str
    namespace: str = ""
    security: Security = OPEN
    access: Access = ANYBODY

    @property
    def addresses(self) -> list[str]:
        """Of the brokers."""
        return [address.strip() for address in self.kafka.split(",")]

    def topic(self, name: str) -> str:
        """The name on the broker."""
        return f"{self.namespace}.{name}" if self.namespace else name

    def plain(self, topic: str) -> str:
        """The name in this application, of a name on the broker."""
        return topic.removeprefix(f"{self.namespace}.") if self.namespace else topic

    def group(self, stage: Stage) -> str:
        """The consumer group of a stage."""
        return f"{self.namespace or 'wentichi'}-{stage.value}"

    @property
    def prefix(self) -> str:
        """In front of every index."""
        return self.namespace or "wentichi"


def servers(kafka: str = "", elasticsearch: str = "", namespace: str = "") -> Servers | None:
    """From what was given, else WENTICHI_KAFKA, WENTICHI_ELASTICSEARCH, WENTICHI_NAMESPACE; None = the embedded pool. How to log
    in comes from the environment alone.

    Raises ContractError: only one of the two servers is named, or something does not go together.
    """
    kafka = kafka or os.environ.get("WENTICHI_KAFKA", "")
    elasticsearch = elasticsearch or os.environ.get("WENTICHI_ELASTICSEARCH", "")
    namespace = namespace or os.environ.get("WENTICHI_NAMESPACE", "")
    if not kafka and not elasticsearch:
        return None
    if not kafka or not elasticsearch:
        missing = "--elasticsearch(或 WENTICHI_ELASTICSEARCH)" if kafka else "--kafka(或 WENTICHI_KAFKA)"
        raise ContractError(missing, "Kafka 与 Elasticsearch 须一起给出", f"请补上 {missing};两者都不给则用本机文件池")
    if namespace and not (namespace.isascii() and namespace.replace("-", "").isalnum() and namespace.islower()):
        raise ContractError("WENTICHI_NAMESPACE", "只能用小写字母、数字和连字符", "例如 test-1")
    found = Servers(kafka, elasticsearch, namespace, security(os.environ), access(elasticsearch))
    wrong = [address for address in found.addresses if not _ADDRESS.fullmatch(address)]
    if wrong:
        raise ContractError("--kafka", f"地址 {wrong[0][:60]} 不能用", "请写成 主机:端口,几个用逗号隔开")
    return found


def security(environment: Mapping[str, str]) -> Security:
    """From WENTICHI_KAFKA_SECURITY_PROTOCOL, …_SASL_… and …_SSL_…. Raises ContractError for what does not go together: nobody
    shall believe that a connection is protected which is not."""
    found = Security(
        _one_of(Protocol, _PROTOCOL, environment, Protocol.PLAINTEXT),
        _one_of(Mechanism, "WENTICHI_KAFKA_SASL_MECHANISM", environment, Mechanism.PLAIN),
        environment.get("WENTICHI_KAFKA_SASL_PLAIN_USERNAME", ""),
        secret("WENTICHI_KAFKA_SASL_PLAIN_PASSWORD", "WENTICHI_KAFKA_SASL_PLAIN_PASSWORD_FILE", environment),
        environment.get(CAFILE, ""),
        environment.get("WENTICHI_KAFKA_SSL_CERTFILE", ""),
        environment.get("WENTICHI_KAFKA_SSL_KEYFILE", ""),
        secret("WENTICHI_KAFKA_SSL_PASSWORD", "WENTICHI_KAFKA_SSL_PASSWORD_FILE", environment),
    )
    if found.logs_in and not (found.username and found.password):
        missing = "WENTICHI_KAFKA_SASL_PLAIN_PASSWORD(_FILE)" if found.username else "WENTICHI_KAFKA_SASL_PLAIN_USERNAME"
        raise ContractError(missing, f"{found.protocol} 须有用户名和口令", f"请设 {missing}")
    if not found.logs_in and (found.username or found.password):
        raise ContractError(_PROTOCOL, f"给了用户名或口令,{found.protocol} 却不登录", "请设为 SASL_SSL(或 SASL_PLAINTEXT)")
    if not found.has_tls and (found.cafile or found.certfile or found.keyfile):
        raise ContractError(_PROTOCOL, f"给了证书,{found.protocol} 却不用 TLS", "请设为 SSL 或 SASL_SSL")
    if found.keyfile and not found.certfile:
        raise ContractError("WENTICHI_KAFKA_SSL_KEYFILE", "有私钥而没有证书", "请设 WENTICHI_KAFKA_SSL_CERTFILE")
    if found.certfile:
        own_file(found.keyfile or found.certfile, "WENTICHI_KAFKA_SSL_KEYFILE")
    return found


def _one_of(kind: type[W], variable: str, environment: Mapping[str, str], usual: W) -> W:
    given = environment.get(variable, "")
    if given and given not in set(kind):
        raise ContractError(variable, f"没有 {given[:20]} 这一种", f"只能是 {'、'.join(kind)}")
    return kind(given) if given else usual
