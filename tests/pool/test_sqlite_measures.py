"""SQLite gives the figures of the port Search; an older pool file gets its facts."""

import sqlite3
from pathlib import Path

import pytest
from contract.measures_contract import DRAWN, FACTS, PACK, MeasuresContract
from contract.samples import problem
from measured_sqlite import MeasuredSqlite

from casework.facts import facts
from pool.ports import Writes
from pool.sqlite.connection import open_pool
from pool.sqlite.store import SqliteStore
from schemas.errors import PoolError


@pytest.fixture(scope="module")
def full_sqlite_measured(tmp_path_factory):
    backend = MeasuredSqlite(tmp_path_factory.mktemp("measured") / "pool.db")
    backend.write(Writes(states=DRAWN))
    yield backend
    backend.connection.close()


class TestSqliteMeasures(MeasuresContract):
    @pytest.fixture
    def backend(self, tmp_path):
        backend = MeasuredSqlite(tmp_path / "pool.db")
        yield backend
        backend.connection.close()

    @pytest.fixture
    def full_measured(self, full_sqlite_measured):
        return full_sqlite_measured


def first_version(path: Path) -> None:
    """The file as the first version of the tables had it, with DRAWN in it."""
    backend = MeasuredSqlite(path)
    backend.write(Writes(states=[*DRAWN, problem(900, version=0)]))
    backend.connection.execute("drop table facts")
    backend.connection.execute("pragma user_version = 1")
    backend.connection.close()


def test_a_pool_of_the_first_version_gets_the_facts_of_every_problem_once(tmp_path):
    first_version(tmp_path / "pool.db")
    connection = open_pool(tmp_path / "pool.db")
    store = SqliteStore(connection, lambda: PACK)
    assert store.facts([DRAWN[0].id]) == {}
    assert store.complete() == len(DRAWN) + 1
    assert store.facts(one.id for one in DRAWN) == {one.problem: one for one in FACTS}
    assert store.complete() == 0
    connection.close()


def test_whoever_only_reads_an_older_pool_is_told_what_to_do(tmp_path):
    first_version(tmp_path / "pool.db")
    with pytest.raises(PoolError, match="较早的版本"):
        open_pool(tmp_path / "pool.db", readonly=True)


def test_what_is_rolled_back_leaves_neither_state_nor_facts(tmp_path):
    backend = MeasuredSqlite(tmp_path / "pool.db")
    backend.connection.execute("begin immediate")
    backend.store.write(Writes(states=[problem(1)]))
    assert backend.store.facts([problem(1).id]) == {problem(1).id: facts(problem(1), PACK)}
    backend.connection.execute("rollback")
    assert backend.store.facts([problem(1).id]) == {}
    with pytest.raises(sqlite3.IntegrityError):
        backend.connection.execute("insert into facts (row, problem) values (1, null)")
    backend.connection.close()
