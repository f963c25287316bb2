"""A unit says: not ours. Returns go to a neutral reviewer, never into nobody's hands; after the city's maximum only a joint
decision or the fallback is left (国办函〔2025〕66号: 派单异议审核制度). And the grassroots' objection to what was pushed down."""

from collections.abc import Callable
from typing import Any, Final

from casework.change import Change
from casework.clocks import due_of
from casework.dispatch import Plan, lawful_lead, plan_by_person, send, set_clocks, waits
from city.handling import Fallback
from city.terms import Clock as LimitClock
from city.terms import UnitKind
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import TimerChange
from schemas.words import Basis, Clock, Part, Refusal, Verdict


def ask_return(change: Change, command: cmd.AskReturn) -> None:
    """Within the limit from its dispatch (山东 2020: two working days), for a reason that the city takes. The unit holds the
    problem, and its clock runs, until somebody has decided: first do, then discuss."""
    problem, pack = change.problem, change.pack
    part = change.own_part()
    if part is None:
        raise change.refuse(Refusal.NOT_YOUR_ASSIGNMENT)
    if problem.final:
        raise change.refuse(Refusal.FINAL_DISPATCH)
    if command.reason.value not in pack.handling.returns:
        raise change.refuse(Refusal.REASON_NOT_ALLOWED)
    if command.at > due_of(pack, problem, LimitClock.RETURN, part.dispatched):
        raise change.refuse(Refusal.RETURN_LATE)
    if command.suggested is not None and pack.acting_unit(command.suggested) is None:
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    change.emit(
        ev.ReturnAsked,
        unit=part.unit,
        reason=command.reason,
        suggested=command.suggested,
        note=command.note,
        timers=[TimerChange(clock=Clock.REVIEW, due=change.due(LimitClock.REVIEW))],
    )


def decide_return(change: Change, command: cmd.DecideReturn) -> None:
    """Re-dispatch, refuse, confer or fall back. When the city's number of returns is used up, the problem is not sent on a
    further round."""
    problem, pack = change.problem, change.pack
    if problem.asked_return is None:
        raise change.refuse(Refusal.NOTHING_ASKED)
    match command.verdict:
        case Verdict.REDISPATCHED:
            if granted(change) >= pack.handling.returns_max.value:
                raise change.refuse(Refusal.RETURNS_EXHAUSTED)
            if command.lead == problem.asked_return.unit:
                raise change.refuse(Refusal.ASKED_ALREADY)
            plan = plan_by_person(change, command, Basis.PERSON)
            _decided(change, command.verdict, command.note)
            send(change, plan)
        case Verdict.REFUSED:
            _decided(change, command.verdict, command.note)
        case Verdict.CONFERENCE:
            timers = [TimerChange(clock=Clock.CONFERENCE, due=change.due(LimitClock.CONFERENCE))]
            _decided(change, command.verdict, command.note, timers)
        case Verdict.FALLBACK:
            taking = plan_by_person(change, command, Basis.FALLBACK, final=True) if command.lead else fallback(change)
            if taking is None:
                raise change.refuse(Refusal.UNKNOWN_UNIT)
            _decided(change, command.verdict, command.note)
            send(change, taking)


def granted(change: Change) -> int:
    """Returns that have led to another unit."""
    return sum(one.verdict is Verdict.REDISPATCHED for one in change.problem.returns)


def _decided(change: Change, verdict: Verdict, text: str, timers: list[TimerChange] | None = None) -> None:
    ended = [TimerChange(clock=clock, due=None) for clock in set_clocks(change.problem, (Clock.REVIEW,))]
    change.emit(ev.ReturnDecided, verdict=verdict, note=text, timers=[*ended, *(timers or [])])


def fallback(change: Change) -> Plan | None:
    """Who must take it by the city's rule; with the laws, so that it is never the grassroots. None: the pack names nobody."""
    problem, pack = change.problem, change.pack
    item = pack.duty_items.get(problem.duty_item) if problem.duty_item else None
    wanted: list[str | None] = []
    if pack.handling.fallback is Fallback.DISTRICT:
        wanted.append(_district_government(change))
    if item is not None and pack.handling.fallback is not Fallback.FIRST_LEAD:
        unit = pack.resolve(item.lead, problem.area)
        wanted.append(unit.code if unit is not None else None)
    wanted += [problem.first_lead, problem.lead, _district_government(change)]
    for code in wanted:
        acting = pack.acting_unit(code) if code else None
        if acting is not None and lawful_lead(pack, acting.code, problem.duty_item, problem.category) is None:
            stay = tuple(
                a.unit
                for a in problem.assignments
                if a.part is Part.COOPERATOR and change.part_of(a.unit) is a and a.unit != acting.code
            )
            return Plan(Basis.FALLBACK, acting.code, stay, problem.duty_item, final=True)
    return None


def _district_government(change: Change) -> str | None:
    """The government of the district where it happened."""
    district = change.pack.district_of(change.problem.area)
    if district is None:
        return None
    kinds = (UnitKind.DISTRICT_GOVERNMENT,)
    units = change.pack.units.values()
    return next((u.code for u in units if u.kind in kinds and u.area == district.code and u.abolished is None), None)


def decide_jointly(change: Change, command: cmd.DecideJointly) -> None:
    """What the conference fixed stands; with minutes."""
    plan = plan_by_person(change, command, Basis.JOINT_DECISION, final=True)
    change.emit(ev.ConferenceDecided, minutes=command.minutes)
    send(change, plan)


def conference_failed(change: Change) -> None:
    """No decision in time: the fallback takes it, or it waits for a person; it never stays between units."""
    plan = fallback(change)
    if plan is not None:
        send(change, plan)
    else:
        change.emit(ev.ProblemRecalled, basis=Basis.RETURNED.value, timers=waits(change))


def object_to(change: Change, command: cmd.Object) -> None:
    """一键投诉: only the grassroots, of its own part, once at a time; the part goes on meanwhile."""
    problem, unit = change.problem, change.unit()
    known = change.pack.units.get(unit)
    if known is None or not known.grassroots:
        raise change.refuse(Refusal.NOT_GRASSROOTS)
    if any(one.unit == unit and one.decided is None for one in problem.objections):
        raise change.refuse(Refusal.ASKED_ALREADY)
    number = len(problem.objections) + 1
    due = change.due(LimitClock.REVIEW)
    timers = [TimerChange(clock=Clock.OBJECTION, due=due, of=str(number))]
    change.emit(ev.Objected, number=number, unit=unit, note=command.note, timers=timers)


def decide_objection(change: Change, command: cmd.DecideObjection) -> None:
    """Upheld: the part is taken away; where it was the lead, the problem waits for a person."""
    problem = change.problem
    found = next((one for one in problem.objections if one.number == command.number and one.decided is None), None)
    if found is None:
        raise change.refuse(Refusal.NOTHING_ASKED)
    part = change.part_of(found.unit)
    leads = part is not None and part.part is Part.LEAD
    timers = [TimerChange(clock=Clock.OBJECTION, due=None, of=str(command.number))]
    if command.upheld and part is not None:
        timers += [TimerChange(clock=Clock.COOPERATE, due=None, of=found.unit)]
    change.emit(ev.ObjectionDecided, number=command.number, upheld=command.upheld, note=command.note, timers=timers)
    if command.upheld and leads:
        change.emit(ev.ProblemRecalled, basis=Basis.OBJECTED.value, timers=waits(change))


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "AskReturn": ask_return,
    "DecideReturn": decide_return,
    "DecideJointly": decide_jointly,
    "Object": object_to,
    "DecideObjection": decide_objection,
}
