"""Dispatch by the laws, for machines and for people alike (laws 2 and 3, 国办函〔2025〕66号 (五))."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from casework.change import Change
from casework.clocks import due_of, handle_due, next_mark
from city.pack import CityPack
from city.records import DutyItem
from city.terms import Clock as LimitClock
from city.terms import ListKind, TownshipRole
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.events_handling import Dispatched
from schemas.findings import Findings
from schemas.handling import Clarity, Proposal, TimerChange
from schemas.problem import Problem
from schemas.words import AssignmentState, Basis, Clock, Part, Refusal, Role

WITHOUT_A_PERSON: Final = frozenset((Basis.ONE_DUTY_ITEM, Basis.PROMISED))
"""Bases on which a dispatch is made by the machine, if the laws allow the unit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A dispatch as it is to be. notes: unit -> what is asked of it (sealed). category None: stays as it is."""

    basis: Basis
    lead: str
    cooperators: tuple[str, ...] = ()
    duty_item: str | None = None
    category: str | None = None
    notes: dict[str, str] = field(default_factory=dict)
    clarity: Clarity | None = None
    final: bool = False


# the laws


def grassroots_may_lead(pack: CityPack, duty_item: str | None, category: str | None) -> bool:
    """Only where a duty item of this very matter names the township as 主责 and does not stand on the negative list."""
    item = pack.duty_items.get(duty_item) if duty_item else None
    if item is None or category is None or item not in pack.duty_items_for(category):
        return False
    return item.township_role is TownshipRole.LEAD and item.list_kind is not ListKind.NEGATIVE


def lawful_lead(pack: CityPack, unit_code: str, duty_item: str | None, category: str | None) -> Refusal | None:
    """None when this unit may lead a matter of this category by this duty item, else why not."""
    unit = pack.units.get(unit_code)
    if unit is None or unit.abolished is not None:
        return Refusal.UNKNOWN_UNIT
    if unit.grassroots and not grassroots_may_lead(pack, duty_item, category):
        return Refusal.GRASSROOTS_LEAD
    return None


def asked_of_grassroots(pack: CityPack, units: Iterable[str], item: DutyItem | None, *, admitted: bool = False) -> Refusal | None:
    """None when nothing goes down that must not: the negative list blocks, and what stands on no list needs admission (荆门:
    清单之外不得派发, seed rows 2.1, 2.4)."""
    if not any(pack.units[code].grassroots for code in units):
        return None
    if item is not None and item.list_kind is ListKind.NEGATIVE:
        return Refusal.NEGATIVE_LIST
    if not admitted and (item is None or item.township_role is TownshipRole.NONE):
        return Refusal.OFF_LIST
    return None


def listed_clarity(item: DutyItem | None) -> Clarity | None:
    """The three clarities as the duty list has them; None where it does not say all three."""
    if item is None or not item.grassroots_does or not item.support:
        return None
    return Clarity(department=item.name, grassroots=item.grassroots_does, support=item.support)


# dispatching


def due_times(change: Change, category: str | None) -> tuple[datetime, datetime]:
    """(sign, handle) due times. Handling runs from the first dispatch, whatever happens after (law 5)."""
    pack, problem, at = change.pack, change.problem, change.command.at
    return due_of(pack, problem, LimitClock.SIGN, at, category), handle_due(pack, problem, at, category)


def send(change: Change, plan: Plan) -> None:
    """Emit the dispatch with every clock that follows from it."""
    pack, problem, at = change.pack, change.problem, change.command.at
    category = plan.category or problem.category
    sign, handle = due_times(change, category)
    cooperate = due_of(pack, problem, LimitClock.COOPERATE, at, category) if plan.cooperators else None
    kept = change.part_of(plan.lead)
    stays = kept is not None and kept.part is Part.LEAD
    answered = stays and kept is not None and kept.state is AssignmentState.REPLIED
    ending = _WAITING if answered else (*_WAITING, Clock.CHECK)
    timers = [TimerChange(clock=clock, due=None) for clock in set_clocks(problem, ending)]
    if not answered:
        timers.append(next_mark(pack, problem, handle, later_than=at))
    if not stays and callable_members(problem):
        timers.append(TimerChange(clock=Clock.CONTACT, due=due_of(pack, problem, LimitClock.CONTACT, at, category)))
    elif not stays:
        timers += [TimerChange(clock=Clock.CONTACT, due=None)] if set_clocks(problem, (Clock.CONTACT,)) else []
    timers += _cooperators_clocks(problem, plan, cooperate)
    change.emit(
        Dispatched,
        basis=plan.basis.value,
        lead=plan.lead,
        cooperators=list(plan.cooperators),
        notes=plan.notes,
        category=plan.category,
        duty_item=plan.duty_item,
        sign_due=sign,
        handle_due=handle,
        clarity=plan.clarity,
        cooperate_due=cooperate,
        final=plan.final,
        timers=timers,
    )


_WAITING: Final = (Clock.DISPATCH, Clock.LADDER, Clock.REVIEW, Clock.CONFERENCE, Clock.SUPPLEMENT, Clock.SUSPEND)
"""Clocks that end with a dispatch."""


def set_clocks(problem: Problem, clocks: Iterable[Clock]) -> list[Clock]:
    """Those of these clocks that have a timer."""
    held = {timer.clock for timer in problem.timers}
    return [clock for clock in clocks if clock in held]


def _cooperators_clocks(problem: Problem, plan: Plan, cooperate: datetime | None) -> list[TimerChange]:
    """New cooperators' limits start, those of units that leave end; who has replied has none."""
    held = {timer.of for timer in problem.timers if timer.clock is Clock.COOPERATE}
    replied = {a.unit for a in problem.assignments if a.part is Part.COOPERATOR and a.state is AssignmentState.REPLIED}
    leaving = [TimerChange(clock=Clock.COOPERATE, due=None, of=unit) for unit in sorted(held - set(plan.cooperators))]
    return leaving + [
        TimerChange(clock=Clock.COOPERATE, due=cooperate, of=unit) for unit in plan.cooperators if unit not in held | replied
    ]


