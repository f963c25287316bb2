"""Everything that is overdue escalates, whoever has it and however many there are; each once; and nothing that is said of it
moves its clock (what DIGIT's scheduler gets wrong: one page of a hundred, newest first, unassigned ones left out)."""

import multiprocessing
import signal
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from faults.whole import sample_pack

from casework.decide import Match, decide
from city.pack import CityPack
from pool.ports import Writes
from scenarios.storyteller import played_city
from schemas import commands_handling as cmd
from schemas.commands import Actor, Found
from schemas.events import read_event
from schemas.identity import command_id, problem_id
from schemas.problem import Problem
from schemas.words import Clock, Mode, ProblemState, Role
from streams.clock import PlayedClock
from streams.failpoints import VARIABLE, FailPoint
from streams.local.home import Home, open_home, transaction
from streams.local.owner import Owner

pytestmark = pytest.mark.slow

MONDAY = datetime.fromisoformat("2026-05-11T08:30+08:00")
LATER = MONDAY + timedelta(days=60)
ASSIGNED, UNASSIGNED = 75, 40
DUE_AT_ONCE = 20_000
SPREAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Crowded:
    folder: Path
    assigned: list[str]
    unassigned: list[str]


def founded(pack: CityPack, number: int, at: datetime) -> tuple[Problem, list[tuple[str, int, bytes]]]:
    """A problem that waits for a person, decided as casework decides it, and its events."""
    slot = 1 + number % 4
    command = Found(
        id=command_id("story", str(number)),
        slot=slot,
        at=at,
        actor=Actor(id="casework", role=Role.SYSTEM),
        pack=pack.version,
        problem=problem_id(slot, command_id("story", str(number))),
        source=problem_id(slot, command_id("source", str(number))),
        mode=Mode.LIVE,
        members=[],
    )
    problem = Problem(id=command.problem, slot=slot)
    decision = decide(problem, command, (0, number), pack, Match(order_number=f"T{number}"))
    assert decision.status == "applied"
    return problem, decision.lines


def filled(home: Home, count: int, at: datetime) -> None:
    """So many problems that wait since about `at`, a second between two of them, in no order."""
    for first in range(0, count, 5000):
        writes = Writes()
        for number in range(first, min(first + 5000, count)):
            problem, lines = founded(home.pack, number, at + timedelta(seconds=number * 7919 % SPREAD.seconds))
            writes.states.append(problem)
            writes.events += lines
        with transaction(home.connection):
            home.store.write(writes)


def expirations(home: Home, clock: Clock) -> list[tuple[str, datetime]]:
    """(problem, due) of every time that such a clock was said to have run out, in the order of the log."""
    found: list[tuple[str, datetime]] = []
    after = 0
    while stored := home.store.events_after(after, 5000):
        after = stored[-1].sequence
        events = (read_event(one.line) for one in stored if b"ClockExpired" in one.line)
        found += [(event.aggregate, event.due) for event in events if event.type == "ClockExpired" and event.clock is clock]
    return found


