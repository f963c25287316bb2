"""Rebuild makes the facts again, and a comparison with the log finds those that are wrong."""

import pytest
from contract.measures_contract import PACK
from contract.samples import START
from measured_sqlite import MeasuredSqlite

from casework.facts import facts
from casework.fold import apply
from city.handling import USUAL_HANDLING
from pool.figures import GRADES, grade, summary
from pool.formulas import formulas
from pool.measures import Measure, Value
from pool.ports import Writes
from pool.reconcile import reconcile
from pool.sqlite.rebuild import rebuild
from schemas.command_base import Actor
from schemas.events import ProblemRegistered, seal_chain
from schemas.identity import problem_id
from schemas.problem import Problem
from schemas.state import unborn
from schemas.words import Mode, Role

ID = problem_id(3, "first")


def no_keys(_ids):
    return {}


@pytest.fixture
def backend(tmp_path):
    """One problem with one event, without a report."""
    backend = MeasuredSqlite(tmp_path / "pool.db")
    event = ProblemRegistered(
        aggregate=ID, slot=3, version=1, command="c1", origin=(0, 1), actor=Actor(id="i", role=Role.INTAKE), at=START,
        order_number="260504-003-1", mode=Mode.LIVE, basis="person", category="020102", area="990102001001",
    )  # fmt: skip
    line = seal_chain(event)
    state = unborn(ID)
    apply(state, event)
    state.write, state.applied_to = 1, (0, 1)
    backend.write(Writes(states=[state], events=[(ID, 1, line)]))
    yield backend
    backend.connection.close()


def compared(backend):
    found = reconcile(backend.store, no_keys, PACK)
    return [fault for fault in found.faults if "登记" not in fault], found.repairs


def test_facts_that_fit_are_no_drift(backend):
    assert compared(backend)[0] == []
    assert backend.store.facts([ID])[ID].area_path == PACK.areas["990102001001"].path


@pytest.mark.parametrize("damage", ["update facts set returns = 7, lead = 'x'", "delete from facts"])
def test_facts_that_do_not_fit_their_state_are_found_and_repaired(backend, damage):
    backend.connection.execute(damage)
    (fault,), repairs = compared(backend)
    assert "统计事实" in fault
    assert ID in fault
    backend.write(Writes(states=repairs.states))
    assert compared(backend)[0] == []
    assert isinstance(repairs.states[0], Problem)


def test_a_rebuild_makes_the_facts_of_every_problem_again(backend):
    backend.connection.execute("update facts set returns = 7")
    assert rebuild(backend.connection, no_keys, PACK) == 1
    (state,) = backend.store.problems([ID]).values()
    assert backend.store.facts([ID]) == {ID: facts(state, PACK)}


class TestSummary:
    def test_it_is_the_weighted_sum_of_the_three_rates(self):
        told = {Measure.RESPONSE: Value(90, 100), Measure.SOLVED: Value(80, 100), Measure.SATISFIED: Value(70, 100)}
        assert summary(told, USUAL_HANDLING) == pytest.approx(30 * 0.9 + 35 * 0.8 + 35 * 0.7)
        assert grade(told, USUAL_HANDLING) == "中"

    def test_without_one_of_the_three_there_is_none_and_few_answers_get_no_grade(self):
        told = {Measure.RESPONSE: Value(9, 9), Measure.SOLVED: Value(9, 9), Measure.SATISFIED: Value(0, 0)}
        assert summary(told, USUAL_HANDLING) is None
        told[Measure.SATISFIED] = Value(9, 9)
        assert (summary(told, USUAL_HANDLING), grade(told, USUAL_HANDLING)) == (pytest.approx(100), "样本不足")

    def test_grades_fall_and_the_last_one_takes_everything(self):
        assert [least for least, _ in GRADES] == sorted((least for least, _ in GRADES), reverse=True)
        assert GRADES[-1][0] == 0
        worst = {measure: Value(0, 50) for measure in formulas(USUAL_HANDLING)}
        assert grade(worst, USUAL_HANDLING) == GRADES[-1][1]
