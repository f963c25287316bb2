"""Limits over holidays and make-up working days, by the pack's calendar: at the turn of 2025 to 2026, when Sunday 4 January was
at work, and at National Day 2026, with Saturday 10 October at work."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from scenarios.storyteller import City, PlayedCity, played_city
from schemas import commands_handling as cmd
from schemas.words import Clock, Wish

pytestmark = pytest.mark.slow

LAMP_OUT, NO_WATER = "010503", "010101"


@pytest.fixture(scope="module")
def years(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedCity]:
    """A city on the afternoon of New Year's Eve; every story lives later than the one before."""
    start = datetime.fromisoformat("2025-12-31T16:00+08:00")
    with played_city(tmp_path_factory.mktemp("years") / "pool", start) as city:
        yield city


def broken(city: City, start: str, place: str, what: str = "路灯不亮", category: str = LAMP_OUT) -> str:
    """Something at this place, reported and dispatched at this time."""
    city.wait_until(datetime.fromisoformat(f"{start}+08:00"))
    return city.problem_of(city.call(f"{place}{what}", category=category))


def until(city: City, problem: str, clock: Clock) -> str:
    due = city.due(problem, clock)
    assert due is not None
    return local(city, due)


def local(city: City, moment: datetime) -> str:
    return city.pack.calendar.local(moment).strftime("%Y-%m-%d %H:%M")


def cards(city: City, problem: str) -> list[tuple[str, str]]:
    return [(card.colour, local(city, card.at)) for card in city.problem(problem).cards]


def test_new_years_days_do_not_count_and_the_sunday_that_is_worked_does(years: PlayedCity) -> None:
    lamp = broken(years, "2025-12-31T16:00", "望江花园")
    assert until(years, lamp, Clock.SIGN) == "2026-01-04 11:00"  # an hour and a half on the 31st, two and a half on the Sunday
    assert until(years, lamp, Clock.CONTACT) == "2026-01-01 16:00"  # hours know no holiday
    assert until(years, lamp, Clock.HANDLE) == "2026-01-08 17:30"  # 4, 5, 6, 7, 8 January
    years.wait_until(datetime.fromisoformat("2026-01-20T08:30+08:00"))
    assert cards(years, lamp) == [("yellow", "2026-01-07 17:30"), ("red", "2026-01-09 08:30")]
    told = [(event.level, local(years, event.at)) for event in years.said(lamp, "Escalated")]
    assert told == [
        (1, "2026-01-07 17:30"), (2, "2026-01-09 17:30"), (3, "2026-01-13 17:30"), (4, "2026-01-15 17:30"),
    ]  # fmt: skip


def test_the_same_week_without_a_holiday_is_shorter(years: PlayedCity) -> None:
    lamp = broken(years, "2026-03-11T16:00", "滨江华庭")  # a Wednesday
    assert until(years, lamp, Clock.SIGN) == "2026-03-12 11:00"
    assert until(years, lamp, Clock.HANDLE) == "2026-03-18 17:30"


def test_national_day_does_not_count_and_the_saturday_after_it_does(years: PlayedCity) -> None:
    lamp = broken(years, "2026-09-30T16:00", "江畔人家")
    assert until(years, lamp, Clock.SIGN) == "2026-10-08 11:00"
    assert until(years, lamp, Clock.HANDLE) == "2026-10-13 17:30"  # 8, 9, 10 (a Saturday), 12, 13 October
    water = broken(years, "2026-09-30T16:30", "码头新村", "整栋楼停水", NO_WATER)
    assert until(years, water, Clock.HANDLE) == "2026-10-01 16:30"  # water is due in 24 hours, holiday or not
    years.wait_until(datetime.fromisoformat("2026-10-08T10:00+08:00"))
    lead = years.unit(years.problem(lamp).lead or "")
    lead.says("sign", lamp)
    assert years.problem(lamp).late == [Clock.CONTACT]
    lead.says("apply", lamp, "灯杆要等吊车", wish=Wish.EXTENSION, amount=2)
    years.clerk.does(cmd.DecideApplication, lamp, wish=Wish.EXTENSION, granted=True)
    assert until(years, lamp, Clock.HANDLE) == "2026-10-15 17:30"
    assert years.problem(water).overdue == datetime.fromisoformat("2026-10-01T16:30+08:00")


def test_a_wait_for_the_caller_over_the_worked_saturday_gives_its_days_back(years: PlayedCity) -> None:
    lamp = broken(years, "2026-10-09T09:00", "航运家属院")
    lead = years.unit(years.problem(lamp).lead or "")
    assert until(years, lamp, Clock.HANDLE) == "2026-10-15 17:30"  # 10 (a Saturday), 12, 13, 14, 15 October
    lead.says("sign", lamp)
    lead.says("wait", lamp, "请告知灯杆编号")
    years.wait(days=3)  # Friday to Monday: the Saturday and the Monday were worked
    lead.says("resume", lamp)
    assert until(years, lamp, Clock.HANDLE) == "2026-10-19 17:30"  # after Friday the 16th, Monday the 19th
    assert years.problem(lamp).pauses[0].end == years.now
    assert years.now - years.problem(lamp).pauses[0].start == timedelta(days=3)
