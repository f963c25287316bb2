"""Law 5: due times by the city's own calendar of 2026, what moves them, what never does, and what comes of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from laws import runs, timer
from world import BURNING, CLEANERS, CLEANING, CLEANING_ITEM, ENVIRONMENT, GRID, STREET, WATER, World, findings

from casework.clocks import shifted
from city import CityPack
from city.records import Limit
from city.terms import Clock as LimitClock
from city.terms import LimitUnit
from city.terms import Urgency as PackUrgency
from schemas.findings import UrgencyFinding
from schemas.words import Clock, Refusal, Role, Urgency

CITY = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    """ "02-13 16:00" of 2026, or with a year before it, on the city's clock."""
    return datetime.strptime(text if text.count("-") == 2 else f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CITY)


def limited(pack: CityPack, clock: LimitClock, amount: int, unit: LimitUnit) -> CityPack:
    """Another version of the pack, with this general limit."""
    key = (clock, PackUrgency.NORMAL, None, None)
    changed = {**pack.limits, key: Limit(amount, unit, "test")}
    return replace(pack, version=f"{pack.version} {clock} {amount} {unit}", limits=changed)


def led(world: World, at: str = "05-06 10:00") -> str:
    """A problem that the cleaners lead since then, and have signed. Wednesday 6 May: five working days end on Tuesday the 12th,
    for Saturday the 9th is worked."""
    world.now = local(at)
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    world.tell("Sign", problem, CLEANERS)
    return problem


def due(world: World, problem: str, clock: Clock = Clock.HANDLE) -> datetime | None:
    held = timer(world.at(problem), clock)
    return held.due if held is not None else None


def told(world: World, problem: str) -> list[tuple[str, datetime]]:
    """Cards and levels, each with the hour in which it came."""
    events = [event for event in world.events(problem) if event.type in ("CardShown", "Escalated")]
    return [(event.colour if event.type == "CardShown" else str(event.level), event.at) for event in events]


def hour_by_hour(world: World, days: int) -> None:
    for _ in range(48 * days):
        world.passes(minutes=30)
    world.check()
    world.check_history()


# a limit is an amount, a unit, and the calendar


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("02-14 16:00", 24, LimitUnit.HOUR, "02-15 16:00"),
        ("02-13 16:00", 4, LimitUnit.WORKING_HOUR, "02-14 11:00"),
        ("02-14 16:00", 4, LimitUnit.WORKING_HOUR, "02-24 11:00"),
        ("05-06 11:00", 2, LimitUnit.WORKING_HOUR, "05-06 14:30"),
        ("02-14 10:00", 3, LimitUnit.NATURAL_DAY, "02-18 00:00"),
        ("02-13 10:00", 1, LimitUnit.WORKING_DAY, "02-14 17:30"),
        ("02-13 10:00", 2, LimitUnit.WORKING_DAY, "02-24 17:30"),
        ("02-12 10:00", 5, LimitUnit.WORKING_DAY, "02-26 17:30"),
        ("09-30 10:00", 1, LimitUnit.WORKING_DAY, "10-08 17:30"),
        ("09-30 10:00", 3, LimitUnit.WORKING_DAY, "10-10 17:30"),
        ("2025-12-31 10:00", 1, LimitUnit.WORKING_DAY, "01-04 17:30"),
        ("12-30 10:00", 2, LimitUnit.WORKING_DAY, "2027-01-04 17:30"),
    ],
    ids=str,
)
def test_handling_is_due_by_the_calendar_with_its_holidays_and_make_up_days(
    world: World, start: str, amount: int, unit: LimitUnit, end: str
) -> None:
    world.pack = limited(world.pack, LimitClock.HANDLE, amount, unit)
    problem = led(world, start)
    assert due(world, problem) == local(end)


# pauses


def test_a_pause_over_the_spring_festival_counts_only_the_days_that_were_worked(world: World) -> None:
    problem = led(world, "02-11 10:00")
    assert due(world, problem) == local("02-25 17:30")
    world.now = local("02-13 15:00")
    world.tell("WaitForCaller", problem, CLEANERS, note="sealed")
    assert due(world, problem) is None
    world.now = local("02-24 09:00")
    world.tell("Resume", problem, CLEANERS)
    assert due(world, problem) == local("02-27 17:30"), "the 14th and the 24th were worked"


def test_a_pause_within_the_holidays_gives_no_working_day(world: World) -> None:
    problem = led(world, "02-11 10:00")
    world.now = local("02-16 10:00")
    world.tell("WaitForCaller", problem, CLEANERS, note="sealed")
    world.now = local("02-19 10:00")
    world.tell("Resume", problem, CLEANERS)
    assert due(world, problem) == local("02-25 17:30")


