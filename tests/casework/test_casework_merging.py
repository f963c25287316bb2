"""Merge, split and their undo: reversible, and nothing of a caller is taken (law 4)."""

from datetime import timedelta
from itertools import permutations

import pytest
from world import CLEANERS, CLEANING_ITEM, ENVIRONMENT, POLICE, STREET, WATER, World, findings, record

from schemas.commands import COMMAND
from schemas.identity import problem_id
from schemas.words import Clock, Mode, Refusal, Role


def open_parts(world: World, problem: str) -> list[tuple[str, str]]:
    return [(a.unit, a.part) for a in world.at(problem).assignments if a.state in ("dispatched", "signed", "replied")]


def merged(world: World, source: str, target: str) -> None:
    world.merge(source, target)
    world.settle()
    assert world.at(source).state == "merged"


def undone(world: World, source: str) -> None:
    world.tell("Unmerge", source)
    world.settle()
    assert world.at(source).merge is None


@pytest.fixture
def a(world: World) -> str:
    return world.founded("a1")


@pytest.fixture
def b(world: World) -> str:
    return world.founded("b1")


@pytest.fixture
def c(world: World) -> str:
    return world.founded("c1")


@pytest.fixture(autouse=True)
def holds(world: World) -> object:
    """What must always hold, at the end of each story."""
    yield
    world.settle()
    world.check()
    world.check_history()
    world.check_settled()


# merge


def test_a_merged_problem_gives_its_reports_to_the_root(world: World, a: str, b: str) -> None:
    merged(world, a, b)
    assert world.reports(b) == ["b1", "a1"]
    assert (world.at(b).absorbed, world.holder("a1").id) == ([a], b)


def test_units_of_the_source_join_the_root_as_cooperators(world: World, a: str, b: str) -> None:
    world.assign(a, CLEANERS, WATER)
    world.assign(b, ENVIRONMENT, WATER)
    merged(world, a, b)
    assert open_parts(world, b) == [(ENVIRONMENT, "lead"), (WATER, "cooperator"), (CLEANERS, "cooperator")]
    assert open_parts(world, a) == []
    assert {assignment.state for assignment in world.at(a).assignments} == {"merged"}


def test_the_root_takes_the_earliest_first_dispatch(world: World, a: str, b: str) -> None:
    world.assign(a, CLEANERS)
    first = world.now
    world.now += timedelta(days=1)
    world.assign(b, ENVIRONMENT)
    later = next(timer.due for timer in world.at(b).timers if timer.clock is Clock.HANDLE)
    merged(world, a, b)
    assert world.at(b).first_dispatch == first
    assert next(timer.due for timer in world.at(b).timers if timer.clock is Clock.HANDLE) < later


def test_a_root_that_waits_takes_the_lead_of_the_source_with_its_grounds_and_clocks(world: World, b: str) -> None:
    a = world.founded("a1", findings=findings("030204", "Q046", STREET))
    clocks = {timer.clock: timer.due for timer in world.at(a).timers}
    merged(world, a, b)
    root = world.at(b)
    assert (root.lead, root.state, root.duty_item, root.category) == (STREET, "dispatched", "Q046", "030204")
    assert {timer.clock: timer.due for timer in root.timers} == clocks


def test_a_root_that_took_the_lead_waits_again_when_the_merge_is_undone(world: World, a: str, b: str) -> None:
    world.assign(a, CLEANERS)
    merged(world, a, b)
    undone(world, a)
    assert [timer.clock for timer in world.at(b).timers] == [Clock.DISPATCH], "who waits for a person has a limit"
    assert (world.at(b).state, world.at(b).duty_item) == ("waiting", None)
    assert world.at(a).state == "dispatched"


@pytest.mark.parametrize("target", ["p003-unknown", "", "p٠٠٣-" + "0" * 24, "p003-" + "0" * 24])
def test_an_unknown_target_leaves_the_source_free(world: World, a: str, target: str) -> None:
    decision = world.merge(a, target)
    world.settle()
    assert decision.code is Refusal.NOT_FOUND or world.events(a)[-1].code == Refusal.NOT_FOUND
    assert (world.at(a).state, world.at(a).merge) == ("waiting", None)


def test_a_problem_is_not_merged_into_itself(world: World, a: str, b: str) -> None:
    assert world.merge(a, a).code is Refusal.SAME_PROBLEM
    merged(world, a, b)
    world.merge(b, a)
    world.settle()
    assert world.events(b)[-1].code == Refusal.SAME_PROBLEM


