"""Turns the write-ahead log on, also when several processes open a new file at the same moment."""

import sqlite3
import time
from typing import Final

_PAUSE: Final = 0.01


def use_write_ahead_log(connection: sqlite3.Connection, patience: float) -> None:
    """Raises sqlite3.OperationalError when the file stays locked for `patience` seconds.

    SQLite does not wait by itself here: whoever would upgrade his lock while another does the same is refused at once,
    whatever the busy timeout (sqlite.org/c3ref/busy_handler.html).
    """
    until = time.monotonic() + patience
    while True:
        try:
            mode = connection.execute("pragma journal_mode = wal").fetchone()[0]
            if mode == "wal":
                return
            raise sqlite3.OperationalError(f"journal_mode is {mode}, not wal")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(_PAUSE)
