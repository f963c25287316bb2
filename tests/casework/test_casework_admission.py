"""Admission (准入): on the list it passes, the negative list blocks, the rest waits for somebody neutral; and 一键投诉."""

from typing import Any

import pytest
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from world import CLEANERS, World, sample_pack

from casework.admission import ADMISSION_TABLE, is_clear, on_list, says_something, township_of
from schemas.admission import AdmissionTask, TaskKind, TaskState
from schemas.commands import Actor
from schemas.commands_handling import AddCooperators
from schemas.handling import Clarity
from schemas.identity import aggregate_id, problem_id
from schemas.state import State
from schemas.words import Clock, Refusal, Role

NAME = aggregate_id("t", 3, "one")
DEPARTMENT, OTHER = "yunxi-shuiwu", "yunxi-chengguan"
TOWN, VILLAGE, NEXT_VILLAGE = "t-linjiang", "v-990102001001", "v-990102001002"
FAR_VILLAGE = "v-990102002001"
CLEAR = {
    "department": "水务局负责抽排积水和检修泵站",
    "grassroots": "社区劝离停在低处的车辆",
    "support": "水务局提供沙袋和夜间联系人",
}
ON_LIST, NEGATIVE, OFF_LIST = "Q022", "Q005", "Q2092"
PROBLEM = problem_id(3, "a problem")
EXPECTED_STATE = {  # what brings a task into each state
    TaskState.SUBMITTED: [],
    TaskState.GRANTED: [("ReviewTask", Role.REVIEWER, {"verdict": "granted", "note": "准许"})],
    TaskState.REFUSED: [("ReviewTask", Role.REVIEWER, {"verdict": "refused", "note": "不予"})],
    TaskState.DEFERRED: [("ReviewTask", Role.SUPERVISOR, {"verdict": "deferred", "note": "暂缓"})],
    TaskState.RETURNED: [("ReturnTask", Role.REVIEWER, {"note": "要求不清晰"})],
    TaskState.WITHDRAWN: [("WithdrawTask", DEPARTMENT, {})],
}
EXPECTED_STATE[TaskState.DISPATCHED] = [*EXPECTED_STATE[TaskState.GRANTED], ("DispatchTask", TOWN, {"units": [VILLAGE]})]
EXPECTED_STATE[TaskState.RECEIVED] = [*EXPECTED_STATE[TaskState.DISPATCHED], ("ReceiveTask", VILLAGE, {})]


def wish(**changed: Any) -> dict[str, Any]:
    return {"title": "汛期劝离低处车辆", "units": [TOWN], "clarity": CLEAR} | changed


def submitted(**changed: Any) -> Desk:
    desk = Desk(NAME)
    assert desk.hear("SubmitTask", DEPARTMENT, **wish(**changed)).status == "applied"
    return desk


def complained() -> Desk:
    desk = Desk(NAME)
    said = {"by": VILLAGE, "against": DEPARTMENT, "kind": "past_platform", "note": "没有经过平台,直接在群里布置填表"}
    assert desk.hear("ReportBypass", VILLAGE, **said).status == "applied"
    return desk


def brought_to(state: TaskState) -> Desk:
    if state in (TaskState.OBJECTED, TaskState.UPHELD, TaskState.DISMISSED):
        desk = complained()
        if state is not TaskState.OBJECTED:
            desk.hear("JudgeBypass", Role.REVIEWER, upheld=state is TaskState.UPHELD, note="核实过")
    else:
        desk = submitted()
        for kind, by, data in EXPECTED_STATE[state]:
            assert desk.hear(kind, by, **data).status == "applied"
    assert desk.state.state is state
    return desk


def test_what_the_list_names_passes_at_once_without_a_review() -> None:
    desk = submitted(duty_item=ON_LIST)
    assert (desk.state.state, desk.state.on_list, desk.state.timers) == (TaskState.GRANTED, True, [])


def test_what_is_on_the_list_of_another_department_is_reviewed() -> None:
    desk = Desk(NAME)
    desk.hear("SubmitTask", "yunxi-minzheng", **wish(duty_item=ON_LIST))
    assert (desk.state.state, desk.state.on_list) == (TaskState.SUBMITTED, False)


def test_the_negative_list_blocks_whoever_asks() -> None:
    assert Desk(NAME).hear("SubmitTask", DEPARTMENT, **wish(duty_item=NEGATIVE)).code is Refusal.NEGATIVE_LIST


