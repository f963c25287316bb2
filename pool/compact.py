"""Takes the last traces of what was erased out of the pool file."""

import sqlite3

from schemas.errors import PoolBusy


def compact(connection: sqlite3.Connection) -> None:
    """Merges the full-text index into one piece (which drops the words of deleted rows), rewrites the file, empties the
    write-ahead log. With no other process at work; needs as much free disk as the file is long. Raises PoolBusy."""
    try:
        connection.execute("insert into fts (fts) values ('optimize')")
        connection.execute("vacuum")
        (busy, _, _) = connection.execute("pragma wal_checkpoint (truncate)").fetchone()
    except sqlite3.OperationalError as error:
        raise PoolBusy(f"问题池正被其他进程使用,无法压缩:{error};请停止其他进程后再试") from error
    if busy:
        raise PoolBusy("问题池正被其他进程读取,未能清空日志;请停止其他进程后再试")
