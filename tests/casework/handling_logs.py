"""A simulator of handling logs: lawful handlings and the four kinds of passing the buck, with the truth beside each.

A handling is told by what units do and when; delays, numbers of units, whether a caller left a contact, whistles, pauses, returns
and redos are drawn anew for each, and none of its figures is one of the pack's thresholds. Honest units are sometimes quick,
quiet or wrong, and passing units sometimes slow: that is what makes detectors err.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

from world import START

from city.pack import CityPack
from city.records import DutyItem, Unit
from city.terms import ListKind, TownshipRole, UnitKind
from schemas import events as ev
from schemas import events_handling as done
from schemas.commands import Actor
from schemas.events import Event
from schemas.identity import problem_id
from schemas.passing import BuckKind
from schemas.problem import Member, Problem
from schemas.words import Channel, Mode, PauseReason, ReturnReason, Role, Verdict, Way

CLERK: Final = Actor(id="王", role=Role.CLERK)
REVIEWER: Final = Actor(id="审", role=Role.REVIEWER)
REASONS: Final = (ReturnReason.NOT_OUR_DUTY, ReturnReason.WRONG_PLACE, ReturnReason.NOT_TRANSFERRED)


@dataclass
class Log:
    """One handling. truth: the kinds of passing the buck that were played; empty for a lawful one."""

    problem: Problem
    pack: CityPack
    random: Random
    now: datetime = START
    events: list[Event] = field(default_factory=list)
    truth: set[BuckKind] = field(default_factory=set)

    def add(self, kind: type[ev.EventBase], actor: Actor, /, **data: Any) -> None:
        version = len(self.events) + 1
        envelope = {"aggregate": self.problem.id, "slot": 3, "version": version, "command": f"c{version}", "origin": (0, version)}
        self.events.append(kind(**envelope, actor=actor, at=self.now, **data))  # type: ignore[arg-type]

    def by(self, who: str, kind: type[ev.EventBase], /, **data: Any) -> None:
        """Something that this unit does."""
        self.add(kind, Actor(id=who, role=Role.UNIT, unit=who), **data)

    def wait(self, low: float, high: float) -> None:
        """Minutes, drawn evenly on a scale of ratios."""
        spread = high / low
        self.now += timedelta(minutes=low * spread ** self.random.random())

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # what happens in every handling

    def dispatch(self, lead: str, cooperators: list[str], item: DutyItem | None, actor: Actor = CLERK) -> None:
        limits = {"sign_due": self.now + timedelta(hours=2), "handle_due": self.now + timedelta(days=5)}
        code = item.code if item else None
        self.add(done.Dispatched, actor, basis="person", lead=lead, cooperators=cooperators, duty_item=code, **limits)

    def sign(self, unit: str) -> None:
        self.by(unit, done.AssignmentSigned, unit=unit)

    def contact(self, unit: str, *, reached: bool = True) -> None:
        self.by(unit, done.CallerContacted, unit=unit, reached=reached, way=Way.PHONE)

    def reply(self, unit: str) -> None:
        self.by(unit, done.AssignmentReplied, unit=unit, text="sealed")

    def bring_in(self, lead: str, units: list[str]) -> None:
        due = self.now + timedelta(days=3)
        self.by(lead, done.CooperatorsAdded, notes=dict.fromkeys(units, "sealed"), cooperate_due=due)

    def give_back(self, unit: str, suggested: str | None = None) -> None:
        reason = self.random.choice(REASONS)
        self.by(unit, done.ReturnAsked, unit=unit, reason=reason, suggested=suggested, note="sealed")

    def redispatch(self, lead: str, item: DutyItem | None) -> None:
        """The reviewer takes the return and sends it on."""
        self.wait(30, 2000)
        self.add(done.ReturnDecided, REVIEWER, verdict=Verdict.REDISPATCHED)
        self.dispatch(lead, [], item, REVIEWER)

    def work(self, unit: str) -> None:
        """What a unit does that acts: it speaks with the caller, comes when it is whistled for, writes down what it found."""
        ways = self.random.sample(("contact", "note", "whistle"), self.random.choice((1, 1, 2)))
        for way in ways:
            self.wait(15, 900)
            if way == "contact" and self.problem.members[0].caller is not None:
                self.contact(unit, reached=self.chance(0.85))
            elif way == "whistle":
                self._whistle(unit)
            else:
                self.by(unit, done.Noted, text="sealed")

    def _whistle(self, by: str) -> None:
        number = 1 + sum(isinstance(event, done.WhistleBlown) for event in self.events)
        other = self.random.choice([u for u in departments(self.pack) if u.code != by]).code
        self.by(by, done.WhistleBlown, number=number, by=by, to=other, asked="sealed")
        self.wait(10, 200)
        self.by(other, done.WhistleAnswered, number=number, coming=True)
        self.wait(20, 600)
        self.by(other, done.WhistleArrived, number=number)
        self.wait(20, 600)
        self.by(by, done.WhistleEnded, number=number, outcome="sealed", mark=4)

    def cooperators_act(self, units: list[str]) -> None:
        for unit in self.random.sample(units, len(units)):
            self.wait(20, 1500)
            if self.chance(0.8):
                self.sign(unit)
            if self.chance(0.6):
                self.wait(20, 1500)
                self.contact(unit)
            self.wait(10, 600)
            self.reply(unit)

    def close(self) -> None:
        if self.chance(0.8):
            self.wait(60, 3000)
            self.add(done.ProblemClosed, CLERK)


def departments(pack: CityPack) -> list[Unit]:
    """Of the slot's district and of the city."""
    kinds = (UnitKind.CITY_DEPARTMENT, UnitKind.DISTRICT_DEPARTMENT)
    return [u for u in pack.units.values() if u.kind in kinds and u.abolished is None and u.area in ("990000", "990102")]