def test_a_wait_for_the_caller_ends_by_itself_and_the_clock_goes_on(world: World) -> None:
    problem = led(world)
    world.tell("WaitForCaller", problem, CLEANERS, note="sealed")
    assert due(world, problem, Clock.SUPPLEMENT) == local("05-12 00:00")
    world.now = local("05-11 23:00")
    assert [d.status for d in world.fire(Clock.SUPPLEMENT)] == []
    world.passes(hours=1)
    assert (world.at(problem).state, due(world, problem)) == ("in_progress", local("05-19 17:30"))


def test_a_caller_who_supplements_ends_the_wait(world: World) -> None:
    problem = led(world)
    world.tell("WaitForCaller", problem, CLEANERS, note="sealed")
    world.now = local("05-08 10:00")
    world.tell("Supplement", problem, report="r1", text="sealed")
    assert (world.at(problem).state, due(world, problem)) == ("in_progress", local("05-14 17:30"))
    assert due(world, problem, Clock.SUPPLEMENT) is None


@pytest.mark.parametrize(
    ("unit", "later"),
    [
        (LimitUnit.HOUR, timedelta(hours=69)),
        (LimitUnit.NATURAL_DAY, timedelta(days=3)),
        (LimitUnit.WORKING_DAY, timedelta(days=1)),
        (LimitUnit.WORKING_HOUR, timedelta(hours=21)),
    ],
    ids=str,
)
def test_a_pause_counts_in_the_unit_of_the_limit(pack: CityPack, unit: LimitUnit, later: timedelta) -> None:
    """From Friday 29 May noon to Monday 1 June nine o'clock: four working hours and a half."""
    end = local("06-02 17:30")
    assert shifted(pack.calendar, end, local("05-29 12:00"), local("06-01 09:00"), unit) == end + later


@pytest.mark.parametrize("still_on", [False, True])
def test_a_pause_survives_another_policy(world: World, still_on: bool) -> None:
    problem = led(world)
    world.now = local("05-07 10:00")
    world.tell("WaitForCaller", problem, CLEANERS, note="sealed")
    world.now = local("05-11 10:00")
    if not still_on:
        world.tell("Resume", problem, CLEANERS)
        assert due(world, problem) == local("05-15 17:30")
    world.pack = limited(world.pack, LimitClock.HANDLE, 3, LimitUnit.WORKING_DAY)
    world.assign(problem, WATER)
    assert due(world, problem) == local("05-13 17:30"), "three days from the 6th, and three of the pause"
    assert (world.at(problem).policy, world.at(problem).paused) == (world.pack.version, None)


def test_a_new_policy_changes_nothing_until_somebody_dispatches_anew(world: World) -> None:
    problem = led(world)
    world.pack = limited(world.pack, LimitClock.HANDLE, 1, LimitUnit.WORKING_DAY)
    world.tell("Note", problem, text="sealed")
    world.tell("Contact", problem, CLEANERS, reached=True)
    assert due(world, problem) == local("05-12 17:30")


def test_a_suspension_ends_after_the_days_that_were_granted(world: World) -> None:
    problem = led(world)
    world.tell("Apply", problem, CLEANERS, wish="suspension", amount=10, note="sealed")
    assert world.tell("DecideApplication", problem, Role.CLERK, wish="suspension", granted=True).code is Refusal.NEEDS_SUPERVISOR
    world.tell("DecideApplication", problem, Role.SUPERVISOR, wish="suspension", granted=True)
    assert (world.at(problem).state, due(world, problem, Clock.SUSPEND)) == ("suspended", local("05-17 00:00"))
    assert not runs(world.at(problem), Clock.HANDLE)
    world.now = local("05-17 00:00")
    world.passes()
    assert (world.at(problem).state, due(world, problem)) == ("in_progress", local("05-22 17:30"))


# extensions


def extended(world: World, problem: str, by: Role, amount: int = 2) -> Refusal | None:
    """Applied for and granted; the code of what was refused."""
    asked = world.tell("Apply", problem, CLEANERS, wish="extension", amount=amount, note="sealed")
    return asked.code or world.tell("DecideApplication", problem, by, wish="extension", granted=True).code


