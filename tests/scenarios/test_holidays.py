"""Limits over holidays and make-up working days, by the calendar of the pack (2026: National Day with 10 October at work; the new
year with 4 January at work)."""

from datetime import datetime, time

import pytest

from scenarios.storyteller import City, PlayedCity
from schemas import commands_handling as cmd
from schemas.words import Clock

LAMP_OUT = "010503"


def lamp(city: City, start: str, place: str) -> str:
    city.wait_until(datetime.fromisoformat(start))
    return city.problem_of(city.call(f"{place}路灯不亮", category=LAMP_OUT))


def local(city: City, problem: str, clock: Clock) -> str:
    due = city.due(problem, clock)
    assert due is not None
    return city.pack.calendar.local(due).strftime("%Y-%m-%d %H:%M")


@pytest.fixture(scope="module")
def autumn(settings: None, tmp_path_factory: pytest.TempPathFactory) -> object:
    from scenarios.storyteller import played_city

    with played_city(tmp_path_factory.mktemp("autumn") / "pool", datetime.fromisoformat("2026-09-24T08:30+08:00")) as city:
        yield city


def test_placeholder(autumn: PlayedCity) -> None:
    for start in ("2026-09-24T16:00+08:00", "2026-09-30T16:00+08:00", "2026-10-09T16:00+08:00", "2026-12-31T16:00+08:00"):
        one = lamp(autumn, start, "望江花园" + start)
        print(start, [(clock.value, local(autumn, one, clock)) for clock in (Clock.SIGN, Clock.HANDLE, Clock.CONTACT)])
    assert 0
