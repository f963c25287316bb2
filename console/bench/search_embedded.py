"""Search in a file: the pool, and what a user of FTS5 would write without this application: one column of words."""

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.bench.search_texts import Question, Side, raw_fields, raw_terms, raw_words, states_of
from pool.ports import Writes
from pool.query import Query, Sort
from pool.scope import ALL
from pool.sqlite.connection import open_pool
from pool.sqlite.search import SqliteSearch
from pool.sqlite.store import SqliteStore
from schemas.documents import ReportDocument


class Embedded:
    """A pool file in a folder of its own."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="wentichi-search-"))
        self.where, self._file = str(folder), folder / "pool.db"
        self._db = open_pool(self._file)
        self._store, self._search, self._raw = SqliteStore(self._db), SqliteSearch(self._db), RawSqlite(folder / "raw.db")

    def write(self, documents: Sequence[ReportDocument]) -> None:
        self._db.execute("begin immediate")
        self._store.write(Writes(states=states_of(documents), reports=list(documents)))
        self._db.execute("commit")
        self._raw.write(documents)

    def ready(self) -> None:
        self._raw.ready()

    def settle(self) -> None:
        """Nothing is done in the background."""

    def ask(self, side: Side, question: Question) -> int:
        query, facets = question
        if side is not Side.OURS:
            return self._raw.ask(question, together=side is Side.PHRASE)
        page = self._search.search(query, ALL)
        if facets:
            self._search.facets(query, facets, ALL)
        return page.total

    def size(self) -> int:
        self._db.execute("pragma wal_checkpoint(truncate)")
        return self._file.stat().st_size

    def close(self, *, keep: bool) -> None:
        self._raw.close()
        self._db.close()
        if not keep:
            shutil.rmtree(self.where, ignore_errors=True)


class RawSqlite:
    """A file of its own: an FTS5 table of words and a narrow table."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db = sqlite3.connect(file)
        self._db.execute("create virtual table words using fts5(word, content='', tokenize='ascii')")
        self._db.execute("create table rows (rid integer primary key, time, category, state, area, district, doc blob)")
        self._db.execute("create index rows_time on rows (time)")
        self._written = 0

    def write(self, documents: Sequence[ReportDocument]) -> None:
        with self._db:
            for document in documents:
                self._written += 1
                self._db.execute("insert into words (rowid, word) values (?, ?)", (self._written, raw_words(document)))
                values = [self._written, *raw_fields(document).values(), document.model_dump_json()]
                self._db.execute("insert into rows values (?, ?, ?, ?, ?, ?, ?)", values)

    def ready(self) -> None:
        self._db.execute("pragma optimize")

    def ask(self, question: Question, *, together: bool) -> int:
        query, facets = question
        tables, where, values = _tables(query, raw_terms(query.text, together=together))
        order = "rank" if query.sort is Sort.RELEVANCE and query.text else "time desc"
        chosen = f"from {tables} where {where}"
        self._db.execute(f"select doc {chosen} order by {order} limit ?", [*values, query.limit]).fetchall()
        for facet in facets:
            self._db.execute(f"select {facet.value}, count(*) {chosen} group by 1", values).fetchall()
        return int(self._db.execute(f"select count(*) {chosen}", values).fetchone()[0])

    def close(self) -> None:
        self._db.close()
        self._file.unlink()


def _tables(query: Query, terms: Sequence[str]) -> tuple[str, str, list[Any]]:
    tables, conditions, values = "rows", ["1"], list[Any]()
    if terms:
        tables = "words cross join rows on rows.rid = words.rowid"
        conditions.append("words match ?")
        values.append(" ".join(f'"{term}"' for term in terms))
    if query.filters.area_path:
        conditions.append("district = ?")
        values.append(query.filters.area_path)
    return tables, " and ".join(conditions), values
