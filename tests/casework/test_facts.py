"""What the facts of a problem say, along lives that casework itself has decided."""

from dataclasses import astuple
from datetime import timedelta

from world import CLEANERS, CLEANING, CLEANING_ITEM, ENVIRONMENT, START, STREET, World, findings, sample_pack

from casework.facts import FIELDS, Facts, facts
from schemas.problem import Problem
from schemas.words import Role

PACK = sample_pack()


def of(world: World, problem: str) -> Facts:
    return facts(world.at(problem), PACK)


def dispatched() -> tuple[World, str]:
    world = World(PACK)
    return world, world.founded("r1", findings=findings(item=CLEANING_ITEM), caller="k1")


def test_every_field_has_one_of_the_five_types_and_the_default_is_nothing() -> None:
    empty = Facts("p003-" + "0" * 24)
    assert set(FIELDS.values()) == {str, tuple[str, ...], int, bool, int | None}
    assert not any(astuple(empty)[1:])


def test_a_new_problem_is_counted_open_and_knows_its_place_in_both_trees() -> None:
    world, problem = dispatched()
    found = of(world, problem)
    assert (found.counted, found.open, found.dispatched, found.overdue, found.on_time) == (True, True, True, False, False)
    assert (found.category, found.category_path) == (CLEANING, PACK.categories[CLEANING].path)
    assert found.area_path == PACK.areas[found.area].path
    assert (found.lead, found.first_lead, found.units[0]) == (CLEANERS, CLEANERS, CLEANERS)
    assert (found.members, found.joined, found.passive, found.callers) == (1, 0, 1, ("k1",))
    assert found.due is not None
    assert (found.sign_asked, found.contact_asked) == (False, False)


def test_without_a_pack_only_paths_and_the_grassroots_are_missing() -> None:
    world, problem = dispatched()
    bare, whole = facts(world.at(problem), None), of(world, problem)
    assert {name for name in FIELDS if getattr(bare, name) != getattr(whole, name)} == {"category_path", "area_path"}


def test_signing_in_time_and_late_are_told_apart_for_ever() -> None:
    world, problem = dispatched()
    world.tell("Sign", problem, CLEANERS)
    assert of(world, problem).sign_in_time
    late, other = dispatched()
    late.passes(days=9)
    assert (of(late, other).sign_asked, of(late, other).sign_in_time) == (True, False)
    late.tell("Sign", other, CLEANERS)
    found = of(late, other)
    assert found.signed is not None
    assert (found.sign_asked, found.sign_in_time) == (True, False)


def test_contact_counts_when_it_was_made_in_time() -> None:
    world, problem = dispatched()
    world.tell("Sign", problem, CLEANERS)
    world.tell("Contact", problem, CLEANERS, reached=True, way="phone")
    assert (of(world, problem).contact_asked, of(world, problem).contacted_in_time) == (True, True)
    late, other = dispatched()
    late.tell("Sign", other, CLEANERS)
    late.passes(days=9)
    late.tell("Contact", other, CLEANERS, reached=True, way="phone")
    assert (of(late, other).contact_asked, of(late, other).contacted_in_time) == (True, False)


def test_on_time_and_overdue_are_of_the_whole_life() -> None:
    world, problem = dispatched()
    world.tell("Sign", problem, CLEANERS)
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.passes(hours=1)
    world.tell("Close", problem)
    found = of(world, problem)
    assert (found.on_time, found.overdue, found.open, found.ending) == (True, False, False, "replied")
    assert (found.settled, found.minutes) == (found.closed, 60)
    late, other = dispatched()
    late.tell("Sign", other, CLEANERS)
    late.passes(days=40)
    waiting = of(late, other)
    assert (waiting.overdue, waiting.settled, waiting.closed) == (True, waiting.overdue_at, None)
    late.tell("Reply", other, CLEANERS, text="sealed")
    late.tell("Close", other)
    assert (of(late, other).on_time, of(late, other).overdue) == (False, True)


def test_a_second_lead_ends_the_first_dispatch_being_right() -> None:
    world, problem = dispatched()
    assert of(world, problem).first_right
    world.assign(problem, ENVIRONMENT)
    found = of(world, problem)
    assert (found.first_right, found.dispatches, found.first_lead, found.lead) == (False, 2, CLEANERS, ENVIRONMENT)
    assert CLEANERS not in found.units


def test_what_is_recalled_was_not_dispatched_right_and_belongs_to_nobody() -> None:
    world, problem = dispatched()
    world.tell("Recall", problem, note="sealed")
    assert (of(world, problem).first_right, of(world, problem).lead) == (False, "")


def test_what_was_merged_away_is_counted_no_more_and_its_reports_are_with_the_root() -> None:
    world, root = dispatched()
    source = world.founded("r2", findings=findings(item=CLEANING_ITEM), caller="k2")
    world.merge(source, root)
    world.settle()
    assert (of(world, source).counted, of(world, source).open) == (False, False)
    assert (of(world, root).members, of(world, root).joined, of(world, root).callers) == (2, 1, ("k1", "k2"))


def test_what_callers_say_is_counted_by_caller() -> None:
    world, problem = dispatched()
    world.tell("Sign", problem, CLEANERS)
    world.tell("Urge", problem, report="r1")
    world.tell("Reply", problem, CLEANERS, text="sealed")
    world.tell("Close", problem)
    world.tell("Callback", problem, report="r1", way="phone", reached=True, contacted=True, solved=True, rating=4)
    found = of(world, problem)
    assert (found.rated_4, found.solved_yes, found.solved_no, found.contacted_yes) == (1, 1, 0, 1)
    assert found.urged == 1


def test_the_grassroots_burden_is_parts_of_streets_and_communities() -> None:
    world, problem = dispatched()
    part = world.at(problem).assignments[0].model_copy(update={"unit": STREET})
    with_street = world.at(problem).model_copy(update={"assignments": [*world.at(problem).assignments, part]})
    assert (facts(with_street, PACK).parts, facts(with_street, PACK).grassroots_parts) == (3, 1)


def test_moments_are_whole_microseconds() -> None:
    at = START + timedelta(microseconds=7)
    found = facts(Problem(id="p003-" + "0" * 24, slot=3, version=1, registered=at), PACK)
    assert found.registered == round(START.timestamp()) * 1_000_000 + 7


def test_supervision_is_known_while_it_lasts_and_afterwards_only_that_it_was() -> None:
    world, problem = dispatched()
    world.tell("Supervise", problem, Role.SUPERVISOR, reason="person")
    assert (of(world, problem).supervision, of(world, problem).supervised) == ("person", 1)
    world.tell("EndSupervision", problem, Role.SUPERVISOR)
    found = of(world, problem)
    assert (found.supervision, found.supervised, found.supervised_since) == ("", 1, None)