@pytest.fixture(scope="module")
def crowded(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Crowded:
    """A pool with 115 problems, of which 75 are with a unit and 40 with nobody; then nobody works on it for two months."""
    folder = tmp_path_factory.mktemp("crowded") / "pool"
    with played_city(folder, MONDAY) as city:
        reports = []
        for number in range(ASSIGNED + UNASSIGNED):
            city.wait(minutes=1)
            reports.append(city.call(f"第{number}处{'东南西北'[number % 4]}边说不清是什么的事,共{number * 37 % 101}户"))
        problems = [city.problem_of(report) for report in reports]
        assert len(set(problems)) == ASSIGNED + UNASSIGNED
        assigned = problems[:ASSIGNED]
        for problem in assigned:
            city.wait(minutes=1)
            city.clerk.does(cmd.Assign, problem, lead="yunxi-zhujian")
        due = {problem: city.due(problem, Clock.HANDLE) for problem in assigned}
        for problem, report in zip(assigned[:20], reports, strict=False):
            city.clerk.does(cmd.Note, problem, text="来件人又问")
            city.clerk.does(cmd.Supplement, problem, report=report, text="还是那里")
            city.clerk.does(cmd.Urge, problem, report=report)
        assert {problem: city.due(problem, Clock.HANDLE) for problem in assigned} == due
    return Crowded(folder, assigned, problems[ASSIGNED:])


def work(folder: Path, moment: datetime) -> None:
    """Whatever is due then, perhaps in a process of its own."""
    home = open_home(folder, pack=sample_pack(), clock=PlayedClock(moment))
    Owner(home).drain()
    home.close()


def test_all_that_is_overdue_escalates_exactly_once_though_its_worker_is_killed_at_every_step(
    crowded: Crowded, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (FailPoint.TIMERS_WRITTEN, FailPoint.TIMERS_COMMITTED, FailPoint.CASEWORK_WRITTEN, FailPoint.CASEWORK_COMMITTED)
    for step in steps:
        monkeypatch.setenv(VARIABLE, f"{step.value}:2")
        worker = multiprocessing.get_context("spawn").Process(target=work, args=(crowded.folder, LATER))
        worker.start()
        worker.join(60)
        assert worker.exitcode == -signal.SIGKILL
    monkeypatch.delenv(VARIABLE)
    work(crowded.folder, LATER)
    work(crowded.folder, LATER + timedelta(days=2))  # whom nobody has dispatched is told of again, one level higher

    home = open_home(crowded.folder, pack=sample_pack(), clock=PlayedClock(LATER + timedelta(days=2)))
    try:
        problems = home.store.problems([*crowded.assigned, *crowded.unassigned])
        logs = {name: [read_event(stored.line) for stored in home.store.events_of(name)] for name in problems}
        assert home.store.due(home.clock.now(), 1) == []
        for name, events in logs.items():
            expired = Counter((e.clock, e.due, e.of) for e in events if e.type == "ClockExpired")
            assert max(expired.values()) == 1, name
            levels = [(e.level, e.due) for e in events if e.type == "Escalated"]
            if name in crowded.assigned:
                end = problems[name].escalated_due
                assert levels == [(level, end) for level in (1, 2, 3, 4)], name
                assert [(card.colour, card.due) for card in problems[name].cards] == [("yellow", end), ("red", end)]
                assert [e.reason for e in events if e.type == "SupervisionStarted"] == ["overdue"]
                assert [clock for clock, _, _ in expired].count(Clock.HANDLE) == 1
            else:
                assert levels == [(3, None), (4, None)], name
                assert problems[name].state is ProblemState.WAITING
        assert len(logs) == ASSIGNED + UNASSIGNED
        for clock, count in ((Clock.HANDLE, ASSIGNED), (Clock.SIGN, ASSIGNED), (Clock.DISPATCH, 2 * UNASSIGNED)):
            said = [due for _, due in expirations(home, clock)]
            assert len(said) == count
            assert said == sorted(said), f"{clock}: oldest first"
    finally:
        home.close()


def test_twenty_thousand_timers_that_are_due_at_once_fire_once_each_and_oldest_first(tmp_path: Path) -> None:
    clock = PlayedClock(MONDAY)
    home = open_home(tmp_path / "pool", pack=sample_pack(), clock=clock)
    try:
        filled(home, DUE_AT_ONCE, MONDAY)
        ((_, oldest),) = home.store.due(MONDAY + timedelta(days=1), 1)
        clock.play_to(oldest.due + SPREAD)
        Owner(home).drain()
        said = expirations(home, Clock.DISPATCH)
        assert len(said) == len(set(said)) == DUE_AT_ONCE
        assert [due for _, due in said] == sorted(due for _, due in said)
        escalated = Counter(p.escalation for p in home.store.problems(home.store.state_ids()).values())
        assert escalated == {3: DUE_AT_ONCE}
    finally:
        home.close()
