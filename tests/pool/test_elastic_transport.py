"""What is away is waited for, what is refused is named, and of a bulk only what failed goes out again."""

import base64
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from contract.samples import claims, document
from elastic_backend import STORED, new_backend

from pool.elastic.access import Access
from pool.elastic.admin import block_writes, unblock
from pool.elastic.mapping import CLAIMS, REPORTS
from pool.elastic.scan import _open as open_point
from pool.elastic.scan import scan
from pool.elastic.transport import Elastic, Impatience, Item, StoreRefused
from schemas.errors import ContractError, PoolAway
from streams.operations.holds import Hold, hold_of
from tests.authority import Authority

Answer = tuple[int, dict]


class Server(ThreadingHTTPServer):
    """Takes bulks and remembers how often each id came; `answers` are given first, one a request, None = hang up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Callable[[list[str]], Answer] | Answer | None] = []
        self.requests: list[list[str]] = []
        self.authorizations: list[str | None] = []
        self.product = "Elasticsearch"
        self._scheme = "http"

    def wrap(self, authority: Authority) -> None:
        """From now on with TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue("127.0.0.1"))
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._scheme = "https"

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust goes away in the middle."""

    @property
    def times(self) -> Counter:
        return Counter(id_ for ids in self.requests for id_ in ids)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        lines = self.rfile.read(int(self.headers["content-length"])).splitlines()
        ids = [json.loads(line)["index"]["_id"] for line in lines[::2]] if self.path.startswith("/_bulk") else []
        self.server.requests.append(ids)
        self.server.authorizations.append(self.headers["authorization"])
        answer = self.server.answers.pop(0) if self.server.answers else taken(ids)
        if answer is None:
            self.close_connection = True
            return
        status, body = answer(ids) if callable(answer) else answer
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-elastic-product", self.server.product)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def taken(ids: list[str], **others: Answer) -> Answer:
    """Every item 201, but for those named in `others`."""
    items = []
    for id_ in ids:
        status, error = others.get(id_, (201, {}))
        items.append({"index": {"status": status} | ({"error": error} if error else {})})
    return 200, {"items": items}


def error(kind: str) -> dict:
    return {"type": kind, "reason": "for the test"}


class Recorder:
    """Waits for nothing and remembers what it would have waited for."""

    def __init__(self, most: int = 50) -> None:
        self.seen: list[str] = []
        self.ended: list[str] = []
        self._most = most

    def wait(self, attempt: int, error: PoolAway) -> None:
        self.seen.append(str(error))
        if len(self.seen) > self._most:
            raise error

    def over(self, error: PoolAway) -> None:
        self.ended.append(str(error))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def patience() -> Recorder:
    return Recorder()


@pytest.fixture
def elastic(server, patience) -> Iterator[Elastic]:
    elastic = Elastic(server.url, prefix="t", patience=patience, timeout=2)
    yield elastic
    elastic.close()


def operations(count: int, size: int = 10) -> list[tuple[bytes, bytes]]:
    return [(b'{"index":{"_index":"t-claims","_id":"i%d"}}' % n, b'{"x":"%s"}' % (b"x" * size)) for n in range(count)]


@pytest.mark.parametrize("away", [
    (503, {"error": error("unavailable")}), (502, {}), (429, {"error": error("circuit_breaking")}),
    (401, {"error": error("security_exception")}), (403, {"error": error("cluster_block_exception")}),
    (404, {"error": error("index_not_found_exception")}), None,
])  # fmt: skip
def test_a_bulk_to_a_server_that_is_away_goes_out_whole_until_it_is_taken(server, elastic, patience, away):
    server.answers = [away, away]
    assert elastic.bulk(operations(500)) == [Item(201)] * 500
    assert set(server.times.values()) == {3}
    assert len(patience.seen) == 2
    assert all("Elasticsearch" in message and "请检查" in message for message in patience.seen)


def test_a_server_that_does_not_answer_in_time_is_away(server, patience):
    hanging = Elastic(server.url, patience=patience, timeout=0.1)
    server.answers = [lambda ids: (time.sleep(0.5), taken(ids))[1]]
    assert hanging.bulk(operations(2)) == [Item(201)] * 2
    assert "没有及时答复" in patience.seen[0]
    hanging.close()


def test_only_the_items_that_were_not_taken_go_out_again(server, elastic, patience):
    statuses = []
    elastic.on_bulk_error = statuses.append
    busy = {"i3": (429, error("es_rejected_execution_exception")), "i7": (503, error("unavailable_shards_exception"))}
    locked = {"i7": (403, error("cluster_block_exception"))}
    server.answers = [lambda ids: taken(ids, **busy), lambda ids: taken(ids, **locked)]
    assert elastic.bulk(operations(10)) == [Item(201)] * 10
    assert server.times == Counter([f"i{n}" for n in range(10)] + ["i3", "i7", "i7"])
    assert server.requests[1:] == [["i3", "i7"], ["i7"]]
    assert statuses == [429, 503, 403]
    assert len(patience.seen) == 2


def test_one_refused_of_five_hundred_is_named_and_the_others_are_taken(server, elastic, patience):
    wrong = {"i123": (400, error("strict_dynamic_mapping_exception")), "i5": (429, error("rejected"))}
    server.answers = [(503, {}), lambda ids: taken(ids, **wrong)]
    items = elastic.bulk(operations(500))
    assert [place for place, item in enumerate(items) if not item.done] == [123]
    assert items[123] == Item(400, "strict_dynamic_mapping_exception for the test")
    assert (server.times["i123"], server.times["i5"], server.times["i6"]) == (2, 3, 2)


def test_a_conflict_is_an_answer_and_not_a_fault(server, elastic, patience):
    server.answers = [lambda ids: taken(ids, i1=(409, error("version_conflict_engine_exception")))]
    items = elastic.bulk(operations(3))
    assert [item.conflict for item in items] == [False, True, False]
    assert patience.seen == []


def test_a_large_bulk_is_sent_in_pieces_of_which_only_the_failed_one_is_sent_again(server, elastic):
    server.answers = [taken_all, None]
    assert len(elastic.bulk(operations(5, size=3 << 20))) == 5
    assert server.requests == [["i0", "i1"], ["i2", "i3"], ["i2", "i3"], ["i4"]]


def taken_all(ids: list[str]) -> Answer:
    return taken(ids)


def test_patience_may_give_up(server):
    impatient = Elastic(server.url, patience=Impatience(0.05), timeout=2)
    server.answers = [(503, {})] * 9
    with pytest.raises(PoolAway, match="503"):
        impatient.bulk(operations(1))
    with pytest.raises(PoolAway):
        impatient.request("POST", "/x")
    impatient.close()


def test_the_end_of_a_wait_is_told_however_it_ended(server, elastic, patience):
    elastic.bulk(operations(1))
    assert patience.ended == [], "nothing was waited for"
    server.answers = [(503, {}), None]
    elastic.bulk(operations(1))
    assert patience.ended == patience.seen[-1:]
    server.answers = [lambda ids: taken(ids, i1=(429, error("rejected")))]
    elastic.bulk(operations(2))
    assert patience.ended == patience.seen[1:]
    server.answers = [(503, {}), (400, {"error": error("parsing_exception")})]
    with pytest.raises(StoreRefused):
        elastic.request("POST", "/x")
    assert patience.ended == patience.seen[1:]


def test_a_login_that_is_refused_is_told_at_once_to_a_person_and_waited_for_by_a_worker(server, elastic, patience):
    server.answers = [(401, {"error": error("security_exception")})] * 2
    person = Elastic(server.url, timeout=2, access=Access("clerk", "wrong"))
    with pytest.raises(PoolAway, match="请检查用户名和口令"):
        person.request("POST", "/x")
    person.close()
    assert len(server.requests) == 1
    elastic.bulk(operations(1))
    assert len(patience.seen) == 1


@pytest.mark.parametrize(
    ("access", "sent"),
    [
        (Access("clerk", "回 答:@%"), "Basic " + base64.b64encode("clerk:回 答:@%".encode()).decode()),
        (Access(api_key="aWQ6a2V5"), "ApiKey aWQ6a2V5"),
        (Access(), None),
    ],
)
def test_a_request_says_who_asks(server, access, sent):
    elastic = Elastic(server.url, timeout=2, access=access)
    elastic.bulk(operations(1))
    elastic.close()
    assert server.authorizations == [sent]


def test_a_certificate_is_trusted_by_its_authority_and_by_no_other(server, tmp_path):
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    server.wrap(ours)
    elastic = Elastic(server.url, timeout=2, access=Access(cafile=str(ours.cafile)))
    assert elastic.bulk(operations(1)) == [Item(201)]
    elastic.close()
    for cafile in (str(theirs.cafile), ""):
        elastic = Elastic(server.url, timeout=2, access=Access(cafile=cafile))
        with pytest.raises(PoolAway, match="证书不受信任") as refused:
            elastic.bulk(operations(1))
        elastic.close()
        assert hold_of(refused.value) is Hold.UNAUTHORIZED
    with pytest.raises(ContractError, match="WENTICHI_ELASTICSEARCH_CAFILE"):
        Elastic(server.url, access=Access(cafile=str(tmp_path / "none.pem")))


@pytest.mark.parametrize("url", ["localhost:9200", "http://clerk:geheim@127.0.0.1:port", "http://", "9200"])
def test_an_address_that_is_none_is_told_without_its_password(url):
    with pytest.raises(ContractError, match="http://主机:端口") as wrong:
        Elastic(url)
    assert "geheim" not in str(wrong.value)


def test_nobody_at_the_address_is_away(patience):
    nobody = Elastic("http://127.0.0.1:9", patience=Recorder(most=2))
    with pytest.raises(PoolAway, match="连不上"):
        nobody.mget("claims", ["a"])
    nobody.close()


def test_a_request_that_is_wrong_in_itself_is_refused_at_once(server, elastic, patience):
    server.answers = [(400, {"error": error("parsing_exception")})]
    with pytest.raises(StoreRefused, match="parsing_exception") as refused:
        elastic.request("POST", "/t-claims/_search", {"query": {}})
    assert refused.value.status == 400
    with pytest.raises(StoreRefused):
        elastic.request("POST", "/t-claims/_search", {"query": "\ud800"})
    assert patience.seen == []


def test_another_product_at_the_address_is_refused(server, elastic, patience):
    server.product = "Something"
    with pytest.raises(StoreRefused, match="不是 Elasticsearch"):
        elastic.request("POST", "/x")


def test_a_get_of_which_one_document_cannot_be_read_now_is_asked_again(server, elastic, patience):
    missing = {"_id": "a", "error": error("no_shard_available_action_exception")}
    server.answers = [
        (200, {"docs": [missing, {"_id": "b", "found": False}]}),
        (200, {"docs": [{"_id": "a", "found": True, "_source": {"x": 12345678901234567890123}}, {"_id": "b", "found": False}]}),
    ]
    assert elastic.mget("claims", ["a", "b", "a"]) == {"a": {"x": 12345678901234567890123}}
    assert len(patience.seen) == 1


# against the real server


@pytest.mark.usefixtures("elasticsearch")
@pytest.mark.parametrize("lock", ["index.blocks.write", "index.blocks.read_only_allow_delete"])
def test_a_read_only_block_holds_the_writer_until_it_is_lifted(lock):
    with new_backend(STORED) as backend:
        elastic, name = backend.elastic, backend.elastic.name(CLAIMS)
        held = threading.Event()
        elastic.patience = Held(held)
        elastic.request("PUT", f"/{name}/_settings", {lock: True})
        done = []
        writer = threading.Thread(target=lambda: done.append(backend.store.write_claims(claims(1) + claims(2))))
        writer.start()
        assert held.wait(10)
        assert done == []
        elastic.request("PUT", f"/{name}/_settings", {lock: None})
        writer.join(10)
        assert done == [set()]
        assert not held.is_set()
        assert len(backend.store.claims(claim.id for claim in claims(1) + claims(2))) == 4


class Held:
    """Tries again after a moment and says so, at most for ten seconds."""

    def __init__(self, held: threading.Event) -> None:
        self._held = held

    def wait(self, attempt: int, error: PoolAway) -> None:
        self._held.set()
        if attempt > 500:
            raise error
        time.sleep(0.02)

    def over(self, error: PoolAway) -> None:
        self._held.clear()


@pytest.mark.usefixtures("elasticsearch")
def test_a_blocked_kind_takes_no_write_and_is_read_all_the_same():
    with new_backend(STORED) as backend:
        backend.store.write_claims(claims(1))
        block_writes(backend.elastic, [CLAIMS, REPORTS])
        backend.elastic.patience = Impatience(0)
        with pytest.raises(PoolAway, match="只读锁"):
            backend.store.write_claims(claims(2))
        assert len(backend.store.claims(claim.id for claim in claims(1))) == 2
        unblock(backend.elastic, [CLAIMS, REPORTS])
        assert backend.store.write_claims(claims(2)) == set()


@pytest.mark.usefixtures("elasticsearch")
def test_a_missing_alias_holds_and_no_index_springs_up_in_its_place():
    with new_backend(STORED) as backend:
        elastic, alias = backend.elastic, backend.elastic.name(CLAIMS)
        elastic.request("DELETE", f"/{alias}-000001/_alias/{alias}")
        elastic.patience = Impatience(0)
        with pytest.raises(PoolAway, match=alias):
            backend.store.write_claims(claims(1))
        assert elastic.request("HEAD", f"/{alias}", expect=(404,))[0] == 404


@pytest.mark.usefixtures("elasticsearch")
def test_a_scan_goes_on_behind_its_last_hit_when_the_server_lost_the_point(monkeypatch):
    points = []
    monkeypatch.setattr("pool.elastic.scan._AT_ONCE", 10)
    monkeypatch.setattr("pool.elastic.scan._open", lambda *asked: points.append(open_point(*asked)) or points[-1])
    with new_backend(STORED) as backend:
        elastic = backend.elastic
        backend.store.write_reports([document(n) for n in range(25)])
        elastic.refresh(REPORTS)
        hits = scan(elastic, REPORTS, ["time", "id"], ["id"])
        seen = [next(hits)["id"][0] for _ in range(10)]
        elastic.request("DELETE", "/_pit", {"id": points[0]})
        seen += [fields["id"][0] for fields in hits]
        assert seen == [document(n).id for n in range(25)]
        assert len(points) == 2
        assert elastic.request("DELETE", "/_pit", {"id": points[1]}, expect=(404,))[0] == 404
