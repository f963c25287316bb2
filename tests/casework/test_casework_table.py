"""Who may ask what, in which state: every command in every state, by every role and from every state of a unit's own part."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, get_args

import pytest
from world import (
    ACTORS,
    BURNING,
    BURNING_ITEM,
    CLARITY,
    CLEANERS,
    CLEANING,
    ENVIRONMENT,
    GRID,
    POLICE,
    STREET,
    WATER,
    World,
    findings,
    record,
    sample_pack,
    unit_actor,
    without,
)

from casework.change import Decision
from casework.decide import decide
from casework.refusals import SENTENCES
from casework.transitions import TABLE
from schemas.command_base import Actor, OfAggregate
from schemas.commands import COMMAND, Command, OfWatch
from schemas.handling import Application
from schemas.identity import problem_id, slot_of_problem
from schemas.problem import Assignment, Problem
from schemas.words import OPEN_ASSIGNMENTS, AssignmentState, Clock, Mode, Part, ProblemState, Refusal, Role, Wish

KINDS = [m.__name__ for m in get_args(get_args(Command)[0]) if not issubclass(m, OfAggregate | OfWatch)]
"""AddReport, FireTimer, and every command to a problem."""
OTHER = problem_id(4, "other")

# what was agreed, written down a second time on purpose: a slip in the table shows here

_UNDISPATCHED = "waiting on_ladder "
_AT_WORK = "dispatched in_progress "
_HELD_UP = "return_asked conference awaiting_caller suspended "
_ANSWERED = "replied checked "
_WITH_UNITS = _AT_WORK + _HELD_UP + _ANSWERED
_OPEN = _UNDISPATCHED + _WITH_UNITS
_HELD = "dispatched signed contacted return_asked replied"
_BUSY = "dispatched signed contacted"

ALLOWED = {
    **dict.fromkeys(("AddReport", "Note", "DecideObjection", "EndSupervision"), _OPEN + "closed archived"),
    **dict.fromkeys(("ReviseReport", "MakeLive", "EraseReport"), _OPEN + "closed archived"),
    **dict.fromkeys(("Assign", "Recategorise", "Succeed", "Supervise", "AnswerWhistle", "Arrive"), _OPEN),
    **dict.fromkeys(("Supplement", "Urge", "Withdraw"), _OPEN),
    **dict.fromkeys(("AnswerDirectly", "Decline"), _UNDISPATCHED),
    **dict.fromkeys(("Recall", "Sign", "Contact", "Object"), _WITH_UNITS),
    **dict.fromkeys(("Apply", "DecideApplication"), _AT_WORK + _ANSWERED + "closed"),
    **dict.fromkeys(("EndWhistle", "RateWhistle", "RateUnit"), _OPEN + "closed"),
    **dict.fromkeys(("Merge", "Split", "Unsplit"), _OPEN + "archived"),
    "HandOver": _UNDISPATCHED + _AT_WORK,
    "Reply": _AT_WORK + _ANSWERED + "awaiting_caller suspended return_asked",
    "AddCooperators": _AT_WORK + _ANSWERED,
    "AskReturn": _AT_WORK,
    "DecideReturn": "return_asked",
    "DecideJointly": "conference",
    "WaitForCaller": "in_progress",
    "Resume": "awaiting_caller suspended",
    "BlowWhistle": _AT_WORK + _HELD_UP,
    **dict.fromkeys(("SolvedHere", "StepUp"), "on_ladder"),
    "ClimbFrom": "waiting",
    "Callback": _ANSWERED + "closed",
    "Check": "replied",
    "Close": _ANSWERED,
    **dict.fromkeys(("AskRecheck", "Recheck"), "closed"),
    "Unmerge": "merged",
}
"""Every command that is not here: in every state."""
BY = {
    **dict.fromkeys(("AddReport", "ReviseReport", "MakeLive"), "intake system"),
    **dict.fromkeys(("Assign", "HandOver", "Recall", "Recategorise", "Check", "Close"), "clerk supervisor"),
    **dict.fromkeys(("Merge", "Unmerge", "Split", "Unsplit"), "clerk supervisor"),
    **dict.fromkeys(("AnswerDirectly", "Decline", "ClimbFrom"), "clerk"),
    **dict.fromkeys(("Sign", "Contact", "Reply", "AskReturn", "Object", "Apply", "WaitForCaller", "RateUnit"), "unit"),
    **dict.fromkeys(("BlowWhistle", "AnswerWhistle", "Arrive", "EndWhistle", "RateWhistle"), "unit"),
    **dict.fromkeys(("DecideReturn", "DecideJointly", "DecideObjection"), "reviewer supervisor"),
    **dict.fromkeys(("SolvedHere", "StepUp"), "grid"),
    **dict.fromkeys(("Supplement", "Urge", "Withdraw", "Callback"), "clerk supervisor caller"),
    **dict.fromkeys(("Supervise", "EndSupervision"), "supervisor"),
    "EraseReport": "clerk supervisor system",
    "Note": "clerk supervisor reviewer unit grid",
    "AddCooperators": "unit clerk system",
    "DecideApplication": "clerk supervisor reviewer",
    "Resume": "unit clerk supervisor",
    "AskRecheck": "reviewer supervisor system",
    "Recheck": "unit reviewer supervisor",
}
"""Every command that is not here: the machine alone."""
OWN = {
    **dict.fromkeys(("Sign", "Object", "Resume"), _HELD),
    "Contact": _BUSY + " replied",
    "Reply": _BUSY + " replied",
    **dict.fromkeys(("AddCooperators", "AskReturn", "BlowWhistle"), _BUSY),
    "WaitForCaller": "signed contacted",
}
LEAD_ALONE = {"AddCooperators", "AskReturn", "WaitForCaller", "Resume"}
PARKS = set(KINDS) - {"FireTimer", "Absorb", "AbsorbAnswer", "MembersReturned", "Found", "FoundAnswer"}
FOLLOWS = {
    *("ReviseReport", "MakeLive", "EraseReport", "Note", "Supplement", "Urge", "Withdraw", "Callback"),
    *(kind for kind in KINDS if BY.get(kind) in ("unit", "grid") or kind in ("AddCooperators", "Resume")),
}
ONLY_THE_CONTENT = {
    ("FireTimer", "merged"): Refusal.TIMER_VOID,
    ("FireTimer", "archived"): Refusal.TIMER_VOID,
    ("FireTimer", "history"): Refusal.TIMER_VOID,
    ("Succeed", "waiting"): Refusal.NOT_A_PART,
    ("Succeed", "on_ladder"): Refusal.NOT_A_PART,
    ("DecideObjection", "history"): Refusal.NOTHING_ASKED,
    ("EndSupervision", "history"): Refusal.NOT_SUPERVISED,
    **{(kind, "archived"): Refusal.FORBIDDEN_STATE for kind in ("Merge", "Split", "Unsplit")},
}
"""Allowed by the table, and yet nothing can be asked there: no timer runs, nobody has a part, or it is over for good."""


# the ways into every state


PLACES = [*(state.value for state in ProblemState), "history"]
Way = tuple[str, Any, dict[str, Any]]
"""A command's name, who gives it, and what it says."""
PREPARED: dict[str, Callable[[World, str], object]] = {
    "DecideObjection": lambda world, problem: world.tell("Object", problem, STREET),
    "EndSupervision": lambda world, problem: world.tell("Supervise", problem, Role.SUPERVISOR),
    "EndWhistle": lambda world, problem: world.tell("BlowWhistle", problem, STREET, to=POLICE, asked="sealed"),
    **dict.fromkeys(
        ("AnswerWhistle", "Arrive"),
        lambda world, problem: world.tell("BlowWhistle", problem, WATER, to=STREET, asked="sealed"),
    ),
    "RateWhistle": lambda world, problem: [
        world.tell("BlowWhistle", problem, WATER, to=STREET, asked="sealed"),
        world.tell("EndWhistle", problem, WATER, number=1, outcome="sealed", mark=3),
    ],
}
"""What must have happened before a command of this kind can be wished, while the street leads."""


