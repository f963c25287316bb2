"""What must hold of a pool whatever was done to it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from city.pack import CityPack, load_pack
from city.sample import sample_city
from faults.load import Load
from pool.reconcile import reconcile
from pool.scope import ALL
from pool.sqlite.rebuild import rebuild
from schemas.aggregate import UNCOMPARED
from schemas.documents import CLAIM_UNCOMPARED, DeadLetter, ReportDocument, UnitView
from schemas.events import read_event
from schemas.problem import Problem
from schemas.words import DISPATCH_PREFIX, ProblemState
from streams.dead_letters import content_of, key_name
from streams.local.home import Home, open_home

_MARK = re.compile(rb"bad-\w+-\d+-end")
_pack: list[CityPack] = []


def sample_pack() -> CityPack:
    """Loaded once for all tests."""
    if not _pack:
        _pack.append(load_pack(sample_city()))
    return _pack[0]


@contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """The pool in this folder, opened by this process."""
    home = open_home(folder, pack=sample_pack())
    try:
        yield home
    finally:
        home.close()


def problems_of(home: Home) -> dict[str, Problem]:
    return home.store.problems(home.store.state_ids())


def documents_of(home: Home) -> dict[str, ReportDocument]:
    return home.store.report_documents(home.store.report_ids())


def letters_of(home: Home) -> list[DeadLetter]:
    return home.store.dead_letters(limit=1_000_000)


def opened_letters(home: Home) -> list[bytes]:
    """The records as they came."""
    letters = letters_of(home)
    keys = home.vault.keys(key_name(letter.id) for letter in letters)
    return [content_of(letter, keys[key_name(letter.id)]) for letter in letters]


def dump(home: Home) -> dict[str, Any]:
    """Every document, without what the comparison leaves out."""
    claims = home.store.claims(home.store.claim_ids())
    problems = problems_of(home).items()
    return {
        "problems": {name: problem.model_dump(mode="json", exclude=set(UNCOMPARED)) for name, problem in problems},
        "reports": {name: report.model_dump(mode="json", exclude={"version"}) for name, report in documents_of(home).items()},
        "claims": {name: claim.model_dump(mode="json", exclude=set(CLAIM_UNCOMPARED)) for name, claim in claims.items()},
        "stats": home.search.stats(ALL),
    }


def views_of(home: Home) -> list[tuple[str, str, UnitView | None]]:
    """(unit, problem, view) of every record of every dispatch topic."""
    found = []
    for topic, _ in home.log.topics():
        if topic.startswith(DISPATCH_PREFIX):
            for record in home.log.read(topic, 0, 1_000_000):
                view = UnitView.model_validate_json(record.value) if record.value is not None else None
                found.append((topic.removeprefix(DISPATCH_PREFIX), record.key or "", view))
    return found


def grouping(home: Home) -> set[frozenset[str]]:
    """Which reports are together."""
    return {frozenset(m.report for m in problem.members) for problem in problems_of(home).values() if problem.members}


def assert_whole(folder: Path, loads: Sequence[Load], *, other_letters: int = 0, pushed: int = 1) -> None:
    """Every report exactly once with its newest words, dead letters exactly the bad lines, one view per unit and problem,
    no fault in the audit, and a rebuild that changes nothing.

    other_letters: dead letters that no load made. pushed: how often a file was pushed; a bad line has no number by which it
    would be known again, so it is a dead letter at most so often.
    """
    with opened(folder) as home:
        expected = {report: text for load in loads for report, text in load.reports.items()}
        problems, documents = problems_of(home), documents_of(home)
        assert set(documents) == set(expected)
        assert {claim for claim in home.store.claim_ids() if claim.startswith("r")} == set(expected)
        standing = [problem for problem in problems.values() if problem.state is not ProblemState.MERGED]
        assert Counter(m.report for problem in standing for m in problem.members) == Counter(list(expected))
        for document in documents.values():
            assert document.id in {member.report for member in problems[document.problem].members}
            assert document.content is not None
            assert document.content.text == expected[document.id]
        _assert_letters(home, loads, other_letters, pushed)
        _assert_views(home, problems)
        _assert_nothing_waits(home)
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []
        before = dump(home)
        rebuild(home.connection, home.vault.keys, home.pack)
        assert dump(home) == before
        assert home.search.stats(ALL)["reports"] == len(expected)
        assert home.connection.execute("pragma integrity_check").fetchone() == ("ok",)


def _assert_letters(home: Home, loads: Sequence[Load], others: int, pushed: int) -> None:
    marks = [match.group().decode() for raw in opened_letters(home) if (match := _MARK.search(raw))]
    assert set(marks) == {mark for load in loads for mark in load.bad}
    assert max(Counter(marks).values(), default=1) <= pushed
    assert len(letters_of(home)) == len(marks) + others


def _assert_views(home: Home, problems: dict[str, Problem]) -> None:
    views = views_of(home)
    assert max(Counter((unit, problem) for unit, problem, _ in views).values(), default=1) == 1
    expected = {(a.unit, problem.id) for problem in problems.values() for a in problem.assignments}
    assert {(unit, problem) for unit, problem, _ in views} == expected
    for unit, problem, view in views:
        assert view is not None
        assert (view.unit, view.problem, view.version) == (unit, problem, problems[problem].version)


def _assert_nothing_waits(home: Home) -> None:
    """Every clock said once, every raw report dropped, every command decided."""
    fired = Counter()
    for aggregate in home.store.aggregates():
        for stored in home.store.events_of(aggregate):
            event = read_event(stored.line)
            if event.type == "ClockExpired":
                fired[aggregate, event.clock, event.due, event.of] += 1
    assert max(fired.values(), default=1) == 1
    for topic, following in home.log.topics():
        if topic.startswith(("intake.", "progress.")):
            assert home.log.read(topic, 0, 1) == []
            assert home.log.position(topic.split(".")[0], topic) == following
