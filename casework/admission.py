"""Decide one command on an admission task (荆门, seed rows 2.1-2.4, 2.8): a matter on the list passes, the negative list
blocks, and everything else waits for somebody neutral: 部门提交, 审核, 乡镇(街道)派发, 村(社区)接收."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from casework.by_table import MACHINE, NEUTRAL, UNIT, Row, decide_by_table, expire
from casework.change import Decision, Draft
from casework.clocks import due
from city.pack import CityPack
from city.records import DutyItem, Unit
from city.terms import Clock as LimitClock
from city.terms import ListKind, TownshipRole, UnitKind
from schemas import admission as adm
from schemas.admission import AdmissionTask, Bypass, TaskState, TaskVerdict
from schemas.commands import Actor, Command
from schemas.commands_handling import AddCooperators
from schemas.handling import Clarity, TimerChange
from schemas.identity import slot_of, slot_of_problem
from schemas.words import Clock, Refusal, Role

CLEAR_FROM: Final = 6
"""Characters (without spaces and punctuation) below which a demand says nothing that somebody could act on."""

_S = TaskState
_UNGRANTED: Final = frozenset({_S.SUBMITTED, _S.DEFERRED, _S.RETURNED})

ADMISSION_TABLE: Final[dict[str, Row]] = {
    "SubmitTask": Row(UNIT, frozenset({_S.DEFERRED, _S.RETURNED}), founds=True),
    "ReviewTask": Row(NEUTRAL, frozenset({_S.SUBMITTED})),
    "DispatchTask": Row(UNIT, frozenset({_S.GRANTED, _S.DISPATCHED, _S.RECEIVED})),
    "ReceiveTask": Row(UNIT, frozenset({_S.DISPATCHED})),
    "ReturnTask": Row(UNIT | NEUTRAL, frozenset({_S.SUBMITTED, _S.GRANTED})),
    "WithdrawTask": Row(UNIT, _UNGRANTED | {_S.GRANTED}),
    "ReportBypass": Row(UNIT, frozenset(), founds=True),
    "JudgeBypass": Row(NEUTRAL, frozenset({_S.OBJECTED})),
    "FireTimer": Row(MACHINE, frozenset(TaskState)),
}
"""Who may ask what of an admission task, in which state."""

_CASEWORK: Final = Actor(id="casework", role=Role.SYSTEM)
_FILLING: Final = re.compile(r"[\W_]+")


class Admitting(Draft):
    """A change to an admission task."""

    def __init__(self, task: AdmissionTask, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(task, command, origin, pack)
        self.task = task

    @property
    def by(self) -> str:
        """The unit that asks, "" for none."""
        return self.command.actor.unit or ""


def decide(change: Admitting) -> Decision:
    """A refused command changes nothing."""
    return decide_by_table(change, change.task.state, ADMISSION_TABLE, _DECIDERS)


def says_something(text: str) -> bool:
    """At least CLEAR_FROM characters that are not one word over and over (三个明确: 143 tasks came back as 要求不清晰, row
    2.2)."""
    words = _FILLING.sub("", text)
    once = (words + words).find(words, 1)
    return len(words) >= CLEAR_FROM and once == len(words)


def is_clear(clarity: Clarity) -> bool:
    """Every one of the three says something, and no two the same."""
    said = [_FILLING.sub("", text) for text in (clarity.department, clarity.grassroots, clarity.support)]
    return len(set(said)) == len(said) and all(map(says_something, said))


def on_list(pack: CityPack, item: DutyItem | None, department: str, units: Iterable[str]) -> bool:
    """The list lets this department ask these units: it names the township, and the department as lead or cooperator, there."""
    if item is None or item.list_kind is ListKind.NEGATIVE or item.township_role is TownshipRole.NONE:
        return False
    return all(department in _named(pack, item, pack.units[unit].area) for unit in units)


def _named(pack: CityPack, item: DutyItem, area: str) -> set[str]:
    found = (pack.resolve(pattern, area) for pattern in (item.lead, *item.cooperators))
    return {unit.code for unit in found if unit is not None}


def township_of(pack: CityPack, unit: Unit) -> str | None:
    """The township or street that a grassroots unit belongs to; itself when it is one; None when the pack has none."""
    if unit.kind is UnitKind.TOWNSHIP:
        return unit.code
    above = {area.code for area in pack.area_ancestors(unit.area)}
    parent = pack.units.get(unit.parent) if unit.parent else None
    candidates = [parent] if parent and parent.kind is UnitKind.TOWNSHIP else list(pack.units.values())
    found = (u.code for u in candidates if u.kind is UnitKind.TOWNSHIP and u.area in above and u.abolished is None)
    return next(found, None)


def _submit(change: Admitting, command: adm.SubmitTask) -> None:
    task, pack = change.task, change.pack
    department = pack.units.get(change.by)
    if department is None or department.abolished is not None:
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    if department.grassroots:
        raise change.refuse(Refusal.FORBIDDEN_ROLE)
    if task.version and task.department != department.code:
        raise change.refuse(Refusal.NOT_YOUR_TASK)
    units = list(dict.fromkeys(command.units))
    townships = _asked(change, units)
    item = _listed(change, command.duty_item)
    _known_problem(change, command.problem)
    if not is_clear(command.clarity):
        raise change.refuse(Refusal.NOT_CLEAR)
    listed = on_list(pack, item, department.code, units)
    review, ask = due(pack, LimitClock.ADMISSION, command.at), change.ask_id("admit")
    change.emit(
        adm.TaskSubmitted,
        department=department.code,
        units=units,
        townships=townships,
        on_list=listed,
        timers=[TimerChange(clock=Clock.ADMISSION, due=None if listed else review)],
        **{name: getattr(command, name) for name in ("kind", "title", "clarity", "duty_item", "problem", "consulted", "due")},
    )
    if listed:
        _tell_problem(change, ask)


def _asked(change: Admitting, units: list[str]) -> list[str]:
    """The townships of the units asked; refuses what is no grassroots unit of the slot's district."""
    pack, townships = change.pack, []
    for code in units:
        unit = pack.units.get(code)
        if unit is None or unit.abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
        if not unit.grassroots:
            raise change.refuse(Refusal.NOT_GRASSROOTS)
        if pack.slot_of(unit.area).number != change.task.slot:
            raise change.refuse(Refusal.OTHER_DISTRICT)
        township = township_of(pack, unit)
        if township is None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
        townships.append(township)
    return list(dict.fromkeys(townships))


