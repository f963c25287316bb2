"""The people of a story, and the pool in which what they do becomes true.

Everything goes the way it goes in the city: reports through intake, units through `progress.<unit>`, all others by commands, and
clocks run out by the pool's own timers.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from city.pack import load_pack
from console.turns import Turn, turns
from console.written import sealed_for
from pool.formulas import formulas
from pool.measures import Group, Measure, Value
from pool.scope import ALL
from schemas.cloudevent import event_type
from schemas.commands import COMMAND, Actor, Assign, Command, CommandBase, OfProblem
from schemas.documents import ReportDocument, UnitView
from schemas.events import Event, read_event
from schemas.handling import Clarity
from schemas.identity import command_id, report_id, slot_of, slot_of_problem
from schemas.problem import Member, Problem
from schemas.progress import ProgressAction
from schemas.words import PROGRESS_PREFIX, Channel, Clock, Role, Topic, intake_topic
from streams.clock import PlayedClock
from streams.local.home import open_home
from streams.local.session import Session
from streams.session import PoolSession

SOURCE: Final = "story"
_SEALED: Final = ("text", "note", "asked", "minutes")
_KEYS: Final = count(1)


class City(ABC):
    """A city whose pool is worked while the story goes on. A step that the pool refuses ends the story."""

    def __init__(self, session: PoolSession, name: str = SOURCE) -> None:
        """name: of the sender, so that several stories in one pool never send the same report."""
        self.session = session
        self.home = session.home
        self.pack = session.home.pack
        self._name = name

    @property
    def now(self) -> datetime:
        return self.home.clock.now()

    # who acts

    @property
    def clerk(self) -> "Person":
        return Person(self, Actor(id="clerk-1", role=Role.CLERK))

    @property
    def reviewer(self) -> "Person":
        """Neutral: judges what others dispatch."""
        return Person(self, Actor(id="reviewer-1", role=Role.REVIEWER))

    @property
    def supervisor(self) -> "Person":
        return Person(self, Actor(id="supervisor-1", role=Role.SUPERVISOR))

    def post(self, code: str) -> "Person":
        """A post of the grid's ladder."""
        return Person(self, Actor(id=code, role=Role.GRID))

    def unit(self, code: str) -> "Unit":
        assert code in self.pack.units
        return Unit(self, Actor(id=code, role=Role.UNIT, unit=code))

    # reports

    def call(self, words: str, *, category: str = "", phone: str = "", time: datetime | None = None, **more: Any) -> str:
        """A call of its own caller, who has a telephone; the report's id."""
        number = next(_KEYS)
        caller = {"name": f"来电人{number}", "phone": phone or f"138{number:08d}"}
        return self._report(Channel.HOTLINE, number, words, category, time, {"caller": caller, **more})

    def grid_report(self, words: str, *, grid: str, category: str = "", photo: bool = False) -> str:
        """What a 三级网格员 sends from this grid."""
        number = next(_KEYS)
        picture = {"sha256": hashlib.sha256(words.encode()).hexdigest(), "media_type": "image/jpeg", "size": 90_000}
        more = {"grid": grid, "worker": f"w-{grid}", "attachments": [picture] if photo else []}
        return self._report(Channel.GRID, number, words, category, None, more)

    def _report(
        self, channel: Channel, number: int, words: str, category: str, time: datetime | None, more: Mapping[str, Any]
    ) -> str:
        own = f"{self._name}-{number}"
        data = {"text": words, "title": words[:20], "time": (time or self.now).isoformat(), **more}
        data |= {"category": category} if category else {}
        event = {"specversion": "1.0", "id": own, "source": self._name, "type": event_type(channel), "data": data}
        report = report_id(self._name, own)
        self.receive(channel, report, orjson.dumps(event))
        self.session.work(lambda: bool(self.home.store.report_documents([report])), drain=True)
        return report

    def receive(self, channel: Channel, report: str, event: bytes) -> None:
        self.session.append(intake_topic(channel).value, [(report, event)])

    # what is known

    def report(self, report: str) -> ReportDocument:
        return self.home.store.report_documents([report])[report]

    def problem_of(self, report: str) -> str:
        """Of the claim, whose problem is the founding one; followed to who holds the report now."""
        root = self.session.root(self.report(report).problem)
        assert root is not None
        return root.id

    def problem(self, problem: str) -> Problem:
        return self.home.store.problems([problem])[problem]

    def member(self, problem: str, report: str) -> Member:
        return next(member for member in self.problem(problem).members if member.report == report)

    def turns(self, problem: str) -> list[Turn]:
        """Who must act next; of what is open there is always somebody."""
        return turns(self.problem(problem), self.pack)

    def due(self, problem: str, clock: Clock, of: str = "") -> datetime | None:
        """When this clock runs out; None where it does not run."""
        found = self.problem(problem).timers
        return next((t.due for t in found if t.clock is clock and t.of == of and not t.expired), None)

    def log(self, aggregate: str) -> list[Event]:
        return [read_event(stored.line) for stored in self.home.store.events_of(aggregate)]

    def said(self, aggregate: str, kind: str) -> list[Any]:
        """The events of one type."""
        return [event for event in self.log(aggregate) if event.type == kind]

    def view(self, unit: str, problem: str) -> UnitView | None:
        """What the unit sees of the problem, having read its topic to the end."""
        self.session.work(self.session.published(), drain=True)
        found: UnitView | None = None
        with closing(self.home.views(unit, "story", from_start=True)) as views:
            while batch := views.read(500):
                for record in batch:
                    if record.key == problem and record.value is not None:
                        found = UnitView.model_validate_json(record.value)
        return found

    # doing

    def give(self, command: Command) -> str:
        """The refusal's code, "" when it was applied."""
        self.session.append(Topic.COMMANDS.value, [(None, COMMAND.dump_json(command))])
        return self.outcome(command.id, command)

    def outcome(self, key: str, command: Command) -> str:
        self.session.work(lambda: self.session.ended(command), drain=True)
        found = self.session.outcome(command)
        assert found is not None, f"nothing became of {key}"
        return found.code

    def measured(self, measure: Measure, unit: str) -> Value:
        """A published figure of what this unit leads, from the pool's beginning."""
        self.session.work(self.session.published(), drain=True)
        return self.home.search.measures([formulas(self.pack.handling)[measure]], ALL, Group.UNIT)[unit][measure]

    @abstractmethod
    def overdue(self, words: str, lead: str) -> str:
        """A problem that a clerk gave to this unit, and whose time for handling is over."""

    def sealed(self, problem: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """People's words under the problem's key, as every program that gives commands does it."""
        done = dict(fields)
        for name in _SEALED:
            if done.get(name):
                done[name] = sealed_for(self.home, problem, done[name])
        if "notes" in done:
            done["notes"] = {unit: sealed_for(self.home, problem, text) for unit, text in done["notes"].items()}
        if isinstance(done.get("clarity"), Clarity):
            clarity = done["clarity"].model_dump()
            done["clarity"] = Clarity(**{name: sealed_for(self.home, problem, text) for name, text in clarity.items()})
        return done


class PlayedCity(City):
    """An embedded pool whose time is played."""

    def overdue(self, words: str, lead: str) -> str:
        problem = self.problem_of(self.call(words))
        self.clerk.does(Assign, problem, lead=lead)
        due = self.due(problem, Clock.HANDLE)
        assert due is not None
        self.wait_until(due)
        return problem

    def wait(self, **time: float) -> None:
        """Time goes by: hours=3, days=1. What runs out meanwhile runs out at its moment."""
        self.wait_until(self.now + timedelta(**time))

    def wait_until(self, moment: datetime) -> None:
        clock = self.home.clock
        assert isinstance(clock, PlayedClock)
        while due := self.home.store.due(moment, 1):  # type: ignore[attr-defined]
            clock.play_to(due[0][1].due)
            self.session.work(lambda: False, drain=True)
            assert self.home.store.due(clock.now(), 1) == []  # type: ignore[attr-defined]
        clock.play_to(moment)
        self.session.work(lambda: False, drain=True)


@dataclass(frozen=True)
class Person:
    """Somebody with a role. `fields` of a command are given in plain words; they are sealed on their way."""

    city: City
    actor: Actor

    def does(self, kind: type[CommandBase], aggregate: str, /, **fields: Any) -> None:
        code = self.tries(kind, aggregate, **fields)
        assert code == "", f"{kind.__name__} by {self.actor.id} is refused: {code}"

    def is_refused(self, kind: type[CommandBase], aggregate: str, /, **fields: Any) -> str:
        """Why."""
        code = self.tries(kind, aggregate, **fields)
        assert code, f"{kind.__name__} by {self.actor.id} is not refused"
        return code

    def tries(self, kind: type[CommandBase], aggregate: str, /, **fields: Any) -> str:
        """The refusal's code, "" when it was done."""
        return self.city.give(self.wish(kind, aggregate, **fields))

    def wish(self, kind: type[CommandBase], aggregate: str, /, **fields: Any) -> Command:
        """The command, not yet given."""
        of_problem = issubclass(kind, OfProblem)
        base = {
            "id": command_id(SOURCE, self.actor.id, str(next(_KEYS)), aggregate),
            "slot": slot_of(aggregate),
            "at": self.city.now,
            "actor": self.actor,
            "pack": self.city.home.pack.version,
            "problem" if of_problem else "aggregate": aggregate,
        }
        said = self.city.sealed(aggregate, fields) if of_problem else fields
        command: Command = kind.model_validate(base | {name: _plain(value) for name, value in said.items()})  # type: ignore[assignment]
        return command


@dataclass(frozen=True)
class Unit(Person):
    """A unit, which says what it did on its own topic."""

    @property
    def code(self) -> str:
        return self.actor.id

    def says(self, action: str, problem: str, text: str = "", **fields: Any) -> None:
        code = self.tries_to_say(action, problem, text, **fields)
        assert code == "", f"{action} by {self.code} is refused: {code}"

    def may_not_say(self, action: str, problem: str, text: str = "", **fields: Any) -> str:
        """Why."""
        code = self.tries_to_say(action, problem, text, **fields)
        assert code, f"{action} by {self.code} is not refused"
        return code

    def tries_to_say(self, action: str, problem: str, text: str = "", **fields: Any) -> str:
        key = f"{self.city.session.home.name}-{next(_KEYS)}"
        step = {"problem": problem, "action": ProgressAction(action).value, "id": key, "text": text, **fields}
        self.city.session.append(PROGRESS_PREFIX + self.code, [(problem, orjson.dumps(step))])
        slot = slot_of_problem(problem)
        named = {"id": command_id("progress", self.code, key), "slot": slot, "at": self.city.now, "actor": self.actor}
        return self.city.outcome(key, COMMAND.validate_python({"type": "Sign", "problem": problem, **named}))

    def sees(self, problem: str) -> UnitView:
        view = self.city.view(self.code, problem)
        assert view is not None, f"{self.code} was never told of {problem}"
        return view


def _plain(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Clarity) else value


@contextmanager
def played_city(folder: Path, start: datetime, pack: Path | None = None) -> Iterator[PlayedCity]:
    """An empty pool in this folder, in which it is `start`. pack: of the sample city when none is named."""
    home = open_home(folder, pack=load_pack(pack) if pack else None, clock=PlayedClock(start))
    try:
        with Session(home, workers=0) as session:
            yield PlayedCity(session)
    finally:
        home.close()
