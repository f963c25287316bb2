"""Before and beside a unit's work: answered, declined, handed over, taken back, put under another category or another unit."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from casework.dispatch import Plan, lawful_lead, machine_plan, send, waits
from casework.ending import close
from casework.merging import SYSTEM
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.identity import command_id, slot_of
from schemas.knowledge import UseKnowledge
from schemas.words import Basis, Ending, Part, Refusal


def answer_directly(change: Change, command: cmd.AnswerDirectly) -> None:
    """直办: the answer is given while the call is taken; the knowledge item that was used is counted."""
    item, _, _edition = command.knowledge.partition("@")
    counts = [_use(change, item)] if item else []
    change.emit(ev.AnsweredDirectly, text=command.text, knowledge=command.knowledge)
    close(change, Ending.ANSWERED)
    change.asks += counts


def _use(change: Change, item: str) -> UseKnowledge:
    """To the knowledge item: it has answered a caller of this problem. Refuses what names no item."""
    try:
        slot = slot_of(item)
    except ValueError:
        raise change.refuse(Refusal.KNOWLEDGE_UNUSABLE) from None
    if not item.startswith("k"):
        raise change.refuse(Refusal.KNOWLEDGE_UNUSABLE)
    return UseKnowledge(
        id=command_id(change.command.id, "use", item),
        slot=slot,
        at=change.command.at,
        actor=SYSTEM,
        pack=change.command.pack,
        aggregate=item,
        problem=change.problem.id,
    )


def decline(change: Change, command: cmd.Decline) -> None:
    """Not accepted: for a reason that the city takes, and never without the lawful path."""
    if command.reason.value not in change.pack.handling.declines:
        raise change.refuse(Refusal.REASON_NOT_ALLOWED)
    change.emit(ev.ProblemDeclined, reason=command.reason, text=command.text)
    close(change, Ending.NOT_ACCEPTED)


def hand_over(change: Change, command: cmd.HandOver) -> None:
    """Another line of the state has it now, under its own number."""
    if command.to.value not in change.pack.handling.hand_overs:
        raise change.refuse(Refusal.REASON_NOT_ALLOWED)
    change.emit(ev.ProblemHandedOver, to=command.to, number=command.number, note=command.note)
    close(change, Ending.HANDED_OVER)


def recall(change: Change, command: cmd.Recall) -> None:
    """The dispatcher takes it back from everybody."""
    change.emit(ev.ProblemRecalled, basis=Basis.RECALLED.value, note=command.note, timers=waits(change))


def recategorise(change: Change, command: cmd.Recategorise) -> None:
    """Another category is another matter: routed again by the duty list, clocks run again from the first dispatch. Where the list
    does not name one lead alone, a person dispatches."""
    problem, pack = change.problem, change.pack
    if command.category not in pack.categories:
        raise change.refuse(Refusal.UNKNOWN_CATEGORY)
    if command.category == problem.category and problem.confirmed_category:
        raise change.refuse(Refusal.SAME_CATEGORY)
    change.emit(ev.Recategorised, category=command.category, before=problem.category)
    plan = plan_by_list(change, command.category)
    if plan is not None:
        send(change, plan)
    elif problem.assignments and problem.lead is not None and any(change.part_of(a.unit) is a for a in problem.assignments):
        change.emit(ev.ProblemRecalled, basis=Basis.RECATEGORISED.value, timers=waits(change))


def plan_by_list(change: Change, category: str) -> Plan | None:
    """The dispatch that the duty list alone says: the one item of the nearest level of the tree that has any, at this place."""
    pack, problem = change.pack, change.problem
    items = pack.duty_items_for(category)
    own = [item for item in items if category in item.categories] or list(items)
    if len(own) != 1 or problem.area is None:
        return None
    item = own[0]
    lead = pack.resolve(item.lead, problem.area)
    if lead is None or lawful_lead(pack, lead.code, item.code, category) is not None:
        return None
    found = (pack.resolve(pattern, problem.area) for pattern in item.cooperators)
    return machine_plan(pack, Basis.RECATEGORISED, lead.code, [unit.code for unit in found if unit is not None], item.code)


def succeed(change: Change, command: cmd.Succeed) -> None:
    """An abolished unit's open part goes to its successor as it stands, clocks and all. Where nobody took over, or the law
    forbids the successor to lead, or it has a part already as the lead, a person dispatches."""
    problem, pack = change.problem, change.pack
    part = change.part_of(command.unit)
    unit = pack.units.get(command.unit)
    if part is None:
        raise change.refuse(Refusal.NOT_A_PART)
    if unit is None or unit.abolished is None:
        raise change.refuse(Refusal.NOTHING_ASKED)
    after = pack.acting_unit(command.unit)
    lawful = after is not None and (
        part.part is not Part.LEAD or lawful_lead(pack, after.code, problem.duty_item, problem.category) is None
    )
    leads = part.part is Part.LEAD
    if after is not None and lawful:
        change.emit(ev.UnitSucceeded, unit=command.unit, successor=after.code)
    elif leads:
        change.emit(ev.ProblemRecalled, basis=Basis.SUCCEEDED.value, timers=waits(change))
    else:
        change.emit(ev.UnitSucceeded, unit=command.unit, successor=None)


def note(change: Change, command: cmd.Note) -> None:
    change.emit(ev.Noted, text=command.text)


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "AnswerDirectly": answer_directly,
    "Decline": decline,
    "HandOver": hand_over,
    "Recall": recall,
    "Recategorise": recategorise,
    "Succeed": succeed,
    "Note": note,
}
