"""Port Search on SQLite."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from casework.facts import Facts
from pool.conditions import Condition
from pool.cursor import cursor_after, last_hit
from pool.distance import metres
from pool.figures import Figures, Order, ask, by_month
from pool.highlight import highlights
from pool.kept import permitted
from pool.measures import Formula, Group
from pool.query import Facet, Hit, Interval, Page, Query, Sort
from pool.query_words import check, check_limit
from pool.scope import Scope
from pool.secrecy import shown_problem, shown_report
from pool.similar import WordRarity
from pool.sqlite import counting, facts_sql
from pool.sqlite.connection import reading
from pool.sqlite.hits import count, order_of, page
from pool.sqlite.query_sql import Selection, add_scope, select
from pool.sqlite.rows import decoder
from pool.sqlite.similar import rarity_now, similar
from schemas.documents import Claim, ReportDocument
from schemas.problem import Problem
from schemas.state import State, state_of_json
from schemas.watch import Watch
from schemas.words import WatchState

_document, _state, _watch, _claim = decoder(ReportDocument), decoder(Problem), decoder(Watch), decoder(Claim)


class SqliteSearch:
    """One connection, one thread at a time; each call reads one snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._rarity = WordRarity()
        connection.create_function("metres", 4, metres, deterministic=True)

    def search(self, query: Query, scope: Scope) -> Page:
        check(query)
        after = last_hit(query)
        selection = select(query, scope)
        with reading(self._db):
            total, rows = page(self._db, query, selection, after)
            documents = self._documents([rid for rid, _, _ in rows[: query.limit]])
        hits = [self._hit(query, selection, documents[rid], key, scope) for rid, _, key in rows[: query.limit]]
        more = len(rows) > query.limit
        return Page(total, hits, cursor_after(query, rows[query.limit - 1][2], rows[query.limit - 1][1]) if more else "")

    def count(self, query: Query, scope: Scope) -> int:
        check(query)
        return count(self._db, select(query, scope))

    def facets(self, query: Query, facets: Sequence[Facet], scope: Scope, limit: int = 20) -> dict[Facet, list[tuple[str, int]]]:
        check(query)
        check_limit(limit)
        return counting.facets(self._db, select(query, scope), facets, limit)

    def histogram(self, query: Query, interval: Interval, scope: Scope) -> list[tuple[str, int]]:
        check(query)
        return counting.histogram(self._db, select(query, scope), interval)

    def similar(self, report: str, scope: Scope, limit: int = 10) -> list[tuple[ReportDocument, float]]:
        check_limit(limit)
        with reading(self._db):
            found = self._in_scope("r.rid = (select rid from ids where id = ?)", report, scope)
            if not found:
                return []
            self._rarity = rarity_now(self._db, self._rarity)
            alike = similar(self._db, self._rarity, found[0], scope, limit)
        return [(shown_report(other, scope), likeness) for other, likeness in alike]

    def report(self, report: str, scope: Scope) -> ReportDocument | None:
        found = self._in_scope("r.rid = (select rid from ids where id = ?)", report, scope)
        return shown_report(found[0], scope) if found else None

    def reports_of(self, problem: str, scope: Scope) -> list[ReportDocument]:
        found = self._in_scope("r.problem = (select row from aggregates where id = ?)", problem, scope)
        return [shown_report(document, scope) for document in found]

    def by_source_id(self, source_id: str, scope: Scope) -> list[ReportDocument]:
        found = self._in_scope("r.source_id = ?", source_id, scope)
        return [shown_report(document, scope) for document in found]

    def problem(self, problem: str, scope: Scope) -> Problem | None:
        if not problem.startswith("p"):
            return None
        with reading(self._db):
            row = self._db.execute(
                "select row, json from aggregates a join states using (row) where a.id = ? and version > 0", (problem,)
            ).fetchone()
            if row is None:
                return None
            if not scope.everything:
                selection = Selection([])
                selection.add("r.problem = ?", row[0])
                add_scope(selection, scope)
                if not count(self._db, selection):
                    return None
        return shown_problem(_state(row[1]), scope)

    def by_order_number(self, number: str, scope: Scope) -> Problem | None:
        query = "select claim from ids where id = ? and claim is not null"
        row = self._db.execute(query, (number,)).fetchone()
        problem = self.problem(_claim(row[0]).problem, scope) if row else None
        return problem if problem is not None and problem.order_number == number else None

    def watches(self, state: WatchState | None, scope: Scope, after: str = "", limit: int = 100) -> list[Watch]:
        check_limit(limit)
        return counting.watches(self._db, state, scope, after, limit)

    def kept(self, kind: str, state: str | None, scope: Scope, after: str = "", limit: int = 100) -> list[State]:
        check_limit(limit)
        return permitted(partial(self._kept, kind, state), kind, scope, after, limit)

    def _kept(self, kind: str, state: str | None, after: str, limit: int) -> list[State]:
        """By id, whoever may see them."""
        where, values = "a.id >= ? and a.id < ? and a.id > ? and a.version > 0", [kind, chr(ord(kind) + 1), after]
        if state is not None:
            where, values = f"{where} and a.state = ?", [*values, state]
        query = f"select a.id, json from aggregates a join states using (row) where {where} order by a.id limit ?"
        return [state_of_json(id_, blob) for id_, blob in self._db.execute(query, (*values, limit))]

    def measures(
        self,
        formulas: Sequence[Formula],
        scope: Scope,
        group: Group | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Figures:
        if group is Group.MONTH:
            with reading(self._db):
                return by_month(since, until, lambda begin, end: self.measures(formulas, scope, None, begin, end))
        return facts_sql.measures(self._db, ask(formulas, group, since, until), scope)

    def cases(
        self, condition: Condition, scope: Scope, order: Order | None = None, after: str = "", limit: int = 100
    ) -> list[Facts]:
        check_limit(limit)
        return facts_sql.cases(self._db, condition, scope, order, after, limit)

    def stats(self, scope: Scope) -> dict[str, object]:
        with reading(self._db):
            return counting.stats(self._db, scope)

    def _in_scope(self, condition: str, value: str, scope: Scope) -> list[ReportDocument]:
        """Reports by time, ties by id."""
        selection = Selection([])
        selection.add(condition, value)
        add_scope(selection, scope)
        rows = self._db.execute(
            f"select json from {selection.tables} join documents using (rid) where {selection.where} order by r.time, r.id",
            selection.values,
        )
        return [_document(blob) for (blob,) in rows]

    def _documents(self, rids: Sequence[int]) -> dict[int, ReportDocument]:
        rows = self._db.execute(f"select rid, json from documents where rid in ({', '.join('?' * len(rids))})", rids)
        return {rid: _document(blob) for rid, blob in rows}

    def _hit(self, query: Query, selection: Selection, report: ReportDocument, key: float, scope: Scope) -> Hit:
        hit = Hit(shown_report(report, scope))
        content = report.content
        if order_of(query, selection) is Sort.RELEVANCE:
            hit = replace(hit, score=-key)
        if content is None:
            return hit
        if query.filters.near is not None and content.lon is not None and content.lat is not None:
            hit = replace(hit, distance=metres(content.lon, content.lat, *query.filters.near[:2]))
        if query.highlight and selection.words:
            hit = replace(hit, highlights=highlights(content, selection.words))
        return hit