def dispatched(world: World, kind: str) -> str:
    """Two callers' reports of one incident, led by the street, with the water office beside it."""
    split = kind == "Unsplit"
    problem = world.founded("r0" if split else "r1", findings=findings(BURNING, grid=GRID))
    if split:
        world.report("r1", into=problem)
    world.report("r2", into=problem, caller="caller")
    if split:
        world.tell("Split", problem, reports=["r1", "r2"])
        world.settle()
        problem = world.holder("r1").id
    world.assign(problem, STREET, WATER, duty_item=BURNING_ITEM, category=BURNING)
    if kind in PREPARED:
        PREPARED[kind](world, problem)
    return problem


def history(world: World, kind: str) -> str:
    problem = world.founded("r0", mode=Mode.HISTORY)
    for report in ("r1", "r2"):
        world.report(report, into=problem, mode=Mode.HISTORY)
    if kind != "Unsplit":
        return problem
    world.tell("Split", problem, reports=["r1", "r2"])
    world.settle()
    return world.holder("r1").id


def into(world: World, problem: str, place: str, kind: str) -> None:
    """From dispatched on, by what people and units do."""
    sign: Way = ("Sign", STREET, {})
    ways: dict[str, list[Way]] = {
        "waiting": [("Recall", Role.CLERK, {"note": "sealed"})],
        "dispatched": [],
        "in_progress": [sign],
        "return_asked": [sign, ("AskReturn", STREET, {"reason": "not_our_duty", "note": "sealed"})],
        "awaiting_caller": [sign, ("WaitForCaller", STREET, {"note": "sealed"})],
        "suspended": [
            sign,
            ("Apply", STREET, {"wish": "suspension", "amount": 30, "note": "sealed"}),
            ("DecideApplication", Role.SUPERVISOR, {"wish": "suspension", "granted": True}),
        ],
        "replied": [sign, ("Contact", STREET, {"reached": True}), ("Reply", STREET, {"text": "sealed"})],
    }
    ways["on_ladder"] = [*ways["waiting"], ("ClimbFrom", Role.CLERK, {})]
    ways["conference"] = [*ways["return_asked"], ("DecideReturn", Role.REVIEWER, {"verdict": "conference"})]
    ways["checked"] = [*ways["replied"], ("Check", Role.CLERK, {"passed": True})]
    ways["closed"] = ways["archived"] = [*ways["checked"], ("Close", Role.CLERK, {})]
    ways["merged"] = [("Merge", Role.CLERK, {"target": OTHER})]
    for name, by, data in ways[place]:
        assert world.tell(name, problem, by, **data).status == "applied", name
    if place == "archived":
        world.now += timedelta(days=120)
        world.fire()
        world.tell("Recheck", problem, Role.REVIEWER, outcome="solved")
    if place == "closed" and kind == "Recheck":
        world.tell("AskRecheck", problem, Role.REVIEWER, checker=POLICE)