def test_extensions_are_granted_by_a_person_counted_and_from_the_second_on_by_a_supervisor(world: World) -> None:
    problem = led(world)
    assert extended(world, problem, Role.CLERK) is None
    assert due(world, problem) == local("05-14 17:30")
    assert extended(world, problem, Role.CLERK) is Refusal.NEEDS_SUPERVISOR
    world.tell("DecideApplication", problem, Role.SUPERVISOR, wish="extension", granted=True)
    assert due(world, problem) == local("05-18 17:30")
    assert extended(world, problem, Role.SUPERVISOR) is Refusal.TOO_OFTEN
    assert [(one.amount, one.unit, one.by) for one in world.at(problem).extensions] == [
        (2, "working_day", "王"),
        (2, "working_day", "李"),
    ]


def test_an_extension_is_no_longer_than_the_limit_and_is_asked_before_it_is_late(world: World) -> None:
    problem = led(world)
    assert extended(world, problem, Role.CLERK, 11) is Refusal.TOO_LONG
    world.passes(days=10)
    assert extended(world, problem, Role.CLERK) is Refusal.OVERDUE_ALREADY


def test_what_is_not_granted_moves_nothing(world: World) -> None:
    problem = led(world)
    world.tell("Apply", problem, CLEANERS, wish="extension", amount=2, note="sealed")
    before = [one.model_copy() for one in world.at(problem).timers]
    world.tell("DecideApplication", problem, wish="extension", granted=False)
    assert (world.at(problem).timers, world.at(problem).extensions) == (before, [])


@pytest.mark.parametrize("wish", ["extension", "suspension"])
def test_time_is_not_granted_to_what_was_answered_meanwhile(world: World, wish: str) -> None:
    problem = led(world)
    world.tell("Apply", problem, CLEANERS, wish=wish, amount=2, note="sealed")
    world.tell("Reply", problem, CLEANERS, text="sealed")
    granted = world.tell("DecideApplication", problem, Role.SUPERVISOR, wish=wish, granted=True)
    assert (granted.code, world.at(problem).state) == (Refusal.FORBIDDEN_STATE, "replied")
    assert world.tell("DecideApplication", problem, Role.SUPERVISOR, wish=wish, granted=False).code is None
    world.check()


def test_an_extension_survives_dispatching_anew_under_another_policy(world: World) -> None:
    problem = led(world)
    extended(world, problem, Role.CLERK)
    world.pack = limited(world.pack, LimitClock.EXTEND, 9, LimitUnit.HOUR)
    world.assign(problem, WATER)
    assert due(world, problem) == local("05-14 17:30")


# cards and levels

LEVELS = [
    ("1", "05-11 17:30"),
    ("yellow", "05-11 17:30"),
    ("red", "05-13 08:30"),
    ("2", "05-13 17:30"),
    ("3", "05-15 17:30"),
    ("4", "05-19 17:30"),
]


def test_cards_and_levels_come_when_they_should_each_once(world: World) -> None:
    problem = led(world)
    hour_by_hour(world, 30)
    assert told(world, problem) == [(name, local(at).astimezone(UTC)) for name, at in LEVELS]
    assert (world.at(problem).supervised, world.at(problem).overdue) == (1, local("05-12 17:30"))


def test_what_was_not_looked_at_for_a_month_comes_at_once_each_once_oldest_first(world: World) -> None:
    problem = led(world)
    world.passes(days=30)
    world.passes(days=30)
    assert [name for name, _ in told(world, problem)] == [name for name, _ in LEVELS]


def test_of_the_same_due_time_nothing_comes_twice_whatever_is_done_after(world: World) -> None:
    problem = led(world)
    world.passes(days=30)
    before = told(world, problem)
    world.assign(problem, WATER)
    world.passes(days=1)
    world.tell("Reply", problem, WATER, text="sealed")
    world.tell("Check", problem, passed=False)
    world.passes(days=1)
    world.tell("Recall", problem, note="sealed")
    world.passes(days=2)
    world.passes(days=2)
    waited = [(event.level, event.due) for event in world.events(problem) if event.type == "Escalated"][4:]
    assert waited == [(3, None), (4, None)], "nobody had it"
    world.assign(problem, CLEANERS)
    world.passes(days=20)
    assert told(world, problem)[: len(before)] == before
    assert len(told(world, problem)) == len(before) + 2
    world.check_history()


def test_after_an_extension_new_ones_come_for_the_new_due_time(world: World) -> None:
    problem = led(world)
    world.now = local("05-11 18:00")
    world.passes()
    assert [name for name, _ in told(world, problem)] == ["1", "yellow"]
    extended(world, problem, Role.CLERK)
    hour_by_hour(world, 12)
    assert told(world, problem)[2:4] == [(name, local("05-13 17:30").astimezone(UTC)) for name in ("1", "yellow")]
    assert [name for name, _ in told(world, problem)] == ["1", "yellow", "1", "yellow", "red", "2", "3", "4"]