def _listed(change: Admitting, code: str | None) -> DutyItem | None:
    item = change.pack.duty_items.get(code) if code is not None else None
    if code is not None and item is None:
        raise change.refuse(Refusal.UNKNOWN_DUTY_ITEM)
    if item is not None and item.list_kind is ListKind.NEGATIVE:
        raise change.refuse(Refusal.NEGATIVE_LIST)
    return item


def _known_problem(change: Admitting, problem: str | None) -> None:
    try:
        if problem is not None:
            slot_of_problem(problem)
    except ValueError:
        raise change.refuse(Refusal.NOT_FOUND) from None


def _review(change: Admitting, command: adm.ReviewTask) -> None:
    task = change.task
    if command.actor.id == task.submitter or change.by in {task.department, *task.units}:
        raise change.refuse(Refusal.JUDGES_OWN)
    if command.verdict is TaskVerdict.GRANTED:
        _listed(change, task.duty_item if task.duty_item in change.pack.duty_items else None)
    over, ask = [TimerChange(clock=Clock.ADMISSION, due=None)], change.ask_id("admit")
    change.emit(adm.TaskReviewed, verdict=command.verdict, note=command.note, timers=over)
    if command.verdict is TaskVerdict.GRANTED:
        _tell_problem(change, ask)


def _tell_problem(change: Admitting, ask: str) -> None:
    """The problem that the task belongs to is asked to take the units in. ask: the id of that command."""
    task, command = change.task, change.command
    if task.problem is None or task.clarity is None:
        return
    change.asks.append(
        AddCooperators(
            id=ask,
            slot=slot_of_problem(task.problem),
            at=command.at,
            actor=_CASEWORK,
            pack=command.pack,
            model=command.model,
            problem=task.problem,
            notes=dict.fromkeys(task.units, task.clarity.grassroots),
            clarity=task.clarity.model_copy(),
            admission=task.id,
        )
    )


