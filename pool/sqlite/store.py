"""Documents, log and timers in SQLite: ports Reader (without the vault's part), Events and Timers, and the writing."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from casework.facts import Facts
from pool.ports import MatchEntry, StoredEvent, Vault, Writes
from pool.sqlite.connection import FACTS_WANTED
from pool.sqlite.facts import PackNow, fill_facts, stored_facts, write_facts
from pool.sqlite.report_rows import write_reports
from pool.sqlite.rows import by_ids, decoder, encoder, micros, moment, number_aggregates
from schemas.aggregate import Timer
from schemas.documents import Claim, DeadLetter, Outcome, ReportDocument
from schemas.errors import PoolDamaged
from schemas.problem import Problem
from schemas.state import State, json_of_state, state_of_json
from schemas.words import Mode

_claim_json, _claim = encoder(Claim), decoder(Claim)
_outcome_json, _outcome = encoder(Outcome), decoder(Outcome)
_letter_json, _letter = encoder(DeadLetter), decoder(DeadLetter)
_document = decoder(ReportDocument)
_CLAIM: Final = "insert into ids (id, claim) values (?, ?) on conflict (id) do update set claim = excluded.claim"
_AGGREGATE: Final = """insert into aggregates values (?, ?, ?, ?, ?, ?) on conflict (id) do update set
    slot = excluded.slot, version = excluded.version, state = excluded.state, next_due = excluded.next_due"""
_SCAN: Final = 500
"""Rows a scan reads at a time, so that it never holds the pool."""


class SqliteStore:
    """One connection, one thread at a time. Reads see the connection's own open transaction.

    pack: by which the facts of the states written are made; without it they have no paths and no parts of the grassroots.
    """

    def __init__(self, connection: sqlite3.Connection, pack: PackNow | None = None) -> None:
        self._db = connection
        self._pack = pack

    def write(self, writes: Writes) -> None:
        """Executes all statements inside the caller's transaction; opens and commits none.

        Claims, states, dead letters, outcomes: the last one given stands. A report document stands only over an older
        or equal version. Raises PoolDamaged when an event has the version of another one.
        """
        db = self._db
        if writes.claims:
            rows = [(claim.id, _claim_json(claim)) for claim in writes.claims]
            db.executemany(_CLAIM, rows)
        aggregates, new = number_aggregates(db, _named(writes))
        self._write_states(writes.states, aggregates)
        bare = [(aggregates[id_], id_) for id_ in new.difference(state.id for state in writes.states)]
        db.executemany("insert into aggregates (row, id) values (?, ?)", bare)
        db.executemany("insert into states (row, id) values (?, ?)", bare)
        if writes.events:
            self._append(writes.events, aggregates)
        if writes.dead_letters:
            letters = [(letter.id, _letter_json(letter)) for letter in writes.dead_letters]
            db.executemany("insert or replace into dead_letters values (?, ?)", letters)
        if writes.reports:
            write_reports(db, writes.reports, aggregates)
        if writes.outcomes:
            outcomes = [(outcome.command, _outcome_json(outcome)) for outcome in writes.outcomes]
            db.executemany("insert or replace into outcomes values (?, ?)", outcomes)

    def _write_states(self, states: Sequence[State], aggregates: Mapping[str, int]) -> None:
        narrow, wide = [], []
        latest = {state.id: state for state in states}
        for state in latest.values():
            due = min((timer.due for timer in state.timers if not timer.expired), default=None)
            next_due = None if due is None else micros(due)
            row = aggregates[state.id]
            narrow.append((state.id, row, state.slot, state.version, state.state.value, next_due))
            wide.append((row, state.id, json_of_state(state)))
        self._db.executemany(_AGGREGATE, narrow)
        self._db.executemany("insert or replace into states values (?, ?, ?)", wide)
        write_facts(self._db, latest.values(), aggregates, self._pack() if self._pack else None)

    def _append(self, events: Sequence[tuple[str, int, bytes]], aggregates: Mapping[str, int]) -> None:
        rows = [(aggregates[aggregate], version, line) for aggregate, version, line in events]
        try:
            self._db.executemany("insert into events (aggregate, version, line) values (?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            place = self._doubled(events)
            raise PoolDamaged(f"事件记录中已有同一版本的事件:{place};请运行核对(reconcile)") from error

    def _doubled(self, events: Sequence[tuple[str, int, bytes]]) -> str:
        """Where: the first event that stands twice, be it in the log (this batch included) or in the batch."""
        seen: set[tuple[str, int]] = set()
        for aggregate, version, line in events:
            stored = {event.version: event.line for event in self.events_of(aggregate)}
            if (aggregate, version) in seen or stored.get(version, line) != line:
                return f"{aggregate} 第 {version} 版"
            seen.add((aggregate, version))
        return f"{events[0][0]} 第 {events[0][1]} 版"

    def claims(self, ids: Iterable[str]) -> dict[str, Claim]:
        rows = by_ids(self._db, "select id, claim from ids", "claim is not null and id", ids)
        return {id_: _claim(blob) for id_, blob in rows}

    def states(self, ids: Iterable[str]) -> dict[str, State]:
        head = "select a.id, json from aggregates a join states using (row)"
        return {id_: state_of_json(id_, blob) for id_, blob in by_ids(self._db, head, "json is not null and a.id", ids)}

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]:
        return {id_: state for id_, state in self.states(ids).items() if isinstance(state, Problem)}

    def facts(self, ids: Iterable[str]) -> dict[str, Facts]:
        """Of problems that exist, as they lie beside their states."""
        return stored_facts(self._db, ids)

    def complete(self) -> int:
        """Fill in the facts of a pool that was made before there were any, in a transaction of its own; how many problems.
        Without such need it only looks. Needs the pack."""
        if self._pack is None or not self._facts_wanted():
            return 0
        self._db.execute("begin immediate")
        try:
            count = fill_facts(self._db, self._pack()) if self._facts_wanted() else 0
            self._db.execute("delete from meta where key = ?", (FACTS_WANTED,))
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")
        return count

    def _facts_wanted(self) -> bool:
        return self._db.execute("select 1 from meta where key = ?", (FACTS_WANTED,)).fetchone() is not None

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]:
        head = "select id, json from ids join documents using (rid)"
        return {id_: _document(blob) for id_, blob in by_ids(self._db, head, "id", ids)}

    def outcomes(self, commands: Iterable[str]) -> dict[str, Outcome]:
        """What became of these commands; those not yet decided are absent."""
        rows = by_ids(self._db, "select command, json from outcomes", "command", commands)
        return {id_: _outcome(blob) for id_, blob in rows}

    def dead_letters(self, after: str = "", limit: int = 100) -> list[DeadLetter]:
        """By id, after the given one."""
        query = "select json from dead_letters where id > ? order by id limit ?"
        return [_letter(blob) for (blob,) in self._db.execute(query, (after, limit))]

    def dead_letters_of(self, report: str) -> list[DeadLetter]:
        """The letters that hold words of this report."""
        query = "select json from dead_letters where json_extract(cast(json as text), '$.report') = ?"
        return [_letter(blob) for (blob,) in self._db.execute(query, (report,))]

    def delete_dead_letters(self, ids: Iterable[str]) -> None:
        """Inside the caller's transaction."""
        self._db.executemany("delete from dead_letters where id = ?", [(id_,) for id_ in ids])

    def state_ids(self) -> Iterator[str]:
        """Every state document, also of version 0, by id."""
        return self._ids(
            "select a.id from aggregates a join states using (row) where json is not null and a.id > ? order by a.id limit ?"
        )

    def report_ids(self) -> Iterator[str]:
        """Every report document, by id."""
        return self._ids("select id from ids join documents using (rid) where id > ? order by id limit ?")

    def claim_ids(self) -> Iterator[str]:
        """Every claim, by id."""
        return self._ids("select id from ids where claim is not null and id > ? order by id limit ?")

    def _ids(self, query: str) -> Iterator[str]:
        last = ""
        while True:
            rows = self._db.execute(query, (last, _SCAN)).fetchall()
            for (last,) in rows:
                yield last
            if len(rows) < _SCAN:
                return

    def match_entries(self, slot: int, since: datetime) -> Iterator[MatchEntry]:
        mark = (micros(since), -1)
        while True:
            rows = self._db.execute(
                "select time, rid, id, mode, caller, matter, place_key, simhash from reports"
                " where slot = ? and (time, rid) > (?, ?) order by time, rid limit ?",
                (slot, *mark, _SCAN),
            ).fetchall()
            for time, rid, report, mode, caller, category, place_key, simhash in rows:
                mark = (time, rid)
                yield MatchEntry(report, mode == Mode.LIVE, moment(time), caller, category, place_key, simhash)
            if len(rows) < _SCAN:
                return

    def events_of(self, aggregate: str) -> list[StoredEvent]:
        query = (
            "select sequence, a.id, e.version, line from aggregates a join events e on e.aggregate = a.row"
            " where a.id = ? order by e.version"
        )
        return [StoredEvent(*row) for row in self._db.execute(query, (aggregate,))]

    def events_after(self, sequence: int, limit: int) -> list[StoredEvent]:
        query = (
            "select sequence, id, version, line from events e cross join states s on s.row = e.aggregate"
            " where sequence > ? order by sequence limit ?"
        )
        return [StoredEvent(*row) for row in self._db.execute(query, (sequence, limit))]

    def aggregates(self) -> Iterator[str]:
        """Those with events, in order of id."""
        last = ""
        while True:
            rows = self._db.execute(
                "select id, exists (select 1 from events e where e.aggregate = a.row) from aggregates a"
                " where id > ? order by id limit ?",
                (last, _SCAN),
            ).fetchall()
            for last, logged in rows:
                if logged:
                    yield last
            if len(rows) < _SCAN:
                return

    def due(self, until: datetime, limit: int) -> list[tuple[str, Timer]]:
        """The `limit` oldest timers stand in the `limit` aggregates whose oldest timer is oldest."""
        rows = self._db.execute(
            "select a.id, json from aggregates a join states using (row) where next_due <= ? order by next_due limit ?",
            (micros(until), limit),
        ).fetchall()
        states = [state_of_json(id_, blob) for id_, blob in rows]
        found = [(s.id, t) for s in states for t in s.timers if not t.expired and t.due <= until]
        found.sort(key=lambda pair: (pair[1].due, pair[0], pair[1].clock))
        return found[:limit]


class SqliteReader:
    """Port Reader: the pool file together with the vault, where keys and callers lie."""

    def __init__(self, store: SqliteStore, vault: Vault) -> None:
        self.claims = store.claims
        self.states = store.states
        self.problems = store.problems
        self.report_documents = store.report_documents
        self.match_entries = store.match_entries
        self.keys = vault.keys
        self.callers = vault.callers


def _named(writes: Writes) -> Iterator[str]:
    """Every aggregate that the writes speak of."""
    yield from (state.id for state in writes.states)
    yield from (aggregate for aggregate, _, _ in writes.events)
    yield from (report.problem for report in writes.reports)
