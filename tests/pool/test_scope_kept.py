"""Who sees an aggregate that is neither problem nor watch."""

from pool.scope import ALL, NOTHING, Scope
from schemas.admission import AdmissionTask
from schemas.identity import aggregate_id, problem_id
from schemas.knowledge import Knowledge
from schemas.problem import Problem

MATTER = AdmissionTask(id=aggregate_id("t", 2, "1"), slot=2, department="u01", units=["u02"])
ITEM = Knowledge(id=aggregate_id("k", 2, "1"), slot=2, unit="u01")


def test_a_unit_sees_what_concerns_it_and_no_more():
    assert Scope(units=frozenset({"u02"})).permits_kept(MATTER)
    assert not Scope(units=frozenset({"u03"})).permits_kept(MATTER)
    assert not Scope(units=frozenset({"u01"})).permits_kept(Problem(id=problem_id(2, "1"), slot=2, order_number="1"))


def test_an_area_alone_shows_no_matter_between_units():
    assert not Scope(area_paths=frozenset({"/a/"})).permits_kept(MATTER)


def test_knowledge_is_for_everybody_with_any_role():
    assert Scope(units=frozenset({"u03"})).permits_kept(ITEM)
    assert Scope(area_paths=frozenset({"/a/"})).permits_kept(ITEM)
    assert not Scope(secrets=True).permits_kept(ITEM)


def test_who_sees_everything_sees_all_of_it_and_no_role_sees_nothing():
    assert ALL.permits_kept(MATTER)
    assert ALL.permits_kept(ITEM)
    assert not NOTHING.permits_kept(MATTER)
    assert not NOTHING.permits_kept(ITEM)
