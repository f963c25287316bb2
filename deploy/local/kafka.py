"""Kafka: one node that is broker and controller (KRaft)."""

import base64
import socket
import subprocess
import uuid
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from deploy.local.faults import ServerFailed, ServersMissing
from deploy.local.java import KAFKA_NEEDS
from deploy.local.programs import java, kafka_jars
from deploy.local.server import Launch, Server, free_port

# One node: everything internal has one copy. A topic that nobody created is an error, as it should be for users.
_ONE_NODE: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "6000",
    "auto.create.topics.enable": "false",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "4000",  # after kill -9 the controller takes the broker back only then; 9000 by default
}


class Kafka(Server):
    """settings: names and values as in Kafka's own server.properties, over those of one node. heap: megabytes."""

    name = "Kafka"

    def __init__(self, folder: Path, port: int = 0, settings: Mapping[str, str] | None = None, heap: int = 512) -> None:
        super().__init__(folder, port)
        self.settings = dict(settings or {})
        self.heap = heap

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> Launch:
        jars = kafka_jars()
        program = str(java(KAFKA_NEEDS, self.account).program)
        if not self.account.can("-r", next(jars.glob("kafka_*.jar"))):
            raise ServersMissing(f"运行 Kafka 的用户读不到 {jars};请把 XDG_CACHE_HOME 设到其他用户可读的文件夹")
        data, properties = self.folder / "data", self.folder / "server.properties"
        data.mkdir(exist_ok=True)
        controller = free_port()
        values = _ONE_NODE | {
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "log.dirs": str(data),
        }
        lines = (f"{name}={value}\n" for name, value in (values | self.settings).items())
        properties.write_text("".join(lines), encoding="utf-8")
        if not (data / "meta.properties").exists():
            self._format(program, jars, properties)
        options = (f"-Xms{self.heap // 4}m", f"-Xmx{self.heap}m", "-Dlog4j2.level=WARN", "{option}", "-cp", f"{jars}/*")
        return Launch((program, *options, "kafka.Kafka", str(properties)), {})

    def _format(self, program: str, jars: Path, properties: Path) -> None:
        cluster = "w" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]  # must not begin with a dash
        command = [program, "-cp", f"{jars}/*", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
        if done.returncode != 0:
            raise ServerFailed(f"Kafka 的数据文件夹无法初始化:{(done.stdout + done.stderr).strip()[-500:]}")

    def answers(self) -> bool:
        """A request for metadata, by the client that the pool uses."""
        from kafka import KafkaAdminClient  # noqa: PLC0415 - only where the servers are used
        from kafka.errors import KafkaError  # noqa: PLC0415

        with suppress(OSError, KafkaError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()  # the client would wait long for it
            with closing(
                KafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=5000, bootstrap_timeout_ms=5000)
            ) as client:
                return bool(client.describe_cluster()["brokers"])
        return False


def start_kafka(folder: Path, port: int = 0, settings: Mapping[str, str] | None = None, heap: int = 512) -> Kafka:
    """A broker that answers, and that ends with this process. Raises ServersMissing, ServerFailed."""
    return Kafka(folder, port, settings, heap).start()
