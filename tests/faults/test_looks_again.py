"""A comparison of a pool that others write to: what was only on its way is no fault."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faults.whole import opened
from pool.reconcile import LOOKS_AGAIN, reconcile
from streams.local.home import POOL_FILE

LATE = {
    "states": "update states set json = null where row = (select min(row) from states)",
    "documents": "delete from documents where rid = (select min(rid) from documents)",
    "ids": "update ids set claim = null where id = (select min(id) from ids where rid is not null)",
    "events": "delete from events where sequence = (select max(sequence) from events)",
}
"""By table: what takes one row of it away."""


@pytest.fixture
def pool(copied: Path) -> Iterator[sqlite3.Connection]:
    """The pool file of a copy, opened behind the application's back."""
    with closing(sqlite3.connect(copied / POOL_FILE, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("table", LATE)
def test_what_arrives_before_the_second_look_is_no_fault(table: str, copied: Path, pool: sqlite3.Connection) -> None:
    rows = pool.execute(f"select * from {table}").fetchall()
    pool.execute(LATE[table])
    waited = 0

    def settle() -> None:
        nonlocal waited
        waited += 1
        pool.executemany(f"insert or replace into {table} values ({','.join('?' * len(rows[0]))})", rows)

    with opened(copied) as home:
        found = reconcile(home.store, home.vault.keys, home.pack, settle)
    assert found.faults == []
    assert found.repairs.states == found.repairs.reports == found.repairs.claims == []
    assert waited == 1


@pytest.mark.parametrize("table", LATE)
def test_what_does_not_arrive_is_the_same_fault_as_at_one_look(table: str, copied: Path, pool: sqlite3.Connection) -> None:
    pool.execute(LATE[table])
    waited = 0

    def settle() -> None:
        nonlocal waited
        waited += 1

    with opened(copied) as home:
        once = reconcile(home.store, home.vault.keys, home.pack)
        again = reconcile(home.store, home.vault.keys, home.pack, settle)
    assert once.faults
    assert sorted(again.faults) == sorted(once.faults)
    assert waited == LOOKS_AGAIN
