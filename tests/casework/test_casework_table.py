"""Who may ask what, in which state: every command in every state by every role, both ways."""

from datetime import timedelta
from typing import get_args

import pytest
from world import ACTORS, CLEANERS, CLEANING_ITEM, START, STREET, World, findings, record, unit_actor

from casework.decide import Decision, decide
from casework.refusals import SENTENCES
from casework.transitions import TABLE
from schemas.commands import COMMAND, Command
from schemas.identity import problem_id, slot_of_problem
from schemas.problem import Problem
from schemas.words import Clock, Mode, ProblemState, Refusal, Role

OF_WATCHES = {"SeeAlarm", "ConfirmAlarm", "DismissAlarm"}
COMMANDS = [name for model in get_args(get_args(Command)[0]) if (name := model.__name__) not in OF_WATCHES]
OTHER = problem_id(4, "other")


def problem_in(world: World, state: ProblemState) -> Problem:
    """A problem with two reports, brought to this state by the ways there are."""
    mode = Mode.HISTORY if state is ProblemState.ARCHIVED else Mode.LIVE
    lead = state not in (ProblemState.WAITING, ProblemState.ARCHIVED)
    problem = world.founded("r1", mode=mode, findings=findings(item=CLEANING_ITEM if lead else None))
    world.report("r2", into=problem, mode=mode)
    if state in (ProblemState.IN_PROGRESS, ProblemState.REPLIED, ProblemState.CLOSED):
        world.tell("Sign", problem, CLEANERS)
    if state in (ProblemState.REPLIED, ProblemState.CLOSED):
        world.tell("Reply", problem, CLEANERS, text="sealed")
    if state is ProblemState.CLOSED:
        world.tell("Close", problem)
    if state is ProblemState.MERGED:
        world.merge(problem, world.founded("r0"))
        world.settle()
    assert world.at(problem).state is state
    return world.at(problem)


def wish(kind: str, problem: Problem, role: Role) -> Command:
    """A command of this kind that the problem could not refuse but for the role or the state."""
    members = [member.model_dump() for member in problem.members]
    new = record("r9", mode=problem.mode)
    data: dict[str, dict[str, object]] = {
        "AddReport": {"record": new},
        "ReviseReport": {"record": record("r1", content="corrected")},
        "MakeLive": {"report": "r1", "findings": findings()},
        "Assign": {"lead": CLEANERS},
        "Reply": {"text": "sealed"},
        "EraseReport": {"report": "r1"},
        "FireTimer": {"clock": Clock.SIGN, "due": next((t.due for t in problem.timers if t.clock is Clock.SIGN), START)},
        "Merge": {"target": OTHER},
        "Split": {"reports": ["r2"]},
        "Absorb": {"source": OTHER, "source_mode": problem.mode, "members": [], "assignments": []},
        "AbsorbAnswer": {"root": OTHER, "accepted": True},
        "ReturnMembers": {"source": OTHER, "reports": ["r1"]},
        "MembersReturned": {"root": OTHER, "members": members},
        "Found": {"source": OTHER, "mode": problem.mode, "members": members},
        "FoundAnswer": {"target": OTHER},
    }
    base = {"id": f"wish {kind}", "type": kind, "slot": slot_of_problem(problem.id), "at": START + timedelta(hours=1)}
    base |= {"actor": unit_actor(CLEANERS) if role is Role.UNIT else ACTORS[role]}
    if kind != "AddReport":
        base |= {"aggregate" if kind == "FireTimer" else "problem": problem.id}
    return COMMAND.validate_python(base | data.get(kind, {}))


def test_the_table_knows_every_command_and_no_other() -> None:
    assert sorted(TABLE) == sorted(COMMANDS)


