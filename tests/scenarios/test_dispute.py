"""Nobody wants it: returned by one unit after another until the city's maximum, conferred on, and taken by who must."""

from pathlib import Path

import pytest

from city.layout import PackFile
from scenarios.conftest import Play
from scenarios.packs import changed_pack
from scenarios.storyteller import City, PlayedCity
from schemas import commands_handling as cmd
from schemas.words import Basis, Clock, ProblemState, ReturnReason, Role, Verdict

pytestmark = pytest.mark.slow

LEFT_PIPE = "011101"
"""无主管线: no duty item names a lead that everybody would accept."""
UNITS = ("yunxi-shuiwu", "yunxi-chengguan", "yunxi-zhujian", "c-tongguan", "p-gongdian")
NOBODYS = "望江公园门口一根没人认的旧管子露在外面,水务、城管、通信都说不是自己的"


def assert_somebody_has_it(city: City, problem: str) -> None:
    """Somebody's turn, by name and until a time."""
    turns = city.turns(problem)
    assert turns, city.problem(problem).state
    assert all(turn.unit or turn.post or turn.role is not Role.UNIT for turn in turns)
    assert any(turn.due is not None for turn in turns), turns


def returned_by_all(city: City, units: tuple[str, ...]) -> str:
    """The problem after each unit but the last has given it to the next; the last has asked to give it back too."""
    problem = city.problem_of(city.call(NOBODYS, category=LEFT_PIPE))
    assert_somebody_has_it(city, problem)
    city.clerk.does(cmd.Assign, problem, lead=units[0])
    for unit, following in zip(units, (*units[1:], None), strict=True):
        assert city.problem(problem).lead == unit
        assert_somebody_has_it(city, problem)
        city.wait(minutes=30)
        city.unit(unit).says("return", problem, "不是我单位的管线", reason=ReturnReason.NOT_TRANSFERRED, suggested=following)
        assert_somebody_has_it(city, problem)
        if following is not None:
            city.reviewer.does(cmd.DecideReturn, problem, verdict=Verdict.REDISPATCHED, lead=following, note="改派")
            assert city.unit(unit).sees(problem).withdrawn
    return problem


def four_returns(play: Play, folder: Path) -> PlayedCity:
    """The sample city, but that four returns are granted before only a conference or the fallback is left."""
    more = (PackFile.HANDLING, "returns_max: {value: 3,", "returns_max: {value: 4,")
    return play("2026-05-06T08:30+08:00", changed_pack(folder / "pack", more))


def test_five_units_give_it_back_and_without_a_joint_decision_in_time_the_first_must_take_it(play: Play, tmp_path: Path) -> None:
    city = four_returns(play, tmp_path)
    problem = returned_by_all(city, UNITS)
    running = city.problem(problem).first_dispatch
    again = city.reviewer.is_refused(cmd.DecideReturn, problem, verdict=Verdict.REDISPATCHED, lead="c-chengguan")
    assert again == "returns_exhausted"
    city.reviewer.does(cmd.DecideReturn, problem, verdict=Verdict.CONFERENCE, note="请六家会商")
    assert city.problem(problem).state is ProblemState.CONFERENCE
    assert_somebody_has_it(city, problem)
    until = city.due(problem, Clock.CONFERENCE)
    assert until is not None
    city.wait_until(until)

    taken = city.problem(problem)
    assert (taken.lead, taken.basis, taken.state) == (UNITS[0], Basis.FALLBACK, ProblemState.DISPATCHED)
    assert (taken.final, taken.first_dispatch, len(taken.returns)) == (True, running, 5)
    assert_somebody_has_it(city, problem)
    first = city.unit(UNITS[0])
    assert first.sees(problem).final
    assert first.may_not_say("return", problem, "还是不该我办", reason=ReturnReason.NOT_OUR_DUTY) == "final_dispatch"
    for unit in UNITS[1:]:
        assert city.unit(unit).sees(problem).withdrawn
    first.says("sign", problem)
    first.says("contact", problem, "已约现场见面", reached=True)
    first.says("reply", problem, "管子已截断封堵,路面恢复平整,产权由我局登记为无主管线管护。")
    city.clerk.does(cmd.Close, problem)
    assert city.problem(problem).state is ProblemState.CLOSED


def test_what_the_conference_fixes_stands_and_names_who_leads_and_who_helps(city: PlayedCity) -> None:
    problem = returned_by_all(city, UNITS[:3])
    city.reviewer.does(cmd.DecideReturn, problem, verdict=Verdict.CONFERENCE)
    assert city.clerk.is_refused(cmd.DecideJointly, problem, minutes="x", lead=UNITS[1]) == "forbidden_role"
    told = {UNITS[0]: "派抽水车", UNITS[2]: "出具图纸"}
    minutes = "水务、城管、住建三家议定:城管牵头,水务、住建配合"
    city.supervisor.does(cmd.DecideJointly, problem, minutes=minutes, lead=UNITS[1], cooperators=[UNITS[0], UNITS[2]], notes=told)
    fixed = city.problem(problem)
    assert (fixed.lead, fixed.basis, fixed.final, fixed.conference) == (UNITS[1], Basis.JOINT_DECISION, True, None)
    assert city.unit(UNITS[0]).sees(problem).asked == "派抽水车"
    assert city.due(problem, Clock.CONFERENCE) is None
    late = city.unit(UNITS[1]).may_not_say("return", problem, "不服", reason=ReturnReason.NOT_OUR_DUTY)
    assert late == "final_dispatch"


def test_a_unit_that_gives_it_back_too_late_keeps_it(city: PlayedCity) -> None:
    problem = city.problem_of(city.call(NOBODYS + "第二处", category=LEFT_PIPE))
    city.clerk.does(cmd.Assign, problem, lead=UNITS[0])
    city.wait(days=3)
    late = city.unit(UNITS[0]).may_not_say("return", problem, "不是我们的", reason=ReturnReason.NOT_OUR_DUTY)
    assert late == "return_late"
    assert city.problem(problem).lead == UNITS[0]


def test_a_return_that_nobody_reviews_is_said_and_the_unit_has_it_all_the_while(city: PlayedCity) -> None:
    problem = city.problem_of(city.call(NOBODYS + "第三处", category=LEFT_PIPE))
    city.clerk.does(cmd.Assign, problem, lead=UNITS[0])
    handling = city.due(problem, Clock.HANDLE)
    city.unit(UNITS[0]).says("return", problem, "不是我们的", reason=ReturnReason.NOT_OUR_DUTY)
    assert city.due(problem, Clock.HANDLE) == handling
    until = city.due(problem, Clock.REVIEW)
    assert until is not None
    city.wait_until(until)
    assert [event.clock for event in city.said(problem, "ClockExpired")][-1] is Clock.REVIEW
    assert city.problem(problem).lead == UNITS[0]
    assert_somebody_has_it(city, problem)
