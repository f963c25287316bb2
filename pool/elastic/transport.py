"""Requests to Elasticsearch that hold and try again while the server is away, and say of each item of a bulk what became of it.

What is away and what is refused (DESIGN, protocol 8): no connection, 401, 403, 404, 429, 5xx and read-only blocks say nothing of
the data, so the request waits; any other 4xx is the request's own fault.
"""

import copy
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import orjson
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, JsonSerializer, UnsupportedProductError
from pydantic_core import from_json

from pool.elastic.access import ANYBODY, Access
from schemas.errors import ContractError, PoolAway, PoolError

T = TypeVar("T")

AWAY: Final = frozenset({401, 403, 404, 429})
_BULK_BYTES: Final = 8 << 20
WHOLE: Final = {"allow_partial_search_results": "false"}
"""Parameters of a search that is answered from every shard or not at all."""
_JSON: Final = "application/vnd.elasticsearch+json; compatible-with=8"
_LINES: Final = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"


class LoginRefused(PoolAway):
    """The server does not take the account, or a certificate is not trusted: only a person can mend that."""


class Patience(Protocol):
    """What is done between two tries, and when they are over."""

    def wait(self, attempt: int, error: PoolAway) -> None:
        """Sleeps, or raises to give up: PoolAway for a person who waits, Stopping for a worker that shall end."""

    def over(self, error: PoolAway) -> None:
        """What waited because of `error` is answered, or not tried any more."""


class Impatience:
    """For people: tries again for `seconds`, then gives up with the error; a refused login at once."""

    def __init__(self, seconds: float = 10.0) -> None:
        self._seconds = seconds

    def over(self, error: PoolAway) -> None:
        """Nobody is told."""

    def wait(self, attempt: int, error: PoolAway) -> None:
        if isinstance(error, LoginRefused):
            raise error
        pause = min(2.0, 0.1 * 2**attempt)
        if sum(min(2.0, 0.1 * 2**n) for n in range(attempt + 1)) > self._seconds:
            raise error
        time.sleep(pause)


