"""One page of hits, in order, with the exact total."""

import sqlite3
from typing import Any, Final

from pool.query import Query, Sort
from pool.sqlite.query_sql import RELEVANCE, Selection, match_all

_KEYS: Final = {
    Sort.RELEVANCE: RELEVANCE,
    Sort.NEWEST: "-r.time",
    Sort.OLDEST: "r.time",
    Sort.DISTANCE: "metres(r.lon, r.lat, ?, ?)",
}
"""What the hits are sorted by, ascending; ties by report id."""

Row = tuple[int, str, float]
"""(rid, report id, sort key)"""


def order_of(query: Query, selection: Selection) -> Sort:
    """Without words nothing is more relevant: the newest come first."""
    return Sort.NEWEST if query.sort is Sort.RELEVANCE and not selection.words else query.sort


def page(db: sqlite3.Connection, query: Query, selection: Selection, after: tuple[float, str] | None) -> tuple[int, list[Row]]:
    """(total, at most limit + 1 rows after the mark)."""
    sort = order_of(query, selection)
    if after is not None and sort is Sort.RELEVANCE:
        after = (_key_now(db, selection, after), after[1])
    if not selection.words and sort in (Sort.NEWEST, Sort.OLDEST):
        return _by_time(db, query.limit, selection, sort, after)
    key_values = list(query.filters.near[:2]) if sort is Sort.DISTANCE and query.filters.near else []
    found = f"with found as materialized (select r.rid, r.id, {_KEYS[sort]} as key from {selection.sql})"
    values: list[Any] = [*key_values, *selection.values]
    rest, marks = ("where (key, id) > (?, ?)", list(after)) if after else ("", [])
    rows = db.execute(
        f"{found} select rid, id, key, (select count(*) from found) from found {rest} order by key, id limit ?",
        [*values, *marks, query.limit + 1],
    ).fetchall()
    if rows:
        return rows[0][3], [(rid, id_, key) for rid, id_, key, _ in rows]
    return (count(db, selection), []) if after else (0, [])


def _by_time(
    db: sqlite3.Connection, limit: int, selection: Selection, sort: Sort, after: tuple[float, str] | None
) -> tuple[int, list[Row]]:
    """Along the index on time, which stops at the end of the page."""
    newest = sort is Sort.NEWEST
    rest, marks = "", []
    if after is not None:
        time = -after[0] if newest else after[0]
        rest = f"and r.time {'<=' if newest else '>='} ? and (r.time <> ? or r.id > ?)"
        marks = [time, time, after[1]]
    rows = db.execute(
        f"select r.rid, r.id, {_KEYS[sort]} from {selection.sql} {rest}"
        f" order by r.time {'desc' if newest else 'asc'}, r.id limit ?",
        [*selection.values, *marks, limit + 1],
    ).fetchall()
    return count(db, selection), rows


def count(db: sqlite3.Connection, selection: Selection) -> int:
    """How many reports are selected."""
    if selection.words and len(selection.conditions) == 1:  # words alone: the index knows
        return int(db.execute("select count(*) from fts where fts match ?", selection.values).fetchone()[0])
    return int(db.execute(f"select count(*) from {selection.sql}", selection.values).fetchone()[0])


def _key_now(db: sqlite3.Connection, selection: Selection, after: tuple[float, str]) -> float:
    """Every new report shifts all ranks a little; the page goes on behind where its last hit stands now."""
    row = db.execute(
        f"select {RELEVANCE} from fts where fts match ? and rowid = (select rid from ids where id = ?)",
        (match_all(selection.words), after[1]),
    ).fetchone()
    return after[0] if row is None else row[0]
