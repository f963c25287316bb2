"""Pools for the tests of this room."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from contract.search_contract import CORPUS

from pool.ports import Writes
from pool.sqlite.connection import open_pool
from pool.sqlite.search import SqliteSearch
from pool.sqlite.store import SqliteStore


@dataclass
class SqliteBackend:
    """A pool file, opened by one connection."""

    path: Path

    def __post_init__(self):
        self.connection = open_pool(self.path)
        self.store = SqliteStore(self.connection)
        self.search = SqliteSearch(self.connection)

    def write(self, writes: Writes) -> None:
        self.connection.execute("begin immediate")
        self.store.write(writes)
        self.connection.execute("commit")


@pytest.fixture
def sqlite_backend(tmp_path):
    backend = SqliteBackend(tmp_path / "pool.db")
    yield backend
    backend.connection.close()


@pytest.fixture(scope="session")
def full_sqlite_backend(tmp_path_factory):
    backend = SqliteBackend(tmp_path_factory.mktemp("full") / "pool.db")
    backend.write(Writes(reports=CORPUS))
    yield backend
    backend.connection.close()