def test_who_replies_in_time_gets_no_card_and_who_has_to_do_it_again_gets_those_of_the_redo(world: World) -> None:
    problem = led(world)
    world.tell("Contact", problem, CLEANERS, reached=True)
    world.tell("Reply", problem, CLEANERS, text="sealed")
    hour_by_hour(world, 12)
    assert told(world, problem) == []


@pytest.mark.parametrize(("level", "at", "hours"), [(Urgency.URGENT, "05-06 18:00", 24), (Urgency.CRITICAL, "05-06 10:00", 2)])
def test_what_is_urgent_gets_no_yellow_card_in_the_past(world: World, level: Urgency, at: str, hours: int) -> None:
    world.now = local(at)
    urgent = findings(item=CLEANING_ITEM).model_copy(update={"urgency": UrgencyFinding(level=level)})
    problem = world.founded("r1", findings=urgent)
    assert due(world, problem) == world.now + timedelta(hours=hours)
    hour_by_hour(world, 12)
    assert [name for name, _ in told(world, problem)] == ["red", "2", "3", "4"]


def test_a_change_of_category_after_it_is_late_brings_no_second_red_card(world: World) -> None:
    problem = led(world)
    world.passes(days=30)
    before = told(world, problem)
    world.tell("Recategorise", problem, category="030604")
    world.passes(days=30)
    assert [one for one in told(world, problem) if one[0] == "red"] == [one for one in before if one[0] == "red"]


# the clock runs from the first dispatch


def test_dispatching_anew_recalling_and_signing_late_leave_the_clock_where_it_was(world: World) -> None:
    world.now = local("05-06 10:00")
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    steps: list[tuple[str, str, Role | str, dict[str, Any]]] = [
        ("05-07 10:00", "Assign", Role.CLERK, {"lead": WATER}),
        ("05-08 10:00", "Sign", WATER, {}),
        ("05-08 11:00", "AskReturn", WATER, {"reason": "not_our_duty", "note": "sealed"}),
        ("05-09 10:00", "DecideReturn", Role.REVIEWER, {"verdict": "redispatched", "lead": ENVIRONMENT}),
        ("05-11 09:00", "Recall", Role.CLERK, {"note": "sealed"}),
        ("05-11 10:00", "Assign", Role.CLERK, {"lead": CLEANERS}),
    ]
    for day, kind, by, data in steps:
        world.now = local(day)
        assert world.tell(kind, problem, by, **data).status == "applied"
    assert (world.at(problem).lead, due(world, problem)) == (CLEANERS, local("05-12 17:30"))


def test_while_a_return_is_reviewed_and_conferred_on_the_clock_runs(world: World) -> None:
    problem = led(world)
    world.tell("AskReturn", problem, CLEANERS, reason="not_our_duty", note="sealed")
    assert due(world, problem) == local("05-12 17:30")
    world.tell("DecideReturn", problem, Role.REVIEWER, verdict="conference")
    assert due(world, problem) == local("05-12 17:30")
    world.passes(days=4)
    assert (world.at(problem).state, world.at(problem).final) == ("in_progress", True), "the fallback took it"
    assert due(world, problem) == local("05-12 17:30")
    assert world.tell("Reply", problem, CLEANERS, text="sealed").status == "applied"


@pytest.mark.parametrize("root_first", [True, False])
def test_of_merged_problems_the_earliest_dispatch_counts(world: World, root_first: bool) -> None:
    first = led(world, "05-06 10:00")
    world.now = local("05-08 10:00")
    second = world.founded("r2")
    world.assign(second, WATER)
    root, source = (first, second) if root_first else (second, first)
    world.merge(source, root)
    world.settle()
    assert due(world, root) == local("05-12 17:30")
    world.tell("Unmerge", source)
    world.settle()
    assert (due(world, first), world.at(first).state) == (local("05-12 17:30"), "in_progress")


def test_a_pause_that_is_on_goes_over_to_a_root_that_had_no_lead_and_ends_there_too(world: World) -> None:
    source = led(world)
    world.tell("WaitForCaller", source, CLEANERS, note="sealed")
    root = world.founded("r2")
    world.merge(source, root)
    world.settle()
    assert (world.at(root).state, due(world, root, Clock.SUPPLEMENT)) == ("awaiting_caller", local("05-12 00:00"))
    world.now = local("05-12 00:00")
    world.fire()
    assert (world.at(root).state, due(world, root)) == ("in_progress", local("05-19 17:30"))
    world.check()


