"""Pool files whose store knows the sample city."""

from pathlib import Path

from contract.measures_contract import PACK

from pool.ports import Writes
from pool.sqlite.connection import open_pool
from pool.sqlite.search import SqliteSearch
from pool.sqlite.store import SqliteStore


class MeasuredSqlite:
    """What the suites need of a back end; `write` commits."""

    def __init__(self, path: Path) -> None:
        self.connection = open_pool(path)
        self.store = SqliteStore(self.connection, lambda: PACK)
        self.search = SqliteSearch(self.connection)

    def write(self, writes: Writes) -> None:
        self.connection.execute("begin immediate")
        self.store.write(writes)
        self.connection.execute("commit")