def grassroots(pack: CityPack) -> list[Unit]:
    return [u for u in pack.units.values() if u.grassroots and u.area.startswith("990102")]


def _some(log: Log, units: list[Unit], low: int, high: int, *, but: str = "") -> list[str]:
    return [u.code for u in log.random.sample([u for u in units if u.code != but], log.random.randint(low, high))]


def _item(log: Log, role: TownshipRole, *kinds: ListKind) -> DutyItem:
    items = [i for i in log.pack.duty_items.values() if i.township_role is role and i.list_kind in kinds]
    return log.random.choice(items)


def _supported(log: Log) -> DutyItem:
    return _item(log, TownshipRole.SUPPORT, ListKind.DUTY, ListKind.ENABLED)


def _off_list(log: Log) -> DutyItem | None:
    if log.chance(0.2):
        return None
    return _item(log, TownshipRole.NONE, ListKind.DUTY, ListKind.NEGATIVE, ListKind.NEGATIVE)


def new_log(pack: CityPack, seed: int) -> Log:
    """Registered and nothing more. One caller in eight leaves no contact."""
    random = Random(seed)
    caller = None if random.random() < 0.125 else "caller"
    member = Member(report="r", channel=Channel.HOTLINE, mode=Mode.LIVE, time=START, received=START, caller=caller, content="c")
    log = Log(Problem(id=problem_id(3, f"log {seed}"), slot=3, members=[member]), pack, random)
    log.add(ev.ProblemRegistered, CLERK, order_number="", mode=Mode.LIVE, basis="person")
    log.wait(2, 200)
    return log


def lawful(log: Log) -> None:
    """Somebody leads and does it: alone or with others, at once or after a return, quick or slow, loud or quiet."""
    lead = log.random.choice(departments(log.pack)).code
    if log.chance(0.12):
        lead = _returned_before(log, lead)
    item = _supported(log) if log.chance(0.6) else _off_list(log)
    helped = _some(log, departments(log.pack), 0, 2, but=lead)
    if item is not None and item.township_role is TownshipRole.SUPPORT and log.chance(0.6):
        helped += _some(log, grassroots(log.pack), 1, 2)
    named = helped if log.chance(0.5) else []
    log.dispatch(lead, named, item)
    log.wait(3, 400)
    log.sign(lead)
    added = [unit for unit in helped if unit not in named]
    if added and log.chance(0.3):  # it knows at once whom it needs, and goes there too
        log.wait(1, 30)
        log.bring_in(lead, added)
        added = []
    quiet = log.chance(0.04)  # does the work and writes nothing down
    if not quiet:
        log.work(lead)
    if added:
        log.wait(20, 600)
        log.bring_in(lead, added)
    log.cooperators_act(helped)
    if log.chance(0.3):
        if not quiet:
            log.by(lead, done.HandlingPaused, why=PauseReason.CALLER)
        log.wait(60, 3000)
    log.wait(2, 3000)
    log.reply(lead)
    if log.chance(0.1):
        log.wait(60, 2000)
        log.add(done.RedoAsked, CLERK, why="unsatisfied", counts=True)
        log.work(lead)
        log.wait(30, 1000)
        log.reply(lead)
    log.close()


def _returned_before(log: Log, lead: str) -> str:
    """It went to the wrong unit first, one time in six to two of them."""
    wrong = _some(log, departments(log.pack), 2, 2, but=lead) if log.chance(0.17) else _some(log, departments(log.pack), 1, 1)
    for unit in (unit for unit in wrong if unit != lead):
        log.dispatch(unit, [], None)
        log.wait(10, 900)
        log.give_back(unit, log.random.choice((lead, None)))
        log.wait(30, 2000)
        log.add(done.ReturnDecided, REVIEWER, verdict=Verdict.REDISPATCHED)
    return lead


