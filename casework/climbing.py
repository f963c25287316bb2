"""The grid's ladder: 三级网格员, 二级, 一级网格长, then the departments (鞍山, seed row 4.5); a timer per hop, "solved here" or
"up"."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from casework.change import Change
from casework.dispatch import Plan, asked_of_grassroots, lawful_lead, machine_plan, send, waits
from casework.ending import close
from city.handling import LadderUse
from city.pack import CityPack
from city.records import Worker
from city.terms import TownshipRole
from schemas import commands_handling as cmd
from schemas import events_handling as ev
from schemas.handling import Proposal, TimerChange
from schemas.report_record import ReportRecord
from schemas.words import Basis, Channel, Clock, Ending, HopEnd, Refusal, Urgency


def climbs(pack: CityPack, record: ReportRecord, proposal: Proposal | None) -> bool:
    """A grid worker's report that is not urgent and of whose matter the township has a part, where the city wants it so. A
    department's matter goes to the department at once: it is not for the grassroots to keep (国办函〔2025〕66号)."""
    if record.channel is not Channel.GRID or record.findings.urgency.level is not Urgency.NORMAL or proposal is None:
        return False
    item = pack.duty_items.get(proposal.duty_item)
    if item is None or record.findings.place.grid is None or not pack.ladder(record.findings.place.grid):
        return False
    match pack.handling.ladder:
        case LadderUse.TOWNSHIP_DUTY:
            return item.township_role is TownshipRole.LEAD
        case LadderUse.TOWNSHIP_PART:
            return item.township_role is not TownshipRole.NONE
        case LadderUse.NONE:
            return False


def climb_from(change: Change, command: cmd.ClimbFrom) -> None:
    """By a clerk's hand, from the lowest post of the grid."""
    grid = change.problem.grid
    ladder = change.pack.ladder(grid) if grid else ()
    if not ladder:
        raise change.refuse(Refusal.NO_LADDER)
    step(change, ladder[0], command.proposal)


def step(change: Change, post: Worker, proposal: Proposal | None = None) -> None:
    """This post has it from now, until its limit."""
    hours = change.pack.handling.ladder_hours[post.level].value
    due = change.command.at + timedelta(hours=hours)
    ended = [TimerChange(clock=t.clock, due=None) for t in change.problem.timers if t.clock is Clock.DISPATCH]
    timers = [*ended, TimerChange(clock=Clock.LADDER, due=due)]
    change.emit(ev.HopStarted, post=post.code, level=post.level.value, due=due, proposal=proposal, timers=timers)


def solved_here(change: Change, command: cmd.SolvedHere) -> None:
    """The post has done it; the callers hear it, and a look back may be drawn."""
    _check_post(change)
    change.emit(ev.HopEnded, end=HopEnd.SOLVED, note=command.text)
    close(change, Ending.REPLIED)


def step_up(change: Change, command: cmd.StepUp) -> None:
    _check_post(change)
    up(change, HopEnd.UP, command.note)


def up(change: Change, end: HopEnd, text: str = "") -> None:
    """To the next post; above the last one the departments, by what the machine proposed and the laws allow, else a person."""
    problem, pack = change.problem, change.pack
    hop = problem.hop
    posts = pack.ladder(problem.grid) if problem.grid else ()
    codes = [post.code for post in posts]
    place = codes.index(hop.post) if hop is not None and hop.post in codes else len(codes)
    last = [TimerChange(clock=Clock.LADDER, due=None)]
    if place + 1 < len(posts):
        change.emit(ev.HopEnded, end=end, note=text, timers=last)
        step(change, posts[place + 1])
        return
    plan = _plan(change)
    change.emit(ev.HopEnded, end=end, note=text, timers=last if plan is not None else [*last, *waits(change)])
    if plan is not None:
        send(change, plan)


def _plan(change: Change) -> Plan | None:
    problem, pack = change.problem, change.pack
    proposal = problem.proposal
    if proposal is None or lawful_lead(pack, proposal.unit, proposal.duty_item, problem.category) is not None:
        return None
    cooperators = [code for code in proposal.cooperators if code in pack.units]
    if asked_of_grassroots(pack, cooperators, pack.duty_items.get(proposal.duty_item)) is not None:
        cooperators = [code for code in cooperators if not pack.units[code].grassroots]
    return machine_plan(pack, Basis.FROM_LADDER, proposal.unit, cooperators, proposal.duty_item)


def _check_post(change: Change) -> None:
    """actor.id is the post's code, or actor.unit is."""
    hop, actor = change.problem.hop, change.command.actor
    if hop is None:
        raise change.refuse(Refusal.NO_LADDER)
    if hop.post not in (actor.id, actor.unit):
        raise change.refuse(Refusal.NOT_YOUR_POST)


DECIDERS: Final[dict[str, Callable[[Change, Any], None]]] = {
    "SolvedHere": solved_here,
    "StepUp": step_up,
    "ClimbFrom": climb_from,
}
