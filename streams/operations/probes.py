"""The HTTP port of a worker, in a thread of its own: /metrics, /live, /ready."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST

from schemas.errors import ContractError
from streams.operations.health import Health
from streams.operations.metrics import Metrics

_JSON: Final = "application/json; charset=utf-8"
_Answer = tuple[HTTPStatus, str, bytes]


class Probes:
    """Begins to answer when it is made. `close` returns at once, also while somebody is connected."""

    def __init__(self, metrics: Metrics, health: Health, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """port 0: any free one. Raises ContractError when the port cannot be had."""

        class Handler(_Handler):
            probes = self

        self._metrics = metrics
        self._health = health
        try:
            self._server = _Server((host, port), Handler)
        except (OSError, OverflowError) as error:
            remedy = "请换一个端口(0 = 任选),或停掉占用它的进程"
            raise ContractError("--metrics-port", f"不能监听 {host}:{port}({error})", remedy) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="probes", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(1)

    def answer(self, path: str) -> _Answer:
        """Status, content type and body of a GET."""
        match urlsplit(path).path.rstrip("/"):
            case "/metrics":
                return HTTPStatus.OK, CONTENT_TYPE_LATEST, self._metrics.exposition()
            case "/live":
                reason = self._health.dead()
                return _told(not reason, {"live": not reason, "why": reason})
            case "/ready":
                found = self._health.conditions()
                ready = all(condition.holds for condition in found.values())
                told = {name: {"holds": condition.holds, "why": condition.why} for name, condition in found.items()}
                return _told(ready, {"ready": ready, "conditions": told})
            case _:
                return HTTPStatus.NOT_FOUND, _JSON, '{"why":"只有 /metrics、/live、/ready"}\n'.encode()


def _told(well: bool, value: dict[str, Any]) -> _Answer:
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return status, _JSON, json.dumps(value, ensure_ascii=False).encode() + b"\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Without HTTPServer's look-up of the host's name, which hangs in a network without name service."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A probe that goes away in the middle of an answer is no event."""


class _Handler(BaseHTTPRequestHandler):
    probes: Probes
    timeout = 5  # seconds for a client to finish its request
    server_version = "wentichi"
    sys_version = ""

    def do_GET(self) -> None:
        status, content_type, body = self.probes.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Probes come every few seconds; they are not logged."""
