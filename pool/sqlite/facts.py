"""The table of facts: one narrow row for each problem, written in the same transaction as its state, by the same row number.

Paths and lists are text; a list is |a|b|. No column but moments is ever null, so that "not" means the same here as elsewhere.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from casework.facts import FIELDS, Facts, Keyword, Keywords, Moment, facts
from city.pack import CityPack
from pool.sqlite.rows import by_ids
from schemas.problem import Problem
from schemas.state import State, state_of_json

PackNow = Callable[[], CityPack]
"""The pack whose tree, areas and kinds of units hold now."""

NAMES: Final = tuple(FIELDS)


def _column(name: str) -> str:
    kind = FIELDS[name]
    if kind in (Keyword, Keywords):
        return f"{name} text not null"
    return f"{name} integer" if kind == Moment else f"{name} integer not null"


TABLE: Final = f"create table facts (row integer primary key, {', '.join(_column(name) for name in NAMES)})"
INDEX: Final = "create index facts_supervised on facts (supervised_since) where supervision <> ''"
"""The key list is looked at all day and is short; all else reads the whole table, which is narrow."""
_WRITE: Final = f"insert or replace into facts values (?{', ?' * len(NAMES)})"
_LISTS: Final = frozenset(name for name, kind in FIELDS.items() if kind is Keywords)
_LIST_PLACES: Final = tuple(place for place, name in enumerate(NAMES) if name in _LISTS)
_FILLED_AT_ONCE: Final = 500


def write_facts(db: sqlite3.Connection, states: Iterable[State], aggregates: Mapping[str, int], pack: CityPack | None) -> None:
    """Of those that are problems and exist; inside the caller's transaction."""
    rows = [
        (aggregates[state.id], *_values(facts(state, pack))) for state in states if isinstance(state, Problem) and state.version
    ]
    db.executemany(_WRITE, rows)


def _values(one: Facts) -> list[Any]:
    values: list[Any] = [getattr(one, name) for name in NAMES]
    for place in _LIST_PLACES:
        values[place] = f"|{'|'.join(values[place])}|" if values[place] else ""
    return values


def read_facts(row: Sequence[Any]) -> Facts:
    """From a row of the columns NAMES."""
    values = list(row)
    for place in _LIST_PLACES:
        values[place] = tuple(values[place].strip("|").split("|")) if values[place] else ()
    for place in _FLAG_PLACES:
        values[place] = bool(values[place])
    return Facts(*values)


_FLAG_PLACES: Final = tuple(place for place, name in enumerate(NAMES) if FIELDS[name] is bool)


def stored_facts(db: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Facts]:
    """By problem; those that have none are absent."""
    head = f"select {', '.join(f'f.{name}' for name in NAMES)} from aggregates a join facts f using (row)"
    found = (read_facts(row) for row in by_ids(db, head, "a.id", ids))
    return {one.problem: one for one in found}


def fill_facts(db: sqlite3.Connection, pack: CityPack) -> int:
    """Every problem's facts anew, from the states, inside the caller's transaction; how many there are."""
    db.execute("delete from facts")
    last, count = 0, 0
    while True:
        rows = db.execute(
            "select row, id, json from states where row > ? and json is not null order by row limit ?", (last, _FILLED_AT_ONCE)
        ).fetchall()
        if not rows:
            return count
        states = [state_of_json(id_, blob) for _, id_, blob in rows if id_.startswith("p")]
        write_facts(db, states, {id_: row for row, id_, _ in rows}, pack)
        last, count = rows[-1][0], count + len(states)
