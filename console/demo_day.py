"""Plays a simulated day through an embedded pool: reports come in, units sign and reply, clerks help."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Final

import orjson

from casework.calling_back import to_call
from city.pack import CityPack
from console.simulation.lines import Line
from console.simulation.simulate import simulated
from console.written import sealed_for
from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.commands import Actor, Assign, Close, Command, ConfirmAlarm, DismissAlarm
from schemas.commands_handling import Callback, DecideReturn
from schemas.documents import UnitView
from schemas.identity import command_id
from schemas.words import (
    DISPATCH_PREFIX,
    PROGRESS_PREFIX,
    AssignmentState,
    Basis,
    Part,
    ProblemState,
    Role,
    TrackState,
    Verdict,
    WatchState,
    intake_topic,
)
from streams.clock import PlayedClock
from streams.local.home import Home
from streams.local.session import Session

DAY: Final = (2026, 7, 15)
"""A Wednesday in the rainy season."""
HOURS: Final = 24
RATE: Final = 16.0
"""Reports of people an hour: a small city."""
ALARMS: Final = 0.8
"""True incidents before cameras an hour; each alarms some dozens of times."""
SEED: Final = 7
SLICE: Final = timedelta(minutes=20)
"""The stages work once for each slice of the played day."""
HELP: Final = timedelta(hours=2)
"""How often clerks look at what waits for them."""
CLERK: Final = Actor(id="demo-clerk", role=Role.CLERK)
REVIEWER: Final = Actor(id="demo-reviewer", role=Role.REVIEWER)
REPLIES: Final = (
    "已到现场核实,情况属实,当场处理完毕,并已向来件人说明。",
    "已派人查看,责令当事方今日整改,明日复查。",
    "已安排抢修,预计两小时内恢复,期间提供临时保障。",
    "经查为设施老化,已更换损坏部件并试运行正常。",
)


def day(pack: CityPack) -> list[Line]:
    """The day's lines by time."""
    start = datetime(*DAY, tzinfo=pack.calendar.zone)
    return simulated(pack, start, HOURS, RATE, SEED, alarms=ALARMS)


@dataclass(order=True, slots=True)
class _Step:
    """Something that a unit will do."""

    at: datetime
    problem: str
    unit: str = field(compare=False)
    action: str = field(compare=False)
    report: str = field(compare=False)


