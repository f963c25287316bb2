"""Where the servers are, and what this pool's topics, groups and indices are called there."""

import os
from dataclasses import dataclass
from typing import Final

from schemas.errors import ContractError
from schemas.words import Stage

RECONNECT_MS: Final = 1000
"""Between two tries of kafka-python to reach a broker, at most. Its own 30 s keep a worker waiting after the broker is back."""


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
    given = os.environ.get(variable, usual)
    try:
        return max(1.0, float(given))
    except ValueError:
        raise ContractError(variable, f"须为秒数,实为 {given[:20]}", f"例如 {usual}") from None


@dataclass(frozen=True, slots=True)
class Servers:
    """kafka: host:port, several separated by commas. elasticsearch: URL. namespace: empty for the one pool of a cluster;
    else every topic, group and index carries it in front, so that several pools share the servers."""

    kafka: str
    elasticsearch: str
    namespace: str = ""

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
    """From what was given, else WENTICHI_KAFKA, WENTICHI_ELASTICSEARCH, WENTICHI_NAMESPACE; None = the embedded pool.

    Raises ContractError when only one of the two servers is named.
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
    return Servers(kafka, elasticsearch, namespace)
