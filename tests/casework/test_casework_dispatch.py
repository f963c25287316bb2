"""Law 2, 3 and 5: who leads, on what evidence, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from world import (
    ABOLISHED,
    BURNING,
    BURNING_ITEM,
    CLEANERS,
    CLEANING,
    CLEANING_ITEM,
    ENVIRONMENT,
    STREET,
    WATER,
    World,
    findings,
)

from schemas.aggregate import Timer
from schemas.identity import problem_id
from schemas.words import Clock, Mode, Refusal, Role

COMMUNITY = "v-990102001001"


def timer(world: World, problem: str, clock: Clock) -> Timer | None:
    return next((timer for timer in world.at(problem).timers if timer.clock is clock), None)


def parts(world: World, problem: str) -> list[tuple[str, str, str]]:
    return [(a.unit, a.part, a.state) for a in world.at(problem).assignments]


# law 2 and 3: machines


def test_one_certain_duty_item_dispatches_and_says_so(world: World) -> None:
    problem = world.founded("r1", findings=findings(item=CLEANING_ITEM))
    assert parts(world, problem) == [(CLEANERS, "lead", "dispatched"), (WATER, "cooperator", "dispatched")]
    assert (world.at(problem).basis, world.at(problem).duty_item) == ("one_duty_item", CLEANING_ITEM)


@pytest.mark.parametrize("said", [findings(), findings(None)])
def test_without_a_certain_duty_item_it_waits_for_a_person(world: World, said: object) -> None:
    problem = world.at(world.founded("r1", findings=said))
    assert (problem.state, problem.assignments, problem.basis) == ("waiting", [], "no_duty_item")


def test_history_is_archived_whatever_is_certain(world: World) -> None:
    problem = world.at(world.founded("r1", mode=Mode.HISTORY, findings=findings(item=CLEANING_ITEM)))
    assert (problem.state, problem.basis, problem.timers) == ("archived", "history", [])


@pytest.mark.parametrize(
    ("category", "item", "unit", "basis"),
    [
        (CLEANING, CLEANING_ITEM, STREET, "grassroots_blocked"),
        (CLEANING, BURNING_ITEM, STREET, "grassroots_blocked"),
        (CLEANING, CLEANING_ITEM, COMMUNITY, "grassroots_blocked"),
        (CLEANING, CLEANING_ITEM, ABOLISHED, "no_duty_item"),
        (CLEANING, CLEANING_ITEM, "nobody", "no_duty_item"),
        (BURNING, BURNING_ITEM, STREET, "one_duty_item"),
    ],
)
def test_a_machine_never_sends_a_departments_matter_to_the_grassroots(
    world: World, category: str, item: str, unit: str, basis: str
) -> None:
    problem = world.at(world.founded("r1", findings=findings(category, item, unit)))
    assert problem.basis == basis
    assert problem.lead == (unit if basis == "one_duty_item" else None)


# law 3: people


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"lead": STREET}, Refusal.GRASSROOTS_LEAD),
        ({"lead": COMMUNITY}, Refusal.GRASSROOTS_LEAD),
        ({"lead": STREET, "duty_item": CLEANING_ITEM}, Refusal.GRASSROOTS_LEAD),
        ({"lead": STREET, "duty_item": "nothing"}, Refusal.GRASSROOTS_LEAD),
        ({"lead": STREET, "duty_item": BURNING_ITEM}, Refusal.GRASSROOTS_LEAD),
        ({"lead": STREET, "duty_item": BURNING_ITEM, "category": "020103"}, Refusal.GRASSROOTS_LEAD),
        ({"lead": "nobody"}, Refusal.UNKNOWN_UNIT),
        ({"lead": ABOLISHED}, Refusal.UNKNOWN_UNIT),
        ({"lead": CLEANERS, "cooperators": ["nobody"]}, Refusal.UNKNOWN_UNIT),
        ({"lead": CLEANERS, "cooperators": [ABOLISHED]}, Refusal.UNKNOWN_UNIT),
        ({"lead": CLEANERS, "category": "999999"}, Refusal.UNKNOWN_CATEGORY),
    ],
)
def test_the_laws_of_dispatch_hold_for_people_too(world: World, asked: dict[str, object], code: Refusal) -> None:
    problem = world.founded("r1")
    before = world.at(problem).model_dump(exclude={"recent"})
    assert world.tell("Assign", problem, **asked).code is code
    assert world.at(problem).model_dump(exclude={"recent"}) == before


def test_the_street_leads_where_the_duty_list_says_that_the_matter_is_its_own(world: World) -> None:
    problem = world.founded("r1")
    assert world.assign(problem, STREET, duty_item=BURNING_ITEM, category=BURNING).status == "applied"
    assert world.at(problem).lead == STREET


def test_the_street_cooperates_only_where_the_list_gives_it_a_part(world: World) -> None:
    problem = world.founded("r1")
    assert world.assign(problem, CLEANERS, STREET, duty_item=CLEANING_ITEM).code is Refusal.NEGATIVE_LIST
    assert world.assign(problem, CLEANERS, STREET).code is Refusal.OFF_LIST
    listed = world.assign(problem, ENVIRONMENT, STREET, duty_item=BURNING_ITEM, category=BURNING)
    assert listed.status == "applied"
    assert parts(world, problem) == [(ENVIRONMENT, "lead", "dispatched"), (STREET, "cooperator", "dispatched")]


def test_a_unit_stands_once_however_often_it_is_named(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS, WATER, CLEANERS, WATER)
    assert parts(world, problem) == [(CLEANERS, "lead", "dispatched"), (WATER, "cooperator", "dispatched")]


def test_a_new_lead_takes_the_place_of_the_old_one(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS, WATER)
    world.tell("Sign", problem, CLEANERS)
    world.assign(problem, WATER, ENVIRONMENT)
    assert parts(world, problem) == [
        (CLEANERS, "lead", "withdrawn"),
        (WATER, "cooperator", "withdrawn"),
        (WATER, "lead", "dispatched"),
        (ENVIRONMENT, "cooperator", "dispatched"),
    ]
    assert world.at(problem).state == "dispatched"


def test_a_unit_acts_only_on_its_own_open_part(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    assert world.tell("Sign", problem, WATER).code is Refusal.NOT_YOUR_ASSIGNMENT
    world.assign(problem, WATER)
    assert world.tell("Reply", problem, CLEANERS, text="sealed").code is Refusal.NOT_YOUR_ASSIGNMENT


def test_the_lead_alone_moves_the_problem_on(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS, WATER)
    world.tell("Reply", problem, WATER, text="sealed")
    assert world.at(problem).state == "dispatched"
    world.tell("Sign", problem, CLEANERS)
    assert world.at(problem).state == "in_progress"
    world.tell("Reply", problem, CLEANERS, text="sealed")
    assert world.at(problem).state == "replied"
    world.tell("Close", problem)
    assert [state for _, _, state in parts(world, problem)] == ["closed", "closed"]


# law 5: clocks


def test_both_clocks_run_from_the_first_dispatch_by_the_working_calendar(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem)
    sign, handle = timer(world, problem, Clock.SIGN), timer(world, problem, Clock.HANDLE)
    assert sign is not None
    assert handle is not None
    assert sign.due == datetime(2026, 5, 6, 7, 30, tzinfo=UTC)  # 4 working hours from ten: over the noon break to half past three
    assert handle.due > world.now + timedelta(days=5)


def test_the_limit_of_the_category_goes_before_the_general_one(world: World) -> None:
    """供水: 24 hours, not five working days."""
    problem = world.founded("r1", findings=findings("010101"))
    world.assign(problem, "p-gongshui")
    assert timer(world, problem, Clock.HANDLE) == Timer(clock=Clock.HANDLE, due=world.now + timedelta(hours=24))


def test_dispatching_anew_starts_the_sign_clock_of_the_new_lead_and_leaves_the_handle_clock(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    handle = timer(world, problem, Clock.HANDLE)
    world.now += timedelta(days=1)
    world.assign(problem, WATER)
    assert timer(world, problem, Clock.HANDLE) == handle
    sign = timer(world, problem, Clock.SIGN)
    assert sign is not None
    assert sign.due > world.now


def test_a_lead_that_has_signed_is_not_asked_to_sign_again_when_a_cooperator_is_added(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    world.tell("Sign", problem, CLEANERS)
    world.assign(problem, CLEANERS, WATER)
    assert timer(world, problem, Clock.SIGN) is None
    assert world.at(problem).state == "in_progress"


def test_a_lead_that_has_not_signed_gets_no_longer_time_when_a_cooperator_is_added(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    sign = timer(world, problem, Clock.SIGN)
    world.now += timedelta(hours=1)
    world.assign(problem, CLEANERS, WATER)
    assert timer(world, problem, Clock.SIGN) == sign


def test_a_lead_that_has_replied_has_no_clock_running_when_a_cooperator_is_added(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.assign(problem, CLEANERS, WATER)
    assert {timer.clock for timer in world.at(problem).timers} == {Clock.CHECK, Clock.COOPERATE}


def test_a_clock_expires_once_even_when_the_problem_is_dispatched_anew_after_a_late_reply(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    world.now += timedelta(days=30)
    assert {decision.status for decision in world.fire()} == {"applied"}
    assert world.fire(Clock.SIGN, Clock.HANDLE) == []
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.assign(problem, WATER)
    world.now += timedelta(days=30)
    world.fire()
    late = [event.clock for event in world.events(problem) if event.type == "ClockExpired"]
    assert (late.count(Clock.SIGN), late.count(Clock.HANDLE)) == (2, 1), "sign of either lead, handling once"


def test_a_timer_that_the_state_does_not_hold_is_void(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem, CLEANERS)
    held = timer(world, problem, Clock.SIGN)
    assert held is not None
    other = held.due + timedelta(seconds=1)
    assert world.tell("FireTimer", problem, Role.SYSTEM, clock=Clock.SIGN, due=other).code is Refusal.TIMER_VOID
    assert world.tell("FireTimer", problem, Role.SYSTEM, clock=Clock.PARK, due=held.due).code is Refusal.TIMER_VOID
    world.tell("Sign", problem, CLEANERS)
    assert world.tell("FireTimer", problem, Role.SYSTEM, clock=Clock.SIGN, due=held.due).code is Refusal.TIMER_VOID


# progress before its problem


def test_progress_before_its_problem_waits_and_is_applied_when_the_problem_appears(world: World) -> None:
    problem = problem_id(3, "the founding command")
    assert world.tell("Sign", problem, CLEANERS).status == "parked"
    assert world.at(problem).version == 0
    world.report("r1", command="the founding command", findings=findings(item=CLEANING_ITEM))
    world.settle()
    assert world.at(problem).state == "in_progress"
    assert (world.at(problem).parked, timer(world, problem, Clock.PARK)) == ([], None)
    world.check_history()


def test_progress_for_a_problem_that_never_appears_is_given_up_and_never_dropped(world: World) -> None:
    problem = problem_id(3, "never")
    world.tell("Sign", problem, CLEANERS)
    world.tell("Reply", problem, WATER, text="sealed")
    assert world.fire() == [], "not before its time"
    world.now += timedelta(days=2)
    assert [decision.status for decision in world.fire()] == ["applied"]
    assert len(world.given_up) == 2
    assert (world.at(problem).parked, world.at(problem).timers, world.at(problem).version) == ([], [], 0)


# the same again


def test_a_command_that_comes_twice_is_decided_once(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem)
    reply = world.command("Reply", problem, CLEANERS, text="sealed")
    assert world.hear(reply).status == "applied"
    version = world.at(problem).version
    assert world.hear(reply).status == "applied"
    assert world.at(problem).version == version


def test_signing_twice_says_it_once(world: World) -> None:
    problem = world.founded("r1")
    world.assign(problem)
    world.tell("Sign", problem, CLEANERS)
    assert world.tell("Sign", problem, CLEANERS).lines == []


# revisions, history, erasure


def test_revision_2_before_1_ends_at_2(world: World) -> None:
    world.report("r1", revision=2, content="second")
    world.report("r1", revision=1, content="first")
    assert world.deliver().code is Refusal.SUPERSEDED
    assert (world.member("r1").revision, world.member("r1").content) == (2, "second")


def test_a_sender_that_does_not_count_is_counted_for(world: World) -> None:
    world.report("r1", content="one")
    world.report("r1", content="two")
    world.settle()
    world.report("r1", content="one")
    world.settle()
    assert (world.member("r1").revision, world.member("r1").content) == (2, "two")


def test_history_pushed_live_is_made_live_once_and_dispatched(world: World) -> None:
    problem = world.founded("r1", mode=Mode.HISTORY)
    world.report("r1", findings=findings(item=CLEANING_ITEM))
    world.report("r1", findings=findings(item=CLEANING_ITEM))
    world.settle()
    assert world.event_types(problem) == ["ProblemRegistered", "ReportMadeLive", "Dispatched"]
    assert (world.at(problem).mode, world.at(problem).state, world.member("r1").mode) == ("live", "dispatched", "live")


def test_a_second_report_of_a_closed_matter_coming_live_does_not_reopen_it(world: World) -> None:
    problem = world.founded("r1", mode=Mode.HISTORY)
    world.report("r2", into=problem, mode=Mode.HISTORY)
    world.report("r1", findings=findings(item=CLEANING_ITEM))
    world.settle()
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.tell("Close", problem)
    world.report("r2")
    world.settle()
    assert (world.at(problem).state, world.member("r2").mode) == ("closed", "live")


def test_an_erased_report_keeps_its_place_and_nothing_of_its_own(world: World) -> None:
    problem = world.founded("r1")
    world.tell("EraseReport", problem, report="r1")
    world.tell("EraseReport", problem, report="r1")
    member = world.member("r1")
    assert (member.erased, member.caller, member.content) == (True, None, "")
    assert world.event_types(problem).count("ReportErased") == 1
    assert world.tell("EraseReport", problem, report="r9").code is Refusal.NOT_A_MEMBER
