"""The four signs of passing the buck (邹城, seed row 3.2), read from the log of one problem, its state and the pack. Pure; a
sign is a suspicion for a person, never a judgement.

One behaviour is one suspicion: where ② or "the grassroots alone" explains that a lead did nothing, ③ is not said of it too.
"""

from dataclasses import dataclass
from typing import Final

from casework.dispatch import callable_members
from casework.passing_log import Act, Stint, line, minutes, stints
from city.pack import CityPack
from city.terms import ListKind, TownshipRole
from schemas import events_handling as done
from schemas.events import Event
from schemas.passing import BuckKind, Evidence, Fact
from schemas.problem import Problem

OFF_LIST: Final = "off_list"
"""In place of the township's role, where no item of the list applies."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """units: who is suspected; score: 0..1, how strongly the log shows it; no probability."""

    kind: BuckKind
    units: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    score: float


@dataclass(slots=True)
class _Found:
    """What one kind has gathered over the stints."""

    units: dict[str, None]
    evidence: list[Evidence]
    score: float = 0.0

    def add(self, unit: str, score: float, *evidence: Evidence) -> None:
        self.units[unit] = None
        self.evidence += [one for one in evidence if one not in self.evidence]
        self.score = max(self.score, score)


def detect(problem: Problem, events: list[Event], pack: CityPack) -> list[Suspicion]:
    """At most one suspicion of each kind. events: all of the problem's, oldest first."""
    found = {kind: _Found({}, []) for kind in BuckKind}
    leads = stints(events)
    callers = bool(callable_members(problem))
    for stint in leads:
        _brings_down(stint, pack, found[BuckKind.HANDED_DOWN])
        alone = _grassroots_alone(stint, pack, found[BuckKind.HANDED_DOWN])
        relayed = _relays(stint, pack, found[BuckKind.MERE_RELAY])
        if not alone and not relayed:
            _is_absent(stint, pack, callers, found[BuckKind.ABSENT_LEAD])
    _goes_round(leads, pack, found[BuckKind.PING_PONG])
    return [
        Suspicion(kind, tuple(one.units), tuple(sorted(one.evidence, key=lambda e: e.version)), one.score)
        for kind, one in found.items()
        if one.evidence
    ]


def _role(pack: CityPack, item: str | None) -> str:
    """The township's part in this matter by the list: lead, support, none, negative, or OFF_LIST."""
    known = pack.duty_items.get(item) if item else None
    if known is None:
        return OFF_LIST
    return ListKind.NEGATIVE.value if known.list_kind is ListKind.NEGATIVE else known.township_role.value


def _grassroots(pack: CityPack, unit: str) -> bool:
    known = pack.units.get(unit)
    return known is not None and known.grassroots


def _brings_down(stint: Stint, pack: CityPack, found: _Found) -> None:
    """① A department brings the grassroots in where the list gives it no part, or wants it to lead where it does not."""
    role, item = _role(pack, stint.item), stint.item or ""
    if _grassroots(pack, stint.lead):
        if role != TownshipRole.LEAD:
            made = Act(stint.lead, stint.version, stint.start, "Dispatched")
            found.add(stint.lead, 1.0, line(made, Fact.MADE_LEAD, unit=stint.lead, item=item, role=role))
        return
    for brought in stint.brought:
        down = [unit for unit in brought.notes if _grassroots(pack, unit)]
        if down and role not in (TownshipRole.LEAD, TownshipRole.SUPPORT):
            named = "、".join(down)
            score = 1.0 if role == ListKind.NEGATIVE else 0.9
            found.add(stint.lead, score, line(brought, Fact.BROUGHT_IN, unit=stint.lead, units=named, item=item, role=role))
    for given in stint.returns:
        if given.suggested and _grassroots(pack, given.suggested) and role != TownshipRole.LEAD:
            to = given.suggested
            found.add(stint.lead, 0.7, line(given, Fact.SUGGESTED, unit=stint.lead, to=to, item=item, role=role))


def _grassroots_alone(stint: Stint, pack: CityPack, found: _Found) -> bool:
    """① too: of a department's matter nobody but the grassroots did anything."""
    end = _end(stint)
    if end is None or stint.lead_acts or _grassroots(pack, stint.lead) or _role(pack, stint.item) == TownshipRole.LEAD:
        return False
    acts = stint.acts_of(stint.asked)
    reply = stint.lead_reply
    late = reply is not None and (not acts or not _right_after(reply, acts[-1], pack))
    if not acts or late or any(not _grassroots(pack, act.unit) for act in acts):
        return False
    shown = [line(act, Fact.GRASSROOTS_ALONE, unit=act.unit) for act in acts]
    found.add(stint.lead, 0.8, *shown, end)
    return True