@pytest.mark.parametrize("kind", ["task", "data_request"])
def test_off_the_list_refused_and_then_admitted(kind: str) -> None:
    first = submitted(kind=kind, duty_item=OFF_LIST, problem=PROBLEM)
    assert first.hear("DispatchTask", TOWN, units=[VILLAGE]).code is Refusal.FORBIDDEN_STATE
    first.hear("ReviewTask", Role.REVIEWER, verdict="refused", note="清单之外,理由不足")
    assert (first.state.state, first.asks) == (TaskState.REFUSED, [])
    assert first.hear("SubmitTask", DEPARTMENT, **wish()).code is Refusal.FORBIDDEN_STATE
    again = Desk(aggregate_id("t", 3, "two"))
    again.hear("SubmitTask", DEPARTMENT, **wish(kind=kind, duty_item=OFF_LIST, problem=PROBLEM, consulted=True))
    again.hear("ReviewTask", Role.REVIEWER, verdict="deferred", note="请先征求镇街意见")
    again.hear("SubmitTask", DEPARTMENT, **wish(kind=kind, problem=PROBLEM, units=[TOWN, VILLAGE]))
    again.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="准许,期限一个月")
    (ask,) = again.asks
    assert isinstance(ask, AddCooperators)
    assert (ask.problem, ask.slot, ask.actor.role) == (PROBLEM, 3, Role.SYSTEM)
    assert ask.notes == dict.fromkeys([TOWN, VILLAGE], CLEAR["grassroots"])
    assert (ask.admission, ask.clarity) == (again.state.id, Clarity(**CLEAR))
    again.hear("DispatchTask", TOWN, units=[VILLAGE, NEXT_VILLAGE])
    again.hear("ReceiveTask", VILLAGE)
    assert again.state.state is TaskState.DISPATCHED
    again.hear("ReceiveTask", NEXT_VILLAGE)
    assert (again.state.state, again.state.times) == (TaskState.RECEIVED, 2)
    again.check()


def test_a_problem_takes_the_grassroots_in_off_the_list_only_through_the_gate(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    asked = {"notes": {TOWN: "sealed"}, "clarity": CLEAR}
    assert world.tell("AddCooperators", problem, CLEANERS, **asked).code is Refusal.OFF_LIST
    forged = {"admission": NAME, **asked}
    assert world.tell("AddCooperators", problem, CLEANERS, **forged).code is Refusal.OFF_LIST
    desk = Desk(NAME)
    desk.hear("SubmitTask", CLEANERS, **wish(problem=problem))
    desk.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="准许")
    assert world.hear(desk.asks[0]).status == "applied"
    assert [part.unit for part in world.at(problem).assignments] == [CLEANERS, TOWN]


def test_every_grant_asks_the_problem_under_an_id_of_its_own() -> None:
    desk = submitted(problem=PROBLEM, duty_item=ON_LIST)
    desk.hear("ReturnTask", TOWN, note="劝离哪几条路的车辆没有写明")
    desk.hear("SubmitTask", DEPARTMENT, **wish(problem=PROBLEM, duty_item=ON_LIST))
    assert len({ask.id for ask in desk.asks}) == 2


def test_a_task_without_a_problem_asks_nobody() -> None:
    assert brought_to(TaskState.RECEIVED).asks == []


@pytest.mark.parametrize(
    "changed",
    [
        {"support": "支持"},
        {"grassroots": "配合配合配合配合"},
        {"department": "。。。。。。。。。。。。"},
        {"department": CLEAR["support"]},
        {"grassroots": "  做 好 工 作  "},
    ],
)
def test_three_clarities_must_each_say_something_of_their_own(changed: dict[str, str]) -> None:
    assert Desk(NAME).hear("SubmitTask", DEPARTMENT, **wish(clarity=CLEAR | changed)).code is Refusal.NOT_CLEAR


@given(st.text(alphabet="配合做好工作沙袋", min_size=1, max_size=4), st.integers(2, 9))
def test_a_word_said_over_and_over_says_nothing(word: str, times: int) -> None:
    assert not says_something(word * times)
    assert not says_something("、".join([word] * times))


def test_what_is_clear_is_clear() -> None:
    assert is_clear(Clarity(**CLEAR))


def test_unclear_demands_come_back_and_are_counted() -> None:
    desk = submitted()
    desk.hear("ReturnTask", Role.REVIEWER, note="要求不清晰")
    desk.hear("SubmitTask", DEPARTMENT, **wish())
    desk.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="准许")
    desk.hear("ReturnTask", TOWN, note="没有写明哪几条路")
    assert (desk.state.returned, desk.state.state, desk.state.times) == (2, TaskState.RETURNED, 2)
    desk.check()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"units": [OTHER]}, Refusal.NOT_GRASSROOTS),
        ({"units": [TOWN, "c-gongan"]}, Refusal.NOT_GRASSROOTS),
        ({"units": ["nobody"]}, Refusal.UNKNOWN_UNIT),
        ({"duty_item": "Q0"}, Refusal.UNKNOWN_DUTY_ITEM),
        ({"problem": "p3"}, Refusal.NOT_FOUND),
        ({"problem": NAME}, Refusal.NOT_FOUND),
    ],
)
def test_what_is_submitted_must_be_what_the_pack_knows(changed: dict[str, Any], code: Refusal) -> None:
    assert Desk(NAME).hear("SubmitTask", DEPARTMENT, **wish(**changed)).code is code