def callable_members(problem: Problem) -> bool:
    """Is there a caller to be contacted?"""
    return any(member.caller is not None and member.withdrawn is None for member in problem.members)


def waiting_for_dispatch(pack: CityPack, problem: Problem, at: datetime) -> TimerChange:
    """The clock of what waits for a person: nobody's problem has a limit too."""
    return TimerChange(clock=Clock.DISPATCH, due=due_of(pack, problem, LimitClock.DISPATCH, at))


def waits(change: Change) -> list[TimerChange]:
    """It waits from now on."""
    return [waiting_for_dispatch(change.pack, change.problem, change.command.at)]


def plan_by_findings(pack: CityPack, findings: Findings, category: str | None) -> Plan | None:
    """What holds the promise is dispatched without a person; until a model is calibrated one unambiguous duty item is, marked so.
    None: it waits for a person."""
    if findings.basis not in WITHOUT_A_PERSON or basis_of(pack, findings, category) != findings.basis:
        return None
    best = findings.units[0]
    return machine_plan(pack, Basis(findings.basis), best.unit, best.cooperators, best.duty_item)


def machine_plan(pack: CityPack, basis: Basis, lead: str, cooperators: Iterable[str], duty_item: str) -> Plan:
    """A dispatch that no person has looked at: the grassroots only joins where the duty list says what it does and gets."""
    item = pack.duty_items.get(duty_item)
    clarity = listed_clarity(item)
    joining = []
    for code in dict.fromkeys(cooperators):
        unit = pack.units.get(code)
        if unit is None or unit.abolished is not None or code == lead:
            continue
        if unit.grassroots and (clarity is None or asked_of_grassroots(pack, [code], item) is not None):
            continue
        joining.append(code)
    down = any(pack.units[code].grassroots for code in (lead, *joining))
    return Plan(basis, lead, tuple(joining), duty_item, clarity=clarity if down else None)


def dispatch_by_findings(change: Change, findings: Findings) -> None:
    """Dispatch where no person is needed, else nothing."""
    plan = plan_by_findings(change.pack, findings, change.problem.category)
    if plan is not None:
        send(change, plan)


def basis_of(pack: CityPack, findings: Findings, category: str | None) -> str:
    """The basis as the laws leave it: what classification called certain may still be blocked. Without a duty item of the list
    no machine dispatches, whatever a model says."""
    if findings.basis not in WITHOUT_A_PERSON:
        return findings.basis or Basis.NO_CATEGORY.value
    best = findings.units[0] if findings.units else None
    if best is None or best.duty_item not in pack.duty_items:
        return Basis.NO_DUTY_ITEM.value
    match lawful_lead(pack, best.unit, best.duty_item, category):
        case Refusal.GRASSROOTS_LEAD:
            return Basis.GRASSROOTS_BLOCKED.value
        case Refusal.UNKNOWN_UNIT:
            return Basis.NO_DUTY_ITEM.value
        case _:
            return findings.basis


def proposal_of(plan: Plan | None) -> Proposal | None:
    """Where the machine would dispatch it, kept for later."""
    if plan is None or plan.duty_item is None:
        return None
    return Proposal(unit=plan.lead, cooperators=list(plan.cooperators), duty_item=plan.duty_item, basis=plan.basis.value)


# a person dispatches


def assign(change: Change, command: cmd.Assign) -> None:
    """The laws hold for people too; exactly one lead, and no unit twice."""
    send(change, plan_by_person(change, command, Basis.PERSON))


def plan_by_person(
    change: Change, command: cmd.Assign | cmd.DecideReturn | cmd.DecideJointly, basis: Basis, *, final: bool = False
) -> Plan:
    """What a person's command asks, if the laws allow it; refuses otherwise."""
    problem, pack = change.problem, change.pack
    if command.category is not None and command.category not in pack.categories:
        raise change.refuse(Refusal.UNKNOWN_CATEGORY)
    lead = command.lead or ""
    refusal = lawful_lead(pack, lead, command.duty_item, command.category or problem.category)
    if refusal is not None:
        raise change.refuse(refusal)
    if command.duty_item is not None and command.duty_item not in pack.duty_items:
        raise change.refuse(Refusal.UNKNOWN_DUTY_ITEM)
    cooperators = tuple(code for code in dict.fromkeys(command.cooperators) if code != lead)
    item = pack.duty_items.get(command.duty_item) if command.duty_item else None
    told = {unit: text for unit, text in command.notes.items() if text}
    _check_cooperators(change, cooperators, item, told)
    clarity = _clarity(change, (lead, *cooperators), item, command.clarity)
    return Plan(basis, lead, cooperators, command.duty_item, command.category, told, clarity, final)


def _check_cooperators(change: Change, units: tuple[str, ...], item: DutyItem | None, told: dict[str, str]) -> None:
    """Every cooperator is a unit that exists, knows what is asked of it, by the list or by a note, and may be asked."""
    pack = change.pack
    for code in units:
        unit = pack.units.get(code)
        if unit is None or unit.abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
    new = [code for code in units if code not in told and change.part_of(code) is None]
    listed = listed_cooperators(change, item) if new else frozenset()
    if any(code not in listed for code in new):
        raise change.refuse(Refusal.COOPERATOR_NOT_TOLD)
    refusal = asked_of_grassroots(pack, [code for code in units if change.part_of(code) is None], item)
    if refusal is not None:
        raise change.refuse(refusal)


def listed_cooperators(change: Change, item: DutyItem | None) -> frozenset[str]:
    """The cooperators that the duty item names for this place: what they do is on the list."""
    if item is None:
        return frozenset()
    found = (change.pack.resolve(pattern, change.problem.area) for pattern in item.cooperators)
    return frozenset(unit.code for unit in found if unit is not None)


def _clarity(change: Change, units: Iterable[str], item: DutyItem | None, given: Clarity | None) -> Clarity | None:
    """三个明确, wherever the grassroots is asked: as given, else as the list says; refuses where neither says all three."""
    if not any(change.pack.units[code].grassroots for code in units):
        return None
    clarity = given or listed_clarity(item)
    if clarity is None:
        raise change.refuse(Refusal.NOT_CLEAR)
    return clarity


def add_cooperators(change: Change, command: cmd.AddCooperators) -> None:
    """More units, each told what is asked of it. What stands on no list only goes down with an admission, which the admission
    task itself asks for."""
    problem, pack = change.problem, change.pack
    units = tuple(command.notes)
    lead = next((a.unit for a in problem.assignments if a.part is Part.LEAD and change.part_of(a.unit) is a), None)
    for code in units:
        unit = pack.units.get(code)
        if unit is None or unit.abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
        if code == lead or change.part_of(code) is not None:
            raise change.refuse(Refusal.ASKED_ALREADY)
    item = pack.duty_items.get(problem.duty_item) if problem.duty_item else None
    admitted = bool(command.admission)
    if admitted and change.command.actor.role is not Role.SYSTEM:
        raise change.refuse(Refusal.OFF_LIST)
    refusal = asked_of_grassroots(pack, units, item, admitted=admitted)
    if refusal is not None:
        raise change.refuse(refusal)
    clarity = _clarity(change, units, item, command.clarity)
    cooperate = change.due(LimitClock.COOPERATE)
    change.emit(
        ev.CooperatorsAdded,
        notes=command.notes,
        clarity=clarity,
        cooperate_due=cooperate,
        admission=command.admission,
        timers=[TimerChange(clock=Clock.COOPERATE, due=cooperate, of=unit) for unit in units],
    )


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {"Assign": assign, "AddCooperators": add_cooperators}