def _relays(stint: Stint, pack: CityPack, found: _Found) -> bool:
    """② A lead passes the problem on as soon as it has it, does nothing of its own, and has nothing to say but what came back."""
    limit, end = pack.handling.relay_minutes.value, _end(stint)
    began = stint.signed.at if stint.signed else stint.start
    passed = next((event for event in stint.brought if minutes(began, event.at) <= limit), None)
    if passed is None or end is None or stint.lead_acts:
        return False
    answers = [act for act in stint.acts_of(passed.notes) if act.kind == "AssignmentReplied"]
    reply = stint.lead_reply
    if reply is not None and (not answers or not _right_after(reply, answers[-1], pack)):
        return False
    taken = stint.signed or Act(stint.lead, stint.version, stint.start, "Dispatched")
    gap = minutes(began, passed.at)
    found.add(
        stint.lead,
        0.9 if answers else 0.6,
        line(taken, Fact.TOOK_OVER, unit=stint.lead),
        line(passed, Fact.PASSED_ON, unit=stint.lead, units="、".join(passed.notes), minutes=gap),
        *(line(act, Fact.ACTED, unit=act.unit) for act in answers),
        end,
    )
    return True


def _is_absent(stint: Stint, pack: CityPack, callers: bool, found: _Found) -> None:
    """③ Every cooperator has acted, the lead has not: no contact, no whistle, nothing before its reply, or a reply on the heels
    of theirs. Where no caller left a contact, the lack of contact says nothing, and only the heels count."""
    end, acts = _end(stint), stint.acts_of(stint.asked)
    if end is None or stint.lead_acts or not stint.asked or _grassroots(pack, stint.lead):
        return
    if {act.unit for act in acts} != set(stint.asked):
        return
    reply = stint.lead_reply
    on_heels = reply is None or _right_after(reply, acts[-1], pack)
    if not on_heels and (not callers or (reply is not None and acts[-1].version > reply.version)):
        return
    shown = [line(act, Fact.ACTED, unit=act.unit) for act in acts]
    found.add(stint.lead, 0.9 if on_heels else 0.5, *shown, end)


def _right_after(reply: Act, last: Act, pack: CityPack) -> bool:
    """The lead replied within the minutes of relaying after somebody else's last step."""
    return reply.version > last.version and minutes(last.at, reply.at) <= pack.handling.relay_minutes.value


def _end(stint: Stint) -> Evidence | None:
    """How the lead's work ended; None while it goes on: then nothing can be said of it yet."""
    reply = stint.lead_reply
    if reply is None:
        return line(stint.closed, Fact.CLOSED_WITHOUT, unit=stint.lead) if stint.closed is not None else None
    before = [act for act in stint.acts_of(stint.asked) if act.version < reply.version]
    if not before:
        return line(reply, Fact.REPLIED_WITHOUT, unit=stint.lead)
    return line(reply, Fact.REPLIED_AFTER, unit=stint.lead, minutes=minutes(before[-1].at, reply.at))


def _goes_round(leads: list[Stint], pack: CityPack, found: _Found) -> None:
    """④ A → B → A, each giving it back; or so many returns among so many units."""
    returns = [(stint, given) for stint in leads for given in stint.returns]
    units = list(dict.fromkeys(stint.lead for stint in leads))
    figures = pack.handling
    circles = [
        (first, middle, last)
        for first, middle, last in zip(leads, leads[1:], leads[2:], strict=False)
        if first.lead == last.lead and first.returns and middle.returns
    ]
    many = len(returns) >= figures.pingpong_returns.value and len(units) >= figures.pingpong_units.value
    if not circles and not many:
        return
    again = {stint.version for _, _, stint in circles}
    for stint in leads:
        start = Act(stint.lead, stint.version, stint.start, "Dispatched")
        fact = Fact.CAME_AGAIN if stint.version in again else Fact.CAME_TO
        found.evidence.append(line(start, fact, unit=stint.lead))
    score = min(1.0, 0.4 + 0.2 * len(returns) + (0.2 if circles else 0.0))
    for number, (stint, given) in enumerate(returns, 1):
        found.add(stint.lead, score, _given(given, number))


def _given(given: done.ReturnAsked, number: int) -> Evidence:
    to = {"to": given.suggested} if given.suggested else {}
    return line(given, Fact.GAVE_BACK, unit=given.unit, count=number, **to)
