"""Decide one command on one problem: state + command -> events and asks, or a refusal. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from casework import (
    admission,
    answering,
    calling_back,
    climbing,
    dispatch,
    expiring,
    knowing,
    looking_back,
    merging,
    passing,
    proposing,
    returning,
    splitting,
    starting,
    timing,
    watching,
    whistling,
)
from casework.change import Change, Decision, Refused
from casework.clocks import due
from casework.dispatch import basis_of, plan_by_findings, proposal_of, waiting_for_dispatch
from casework.fold import find_member, next_holder
from casework.timers import holds
from casework.transitions import TABLE
from casework.watching import Watching
from city.pack import CityPack
from city.terms import Clock as LimitClock
from schemas import commands as cmd
from schemas import events as ev
from schemas.admission import AdmissionTask
from schemas.aggregate import Timer
from schemas.commands import COMMAND, Command, OfProblem
from schemas.identity import command_id, problem_id
from schemas.knowledge import Knowledge
from schemas.passing import BuckFinding
from schemas.problem import Problem
from schemas.proposals import DutyProposal
from schemas.state import State
from schemas.watch import Watch
from schemas.words import (
    AssignmentState,
    Basis,
    Clock,
    Mode,
    Part,
    ProblemState,
    Refusal,
    Role,
)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a report belongs to this problem: name of the rule and similarity in 0..1; and the order number of a new one.

    via: merged problems that it went through on its way here, from the one that it was claimed for.
    """

    reason: str = ""
    score: float = 0.0
    order_number: str = ""
    via: tuple[str, ...] = ()


def decide(state: State, command: Command, origin: tuple[int, int], pack: CityPack, match: Match | None = None) -> Decision:
    """Change `state` in place by `command`; a refused command changes nothing.

    match: for AddReport only, what the matcher said and the order number that was claimed.
    """
    if isinstance(state, Problem):
        return _decide(Change(state, command, origin, pack), match)
    return OTHERS[type(state)](state, command, origin, pack)


def _decide(change: Change, match: Match | None) -> Decision:
    problem, command = change.problem, change.command
    rule = TABLE[command.type]
    try:
        if command.actor.role not in rule.roles:
            raise Refused(Refusal.FORBIDDEN_ROLE)
        if problem.version == 0:
            return _before_it_exists(change, match or Match())
        if rule.parks and problem.frozen:
            change.emit(ev.CommandParked, parked=COMMAND.dump_json(command).decode())
            return Decision("parked", change.lines, change.asks)
        holder = _elsewhere(problem, command) if rule.follows else None
        if holder is not None:
            return Decision("forwarded", asks=[forwarded(command, holder)])
        if problem.state not in rule.states:
            raise Refused(Refusal.FORBIDDEN_STATE)
        if rule.own is not None and command.actor.role is Role.UNIT:
            _check_own(change, rule.own, rule.part)
        _DECIDERS[command.type](change, command, match or Match())
    except Refused as refused:
        return Decision("refused", code=refused.code)
    return Decision("applied", change.lines, change.asks)


OTHERS: dict[type, Callable[[Any, Any, tuple[int, int], CityPack], Decision]] = {
    Watch: lambda state, command, origin, pack: watching.decide(Watching(state, command, origin, pack)),
    Knowledge: lambda state, command, origin, pack: knowing.decide(knowing.Knowing(state, command, origin, pack)),
    AdmissionTask: lambda state, command, origin, pack: admission.decide(admission.Admitting(state, command, origin, pack)),
    BuckFinding: lambda state, command, origin, pack: passing.decide(passing.Judging(state, command, origin, pack)),
    DutyProposal: lambda state, command, origin, pack: proposing.decide(proposing.Proposing(state, command, origin, pack)),
}
"""How aggregates decide that are no problems."""


def forwarded(command: Any, target: str) -> Command:
    """The same command for another problem, with an id derived from the first one's."""
    from_id = command_id(command.id, "forward", target)
    if isinstance(command, OfProblem):
        return command.model_copy(update={"id": from_id, "problem": target, "slot": int(target[1:4])})  # type: ignore[return-value]
    raise Refused(Refusal.FORBIDDEN_STATE)


