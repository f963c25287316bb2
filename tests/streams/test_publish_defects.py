"""publish with a bug: on one problem, and on all."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from faults.load import Load, append_raw
from faults.whole import letters_of, opened, opened_letters, problems_of, views_of
from structlog.testing import capture_logs

import streams.stages.publish
from casework.derive import unit_views
from pool.reconcile import reconcile
from schemas.commands import Actor, Assign
from schemas.problem import Problem
from schemas.words import DISPATCH_PREFIX, Channel, DeadLetterKind, Role, Stage, Topic
from streams.careful import DEFECTS_IN_A_ROW, StageStopped
from streams.dead_letters import content_of, key_name
from streams.effects import LogRecord
from streams.local.home import Home, transaction
from streams.local.session import Session
from streams.publish_again import publish_again
from streams.session import Pairs
from streams.stages.publish import newest

OTHER = "yunxi-shuiwu"
COUNT = DEFECTS_IN_A_ROW + 4
Spoil = Callable[[Callable[[str], bool]], None]


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """Lines of the log, which another test may have sent to a stream that is closed by now."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A problem a day, each with units. Nothing of them was published."""
    base = {"title": "停水", "category": "010101"}
    said = ((f"2025-03-{n:02d}T08:00:00+08:00", f"望江花园{n}栋家里水龙头不出水,整栋楼没水") for n in range(1, COUNT + 1))
    rows = [base | {"id": f"a{n}", "user": f"u{n}", "time": at, "text": text} for n, (at, text) in enumerate(said)]
    folder = tmp_path_factory.mktemp("publish") / "pool"
    with opened(folder) as home, Session(home) as session:
        append_raw(home, Load(Channel.MESSAGE, [orjson.dumps(row) for row in rows]))
        session.work(lambda: False, drain=True)
        with transaction(home.connection):
            home.log.advance(Stage.PUBLISH.value, Topic.EVENTS.value, 0)
            for problem in problems_of(home).values():
                assert home.log.forget_key(problem.id, "dispatch.") == len(problem.assignments) > 0
        assert (len(problems_of(home)), views_of(home)) == (COUNT, [])
    return folder


@pytest.fixture
def home(worked: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(worked, tmp_path / "pool")
    with opened(tmp_path / "pool") as found:
        yield found


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """From now on no view can be made of the problems that are named; none is: the bug is mended."""

    def spoil(on: Callable[[str], bool]) -> None:
        def wrong(problem: Any, *rest: Any) -> Any:
            if on(problem.id):
                raise ZeroDivisionError("a bug")
            return unit_views(problem, *rest)

        monkeypatch.setattr(streams.stages.publish, "unit_views", wrong)

    return spoil


def published(home: Home) -> dict[tuple[str, str], int]:
    """The version of each problem that each unit sees."""
    return {(problem, unit): view.version for unit, problem, view in views_of(home) if view is not None}


def current(home: Home) -> dict[tuple[str, str], int]:
    return {(problem.id, part.unit): problem.version for problem in problems_of(home).values() for part in problem.assignments}


def to_other(problem: Problem) -> Assign:
    actor = Actor(id="clerk-1", role=Role.CLERK)
    return Assign(id="other", slot=problem.slot, at=datetime.now(UTC), actor=actor, problem=problem.id, lead=OTHER)


class Overtaken(Session):
    """Between the making of views and their sending, the problem changes and that is published."""

    change: Assign | None = None

    def append(self, topic: str, records: Pairs, along: Callable[[], None] = lambda: None) -> list[int]:
        if topic.startswith(DISPATCH_PREFIX) and self.change is not None:
            change, self.change = self.change, None
            assert self.submit(change)[0].status == "applied"
        return super().append(topic, records, along)


def event_of(home: Home) -> LogRecord:
    """What the one dead letter holds."""
    (letter,) = letters_of(home)
    raw = content_of(letter, home.vault.keys([key_name(letter.id)])[key_name(letter.id)])
    return LogRecord(letter.topic, letter.partition, letter.offset, letter.key, raw, letter.at)


def test_an_event_on_which_publish_fails_is_a_dead_letter_and_all_others_go_out(home: Home, spoil: Spoil) -> None:
    bad = sorted(problems_of(home))[COUNT // 2]
    spoil(lambda name: name == bad)
    with Session(home) as session:
        session.work(lambda: False, drain=True)
        assert session.published()()
    (letter,) = letters_of(home)
    last = home.store.events_of(bad)[-1]
    assert (letter.kind, letter.stage, letter.reason) == (DeadLetterKind.DEFECT, Stage.PUBLISH, "a bug")
    assert (letter.id, letter.key, letter.report) == (f"events-0-{last.sequence}", bad, None)
    assert opened_letters(home) == [last.line]
    assert published(home) == {place: version for place, version in current(home).items() if place[0] != bad}


def test_mended_it_is_published_again_as_it_is_now_as_often_as_one_likes_and_the_log_stays_as_it_is(
    home: Home, spoil: Spoil
) -> None:
    bad = sorted(problems_of(home))[0]
    spoil(lambda name: name == bad)
    with Session(home) as session:
        session.work(lambda: False, drain=True)
        event = event_of(home)
        with pytest.raises(ZeroDivisionError):
            publish_again(session, event)
        assert bad not in {problem for problem, _ in published(home)}
        problem = problems_of(home)[bad]
        session.submit(to_other(problem))
        assert len(letters_of(home)) == 2
        lines = home.store.events_after(0, 1_000_000)
        spoil(lambda _name: False)
        for _ in range(2):
            units = publish_again(session, event)
            assert published(home) == current(home)
            withdrawn = {unit: view.withdrawn for unit, name, view in views_of(home) if name == bad and view is not None}
            assert withdrawn == {unit: unit != OTHER for unit in units}
            assert {problem.lead, OTHER} <= set(units)
    assert home.store.events_after(0, 1_000_000) == lines
    assert home.log.next_offset(Topic.EVENTS.value) == 0
    assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_what_is_overtaken_while_it_is_published_again_is_not_the_last_view(home: Home) -> None:
    problem = next(iter(problems_of(home).values()))
    with Overtaken(home) as session:
        session.work(lambda: False, drain=True)
        session.change = to_other(problem)
        publish_again(session, LogRecord(Topic.EVENTS.value, 0, 1, problem.id, b"{}", datetime.now(UTC)))
        assert problems_of(home)[problem.id].version > problem.version
    assert published(home) == current(home)


def test_a_publish_that_fails_on_everything_stops_and_goes_on_there_when_it_is_mended(home: Home, spoil: Spoil) -> None:
    spoil(lambda _name: True)
    with Session(home) as session, pytest.raises(StageStopped, match="publish 连续 20 条"):
        session.work(lambda: False, drain=True)
    assert (letters_of(home), published(home)) == ([], {})
    assert home.log.position(Stage.PUBLISH.value, Topic.EVENTS.value) == 0
    spoil(lambda _name: False)
    with Session(home) as session:
        session.work(lambda: False, drain=True)
    assert (letters_of(home), published(home)) == ([], current(home))


def test_of_each_problem_the_last_event_counts_and_every_erasure() -> None:
    said = [("p1", b"1"), ("p2", b"2"), ("p1", b'{"type":"ReportErased"}'), ("p1", b"4"), (None, b"5"), ("p2", None), ("", b"7")]
    batch = [LogRecord("events", 0, place, key, value, datetime.now(UTC)) for place, (key, value) in enumerate(said)]
    assert [event.offset for event in newest(batch)] == [1, 2, 3]
