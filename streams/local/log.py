"""Topics and offsets in the pool's own file, so that a batch and its offsets commit together.

A record's row id is topic number << 40 | offset: records of a topic lie side by side, and an append is one insert.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from schemas.words import DISPATCH_PREFIX, Topic
from streams.effects import LogRecord, at_of, milliseconds_of

_SHIFT = 40
_SCHEMA = """
create table if not exists topics(number integer primary key, name text not null unique, next integer not null default 0);
create table if not exists log(place integer primary key, key text, at integer not null, value blob);
create index if not exists log_key on log(key) where key is not null;
create table if not exists offsets(reader text not null, topic text not null, next integer not null, primary key(reader, topic))
    without rowid;
"""


class LocalLog:
    """Appends and reads; opens and commits no transaction, which is for the caller to do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._numbers: dict[str, int] = {}

    def create(self) -> None:
        """Make the tables; idempotent, in transactions of its own."""
        self._db.executescript(_SCHEMA)

    def append(self, topic: str, records: Iterable[tuple[str | None, bytes | None]], at: datetime) -> int:
        """Append (key, value) pairs; returns the next free offset. Needs an open write transaction."""
        number = self._make(topic)
        (first,) = self._db.execute("select next from topics where number = ?", (number,)).fetchone()
        moment, base = milliseconds_of(at), number << _SHIFT
        rows = [(base | offset, key, moment, value) for offset, (key, value) in enumerate(records, first)]
        if topic.startswith(DISPATCH_PREFIX):
            self._compact(base, rows)
        self._db.executemany("insert into log(place, key, at, value) values (?, ?, ?, ?)", rows)
        following = int(first) + len(rows)
        self._db.execute("update topics set next = ? where number = ?", (following, number))
        return following

    def _compact(self, base: int, rows: Sequence[tuple[int, str | None, int, bytes | None]]) -> None:
        """Of a dispatch topic only the newest record of a key stays, as Kafka's compaction leaves it, but at once."""
        limit = base + (1 << _SHIFT)
        keys = [(key, base, limit) for _, key, _, _ in rows if key is not None]
        self._db.executemany("delete from log where key = ? and place >= ? and place < ?", keys)

    def read(self, topic: str, offset: int, limit: int) -> list[LogRecord]:
        """Up to `limit` records from `offset` on, in order."""
        number = self._number(topic)
        if number is None:
            return []
        base = number << _SHIFT
        rows = self._db.execute(
            "select place, key, value, at from log where place >= ? and place < ? order by place limit ?",
            (base | offset, base + (1 << _SHIFT), limit),
        )
        mask = (1 << _SHIFT) - 1
        return [LogRecord(topic, 0, place & mask, key, value, at_of(at)) for place, key, value, at in rows]

    def trim(self, topic: str, before: int) -> None:
        """Drop the records below `before`: raw reports do not stay once they are worked (law 6)."""
        number = self._number(topic)
        if number is not None:
            base = number << _SHIFT
            self._db.execute("delete from log where place >= ? and place < ?", (base, base | before))

    def forget_key(self, key: str, prefix: str) -> int:
        """Delete every record with this key in topics whose name begins with `prefix`; how many there were."""
        gone = 0
        for (number,) in self._db.execute("select number from topics where name like ? || '%'", (prefix,)).fetchall():
            base = number << _SHIFT
            query = "delete from log where key = ? and place >= ? and place < ?"
            gone += self._db.execute(query, (key, base, base + (1 << _SHIFT))).rowcount
        return gone

    def next_offset(self, topic: str) -> int:
        """Where the next record will go."""
        row = self._db.execute("select next from topics where name = ?", (topic,)).fetchone()
        return int(row[0]) if row else 0

    def topics(self) -> list[tuple[str, int]]:
        """(name, next offset) of every topic, by name."""
        return [(name, following) for name, following in self._db.execute("select name, next from topics order by name")]

    def position(self, reader: str, topic: str) -> int:
        """The offset that this reader works next."""
        row = self._db.execute("select next from offsets where reader = ? and topic = ?", (reader, topic)).fetchone()
        return int(row[0]) if row else 0

    def advance(self, reader: str, topic: str, following: int) -> None:
        """This reader is done with everything below `following`."""
        self._db.execute(
            "insert into offsets(reader, topic, next) values (?, ?, ?) "
            "on conflict(reader, topic) do update set next = excluded.next",
            (reader, topic, following),
        )

    def _make(self, topic: str) -> int:
        number = self._number(topic)
        if number is None:
            _check_name(topic)
            (number,) = self._db.execute("insert into topics(name) values (?) returning number", (topic,)).fetchone()
        return int(number)

    def _number(self, topic: str) -> int | None:
        known = self._numbers.get(topic)
        if known is not None:
            return known
        row = self._db.execute("select number from topics where name = ?", (topic,)).fetchone()
        if row is None:
            return None
        if not self._db.in_transaction:  # what a rolled back transaction made must not be remembered
            self._numbers[topic] = int(row[0])
        return int(row[0])


def _check_name(topic: str) -> None:
    fixed = {member.value for member in Topic}
    head, _, unit = topic.partition(".")
    if topic not in fixed and not (head in ("dispatch", "progress") and unit):
        raise ValueError(f"no such topic: {topic}")