@cache
def problem_at(place: str, kind: str) -> tuple[World, Problem]:
    """In this state, and prepared for a command of this kind. To be copied before it is changed."""
    world = World(sample_pack())
    if place == "merged":
        world.report("other", slot=4, command="other")
    problem = history(world, kind) if place == "history" else dispatched(world, kind)
    if place != "history":
        into(world, problem, place, kind)
    world.settle()
    world.check()
    assert world.at(problem).state == ("archived" if place == "history" else place)
    return world, world.at(problem)


def prepared(place: str, kind: str) -> tuple[World, Problem]:
    special = kind if kind in PREPARED or kind in ("Unsplit", "Recheck") else ""
    world, before = problem_at(place, special)
    problem = before.model_copy(deep=True)
    if kind == "DecideApplication" and problem.lead is not None:
        problem.applications += [Application(wish=wish, unit=STREET, at=world.now) for wish in (Wish.EXTENSION, Wish.EXCLUSION)]
    return world, problem


# a wish that only the role or the state could make refused


def wish(kind: str, problem: Problem, actor: Actor, world: World) -> Command:
    """A command of this kind that the problem could not refuse but for who asks or where it stands."""
    members = [member.model_dump() for member in problem.members]
    timer = next((t for t in problem.timers if not t.expired), None)
    told: dict[str, object] = {"reason": "not_our_duty", "note": "sealed"}
    data: dict[str, dict[str, object]] = {
        "AddReport": {"record": record("r9", mode=problem.mode)},
        "ReviseReport": {"record": record("r1", content="corrected")},
        "MakeLive": {"report": "r1", "findings": findings()},
        "EraseReport": {"report": "r1"},
        "FireTimer": {
            "clock": timer.clock if timer else Clock.SIGN,
            "due": timer.due if timer else world.now,
            "of": timer.of if timer else "",
        },
        "Assign": {"lead": CLEANERS},
        "AnswerDirectly": {"text": "sealed"},
        "Decline": {"reason": "outside_city", "text": "sealed"},
        "HandOver": {"to": "police", "number": "1"},
        "Recall": {"note": "sealed"},
        "Recategorise": {"category": CLEANING},
        "Succeed": {"unit": STREET},
        "Note": {"text": "sealed"},
        "Contact": {"reached": True},
        "Reply": {"text": "sealed"},
        "AddCooperators": {"notes": {POLICE: "sealed"}, "clarity": CLARITY},
        "AskReturn": told,
        "DecideReturn": {"verdict": "refused"},
        "DecideJointly": {"minutes": "sealed", "lead": CLEANERS},
        "DecideObjection": {"number": 1, "upheld": False},
        "Apply": {"wish": "exclusion", "reason": "malicious", "note": "sealed"},
        "DecideApplication": {"wish": "extension" if actor.role is Role.CLERK else "exclusion", "granted": False},
        "WaitForCaller": {"note": "sealed"},
        "BlowWhistle": {"to": POLICE, "asked": "sealed"},
        "AnswerWhistle": {"number": 1, "coming": True},
        "Arrive": {"number": 1},
        "EndWhistle": {"number": 1, "outcome": "sealed", "mark": 5},
        "RateWhistle": {"number": 1, "mark": 4},
        "SolvedHere": {"text": "sealed"},
        "Supplement": {"report": "r2", "text": "sealed"},
        "Urge": {"report": "r2"},
        "Withdraw": {"report": "r2"},
        "Callback": {"report": "r2", "rating": 5},
        "Check": {"passed": True},
        "Recheck": {"outcome": "solved"},
        "RateUnit": {"of": WATER, "mark": 4},
        "Merge": {"target": OTHER},
        "Split": {"reports": ["r2"]},
        "Absorb": {"source": OTHER, "source_mode": problem.mode, "members": [], "assignments": []},
        "AbsorbAnswer": {"root": OTHER, "accepted": True},
        "ReturnMembers": {"source": OTHER, "reports": ["r1"]},
        "MembersReturned": {"root": OTHER, "members": members},
        "Found": {"source": OTHER, "mode": problem.mode, "members": members},
        "FoundAnswer": {"target": OTHER},
    }
    base = {"id": f"wish {kind}", "type": kind, "slot": slot_of_problem(problem.id), "at": world.now, "actor": actor}
    if kind != "AddReport":
        base |= {"aggregate" if kind == "FireTimer" else "problem": problem.id}
    return COMMAND.validate_python(base | data.get(kind, {}))


