"""Water in a stairwell (鞍山, seed row 4.5): up the grid's ladder to the departments; the first guess is wrong; closed in three
hours."""

from datetime import timedelta
from pathlib import Path

import pytest

from casework.labels import confirmed
from city.layout import PackFile
from scenarios.conftest import Play
from scenarios.packs import changed_pack
from scenarios.storyteller import PlayedCity
from schemas import commands_handling as cmd
from schemas.words import Basis, Clock, HopEnd, Part, ProblemState

pytestmark = pytest.mark.slow

GRID, GRID_WORKER, COMMUNITY, STREET = "990102001001001", "w-990102001001001", "w-990102001001", "w-990102001"
PROPERTY_OFFICE, WATER, FIRE = "yunxi-zhujian", "p-gongshui", "c-xiaofang"
PROPERTY_SERVICE, BURST_MAIN = "040101", "010104"
SAW = "望江花园32栋电梯厅和楼道积水,水顺着楼梯往下流,像是楼上没人修,物业也没有来"


def climbing_city(play: Play, folder: Path) -> PlayedCity:
    """The sample city, but that matters in which the township has a part go up its ladder first."""
    ladder = (PackFile.HANDLING, "ladder:\n  value: 镇街主责\n", "ladder:\n  value: 镇街主责或配合\n")
    return play("2026-05-06T19:00+08:00", changed_pack(folder / "pack", ladder))


def test_a_flooded_stairwell_is_closed_within_three_hours_though_the_first_guess_was_wrong(play: Play, tmp_path: Path) -> None:
    city = climbing_city(play, tmp_path)
    began = city.now
    report = city.grid_report(SAW, grid=GRID, category=PROPERTY_SERVICE, photo=True)
    water = city.problem_of(report)
    assert city.report(report).attachments[0]["media_type"] == "image/jpeg"

    # three posts of the ladder, each at once
    for post, minutes, does in (
        (GRID_WORKER, 10, "已拉警戒线,水还在流"),
        (COMMUNITY, 15, "已到现场,关不住水,请街道"),
        (STREET, 10, "已联系房产、供暖、自来水"),
    ):
        assert [(turn.task, turn.post) for turn in city.turns(water)] == [("ladder", post)]
        city.wait(minutes=minutes)
        city.post(post).does(cmd.StepUp, water, note=does)
    assert [(hop.post, hop.end) for hop in city.problem(water).ladder] == [
        (GRID_WORKER, HopEnd.UP), (COMMUNITY, HopEnd.UP), (STREET, HopEnd.UP),
    ]  # fmt: skip

    # the first guess: whoever looks after the property
    first = city.problem(water)
    assert (first.lead, first.basis) == (PROPERTY_OFFICE, Basis.FROM_LADDER)
    housing = city.unit(PROPERTY_OFFICE)
    housing.says("sign", water)
    city.wait(minutes=20)
    housing.says("whistle", water, "不是屋面漏水,消防主管爆了,请来关阀抢修", to=WATER)
    housing.says("whistle", water, "消防管网进水,请来确认消防主机和水泵", to=FIRE)
    for number, unit in ((1, WATER), (2, FIRE)):
        assert city.unit(unit).sees(water).part is Part.SUMMONED
        city.unit(unit).says("answer_whistle", water, "马上到", number=number, coming=True)
    city.wait(minutes=25)
    city.unit(WATER).says("arrive", water, number=1)
    city.unit(FIRE).says("arrive", water, number=2)

    # the real cause: the office routes it anew, and who had it by mistake is free
    city.clerk.does(cmd.Recategorise, water, category=BURST_MAIN)
    real = city.problem(water)
    assert (real.lead, real.basis, real.category) == (WATER, Basis.RECATEGORISED, BURST_MAIN)
    assert housing.sees(water).withdrawn
    burst = city.unit(WATER)
    burst.says("sign", water)
    city.wait(minutes=50)
    housing.says("end_whistle", water, "阀门已关,积水已抽干", number=1, mark=5)
    housing.says("end_whistle", water, "消防水泵已恢复", number=2, mark=5)
    burst.says("reply", water, "消防主管爆裂处已更换,楼道和电梯厅积水抽干,电梯井排水后试运行正常,已逐户告知。")
    city.clerk.does(cmd.Check, water, passed=True)
    city.clerk.does(cmd.Close, water)

    closed = city.problem(water)
    assert closed.state is ProblemState.CLOSED
    assert closed.closed is not None
    assert closed.closed - began < timedelta(hours=3)
    assert closed.overdue is None
    assert closed.late == []
    (changed,) = city.said(water, "Recategorised")
    assert (changed.before, changed.category, changed.actor.id) == (PROPERTY_SERVICE, BURST_MAIN, "clerk-1")
    label = confirmed(closed)
    assert label is not None
    assert (label.category, label.unit) == (BURST_MAIN, WATER)


def test_a_post_that_does_not_move_is_passed_by_when_its_time_is_over(play: Play, tmp_path: Path) -> None:
    city = climbing_city(play, tmp_path)
    water = city.problem_of(city.grid_report(SAW, grid=GRID, category=PROPERTY_SERVICE))
    began = city.now
    for post, hours in ((GRID_WORKER, 2), (COMMUNITY, 4), (STREET, 24)):
        hop = city.problem(water).hop
        assert hop is not None
        assert (hop.post, hop.due - hop.since) == (post, timedelta(hours=hours))
        assert city.post("w-990103001").is_refused(cmd.StepUp, water) == "not_your_post"
        city.wait(hours=hours)
    left = city.problem(water)
    assert [hop.end for hop in left.ladder] == [HopEnd.EXPIRED] * 3
    assert (left.lead, left.first_dispatch) == (PROPERTY_OFFICE, began + timedelta(hours=30))
    assert city.due(water, Clock.LADDER) is None


def test_a_post_that_solves_it_ends_it_and_who_reported_it_has_an_answer(play: Play, tmp_path: Path) -> None:
    city = climbing_city(play, tmp_path)
    water = city.problem_of(city.grid_report(SAW, grid=GRID, category=PROPERTY_SERVICE))
    city.wait(minutes=30)
    city.post(GRID_WORKER).does(cmd.SolvedHere, water, text="总阀已关,水已扫干")
    done = city.problem(water)
    assert (done.state, done.lead, done.assignments) == (ProblemState.CLOSED, None, [])
    assert [hop.end for hop in done.ladder] == [HopEnd.SOLVED]
    assert all(member.answered == city.now for member in done.members)
