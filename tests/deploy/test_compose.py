"""compose.yaml keeps what an installation must not lose: health, limits, restarts, closed ports, no secret in the file."""

import os
import re
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaAdminClient

from deploy.local.server import free_port
from tests.servers import StartKafka

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
LASTING = sorted(SERVICES.keys() - {"setup"})
OWN = sorted(name for name, service in SERVICES.items() if service["image"].startswith("wentichi:"))


def test_one_service_a_stage_and_the_servers() -> None:
    assert set(SERVICES) == {"kafka", "elasticsearch", "setup", "intake", "casework", "publish"}
    stages = [word for name in OWN for word in SERVICES[name]["command"][2:-2] if SERVICES[name]["command"][1] == "work"]
    assert sorted(stages) == ["casework", "intake", "progress", "publish"]


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_watched_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "always"
    assert set(service["healthcheck"]) >= {"test", "interval", "timeout", "retries", "start_period"}
    assert int(service["stop_grace_period"].removesuffix("s")) >= 10


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_limited_and_gains_nothing(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[gm]", service["mem_limit"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user") != "root"
    assert not service.get("privileged")
    assert service["logging"]["options"]["max-size"], "a log without a limit fills the disk"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned(name: str) -> None:
    assert re.search(r":\d+\.\d+\.\d+$", SERVICES[name]["image"])


def test_ports_are_bound_to_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in ports)


def test_java_leaves_room_for_itself_within_the_limit() -> None:
    for name, variable in (("kafka", "KAFKA_HEAP_OPTS"), ("elasticsearch", "ES_JAVA_OPTS")):
        heap = _megabytes(re.findall(r"-Xmx(\d+[gm])", SERVICES[name]["environment"][variable])[0])
        assert heap * 2 <= _megabytes(SERVICES[name]["mem_limit"])


def test_setup_runs_once_after_the_servers_and_before_the_workers() -> None:
    assert SERVICES["setup"]["restart"] == "no"
    assert SERVICES["setup"]["depends_on"] == {name: {"condition": "service_healthy"} for name in ("kafka", "elasticsearch")}
    for name in OWN:
        if name != "setup":
            assert SERVICES[name]["depends_on"] == {"setup": {"condition": "service_completed_successfully"}}


def test_what_is_named_is_defined() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= FILE["secrets"].keys()
        named = {volume.split(":")[0] for volume in service.get("volumes", ()) if not volume.startswith(("$", ".", "/"))}
        assert named <= FILE["volumes"].keys()
    for service in ("kafka", "elasticsearch"):
        assert SERVICES[service]["volumes"], "data must outlive the container"


def test_secrets_are_files_outside_of_git() -> None:
    for secret in FILE["secrets"].values():
        path = (DEPLOY / secret["file"]).relative_to(ROOT)
        assert any(str(path).startswith(line) for line in (ROOT / ".gitignore").read_text().split() if line.startswith("deploy/"))
    assert "deploy/secrets" in (DEPLOY / "Dockerfile.dockerignore").read_text().split()


def test_the_image_takes_only_packages_with_known_hashes_and_is_nobody() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert all("--require-hashes -r requirements.lock" in line or "--no-deps" in line for line in installs)
    assert all(re.search(r":\d+\.\d+\.\d+", line) for line in lines if line.startswith("FROM"))
    assert lines.index("USER wentichi") < lines.index('ENTRYPOINT ["entrypoint"]')
    assert "useradd --uid 1000" in "".join(lines), "the owner of the secrets, as in the servers' images"


def enter(secrets: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """The entrypoint, with the secrets from another folder."""
    script = (DEPLOY / "entrypoint").read_text(encoding="utf-8").replace("/run/secrets", str(secrets))
    environment = os.environ | {"WENTICHI_ELASTICSEARCH": SERVICES["intake"]["environment"]["WENTICHI_ELASTICSEARCH"]}
    return subprocess.run(["sh", "-c", script, "sh", *command], env=environment, capture_output=True, text=True, check=False)


def test_the_entrypoint_puts_the_secrets_where_the_program_looks(tmp_path: Path) -> None:
    (tmp_path / "master_key").write_text("a" * 64 + "\n")
    (tmp_path / "elasticsearch_password").write_text("b0b1\n")
    done = enter(tmp_path, "sh", "-c", "echo $WENTICHI_MASTER_KEY $WENTICHI_ELASTICSEARCH; exit 7")
    assert done.stdout == f"{'a' * 64} http://elastic:b0b1@elasticsearch:9200\n"
    assert done.returncode == 7


def test_the_entrypoint_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "master_key").write_text("a" * 64)
    done = enter(tmp_path, "echo", "started")
    assert (done.returncode, done.stdout) == (2, "")
    assert "elasticsearch_password" in done.stderr


def test_kafka_takes_its_settings_and_answers_on_both_sides(fresh_kafka: StartKafka) -> None:
    """The image turns each KAFKA_ variable into a property; here the addresses become those of this machine."""
    ports = {"29092": free_port(), "29093": free_port(), "9092": free_port()}
    settings = {}
    for variable, value in SERVICES["kafka"]["environment"].items():
        if variable.startswith("KAFKA_") and variable not in {"KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS"}:
            here = re.sub(r":(29092|29093|9092)\b", lambda found: f":{ports[found[1]]}", str(value))
            name = variable.removeprefix("KAFKA_").lower().replace("_", ".")
            settings[name] = here.replace("kafka:", "127.0.0.1:").replace("//:", "//127.0.0.1:")
    fresh_kafka(port=ports["9092"], settings=settings)
    for port in (ports["29092"], ports["9092"]):
        with closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}")) as client:
            (broker,) = client.describe_cluster()["brokers"]
            assert broker["port"] == port, "each side is sent back to its own side"


def _megabytes(size: str) -> int:
    return int(size[:-1]) * (1024 if size.endswith("g") else 1)