def _check_own(change: Change, own: frozenset[AssignmentState], part: Part | None) -> None:
    """The unit's own part is of the kind, and stands where this may be asked."""
    held = change.own_part()
    if held is None:
        raise Refused(Refusal.NOT_YOUR_ASSIGNMENT)
    if part is not None and held.part is not part:
        raise Refused(Refusal.NOT_THE_LEAD)
    if held.state not in own:
        raise Refused(Refusal.FORBIDDEN_STATE)


def _elsewhere(problem: Problem, command: Command) -> str | None:
    """Where a command goes on to: after its report, or from a merged problem to its target."""
    report = _report_of(command)
    if report is not None:
        return next_holder(problem, report)
    return problem.merge.target if problem.state is ProblemState.MERGED and problem.merge is not None else None


def _report_of(command: Command) -> str | None:
    """The report that the command is about, when it is about one."""
    match command:
        case cmd.AddReport() | cmd.ReviseReport():
            return command.record.report
        case cmd.MakeLive() | cmd.EraseReport():
            return command.report
        case _:
            return None


def _before_it_exists(change: Change, match: Match) -> Decision:
    """Only a report of its own or a split founds a problem. What comes before that waits in its document, for a time.

    A report, or what is about one, can be here before the split that brings the report.
    Nothing of this is an event: the document stays at version 0.
    """
    problem, command = change.problem, change.command
    if isinstance(command, cmd.AddReport) and problem.id == problem_id(command.slot, command.id):
        _register(change, command, match)
        return Decision("applied", change.lines, change.asks)
    if isinstance(command, cmd.Found):
        splitting.found(change, command, match.order_number)
        return Decision("applied", change.lines, change.asks)
    if isinstance(command, cmd.Absorb):
        merging.refuse_absorb(change, command, Refusal.NOT_FOUND)
        return Decision("refused", asks=change.asks, code=Refusal.NOT_FOUND)
    if isinstance(command, cmd.FireTimer):
        if not holds(problem, command.clock, command.due):
            raise Refused(Refusal.TIMER_VOID)
        given_up, problem.parked, problem.timers = problem.parked, [], []
        return Decision("applied", given_up=given_up)
    if command.actor.role is Role.UNIT or _report_of(command) is not None:
        if all(orjson.loads(line)["id"] != command.id for line in problem.parked):  # a broker may bring it twice
            problem.parked.append(COMMAND.dump_json(command).decode())
        if not any(timer.clock is Clock.PARK for timer in problem.timers):
            until = due(change.pack, LimitClock.PROGRESS_PARK, command.at)
            problem.timers.append(Timer(clock=Clock.PARK, due=until))
        return Decision("parked")
    raise Refused(Refusal.NOT_FOUND)


def _register(change: Change, command: cmd.AddReport, match: Match) -> None:
    """A problem is founded: on the grid's ladder, dispatched, or waiting for a person, who has a limit too."""
    record, findings, pack = command.record, command.record.findings, change.pack
    best = findings.categories[0] if findings.categories else None
    category = best.code if best else None
    history = record.mode is Mode.HISTORY
    parked = list(change.problem.parked)
    plan = None if history else plan_by_findings(pack, findings, category)
    kind = record.request_type or (findings.request_type.type if findings.request_type else None)
    basis = Basis.HISTORY.value if history else basis_of(pack, findings, category)
    since = change.problem.model_copy(update={"category": category, "urgency": findings.urgency.level, "kind": kind})
    change.emit(
        ev.ProblemRegistered,
        order_number=match.order_number,
        mode=record.mode,
        basis=basis,
        category=category,
        category_confidence=best.confidence if best else 0.0,
        urgency=findings.urgency.level,
        area=findings.place.area,
        grid=findings.place.grid,
        record=record,
        members=[],
        split_from=None,
        kind=kind,
        timers=[] if history or plan is not None else [waiting_for_dispatch(pack, since, command.at)],
    )
    proposal = proposal_of(plan)
    if plan is not None and climbing.climbs(pack, record, proposal):
        climbing.step(change, pack.ladder(findings.place.grid or "")[0], proposal)
    elif plan is not None:
        dispatch.send(change, plan)
    change.asks += [COMMAND.validate_json(waiting) for waiting in parked]


