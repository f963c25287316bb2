"""Watches of cameras beside problems, in the ports Reader, Timers and Search."""

from datetime import timedelta

from contract.samples import START, document, problem
from pool.ports import Writes
from pool.scope import ALL, NOTHING, Scope
from schemas.aggregate import Timer
from schemas.identity import watch_id
from schemas.watch import Watch
from schemas.words import Clock, WatchState


def watch(number: int, **fields) -> Watch:
    defaults = {
        "id": watch_id(1, f"99000000001320{number:06d}", "垃圾满溢"), "slot": 1, "version": 3, "write": 3, "alarms": 10 * number,
        "observed": 9 * number, "opened": number, "state": WatchState.OPEN, "area_path": "/a/a1/", "alarm_class": "垃圾满溢",
    }  # fmt: skip
    return Watch(**(defaults | fields))


class WatchContract:
    """Needs the fixture `backend`: an empty pool for this test."""

    def test_a_watch_is_a_state_and_no_problem(self, backend):
        backend.write(Writes(states=[problem(1), watch(1)], reports=[document(1)]))
        ids = [problem(1).id, watch(1).id]
        assert backend.store.states(ids) == {problem(1).id: problem(1), watch(1).id: watch(1)}
        assert backend.store.problems(ids) == {problem(1).id: problem(1)}
        assert backend.search.problem(watch(1).id, ALL) is None
        assert sorted(backend.store.state_ids()) == sorted(ids)

    def test_problems_and_alarms_are_counted_apart(self, backend):
        backend.write(Writes(states=[problem(1), watch(1), watch(2, state=WatchState.UNCONFIRMED)], reports=[document(1)]))
        told = backend.search.stats(ALL)
        assert (told["problems"], told["by_state"]) == (1, {"waiting": 1})
        assert told["alarms"] == {"seen": 30, "observed": 27, "unconfirmed": 1}

    def test_watches_are_listed_by_id_by_state_and_page_by_page(self, backend):
        states = [watch(n, state=WatchState.UNCONFIRMED if n % 3 == 0 else WatchState.OPEN) for n in range(1, 10)]
        backend.write(Writes(states=[*states, watch(20, version=0), problem(1)]))
        ordered = sorted(states, key=lambda one: one.id)
        assert backend.search.watches(None, ALL) == ordered
        first = backend.search.watches(None, ALL, limit=4)
        assert first == ordered[:4]
        assert backend.search.watches(None, ALL, first[-1].id, 100) == ordered[4:]
        wanted = [one for one in ordered if one.state is WatchState.UNCONFIRMED]
        assert backend.search.watches(WatchState.UNCONFIRMED, ALL) == wanted

    def test_who_sees_an_area_sees_its_cameras_and_a_unit_sees_none(self, backend):
        backend.write(Writes(states=[watch(1), watch(2, area_path="/b/b1/"), watch(3, area_path="")]))
        assert [one.id for one in backend.search.watches(None, Scope(area_paths=frozenset({"/b/"})))] == [watch(2).id]
        assert backend.search.watches(None, Scope(units=frozenset({"u01"}))) == []
        assert backend.search.watches(None, NOTHING) == []
        assert backend.search.stats(Scope(area_paths=frozenset({"/a/"})))["alarms"]["seen"] == 10

    def test_a_timer_of_a_watch_falls_due_like_any_other(self, backend):
        due = START + timedelta(hours=1)
        backend.write(Writes(states=[watch(1, timers=[Timer(clock=Clock.CLEAR, due=due)]), problem(1)]))
        assert backend.store.due(due, 10) == [(watch(1).id, Timer(clock=Clock.CLEAR, due=due))]
