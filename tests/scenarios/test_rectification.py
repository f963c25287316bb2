"""回头看: what was closed and never done is found, done again under supervision, and looked at once more."""

import pytest

from scenarios.storyteller import City, PlayedCity
from schemas import commands_handling as cmd
from schemas.words import Clock, Part, ProblemState, RecheckOutcome, SupervisionReason

pytestmark = pytest.mark.slow

LAMP_OUT = "010503"
BUREAU, CHECKER = "yunxi-chengguan", "yunxi-gov"
SAYS = "已更换灯头和线缆,当晚试亮正常,并安排每周巡查一次,如再有问题请直接联系所里值班电话。"


def closed(city: City, words: str) -> str:
    problem = city.problem_of(city.call(words, category=LAMP_OUT))
    lead = city.unit(BUREAU)
    lead.says("sign", problem)
    lead.says("contact", problem, reached=True)
    lead.says("reply", problem, SAYS)
    city.clerk.does(cmd.Close, problem)
    return problem


def test_a_rectification_that_turns_out_sham_is_done_again_and_looked_at_again(city: PlayedCity) -> None:
    lamp = closed(city, "望江花园门口路灯不亮,说是修了")
    assert city.reviewer.is_refused(cmd.AskRecheck, lamp, checker=BUREAU) == "checks_itself"
    city.reviewer.does(cmd.AskRecheck, lamp, checker=CHECKER)
    looks = city.unit(CHECKER)
    assert looks.sees(lamp).part is Part.CHECKER
    assert city.unit(BUREAU).may_not_say("recheck", lamp, "好了", outcome=RecheckOutcome.SOLVED) == "not_your_assignment"
    looks.says("recheck", lamp, "灯没有换,照片是别处的", outcome=RecheckOutcome.SHAM)

    again = city.problem(lamp)
    assert (again.state, again.lead, again.redo) == (ProblemState.IN_PROGRESS, BUREAU, 1)
    assert again.supervision is not None
    assert (again.supervision.reason, again.closed, again.ending) == (SupervisionReason.SHAM, None, None)
    assert city.due(lamp, Clock.HANDLE) is not None
    assert city.due(lamp, Clock.ARCHIVE) is None
    assert city.unit(BUREAU).sees(lamp).supervised

    city.unit(BUREAU).says("reply", lamp, SAYS)
    city.clerk.does(cmd.Close, lamp)
    look = city.due(lamp, Clock.RECHECK)
    assert look is not None, "what was sham once is looked at again, without anybody asking"
    city.wait_until(look)
    asked = city.problem(lamp).rechecks[-1]
    assert (asked.checker, asked.outcome) == (CHECKER, None)
    looks.says("recheck", lamp, "灯亮了", outcome=RecheckOutcome.SOLVED)
    done = city.problem(lamp)
    assert (done.state, [one.outcome for one in done.rechecks]) == (
        ProblemState.ARCHIVED, [RecheckOutcome.SHAM, RecheckOutcome.SOLVED],
    )  # fmt: skip
    assert [timer.clock for timer in done.timers if not timer.expired] == []


def test_what_came_back_is_done_again_too(city: PlayedCity) -> None:
    lamp = closed(city, "滨江华庭路灯修了又坏")
    city.supervisor.does(cmd.AskRecheck, lamp)
    city.reviewer.does(cmd.Recheck, lamp, outcome=RecheckOutcome.REBOUNDED, note="又不亮了")
    again = city.problem(lamp)
    assert (again.state, again.redo, again.lead) == (ProblemState.IN_PROGRESS, 1, BUREAU)
    assert again.rechecks[-1].by == "reviewer-1"


def test_on_a_monitoring_point_everything_is_looked_at_again_and_who_looks_is_told(city: PlayedCity) -> None:
    lamp = closed(city, "书院小区路灯不亮")  # 书院社区 is a monitoring point of the pack
    look = city.due(lamp, Clock.RECHECK)
    assert look is not None
    assert city.due(lamp, Clock.ARCHIVE) is None
    city.wait_until(look)
    (asked,) = city.problem(lamp).rechecks
    assert (asked.checker, asked.asked, asked.done) == (CHECKER, look, None)
    assert city.unit(CHECKER).sees(lamp).part is Part.CHECKER
    city.unit(CHECKER).says("recheck", lamp, "灯亮着", outcome=RecheckOutcome.SOLVED)
    assert city.problem(lamp).state is ProblemState.ARCHIVED
