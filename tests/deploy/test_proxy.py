"""The proxy of the fault tests does what it is told, and nothing else."""

import http.client
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from tests.proxy import Proxy


class _Echo(BaseHTTPRequestHandler):
    """Says what reached it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        content = json.dumps({"path": self.path, "body": body, "user": self.headers.get("Authorization")}).encode()
        self.server.reached += 1  # type: ignore[attr-defined]
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        server.reached = 0  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(echo: ThreadingHTTPServer) -> Iterator[Proxy]:
    with Proxy(f"http://127.0.0.1:{echo.server_address[1]}") as proxy:
        yield proxy


def ask(proxy: Proxy, **headers: str) -> tuple[int, Any]:
    line = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=10)
    try:
        line.request("POST", "/a/b?c=d", "问题".encode(), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def test_passes_on_path_body_and_answer(proxy: Proxy) -> None:
    assert ask(proxy) == (201, {"path": "/a/b?c=d", "body": "问题", "user": None})
    assert (proxy.count, proxy.passed) == (1, 1)


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_answers_a_status_and_asks_nobody(proxy: Proxy, echo: Any, status: int) -> None:
    proxy.status = status
    assert ask(proxy)[0] == status
    assert (proxy.count, proxy.passed, echo.reached) == (1, 0, 0)
    proxy.status = None
    assert ask(proxy)[0] == 201


@pytest.mark.parametrize(("drop", "reached"), [("request", 0), ("answer", 1)])
def test_drops_the_connection_before_or_after_the_deed(proxy: Proxy, echo: Any, drop: Any, reached: int) -> None:
    proxy.drop = drop
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(proxy)
    assert (proxy.count, echo.reached) == (1, reached)


def test_delays(proxy: Proxy) -> None:
    proxy.delay = 0.3
    begin = time.monotonic()
    assert ask(proxy)[0] == 201
    assert time.monotonic() - begin >= 0.3


def test_asks_for_credentials_and_keeps_them_to_itself(proxy: Proxy) -> None:
    proxy.credentials = ("clerk", "secret")
    assert ask(proxy)[0] == 401
    assert ask(proxy, Authorization="Basic Y2xlcms6d3Jvbmc=")[0] == 401
    status, said = ask(proxy, Authorization="Basic Y2xlcms6c2VjcmV0")
    assert (status, said["user"]) == (201, None)


def test_a_server_that_is_down_is_502(proxy: Proxy) -> None:
    with Proxy("http://127.0.0.1:1") as before_nothing:
        assert ask(before_nothing)[0] == 502


def test_the_client_of_the_pool_goes_through(elasticsearch: str, namespace: str) -> None:
    with Proxy(elasticsearch) as proxy, Elasticsearch(proxy.url, max_retries=0, retry_on_timeout=False) as client:
        client.index(index=f"{namespace}-a", id="1", document={"text": "路灯不亮"}, refresh=True)
        assert client.search(index=f"{namespace}-a")["hits"]["total"]["value"] == 1
        assert client.exists(index=f"{namespace}-a", id="1")
        proxy.status = 429
        with pytest.raises(ApiError) as refused:
            client.search(index=f"{namespace}-a")
        assert refused.value.meta.status == 429
        proxy.status, proxy.drop = None, "answer"
        with pytest.raises(TransportError):
            client.index(index=f"{namespace}-a", id="2", document={"text": "停水"})
        proxy.drop = None
        assert client.exists(index=f"{namespace}-a", id="2"), "the answer was lost, not the deed"
