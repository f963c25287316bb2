"""Counts over what is selected: facets, histogram, the figures of the whole pool."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pool.intervals import histogram_of
from pool.query import Facet, Interval
from pool.scope import Scope
from pool.sqlite.query_sql import Selection, add_scope
from pool.sqlite.rows import decoder
from schemas.watch import Watch
from schemas.words import ProblemState, WatchState

_DAY: Final = 86_400_000_000
_SHANGHAI: Final = 8 * 3_600_000_000
"""UTC+8 the whole year (since 1992)."""
_FAR: Final = 1_000_000
"""Days added while dividing, because SQLite rounds towards zero and a day before 1970 would be cut."""
_EPOCH: Final = date(1970, 1, 1)

Counts = list[tuple[str, int]]
_watch = decoder(Watch)


def facets(db: sqlite3.Connection, selection: Selection, wanted: Sequence[Facet], limit: int) -> dict[Facet, Counts]:
    """Most first, ties by value. The selection is walked once for all facets."""
    if not wanted:
        return {}
    columns = list(dict.fromkeys(facet.value for facet in wanted))
    union = " union all ".join(
        f"select {number}, coalesce({column}, ''), count(*) from found group by {column}" for number, column in enumerate(columns)
    )
    found = f"select {', '.join(f'r.{column}' for column in columns)} from {selection.sql}"
    totals: list[dict[str, int]] = [{} for _ in columns]
    for number, value, counted in db.execute(f"with found as materialized ({found}) {union}", selection.values):
        totals[number][value] = totals[number].get(value, 0) + counted  # null and '' are one value
    ordered = {
        Facet(column): sorted(total.items(), key=lambda item: (-item[1], item[0]))[:limit]
        for column, total in zip(columns, totals, strict=True)
    }
    return {facet: ordered[facet] for facet in wanted}


def histogram(db: sqlite3.Connection, selection: Selection, interval: Interval) -> Counts:
    """From the first interval that holds a report to the last one, without gaps."""
    rows = db.execute(
        f"select (r.time + {_SHANGHAI + _FAR * _DAY}) / {_DAY} - {_FAR} as day, count(*) from {selection.sql} group by day",
        selection.values,
    )
    return histogram_of([(_EPOCH + timedelta(days=day), counted) for day, counted in rows], interval)


def stats(db: sqlite3.Connection, scope: Scope) -> dict[str, object]:
    """by_state counts problems (so it sums up to `problems`), by_channel counts reports (so it sums up to `reports`).

    Dead letters belong to no unit: only who sees everything is told how many there are.
    """
    selection = Selection([])
    add_scope(selection, scope)
    by_channel = db.execute(f"select r.channel, count(*) from {selection.sql} group by 1 order by 1", selection.values)
    channels: dict[str, int] = dict(by_channel)
    existing = "a.version > 0 and a.id >= 'p' and a.id < 'q' and a.state <> ?"
    values: list[object] = [ProblemState.MERGED.value]
    if not scope.everything:
        existing += f" and a.row in (select r.problem from {selection.sql})"
        values += selection.values
    by_state = db.execute(f"select a.state, count(*) from aggregates a where {existing} group by 1 order by 1", values)
    states: dict[str, int] = dict(by_state)
    letters = db.execute("select count(*) from dead_letters").fetchone()[0] if scope.everything else 0
    return {
        "reports": sum(channels.values()),
        "problems": sum(states.values()),
        "dead_letters": letters,
        "by_state": states,
        "by_channel": channels,
        "alarms": _alarms(db, scope),
    }


def watches(db: sqlite3.Connection, state: WatchState | None, scope: Scope, after: str, limit: int) -> list[Watch]:
    """By id, after the given one."""
    where, values = _watched(scope)
    if state is not None:
        where, values = f"{where} and a.state = ?", [*values, state.value]
    rows = db.execute(
        f"select json from aggregates a join states using (row) where {where} and a.id > ? order by a.id limit ?",
        (*values, after, limit),
    )
    return [_watch(blob) for (blob,) in rows]


def _alarms(db: sqlite3.Connection, scope: Scope) -> dict[str, int]:
    where, values = _watched(scope)
    columns = "coalesce(sum(json_extract(t, '$.alarms')), 0), coalesce(sum(json_extract(t, '$.observed')), 0)"
    inner = f"select cast(json as text) as t, a.state from aggregates a join states using (row) where {where}"
    seen, observed, unconfirmed = db.execute(
        f"select {columns}, coalesce(sum(state = ?), 0) from ({inner})", (WatchState.UNCONFIRMED.value, *values)
    ).fetchone()
    return {"seen": seen, "observed": observed, "unconfirmed": unconfirmed}


def _watched(scope: Scope) -> tuple[str, list[object]]:
    """Condition on a.id and the json, and its values. Who sees an area sees its cameras; a unit sees none."""
    where = "a.id >= 'w' and a.id < 'x' and a.version > 0"
    if scope.everything:
        return where, []
    paths = sorted(scope.area_paths)
    seen = " or ".join(["substr(json_extract(cast(json as text), '$.area_path'), 1, ?) = ?"] * len(paths)) or "0"
    return f"{where} and ({seen})", [value for path in paths for value in (len(path), path)]
