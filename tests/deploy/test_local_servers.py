"""Kafka and Elasticsearch without containers keep their data, end when they should, and touch no process but their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from elasticsearch import ApiError, Elasticsearch
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from deploy.local.faults import ServerFailed
from deploy.local.group import Group, look
from deploy.local.server import Record
from tests.servers import StartElasticsearch, StartKafka, delete_indices, delete_topics, server_folder

ROOT = Path(__file__).parents[2]


def wait_for(reached: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.05)


def read_all(address: str, topic: str) -> list[bytes]:
    with closing(
        KafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=4000)
    ) as reader:
        return [record.value for record in reader]


def send(address: str, topic: str, value: bytes) -> None:
    with closing(KafkaProducer(bootstrap_servers=address, acks="all", max_block_ms=3000)) as producer:
        producer.send(topic, value).get(timeout=10)


def local(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_what_kafka_acknowledged_is_there_after_kill_9_and_after_a_stop(fresh_kafka: StartKafka) -> None:
    kafka = fresh_kafka()
    with closing(KafkaAdminClient(bootstrap_servers=kafka.address)) as admin:
        admin.create_topics({"a.b": {"num_partitions": 1, "replication_factor": 1}})
    send(kafka.address, "a.b", b"1")
    address, first = kafka.address, kafka.pid
    kafka.kill()
    assert not kafka.running
    kafka.start()
    assert (kafka.address, kafka.pid != first) == (address, True)
    assert read_all(address, "a.b") == [b"1"]
    assert kafka.stop(), "it ends by itself when asked"
    kafka.start()
    assert read_all(address, "a.b") == [b"1"]


def test_a_topic_that_nobody_created_is_refused(kafka: str, namespace: str) -> None:
    with pytest.raises(KafkaError):
        send(kafka, f"{namespace}.never-created", b"1")
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        assert f"{namespace}.never-created" not in admin.list_topics()


def test_elasticsearch_with_a_password_keeps_documents_over_kill_9(fresh_elasticsearch: StartElasticsearch) -> None:
    server = fresh_elasticsearch(security=("clerk", "correct horse"))
    with Elasticsearch(server.address, basic_auth=("clerk", "correct horse")) as client:
        client.index(index="a", id="1", document={"n": 1})
        assert len(server.group.members()) == 2, "the launcher and the server"
        server.kill()
        assert not server.running
        server.start()
        assert client.get(index="a", id="1")["_source"] == {"n": 1}
    with Elasticsearch(server.address, basic_auth=("clerk", "wrong")) as client, pytest.raises(ApiError) as refused:
        client.get(index="a", id="1")
    assert refused.value.meta.status == 401
    assert server.stop()


def test_a_paused_server_hangs_and_goes_on_when_resumed(fresh_kafka: StartKafka) -> None:
    kafka = fresh_kafka()
    kafka.pause()
    assert not kafka.answers()
    assert kafka.running
    kafka.resume()
    kafka.wait_until_ready(20)
    kafka.pause()
    kafka.stop()
    assert not kafka.running, "stopping ends a paused one too"


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("name", ["kafka", "elasticsearch"])
def test_a_killed_test_run_leaves_no_server(name: str, paused: bool, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(name)  # skips where there can be none
    code = f"from pathlib import Path; from deploy.local.{name} import start_{name} as start; import sys, time\n"
    code += "server = start(Path(sys.argv[1]), heap=512)\n"
    code += f"{'server.pause()' if paused else ''}\nprint('ready', flush=True)\ntime.sleep(600)"
    with server_folder() as folder:
        starter = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(folder / "data")], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with starter:
            assert starter.stdout is not None
            assert starter.stdout.readline() == "ready\n"
            record = Record.of(folder / "data")
            assert record is not None
            assert record.group.members()
            starter.kill()
        wait_for(lambda: not record.group.members())


@pytest.mark.slow
@pytest.mark.servers
def test_services_are_brought_up_shown_and_taken_down_by_different_processes(kafka: str, elasticsearch: str) -> None:
    with server_folder() as folder:
        ports = ("--kafka-port", "0", "--elasticsearch-port", "0", "--elasticsearch-heap", "512")
        where = ("--folder", str(folder))
        try:
            begun = local("up", *where, *ports)
            assert begun.returncode == 0, begun.stderr
            again = local("up", *where, *ports)
            assert (again.stdout, "已在运行" in again.stderr) == (begun.stdout, True)
            shown = json.loads(local("status", *where).stdout)
            assert shown["kafka"]["running"]
            assert f"WENTICHI_KAFKA={shown['kafka']['address']} " in begun.stdout
            assert begun.stdout.rstrip().endswith(f"WENTICHI_ELASTICSEARCH={shown['elasticsearch']['address']}")
        finally:
            ended = local("down", *where)
        assert ended.stderr.count("已停止") == 2, ended.stderr
        shown = json.loads(local("status", *where).stdout)
        assert not shown["kafka"]["running"]
        assert not shown["elasticsearch"]["running"]
        assert (folder / "kafka" / "data" / "meta.properties").exists()
        local("down", "--delete", *where)
        assert not (folder / "kafka").exists()


def test_what_a_test_leaves_under_its_namespace_is_deleted_and_nothing_else(
    kafka: str, elasticsearch: str, namespace: str
) -> None:
    mine, other = f"{namespace}a", f"{namespace}b"
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin, Elasticsearch(elasticsearch) as client:
        admin.create_topics({f"{name}.x": {"num_partitions": 1, "replication_factor": 1} for name in (mine, other)})
        for name in (mine, other):
            client.indices.create(index=f"{name}-x", aliases={f"{name}-y": {}})
        delete_topics(kafka, f"{mine}.")
        delete_indices(elasticsearch, mine)
        wait_for(lambda: f"{mine}.x" not in admin.list_topics())
        assert f"{other}.x" in admin.list_topics()
        assert [bool(client.indices.exists(index=f"{name}-y")) for name in (mine, other)] == [False, True]
        delete_topics(kafka, f"{other}.")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_process_that_took_over_the_number_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    seen = look(sleeper.pid)
    assert seen is not None
    (tmp_path / "kafka").mkdir()
    Record(Group(sleeper.pid, seen.started - 1, "mark"), "127.0.0.1:1").write(tmp_path / "kafka")
    assert json.loads(local("status", "--folder", str(tmp_path)).stdout)["kafka"] == {"running": False, "address": "127.0.0.1:1"}
    assert "没有在运行" in local("down", "--folder", str(tmp_path)).stderr
    assert sleeper.poll() is None
    Record(Group(sleeper.pid, seen.started, "mark"), "127.0.0.1:1").write(tmp_path / "kafka")
    assert "已停止" in local("down", "--folder", str(tmp_path)).stderr
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_port_in_use_is_named(tmp_path: Path, fresh_kafka: StartKafka) -> None:
    kafka = fresh_kafka()
    with pytest.raises(ServerFailed, match=f"端口 {kafka.port} 已被占用"):
        fresh_kafka(port=kafka.port)
