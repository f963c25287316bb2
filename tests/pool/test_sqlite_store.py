"""SQLite keeps what the ports say; what only a file can get wrong stands here too."""

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from contract.kept_contract import KeptContract
from contract.samples import content, document, problem
from contract.store_contract import StoreContract
from contract.watch_contract import WatchContract

from pool.compact import compact
from pool.ports import Writes
from pool.query import Query
from pool.scope import ALL
from pool.sqlite.connection import open_pool
from pool.sqlite.reindex import reindex
from pool.sqlite.search import SqliteSearch
from pool.sqlite.store import SqliteStore
from schemas.errors import PoolBusy, PoolDamaged, PoolError

MARKER = "饕餮貔貅"
"""Four characters that stand nowhere else in these pools."""


def bytes_of(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))


class TestSqliteStore(StoreContract, WatchContract, KeptContract):
    @pytest.fixture
    def backend(self, sqlite_backend):
        return sqlite_backend


def test_writing_neither_opens_nor_ends_a_transaction(sqlite_backend):
    db = sqlite_backend.connection
    db.execute("begin immediate")
    sqlite_backend.store.write(Writes(states=[problem(1)], reports=[document(1)]))
    assert db.in_transaction
    assert sqlite_backend.search.search(Query("路灯"), ALL).total == 1
    assert db.in_transaction
    db.execute("rollback")
    assert sqlite_backend.search.search(Query("路灯"), ALL).total == 0
    assert sqlite_backend.store.problems([problem(1).id]) == {}


@pytest.mark.parametrize("last", [
    document(1, version=2, content=None, erased=True),
    document(1, version=2, content=content("1", title="改过了", text="别的话")),
])  # fmt: skip
def test_after_erasing_and_compacting_no_byte_of_the_words_is_left(sqlite_backend, last):
    written = content("1", title=MARKER, text=f"这里说{MARKER}", address=MARKER, places=[MARKER])
    others = [document(n, content=content(str(n), text="路灯不亮")) for n in range(2, 40)]
    sqlite_backend.write(Writes(reports=[document(1, content=written), *others]))
    assert MARKER.encode() in bytes_of(sqlite_backend.path)
    sqlite_backend.write(Writes(reports=[last]))
    compact(sqlite_backend.connection)
    left = bytes_of(sqlite_backend.path)
    for trace in (MARKER, *MARKER):
        assert trace.encode() not in left, trace
    assert sqlite_backend.search.count(Query("路灯"), ALL) == 38


def test_the_index_stays_sound_through_changes_and_erasures(sqlite_backend):
    for version in range(1, 6):
        reports = [
            document(n, version=version, content=content(str(n), text=f"第{version}稿{n}") if n % version else None)
            for n in range(60)
        ]
        sqlite_backend.write(Writes(reports=reports))
    db = sqlite_backend.connection
    db.execute("insert into fts (fts) values ('integrity-check')")
    assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    indexed = db.execute("select count(*) from fts_docsize").fetchone()[0]
    assert indexed == db.execute("select count(*) from reports where words <> 0").fetchone()[0]


def test_a_pool_of_a_newer_version_is_refused(tmp_path):
    open_pool(tmp_path / "pool.db").close()
    with sqlite3.connect(tmp_path / "pool.db") as db:
        db.execute("pragma user_version = 99")
    db.close()
    with pytest.raises(PoolError, match="更新的版本"):
        open_pool(tmp_path / "pool.db")


def test_a_pool_indexed_by_other_rules_is_refused_until_it_is_indexed_again(sqlite_backend):
    sqlite_backend.write(Writes(reports=[document(n) for n in range(700)]))
    sqlite_backend.connection.execute("update meta set value = 'other' where key = 'characters'")
    sqlite_backend.connection.execute("insert into fts (fts) values ('delete-all')")
    with pytest.raises(PoolError, match="重建全文索引"):
        open_pool(sqlite_backend.path)
    assert reindex(sqlite_backend.path) == 700
    with_index = open_pool(sqlite_backend.path)
    assert SqliteSearch(with_index).count(Query("路灯"), ALL) == 700
    with_index.close()


def test_what_is_no_pool_or_no_folder_is_refused_in_chinese(tmp_path):
    (tmp_path / "text.db").write_bytes(b"this is not a database, by far not " * 200)
    (tmp_path / "file").write_text("x")
    with pytest.raises(PoolDamaged, match="备份"):
        open_pool(tmp_path / "text.db")
    with pytest.raises(PoolError, match="没有找到"):
        open_pool(tmp_path / "none.db", readonly=True)
    with pytest.raises(PoolError, match="打不开"):
        open_pool(tmp_path / "file" / "pool.db")


def test_a_reader_sees_commits_and_cannot_write(sqlite_backend):
    reader = open_pool(sqlite_backend.path, readonly=True)
    search = SqliteSearch(reader)
    assert search.count(Query("路灯"), ALL) == 0
    sqlite_backend.write(Writes(reports=[document(1)]))
    assert search.count(Query("路灯"), ALL) == 1
    with pytest.raises(sqlite3.OperationalError):
        SqliteStore(reader).write(Writes(reports=[document(2)]))
    reader.close()


def test_a_connection_may_be_used_from_another_thread(sqlite_backend):
    worker = threading.Thread(target=sqlite_backend.write, args=[Writes(reports=[document(1)])])
    worker.start()
    worker.join()
    assert sqlite_backend.search.count(Query("路灯"), ALL) == 1


def test_compacting_while_another_reads_says_so(sqlite_backend):
    sqlite_backend.write(Writes(reports=[document(1)]))
    reader = open_pool(sqlite_backend.path, readonly=True)
    reader.execute("begin")
    reader.execute("select * from reports").fetchone()
    sqlite_backend.connection.execute("pragma busy_timeout = 50")
    with pytest.raises(PoolBusy):
        compact(sqlite_backend.connection)
    reader.close()


def test_two_who_create_the_pool_at_once_create_one(tmp_path):
    opened = []

    def start():
        opened.append(open_pool(tmp_path / "pool.db"))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    for connection in opened:
        connection.close()


def test_every_commit_is_flushed_to_the_disk(sqlite_backend):
    assert sqlite_backend.connection.execute("pragma synchronous").fetchone() == (2,)
    assert sqlite_backend.connection.execute("pragma journal_mode").fetchone() == ("wal",)


_OPENS_AT = """
import sys, time
from pathlib import Path
from pool.sqlite.connection import open_pool
from pool.vault import SqliteVault
for number in range(8):
    while time.time() < float(sys.argv[2]) + number * 0.1:
        pass
    open_pool(Path(sys.argv[1]) / f"{number}.db").close()
    SqliteVault(Path(sys.argv[1]) / f"{number}.vault", bytes(32)).close()
"""


def test_several_processes_may_make_the_same_new_pool_at_the_same_moment(tmp_path):
    start = str(time.time() + 2)
    openers = [subprocess.Popen([sys.executable, "-c", _OPENS_AT, str(tmp_path), start]) for _ in range(3)]
    assert [opener.wait(timeout=60) for opener in openers] == [0, 0, 0]
