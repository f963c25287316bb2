from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import CityPack, Limit, LimitUnit, load_pack, sample_city

CALENDAR = load_pack(sample_city()).calendar
ZONE = CALENDAR.zone


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MOMENTS = st.timedeltas(timedelta(), timedelta(days=1400)).map(lambda later: datetime(2024, 1, 1, tzinfo=ZONE) + later)


def test_the_calendar_agrees_with_the_notices_day_by_day() -> None:
    chinese_calendar = pytest.importorskip("chinese_calendar")
    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_a_make_up_sunday_is_worked_and_the_holiday_it_paid_for_is_not() -> None:
    assert CALENDAR.is_working_day(date(2026, 1, 4))
    assert date(2026, 1, 4).weekday() == 6
    assert not CALENDAR.is_working_day(date(2026, 1, 2))


def test_a_year_that_is_not_there_knows_weekends_only_and_says_so() -> None:
    assert CALENDAR.covers(date(2026, 12, 31))
    assert not CALENDAR.covers(date(2028, 1, 3))
    assert CALENDAR.is_working_day(date(2028, 10, 2))
    assert not CALENDAR.is_working_day(date(2028, 10, 1))


def test_a_year_not_announced_has_the_days_of_the_law_and_is_not_covered(pack: CityPack) -> None:
    """《全国年节及纪念日放假办法》 (2024) 第二条: 13 days."""
    assert not CALENDAR.covers(date(2027, 1, 4))
    assert sum(day.year == 2027 for day in CALENDAR.holidays) == 13
    assert not any(day.year == 2027 for day in CALENDAR.make_up_days)
    assert not CALENDAR.is_working_day(date(2027, 10, 1))
    assert CALENDAR.is_working_day(date(2027, 10, 4))
    assert [fault.field for fault in pack.warnings] == ["years.2027.provisional"]


def test_a_year_is_covered_once_it_is_no_longer_provisional(folder: Path) -> None:
    path = folder / "calendar.yaml"
    for said in ("provisional: false", ""):
        path.write_text(path.read_text(encoding="utf-8").replace("provisional: true", said), encoding="utf-8")
        loaded = load_pack(folder)
        assert loaded.calendar.covers(date(2027, 1, 4))
        assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02T09:00", 1, "2026-03-03T17:30"),
        ("2026-03-06T16:00", 1, "2026-03-09T17:30"),
        ("2026-03-07T10:00", 1, "2026-03-09T17:30"),
        ("2026-02-13T10:00", 1, "2026-02-14T17:30"),
        ("2026-02-14T10:00", 1, "2026-02-24T17:30"),
        ("2026-09-30T10:00", 5, "2026-10-13T17:30"),
        ("2026-03-09T17:30", -1, "2026-03-06T17:30"),
        ("2026-03-09T08:00", 0, "2026-03-09T08:00"),
    ],
)
def test_working_days_do_not_count_the_first_and_end_when_the_office_closes(start: str, days: int, due: str) -> None:
    assert CALENDAR.add_working_days(at(start), days) == at(due)


def test_a_time_of_another_zone_belongs_to_the_citys_day() -> None:
    late = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert CALENDAR.add_working_days(late, 1) == at("2026-03-04T17:30")


def test_a_time_without_a_zone_is_the_citys() -> None:
    naive = datetime.fromisoformat("2026-03-02T09:00")
    assert CALENDAR.add(naive, Limit(2, LimitUnit.HOUR, "")) == at("2026-03-02T11:00")


@pytest.mark.parametrize(
    ("unit", "amount", "start", "due"),
    [
        (LimitUnit.HOUR, 2, "2026-10-01T23:00", "2026-10-02T01:00"),
        (LimitUnit.WORKING_HOUR, 4, "2026-03-02T11:00", "2026-03-02T16:30"),
        (LimitUnit.WORKING_HOUR, 1, "2026-03-06T17:00", "2026-03-09T09:00"),
        (LimitUnit.WORKING_HOUR, 1, "2026-03-02T16:30", "2026-03-02T17:30"),
        (LimitUnit.NATURAL_DAY, 1, "2026-10-01T10:00", "2026-10-03T00:00"),
        (LimitUnit.WORKING_DAY, 1, "2026-03-02T23:00", "2026-03-03T17:30"),
    ],
)
def test_each_unit_of_a_limit_passes_in_its_own_way(unit: LimitUnit, amount: int, start: str, due: str) -> None:
    assert CALENDAR.add(at(start), Limit(amount, unit, "")) == at(due)


def test_working_time_is_only_what_lies_in_working_hours() -> None:
    assert CALENDAR.working_time(at("2026-03-06T17:00"), at("2026-03-09T09:00")) == timedelta(hours=1)
    assert CALENDAR.working_time(at("2026-03-02T12:00"), at("2026-03-02T13:30")) == timedelta()
    assert CALENDAR.working_time(at("2026-03-09T09:00"), at("2026-03-06T17:00")) == timedelta()
    assert CALENDAR.working_days_between(date(2026, 9, 30), date(2026, 10, 13)) == 5


def test_quiet_hours_end_when_offices_open() -> None:
    assert CALENDAR.next_opening(at("2026-03-06T20:00")) == at("2026-03-09T08:30")
    assert CALENDAR.next_opening(at("2026-03-06T12:30")) == at("2026-03-06T13:30")
    assert CALENDAR.next_opening(at("2026-03-06T10:00")) == at("2026-03-06T10:00")
    assert not CALENDAR.is_working_time(at("2026-03-06T12:00"))


def test_working_time_cannot_run_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_time(at("2026-03-02T09:00"), timedelta(hours=-1))


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(hours=100)))
def test_adding_working_time_always_adds_exactly_that_much(start: datetime, span: timedelta) -> None:
    due = CALENDAR.add_working_time(start, span)
    assert due >= start or span == timedelta()
    assert CALENDAR.working_time(start, due) == span


@given(MOMENTS, st.integers(1, 40))
def test_a_due_day_is_always_a_working_day_and_that_many_after(start: datetime, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working_day(due.date())
    assert CALENDAR.working_days_between(start.date(), due.date()) == days


@given(MOMENTS, MOMENTS, st.sampled_from(LimitUnit), st.integers(1, 30))
def test_who_starts_later_is_never_due_earlier(one: datetime, other: datetime, unit: LimitUnit, amount: int) -> None:
    earlier, later = sorted((one, other))
    limit = Limit(amount, unit, "")
    assert CALENDAR.add(earlier, limit) <= CALENDAR.add(later, limit)


def test_the_pack_carries_the_calendar_and_its_notices(pack: CityPack) -> None:
    assert set(pack.calendar.years) == {2024, 2025, 2026, 2027}
    assert pack.calendar.provisional == {2027}
    for year, notice in pack.calendar.years.items():
        assert ("待国务院办公厅通知" if year == 2027 else "国办发明电") in notice
