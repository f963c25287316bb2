"""Many problems in memory: commands are decided one by one as streams/stages/casework.py does, what they ask of each other waits
in a queue that a test may deliver in any order, late, and twice.

Asks are made bytes only when they are delivered, so a command that still points into a problem's state would be seen to change.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from laws import HandlingNeverEarlier, check_problem, check_said_once

from casework.change import Decision
from casework.decide import Match, decide
from casework.fold import apply, find_member, next_holder
from city import CityPack, load_pack, sample_city
from schemas import commands as cmd
from schemas.aggregate import RECENT_LIMIT, UNCOMPARED, RecentCommand
from schemas.commands import COMMAND, Actor, AddReport, Command, aggregate_of
from schemas.events import read_event, stored_hash
from schemas.findings import CategoryProposal, Findings, Place, UnitProposal
from schemas.identity import problem_id, slot_of_problem
from schemas.problem import Member, Problem
from schemas.report_record import ReportRecord
from schemas.words import Basis, Channel, Clock, Mode, ProblemState, Refusal, Role

START = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
"""A Wednesday, ten in the morning in the city."""

CLEANING, CLEANING_ITEM, CLEANERS = "020102", "Q024", "yunxi-chengguan"
"""A department's matter: 道路清扫保洁, negative list for the township."""
BURNING, BURNING_ITEM, STREET = "030204", "Q046", "t-linjiang"
"""A matter of the street: 露天焚烧, 主责."""
ENVIRONMENT, WATER, POLICE = "yunxi-huanjing", "yunxi-shuiwu", "yunxi-gongan"
ABOLISHED = "c-guihua"
GRID = "990102001001001"
"""A grid of the street above, with a post of each of the three levels."""

ACTORS = {
    Role.INTAKE: Actor(id="intake", role=Role.INTAKE),
    Role.CLERK: Actor(id="王", role=Role.CLERK),
    Role.SUPERVISOR: Actor(id="李", role=Role.SUPERVISOR),
    Role.REVIEWER: Actor(id="赵", role=Role.REVIEWER),
    Role.GRID: Actor(id="post", role=Role.GRID),
    Role.CALLER: Actor(id="caller", role=Role.CALLER),
    Role.SYSTEM: Actor(id="casework", role=Role.SYSTEM),
}
HOPS = 32
CLARITY = {"department": "sealed", "grassroots": "sealed", "support": "sealed"}


@cache
def sample_pack() -> CityPack:
    return load_pack(sample_city())


def unit_actor(unit: str) -> Actor:
    return Actor(id=unit, role=Role.UNIT, unit=unit)


def without(pack: CityPack, unit: str, successor: str | None) -> CityPack:
    """The pack after this unit was abolished; successor None: nobody took over."""
    gone = replace(pack.units[unit], abolished=date(2026, 5, 1), successor=successor)
    return replace(pack, version=f"{pack.version} without {unit}", units={**pack.units, unit: gone})


def findings(category: str | None = CLEANING, item: str | None = None, lead: str = CLEANERS, grid: str | None = None) -> Findings:
    """item None: no duty item is certain, so a person decides."""
    return Findings(
        categories=[CategoryProposal(code=category, confidence=0.8)] if category else [],
        units=[UnitProposal(unit=lead, cooperators=[WATER], duty_item=item, confidence=0.8)] if item else [],
        place=Place(area="990102001001", grid=grid, confidence=0.9),
        basis=Basis.ONE_DUTY_ITEM.value if item else Basis.NO_DUTY_ITEM.value,
    )


def record(report: str, at: datetime = START, **fields: Any) -> ReportRecord:
    base: dict[str, Any] = {
        "report": report,
        "channel": Channel.HOTLINE,
        "mode": Mode.LIVE,
        "time": at,
        "received": at,
        "caller": f"caller of {report}",
        "content": f"content of {report}",
        "findings": findings(),
        "sealed": "sealed",
    }
    return ReportRecord.model_validate(base | fields)


