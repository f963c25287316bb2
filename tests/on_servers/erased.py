"""Nothing of an erased report's words comes out of any port, reader or index."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from faults.whole import dump, letters_of

from on_servers.served import Served
from pool.elastic.mapping import KINDS
from pool.query import Facet, Interval, Query
from pool.scope import ALL

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PAGE = 10_000


def assert_erased(served: Served, report: str, words: Sequence[str], *, text: str, number: str) -> None:
    """words: of this report alone. text: all that it said. number: its sender's own."""
    pool = served.pool
    pool.elastic.refresh(*KINDS)
    document = pool.store.report_documents([report])[report]
    assert document.erased
    assert document.content is None
    assert pool.store.claims([report])[report].erased
    assert pool.vault.keys([report]) == {report: None}
    assert pool.vault.contact(report, "test", "抹除之后", datetime.now(UTC)) is None
    assert pool.store.dead_letters_of(report) == []
    (entry,) = (entry for entry in pool.store.match_entries(document.slot, LONG_AGO) if entry.report == report)
    assert (entry.caller, entry.place_key, entry.simhash) == (None, "", 0)
    assert [word for word in words if _found(served, word)] == []
    assert report not in {hit.report.id for hit in pool.search.search(Query(text=text), ALL).hits}
    assert pool.search.similar(report, ALL) == []
    assert report not in {found.id for found in pool.search.by_source_id(number, ALL)}
    said = _said_by_readers(served, document.problem)
    assert [word for word in words if word in said] == []


def _found(served: Served, word: str) -> bool:
    """By any way of searching; hits, numbers or shares."""
    search, asked = served.pool.search, Query(text=word)
    if search.search(asked, ALL).hits or search.count(asked, ALL):
        return True
    facets, histogram = search.facets(asked, list(Facet), ALL), search.histogram(asked, Interval.DAY, ALL)
    return any(facets.values()) or any(count for _, count in histogram)


def _said_by_readers(served: Served, problem: str) -> str:
    """Whatever can be read of the pool and of this problem: documents, letters, log, raw indices, commands."""
    pool = served.pool
    commands = (("show", problem), ("show", problem, "--json"), ("dead-letters", "list", "--json"))
    read: list[Any] = [
        dump(pool),  # type: ignore[arg-type]
        [letter.model_dump_json() for letter in letters_of(pool)],  # type: ignore[arg-type]
        pool.search.problem(problem, ALL),
        pool.search.reports_of(problem, ALL),
        [(near.model_dump_json(), pool.search.similar(near.id, ALL)) for near in pool.search.reports_of(problem, ALL)],
        [event.line.decode() for event in pool.store.events_of(problem)],
        [said.stdout + said.stderr for said in (served.command(*command) for command in commands)],
        _sources(served),
    ]
    return str(read)


def _sources(served: Served) -> list[dict[str, Any]]:
    """Of every document in every index of the pool."""
    elastic = served.pool.elastic
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        hits = elastic.search(kind, {"size": PAGE, "query": {"match_all": {}}})["hits"]["hits"]
        assert len(hits) < PAGE, kind
        found += [hit["_source"] for hit in hits]
    return found
