"""Between models and rows."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
CHUNK: Final = 500
"""Most ids in one IN list."""

M = TypeVar("M", bound=BaseModel)


def moment(value: int) -> datetime:
    """Microseconds since 1970 as UTC, exact."""
    return _EPOCH + value * _MICROSECOND


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (moment - _EPOCH) // _MICROSECOND


def encoder(model: type[M]) -> Callable[[M], bytes]:
    """Model to JSON bytes."""
    return model.__pydantic_serializer__.to_json


def decoder(model: type[M]) -> Callable[[bytes], M]:
    """JSON bytes to model."""
    return model.__pydantic_validator__.validate_json


def chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """Different ids, at most CHUNK at a time."""
    rest = iter(dict.fromkeys(ids))
    while part := list(islice(rest, CHUNK)):
        yield part


def by_ids(connection: sqlite3.Connection, head: str, column: str, ids: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of `head` (select … from …) whose `column` is one of the ids."""
    for part in chunks(ids):
        yield from connection.execute(f"{head} where {column} in ({','.join('?' * len(part))})", part).fetchall()


def number_aggregates(connection: sqlite3.Connection, ids: Iterable[str]) -> tuple[dict[str, int], set[str]]:
    """(row number of every aggregate, those that are new and are still to be inserted under theirs)."""
    wanted = dict.fromkeys(ids)
    rows: dict[str, int] = dict(by_ids(connection, "select id, row from aggregates", "id", wanted))
    new = [id_ for id_ in wanted if id_ not in rows]
    if new:
        (highest,) = connection.execute("select coalesce(max(row), 0) from states").fetchone()
        rows.update({id_: row for row, id_ in enumerate(new, highest + 1)})
    return rows, set(new)