def test_a_closed_target_refuses(world: World, a: str) -> None:
    b = world.founded("b1", findings=findings(item=CLEANING_ITEM))
    world.tell("Reply", b, CLEANERS, text="sealed")
    world.tell("Close", b)
    world.merge(a, b)
    world.settle()
    assert (world.events(a)[-1].type, world.events(a)[-1].code) == ("MergeReleased", Refusal.TARGET_CLOSED)


def test_history_and_live_are_not_merged(world: World, a: str) -> None:
    old = world.founded("h1", mode=Mode.HISTORY)
    for source, target in ((a, old), (old, a)):
        world.merge(source, target)
        world.settle()
        assert world.events(source)[-1].code == Refusal.OTHER_MODE


def test_a_target_that_is_itself_asking_or_splitting_is_busy(world: World, a: str, b: str, c: str) -> None:
    world.merge(b, c)
    world.merge(a, b)
    world.deliver(1)
    world.deliver(1)
    assert world.events(a)[-1].code == Refusal.TARGET_BUSY
    world.settle()
    world.report("c2", into=c)
    world.tell("Split", c, reports=["c2"])
    world.merge(a, c)
    world.deliver(1)
    world.deliver(1)
    assert world.events(a)[-1].code == Refusal.TARGET_BUSY
    assert world.merge(c, a).code is Refusal.TARGET_BUSY, "and does not ask while it splits"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_two_that_ask_each_other_end_free_or_one_merged_and_never_frozen(
    world: World, a: str, b: str, order: tuple[int, ...]
) -> None:
    world.merge(a, b)
    world.merge(b, a)
    for place in order:
        if world.queue:
            world.deliver(place % len(world.queue))
    world.settle()
    assert [world.at(problem).state for problem in (a, b)].count("merged") <= 1


def test_what_arrives_while_a_merge_is_asked_goes_out_again_to_the_root(world: World, a: str, b: str) -> None:
    world.assign(a, CLEANERS)
    world.merge(a, b)
    assert world.tell("Reply", a, CLEANERS, text="sealed").status == "parked"
    assert world.report("a2", into=a).status == "parked"
    world.settle()
    assert world.at(b).state == "replied", "the reply followed its unit"
    assert world.reports(b) == ["b1", "a1", "a2"]


def test_what_arrives_while_a_merge_is_asked_is_decided_when_the_target_refuses(world: World, a: str) -> None:
    world.assign(a, CLEANERS)
    world.merge(a, problem_id(4, "nothing"))
    world.tell("Sign", a, CLEANERS)
    world.settle()
    assert (world.at(a).state, world.at(a).parked) == ("in_progress", [])


def test_a_report_that_was_parked_is_taken_even_when_its_problem_was_closed_before_it_came_out(world: World) -> None:
    a = world.founded("a1", findings=findings(item=CLEANING_ITEM))
    world.tell("Reply", a, CLEANERS, text="sealed")
    world.merge(a, problem_id(4, "nothing"))
    world.report("a2", into=a)
    world.deliver()
    world.deliver()
    world.tell("Close", a)
    world.settle()
    assert (world.at(a).state, world.reports(a)) == ("closed", ["a1", "a2"])


def test_an_ask_that_got_lost_goes_out_again_as_it_was(world: World, a: str, b: str) -> None:
    world.merge(a, b)
    lost = world.queue.pop()
    world.now += timedelta(hours=2)
    world.fire(Clock.RESEND)
    again = world.queue[0]
    assert COMMAND.dump_python(again, exclude={"at"}) == COMMAND.dump_python(lost, exclude={"at"})
    world.hear(again)
    world.hear(lost)
    world.settle()
    assert world.event_types(b).count("MembersAbsorbed") == 1


def test_a_report_erased_while_its_problem_merges_is_erased_where_it_arrives(world: World, a: str, b: str) -> None:
    world.merge(a, b)
    assert world.tell("EraseReport", a, report="a1").status == "parked"
    world.settle()
    assert world.member("a1").erased


def test_a_merged_problem_keeps_nothing_by_which_a_caller_is_known(world: World, a: str, b: str) -> None:
    """Erasure reaches the root, which holds the report; what stays behind must have nothing to erase."""
    merged(world, a, b)
    world.tell("EraseReport", a, report="a1")
    world.settle()
    assert [(m.report, m.caller, m.content) for m in world.at(a).members] == [("a1", None, "")]


# undo


