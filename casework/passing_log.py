"""The log of one problem as the detectors of passing the buck read it: the time of each lead, and what every unit did in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from schemas import events as ev
from schemas import events_handling as done
from schemas.events import Event
from schemas.passing import Evidence, Fact
from schemas.words import Role


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a unit did for the matter itself."""

    unit: str
    version: int
    at: datetime
    kind: str


@dataclass(slots=True)
class Stint:
    """The time in which one unit leads, from its dispatch until another one leads, or the end of the log.

    asked: cooperators in it, and who brought them (the lead itself, or "" for list, clerk, admission or merge).
    returns: events in which the lead gave it back.
    """

    lead: str
    version: int
    start: datetime
    item: str | None
    signed: Act | None = None
    asked: dict[str, str] = field(default_factory=dict)
    brought: list[done.CooperatorsAdded] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    replies: list[Act] = field(default_factory=list)
    returns: list[done.ReturnAsked] = field(default_factory=list)
    closed: ev.ProblemClosed | None = None

    def acts_of(self, units: Iterable[str]) -> list[Act]:
        """What these did, replies included, oldest first."""
        wanted = set(units)
        return sorted((act for act in (*self.acts, *self.replies) if act.unit in wanted), key=lambda act: act.version)

    @property
    def lead_reply(self) -> Act | None:
        """The lead's last reply."""
        return next((act for act in reversed(self.replies) if act.unit == self.lead), None)

    @property
    def lead_acts(self) -> list[Act]:
        """What the lead did beside replying."""
        return [act for act in self.acts if act.unit == self.lead]


def stints(events: Iterable[Event]) -> list[Stint]:
    """Oldest first. What happens while nobody leads belongs to no stint."""
    found: list[Stint] = []
    now: Stint | None = None
    summoned: dict[int, tuple[str, str]] = {}
    objected: dict[int, str] = {}
    for event in events:
        if isinstance(event, done.Dispatched):
            now = _dispatched(found, now, event)
        elif isinstance(event, done.ProblemRecalled | ev.Merged):
            now = None
        elif isinstance(event, done.WhistleBlown):
            summoned[event.number] = event.by, event.to
        elif isinstance(event, done.Objected):
            objected[event.number] = event.unit
        elif isinstance(event, done.ObjectionDecided) and event.upheld and now is not None:
            now.asked.pop(objected.get(event.number, ""), None)
        if now is not None:
            _note(now, event, summoned)
    return found


def _dispatched(found: list[Stint], now: Stint | None, event: done.Dispatched) -> Stint:
    """The same lead anew goes on with its stint, unless nobody led in between. Cooperators not named are withdrawn."""
    if now is None or now.lead != event.lead:
        now = Stint(event.lead, event.version, event.at, event.duty_item)
        found.append(now)
    now.item = event.duty_item
    now.asked = {unit: now.asked.get(unit, "") for unit in event.cooperators}
    return now


def _note(stint: Stint, event: Event, summoned: dict[int, tuple[str, str]]) -> None:
    match event:
        case done.CooperatorsAdded() | ev.MembersAbsorbed() | done.UnitSucceeded():
            _joined(stint, event)
        case done.AssignmentSigned():
            if event.unit == stint.lead:
                stint.signed = stint.signed or Act(event.unit, event.version, event.at, event.type)
        case done.AssignmentReplied():
            stint.replies.append(Act(event.unit, event.version, event.at, event.type))
        case done.ReturnAsked():
            stint.returns.append(event)
        case ev.ProblemClosed():
            stint.closed = stint.closed or event
        case _:
            stint.acts += _acts(event, summoned)


def _joined(stint: Stint, event: done.CooperatorsAdded | ev.MembersAbsorbed | done.UnitSucceeded) -> None:
    """Who has a part in it now, and through whom."""
    match event:
        case done.CooperatorsAdded():
            own = event.actor.role is Role.UNIT and event.actor.unit == stint.lead and not event.admission
            for unit in event.notes:
                stint.asked.setdefault(unit, stint.lead if own else "")
            stint.brought += [event] if own else []
        case ev.MembersAbsorbed():
            for joined in event.assignments:
                if joined.unit != stint.lead:
                    stint.asked.setdefault(joined.unit, "")
        case done.UnitSucceeded():
            if event.successor is not None:
                _succeeded(stint, event.unit, event.successor)


def _succeeded(stint: Stint, unit: str, successor: str) -> None:
    if stint.lead == unit:
        stint.lead = successor
    elif unit in stint.asked:
        stint.asked[successor] = stint.asked.pop(unit)


def _acts(event: Event, summoned: dict[int, tuple[str, str]]) -> Iterator[Act]:
    """Work on the matter: speaking with the caller, whistles, notes, asking the caller or the office for something. Signing,
    replying, returning and adding cooperators are none."""
    unit: str | None = None
    match event:
        case done.CallerContacted() | done.Applied():
            unit = event.unit
        case done.WhistleBlown():
            unit = event.by
        case done.WhistleAnswered() if event.coming:
            unit = summoned.get(event.number, ("", ""))[1]
        case done.WhistleArrived():
            unit = summoned.get(event.number, ("", ""))[1]
        case done.WhistleEnded():
            unit = summoned.get(event.number, ("", ""))[0]
        case done.Noted() | done.HandlingPaused():
            unit = event.actor.unit
        case _:
            return
    if unit:
        yield Act(unit, event.version, event.at, event.type)


def minutes(start: datetime, end: datetime) -> int:
    """Whole minutes between two moments."""
    return round((end - start).total_seconds() / 60)


def line(event: Act | ev.EventBase, fact: Fact, **facts: str | int) -> Evidence:
    """One line of evidence of this event."""
    return Evidence(version=event.version, at=event.at, fact=fact, facts=facts)
