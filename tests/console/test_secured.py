"""Servers that ask who one is: with the right answer everything works, with a wrong one nothing is lost and one line says why."""

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.elasticsearch import Elasticsearch
from deploy.local.faults import ServersMissing
from deploy.local.server import free_port
from tests.authority import Authority
from tests.console.conftest import LAMP, Cli, start, wait_until
from tests.secured import PASSWORD, Secured, secured_kafka
from tests.servers import delete_indices, server_folder, without_servers

UNIT = "yunxi-chengguan"
SOON = 90.0
"""Seconds; minutes are for a machine that does much else."""


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    try:
        with server_folder() as folder, secured_kafka(folder) as found:
            yield found
    except ServersMissing as error:
        without_servers(error)


class Pool:
    """A pool's commands and workers, each with an environment of its own."""

    def __init__(self, folder: Path, elasticsearch: str) -> None:
        self.folder = folder
        self.prefix = "t" + secrets.token_hex(5)
        names = {"WENTICHI_ELASTICSEARCH": elasticsearch, "WENTICHI_NAMESPACE": self.prefix, "WENTICHI_SESSION_SECONDS": "6"}
        self.names = names
        self.workers: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: object, **environment: str) -> tuple[int, str, str]:
        process = start(self.folder / "home", *arguments, **self.names | environment)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def must(self, *arguments: object, **environment: str) -> str:
        status, out, err = self.run(*arguments, **environment)
        assert status == 0, out + err
        return out

    def refused(self, *arguments: object, **environment: str) -> str:
        """The one line that it says."""
        status, out, err = self.run(*arguments, **environment)
        assert (status, out) == (2, ""), out + err
        (line,) = err.splitlines()
        return line

    def work(self, **environment: str) -> Callable[[str], tuple[int, str]]:
        """Starts a worker; asks it for a page."""
        port = free_port()
        log = self.folder / f"worker-{len(self.workers)}.log"
        command = [sys.executable, "-m", "console.main", "work", "--metrics-port", str(port)]
        names = os.environ | self.names | environment | {"WENTICHI_HOME": str(self.folder / "home")}
        with log.open("wb") as file:
            process = subprocess.Popen(command, env=names, stdout=file, stderr=file)
        self.workers.append(process)

        def ask(page: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=10) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()
            except OSError:
                assert process.poll() is None, log.read_text("utf-8")
                return 0, ""

        return ask

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def pool(elasticsearch: str, tmp_path: Path) -> Iterator[Pool]:
    found = Pool(tmp_path, elasticsearch)
    yield found
    found.close()
    delete_indices(elasticsearch, found.prefix)


def written(file: Path, text: str) -> Path:
    file.write_text(text + "\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def retries(page: str) -> float:
    wanted = 'wentichi_retries_total{reason="unauthorized",server="kafka"}'
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(wanted))


def is_held(ask: Callable[[str], tuple[int, str]]) -> bool:
    return "在等 kafka(账号、密码或证书不对)" in ask("/ready")[1] and retries(ask("/metrics")[1]) > 1


def goes_through(pool: Pool, tmp_path: Path, **environment: str) -> list[Any]:
    """What the unit is told of a report that is pushed now."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(LAMP, ensure_ascii=False) + "\n", encoding="utf-8")
    counts = json.loads(pool.must("push", rows, "--channel", "message", "--json", **environment))
    assert (counts["new_reports"], counts["dead_letters"]) == (1, 0)
    lines = pool.must("subscribe", "--unit", UNIT, "--json", **environment).splitlines()
    return [json.loads(line) for line in lines]


def test_with_plain_a_report_is_pushed_decided_and_dispatched(pool: Pool, secured: Secured, tmp_path: Path) -> None:
    right, wrong = secured.plain(), secured.plain("another word")
    pool.must("pool", "create", **right)
    said = pool.refused("topics", "create", **wrong)
    assert "Kafka 不让 worker 登录" in said
    assert "another word" not in said
    pool.must("topics", "create", **right)
    pool.must("topics", "check", **right)
    assert "Kafka 不让 worker 登录" in pool.refused("push", __file__, "--channel", "message", **wrong)

    held = pool.work(**wrong)
    wait_until(lambda: is_held(held), SOON)
    assert held("/live")[0] == 200
    working = pool.work(**right)
    wait_until(lambda: working("/ready")[0] == 200, SOON)
    assert len(goes_through(pool, tmp_path, **right)) == 1
    assert held("/live")[0] == 200
    assert json.loads(pool.must("stats", "--json", **right))["dead_letters"] == 0


def test_with_tls_and_scram_too_and_a_worker_goes_on_once_it_is_let_in(pool: Pool, secured: Secured, tmp_path: Path) -> None:
    secured.allow(PASSWORD)
    right = secured.strict(written(tmp_path / "password", PASSWORD))
    other = Authority(tmp_path / "other")
    pool.must("pool", "create", **right)
    assert "证书不受信任" in pool.refused("topics", "create", **right | {"WENTICHI_KAFKA_SSL_CAFILE": str(other.cafile)})
    stranger = {name: value for name, value in right.items() if "SSL_CERT" not in name and "SSL_KEY" not in name}
    assert "TLS 没有谈成" in pool.refused("topics", "create", **stranger)
    pool.must("topics", "create", **right)

    secured.allow("the password of tomorrow")
    assert "Kafka 不让 worker 登录" in pool.refused("topics", "check", **right)
    worker = pool.work(**right)
    wait_until(lambda: is_held(worker), SOON)
    secured.allow(PASSWORD)
    wait_until(lambda: worker("/ready")[0] == 200, SOON)
    assert len(goes_through(pool, tmp_path, **right)) == 1


@pytest.mark.servers
@pytest.mark.slow
def test_elasticsearch_knows_a_user_by_name_and_password(
    fresh_elasticsearch: Callable[..., Elasticsearch], cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = fresh_elasticsearch(security=("clerk", "correct: horse@%"))
    monkeypatch.setenv("WENTICHI_KAFKA", "127.0.0.1:9")
    monkeypatch.setenv("WENTICHI_ELASTICSEARCH", node.address)
    monkeypatch.setenv("WENTICHI_ELASTICSEARCH_USERNAME", "clerk")
    password = written(tmp_path / "password", "wrong")
    monkeypatch.setenv("WENTICHI_ELASTICSEARCH_PASSWORD_FILE", str(password))
    said = cli("pool", "create")
    assert said.status == 2
    assert "请检查用户名和口令" in said.err
    written(password, "correct: horse@%")
    assert cli("pool", "create").status == 0
    assert cli("stats", "--json").json["reports"] == 0


def test_a_password_on_the_command_line_is_refused(cli: Cli) -> None:
    said = cli("stats", "--kafka", "127.0.0.1:9", "--elasticsearch", "http://clerk:geheim@127.0.0.1:9")
    assert said.status == 2
    assert "WENTICHI_ELASTICSEARCH_PASSWORD_FILE" in said.err
    assert "geheim" not in said.err
