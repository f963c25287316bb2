"""Plays one day of the sample city through an embedded pool: reports come in, units sign and reply, a clerk helps."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import orjson

from console.written import sealed_for
from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.cloudevent import event_type
from schemas.commands import Actor, Assign, Close, Command
from schemas.documents import UnitView
from schemas.identity import command_id, report_id
from schemas.words import (
    DISPATCH_PREFIX,
    PROGRESS_PREFIX,
    AssignmentState,
    Basis,
    Channel,
    Part,
    ProblemState,
    Role,
    intake_topic,
)
from streams.clock import PlayedClock
from streams.local.home import Home
from streams.local.session import Session

REPORTS = Path(__file__).with_name("demo_reports.jsonl")
SOURCE = "demo"
SLICE = timedelta(minutes=20)
"""The stages work once for each slice of the played day."""
EVENING = timedelta(hours=16)
CLERK = Actor(id="demo-clerk", role=Role.CLERK)
REPLIES = (
    "已到现场核实,情况属实,当场处理完毕,并已向来件人说明。",
    "已派人查看,责令当事方今日整改,明日复查。",
    "已安排抢修,预计两小时内恢复,期间提供临时保障。",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the day: a report of a channel, or bytes that are none."""

    at: datetime
    channel: Channel
    key: str | None
    value: bytes


@dataclass(order=True, slots=True)
class _Step:
    """Something that a unit will do."""

    at: datetime
    problem: str
    unit: str = field(compare=False)
    action: str = field(compare=False)
    report: str = field(compare=False)


def day() -> list[Line]:
    """The day's lines by time."""
    return [_line(orjson.loads(text)) for text in REPORTS.read_bytes().splitlines()]


def _line(row: dict[str, Any]) -> Line:
    at, channel = datetime.fromisoformat(row["at"]), Channel(row["channel"])
    if "raw" in row:
        return Line(at, channel, None, row["raw"].encode())
    event = {
        "specversion": "1.0",
        "id": row["id"],
        "source": SOURCE,
        "type": event_type(channel),
        "time": row["at"],
        "data": row["data"],
    }
    return Line(at, channel, report_id(SOURCE, row["id"]), orjson.dumps(event))


class Day:
    """Plays the lines on a home whose clock is played. `seen(time, reports so far)` is called for every slice."""

    def __init__(self, home: Home, clock: PlayedClock, seen: Callable[[datetime, int], None]) -> None:
        self._home = home
        self._clock = clock
        self._seen = seen
        self._steps: list[_Step] = []
        self._read: dict[str, int] = {}
        self._met: set[tuple[str, str]] = set()

    def play(self, lines: list[Line]) -> None:
        """Every line at its time, worked to the end of the day."""
        with Session(self._home, workers=0) as session:
            at, end, rest = lines[0].at, lines[0].at + EVENING, list(reversed(lines))
            helped = False
            while at < end:
                at += SLICE
                while rest and rest[-1].at <= at:
                    line = rest.pop()
                    self._clock.play_to(line.at)
                    session.append(intake_topic(line.channel).value, [(line.key, line.value)])
                self._units_act(session, at)
                self._clock.play_to(at)
                session.work(lambda: False, drain=True)
                self._units_read()
                if not helped and not rest:
                    self._clerk_helps(session)
                    helped = True
                self._seen(at, len(lines) - len(rest))

    def _units_act(self, session: Session, until: datetime) -> None:
        while self._steps and self._steps[0].at <= until:
            step = heappop(self._steps)
            self._clock.play_to(step.at)
            said: dict[str, str] = {"problem": step.problem, "action": step.action, "id": f"{step.problem}-{step.action}"}
            if step.action == "reply":
                said["text"] = REPLIES[_die(step.report) % len(REPLIES)]
            session.append(PROGRESS_PREFIX + step.unit, [(step.problem, orjson.dumps(said))])

    def _units_read(self) -> None:
        """Two of three units sign what they lead, within the hour or so; half of these reply the same day."""
        for topic, following in self._home.log.topics():
            if not topic.startswith(DISPATCH_PREFIX):
                continue
            for record in self._home.log.read(topic, self._read.get(topic, 0), following):
                if record.value is not None:
                    self._plan(UnitView.model_validate_json(record.value))
            self._read[topic] = following

    def _plan(self, view: UnitView) -> None:
        key, die = (view.problem, view.unit), _die(str(view.reports[0]["report"])) if view.reports else 0
        if view.part is not Part.LEAD or view.assignment is not AssignmentState.DISPATCHED or key in self._met or die % 3 == 0:
            return
        self._met.add(key)
        report = str(view.reports[0]["report"])
        signed = self._clock.now() + timedelta(minutes=15 + die % 40)
        heappush(self._steps, _Step(signed, view.problem, view.unit, "sign", report))
        if die % 2:
            replied = signed + timedelta(hours=1 + die % 3)
            heappush(self._steps, _Step(replied, view.problem, view.unit, "reply", report))

    def _clerk_helps(self, session: Session) -> None:
        """Closes some of what was replied, and dispatches one that waits between several duty items."""
        commands: list[Command] = []
        for problem in self._problems(ProblemState.REPLIED):
            if _die(self._home.search.reports_of(problem, ALL)[0].id) % 3:
                reason = sealed_for(self._home, problem, "已回访,来件人认可处理结果。")
                commands.append(Close(**self._command(problem), reason=reason))
        for problem in self._problems(ProblemState.WAITING):
            report = self._home.search.reports_of(problem, ALL)[0]
            if report.basis == Basis.SEVERAL_DUTY_ITEMS and report.findings.units:
                best = report.findings.units[0]
                note = {best.unit: sealed_for(self._home, problem, "请先到现场看清是谁的管线,再定如何修。")}
                commands.append(Assign(**self._command(problem), lead=best.unit, duty_item=best.duty_item, notes=note))
                break
        session.submit(*commands)

    def _problems(self, state: ProblemState) -> Iterator[str]:
        page = self._home.search.search(Query(filters=Filters(states=frozenset({state})), sort=Sort.OLDEST, limit=1000), ALL)
        return iter(dict.fromkeys(hit.report.problem for hit in page.hits))

    def _command(self, problem: str) -> dict[str, Any]:
        return {
            "id": command_id("demo", secrets.token_hex(16)),
            "slot": int(problem[1:4]),
            "at": self._clock.now(),
            "actor": CLERK,
            "pack": self._home.pack.version,
            "problem": problem,
        }


def _die(report: str) -> int:
    """A number that is the same whenever the day is played: problem ids are not, for they depend on the pool's key."""
    return int(report[-6:], 16)