def test_undo_reopens_the_source_as_if_never_paused(world: World, a: str, b: str) -> None:
    world.assign(a, CLEANERS, WATER)
    world.tell("Sign", a, CLEANERS)
    kept = {"state", "assignments", "timers", "category", "first_dispatch", "order_number"}
    before = world.at(a).model_dump(include=kept)
    merged(world, a, b)
    world.report("b2", into=b)
    undone(world, a)
    assert world.at(a).model_dump(include=kept) == before
    assert (world.reports(a), world.reports(b)) == (["a1"], ["b1", "b2"])
    assert open_parts(world, b) == []


def test_undo_brings_a_report_back_as_it_is_now(world: World, a: str, b: str) -> None:
    merged(world, a, b)
    world.report("a1", content="corrected", revision=5)
    world.settle()
    undone(world, a)
    assert (world.holder("a1").id, world.member("a1").content, world.member("a1").revision) == (a, "corrected", 5)


def test_undo_brings_back_what_came_for_the_source_while_it_asked(world: World, a: str, b: str) -> None:
    world.merge(a, b)
    world.report("a2", into=a)
    world.settle()
    undone(world, a)
    assert sorted(world.reports(a)) == ["a1", "a2"]
    world.report("a2")
    world.settle()
    assert world.holders("a2") == [a]


def test_what_was_split_off_the_root_meanwhile_is_still_found_after_the_undo(world: World, a: str, b: str) -> None:
    world.report("a2", into=a)
    merged(world, a, b)
    world.tell("Split", b, reports=["a2"])
    world.settle()
    undone(world, a)
    assert world.reports(a) == ["a1"]
    world.report("a2")
    world.settle()
    assert world.holders("a2") == [world.holder("a2").id] != [a]


def test_what_is_not_merged_cannot_be_undone(world: World, a: str, b: str) -> None:
    assert world.tell("Unmerge", a).code is Refusal.FORBIDDEN_STATE
    assert world.tell("Unsplit", a).code is Refusal.NOT_SPLIT


def test_a_clock_that_expired_while_the_merge_was_asked_does_not_expire_again_after_the_undo(
    world: World, a: str, b: str
) -> None:
    world.assign(a, CLEANERS)
    world.merge(a, b)
    world.now += timedelta(days=30)
    world.fire(Clock.SIGN, Clock.HANDLE)
    world.settle()
    undone(world, a)
    world.fire(Clock.SIGN, Clock.HANDLE)
    assert world.event_types(a).count("ClockExpired") == 2


def test_history_that_came_live_in_the_root_is_no_archive_after_the_undo(world: World) -> None:
    a, b = world.founded("a1", mode=Mode.HISTORY), world.founded("b1", mode=Mode.HISTORY)
    merged(world, a, b)
    world.report("a1")
    world.settle()
    undone(world, a)
    assert (world.at(a).mode, world.at(a).state, world.member("a1").mode) == ("live", "waiting", "live")


# chains


def test_of_a_chain_the_first_comes_back_out_of_the_root(world: World, a: str, b: str, c: str) -> None:
    merged(world, a, b)
    merged(world, b, c)
    assert world.reports(c) == ["c1", "b1", "a1"]
    undone(world, a)
    assert (world.reports(a), world.reports(c)) == (["a1"], ["c1", "b1"])
    undone(world, b)
    assert (world.reports(b), world.reports(c)) == (["b1"], ["c1"])


def test_of_a_chain_the_middle_takes_the_first_along_and_gives_it_back_later(world: World, a: str, b: str, c: str) -> None:
    merged(world, a, b)
    merged(world, b, c)
    undone(world, b)
    assert (world.reports(b), world.reports(c)) == (["b1", "a1"], ["c1"])
    undone(world, a)
    assert (world.reports(a), world.reports(b)) == (["a1"], ["b1"])
    merged(world, a, c)
    assert world.reports(c) == ["c1", "a1"], "the root had forgotten that it once held the first"


def test_of_a_chain_each_unit_leaves_with_who_brought_it(world: World, a: str, b: str, c: str) -> None:
    world.assign(a, CLEANERS)
    world.assign(b, WATER)
    world.assign(c, POLICE)
    merged(world, a, b)
    merged(world, b, c)
    assert open_parts(world, c) == [(POLICE, "lead"), (WATER, "cooperator"), (CLEANERS, "cooperator")]
    undone(world, a)
    assert open_parts(world, c) == [(POLICE, "lead"), (WATER, "cooperator")]
    undone(world, b)
    assert open_parts(world, b) == [(WATER, "lead")]
    assert open_parts(world, c) == [(POLICE, "lead")]


