"""Aggregates that are neither problems nor watches, in the port Search."""

from datetime import date, timedelta

import pytest

from contract.samples import START, document, problem
from contract.watch_contract import watch
from pool.ports import Writes
from pool.scope import ALL, NOTHING, Scope
from schemas.admission import AdmissionTask
from schemas.aggregate import Timer
from schemas.errors import ContractError
from schemas.identity import aggregate_id
from schemas.knowledge import Knowledge
from schemas.words import Clock, KnowledgeState


def knowledge(number: int, **fields) -> Knowledge:
    defaults = {
        "id": aggregate_id("k", 2, str(number)), "slot": 2, "version": 2, "write": 2, "state": KnowledgeState.VALID, "edition": 1,
        "question": f"第{number}问", "answer": f"第{number}答", "source": "办事指南", "unit": "u01",
        "valid_until": date(2026, 12, 31),
    }  # fmt: skip
    return Knowledge(**(defaults | fields))


def task(number: int, **fields) -> AdmissionTask:
    defaults = {
        "id": aggregate_id("t", 2, str(number)), "slot": 2, "version": 1, "write": 1, "title": f"第{number}项",
        "department": "u01", "units": ["u02"],
    }  # fmt: skip
    return AdmissionTask(**(defaults | fields))


def by_id(*states):
    return sorted(states, key=lambda one: one.id)


class KeptContract:
    """Needs the fixture `backend`: an empty pool for this test."""

    def test_a_knowledge_item_is_a_state_and_no_problem(self, backend):
        backend.write(Writes(states=[problem(1), watch(1), knowledge(1)], reports=[document(1)]))
        assert backend.store.states([knowledge(1).id]) == {knowledge(1).id: knowledge(1)}
        assert backend.store.problems([knowledge(1).id]) == {}
        assert backend.search.problem(knowledge(1).id, ALL) is None
        assert backend.search.watches(None, ALL) == [watch(1)]
        told = backend.search.stats(ALL)
        assert (told["problems"], told["by_state"]) == (1, {"waiting": 1})

    def test_items_are_listed_by_id_by_state_and_page_by_page(self, backend):
        drafts = KnowledgeState.DRAFT
        states = [knowledge(n, state=drafts if n % 3 == 0 else KnowledgeState.VALID) for n in range(1, 10)]
        backend.write(Writes(states=[*states, knowledge(20, version=0), problem(1), watch(1)]))
        ordered = by_id(*states)
        assert backend.search.kept("k", None, ALL) == ordered
        first = backend.search.kept("k", None, ALL, limit=4)
        assert first == ordered[:4]
        assert backend.search.kept("k", None, ALL, first[-1].id, 100) == ordered[4:]
        wanted = [one for one in ordered if one.state is drafts]
        assert backend.search.kept("k", drafts.value, ALL) == wanted
        assert backend.search.kept("k", "no such state", ALL) == []

    def test_knowledge_is_for_everybody_who_may_see_anything(self, backend):
        backend.write(Writes(states=[knowledge(1)]))
        for scope in (Scope(units=frozenset({"u02"})), Scope(area_paths=frozenset({"/b/"}))):
            assert backend.search.kept("k", None, scope, limit=1) == [knowledge(1)]
        assert backend.search.kept("k", None, NOTHING) == []

    def test_of_the_others_a_unit_sees_those_that_concern_it(self, backend):
        states = [task(1), task(2, units=["u03"]), task(3, department="u02")]
        backend.write(Writes(states=[*states, knowledge(1)]))
        assert backend.search.kept("t", None, Scope(units=frozenset({"u02"}))) == by_id(task(1), task(3, department="u02"))
        assert backend.search.kept("t", None, ALL) == by_id(*states)
        assert backend.search.kept("t", None, Scope(area_paths=frozenset({"/a/"}))) == []
        assert backend.search.kept("t", None, NOTHING) == []

    def test_who_sees_only_some_gets_whole_pages_of_them(self, backend):
        states = [task(number, units=["u02" if number % 4 == 0 else "u03"]) for number in range(1200)]
        backend.write(Writes(states=states))
        scope, wanted = Scope(units=frozenset({"u02"})), by_id(*states[::4])
        assert backend.search.kept("t", None, scope, limit=250) == wanted[:250]
        assert backend.search.kept("t", None, scope, wanted[249].id, 250) == wanted[250:]

    @pytest.mark.parametrize("kind", ["p", "w", "x", "", "kk", "%"])
    def test_only_kinds_without_a_search_of_their_own_are_listed_so(self, backend, kind):
        with pytest.raises(ContractError):
            backend.search.kept(kind, None, ALL)

    def test_a_kind_that_nothing_is_of_is_empty(self, backend):
        backend.write(Writes(states=[knowledge(1), problem(1), watch(1)]))
        assert backend.search.kept("f", None, ALL) == []

    def test_a_timer_of_an_item_falls_due_like_any_other(self, backend):
        due = START + timedelta(hours=1)
        backend.write(Writes(states=[knowledge(1, timers=[Timer(clock=Clock.CHECK, due=due)]), problem(1)]))
        assert backend.store.due(due, 10) == [(knowledge(1).id, Timer(clock=Clock.CHECK, due=due))]
