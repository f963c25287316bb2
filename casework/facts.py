"""What figures, lists and notices need of a problem: one small flat record, a function of its state and of the city's tree.

Every field has one of five types, so that a store keeps it as it is and the language of measures (pool.conditions) can ask for
it.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from city.pack import CityPack
from schemas.problem import Member, Problem
from schemas.words import (
    AssignmentState,
    Channel,
    Clock,
    Mode,
    Part,
    ProblemState,
    RecheckOutcome,
    Verdict,
)

Keyword = str
"""A code or closed word; "" = none."""
Keywords = tuple[str, ...]
Count = int
Flag = bool
Moment = int | None
"""µs since 1970."""


@dataclass(frozen=True, slots=True)
class Facts:
    """counted: live and not merged away, so that it is one problem. signed: of the lead that has it. due: of handling, while that
    clock runs. settled: closed, or else when it first ran out of time. callers: whose reports it holds, for repeats alone.

    *_in_time: done, and no clock of that kind ever ran out. contact_asked: a caller could be spoken with, and the limit is over
    one way or the other. first_right: dispatched once, and neither returned with success nor recalled. joined: reports but for
    the first. rated_1 … rated_5, solved_*, contacted_*: callers by what they said. grassroots_parts: parts of township and
    community units. marks_*: of units by units; up: of the grassroots on departments, down: the other way. minutes: from first
    dispatch to closing, all days.
    """

    problem: Keyword
    order_number: Keyword = ""
    counted: Flag = False
    open: Flag = False
    mode: Keyword = ""
    state: Keyword = ""
    ending: Keyword = ""
    kind: Keyword = ""
    urgency: Keyword = ""
    channel: Keyword = ""
    category: Keyword = ""
    category_path: Keyword = ""
    area: Keyword = ""
    area_path: Keyword = ""
    grid: Keyword = ""
    lead: Keyword = ""
    first_lead: Keyword = ""
    units: Keywords = ()
    callers: Keywords = ()
    duty_item: Keyword = ""
    excluded: Keyword = ""
    supervision: Keyword = ""
    recheck: Keyword = ""
    registered: Moment = None
    first_dispatch: Moment = None
    signed: Moment = None
    due: Moment = None
    closed: Moment = None
    overdue_at: Moment = None
    settled: Moment = None
    supervised_since: Moment = None
    supervision_due: Moment = None
    accepted: Flag = False
    dispatched: Flag = False
    sign_asked: Flag = False
    sign_in_time: Flag = False
    contact_asked: Flag = False
    contacted_in_time: Flag = False
    overdue: Flag = False
    on_time: Flag = False
    first_right: Flag = False
    dispatches: Count = 0
    returns: Count = 0
    returns_granted: Count = 0
    redo: Count = 0
    escalation: Count = 0
    yellow: Count = 0
    red: Count = 0
    supervised: Count = 0
    pauses: Count = 0
    extensions: Count = 0
    minutes: Count = 0
    members: Count = 0
    joined: Count = 0
    passive: Count = 0
    active: Count = 0
    sensed: Count = 0
    urged: Count = 0
    rated_1: Count = 0
    rated_2: Count = 0
    rated_3: Count = 0
    rated_4: Count = 0
    rated_5: Count = 0
    solved_yes: Count = 0
    solved_no: Count = 0
    contacted_yes: Count = 0
    contacted_no: Count = 0
    parts: Count = 0
    grassroots_parts: Count = 0
    objections: Count = 0
    upheld: Count = 0
    whistles: Count = 0
    late_whistles: Count = 0
    rechecks: Count = 0
    rechecks_solved: Count = 0
    rechecks_rebounded: Count = 0
    rechecks_sham: Count = 0
    marks_up: Count = 0
    marks_up_sum: Count = 0
    marks_down: Count = 0
    marks_down_sum: Count = 0
    marks_whistled: Count = 0
    marks_whistled_sum: Count = 0
    marks_whistler: Count = 0
    marks_whistler_sum: Count = 0


FIELDS: Final[dict[str, object]] = {field.name: field.type for field in fields(Facts)}
"""Name -> one of the five types."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = 60_000_000
_ACTIVE: Final = Channel.GRID
_SENSED: Final = Channel.CAMERA


def facts(problem: Problem, pack: CityPack | None) -> Facts:
    """pack: whose tree, areas and kinds of units are meant; None leaves paths and parts of the grassroots empty."""
    said = _where(problem, pack)
    _when(problem, said)
    _callers(problem.members, said)
    if problem.assignments:
        _parts(problem, pack, said)
    if problem.rechecks or problem.whistles or problem.unit_ratings or problem.objections or problem.cards:
        _care(problem, pack, said)
    return Facts(**said)


def _where(problem: Problem, pack: CityPack | None) -> dict[str, Any]:
    category = pack.categories.get(problem.category) if pack and problem.category else None
    area = pack.areas.get(problem.area) if pack and problem.area else None
    ended = problem.state in (ProblemState.CLOSED, ProblemState.ARCHIVED, ProblemState.MERGED)
    live = problem.mode is Mode.LIVE and problem.state is not ProblemState.MERGED
    return {
        "problem": problem.id,
        "order_number": problem.order_number,
        "counted": live,
        "open": live and not ended,
        "mode": problem.mode.value,
        "state": problem.state.value,
        "ending": problem.ending.value if problem.ending else "",
        "kind": problem.kind.value if problem.kind else "",
        "urgency": problem.urgency.value,
        "channel": problem.members[0].channel.value if problem.members else "",
        "category": problem.category or "",
        "category_path": category.path if category else "",
        "area": problem.area or "",
        "area_path": area.path if area else "",
        "grid": problem.grid or "",
        "duty_item": problem.duty_item or "",
        "excluded": problem.excluded,
        "redo": problem.redo,
        "escalation": problem.escalation,
        "pauses": len(problem.pauses),
        "extensions": len(problem.extensions),
    }