@pytest.mark.parametrize("places", [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 1), (1, 1, 1), (0, 1, 0)])
def test_an_undo_that_meets_the_next_merge_on_its_way_doubles_nothing(
    world: World, a: str, b: str, c: str, places: tuple[int, ...]
) -> None:
    """The root asks a third while the source asks for its members back: they are on their way, the wish must wait."""
    merged(world, a, b)
    world.merge(b, c)
    world.tell("Unmerge", a)
    for place in places:
        if world.queue:
            world.deliver(place % len(world.queue))
    world.settle()
    assert (world.reports(a), sorted(world.reports(c))) == (["a1"], ["b1", "c1"])


@pytest.mark.parametrize("places", [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 1), (1, 1, 1), (0, 1, 0)])
def test_both_undos_of_a_chain_at_once_bring_both_back(world: World, a: str, b: str, c: str, places: tuple[int, ...]) -> None:
    merged(world, a, b)
    merged(world, b, c)
    world.tell("Unmerge", b)
    world.tell("Unmerge", a)
    for place in places:
        if world.queue:
            world.deliver(place % len(world.queue))
    world.settle()
    assert (world.reports(a), world.reports(b), world.reports(c)) == (["a1"], ["b1"], ["c1"])


# split


def test_a_split_founds_a_problem_that_waits_for_a_person(world: World, a: str) -> None:
    world.report("a2", into=a)
    world.assign(a, CLEANERS)
    world.tell("Split", a, reports=["a2"])
    world.settle()
    new = world.holder("a2")
    assert (new.state, new.basis, new.split_from, new.assignments) == ("waiting", "person", a, [])
    assert (new.category, new.area) == (world.at(a).category, world.at(a).area)
    assert (world.reports(a), world.at(a).leaving) == (["a1"], [])
    assert Clock.RESEND not in {timer.clock for timer in world.at(a).timers}


def test_a_split_takes_only_what_is_there_and_never_everything(world: World, a: str) -> None:
    world.report("a2", into=a)
    assert world.tell("Split", a, reports=["a2", "b1"]).code is Refusal.NOT_A_MEMBER
    assert world.tell("Split", a, reports=["a1", "a2", "a1"]).code is Refusal.LAST_MEMBER


def test_the_undo_of_a_split_brings_its_reports_back(world: World, a: str) -> None:
    world.report("a2", into=a)
    world.tell("Split", a, reports=["a2"])
    world.settle()
    new = world.holder("a2").id
    world.tell("Unsplit", new)
    world.settle()
    assert (world.reports(a), world.at(new).state, world.at(a).gone) == (["a1", "a2"], "merged", {})


def test_a_report_pushed_again_while_it_leaves_founds_nothing_of_its_own(world: World, a: str) -> None:
    """The redelivery reaches the new problem before the split does."""
    world.report("a2", into=a)
    world.report("a3", into=a)
    world.tell("Split", a, reports=["a2", "a3"])
    assert world.report("a2").status == "parked"
    world.settle()
    assert sorted(world.reports(world.holder("a2").id)) == ["a2", "a3"]


@pytest.mark.parametrize("late", [True, False])
def test_a_correction_and_an_erasure_follow_a_report_that_has_left(world: World, a: str, late: bool) -> None:
    world.report("a2", into=a)
    correction = world.command("ReviseReport", a, Role.INTAKE, record=record("a2", content="corrected"))
    erasure = world.command("EraseReport", a, report="a2")
    world.tell("Split", a, reports=["a2"])
    if late:
        world.settle()
    assert [world.hear(command).status for command in (correction, erasure)] == ["forwarded", "forwarded"]
    while len(world.queue) > 0:
        world.deliver(len(world.queue) - 1 if not late else 0)
    assert world.member("a2").erased


def test_closing_does_not_forget_that_a_split_is_not_answered(world: World) -> None:
    a = world.founded("a1", findings=findings(item=CLEANING_ITEM))
    world.report("a2", into=a)
    world.tell("Split", a, reports=["a2"])
    world.queue.clear()
    world.tell("Reply", a, CLEANERS, text="sealed")
    world.tell("Close", a)
    world.settle()
    assert world.holder("a2").state == "waiting"


def test_what_came_through_two_merges_goes_back_with_the_one_that_is_undone(world: World, a: str, b: str, c: str) -> None:
    world.merge(a, b)
    world.deliver()  # b takes a's report, its answer is on the way
    world.merge(b, c)
    assert world.report("a2", into=a).status == "parked", "a does not know yet that it is merged"
    world.deliver(1)  # c takes what b has
    world.deliver(1)  # b is merged
    world.settle()  # a is merged, and what it kept follows to c
    assert "a2" in world.reports(c)
    world.tell("Unmerge", b)
    world.settle()
    assert (world.holder("a2").id, world.reports(c)) == (b, ["c1"])
    world.check_settled()