def test_every_refusal_has_a_sentence_in_chinese() -> None:
    assert set(SENTENCES) == set(Refusal)
    assert all(any("一" <= letter <= "鿿" for letter in sentence) for sentence in SENTENCES.values())
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize("state", ProblemState)
def test_a_command_is_decided_only_for_the_roles_and_states_of_the_table(world: World, kind: str, state: ProblemState) -> None:
    problem = problem_in(world, state)
    rule = TABLE[kind]
    for role in Role:
        tried = problem.model_copy(deep=True)
        decision = decide(tried, wish(kind, problem, role), (0, 1), world.pack)
        if role not in rule.roles:
            assert refused(decision, problem, tried) is Refusal.FORBIDDEN_ROLE
        elif state is ProblemState.MERGED and rule.follows:
            assert decision.status == "forwarded"
            assert tried == problem
        elif state not in rule.states:
            assert refused(decision, problem, tried) is Refusal.FORBIDDEN_STATE
        elif decision.status == "refused":
            assert refused(decision, problem, tried) not in (Refusal.FORBIDDEN_ROLE, Refusal.FORBIDDEN_STATE, None)
        else:
            assert decision.status == "applied"
            assert tried.version == problem.version + len(decision.lines)


ALLOWED = {
    "AddReport": "waiting dispatched in_progress replied closed archived",
    "ReviseReport": "waiting dispatched in_progress replied closed archived",
    "MakeLive": "waiting dispatched in_progress replied closed archived",
    "Assign": "waiting dispatched in_progress replied",
    "Sign": "dispatched in_progress replied",
    "Reply": "dispatched in_progress replied",
    "Close": "replied",
    "EraseReport": "waiting dispatched in_progress replied closed archived",
    "Merge": "waiting dispatched in_progress replied archived",
    "Unmerge": "merged",
    "Split": "waiting dispatched in_progress replied archived",
    "Unsplit": "waiting dispatched in_progress replied archived",
}
"""Written down a second time on purpose: a slip in the table shows here."""
BY = {
    "AddReport": "intake system",
    "ReviseReport": "intake system",
    "MakeLive": "intake system",
    "Sign": "unit",
    "Reply": "unit",
    "EraseReport": "clerk supervisor system",
    **dict.fromkeys(("Assign", "Close", "Merge", "Unmerge", "Split", "Unsplit"), "clerk supervisor"),
}


@pytest.mark.parametrize("kind", COMMANDS)
def test_the_table_says_what_was_agreed(kind: str) -> None:
    states = set(ALLOWED[kind].split()) if kind in ALLOWED else {str(state) for state in ProblemState}
    assert {str(state) for state in TABLE[kind].states} == states
    assert {str(role) for role in TABLE[kind].roles} == set(BY.get(kind, "system").split())


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS if TABLE[kind].parks])
def test_what_the_table_lets_park_waits_while_a_merge_is_asked(world: World, kind: str) -> None:
    problem = problem_in(world, ProblemState.REPLIED)
    world.merge(problem.id, OTHER)
    for role in TABLE[kind].roles:
        tried = problem.model_copy(deep=True)
        command = wish(kind, problem, role)
        decision = decide(tried, command, (0, 1), world.pack)
        assert (decision.status, len(decision.lines)) == ("parked", 1)
        assert [COMMAND.validate_json(line) for line in tried.parked] == [command]


@pytest.mark.parametrize("kind", COMMANDS)
def test_before_a_problem_exists_only_a_report_or_a_split_founds_it(world: World, kind: str) -> None:
    nothing = Problem(id=problem_id(3, f"wish {kind}"), slot=3)
    for role in TABLE[kind].roles:
        tried = nothing.model_copy(deep=True)
        decision = decide(tried, wish(kind, nothing, role), (0, 1), world.pack)
        if kind in ("AddReport", "Found"):
            assert (decision.status, tried.version > 0) == ("applied", True)
        elif role is Role.UNIT or kind in ("ReviseReport", "MakeLive", "EraseReport"):
            assert (decision.status, tried.version, len(tried.parked)) == ("parked", 0, 1)
        else:
            code = Refusal.TIMER_VOID if kind == "FireTimer" else Refusal.NOT_FOUND
            assert refused(decision, nothing, tried) is code


def refused(decision: Decision, before: Problem, after: Problem) -> Refusal | None:
    """The code of a refusal, which changed nothing and wrote nothing."""
    assert decision.status == "refused"
    assert decision.lines == []
    assert after.model_dump() == before.model_dump()
    return decision.code


def test_the_states_of_a_street_are_those_of_any_lead(world: World) -> None:
    problem = world.founded("r1", findings=findings("030204", "Q046", STREET))
    assert (world.at(problem).lead, world.at(problem).state) == (STREET, "dispatched")
