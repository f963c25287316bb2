"""Killed at every named step of the local protocol, the same command again leaves nothing lost and nothing doubled."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from faults.load import Load, append_progress, append_raw, make_load
from faults.whole import assert_whole, grouping, opened, problems_of
from schemas.events import read_event
from schemas.words import Channel, ProblemState
from streams.failpoints import FailPoint
from streams.local.home import Home
from streams.local.session import Session

LINES = 300
QUICK = {FailPoint.INTAKE_VAULT, FailPoint.CASEWORK_WRITTEN}
"""These run in every fast round; the others are slow together."""
PUSHED = [point for point in FailPoint if point.value.split("_")[0] in ("append", "intake", "casework", "publish")]


def cases(points):
    return [pytest.param(point, marks=() if point in QUICK else pytest.mark.slow) for point in points]


def must_be_killed(done, point):
    assert done.returncode == -signal.SIGKILL, f"{point} was not reached: {done.returncode} {done.stderr}"


def undisturbed(folder: Path, *loads: Load) -> set[frozenset[str]]:
    """Which reports come together when nothing happens."""
    with opened(folder) as home, Session(home) as session:
        for load in loads:
            append_raw(home, load)
            session.work(lambda: False, drain=True)
        return grouping(home)


@pytest.fixture(scope="module")
def control(tmp_path_factory) -> set[frozenset[str]]:
    return undisturbed(tmp_path_factory.mktemp("control"), make_load(Channel.HOTLINE, LINES))


@pytest.mark.parametrize("point", cases(PUSHED))
def test_a_push_killed_at_this_step_and_repeated_leaves_every_report_once(point, folder, tmp_path, wentichi, control):
    load = make_load(Channel.HOTLINE, LINES)
    file = load.write(tmp_path / "calls.jsonl")
    must_be_killed(wentichi("push", file, "--channel", "hotline", fail_at=f"{point}:1"), point)
    again = wentichi("push", file, "--channel", "hotline", "--json")
    assert again.returncode == 0, again.stderr
    assert_whole(folder, [load])
    with opened(folder) as home:
        assert grouping(home) == control


@pytest.mark.slow
@pytest.mark.parametrize("point", PUSHED)
def test_a_push_killed_at_the_second_batch_goes_on_where_it_was(point, folder, tmp_path, wentichi):
    load = make_load(Channel.MESSAGE, 1200, seed=2)
    file = load.write(tmp_path / "messages.jsonl")
    must_be_killed(wentichi("push", file, "--channel", "message", fail_at=f"{point}:2"), point)
    again = wentichi("push", file, "--channel", "message", "--json")
    assert again.returncode == 0, again.stderr
    assert_whole(folder, [load])


@pytest.mark.slow
@pytest.mark.parametrize("point", [point for point in FailPoint if point.value.startswith("progress")])
def test_progress_killed_at_this_step_is_applied_once(point, folder, wentichi):
    load = make_load(Channel.GRID, 60)
    with opened(folder) as home, Session(home) as session:
        append_raw(home, load)
        session.work(lambda: False, drain=True)
        dispatched = [p for p in problems_of(home).values() if p.state is ProblemState.DISPATCHED]
        assert len(dispatched) > 5
        for problem in dispatched:
            append_progress(home, problem.lead, {"problem": problem.id, "action": "sign"})
            append_progress(home, problem.lead, {"problem": problem.id, "action": "reply", "text": "已到现场处理"})
        append_progress(home, dispatched[0].lead, {"problem": dispatched[0].id, "action": "dance"})
    must_be_killed(wentichi("run", "--once", fail_at=f"{point}:1"), point)
    assert wentichi("run", "--once").returncode == 0
    assert_whole(folder, [load], other_letters=1)
    with opened(folder) as home:
        after = problems_of(home)
        assert {after[problem.id].state for problem in dispatched} == {ProblemState.REPLIED}
        kinds = [event_kinds(home, problem.id) for problem in dispatched]
        assert all(k.count("AssignmentSigned") == 1 and k.count("AssignmentReplied") == 1 for k in kinds)


@pytest.mark.slow
@pytest.mark.parametrize("point", [point for point in FailPoint if point.value.startswith("timers")])
def test_timers_killed_at_this_step_fire_once(point, folder, wentichi):
    load = make_load(Channel.GRID, 60)
    with opened(folder) as home:  # the pool was not worked for weeks: every clock has run out
        append_raw(home, load, at=datetime.now(UTC) - timedelta(days=60))
    must_be_killed(wentichi("run", "--once", fail_at=f"{point}:1"), point)
    assert wentichi("run", "--once").returncode == 0
    assert_whole(folder, [load])
    with opened(folder) as home:
        timers = [timer for problem in problems_of(home).values() for timer in problem.timers]
        assert len(timers) > 5
        now = datetime.now(UTC)
        assert all(timer.expired or timer.due > now for timer in timers), "what still runs was set when another one fired"
        assert sum(timer.expired for timer in timers) > 5
        fired = [(e.aggregate, e.clock, e.due, e.of) for e in events_of(home) if e.type == "ClockExpired"]
        assert len(fired) == len(set(fired)) > 5


def events_of(home: Home) -> list[Any]:
    """Every event of every problem."""
    return [read_event(stored.line) for problem in problems_of(home) for stored in home.store.events_of(problem)]


@pytest.mark.slow
@pytest.mark.parametrize("point", [p for p in PUSHED if p.value.startswith(("append", "casework", "publish"))])
def test_an_erasure_killed_at_this_step_and_repeated_is_complete(point, folder, tmp_path, wentichi):
    load = make_load(Channel.HOTLINE, 40)
    file = load.write(tmp_path / "calls.jsonl")
    assert wentichi("push", file, "--channel", "hotline").returncode == 0
    report = next(iter(load.reports))
    must_be_killed(wentichi("erase", report, "--yes", fail_at=f"{point}:1"), point)
    again = wentichi("erase", report, "--yes", "--json")
    assert again.returncode == 0, again.stderr
    with opened(folder) as home:
        assert home.store.report_documents([report])[report].erased
        assert home.store.claims([report])[report].erased
        assert home.vault.keys([report]) == {report: None}
        holder = home.store.report_documents([report])[report].problem
        assert event_kinds(home, holder).count("ReportErased") == 1
    verified = wentichi("audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert orjson.loads(verified.stdout)["drift"] == 0


def test_every_named_step_is_tried():
    tried = {point for point in FailPoint if point in PUSHED or point.value.startswith(("progress", "timers"))}
    assert tried == {point for point in FailPoint if not point.value.startswith("kafka")}


def event_kinds(home: Home, problem: str) -> list[str]:
    return [read_event(stored.line).type for stored in home.store.events_of(problem)]