def test_a_wait_that_ended_while_the_merge_was_asked_is_over_after_the_undo(world: World) -> None:
    source, root = led(world), world.founded("r2")
    world.tell("WaitForCaller", source, CLEANERS, note="sealed")
    world.merge(source, root)
    world.now += timedelta(days=6)
    world.fire()
    world.settle()
    world.tell("Unmerge", source)
    world.settle()
    world.passes(hours=3)
    world.check()
    assert (world.at(source).state, due(world, source)) == ("in_progress", local("05-19 17:30"))


# what never moves a clock


@pytest.mark.parametrize(
    ("kind", "by", "data"),
    [
        ("Note", Role.CLERK, {"text": "sealed"}),
        ("Note", CLEANERS, {"text": "sealed"}),
        ("Urge", Role.CLERK, {"report": "r1"}),
        ("Supplement", Role.CLERK, {"report": "r1", "text": "sealed"}),
        ("Contact", CLEANERS, {"reached": False}),
        ("Sign", CLEANERS, {}),
    ],
)
def test_a_comment_moves_no_clock(world: World, kind: str, by: Role | str, data: dict[str, object]) -> None:
    problem = led(world)
    world.now = local("05-08 10:00")
    before = [one.model_copy() for one in world.at(problem).timers]
    assert world.tell(kind, problem, by, **data).status == "applied"
    assert world.at(problem).timers == before


# again


def test_a_redo_has_its_own_limit_from_when_it_is_asked_and_no_old_extension(world: World) -> None:
    problem = led(world)
    extended(world, problem, Role.CLERK)
    world.tell("Contact", problem, CLEANERS, reached=True)
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.tell("Check", problem, passed=True)
    world.tell("Close", problem)
    assert not runs(world.at(problem), Clock.HANDLE)
    world.now = local("05-20 10:00")
    world.tell("Callback", problem, report="r1", rating=1)
    assert (world.at(problem).state, world.at(problem).redo) == ("in_progress", 1)
    assert due(world, problem) == local("05-25 17:30")
    world.assign(problem, WATER)
    assert due(world, problem) == local("05-25 17:30"), "not again from the first dispatch"


def test_what_the_check_sends_back_has_the_time_that_was_left(world: World) -> None:
    problem = led(world)
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.now = local("05-08 10:00")
    world.tell("Check", problem, passed=False)
    assert due(world, problem) == local("05-12 17:30")


def test_what_nobody_led_goes_to_a_person_when_it_was_not_done(world: World) -> None:
    """Solved on the grid's ladder, it was said; the look back found otherwise."""
    problem = world.founded("r1", findings=findings(BURNING, grid=GRID))
    world.tell("AnswerDirectly", problem, text="sealed")
    world.tell("AskRecheck", problem, Role.REVIEWER)
    assert world.tell("Recheck", problem, Role.REVIEWER, outcome="sham").status == "applied"
    assert (world.at(problem).state, runs(world.at(problem), Clock.DISPATCH)) == ("waiting", True)
    world.assign(problem, CLEANERS, category=CLEANING)
    assert due(world, problem) == local("05-12 17:30")
    world.check()


# nobody has it


def test_what_nobody_dispatches_is_told_twice_above_the_units_and_again_after_it_came_back(world: World) -> None:
    problem = world.founded("r1")
    assert due(world, problem, Clock.DISPATCH) == local("05-06 15:30"), "four working hours"
    hour_by_hour(world, 5)
    first = [("3", local("05-06 15:30")), ("4", local("05-07 10:30"))]
    assert told(world, problem) == [(level, at.astimezone(UTC)) for level, at in first]
    world.assign(problem, CLEANERS)
    world.tell("Recall", problem, note="sealed")
    hour_by_hour(world, 5)
    assert [name for name, _ in told(world, problem)] == ["3", "4", "3", "4"]


def test_a_post_of_the_ladder_that_does_nothing_loses_it_to_the_next_and_then_to_the_departments(world: World) -> None:
    problem = world.founded("r1", findings=findings(BURNING, "Q046", STREET, grid=GRID), channel="grid", caller=None)
    hops = []
    while world.at(problem).state == "on_ladder":
        hop = world.at(problem).hop
        assert hop is not None
        hops.append(hop.level)
        world.now = hop.due
        world.fire(Clock.LADDER)
    assert hops == ["grid", "community", "street"]
    assert (world.at(problem).lead, world.at(problem).first_dispatch) == (STREET, world.now)
