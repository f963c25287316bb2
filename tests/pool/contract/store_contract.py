"""Ports Reader (without keys and callers), Events, Timers, and the writing."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.samples import START, claims, content, document, problem
from pool.ports import StoredEvent, Writes
from pool.query import Query
from pool.scope import ALL
from schemas.aggregate import Timer
from schemas.documents import Claim, DeadLetter, Outcome
from schemas.errors import PoolDamaged
from schemas.findings import CategoryProposal, Findings
from schemas.identity import problem_id
from schemas.problem import Problem
from schemas.words import Clock, DeadLetterKind, ProblemState, Stage


def letter(number: int, **fields) -> DeadLetter:
    defaults = {
        "id": f"intake.grid-0-{number}", "kind": DeadLetterKind.INVALID, "stage": Stage.INTAKE, "topic": "intake.grid",
        "partition": 0, "offset": number, "reason": "缺少时间", "at": START,
    }  # fmt: skip
    return DeadLetter(**(defaults | fields))


class StoreContract:
    """Needs the fixture `backend`: an empty pool for this test."""

    def test_what_was_written_is_read_back_the_same(self, backend):
        outcome = Outcome(command="c1", status="applied", aggregate=problem(1).id, version=1)
        backend.write(Writes(claims=claims(1), states=[problem(1)], reports=[document(1)], outcomes=[outcome]))
        store = backend.store
        assert store.claims(c.id for c in claims(1)) == {c.id: c for c in claims(1)}
        assert store.problems([problem(1).id]) == {problem(1).id: problem(1)}
        assert store.report_documents([document(1).id]) == {document(1).id: document(1)}
        assert store.outcomes(["c1", "c2"]) == {"c1": outcome}

    def test_what_is_not_there_is_absent(self, backend):
        backend.write(Writes(claims=claims(1), events=[(problem(2).id, 1, b"{}")], reports=[document(3)]))
        store = backend.store
        assert store.claims([document(3).id, "x"]) == {}
        assert store.problems([problem(2).id, document(3).problem, "x"]) == {}
        assert store.report_documents([document(1).id, "x"]) == {}
        assert store.claims([]) == store.problems([]) == store.report_documents([]) == {}

    def test_more_ids_than_one_question_holds_are_all_answered(self, backend):
        backend.write(Writes(claims=[Claim(id=f"r{n}", problem="p") for n in range(1700)]))
        assert len(backend.store.claims([*(f"r{n}" for n in range(1700)), *(f"r{n}" for n in range(1700))])) == 1700

    def test_the_last_state_and_claim_given_stand(self, backend):
        backend.write(Writes(claims=claims(1), states=[problem(1), problem(1, version=2)]))
        assert backend.store.problems([problem(1).id])[problem(1).id].version == 2
        later = claims(1)[0].model_copy(update={"revision": 2, "write": 2})
        backend.write(Writes(claims=[later], states=[problem(1, version=3)]))
        assert backend.store.problems([problem(1).id])[problem(1).id].version == 3
        assert backend.store.claims([later.id]) == {later.id: later}

    @settings(
        max_examples=40, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )  # fmt: skip
    @given(order=st.permutations([1, 2, 3, 4]), together=st.booleans())
    def test_the_highest_version_of_a_report_stands_whatever_the_order(self, backend, order, together):
        number = 10_000 + sum(v * 10**i for i, v in enumerate(order)) * 2 + together
        versions = [
            document(number, version=v, content=content(f"S{number}", text=f"第{'甲乙丙丁'[v - 1]}稿{number}")) for v in order
        ]
        for batch in [versions] if together else [[version] for version in versions]:
            backend.write(Writes(reports=batch))
        assert backend.store.report_documents([document(number).id])[document(number).id].version == 4
        assert [backend.search.count(Query(f"{name}稿{number}"), ALL) for name in "甲乙丙丁"] == [0, 0, 0, 1]

    def test_a_report_that_changes_only_its_state_is_still_found_by_its_words(self, backend):
        backend.write(Writes(reports=[document(1, content=content("1", text="喷泉漏电"))]))
        backend.write(Writes(reports=[
            document(1, version=2, state=ProblemState.CLOSED, content=content("1", text="喷泉漏电")),
        ]))  # fmt: skip
        (hit,) = backend.search.search(Query("喷泉漏电"), ALL).hits
        assert hit.report.state is ProblemState.CLOSED

    def test_a_report_that_moves_is_listed_under_its_new_problem(self, backend):
        backend.write(Writes(reports=[document(1)]))
        backend.write(Writes(reports=[document(1, version=1 << 40, problem=problem(2).id)]))
        assert backend.search.reports_of(problem(1).id, ALL) == []
        assert [r.id for r in backend.search.reports_of(problem(2).id, ALL)] == [document(1).id]

    def test_the_log_keeps_every_line_in_order(self, backend):
        first, second = problem_id(1, "a"), problem_id(1, "b")
        backend.write(Writes(events=[(first, 1, b'{"a":1}'), (second, 1, b'{"b":1}')]))
        backend.write(Writes(events=[(first, 2, b'{"a":2}')]))
        log = backend.store.events_after(0, 10)
        assert [(e.aggregate, e.version, e.line) for e in log] == [
            (first, 1, b'{"a":1}'), (second, 1, b'{"b":1}'), (first, 2, b'{"a":2}'),
        ]  # fmt: skip
        assert [e.sequence for e in log] == sorted({e.sequence for e in log})
        assert backend.store.events_after(log[0].sequence, 1) == [log[1]]
        assert backend.store.events_of(first) == [log[0], log[2]]
        assert list(backend.store.aggregates()) == sorted([first, second])
        assert isinstance(log[0], StoredEvent)

    def test_the_log_refuses_a_second_event_of_one_version_and_names_the_place(self, backend):
        aggregate = problem_id(1, "a")
        backend.write(Writes(events=[(aggregate, 1, b"{}")]))
        with pytest.raises(PoolDamaged, match=aggregate):
            backend.write(Writes(events=[(aggregate, 1, b'{"other":1}')]))

    def test_aggregates_lists_those_with_events_however_many_there_are(self, backend):
        names = sorted(problem_id(1, str(n)) for n in range(1200))
        backend.write(Writes(events=[(name, 1, b"{}") for name in names], states=[problem(5)]))
        assert list(backend.store.aggregates()) == names

    def test_timers_are_due_oldest_first_and_expired_ones_never(self, backend):
        def timers(*minutes, expired=()):
            clocks = list(Clock)
            return [Timer(clock=clocks[i], due=START + timedelta(minutes=m), expired=m in expired) for i, m in enumerate(minutes)]

        backend.write(Writes(states=[
            problem(1, timers=timers(30, 5)), problem(2, timers=timers(10, 1, expired=(1,))), problem(3, timers=timers(50)),
            problem(4),
        ]))  # fmt: skip
        until = START + timedelta(minutes=30)
        minutes = [(t.due - START) // timedelta(minutes=1) for _, t in backend.store.due(until, 10)]
        assert minutes == [5, 10, 30]
        assert [a for a, _ in backend.store.due(until, 2)] == [problem(1).id, problem(2).id]
        backend.write(Writes(states=[problem(1, version=2, timers=timers(30, 5, expired=(5, 30)))]))
        assert [a for a, _ in backend.store.due(until, 10)] == [problem(2).id]

    def test_match_entries_are_all_reports_of_the_slot_since_then_by_time(self, backend):
        numbers = range(1, 700)
        backend.write(Writes(
            states=[problem(n) for n in numbers], claims=[c for n in numbers for c in claims(n)],
            reports=[
                document(
                    n, caller="k1", content=content(str(n), text="路灯", place_key="东风路", simhash=-n),
                    category="990000", findings=Findings(categories=[CategoryProposal(code="010203", confidence=0.9)]),
                )
                for n in numbers
            ],
        ))  # fmt: skip
        backend.write(Writes(reports=[document(701, slot=2), document(0)]))
        entries = list(backend.store.match_entries(1, document(5).time))
        assert [e.report for e in entries] == [document(n).id for n in range(5, 700)]
        first = entries[0]
        assert (first.live, first.caller, first.category) == (True, "k1", "010203")
        assert (first.place_key, first.simhash, first.time) == ("东风路", -5, document(5).time)

    def test_match_entries_of_an_erased_report_hold_nothing_of_its_text(self, backend):
        backend.write(Writes(states=[problem(1)], reports=[document(1, content=None, erased=True)]))
        (entry,) = backend.store.match_entries(1, START)
        assert (entry.caller, entry.place_key, entry.simhash) == (None, "", 0)

    def test_dead_letters_are_kept_by_id_and_counted(self, backend):
        backend.write(Writes(dead_letters=[letter(1), letter(2, report="r1")]))
        backend.write(Writes(dead_letters=[letter(1, attempts=2)]))
        assert backend.store.dead_letters() == [letter(1, attempts=2), letter(2, report="r1")]
        assert backend.store.dead_letters(after=letter(1).id) == [letter(2, report="r1")]
        assert backend.search.stats(ALL)["dead_letters"] == 2

    def test_a_state_of_version_zero_is_kept_for_what_arrived_early(self, backend):
        early = Problem(id=problem_id(1, "x"), slot=1, version=0, parked=["{}"])
        backend.write(Writes(states=[early]))
        assert backend.store.problems([early.id]) == {early.id: early}
