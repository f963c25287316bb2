"""The ports of the pool. Stages read through `Reader`, runners write through `Store` and `Vault`, people read through `Search`.

No method here says Kafka, Elasticsearch or SQLite. One contract suite per port runs on every back end (tests/pool/contract).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from casework.facts import Facts
from pool.conditions import Condition
from pool.figures import Figures, Order
from pool.measures import Formula, Group
from pool.query import Facet, Filters, Interval, Page, Query
from pool.scope import Scope
from schemas.aggregate import Timer
from schemas.documents import Claim, DeadLetter, Outcome, ReportDocument
from schemas.problem import Problem
from schemas.state import State
from schemas.watch import Watch
from schemas.words import WatchState


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of the log of record. sequence: its place in the whole log, rising, not without gaps."""

    sequence: int
    aggregate: str
    version: int
    line: bytes


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A caller's contact for one report. caller: random id; hashes: keyed hashes that find the caller again
    (phone, account, …); contact: the fields as given, encrypted by the vault before they touch a disk."""

    report: str
    caller: str
    hashes: tuple[str, ...]
    contact: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MatchEntry:
    """What a matcher needs of a report: to fill an in-memory index by a scan, never to be searched. Of an erased one nothing
    of its words is left: no caller, no place, fingerprint 0. category: what intake found, as a matcher hears it of a new report,
    whatever was decided since."""

    report: str
    live: bool
    time: datetime
    caller: str | None
    category: str | None
    place_key: str
    simhash: int


class Reader(Protocol):
    """Get by id, for stages. What is not there is absent from the answer. Sees everything that was committed before the call."""

    def claims(self, ids: Iterable[str]) -> dict[str, Claim]: ...

    def states(self, ids: Iterable[str]) -> dict[str, State]:
        """Of aggregates of any kind."""
        ...

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]:
        """Those of the ids that are problems."""
        ...

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]: ...

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]:
        """Data keys by report or problem id; None = erased."""
        ...

    def callers(self, hashes: Iterable[str]) -> dict[str, str]:
        """Caller ids by keyed hash."""
        ...

    def match_entries(self, slot: int, since: datetime) -> Iterator[MatchEntry]:
        """Every report of the slot whose time is not before `since`, by time: to fill an in-memory index."""
        ...


class Vault(Protocol):
    """Keys and contacts: a store of their own, encrypted under the master key, never rebuilt."""

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]: ...

    def callers(self, hashes: Iterable[str]) -> dict[str, str]: ...

    def write(self, keys: Mapping[str, bytes], contacts: Sequence[ContactEntry]) -> set[str]:
        """Create-only and durable on return. Returns the ids (of keys) and hashes (of callers) that lost to an earlier writer;
        nothing of the records they belong to may be used: those run again."""
        ...

    def erase(self, report: str) -> None:
        """Destroys key and contact, leaves a marker. Idempotent."""
        ...

    def erased(self) -> list[str]: ...

    def note_disclosure(self, report: str, reader: str, reason: str, at: datetime) -> None:
        """Who is shown what is personal, and why; durable on return. Raises ContractError when either is empty."""
        ...

    def contact(self, report: str, reader: str, reason: str, at: datetime) -> Mapping[str, str] | None:
        """The contact in clear; `reader` and `reason` are logged first. Raises ContractError when the reason is empty."""
        ...

    def keyed_hash(self, kind: str, value: str) -> str:
        """HMAC-SHA256 under the pool's index key, 32 hexadecimal digits; kind separates domains (phone, account, content)."""
        ...


@dataclass(slots=True)
class Writes:
    """What one batch changes in the pool, in the order of the protocol."""

    claims: list[Claim] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    events: list[tuple[str, int, bytes]] = field(default_factory=list)
    """(aggregate, version, line)"""
    dead_letters: list[DeadLetter] = field(default_factory=list)
    reports: list[ReportDocument] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Search(Protocol):
    """Reads for people and programs, always within a Scope."""

    def search(self, query: Query, scope: Scope) -> Page: ...

    def count(self, query: Query, scope: Scope) -> int: ...

    def facets(self, query: Query, facets: Sequence[Facet], scope: Scope, limit: int = 20) -> dict[Facet, list[tuple[str, int]]]:
        """Counts by value, most first, ties by value; what has no value counts under ""."""
        ...

    def histogram(self, query: Query, interval: Interval, scope: Scope) -> list[tuple[str, int]]:
        """(first day as YYYY-MM-DD in Asia/Shanghai, count) by `time`, empty intervals inside the range included."""
        ...

    def similar(self, report: str, scope: Scope, limit: int = 10) -> list[tuple[ReportDocument, float]]:
        """Reports of other problems that are most alike in words, best first, similarity in 0..1."""
        ...

    def report(self, report: str, scope: Scope) -> ReportDocument | None: ...

    def reports_of(self, problem: str, scope: Scope) -> list[ReportDocument]: ...

    def by_source_id(self, source_id: str, scope: Scope) -> list[ReportDocument]: ...

    def problem(self, problem: str, scope: Scope) -> Problem | None:
        """In scope when one of its reports is."""
        ...

    def by_order_number(self, number: str, scope: Scope) -> Problem | None: ...

    def watches(self, state: WatchState | None, scope: Scope, after: str = "", limit: int = 100) -> list[Watch]:
        """Cameras' watches by id, after the given one. Who sees an area sees its cameras; a unit sees none."""
        ...

    def kept(self, kind: str, state: str | None, scope: Scope, after: str = "", limit: int = 100) -> list[State]:
        """Aggregates of a kind (first letter of their ids; neither problems nor watches) by id, after the given one, by the rule
        `Scope.permits_kept`. Raises ContractError for another kind."""
        ...

    def measures(
        self,
        formulas: Sequence[Formula],
        scope: Scope,
        group: Group | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Figures:
        """Figures of the problems in scope, by the rule `Scope.permits`, whose moment (the formula's anchor) lies in
        [since, until). By month both ends must be given. Raises ContractError."""
        ...

    def cases(
        self, condition: Condition, scope: Scope, order: Order | None = None, after: str = "", limit: int = 100
    ) -> list[Facts]:
        """Problems in scope for which the condition holds. Without an order by id, after the given one. limit: 1..1000."""
        ...

    def stats(self, scope: Scope) -> dict[str, object]:
        """{"reports", "problems", "dead_letters", "by_state", "by_channel", "alarms"}; problems without those merged away.

        alarms: of cameras, {"seen", "observed", "unconfirmed"}, the last in watches."""
        ...


class Events(Protocol):
    """The log of record."""

    def events_of(self, aggregate: str) -> list[StoredEvent]: ...

    def events_after(self, sequence: int, limit: int) -> list[StoredEvent]: ...

    def aggregates(self) -> Iterator[str]: ...


class Timers(Protocol):
    """Due times, derived from the states."""

    def due(self, until: datetime, limit: int) -> list[tuple[str, Timer]]:
        """(aggregate, timer), not expired, oldest due first."""
        ...


__all__ = [
    "ContactEntry",
    "Events",
    "Facet",
    "Filters",
    "Interval",
    "MatchEntry",
    "Reader",
    "Search",
    "StoredEvent",
    "Timers",
    "Vault",
    "Writes",
]
