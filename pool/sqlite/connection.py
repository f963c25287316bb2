"""Opens the pool file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pool.indexed_text import characters_fingerprint
from pool.sqlite.facts import INDEX, TABLE
from pool.sqlite.schema import SCHEMA_VERSION, TABLES
from pool.sqlite.wal import use_write_ahead_log
from schemas.errors import PoolBusy, PoolDamaged, PoolError

_OWNER_CACHE_KIB: Final = 128 * 1024
_READER_CACHE_KIB: Final = 16 * 1024
_BUSY_MS: Final = 10_000
_PAGE_BYTES: Final = 8192
FACTS_WANTED: Final = "facts wanted"
"""Stands in `meta` while the facts of an older pool are not filled in."""
_CHECKPOINT_PAGES: Final = 8_000
"""64 MB: pages of random keys are written back once for many batches instead of once a batch."""


def open_pool(path: Path, *, readonly: bool = False, check_index: bool = True) -> sqlite3.Connection:
    """A connection with explicit transactions (`isolation_level=None`), usable from any one thread at a time.

    Creates file and tables unless readonly. check_index=False: for `reindex` alone.
    Raises PoolError: no pool there, made by a newer version, or indexed by other rules.
    """
    if readonly and not path.is_file():
        raise PoolError(f"没有找到问题池文件 {path};请先启动一次本机运行器,或检查路径")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
    except (OSError, sqlite3.Error) as error:
        raise PoolError(f"打不开问题池文件 {path}:{error};请检查目录是否存在、是否可写") from error
    try:
        _prepare(connection, path, readonly)
        if check_index:
            _check_index(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise PoolBusy(f"问题池文件 {path} 正被占用或不可写:{error};请稍后再试") from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise PoolDamaged(f"问题池文件 {path} 已损坏或不是问题池:{error};请用备份恢复") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, readonly: bool) -> None:
    connection.execute(f"pragma busy_timeout = {_BUSY_MS}")
    version = _version(connection)
    if version > SCHEMA_VERSION:
        raise PoolError(f"问题池文件 {path} 由更新的版本建立(结构 {version},本程序 {SCHEMA_VERSION});请升级本程序")
    if version == 0 and readonly:
        raise PoolError(f"{path} 还不是问题池;请先启动一次本机运行器")
    if version < SCHEMA_VERSION and readonly:
        raise PoolError(f"问题池文件 {path} 由较早的版本建立(结构 {version},本程序 {SCHEMA_VERSION});请先启动一次本机运行器")
    if not readonly:
        connection.execute(f"pragma page_size = {_PAGE_BYTES}")  # heard only while the file is empty
        use_write_ahead_log(connection, _BUSY_MS / 1000)
        connection.execute("pragma synchronous = full")
        connection.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute(f"pragma cache_size = -{_READER_CACHE_KIB if readonly else _OWNER_CACHE_KIB}")
    connection.execute("pragma foreign_keys = off")
    connection.execute("pragma temp_store = memory")
    if readonly:
        connection.execute("pragma query_only = on")
    elif version == 0:
        _create(connection)
    elif version < SCHEMA_VERSION:
        _upgrade(connection)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("begin immediate")
    try:
        if _version(connection) == 0:  # else another process was faster
            for statement in TABLES:
                connection.execute(statement)
            connection.execute("insert into meta values ('characters', ?)", (characters_fingerprint(),))
            connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        connection.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def _upgrade(connection: sqlite3.Connection) -> None:
    """From version 1: the table of facts, empty and marked so; `SqliteStore.complete` fills it, which takes the city's pack."""
    connection.execute("begin immediate")
    try:
        if _version(connection) < SCHEMA_VERSION:  # else another process was faster
            connection.execute(TABLE)
            connection.execute(INDEX)
            connection.execute("insert into meta values (?, '')", (FACTS_WANTED,))
            connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        connection.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def _check_index(connection: sqlite3.Connection, path: Path) -> None:
    row = connection.execute("select value from meta where key = 'characters'").fetchone()
    if row is None or row[0] != characters_fingerprint():
        raise PoolError(f"问题池文件 {path} 的全文索引按另一套折叠规则建立;请停止运行器,重建全文索引(reindex)后再打开")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One snapshot for several statements; joins a transaction that is already open."""
    if connection.in_transaction:
        yield
        return
    connection.execute("begin")
    try:
        yield
    finally:
        connection.execute("rollback")
