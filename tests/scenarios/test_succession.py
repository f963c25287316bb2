"""A unit is abolished while it works: its open part is its successor's, clocks as they were."""

from datetime import timedelta
from pathlib import Path

import pytest

from city.layout import PackFile
from city.sample import sample_city
from console.succession import hand_on
from scenarios.conftest import Play
from scenarios.packs import changed_pack
from scenarios.storyteller import PlayedCity
from schemas import commands_handling as cmd
from schemas.words import AssignmentState, Clock, ProblemState
from streams.local.home import Home

pytestmark = pytest.mark.slow

LAMP_OUT = "010503"
OLD, NEW = "yunxi-chengguan", "yunxi-zhujian"
UNIT_ROW = "yunxi-chengguan,云溪区城市管理局,区县部门,yunxi-gov,990102,城市管理,云溪区城管局;云溪区城管;云溪区综合执法局,,"


def following(folder: Path) -> Path:
    """The next version: from 13 May the urban management bureau is part of the housing bureau, which takes over its line."""
    return changed_pack(
        folder,
        (PackFile.PACK, 'version: "2026.1"', 'version: "2026.2"'),
        (PackFile.PACK, "effective: 2026-01-01", "effective: 2026-05-13"),
        (PackFile.UNITS, UNIT_ROW, UNIT_ROW[:-1] + f"{NEW},2026-05-12"),
    )


def adopted(city: PlayedCity, folder: Path) -> None:
    assert isinstance(city.home, Home)
    city.home.packs.adopt(following(folder), sample_city(), city.now)


def test_the_successor_goes_on_where_the_abolished_unit_stood(play: Play, tmp_path: Path) -> None:
    city = play("2026-05-11T09:00+08:00")
    lamp = city.problem_of(city.call("望江花园门口路灯不亮", category=LAMP_OUT))
    unsigned = city.problem_of(city.call("滨江华庭门口路灯一闪一闪", category=LAMP_OUT))
    old, new = city.unit(OLD), city.unit(NEW)
    old.says("sign", lamp)
    old.says("contact", lamp, reached=True)
    clocks = {name: sorted((t.clock, t.due, t.of) for t in city.problem(name).timers) for name in (lamp, unsigned)}
    first = city.problem(lamp).first_dispatch
    adopted(city, tmp_path / "next")
    assert hand_on(city.session) == {}  # not before its day
    city.wait_until(city.now + timedelta(days=1, hours=15, minutes=30))  # half past midnight of the 13th
    before = {name: sorted((t.clock, t.due, t.of) for t in city.problem(name).timers) for name in (lamp, unsigned)}
    assert before[lamp] == clocks[lamp]
    assert hand_on(city.session) == {OLD: 2}
    assert hand_on(city.session) == {}

    for name, state in ((lamp, AssignmentState.CONTACTED), (unsigned, AssignmentState.DISPATCHED)):
        moved = city.problem(name)
        assert (moved.lead, moved.dispatches) == (NEW, 1)
        assert sorted((t.clock, t.due, t.of) for t in moved.timers) == before[name]
        seen = new.sees(name)
        assert (seen.assignment, seen.withdrawn, seen.handle_due) == (state, False, city.due(name, Clock.HANDLE))
        assert old.sees(name).withdrawn
    assert city.problem(lamp).first_dispatch == first
    assert old.may_not_say("reply", lamp, "修好了") == "not_your_assignment"
    new.says("reply", lamp, "已更换灯头和线缆,当晚试亮正常,并安排每周巡查一次,如再有问题请直接联系我局值班电话。")
    city.clerk.does(cmd.Close, lamp)
    assert city.problem(lamp).state is ProblemState.CLOSED


def test_a_policy_that_changes_keeps_what_was_paused(play: Play, tmp_path: Path) -> None:
    city = play("2026-05-11T09:00+08:00")
    lamp = city.problem_of(city.call("望江花园门口路灯不亮", category=LAMP_OUT))
    lead = city.unit(OLD)
    lead.says("sign", lamp)
    lead.says("wait", lamp, "请告知灯杆编号")
    city.wait(days=2)  # Monday to Wednesday: two working days
    lead.says("resume", lamp)
    paused = city.due(lamp, Clock.HANDLE)
    assert paused is not None
    assert city.pack.calendar.local(paused).strftime("%m-%d %H:%M") == "05-20 17:30"
    new = changed_pack(
        tmp_path / "next",
        (PackFile.PACK, 'version: "2026.1"', 'version: "2026.2"'),
        (PackFile.PACK, "effective: 2026-01-01", "effective: 2026-05-14"),
        (PackFile.LIMITS, "办理,一般,,,5,工作日,", "办理,一般,,,7,工作日,"),
    )
    assert isinstance(city.home, Home)
    city.home.packs.adopt(new, sample_city(), city.now)
    city.wait(days=1)
    assert city.home.pack.version == "2026.2"
    assert (city.due(lamp, Clock.HANDLE), city.problem(lamp).policy) == (paused, "2026.1")  # nothing old is rewritten
    city.clerk.does(cmd.Assign, lamp, lead=NEW)
    after = city.problem(lamp)
    due = city.due(lamp, Clock.HANDLE)
    assert due is not None
    assert (after.policy, city.pack.calendar.local(due).strftime("%m-%d %H:%M")) == ("2026.2", "05-22 17:30")
    assert len(after.pauses) == 1