def actor_of(role: Role, kind: str, problem: Problem) -> Actor:
    if role is Role.UNIT:
        return unit_actor(POLICE if kind == "Recheck" else STREET)
    if role is Role.GRID and problem.hop is not None:
        return Actor(id=problem.hop.post, role=role)
    return ACTORS[role]


def tried(kind: str, problem: Problem, actor: Actor, world: World) -> tuple[Decision, Problem]:
    after = problem.model_copy(deep=True)
    pack = without(world.pack, STREET, CLEANERS) if kind == "Succeed" else world.pack
    return decide(after, wish(kind, problem, actor, world), (0, 1), pack), after


def agreed(kind: str, place: str, state: str, part: Assignment | None, role: Role) -> Refusal | None:
    """What the agreed table says to this wish: None where it is to be decided."""
    if role not in BY.get(kind, "system").split():
        return Refusal.FORBIDDEN_ROLE
    if kind in ALLOWED and state not in ALLOWED[kind].split():
        return Refusal.FORBIDDEN_STATE
    if kind in OWN and role is Role.UNIT:
        if part is None or part.state not in OPEN_ASSIGNMENTS:
            return Refusal.NOT_YOUR_ASSIGNMENT
        if kind in LEAD_ALONE and part.part is not Part.LEAD:
            return Refusal.NOT_THE_LEAD
        if part.state not in OWN[kind].split():
            return Refusal.FORBIDDEN_STATE
    return ONLY_THE_CONTENT.get((kind, place))


def refused(decision: Decision, before: Problem, after: Problem) -> Refusal | None:
    """The code of a refusal, which changed nothing, wrote nothing and asked for nothing."""
    assert decision.status == "refused"
    assert (decision.lines, decision.asks) == ([], [])
    assert after.model_dump() == before.model_dump()
    return decision.code


def open_part(problem: Problem, unit: str) -> Assignment | None:
    return next((a for a in problem.assignments if a.unit == unit and a.state in OPEN_ASSIGNMENTS), None)


# the tests


def test_the_table_knows_every_command_to_a_problem_and_no_other() -> None:
    assert sorted(TABLE) == sorted(KINDS)


