"""准入 (荆门, seed rows 2.1-2.4): what stands on no list goes down only after somebody neutral has looked."""

import pytest

from scenarios.storyteller import City, PlayedCity, Unit
from schemas import admission as adm
from schemas import commands_handling as cmd
from schemas.admission import AdmissionTask, BypassKind, TaskState, TaskVerdict
from schemas.handling import Clarity
from schemas.identity import aggregate_id, slot_of
from schemas.words import AssignmentState, Clock, Part

pytestmark = pytest.mark.slow

TOWNSHIP, COMMUNITY, BUREAU = "t-linjiang", "v-990102001001", "yunxi-zhujian"
LEAK = "040106"
"""房屋渗漏: no item of the duty list is about it, so nothing of it goes down without admission."""
SIGNBOARD = "020203"
"""户外广告和招牌监管: on the negative list."""
CLEAR = Clarity(
    department="住建局请人搭架铲除,负责安全",
    grassroots="社区张贴通知,请住户移车",
    support="住建局提前三天给通知样稿和联系人",
)


def task_of(city: City, task: str) -> AdmissionTask:
    found = city.home.store.states([task])[task]
    assert isinstance(found, AdmissionTask)
    return found


def asked(city: City, unit: Unit, name: str, problem: str | None, units: list[str], **more: object) -> str:
    """The id of the task that the department submits."""
    task = aggregate_id("t", slot_of(problem) if problem else 1, name)
    fields = {"title": "请社区配合外墙排险", "units": units, "clarity": CLEAR, "problem": problem, **more}
    unit.does(adm.SubmitTask, task, **fields)
    return task


def test_an_off_list_task_is_refused_and_then_admitted_and_comes_to_the_problem_with_the_three_clarities(
    city: PlayedCity,
) -> None:
    problem = city.problem_of(city.call("望江花园外墙渗水,墙皮往下掉,下面停着很多车", category=LEAK))
    city.clerk.does(cmd.Assign, problem, lead=BUREAU)
    bureau = city.unit(BUREAU)
    bureau.says("sign", problem)

    # past the gate it does not go, whoever asks and whatever is forged
    clarity = CLEAR.model_dump()
    wanted = {COMMUNITY: "请住户移车"}
    assert bureau.may_not_say("cooperate", problem, notes=wanted, clarity=clarity) == "off_list"
    forged = {"notes": wanted, "clarity": CLEAR, "admission": "t001-forged"}
    assert bureau.is_refused(cmd.AddCooperators, problem, **forged) == "off_list"
    assert city.clerk.is_refused(cmd.AddCooperators, problem, **forged) == "off_list"
    assert COMMUNITY not in {part.unit for part in city.problem(problem).assignments}

    task = asked(city, bureau, "first", problem, [COMMUNITY])
    assert task_of(city, task).state is TaskState.SUBMITTED
    assert city.due(problem, Clock.COOPERATE, COMMUNITY) is None
    own = city.unit(bureau.code)
    assert own.is_refused(adm.ReviewTask, task, verdict=TaskVerdict.GRANTED, note="自己批") == "forbidden_role"
    city.reviewer.does(adm.ReviewTask, task, verdict=TaskVerdict.REFUSED, note="先由部门自己通知")
    assert task_of(city, task).state is TaskState.REFUSED
    assert COMMUNITY not in {part.unit for part in city.problem(problem).assignments}

    again = asked(city, bureau, "second", problem, [COMMUNITY], consulted=True)
    city.reviewer.does(adm.ReviewTask, again, verdict=TaskVerdict.GRANTED, note="部门出人出车,社区只通知")
    city.session.work(lambda: COMMUNITY in {part.unit for part in city.problem(problem).assignments}, drain=True)
    community = city.unit(COMMUNITY)
    seen = community.sees(problem)
    assert (seen.part, seen.assignment, seen.clarity) == (Part.COOPERATOR, AssignmentState.DISPATCHED, clarity)
    assert seen.own_due is not None
    (added,) = city.said(problem, "CooperatorsAdded")
    assert added.admission == again
    assert community.may_not_say("return", problem, "不该我办", reason="not_our_duty") == "not_the_lead"

    # the township dispatches, the community receives
    city.unit(TOWNSHIP).does(adm.DispatchTask, again, units=[COMMUNITY])
    community.does(adm.ReceiveTask, again)
    assert task_of(city, again).state is TaskState.RECEIVED


def test_what_the_negative_list_forbids_does_not_go_down_even_with_an_admission(city: PlayedCity) -> None:
    problem = city.problem_of(city.call("滨江华庭门口广告牌歪了要掉下来", category=SIGNBOARD))
    lead = city.unit(city.problem(problem).lead or "")
    forbidden = {"title": "请社区拆广告牌", "units": [COMMUNITY], "clarity": CLEAR, "problem": problem, "duty_item": "Q030"}
    task = aggregate_id("t", slot_of(problem), "negative")
    assert lead.is_refused(adm.SubmitTask, task, **forbidden) == "negative_list"
    admitted = asked(city, lead, "hidden", problem, [COMMUNITY])
    city.reviewer.does(adm.ReviewTask, admitted, verdict=TaskVerdict.GRANTED, note="没有看出是负面清单")
    assert COMMUNITY not in {part.unit for part in city.problem(problem).assignments}


def test_the_review_has_a_limit_and_what_says_nothing_is_not_taken(city: PlayedCity) -> None:
    bureau = city.unit(BUREAU)
    vague = Clarity(department="配合配合配合", grassroots="负责负责负责", support="支持支持支持")
    fields = {"title": "报送外墙渗漏台账", "units": [COMMUNITY], "kind": "data_request"}
    slot = city.pack.slot_of(city.pack.units[COMMUNITY].area).number
    task = aggregate_id("t", slot, "limit")
    assert bureau.is_refused(adm.SubmitTask, task, clarity=vague, **fields) == "not_clear"
    bureau.does(adm.SubmitTask, task, clarity=CLEAR, **fields)
    (timer,) = task_of(city, task).timers
    city.wait_until(timer.due)
    assert [event.clock for event in city.said(task, "ClockExpired")] == [Clock.ADMISSION]
    assert task_of(city, task).state is TaskState.SUBMITTED


def test_what_went_past_the_gate_is_complained_of_with_one_key(city: PlayedCity) -> None:
    slot = city.pack.slot_of(city.pack.units[COMMUNITY].area).number
    complaint = aggregate_id("t", slot, "bypass")
    fields = {"by": COMMUNITY, "against": BUREAU, "kind": BypassKind.PAST_PLATFORM, "note": "在微信群里要我们报台账"}
    assert city.unit(BUREAU).is_refused(adm.ReportBypass, complaint, **fields) == "not_your_task"
    city.unit(COMMUNITY).does(adm.ReportBypass, complaint, **fields)
    assert city.clerk.is_refused(adm.JudgeBypass, complaint, upheld=False, note="不成立") == "forbidden_role"
    city.reviewer.does(adm.JudgeBypass, complaint, upheld=True, note="未走准入,撤回")
    assert task_of(city, complaint).state is TaskState.UPHELD