def test_units_of_another_district_are_another_task() -> None:
    pack = sample_pack()
    elsewhere = next(u.code for u in pack.units.values() if u.grassroots and u.area.startswith("990103"))
    assert Desk(NAME).hear("SubmitTask", DEPARTMENT, **wish(units=[TOWN, elsewhere])).code is Refusal.OTHER_DISTRICT


def test_the_grassroots_submits_nothing_to_itself() -> None:
    assert Desk(NAME).hear("SubmitTask", TOWN, **wish(units=[VILLAGE])).code is Refusal.FORBIDDEN_ROLE


@pytest.mark.parametrize(
    "judge",
    [
        Actor(id="x", role=Role.REVIEWER, unit=DEPARTMENT),
        Actor(id="x", role=Role.REVIEWER, unit=TOWN),
        Actor(id=f"of {DEPARTMENT}", role=Role.SUPERVISOR),
    ],
)
def test_nobody_reviews_a_task_of_its_own(judge: Actor) -> None:
    desk = submitted()
    assert desk.hear("ReviewTask", judge, verdict="granted", note="好").code is Refusal.JUDGES_OWN
    assert desk.hear("ReturnTask", judge, note="不清").code is Refusal.JUDGES_OWN


def test_a_township_dispatches_only_to_its_own_and_only_what_was_asked() -> None:
    desk = submitted(units=[VILLAGE])
    desk.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="准许")
    assert desk.hear("DispatchTask", "t-hengtang", units=[VILLAGE]).code is Refusal.NOT_YOUR_TASK
    assert desk.hear("DispatchTask", TOWN, units=[FAR_VILLAGE]).code is Refusal.NOT_A_PART
    assert desk.hear("DispatchTask", TOWN, units=[NEXT_VILLAGE]).code is Refusal.NOT_A_PART
    assert desk.hear("DispatchTask", TOWN, units=[TOWN]).code is Refusal.NOT_A_PART
    assert desk.hear("DispatchTask", TOWN, units=[VILLAGE]).status == "applied"
    assert desk.hear("DispatchTask", TOWN, units=[VILLAGE]).code is Refusal.ASKED_ALREADY
    assert desk.hear("ReceiveTask", NEXT_VILLAGE).code is Refusal.NOT_YOUR_TASK


def test_a_township_may_do_it_itself_and_bring_villages_in_later() -> None:
    desk = submitted()
    desk.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="准许")
    desk.hear("DispatchTask", TOWN, units=[TOWN])
    assert desk.state.state is TaskState.RECEIVED
    desk.hear("DispatchTask", TOWN, units=[VILLAGE])
    assert desk.state.state is TaskState.DISPATCHED
    desk.check()


def test_the_review_has_a_limit_and_its_expiry_is_said_once() -> None:
    desk = submitted()
    (timer,) = desk.state.timers
    assert timer.clock is Clock.ADMISSION
    assert [decision.status for decision in desk.passes(days=10)] == ["applied"]
    assert desk.passes(days=10) == []
    again = desk.hear("FireTimer", Role.SYSTEM, clock=timer.clock, due=timer.due)
    assert again.code is Refusal.TIMER_VOID
    assert desk.types.count("ClockExpired") == 1
    assert desk.hear("ReviewTask", Role.REVIEWER, verdict="granted", note="迟了,准许").status == "applied"
    assert desk.state.timers == []
    desk.check()


def test_a_complaint_goes_to_somebody_neutral_with_a_limit() -> None:
    desk = complained()
    assert (desk.state.kind, [t.clock for t in desk.state.timers]) == (TaskKind.BYPASS, [Clock.OBJECTION])
    for judge in (VILLAGE, DEPARTMENT):
        own = Actor(id="x", role=Role.REVIEWER, unit=judge)
        assert desk.hear("JudgeBypass", own, upheld=False, note="不成立").code is Refusal.JUDGES_OWN
    assert desk.hear("JudgeBypass", Role.REVIEWER, upheld=True, note="确实没有经过平台").status == "applied"
    assert (desk.state.state, desk.state.timers) == (TaskState.UPHELD, [])
    desk.check()


def test_only_the_grassroots_complains_and_only_for_itself() -> None:
    said = {"against": OTHER, "note": "直接布置"}
    assert Desk(NAME).hear("ReportBypass", DEPARTMENT, by=DEPARTMENT, **said).code is Refusal.NOT_GRASSROOTS
    assert Desk(NAME).hear("ReportBypass", TOWN, by=VILLAGE, **said).code is Refusal.NOT_YOUR_TASK
    assert Desk(NAME).hear("ReportBypass", VILLAGE, by=VILLAGE, task="x", **said).code is Refusal.NOT_FOUND


