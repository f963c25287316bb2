"""吹哨报到 both ways (泰顺, seed row 1.3): the township calls the department, the department calls the township."""

import pytest

from scenarios.storyteller import City, PlayedCity
from schemas import commands_handling as cmd
from schemas.words import AssignmentState, Clock, Part

pytestmark = pytest.mark.slow

TOWNSHIP, BUREAU = "t-linjiang", "yunxi-chengguan"
STALLS = "020201"
"""占道经营: the bureau leads, the township helps."""


def stalls(city: City, place: str) -> str:
    problem = city.problem_of(city.call(f"{place}门口摊贩占道经营,路都走不通", category=STALLS))
    found = city.problem(problem)
    assert (found.lead, {part.unit for part in found.assignments}) == (BUREAU, {BUREAU, TOWNSHIP})
    return problem


def test_the_township_calls_the_bureau_which_comes_and_both_rate(city: PlayedCity) -> None:
    problem = stalls(city, "望江花园")
    street, bureau, police = city.unit(TOWNSHIP), city.unit(BUREAU), city.unit("yunxi-gongan")
    street.says("sign", problem)
    assert street.may_not_say("whistle", problem, "来", to=TOWNSHIP) == "own_whistle"
    street.says("whistle", problem, "劝导不听,请派执法队员", to=BUREAU)
    street.says("whistle", problem, "有人推搡,请派民警", to="yunxi-gongan")
    assert police.sees(problem).part is Part.SUMMONED
    assert police.sees(problem).asked == "有人推搡,请派民警"
    assert police.may_not_say("answer_whistle", problem, number=1, coming=True) == "not_your_assignment"
    for number, unit in ((1, bureau), (2, police)):
        (shown,) = unit.sees(problem).whistles
        answer = city.due(problem, Clock.WHISTLE_ANSWER, str(number))
        assert answer is not None
        assert shown["due"] == answer.isoformat()
        city.wait(minutes=20)
        unit.says("answer_whistle", problem, "就来", number=number, coming=True)
        assert city.due(problem, Clock.WHISTLE_ARRIVE, str(number)) is not None
        unit.says("arrive", problem, number=number)
        assert street.may_not_say("rate_whistle", problem, number=number, mark=3) == "not_your_assignment"
        assert unit.may_not_say("rate_whistle", problem, number=number, mark=3) == "forbidden_state"
        street.says("end_whistle", problem, "摊位已清走", number=number, mark=5)
        unit.says("rate_whistle", problem, number=number, mark=4)
    assert [(w.late, w.mark_of_summoned, w.mark_of_whistler) for w in city.problem(problem).whistles] == [([], 5, 4), ([], 5, 4)]
    assert police.sees(problem).assignment is AssignmentState.CLOSED
    assert city.problem(problem).lead == BUREAU


def test_the_bureau_calls_the_township_which_is_late_with_answer_and_arrival(city: PlayedCity) -> None:
    problem = stalls(city, "滨江华庭")
    bureau, street = city.unit(BUREAU), city.unit(TOWNSHIP)
    bureau.says("sign", problem)
    bureau.says("whistle", problem, "今晚联合整治,请组织人员", to=TOWNSHIP)
    answer = city.due(problem, Clock.WHISTLE_ANSWER, "1")
    assert answer is not None
    city.wait_until(answer)
    assert city.problem(problem).whistles[0].late == ["answer"]
    street.says("answer_whistle", problem, "晚饭后到", number=1, coming=True)
    arrive = city.due(problem, Clock.WHISTLE_ARRIVE, "1")
    assert arrive is not None
    city.wait_until(arrive)
    assert city.problem(problem).whistles[0].late == ["answer", "arrival"]
    street.says("arrive", problem, number=1)
    bureau.says("end_whistle", problem, "整治完毕", number=1, mark=2)
    street.says("rate_whistle", problem, number=1, mark=3)
    (whistle,) = city.problem(problem).whistles
    assert (whistle.late, whistle.mark_of_summoned, whistle.mark_of_whistler) == (["answer", "arrival"], 2, 3)
    late = [(event.clock, event.of) for event in city.said(problem, "ClockExpired") if event.of]
    assert [clock for clock, of in late if of == "1"] == [Clock.WHISTLE_ANSWER, Clock.WHISTLE_ARRIVE]


def test_who_does_not_come_can_be_called_again_and_a_third_party_may_not_whistle(city: PlayedCity) -> None:
    problem = stalls(city, "江畔人家")
    street, police = city.unit(TOWNSHIP), city.unit("yunxi-gongan")
    assert police.may_not_say("whistle", problem, "来", to=BUREAU) == "not_your_assignment"
    street.says("whistle", problem, "请派民警", to="yunxi-gongan")
    assert street.may_not_say("whistle", problem, "再请派民警", to="yunxi-gongan") == "asked_already"
    police.says("answer_whistle", problem, "另有警情", number=1, coming=False)
    assert police.sees(problem).withdrawn
    street.says("whistle", problem, "晚上请派民警", to="yunxi-gongan")
    assert city.due(problem, Clock.WHISTLE_ANSWER, "2") is not None
    assert not police.sees(problem).withdrawn


def test_units_that_worked_together_rate_each_other_after_the_end(city: PlayedCity) -> None:
    problem = stalls(city, "码头新村")
    bureau, street = city.unit(BUREAU), city.unit(TOWNSHIP)
    bureau.says("sign", problem)
    bureau.says("contact", problem, reached=True)
    bureau.says("reply", problem, "已清理占道摊位十二处,划定疏导点,安排两人每日巡查。")
    city.clerk.does(cmd.Close, problem)
    street.says("rate", problem, to=BUREAU, mark=4)
    bureau.says("rate", problem, to=TOWNSHIP, mark=5)
    assert street.may_not_say("rate", problem, to=BUREAU, mark=1) == "asked_already"
    assert [(one.by, one.of, one.mark) for one in city.problem(problem).unit_ratings] == [
        (TOWNSHIP, BUREAU, 4), (BUREAU, TOWNSHIP, 5),
    ]  # fmt: skip