class World:
    """`now` only moves when a test moves it. `queue` holds what was asked and is not delivered yet."""

    def __init__(self, pack: CityPack) -> None:
        self.pack = pack
        self.now = START
        self.problems: dict[str, Problem] = {}
        self.lines: dict[str, list[bytes]] = {}
        self.claims: dict[str, str] = {}
        self.contents: dict[str, list[str]] = {}
        self.queue: list[Command] = []
        self.delivered: list[bytes] = []
        self.given_up: list[str] = []
        self.erased: set[str] = set()
        self.revised: dict[str, int] = {}
        self._offset = 0
        self._due = HandlingNeverEarlier()

    # people, units and intake speak

    def report(self, report: str, slot: int = 3, into: str | None = None, command: str | None = None, **fields: Any) -> Decision:
        """`into`: the matcher says that it belongs there. The problem that holds it: `holder(report)`."""
        add = AddReport(
            id=command or self._id(),
            slot=slot,
            at=self.now,
            actor=ACTORS[Role.INTAKE],
            record=record(report, self.now, **fields),
        )
        return self._add_report(add, into)

    def tell(self, kind: str, problem: str, by: Role | str = Role.CLERK, **data: Any) -> Decision:
        """Give a command of this name to a problem; `by` a role, or a unit's code."""
        return self.hear(self.command(kind, problem, by, **data))

    def command(self, kind: str, problem: str, by: Role | str = Role.CLERK, **data: Any) -> Command:
        actor = ACTORS[by] if isinstance(by, Role) else unit_actor(by)
        base = {"type": kind, "id": self._id(), "slot": slot_of_problem(problem), "at": self.now, "actor": actor}
        return COMMAND.validate_python(base | {"aggregate" if kind == "FireTimer" else "problem": problem} | data)

    def assign(self, problem: str, lead: str = CLEANERS, *cooperators: str, **data: Any) -> Decision:
        """Every cooperator is told something, and the grassroots all three things."""
        told = {"notes": dict.fromkeys(cooperators, "sealed"), "clarity": CLARITY}
        return self.tell("Assign", problem, lead=lead, cooperators=list(cooperators), **told | data)

    def merge(self, source: str, target: str) -> Decision:
        return self.tell("Merge", source, target=target)

    def founded(self, report: str, **fields: Any) -> str:
        """Report something new and return its problem."""
        self.report(report, **fields)
        return self.holder(report).id

    # the queue

    def deliver(self, place: int = 0) -> Decision:
        """The ask at this place of the queue arrives."""
        line = COMMAND.dump_json(self.queue.pop(place))
        self.delivered.append(line)
        return self.hear(COMMAND.validate_json(line))

    def redeliver(self, place: int) -> Decision:
        """Something that was delivered before arrives once more."""
        return self.hear(COMMAND.validate_json(self.delivered[place]))

    def settle(self) -> None:
        """Everything asked arrives, in order; then overdue answers are asked for again, until nobody waits."""
        for _ in range(1000):
            if self.queue:
                self.deliver()
            elif any(problem.frozen or problem.leaving for problem in self.problems.values()):
                self.now += timedelta(hours=2)
                self.fire(Clock.RESEND)
            else:
                return
        raise AssertionError("the queue never empties")

    def fire(self, *clocks: Clock) -> list[Decision]:
        """Timers that are due ring, oldest first, as whoever owns the slot makes them; each of them only once."""
        heard: list[Decision] = []
        for problem in list(self.problems.values()):
            due = [t for t in problem.timers if t.due <= self.now and not t.expired and (not clocks or t.clock in clocks)]
            for timer in [timer.model_copy() for timer in sorted(due, key=lambda timer: timer.due)]:
                ring = {"clock": timer.clock, "due": timer.due, "of": timer.of}
                heard.append(self.tell("FireTimer", problem.id, Role.SYSTEM, **ring))
                assert self.tell("FireTimer", problem.id, Role.SYSTEM, **ring).code is Refusal.TIMER_VOID, f"{ring} rang twice"
        return heard

    def passes(self, **time: float) -> None:
        """Time goes by, and everything that is due rings, and what follows from that."""
        self.now += timedelta(**time)
        for _ in range(100):
            if not self.fire():
                return
        raise AssertionError("timers ring for ever")

    def hear(self, command: Command) -> Decision:
        """Decide a command unless it was decided already, and keep what comes of it."""
        if isinstance(command, AddReport):
            return self._add_report(command, None)
        match = Match(order_number=f"order of {command.problem}") if isinstance(command, cmd.Found) else None
        return self._decide(command, self.at(aggregate_of(command) or ""), match)

    # what there is

    def at(self, problem: str) -> Problem:
        if problem not in self.problems:
            self.problems[problem] = Problem(id=problem, slot=slot_of_problem(problem))
        return self.problems[problem]

    def holder(self, report: str) -> Problem:
        """Who holds the report, found as the stage finds it: from its claim, along merges and departures."""
        return self.at(self._way(report)[-1])

    def _way(self, report: str) -> tuple[str, ...]:
        way = [self.claims[report]]
        for _ in range(HOPS):
            after = next_holder(self.at(way[-1]), report)
            if after is None:
                return tuple(way)
            way.append(after)
        raise AssertionError(f"circle of merges at {way[-1]}")

    def holders(self, report: str) -> list[str]:
        """Every unmerged problem that holds it."""
        return [
            problem.id
            for problem in self.problems.values()
            if problem.state is not ProblemState.MERGED and find_member(problem, report) is not None
        ]

    def member(self, report: str) -> Member:
        member = find_member(self.holder(report), report)
        assert member is not None
        return member

    def events(self, problem: str) -> list[Any]:
        return [read_event(line) for line in self.lines.get(problem, [])]

    def event_types(self, problem: str) -> list[str]:
        return [event.type for event in self.events(problem)]

    def reports(self, problem: str) -> list[str]:
        return [member.report for member in self.at(problem).members]

    # what must always hold

    def check(self) -> None:
        for problem in self.problems.values():
            assert problem.version == len(self.lines.get(problem.id, []))
            if problem.version:
                check_problem(problem, self.pack)
                self._due.look(problem)

    def check_history(self) -> None:
        """The events alone give the same problem; their chain holds; what a due time brings is said once."""
        for problem in self.problems.values():
            folded = Problem(id=problem.id, slot=problem.slot)
            for line in self.lines.get(problem.id, []):
                stored, computed = stored_hash(line, folded.head)
                assert stored == computed
                apply(folded, read_event(line))
            if problem.version:
                assert folded.model_dump(exclude=set(UNCOMPARED)) == problem.model_dump(exclude=set(UNCOMPARED))
                assert folded.head == problem.head
            check_said_once(self.events(problem.id), problem.id)

    def check_settled(self) -> None:
        """Nothing is on its way: every report stands in one problem, where its claim leads; nobody waits."""
        for problem in self.problems.values():
            assert not problem.frozen, f"{problem.id} is frozen for ever"
            assert not problem.leaving, f"{problem.id} waits for a split for ever"
            assert not problem.parked, f"{problem.id} keeps commands for ever"
        for report in self.claims:
            assert self.holders(report) == [self.holder(report).id], f"{report} is held by {self.holders(report)}"
        for report in self.erased:
            member = self.member(report)
            assert (member.erased, member.caller, member.content) == (True, None, "")
        for report, revision in self.revised.items():
            assert self.member(report).revision >= revision

    # as in streams/stages/casework.py

    def _add_report(self, command: AddReport, into: str | None) -> Decision:
        report = command.record.report
        if report in self.claims:
            return self._follow_claim(command)
        founding = problem_id(command.slot, command.id)
        self.claims[report] = into or founding
        self.contents[report] = [command.record.content]
        match = Match("same_caller_same_text", 1.0) if into else Match(order_number=f"order of {founding}")
        return self._decide(command, self.at(into or founding), match)

    def _follow_claim(self, command: AddReport) -> Decision:
        report = command.record
        holder = self.holder(report.report)
        member = find_member(holder, report.report)
        if member is None:
            match = Match("claimed", 1.0, f"order of {holder.id}", self._way(report.report)[:-1])
            return self._decide(command, holder, match)
        wishes: list[Command] = []
        target = {"problem": holder.id, "slot": holder.slot, "at": command.at, "actor": command.actor}
        if report.content not in self.contents[report.report] and report.report not in self.erased:
            wishes.append(cmd.ReviseReport(id=f"{command.id} revise", record=report, **target))
        if report.mode is Mode.LIVE and member.mode is Mode.HISTORY:
            wish = cmd.MakeLive(id=f"{command.id} live", report=report.report, findings=report.findings, **target)
            wishes.append(wish)
        self.queue += wishes
        return Decision("forwarded" if wishes else "applied")

    def _decide(self, command: Command, problem: Problem, match: Match | None) -> Decision:
        before = next((recent for recent in problem.recent if recent.id == command.id), None)
        if before is not None:
            return Decision(before.status, code=Refusal(before.code) if before.code else None)
        self._offset += 1
        untouched = problem.model_dump_json()
        decision = decide(problem, command, (0, self._offset), self.pack, match)
        if decision.status == "refused":
            assert not decision.lines
            assert problem.model_dump_json() == untouched, f"{command.type}, refused: {decision.code}, changed something"
        self.lines.setdefault(problem.id, []).extend(line for _, _, line in decision.lines)
        self.queue += decision.asks
        self.given_up += decision.given_up
        if decision.status in ("applied", "refused"):
            code = decision.code.value if decision.code else ""
            noted = RecentCommand.model_validate(
                {"id": command.id, "status": decision.status, "version": problem.version, "code": code}
            )
            problem.recent.append(noted)
            del problem.recent[:-RECENT_LIMIT]
        if decision.status == "applied" and isinstance(command, cmd.EraseReport):
            self.erased.add(command.report)
        if decision.status == "applied" and isinstance(command, cmd.ReviseReport):
            self.revised[command.record.report] = command.record.revision or 1
            self.contents[command.record.report].append(command.record.content)
        return decision

    def _id(self) -> str:
        self._offset += 1
        return f"command {self._offset}"