def test_who_has_a_part_may_see_it() -> None:
    assert brought_to(TaskState.DISPATCHED).state.concerns == {DEPARTMENT, TOWN, VILLAGE}
    assert complained().state.concerns == {VILLAGE, DEPARTMENT}


def test_the_township_of_every_grassroots_unit_is_a_township_above_it() -> None:
    pack = sample_pack()
    for unit in pack.units.values():
        if unit.grassroots and unit.abolished is None:
            township = township_of(pack, unit)
            assert township is not None
            assert pack.units[township].area in {unit.area, *(area.code for area in pack.area_ancestors(unit.area))}


def test_on_the_list_is_only_what_names_both_sides() -> None:
    pack = sample_pack()
    assert on_list(pack, pack.duty_items[ON_LIST], DEPARTMENT, [TOWN])
    assert not on_list(pack, pack.duty_items[NEGATIVE], DEPARTMENT, [TOWN])
    assert not on_list(pack, None, DEPARTMENT, [TOWN])


DATA: dict[str, dict[str, Any]] = {
    "SubmitTask": wish(),
    "ReviewTask": {"verdict": "granted", "note": "准许"},
    "DispatchTask": {"units": [NEXT_VILLAGE]},
    "ReceiveTask": {},
    "ReturnTask": {"note": "要求不清晰"},
    "WithdrawTask": {},
    "ReportBypass": {"by": VILLAGE, "against": DEPARTMENT, "note": "越过平台"},
    "JudgeBypass": {"upheld": True, "note": "属实"},
}
UNITS = {"SubmitTask": DEPARTMENT, "WithdrawTask": DEPARTMENT, "ReceiveTask": VILLAGE, "ReportBypass": VILLAGE}
"""Who of the units may ask it; a township in every other case."""
BY_HALF = {("ReturnTask", Role.UNIT): {TaskState.GRANTED}}
BY_HALF |= {("ReturnTask", role): {TaskState.SUBMITTED} for role in (Role.REVIEWER, Role.SUPERVISOR)}


@pytest.mark.parametrize("state", [None, *TaskState])
@pytest.mark.parametrize("kind", sorted(DATA))
def test_only_who_may_does_and_only_where_it_may_be_done(kind: str, state: TaskState | None) -> None:
    row = ADMISSION_TABLE[kind]
    for role in Role:
        desk = Desk(NAME) if state is None else brought_to(state)
        decision = desk.hear(kind, UNITS.get(kind, TOWN) if role is Role.UNIT else role, **DATA[kind])
        states = BY_HALF.get((kind, role), row.states)
        allowed = row.founds if state is None else state in states
        if role not in row.roles:
            assert decision.code is Refusal.FORBIDDEN_ROLE
        elif not allowed:
            assert decision.code is (Refusal.NOT_FOUND if state is None else Refusal.FORBIDDEN_STATE)
        else:
            assert decision.status == "applied"
            desk.check()


def test_commands_of_other_kinds_are_refused() -> None:
    foreign = {"confirmed": True, "note": "x"}
    assert submitted().hear("JudgeFinding", Role.REVIEWER, **foreign).code is Refusal.FORBIDDEN_STATE


STEPS = st.tuples(
    st.sampled_from(sorted(DATA)),
    st.sampled_from([Role.REVIEWER, Role.SUPERVISOR, Role.CLERK, DEPARTMENT, OTHER, TOWN, VILLAGE, NEXT_VILLAGE]),
    st.sampled_from(["granted", "refused", "deferred"]),
    st.sampled_from([None, ON_LIST, OFF_LIST, NEGATIVE]),
    st.sampled_from([0, 0, 3]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_whatever_is_asked_the_events_give_the_document(steps: list[Any]) -> None:
    desk = Desk(NAME)
    for kind, by, verdict, item, days in steps:
        data = dict(DATA[kind])
        if kind == "SubmitTask":
            data |= {"duty_item": item, "problem": PROBLEM}
        elif kind == "ReviewTask":
            data |= {"verdict": verdict}
        desk.hear(kind, by, **data)
        desk.passes(days=days)
        _never_past_the_gate(desk.state)
    desk.check()


def _never_past_the_gate(state: State) -> None:
    """The law of row 2.1: what was not granted reaches no village, and nothing of the negative list does."""
    assert isinstance(state, AdmissionTask)
    if state.parts and state.state in (TaskState.DISPATCHED, TaskState.RECEIVED):
        assert state.on_list or state.reviewer
        assert state.duty_item != NEGATIVE
