"""Cursors: where the page before ended, opaque, bound to its query."""

import base64
import binascii
import hashlib
from dataclasses import replace
from typing import Final

import orjson

from pool.query import Query
from schemas.errors import ContractError

_LONGEST: Final = 600


def cursor_after(query: Query, key: float, report: str) -> str:
    """key: the sort value of the last hit (score, time or metres); report: its id."""
    payload = orjson.dumps([key, report])
    return base64.urlsafe_b64encode(_check(query, payload) + payload).decode()


def last_hit(query: Query) -> tuple[float, str] | None:
    """(key, report) where `query.cursor` points; None on the first page.

    Raises ContractError when it is not a cursor of this query.
    """
    if not query.cursor:
        return None
    try:
        if len(query.cursor) > _LONGEST:
            raise ValueError
        raw = base64.b64decode(query.cursor.encode("ascii"), altchars=b"-_", validate=True)
        if raw[:8] != _check(query, raw[8:]):
            raise ValueError
        key, report = orjson.loads(raw[8:])
        if not isinstance(report, str) or isinstance(key, bool) or not isinstance(key, int | float):
            raise ValueError
        if isinstance(key, int) and abs(key) >= 1 << 63:
            raise ValueError
    except (ValueError, TypeError, binascii.Error) as error:
        raise ContractError("cursor", "不是这个查询的翻页标记", "请从第一页重新查询") from error
    return key, report


def _check(query: Query, payload: bytes) -> bytes:
    """Ties a cursor to text, filters and order.

    No secret: a cursor only says where to go on, and the Scope is applied to every page.
    """
    filters = query.filters
    sets = (filters.states, filters.channels, filters.urgencies, filters.modes)
    bare = replace(filters, states=frozenset(), channels=frozenset(), urgencies=frozenset(), modes=frozenset())
    asked = repr((query.text, query.sort.value, [sorted(word.value for word in words) for words in sets], bare))
    return hashlib.blake2b(asked.encode("utf-8", "backslashreplace") + b"\0" + payload, digest_size=8).digest()
