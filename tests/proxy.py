"""Stands before a real Elasticsearch and makes the faults that a real one makes seldom."""

import base64
import json
import socket
import threading
import urllib.parse
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Literal, Self

_NOT_PASSED_ON: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Proxy:
    """A URL before another one. What it does can be changed at any time, and holds for the requests that come after.

    status: answered to everything, which then does not reach the server; None = pass on.
    drop: "request" closes the connection before the server has seen anything, "answer" after it has done what was asked.
    delay: seconds before a request is passed on. credentials: (user, password), anything else is answered with 401; the server
    behind is not told of them. `count`: requests that came; `passed`: those that reached the server.
    """

    def __init__(self, target: str) -> None:
        self.target = urllib.parse.urlsplit(target)
        self.status: int | None = None
        self.drop: Literal["request", "answer"] | None = None
        self.delay = 0.0
        self.credentials: tuple[str, str] | None = None
        self.count = 0
        self.passed = 0
        self.closing = threading.Event()
        self._counting = threading.Lock()
        self._server = _Listener(("127.0.0.1", 0), _Handler, self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Without credentials."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def counted(self, *, passed: bool = False) -> None:
        """One more."""
        with self._counting:
            self.count += not passed
            self.passed += passed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.close_all()
        self._thread.join(10)


class _Listener(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], proxy: Proxy) -> None:
        super().__init__(address, handler)
        self.proxy = proxy
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to tell of."""

    def close_all(self) -> None:
        """Also the connections that clients keep."""
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def _handle(self) -> None:
        """Every method comes here."""
        proxy = self.server.proxy
        proxy.counted()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy.closing.wait(proxy.delay)
        if proxy.drop == "request":
            self.close_connection = True
        elif proxy.status is not None:
            self._refuse(proxy.status)
        elif proxy.credentials and self.headers.get("Authorization") != _basic(proxy.credentials):
            self._refuse(401)
        else:
            self._pass_on(proxy, body)

    def __getattr__(self, name: str) -> Any:
        """The base class asks for `do_<METHOD>`."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""

    def _pass_on(self, proxy: Proxy, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
        if proxy.credentials:
            headers.pop("Authorization", None)
        line = HTTPConnection(proxy.target.hostname or "", proxy.target.port, timeout=60)
        try:
            line.request(self.command, self.path, body or None, headers)
            answer = line.getresponse()
            content = answer.read()
        except OSError:
            self._refuse(502)
            return
        finally:
            line.close()
        proxy.counted(passed=True)
        if proxy.drop == "answer":
            self.close_connection = True
        else:
            self._answer(answer, content)

    def _answer(self, answer: HTTPResponse, content: bytes) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)) if content or self.command != "HEAD" else "0")
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        content = json.dumps({"error": {"type": "proxy", "reason": f"answered {status}"}, "status": status}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")  # without it the client takes the server for another product
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="security"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _basic(credentials: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(credentials).encode()).decode()
