"""Callers: each has an answer of his own; one who is not satisfied gets it done again; twice means supervision."""

from datetime import timedelta

import pytest

from scenarios.storyteller import City, PlayedCity
from schemas import commands_handling as cmd
from schemas.commands import Merge
from schemas.words import AssignmentState, Clock, ProblemState, SupervisionReason

pytestmark = pytest.mark.slow

WATER, LAMPS = "p-gongshui", "yunxi-chengguan"
LAMP_OUT, NO_WATER = "010503", "010101"
DONE = "已更换灯头和线缆,当晚试亮正常,并安排每周巡查一次,如再有问题请直接联系所里值班电话。"


def answered(city: City, problem: str, unit: str) -> None:
    """Signed, spoken with, replied, checked and closed."""
    lead = city.unit(unit)
    lead.says("sign", problem)
    lead.says("contact", problem, "电话说明了情况", reached=True)
    lead.says("reply", problem, DONE)
    city.clerk.does(cmd.Check, problem, passed=True)
    city.clerk.does(cmd.Close, problem)


def test_a_caller_who_is_unsatisfied_twice_brings_it_under_supervision(city: PlayedCity) -> None:
    report = city.call("望江花园门口路灯不亮,晚上看不见路", category=LAMP_OUT)
    lamp = city.problem_of(report)
    answered(city, lamp, LAMPS)
    assert city.member(lamp, report).answered is not None
    city.wait(days=1)
    city.clerk.does(cmd.Callback, lamp, report=report, reached=False)
    assert city.problem(lamp).state is ProblemState.CLOSED
    city.clerk.does(cmd.Callback, lamp, report=report, solved=False, rating=1, text="根本没来人")

    again = city.problem(lamp)
    assert (again.state, again.redo, again.supervision) == (ProblemState.IN_PROGRESS, 1, None)
    member = city.member(lamp, report)
    assert (member.rating, member.first_rating, member.heard) == (1, 1, None), "a redo does not wipe out what was said"
    assert city.unit(LAMPS).sees(lamp).redo == 1
    redo = city.due(lamp, Clock.HANDLE)
    assert redo is not None
    assert redo > city.now

    lead = city.unit(LAMPS)
    lead.says("reply", lamp, DONE)
    city.clerk.does(cmd.Close, lamp)
    city.clerk.does(cmd.Callback, lamp, report=report, solved=False, rating=2)
    twice = city.problem(lamp)
    assert (twice.state, twice.redo) == (ProblemState.IN_PROGRESS, 2)
    assert twice.supervision is not None
    assert (twice.supervision.reason, twice.supervised) == (SupervisionReason.UNSATISFIED, 1)
    assert lead.sees(lamp).supervised
    report_by = city.due(lamp, Clock.SUPERVISE)
    assert report_by is not None

    lead.says("reply", lamp, DONE)
    city.clerk.does(cmd.Close, lamp)
    city.clerk.does(cmd.Callback, lamp, report=report, solved=True, rating=4)
    city.supervisor.does(cmd.EndSupervision, lamp, note="来件人已满意")
    ended = city.problem(lamp)
    assert (ended.state, ended.supervision, ended.supervised) == (ProblemState.CLOSED, None, 1)
    assert (city.member(lamp, report).first_rating, city.member(lamp, report).rating) == (1, 4)


def test_seven_callers_of_one_burst_pipe_have_seven_answers(city: PlayedCity) -> None:
    places = ("望江花园", "滨江华庭", "江畔人家", "码头新村", "航运家属院", "书院小区", "幸福小区")
    reports = [city.call(f"{place}整栋楼停水,一滴水都没有", category=NO_WATER) for place in places]
    first, *others = dict.fromkeys(city.problem_of(report) for report in reports)
    assert len(others) == 6
    a, b = others[:2]
    city.clerk.does(Merge, a, target=b)
    city.session.settle(a)
    for other in (b, *others[2:]):
        city.clerk.does(Merge, other, target=first)
        city.session.settle(other)
    root = city.problem(first)
    assert sorted(member.report for member in root.members) == sorted(reports)
    assert {city.problem_of(report) for report in reports} == {first}
    assert {city.problem(other).state for other in others} == {ProblemState.MERGED}
    assert sorted(root.absorbed) == sorted(others)
    # no grandchildren: the first one leads on to the root, and the root leads nowhere
    assert root.merge is None
    merged_into = city.session.root(a)
    assert merged_into is not None
    assert merged_into.id == first

    answered(city, first, WATER)
    closed = city.problem(first)
    assert closed.state is ProblemState.CLOSED
    assert [member.answered for member in closed.members] == [city.now] * 7
    assert {city.report(report).state for report in reports} == {ProblemState.CLOSED}
    for rating, report in enumerate(reports[:4], 2):
        city.clerk.does(cmd.Callback, first, report=report, solved=True, rating=max(3, rating))
    assert city.problem(first).redo == 0
    city.clerk.does(cmd.Callback, others[3], report=reports[5], solved=False, rating=1)  # said of the merged one

    again = city.problem(first)
    assert (again.state, again.redo) == (ProblemState.IN_PROGRESS, 1)
    assert city.due(first, Clock.HANDLE) is not None
    city.unit(WATER).says("reply", first, DONE)
    city.clerk.does(cmd.Close, first)
    for report in reports:
        city.clerk.does(cmd.Callback, first, report=report, solved=True, rating=5)
    told = city.problem(first)
    assert [member.rating for member in told.members] == [5] * 7
    assert sorted(member.first_rating or 0 for member in told.members)[:1] == [1]
    assert (told.state, told.redo) == (ProblemState.CLOSED, 1)


def test_a_caller_who_calls_again_and_again_is_heard_but_moves_no_clock(city: PlayedCity) -> None:
    report = city.call("书院小区路灯坏了三盏", category=LAMP_OUT)
    lamp = city.problem_of(report)
    due = city.due(lamp, Clock.HANDLE)
    for _ in range(3):
        city.wait(hours=2)
        city.clerk.does(cmd.Urge, lamp, report=report)
        city.clerk.does(cmd.Note, lamp, text="来件人又催")
    assert city.due(lamp, Clock.HANDLE) == due
    found = city.problem(lamp)
    assert found.supervision is not None
    assert (found.supervision.reason, city.member(lamp, report).urged) == (SupervisionReason.URGED, 3)


def test_the_clock_stands_while_the_caller_is_waited_for_and_goes_on_where_it_stood(city: PlayedCity) -> None:
    report = city.call("梧桐苑有一盏路灯不亮,说不清是哪一盏", category=LAMP_OUT)
    lamp = city.problem_of(report)
    lead = city.unit(city.problem(lamp).lead or "")
    lead.says("sign", lamp)
    due = city.due(lamp, Clock.HANDLE)
    assert due is not None
    lead.says("wait", lamp, "请告知灯杆编号")
    assert city.due(lamp, Clock.HANDLE) is None
    city.wait(days=2)
    city.clerk.does(cmd.Supplement, lamp, report=report, text="三号楼西侧第二盏")
    found = city.problem(lamp)
    assert found.state is ProblemState.IN_PROGRESS
    assert city.due(lamp, Clock.HANDLE) == due + timedelta(days=2)
    assert lead.sees(lamp).assignment is AssignmentState.SIGNED