def handed_down(log: Log) -> None:
    """① In one of three ways: off the list brought in, suggested as lead, or left alone with it."""
    log.truth.add(BuckKind.HANDED_DOWN)
    lead = log.random.choice(departments(log.pack)).code
    way = log.random.choice(("brought", "brought", "suggested", "alone"))
    down = _some(log, grassroots(log.pack), 1, 3)
    log.dispatch(lead, down if way == "alone" else [], _supported(log) if way == "alone" else _off_list(log))
    log.wait(3, 900)
    if way == "suggested":
        log.give_back(lead, down[0])
        log.wait(30, 2000)
        log.add(done.ReturnDecided, REVIEWER, verdict=Verdict.REFUSED)
    log.sign(lead)
    if way != "alone":
        log.work(lead)
    if way == "brought":
        log.wait(1, 900)
        log.bring_in(lead, down)
    if way != "suggested":
        log.cooperators_act(down)
    log.wait(*((1, 14) if way == "alone" else (10, 2000)))
    log.reply(lead)
    log.close()


def mere_relay(log: Log) -> None:
    """② Passed on at once and whole; what comes back is sent up. Most such leads are quick, some take their time."""
    log.truth.add(BuckKind.MERE_RELAY)
    lead = log.random.choice(departments(log.pack)).code
    log.dispatch(lead, [], _supported(log))
    log.wait(1, 300)
    if log.chance(0.85):
        log.sign(lead)
        log.wait(0.3, 13)
    else:
        log.now = log.events[-1].at + timedelta(minutes=log.random.uniform(0.3, 13))
    passed = _some(log, departments(log.pack), 1, 3, but=lead)
    if log.chance(0.3):
        passed += _some(log, grassroots(log.pack), 1, 1)
    log.bring_in(lead, passed)
    log.cooperators_act(passed)
    if log.chance(0.8):
        log.wait(0.5, 13)
        log.reply(lead)
        log.close()
    else:
        log.wait(60, 2000)
        log.add(done.ProblemClosed, CLERK)


def absent_lead(log: Log) -> None:
    """③ Others were asked by list or clerk, and did it all. One time in four the lead waits a while before it signs its name."""
    log.truth.add(BuckKind.ABSENT_LEAD)
    lead = log.random.choice(departments(log.pack)).code
    others = _some(log, departments(log.pack), 1, 3, but=lead)
    item = _supported(log)
    if log.chance(0.4):
        others += _some(log, grassroots(log.pack), 1, 2)
    log.dispatch(lead, others, item)
    if log.chance(0.8):
        log.wait(3, 900)
        log.sign(lead)
    log.cooperators_act(others)
    log.wait(*((0.5, 13) if log.chance(0.75) else (60, 3000)))
    log.reply(lead)
    log.close()


def ping_pong(log: Log) -> None:
    """④ Round and round, two units or more; in the end somebody does it."""
    log.truth.add(BuckKind.PING_PONG)
    count = log.random.randint(2, 4)
    players = _some(log, departments(log.pack), count, count)
    item = _supported(log) if log.chance(0.5) else _off_list(log)
    turns = players + ([players[0]] if count == 2 or log.chance(0.5) else [])
    log.dispatch(turns[0], [], item)
    for here, there in pairwise(turns):
        log.wait(10, 1500)
        if log.chance(0.4):
            log.sign(here)
            log.wait(10, 500)
        log.give_back(here, there if log.chance(0.6) else None)
        log.redispatch(there, item)
    log.wait(10, 500)
    log.sign(turns[-1])
    log.work(turns[-1])
    log.wait(30, 2000)
    log.reply(turns[-1])
    log.close()


def _then(first: Any, second: Any) -> Any:
    """A mixture: the second kind begins where the first ended, as after a return to another unit."""

    def play(log: Log) -> None:
        first(log)
        log.events = [event for event in log.events if not isinstance(event, done.ProblemClosed)]
        for version, event in enumerate(log.events, 1):
            event.version = version
        log.wait(60, 2000)
        log.add(done.ProblemRecalled, CLERK, basis="recalled")
        second(log)

    return play


PLAYS: Final = {"handed_down": handed_down, "mere_relay": mere_relay, "absent_lead": absent_lead, "ping_pong": ping_pong}
MIXED: Final = (
    (ping_pong, absent_lead),
    (ping_pong, mere_relay),
    (handed_down, ping_pong),
    (mere_relay, handed_down),
    (lawful, absent_lead),
)


def logs(pack: CityPack, lawful_ones: int, of_each: int, mixed: int, seed: int = 0) -> list[Log]:
    """So many lawful handlings, of each kind, and mixtures."""
    plays = [lawful] * lawful_ones + [play for play in PLAYS.values() for _ in range(of_each)]
    plays += [_then(*MIXED[number % len(MIXED)]) for number in range(mixed)]
    made = []
    for number, play in enumerate(plays):
        log = new_log(pack, seed * 1_000_003 + number)
        play(log)
        made.append(log)
    return made