def test_every_refusal_has_a_sentence_in_chinese() -> None:
    assert set(SENTENCES) == set(Refusal)
    assert all(any("一" <= letter <= "鿿" for letter in sentence) for sentence in SENTENCES.values())
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_says_what_was_agreed(kind: str) -> None:
    rule = TABLE[kind]
    states = ALLOWED[kind].split() if kind in ALLOWED else [str(state) for state in ProblemState]
    assert sorted(rule.states) == sorted(states)
    assert sorted(rule.roles) == sorted(BY.get(kind, "system").split())
    assert (sorted(rule.own) if rule.own is not None else None) == (sorted(OWN[kind].split()) if kind in OWN else None)
    assert (rule.part is Part.LEAD) is (kind in LEAD_ALONE)
    assert (rule.parks, rule.follows) == (kind in PARKS, kind in FOLLOWS)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_command_is_decided_for_the_roles_and_states_agreed_and_refused_for_every_other(kind: str, place: str) -> None:
    for role in Role:
        world, problem = prepared(place, kind)
        actor = actor_of(role, kind, problem)
        decision, after = tried(kind, problem, actor, world)
        expected = agreed(kind, place, problem.state.value, open_part(problem, actor.unit or ""), role)
        if expected is not Refusal.FORBIDDEN_ROLE and place == "merged" and kind in FOLLOWS:
            assert (decision.status, [aggregate.problem for aggregate in decision.asks]) == ("forwarded", [OTHER])  # type: ignore[union-attr]
            assert after == problem
        elif expected is not None:
            assert (role, refused(decision, problem, after)) == (role, expected)
        else:
            assert (role, decision.status, decision.code) == (role, "applied", None)
            assert after.version == problem.version + len(decision.lines)


@pytest.mark.parametrize("place", [place for place in PLACES if place in _WITH_UNITS.split()])
@pytest.mark.parametrize("kind", sorted(OWN))
def test_a_unit_may_ask_only_from_the_states_of_its_own_part_that_were_agreed(kind: str, place: str) -> None:
    """The state of the part is set as data: what is proved is the check of it, whatever way led there."""
    for unit in (STREET, WATER):
        for state in AssignmentState:
            world, problem = prepared(place, kind)
            part = open_part(problem, unit)
            assert part is not None
            part.state = state
            decision, after = tried(kind, problem, unit_actor(unit), world)
            expected = agreed(kind, place, problem.state.value, part, Role.UNIT)
            if expected is None and kind == "Object" and unit == WATER:
                expected = Refusal.NOT_GRASSROOTS
            if expected is not None:
                assert (unit, state, refused(decision, problem, after)) == (unit, state, expected)
            else:
                assert (unit, state, decision.status) == (unit, state, "applied")


@pytest.mark.parametrize("kind", sorted(OWN))
def test_a_unit_that_has_no_part_may_ask_nothing_of_what_a_part_is_needed_for(kind: str) -> None:
    place = "awaiting_caller" if kind == "Resume" else "in_progress"
    world, problem = prepared(place, kind)
    decision, after = tried(kind, problem, unit_actor(ENVIRONMENT), world)
    assert refused(decision, problem, after) is Refusal.NOT_YOUR_ASSIGNMENT


@pytest.mark.parametrize("kind", sorted(PARKS))
def test_what_parks_waits_while_a_merge_is_asked(kind: str) -> None:
    """Also what could be decided at once, and what must be refused in the end."""
    world, problem = prepared("replied", kind)
    decide(problem, wish("Merge", problem, ACTORS[Role.CLERK], world), (0, 1), world.pack)
    for role in BY.get(kind, "system").split():
        actor = actor_of(Role(role), kind, problem)
        command = wish(kind, problem, actor, world)
        decision, after = tried(kind, problem, actor, world)
        assert (decision.status, len(decision.lines)) == ("parked", 1)
        assert [COMMAND.validate_json(line) for line in after.parked] == [command]


@pytest.mark.parametrize("kind", KINDS)
def test_before_a_problem_exists_only_a_report_or_a_split_founds_it(kind: str) -> None:
    nothing = Problem(id=problem_id(3, f"wish {kind}"), slot=3)
    of_a_report = {"ReviseReport", "MakeLive", "EraseReport"}
    for name in BY.get(kind, "system").split():
        role = Role(name)
        decision, after = tried(kind, nothing, actor_of(role, kind, nothing), World(sample_pack()))
        if kind in ("AddReport", "Found"):
            assert (decision.status, after.version > 0) == ("applied", True)
        elif kind == "Absorb":
            assert (decision.status, decision.code, len(decision.asks)) == ("refused", Refusal.NOT_FOUND, 1)
        elif role is Role.UNIT or kind in of_a_report:
            assert (decision.status, after.version, len(after.parked)) == ("parked", 0, 1)
        else:
            code = Refusal.TIMER_VOID if kind == "FireTimer" else Refusal.NOT_FOUND
            assert refused(decision, nothing, after) is code


def test_the_states_of_a_street_are_those_of_any_lead() -> None:
    world = World(sample_pack())
    problem = world.founded("r1", findings=findings(BURNING, BURNING_ITEM, STREET))
    assert (world.at(problem).lead, world.at(problem).state) == (STREET, "dispatched")