def _add_report(change: Change, command: cmd.AddReport, match: Match) -> None:
    if find_member(change.problem, command.record.report) is None:
        change.emit(ev.ReportAdded, record=command.record, reason=match.reason, score=match.score, via=list(match.via))


def _revise(change: Change, command: cmd.ReviseReport, _match: Match) -> None:
    """An explicit revision number must rise; without one the correction counts one up. Late lower ones are superseded, and so is
    an uncounted one that came in before what holds: it went through another slot, and was overtaken."""
    member = find_member(change.problem, command.record.report)
    if member is None:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if member.erased:
        raise change.refuse(Refusal.ERASED)
    record = command.record
    overtaken = record.revision is None and (record.received, record.sequence) < (member.received, member.sequence)
    revision = record.revision or member.revision + 1
    if overtaken or revision <= member.revision:
        raise change.refuse(Refusal.SUPERSEDED)
    change.emit(ev.ReportRevised, record=command.record, revision=revision)


def _make_live(change: Change, command: cmd.MakeLive, _match: Match) -> None:
    problem = change.problem
    member = find_member(problem, command.report)
    if member is None:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if member.mode is Mode.LIVE:
        return
    if problem.mode is Mode.LIVE:
        change.emit(ev.ReportMadeLive, report=command.report, basis=problem.basis)
        return
    plan = plan_by_findings(change.pack, command.findings, problem.category)
    basis = basis_of(change.pack, command.findings, problem.category)
    timers = [] if plan is not None else dispatch.waits(change)
    change.emit(ev.ReportMadeLive, report=command.report, basis=basis, timers=timers)
    if plan is not None:
        dispatch.send(change, plan)


def _erase(change: Change, command: cmd.EraseReport, _match: Match) -> None:
    member = find_member(change.problem, command.report)
    if member is None:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if not member.erased:
        change.emit(ev.ReportErased, report=command.report)


def _fire(change: Change, command: cmd.FireTimer, _match: Match) -> None:
    if not holds(change.problem, command.clock, command.due, command.of):
        raise change.refuse(Refusal.TIMER_VOID)
    if command.clock is Clock.RESEND:
        again = due(change.pack, LimitClock.MERGE_RETRY, command.at)
        asks = merging.pending(change) + splitting.pending(change)
        change.emit(ev.AskedAgain, due=again)
        change.asks += asks
    else:
        expiring.expire(change, command)


def _of_handling(decider: Callable[[Change, Any], None]) -> Callable[[Change, Any, Match], None]:
    return lambda change, command, _match: decider(change, command)


_HANDLING = (dispatch, starting, returning, timing, answering, calling_back, looking_back, whistling, climbing)
_DECIDERS: dict[str, Callable[[Change, Any, Match], None]] = {
    "AddReport": _add_report,
    "ReviseReport": _revise,
    "MakeLive": _make_live,
    "EraseReport": _erase,
    "FireTimer": _fire,
    "Merge": lambda change, command, _match: merging.merge(change, command),
    "Unmerge": lambda change, command, _match: merging.unmerge(change, command),
    "Unsplit": lambda change, command, _match: splitting.unsplit(change, command),
    "Split": lambda change, command, _match: splitting.split(change, command),
    "Absorb": lambda change, command, _match: merging.absorb(change, command),
    "AbsorbAnswer": lambda change, command, _match: merging.absorb_answered(change, command),
    "ReturnMembers": lambda change, command, _match: merging.return_members(change, command),
    "MembersReturned": lambda change, command, _match: merging.members_returned(change, command),
    "Found": lambda change, command, match: splitting.found(change, command, match.order_number),
    "FoundAnswer": lambda change, command, _match: splitting.found_answered(change, command),
    **{name: _of_handling(decider) for module in _HANDLING for name, decider in module.DECIDERS.items()},
}