def _dispatch(change: Admitting, command: adm.DispatchTask) -> None:
    task, pack = change.task, change.pack
    if change.by not in task.townships:
        raise change.refuse(Refusal.NOT_YOUR_TASK)
    units = list(dict.fromkeys(command.units))
    listed = {code for code in task.units if code != change.by and _belongs(pack, code, change.by)}
    for code in units:
        if code not in pack.units or pack.units[code].abolished is not None:
            raise change.refuse(Refusal.UNKNOWN_UNIT)
        if not _belongs(pack, code, change.by) or (change.by not in task.units and code not in listed):
            raise change.refuse(Refusal.NOT_A_PART)
        if any(part.unit == code for part in task.parts):
            raise change.refuse(Refusal.ASKED_ALREADY)
    change.emit(adm.TaskDispatched, township=change.by, units=units)


def _belongs(pack: CityPack, code: str, township: str) -> bool:
    unit = pack.units.get(code)
    return unit is not None and unit.grassroots and township_of(pack, unit) == township


def _receive(change: Admitting, _command: adm.ReceiveTask) -> None:
    part = next((part for part in change.task.parts if part.unit == change.by), None)
    if part is None:
        raise change.refuse(Refusal.NOT_YOUR_TASK)
    if part.received is None:
        change.emit(adm.TaskReceived, unit=part.unit)


def _return(change: Admitting, command: adm.ReturnTask) -> None:
    """A reviewer returns what waits for review; a township what it is to dispatch."""
    task, reviewing = change.task, command.actor.role in NEUTRAL
    if reviewing and (command.actor.id == task.submitter or change.by in {task.department, *task.units}):
        raise change.refuse(Refusal.JUDGES_OWN)
    if reviewing is not (task.state is TaskState.SUBMITTED):
        raise change.refuse(Refusal.FORBIDDEN_STATE)
    if not reviewing and change.by not in task.townships:
        raise change.refuse(Refusal.NOT_YOUR_TASK)
    over = [TimerChange(clock=Clock.ADMISSION, due=None)]
    change.emit(adm.TaskReturned, by="" if reviewing else change.by, note=command.note, timers=over)


def _withdraw(change: Admitting, command: adm.WithdrawTask) -> None:
    if change.by != change.task.department:
        raise change.refuse(Refusal.NOT_YOUR_TASK)
    change.emit(adm.TaskWithdrawn, note=command.note, timers=[TimerChange(clock=Clock.ADMISSION, due=None)])


def _report(change: Admitting, command: adm.ReportBypass) -> None:
    pack = change.pack
    by, against = pack.units.get(command.by), pack.units.get(command.against)
    if by is None or against is None:
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    if change.by != command.by or not by.grassroots:
        raise change.refuse(Refusal.NOT_GRASSROOTS if change.by == command.by else Refusal.NOT_YOUR_TASK)
    if pack.slot_of(by.area).number != change.task.slot:
        raise change.refuse(Refusal.OTHER_DISTRICT)
    try:
        if command.task:
            slot_of(command.task)
    except ValueError:
        raise change.refuse(Refusal.NOT_FOUND) from None
    until = due(pack, LimitClock.REVIEW, command.at)
    bypass = Bypass(by=command.by, against=command.against, kind=command.kind, note=command.note, task=command.task)
    change.emit(adm.BypassReported, bypass=bypass, timers=[TimerChange(clock=Clock.OBJECTION, due=until)])


def _judge(change: Admitting, command: adm.JudgeBypass) -> None:
    bypass = change.task.bypass
    if bypass is None or change.by in {bypass.by, bypass.against} or command.actor.id == change.task.submitter:
        raise change.refuse(Refusal.JUDGES_OWN)
    over = [TimerChange(clock=Clock.OBJECTION, due=None)]
    change.emit(adm.BypassJudged, upheld=command.upheld, note=command.note, timers=over)


_DECIDERS: Final[dict[str, Callable[[Admitting, Any], None]]] = {
    "SubmitTask": _submit,
    "ReviewTask": _review,
    "DispatchTask": _dispatch,
    "ReceiveTask": _receive,
    "ReturnTask": _return,
    "WithdrawTask": _withdraw,
    "ReportBypass": _report,
    "JudgeBypass": _judge,
    "FireTimer": expire,
}