class _Tries:
    """Of one thing that is asked for. The patience hears when they are over, however they ended."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._attempt = 0
        self._last: PoolAway | None = None

    def __enter__(self) -> "_Tries":
        return self

    def wait(self, error: PoolAway) -> None:
        self._last = error
        self._patience.wait(self._attempt, error)
        self._attempt += 1

    def __exit__(self, *_: object) -> None:
        if self._last is not None:
            self._patience.over(self._last)


class _Answers(JsonSerializer):
    """Reads numbers of any length as they were written; orjson would make floats of long ones."""

    def json_loads(self, data: bytes) -> Any:
        return from_json(data)


class StoreRefused(PoolError):
    """The server refuses the request itself (4xx): the same again would be refused again."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"Elasticsearch 拒绝了请求({status}):{reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one operation of a bulk: 200, 201 done; 404 of a delete: was not there; 409 another version is there;
    any other 4xx refused, with the reason."""

    status: int
    reason: str = ""

    @property
    def done(self) -> bool:
        return self.status < 300 or self.status == 404

    @property
    def conflict(self) -> bool:
        return self.status == 409


class Elastic:
    """One server or cluster and the prefix of this pool's names. Usable from several threads.

    url: http(s)://[user:password@]host:port, several separated by commas. Raises ContractError for one that is none, and for
    certificates that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "wentichi",
        patience: Patience | None = None,
        timeout: float = 30.0,
        access: Access = ANYBODY,
    ) -> None:
        self.prefix = prefix
        self.patience: Patience = patience or Impatience()
        options = access.options()
        try:
            self._client = Elasticsearch(
                url.split(","),
                serializer=_Answers(),
                request_timeout=timeout,
                retry_on_timeout=False,
                max_retries=0,
                **options,
            )
        except ValueError:  # its text may hold the password of the URL
            raise ContractError("WENTICHI_ELASTICSEARCH", "地址不能用", "请写成 http://主机:端口 或 https://主机:端口") from None
        self.on_bulk_error: Callable[[int], None] = lambda _status: None
        """Called with the status of every item that was not taken; a metric."""
        self._beside: Mapping[str, str] = {}

    def close(self) -> None:
        self._client.close()

    def name(self, kind: str) -> str:
        """The alias of a kind of document: `<prefix>-<kind>`."""
        return self._beside.get(kind) or f"{self.prefix}-{kind}"

    def beside(self, indices: Mapping[str, str]) -> "Elastic":
        """The same server, with these indices in place of the aliases of their kinds: for a rebuild. Closed with this one."""
        other = copy.copy(self)
        other._beside = dict(indices)
        return other

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        expect: Iterable[int] = (),
        patience: Patience | None = None,
    ) -> tuple[int, Any]:
        """(status, parsed body). body: a dict, or bytes of JSON; bytes ending in a newline are sent as lines.

        expect: statuses beside 2xx that are an answer and not a fault (404 of a get, say).
        Raises StoreRefused, or what the patience raises.
        """
        content = body if body is None or isinstance(body, bytes) else _json(body)
        return self._hold(partial(self._once, method, path, content, params, frozenset(expect)), patience)

    def _hold(self, action: Callable[[], T], patience: Patience | None = None) -> T:
        with _Tries(patience or self.patience) as tries:
            while True:
                try:
                    return action()
                except PoolAway as error:
                    tries.wait(error)

    def _once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        expect: frozenset[int] = frozenset(),
    ) -> tuple[int, Any]:
        headers = {"accept": _JSON}
        if body is not None:
            headers["content-type"] = _LINES if body.endswith(b"\n") else _JSON
        try:
            answer = self._client.perform_request(method, path, params=params, headers=headers, body=body)
        except UnsupportedProductError as error:
            raise StoreRefused(error.meta.status, "答复的不是 Elasticsearch;请检查地址") from error
        except ApiError as error:
            status, reason = error.meta.status, _reason(error.body)
            if status in expect:
                return status, error.body
            if status == 401:
                raise LoginRefused(f"Elasticsearch 不认这个账号(401 {reason[:200]});请检查用户名和口令,或 API key") from error
            if status in AWAY or status >= 500:
                raise PoolAway(f"Elasticsearch 暂时不可用({status} {reason[:200]});请检查服务、账号与磁盘") from error
            raise StoreRefused(status, reason) from error
        except ConnectionTimeout as error:
            raise PoolAway("Elasticsearch 没有及时答复;请检查它是否过载") from error
        except TlsError as error:
            raise LoginRefused("Elasticsearch 的证书不受信任,或它不用 TLS;请检查地址和 WENTICHI_ELASTICSEARCH_CAFILE") from error
        except TransportError as error:
            raise PoolAway(f"连不上 Elasticsearch({type(error).__name__});请检查地址和服务") from error
        return answer.meta.status, answer.body

    def bulk(self, operations: Sequence[tuple[bytes, bytes | None]], *, refresh: bool = False) -> list[Item]:
        """Operations as (action line, source line or None), without newlines; what became of each, in order.

        Items that were not taken for reasons that pass (429, 5xx, 401, 403, 404 of an index) are sent again until they are.
        Where the alias of a kind is missing no index springs up in its place; that too holds.
        """
        results: list[Item | None] = [None] * len(operations)
        waiting = list(range(len(operations)))
        with _Tries(self.patience) as tries:
            while waiting:
                away: PoolAway | None = None
                again: list[int] = []
                for chunk in _chunks(operations, waiting):
                    for place, item in zip(chunk, self._bulk_once(operations, chunk, refresh=refresh), strict=True):
                        if _passes(operations[place][0], item):
                            again.append(place)
                            away = PoolAway(f"Elasticsearch 暂时不收({item.status} {item.reason[:200]});请检查服务、磁盘和只读锁")
                        else:
                            results[place] = item
                        if not item.done:
                            self.on_bulk_error(item.status)
                if away is not None:
                    tries.wait(away)
                waiting = again
        return [item for item in results if item is not None]

    def _bulk_once(self, operations: Sequence[tuple[bytes, bytes | None]], chunk: Sequence[int], *, refresh: bool) -> list[Item]:
        parts: list[bytes] = []
        for place in chunk:
            action, source = operations[place]
            parts.append(action)
            if source is not None:
                parts.append(source)
        parts.append(b"")
        params = {} if self._beside else {"require_alias": "true"}
        if refresh:
            params["refresh"] = "true"
        params["filter_path"] = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
        _, body = self.request("POST", "/_bulk", b"\n".join(parts), params=params)
        found = []
        for entry in body["items"]:
            ((_, item),) = entry.items()
            error = item.get("error") or {}
            cause = (error.get("caused_by") or {}).get("reason", "")
            reason = " ".join(part for part in (error.get("type", ""), error.get("reason", ""), cause) if part)
            found.append(Item(int(item["status"]), reason))
        return found

    def mget(self, kind: str, ids: Iterable[str], fields: str = "") -> dict[str, Any]:
        """`_source` by id, realtime; absent ones are left out. fields: one member of the source to fetch, all by default."""
        found: dict[str, Any] = {}
        wanted = list(dict.fromkeys(ids))
        params = {"_source_includes": fields} if fields else {}
        params["filter_path"] = "docs._id,docs.found,docs._source,docs.error.type,docs.error.reason"
        for first in range(0, len(wanted), 1000):
            body = _json({"ids": wanted[first : first + 1000]})
            found |= self._hold(partial(self._mget_once, kind, body, params))
        return found

    def _mget_once(self, kind: str, body: bytes, params: Mapping[str, str]) -> dict[str, Any]:
        _, answer = self._once("POST", f"/{self.name(kind)}/_mget", body, params)
        found = {}
        for doc in answer.get("docs", ()):
            if "error" in doc:
                raise PoolAway(f"Elasticsearch 读不出 {doc['_id']}:{doc['error'].get('reason', '')};请检查服务与索引")
            if doc.get("found"):
                found[doc["_id"]] = doc["_source"]
        return found

    def refresh(self, *kinds: str) -> None:
        """What was written before is found by searches after."""
        self.request("POST", "/" + ",".join(self.name(kind) for kind in kinds) + "/_refresh")

    def search(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of `_search`, from every shard or not at all."""
        answer: dict[str, Any]
        _, answer = self.request("POST", f"/{self.name(kind)}/_search", body, params=WHOLE)
        return answer


def _json(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except (TypeError, ValueError) as error:
        raise StoreRefused(400, f"请求中有不能编码的文字或数:{error}") from error


def _passes(action: bytes, item: Item) -> bool:
    if item.status == 404 and not action.startswith(b'{"delete"'):
        return True
    if item.status == 404:
        return "index_not_found" in item.reason
    return item.status in AWAY or item.status >= 500


def _chunks(operations: Sequence[tuple[bytes, bytes | None]], places: Sequence[int]) -> Iterable[list[int]]:
    chunk: list[int] = []
    size = 0
    for place in places:
        action, source = operations[place]
        length = len(action) + len(source or b"") + 2
        if chunk and size + length > _BULK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(place)
        size += length
    if chunk:
        yield chunk


def _reason(body: Any) -> str:
    if isinstance(body, dict):
        error = body.get("error")
        if isinstance(error, dict):
            causes = [error.get("type"), error.get("reason")]
            root = error.get("root_cause") or []
            causes += [cause.get("reason") for cause in root[:1] if isinstance(cause, dict)]
            return " ".join(dict.fromkeys(str(cause) for cause in causes if cause))
        return str(error or body)[:300]
    return str(body)[:300]
