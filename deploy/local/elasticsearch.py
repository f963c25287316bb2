"""Elasticsearch: one node of the minimal build, which has no scripts, no ingest pipelines and no reindex."""

import base64
import http.client
import json
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from deploy.local.faults import ServerFailed, ServersMissing
from deploy.local.java import ELASTICSEARCH_NEEDS, Java
from deploy.local.programs import elasticsearch_home, java
from deploy.local.server import Launch, Server

_VECTOR: Final = "jdk.incubator.vector"
_CONFIG: Final = ("log4j2.properties", "role_mapping.yml", "roles.yml", "users", "users_roles")


class Elasticsearch(Server):
    """security: (user, password) of the one user, who may do everything; None lets everybody in. heap: megabytes, taken at once.
    settings: names and values as in elasticsearch.yml."""

    name = "Elasticsearch"

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        heap: int = 1024,
        security: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(folder, port)
        self.settings = dict(settings or {})
        self.heap = heap
        self.security = security

    @property
    def address(self) -> str:
        """Without user and password."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> Launch:
        home, runtime = elasticsearch_home(), java(ELASTICSEARCH_NEEDS, self.account)
        if not self.account.can("-r", home / "bin" / "elasticsearch"):
            raise ServersMissing(f"运行 Elasticsearch 的用户读不到 {home};请把 XDG_CACHE_HOME 设到其他用户可读的文件夹")
        for name in ("config/jvm.options.d", "data", "logs", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._configure(home, runtime)
        environment = {
            "ES_JAVA_HOME": str(runtime.home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_JAVA_OPTS": f"-Xms{self.heap}m -Xmx{self.heap}m {{option}}",
            "CLI_JAVA_OPTS": "{option}",
        }
        if self.security:
            self._add_user(home, environment, *self.security)
        return Launch(("bash", str(home / "bin" / "elasticsearch")), environment)

    def _configure(self, home: Path, runtime: Java) -> None:
        config = self.folder / "config"
        for name in _CONFIG:
            shutil.copyfile(home / "config" / name, config / name)
        options = (home / "config" / "jvm.options").read_text(encoding="utf-8").splitlines(keepends=True)
        left_out = ["gc.log"] if runtime.has_module(_VECTOR) else ["gc.log", _VECTOR]  # the log of collections may grow to 2 GB
        kept = [line for line in options if not any(word in line for word in left_out)]
        (config / "jvm.options").write_text("".join(kept), encoding="utf-8")
        values = {
            "cluster.name": "wentichi",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": "0",
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "xpack.security.enabled": "true" if self.security else "false",
            "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk of the machine is not this node's doing
        }
        lines = (f"{name}: {json.dumps(value)}\n" for name, value in (values | self.settings).items())
        (config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")

    def _add_user(self, home: Path, environment: Mapping[str, str], user: str, password: str) -> None:
        """In the realm of files: the minimal build cannot make the index in which users else are kept."""
        for name in ("config", "tmp"):
            self.account.take(self.folder / name)
        done = subprocess.run(
            ["bash", str(home / "bin" / "elasticsearch-users"), "useradd", user, "-p", password, "-r", "superuser"],
            env={"PATH": "/usr/bin:/bin"} | dict(environment) | {"CLI_JAVA_OPTS": ""},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
            **self.account.popen,
        )
        if done.returncode != 0:
            raise ServerFailed(f"Elasticsearch 的用户 {user} 建不成:{(done.stdout + done.stderr).strip()[-500:]}")

    def answers(self) -> bool:
        """The cluster is at least yellow: every index can be read and written."""
        headers = {}
        if self.security:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(self.security).encode()).decode()
        with suppress(OSError, http.client.HTTPException), closing(http.client.HTTPConnection("127.0.0.1", self.port, 5)) as line:
            line.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=2s", headers=headers)
            return line.getresponse().status == 200
        return False


def start_elasticsearch(
    folder: Path,
    port: int = 0,
    settings: Mapping[str, str] | None = None,
    heap: int = 1024,
    security: tuple[str, str] | None = None,
) -> Elasticsearch:
    """A node that answers, and that ends with this process. Raises ServersMissing, ServerFailed."""
    return Elasticsearch(folder, port, settings, heap, security).start()