def _when(problem: Problem, said: dict[str, Any]) -> None:
    closed, overdue = _micros(problem.closed), _micros(problem.overdue)
    dispatch = _micros(problem.first_dispatch)
    said["registered"], said["first_dispatch"], said["closed"] = _micros(problem.registered), dispatch, closed
    said["overdue_at"], said["overdue"] = overdue, overdue is not None
    said["settled"] = closed if closed is not None else overdue
    said["on_time"] = closed is not None and overdue is None
    said["accepted"] = problem.ending is None or problem.ending.value not in ("not_accepted", "withdrawn")
    said["dispatched"] = dispatch is not None
    if closed is not None and dispatch is not None:
        said["minutes"] = max(0, closed - dispatch) // _MINUTE
    for timer in problem.timers:
        if timer.clock is Clock.HANDLE:
            said["due"] = _micros(timer.due)
    if problem.supervision is not None:
        said["supervision"] = problem.supervision.reason.value
        said["supervised_since"] = _micros(problem.supervision.since)
        said["supervision_due"] = _micros(problem.supervision.due)
    said["supervised"] = problem.supervised


def _callers(members: list[Member], said: dict[str, Any]) -> None:
    said["members"], said["joined"] = len(members), max(0, len(members) - 1)
    count = said.get
    for member in members:
        side = "sensed" if member.channel is _SENSED else "active" if member.channel is _ACTIVE else "passive"
        said[side] = count(side, 0) + 1
        if member.urged:
            said["urged"] = count("urged", 0) + member.urged
        if member.rating is not None:
            name = f"rated_{member.rating}"
            said[name] = count(name, 0) + 1
        for asked, answer in (("solved", member.solved), ("contacted", member.contacted)):
            if answer is not None:
                name = f"{asked}_yes" if answer else f"{asked}_no"
                said[name] = count(name, 0) + 1
    said["callers"] = tuple(sorted({member.caller for member in members if member.caller is not None}))


def _parts(problem: Problem, pack: CityPack | None, said: dict[str, Any]) -> None:
    """units: the same as a report's, whose readers a scope is made for."""
    parts = problem.assignments
    lead = next((a for a in reversed(parts) if a.part is Part.LEAD and a.state is not AssignmentState.WITHDRAWN), None)
    held = [a for a in parts if a.state not in (AssignmentState.WITHDRAWN, AssignmentState.RETURNED)]
    said["units"] = tuple(dict.fromkeys(a.unit for a in sorted(held, key=lambda a: a.part is not Part.LEAD)))
    said["lead"], said["first_lead"] = lead.unit if lead else "", problem.first_lead or ""
    said["signed"] = _micros(lead.signed) if lead else None
    said["parts"] = len(parts)
    said["grassroots_parts"] = sum(_grassroots(pack, a.unit) for a in parts)
    said["dispatches"] = problem.dispatches
    said["returns"] = len(problem.returns)
    granted = sum(one.verdict not in (None, Verdict.REFUSED) for one in problem.returns)
    said["returns_granted"] = granted
    said["first_right"] = problem.dispatches == 1 and granted == 0 and lead is not None
    late, closed = set(problem.late), problem.closed is not None
    signed = lead is not None and lead.signed is not None
    said["sign_asked"] = signed or closed or Clock.SIGN in late
    said["sign_in_time"] = signed and Clock.SIGN not in late
    reached = any(a.contacted is not None for a in parts)
    reachable = any(m.caller is not None and m.withdrawn is None for m in problem.members)
    said["contact_asked"] = problem.first_dispatch is not None and (reached or (reachable and (closed or Clock.CONTACT in late)))
    said["contacted_in_time"] = reached and Clock.CONTACT not in late


def _care(problem: Problem, pack: CityPack | None, said: dict[str, Any]) -> None:
    colours = [card.colour for card in problem.cards]
    said["yellow"], said["red"] = colours.count("yellow"), colours.count("red")
    said["objections"] = len(problem.objections)
    said["upheld"] = sum(one.upheld is True for one in problem.objections)
    said["whistles"] = len(problem.whistles)
    said["late_whistles"] = sum(bool(one.late) for one in problem.whistles)
    outcomes = [one.outcome for one in problem.rechecks if one.outcome is not None]
    said["rechecks"] = len(outcomes)
    said["recheck"] = outcomes[-1].value if outcomes else ""
    for outcome in RecheckOutcome:
        said[f"rechecks_{outcome.value}"] = outcomes.count(outcome)
    by_side: dict[str, list[int]] = {
        "whistled": [one.mark_of_summoned for one in problem.whistles if one.mark_of_summoned is not None],
        "whistler": [one.mark_of_whistler for one in problem.whistles if one.mark_of_whistler is not None],
        "up": [],
        "down": [],
    }
    for rating in problem.unit_ratings:
        by, of = _grassroots(pack, rating.by), _grassroots(pack, rating.of)
        if by is not of:
            by_side["up" if by else "down"].append(rating.mark)
    for side, marks in by_side.items():
        said[f"marks_{side}"], said[f"marks_{side}_sum"] = len(marks), sum(marks)


def _grassroots(pack: CityPack | None, unit: str) -> bool:
    found = pack.units.get(unit) if pack else None
    return found is not None and found.grassroots


def _micros(moment: datetime | None) -> Moment:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND
