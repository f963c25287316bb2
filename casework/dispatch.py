"""Dispatch by the laws, for machines and for people alike (laws 2 and 3, 国办函〔2025〕66号 (五))."""

from datetime import datetime
from typing import Final

from casework.change import Change
from casework.clocks import due
from city.pack import CityPack
from city.terms import Clock as LimitClock
from city.terms import ListKind, TownshipRole
from schemas.commands import Assign
from schemas.events import Dispatched
from schemas.findings import Findings
from schemas.problem import Problem
from schemas.words import Basis, Refusal

WITHOUT_A_PERSON: Final = frozenset((Basis.ONE_DUTY_ITEM, Basis.PROMISED))
"""Bases on which a dispatch is made by the machine, if the laws allow the unit."""


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


def due_times(pack: CityPack, problem: Problem, category: str | None, at: datetime) -> tuple[datetime, datetime]:
    """(sign, handle) due times. Handling runs from the first dispatch, whatever happens after (law 5)."""
    start = problem.first_dispatch or at
    urgency = problem.urgency
    return due(pack, LimitClock.SIGN, at, urgency, category), due(pack, LimitClock.HANDLE, start, urgency, category)


def dispatch_by_findings(change: Change, findings: Findings) -> None:
    """What holds the promise is dispatched without a person; until a model is calibrated one unambiguous duty item is, marked so.
    Everything else waits for a person."""
    problem, pack = change.problem, change.pack
    if findings.basis not in WITHOUT_A_PERSON or basis_of(pack, findings, problem.category) != findings.basis:
        return
    best = findings.units[0]
    cooperators = [
        code for code in best.cooperators if code != best.unit and (unit := pack.units.get(code)) and not unit.abolished
    ]
    sign, handle = due_times(pack, problem, problem.category, change.command.at)
    change.emit(
        Dispatched,
        basis=findings.basis,
        lead=best.unit,
        cooperators=cooperators,
        notes={},
        category=problem.category,
        duty_item=best.duty_item,
        sign_due=sign,
        handle_due=handle,
    )


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


def assign(change: Change, command: Assign) -> None:
    """A person dispatches. The laws hold for people too; exactly one lead, and no unit twice."""
    problem, pack = change.problem, change.pack
    if command.category is not None and command.category not in pack.categories:
        raise change.refuse(Refusal.UNKNOWN_CATEGORY)
    refusal = lawful_lead(pack, command.lead, command.duty_item, command.category or problem.category)
    if refusal is not None:
        raise change.refuse(refusal)
    if command.duty_item is not None and command.duty_item not in pack.duty_items:
        raise change.refuse(Refusal.UNKNOWN_DUTY_ITEM)
    cooperators = [code for code in dict.fromkeys(command.cooperators) if code != command.lead]
    for code in cooperators:
        unit = pack.units.get(code)
        if unit is None or unit.abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
    sign, handle = due_times(pack, problem, command.category or problem.category, command.at)
    change.emit(
        Dispatched,
        basis=Basis.PERSON.value,
        lead=command.lead,
        cooperators=cooperators,
        notes=command.notes,
        category=command.category,
        duty_item=command.duty_item,
        sign_due=sign,
        handle_due=handle,
    )
