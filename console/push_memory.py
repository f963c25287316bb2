"""How far a push of a file has come, so that an interrupted one goes on and does not begin anew."""

import sqlite3

_TABLE = "create table if not exists push_progress(file text primary key, line integer not null) without rowid"


class PushMemory:
    """`file`: what push_rows.identity says; None remembers nothing. `note` belongs with the append, in its transaction if any."""

    def __init__(self, connection: sqlite3.Connection, file: str | None) -> None:
        self._db = connection
        self._file = file
        self._db.execute(_TABLE)

    def lines(self) -> int:
        """Lines of this file that were appended by a push that did not end."""
        row = self._db.execute("select line from push_progress where file = ?", (self._file,)).fetchone()
        return int(row[0]) if row else 0

    def note(self, line: int) -> None:
        """Everything up to this line is appended."""
        if self._file is not None:
            self._db.execute("insert or replace into push_progress values (?, ?)", (self._file, line))

    def done(self) -> None:
        """The push ended: the next one of the same file starts anew, and finds everything known."""
        self._db.execute("delete from push_progress where file = ?", (self._file,))
