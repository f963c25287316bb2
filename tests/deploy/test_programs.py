"""The programs are fetched once and whole, or not at all; what is missing is said in one line."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.account import Account
from deploy.local.faults import ServersMissing
from deploy.local.java import find_java
from deploy.local.programs import kafka_jars, promtool

ROOT = Path(__file__).parents[2]
ME = Account(None, None)
FETCH = "from deploy.local.programs import kafka_jars; print(kafka_jars())"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where programs are found, with an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "sleep", "touch"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def put(program: Path, *lines: str) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    program.chmod(0o755)


INTO = 'for word; do case "$word" in -DoutputDirectory=*) into="${word#*=}";; esac; done'


def cached(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache" / "wentichi" / "servers").iterdir()}


def test_without_maven_one_line_says_what_to_install(programs: Path) -> None:
    with pytest.raises(ServersMissing) as missing:
        kafka_jars()
    assert "没有找到 Maven" in str(missing.value)
    assert "openjdk-17-jre-headless、maven" in str(missing.value)
    put(programs / "apt-get")
    with pytest.raises(ServersMissing, match=r"apt-get install -y openjdk-17-jre-headless maven$"):
        kafka_jars()


def test_a_download_that_breaks_off_leaves_nothing_that_counts(programs: Path, tmp_path: Path) -> None:
    put(programs / "mvn", INTO, 'touch "$into/kafka_half.jar"', "echo '[ERROR] no route'", "exit 1")
    with pytest.raises(ServersMissing, match="no route"):
        kafka_jars()
    assert "kafka-4.1.1" not in cached(tmp_path)
    put(programs / "mvn", INTO, 'touch "$into/kafka_2.13.jar"')
    assert [jar.name for jar in kafka_jars().iterdir()] == ["kafka_2.13.jar"]
    assert cached(tmp_path) == {".lock", "kafka-4.1.1"}


def test_two_starts_at_the_same_moment_fetch_once(programs: Path, tmp_path: Path) -> None:
    put(programs / "mvn", INTO, f"echo x >> {tmp_path}/fetched", "sleep 1", 'touch "$into/kafka_2.13.jar"')
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: subprocess.check_output([sys.executable, "-c", FETCH], cwd=ROOT, text=True), range(2)))
    assert found[0] == found[1]
    assert (tmp_path / "fetched").read_text() == "x\n"


def test_promtool_is_taken_out_of_the_package_without_installing_it(programs: Path, tmp_path: Path) -> None:
    with pytest.raises(ServersMissing, match="没有 promtool"):
        promtool()
    put(programs / "apt-get", f'echo "$*" >> {tmp_path}/asked', "echo 'E: Unable to locate package prometheus' >&2", "exit 100")
    put(programs / "dpkg", 'touch "$3/promtool"')
    with pytest.raises(ServersMissing, match="Unable to locate package"):
        promtool()
    put(programs / "apt-get", "touch prometheus_1_all.deb")
    for name in ("mkdir", "touch"):
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(f"/bin/{name}")
    put(programs / "dpkg", '[ "$1" = --extract ] || exit 1', 'mkdir -p "$3/usr/bin"', 'touch "$3/usr/bin/promtool"')
    assert [file.name for file in promtool().parent.iterdir()] == ["promtool"]
    assert cached(tmp_path) == {".lock", "promtool"}
    assert not any("install" in line for line in (tmp_path / "asked").read_text().splitlines())


def test_the_first_java_that_is_new_enough_is_taken(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in (90, 95):
        put(tmp_path / str(version) / "bin" / "java", f"echo 'openjdk version \"{version}.0.1\" 2030-01-01' >&2")
    put(tmp_path / "broken" / "bin" / "java", "exit 1")
    monkeypatch.setenv("ES_JAVA_HOME", str(tmp_path / "broken"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "90"))
    (programs / "java").symlink_to(tmp_path / "95" / "bin" / "java")
    versions = [found.version if (found := find_java(least, ME)) else None for least in (90, 91, 96)]
    assert versions == [90, 95, None]


@pytest.mark.slow
@pytest.mark.parametrize("required", [False, True])
def test_tests_without_servers_are_skipped_with_one_line_or_fail(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, required: bool
) -> None:
    asking = tmp_path / "test_asking.py"
    asking.write_text(
        "def test_1(kafka): pass\ndef test_2(kafka, namespace): pass\ndef test_3(fresh_kafka): fresh_kafka()\n", encoding="utf-8"
    )
    monkeypatch.setenv("REQUIRE_SERVERS", "1" if required else "")
    for variable in ("WENTICHI_TEST_KAFKA", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(variable, raising=False)
    options = ["-p", "tests.servers", "-p", "no:cacheprovider", "-c", os.devnull, "-W", "ignore", "-rs", f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", *options, str(asking)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in done.stdout.splitlines() if "没有找到 Maven" in line]
    last = done.stdout.splitlines()[-1]
    if required:
        assert ("1 failed" in last, "2 errors" in last) == (True, True), done.stdout
        assert all("REQUIRE_SERVERS=1" in line for line in said), done.stdout
    else:
        assert "3 skipped" in last, done.stdout
        assert len(said) == 1, done.stdout
