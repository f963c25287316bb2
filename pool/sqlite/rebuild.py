"""Makes states, reports, claims and the full-text index again from the log of record, in one transaction."""

import sqlite3
from collections.abc import Callable, Iterable

from city.pack import CityPack
from pool.folded import LogView
from pool.ports import Writes
from pool.sqlite.store import SqliteStore
from schemas.errors import PoolDamaged

AT_ONCE = 500

_CLEAR = (
    "insert into fts (fts) values ('delete-all')",
    "delete from reports",
    "delete from documents",
    "delete from ids",
    "delete from facts",
    "update states set json = null where row in (select row from aggregates where version > 0)",
)


def rebuild(
    connection: sqlite3.Connection,
    keys: Callable[[Iterable[str]], dict[str, bytes | None]],
    pack: CityPack,
    seen: Callable[[int], None] = lambda _count: None,
) -> int:
    """With no runner at work; readers see the old documents until the end. Returns how many aggregates were folded.

    What waits for a problem that does not exist yet (version 0), outcomes and dead letters are no part of the log and stay.
    Raises PoolDamaged at the first break of the log, and changes nothing then.
    """
    store = SqliteStore(connection, lambda: pack)
    connection.execute("begin immediate")
    try:
        count = _rebuild(store, connection, keys, pack, seen)
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    return count


def _rebuild(
    store: SqliteStore,
    connection: sqlite3.Connection,
    keys: Callable[[Iterable[str]], dict[str, bytes | None]],
    pack: CityPack,
    seen: Callable[[int], None],
) -> int:
    for statement in _CLEAR:
        connection.execute(statement)
    view, writes, count = LogView(store, keys, pack), Writes(), 0
    for folded in view.all():
        if folded.faults:
            raise PoolDamaged(f"事件记录有损,未作重建:{folded.faults[0]};请用 audit verify 查看,从备份恢复")
        count += 1
        writes.states.append(folded.state)
        writes.reports += view.reports(folded)
        writes.claims += view.claims(folded)
        if len(writes.states) >= AT_ONCE:
            store.write(writes)
            writes = Writes()
            seen(count)
    store.write(writes)
    seen(count)
    return count