class Day:
    """Plays the lines on a home whose clock is played. `seen(time, lines so far)` is called for every slice."""

    def __init__(self, home: Home, clock: PlayedClock, seen: Callable[[datetime, int], None]) -> None:
        self._home = home
        self._clock = clock
        self._seen = seen
        self._steps: list[_Step] = []
        self._read: dict[str, int] = {}
        self._met: set[tuple[str, str]] = set()

    def play(self, lines: Sequence[Line]) -> None:
        """Every line at its time, worked to the end of the day."""
        with Session(self._home, workers=0) as session:
            at, rest = lines[0].at, list(reversed(lines))
            end, looks = lines[-1].at, lines[0].at + HELP
            while at < end:
                at = min(at + SLICE, end)
                while rest and rest[-1].at <= at:
                    line = rest.pop()
                    self._clock.play_to(line.at)
                    session.append(intake_topic(line.channel).value, [(line.key, line.value)])
                self._units_act(session, at)
                self._clock.play_to(at)
                session.work(lambda: False, drain=True)
                self._units_read()
                if at >= looks:
                    self._clerks_help(session)
                    looks += HELP
                self._seen(at, len(lines) - len(rest))

    def _units_act(self, session: Session, until: datetime) -> None:
        while self._steps and self._steps[0].at <= until:
            step = heappop(self._steps)
            self._clock.play_to(step.at)
            said: dict[str, object] = {"problem": step.problem, "action": step.action, "id": f"{step.problem}-{step.action}"}
            if step.action == "reply":
                said["text"] = REPLIES[_die(step.report) % len(REPLIES)]
            elif step.action == "return":
                said |= {"reason": "not_our_duty", "text": "经核对三定方案和权责清单,此事由行业主管部门负责,请改派。"}
            elif step.action == "contact":
                said |= {"reached": True, "text": "已电话联系,约定上门时间。"}
            session.append(PROGRESS_PREFIX + step.unit, [(step.problem, orjson.dumps(said))])

    def _units_read(self) -> None:
        """Six of seven units sign what they lead, most of them in time, speak with the caller and reply, most the same day; of
        the others some give it back."""
        for topic, following in self._home.log.topics():
            if not topic.startswith(DISPATCH_PREFIX):
                continue
            for record in self._home.log.read(topic, self._read.get(topic, 0), following):
                if record.value is not None:
                    self._plan(UnitView.model_validate_json(record.value))
            self._read[topic] = following

    def _plan(self, view: UnitView) -> None:
        key, die = (view.problem, view.unit), _die(str(view.reports[0]["report"])) if view.reports else 0
        if view.part is not Part.LEAD or view.assignment is not AssignmentState.DISPATCHED or key in self._met:
            return
        self._met.add(key)
        report = str(view.reports[0]["report"])
        signed = self._clock.now() + timedelta(minutes=8 + die % 50)
        if die % 7 == 0:
            if die % 2:
                heappush(self._steps, _Step(signed, view.problem, view.unit, "return", report))
            return
        heappush(self._steps, _Step(signed, view.problem, view.unit, "sign", report))
        if die % 4:
            replied = signed + timedelta(minutes=40 + die % 300)
            heappush(self._steps, _Step(signed + timedelta(minutes=15), view.problem, view.unit, "contact", report))
            heappush(self._steps, _Step(replied, view.problem, view.unit, "reply", report))

    def _clerks_help(self, session: Session) -> None:
        """Close some of what was replied, call some callers back, dispatch some of what waits with a proposal, look at unsure
        alarms; a neutral reviewer decides on what was given back."""
        calls, closings = list(self._calls()), list(self._closings())
        commands: list[Command] = [*closings, *calls, *self._reviews(), *self._dispatches(), *self._looks()]
        if commands:
            session.submit(*commands)

    def _closings(self) -> Iterator[Command]:
        for problem in self._problems(ProblemState.REPLIED):
            if _die(self._home.search.reports_of(problem, ALL)[0].id) % 4:
                reason = sealed_for(self._home, problem, "已回访,来件人认可处理结果。")
                yield Close(**self._command(problem), reason=reason)

    def _calls(self) -> Iterator[Command]:
        """Of what was closed before: three of four are content, the others get a redo."""
        for name in self._problems(ProblemState.CLOSED):
            problem = self._home.store.problems([name])[name]
            for member in to_call(problem, 1):
                if die := _die(member.report) % 5:
                    solved = die != 1
                    said = {"report": member.report, "solved": solved, "contacted": True, "rating": 5 if solved else 2}
                    yield Callback(**self._command(name), **said)

    def _reviews(self) -> Iterator[Command]:
        """To the unit of another duty item where the machine had one in mind, else it stays where it is."""
        for name in self._problems(ProblemState.RETURN_ASKED):
            report = self._home.search.reports_of(name, ALL)[0]
            problem = self._home.store.problems([name])[name]
            other = next((unit for unit in report.findings.units if unit.unit != problem.lead and unit.duty_item), None)
            fields = self._command(name) | {"actor": REVIEWER}
            if other is None or self._home.pack.units[other.unit].grassroots:
                yield DecideReturn(**fields, verdict=Verdict.REFUSED)
            else:
                yield DecideReturn(**fields, verdict=Verdict.REDISPATCHED, lead=other.unit, duty_item=other.duty_item)

    def _dispatches(self) -> Iterator[Command]:
        for problem in self._problems(ProblemState.WAITING):
            report = self._home.search.reports_of(problem, ALL)[0]
            wanted = report.basis in (Basis.SEVERAL_DUTY_ITEMS, Basis.UNSURE_CATEGORY) and report.findings.units
            if wanted and _die(report.id) % 3:
                best = report.findings.units[0]
                note = {best.unit: sealed_for(self._home, problem, "请先到现场看清情况,属实即办,不属本单位职责请说明理由。")}
                yield Assign(**self._command(problem), lead=best.unit, duty_item=best.duty_item, notes=note)

    def _looks(self) -> Iterator[Command]:
        for watch in self._home.search.watches(WatchState.UNCONFIRMED, ALL, limit=1000):
            for track in watch.tracks:
                if track.state is TrackState.UNCONFIRMED:
                    kind = ConfirmAlarm if track.alarms > 3 else DismissAlarm
                    fields = self._command(watch.id)
                    fields["watch"] = fields.pop("problem")
                    yield kind(**fields, track=track.number)

    def _problems(self, state: ProblemState) -> Iterator[str]:
        page = self._home.search.search(Query(filters=Filters(states=frozenset({state})), sort=Sort.OLDEST, limit=1000), ALL)
        return iter(dict.fromkeys(hit.report.problem for hit in page.hits))

    def _command(self, aggregate: str) -> dict[str, Any]:
        return {
            "id": command_id("demo", secrets.token_hex(16)),
            "slot": int(aggregate[1:4]),
            "at": self._clock.now(),
            "actor": CLERK,
            "pack": self._home.pack.version,
            "problem": aggregate,
        }


def _die(report: str) -> int:
    """A number that is the same whenever the day is played: problem ids are not, for they depend on the pool's key."""
    return int(report[-6:], 16)
