"""Elasticsearch keeps what the ports say; what several writers and lost answers can do stands here too."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from contract.kept_contract import KeptContract
from contract.samples import START, claims, content, document, problem
from contract.store_contract import StoreContract, letter
from contract.watch_contract import WatchContract
from elastic_backend import STORED, new_backend
from elastic_transport import ConnectionError as ConnectionLost

from pool.elastic.mapping import EVENTS, REPORTS
from pool.elastic.store import ElasticStore, StatesWritten
from pool.elastic.transport import StoreRefused
from pool.ports import Writes
from pool.query import Query
from pool.scope import ALL
from schemas.aggregate import Timer
from schemas.documents import Claim, Outcome
from schemas.errors import PoolBusy, PoolDamaged, PoolError
from schemas.identity import problem_id
from schemas.problem import Problem
from schemas.words import Clock

pytestmark = pytest.mark.usefixtures("elasticsearch")

LONG = 40_000
"""Characters of a keyword that the server refuses: it takes 32,766 bytes."""


@pytest.fixture
def backend():
    with new_backend(STORED) as backend:
        yield backend


@pytest.fixture
def store(backend) -> ElasticStore:
    return backend.store


class TestElasticStore(StoreContract, WatchContract, KeptContract):
    pass


class TestClaims:
    def test_the_first_claim_stands_and_the_later_one_is_told_that_it_lost(self, store):
        first, other = Claim(id="r1", problem="p1"), Claim(id="r1", problem="p2")
        assert store.write_claims([first]) == set()
        assert store.write_claims([other, Claim(id="r2", problem="p2")]) == {"r1"}
        assert store.write_claims([first]) == set()
        assert store.claims(["r1", "r2"]) == {"r1": first, "r2": Claim(id="r2", problem="p2")}

    def test_a_raised_write_counter_stands_over_the_earlier_ones(self, store):
        later = Claim(id="r1", problem="p1", revision=2, write=2)
        store.write_claims([Claim(id="r1", problem="p1")])
        assert store.write_claims([later]) == set()
        assert store.write_claims([Claim(id="r1", problem="p1")]) == {"r1"}
        assert store.claims(["r1"]) == {"r1": later}

    def test_of_writers_at_the_same_moment_one_wins_every_claim(self, store):
        lost = {}
        begin = threading.Barrier(4)

        def write(name: str) -> None:
            begin.wait()
            lost[name] = store.write_claims([Claim(id=f"r{n}", problem=name) for n in range(200)])

        writers = [threading.Thread(target=write, args=(f"p{n}",)) for n in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        standing = store.claims(f"r{n}" for n in range(200))
        assert len(standing) == 200
        for name, ids in lost.items():
            assert ids == {id_ for id_, claim in standing.items() if claim.problem != name}

    def test_a_claim_that_the_server_refuses_is_named(self, store):
        with pytest.raises(StoreRefused, match="r1"):
            store.write_claims([Claim(id="r1", problem="x" * LONG)])


class TestStates:
    def test_a_state_that_another_overtook_is_lost_and_an_own_one_again_is_not(self, store):
        early, late, other = (problem(1, version=v, basis=b) for v, b in ((1, ""), (2, "mine"), (2, "theirs")))
        assert store.write_states([late, problem(2)]) == StatesWritten()
        assert store.write_states([late]) == StatesWritten()
        assert store.write_states([early, problem(2, version=2)]).lost == {early.id}
        assert store.write_states([other]).lost == {late.id}
        assert store.problems([late.id]) == {late.id: late}

    def test_of_several_states_of_one_problem_the_highest_write_counter_stands(self, store):
        assert store.write_states([problem(1, version=3), problem(1, version=2)]) == StatesWritten()
        assert store.problems([problem(1).id])[problem(1).id].version == 3

    def test_one_refused_state_is_named_and_the_others_stand(self, store):
        wrong = problem(7, order_number="x" * LONG)
        written = store.write_states([problem(6), wrong, problem(8)])
        assert (written.lost, list(written.refused)) == (set(), [wrong.id])
        assert "order_number" in written.refused[wrong.id]
        assert set(store.problems([problem(n).id for n in (6, 7, 8)])) == {problem(6).id, problem(8).id}


class TestEvents:
    def test_the_same_line_again_changes_nothing_and_keeps_its_first_place(self, store):
        event = (problem_id(1, "a"), 1, b'{"a":1}', 70)
        store.write_events([event])
        store.write_events([(*event[:3], 90), (event[0], 2, b"{}", 91)])
        assert [e.sequence for e in store.events_of(event[0])] == [70, 91]
        with pytest.raises(PoolDamaged, match=f"{event[0]} 第 2 版"):
            store.write_events([(event[0], 2, b"[]", 92)])
        assert store.events_of(event[0])[1].line == b"{}"

    def test_two_lines_of_one_version_in_one_call_are_a_damage(self, store):
        aggregate = problem_id(1, "a")
        with pytest.raises(PoolDamaged, match=aggregate):
            store.write_events([(aggregate, 1, b"{}", 1), (aggregate, 1, b"[]", 2)])

    def test_events_of_one_aggregate_are_all_read_before_a_search_would_see_them(self, store):
        aggregate = problem_id(1, "a")
        store.write_events([(aggregate, version, b"%d" % version, version) for version in range(1, 701)])
        assert [int(e.line) for e in store.events_of(aggregate)] == list(range(1, 701))
        assert store.events_of(problem_id(1, "b")) == []

    def test_what_stands_behind_a_gap_is_given_too_so_that_the_gap_is_seen(self, store):
        aggregate = problem_id(1, "a")
        store.write_events([(aggregate, version, b"{}", version) for version in (1, 2, 4)])
        assert [e.version for e in store.events_of(aggregate)] == [1, 2, 4]
        assert list(store.aggregates()) == [aggregate]

    def test_a_line_of_nearly_a_megabyte_comes_back_to_the_byte(self, store):
        line = ('{"text":"' + '路灯\\n\\u0001\\"' * 80_000 + '"}').encode()
        assert len(line) > 900_000
        store.write_events([(problem_id(1, "a"), 1, line, 1)])
        assert store.events_of(problem_id(1, "a"))[0].line == line
        assert store.events_after(0, 1)[0].line == line

    def test_more_aggregates_than_one_answer_holds_are_all_listed(self, store):
        names = sorted(problem_id(1, str(n)) for n in range(11_000))
        for first in range(0, len(names), 5500):
            store.write_events([(name, 1, b"{}", n) for n, name in enumerate(names[first : first + 5500], first)])
        assert list(store.aggregates()) == names


class TestReports:
    def test_one_refused_report_is_named_and_the_others_stand(self, store):
        wrong = document(2, content=content("2", lon=120.0, lat=95.0))
        refused = store.write_reports([document(1), wrong, document(3)])
        assert list(refused) == [wrong.id]
        assert "point" in refused[wrong.id]
        assert set(store.report_documents(document(n).id for n in (1, 2, 3))) == {document(1).id, document(3).id}

    def test_an_earlier_version_is_passed_over_in_silence(self, store):
        store.write_reports([document(1, version=5)])
        assert store.write_reports([document(1, version=4)]) == {}
        assert store.report_documents([document(1).id])[document(1).id].version == 5

    def test_what_a_sender_put_beside_comes_back_as_it_was(self, store, backend):
        extra = {"": {"": 1}, "a.b": {}, "long": 123456789012345678901234567890, "list": [[], [{}], None], "f": 0.1, "doc": 1e22}
        odd = document(1, content=content("1", extra=extra, simhash=-(1 << 63)), attachments=[{}])
        assert store.write_reports([odd]) == {}
        assert store.report_documents([odd.id]) == {odd.id: odd}
        backend.elastic.refresh(REPORTS)
        assert store.report_documents([odd.id]) == {odd.id: odd}

    def test_the_words_of_an_erased_report_are_found_no_more(self, store, backend):
        backend.write(Writes(reports=[document(1, content=content("1", text="喷泉漏电"))]))
        assert backend.search.count(Query("喷泉漏电"), ALL) == 1
        backend.write(Writes(reports=[document(1, version=2, content=None, erased=True)]))
        assert backend.search.count(Query("喷泉漏电"), ALL) == 0
        source = backend.elastic.mget(REPORTS, [document(1).id])[document(1).id]
        assert "喷泉" not in str(source)
        assert (source["caller"], source["place_key"], source["simhash"]) == (None, "", 0)
        assert not {"body", "characters", "point", "source", "source_id"} & set(source)

    def test_a_report_of_before_1970_is_kept_and_matched(self, store):
        old = document(1, time=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
        assert store.write_reports([old, document(2)]) == {}
        entries = list(store.match_entries(1, datetime(1960, 1, 1, tzinfo=UTC)))
        assert [(e.report, e.time) for e in entries] == [(old.id, old.time), (document(2).id, document(2).time)]

    def test_more_match_entries_than_one_answer_holds_come_once_each_and_by_time(self, store):
        documents = [document(n, time=START + timedelta(minutes=n // 100)) for n in range(7000)]
        store.write_reports(documents)
        entries = list(store.match_entries(1, START))
        assert len({e.report for e in entries}) == len(entries) == 7000
        assert [e.time for e in entries] == sorted(e.time for e in entries)


class TestTimers:
    def test_only_the_timers_of_the_own_slots_are_due(self, backend):
        backend.write(Writes(states=[problem(n, slot=n, timers=[Timer(clock=Clock.SIGN, due=START)]) for n in (1, 2, 3)]))
        assert [id_ for id_, _ in backend.store.due(START, 10, slots=[1, 3])] == sorted([problem(1).id, problem(3).id])
        assert backend.store.due(START, 10, slots=[]) == []
        assert len(backend.store.due(START, 10)) == 3

    def test_a_timer_that_expired_a_moment_ago_is_not_due_whatever_the_search_says(self, backend):
        backend.write(Writes(states=[problem(1, timers=[Timer(clock=Clock.SIGN, due=START)])]))
        backend.store.write_states([problem(1, version=2, timers=[Timer(clock=Clock.SIGN, due=START, expired=True)])])
        assert backend.store.due(START, 10) == []


class TestLetters:
    def test_letters_of_a_report_and_letters_that_were_deleted(self, store):
        store.write_dead_letters([letter(1, report="r1"), letter(2), letter(3, report="r1", shown="路" * 300_000)])
        assert [found.offset for found in store.dead_letters_of("r1")] == [1, 3]
        store.delete_dead_letters([letter(1).id, "never-there"])
        assert [found.offset for found in store.dead_letters()] == [2, 3]
        assert len(store.dead_letters_of("r1")[0].shown) == 300_000


def everything() -> Writes:
    return Writes(
        claims=claims(1), states=[problem(1)], events=[(problem(1).id, 1, b"{}")], dead_letters=[letter(1)],
        reports=[document(1)], outcomes=[Outcome(command="c1", status="applied")],
    )  # fmt: skip


class TestWriting:
    def test_an_answer_that_is_lost_on_the_way_makes_nobody_lose(self, backend, monkeypatch):
        client, lost = backend.elastic._client, set()
        perform = client.perform_request

        def losing(method, path, **options):
            answer = perform(method, path, **options)
            if path == "/_bulk" and options["body"] not in lost:
                lost.add(options["body"])
                raise ConnectionLost("reset by peer")
            return answer

        monkeypatch.setattr(client, "perform_request", losing)
        writes, store = everything(), backend.store
        assert store.write_claims(writes.claims) == set()
        assert store.write_states(writes.states) == StatesWritten()
        store.write_events([(*event, 1) for event in writes.events])
        store.write_dead_letters(writes.dead_letters)
        assert store.write_reports(writes.reports) == {}
        store.write_outcomes(writes.outcomes)
        assert len(lost) == 6
        monkeypatch.undo()
        assert store.claims(c.id for c in writes.claims) == {c.id: c for c in writes.claims}
        assert store.problems([problem(1).id]) == {problem(1).id: problem(1)}
        assert len(store.events_of(problem(1).id)) == len(store.dead_letters()) == 1
        assert store.report_documents([document(1).id]) == {document(1).id: document(1)}
        assert set(store.outcomes(["c1"])) == {"c1"}

    def test_everything_again_changes_nothing(self, backend):
        backend.write(everything())
        backend.write(everything())
        assert len(backend.store.events_after(0, 10)) == 1

    def test_later_events_stand_behind_all_that_are_there(self, store):
        a, b = problem_id(1, "a"), problem_id(1, "b")
        store.write_events([(a, 1, b"{}", 5 << 40)])
        store.write(Writes(events=[(b, 1, b"{}"), (a, 2, b"{}")]))
        assert [(e.aggregate, e.version) for e in store.events_after(5 << 40, 10)] == [(b, 1), (a, 2)]
        assert store.events_after(0, 10)[0].sequence == 5 << 40

    def test_what_is_overtaken_or_refused_is_named(self, store):
        store.write_states([problem(1, version=3)])
        with pytest.raises(PoolBusy, match=problem(1).id):
            store.write(Writes(states=[problem(1, version=2)]))
        with pytest.raises(PoolError, match=problem(2).id):
            store.write(Writes(states=[problem(2, order_number="x" * LONG)]))
        wrong = document(3, content=content("3", lon=0.0, lat=95.0))
        with pytest.raises(PoolError, match=wrong.id):
            store.write(Writes(reports=[wrong]))

    def test_what_is_parked_for_a_problem_to_come_is_listed_too(self, store):
        early = Problem(id=problem_id(1, "x"), slot=1, version=0, parked=["{}"])
        assert store.write_states([early, problem(1)]) == StatesWritten()
        assert list(store.state_ids()) == sorted([early.id, problem(1).id])
        store.write_claims(claims(1))
        store.write_reports([document(n) for n in range(3)])
        assert list(store.claim_ids()) == sorted(claim.id for claim in claims(1))
        assert list(store.report_ids()) == sorted(document(n).id for n in range(3))


def test_the_log_keeps_no_line_in_an_index(backend):
    backend.write(everything())
    found = backend.elastic.search(EVENTS, {"query": {"exists": {"field": "line"}}})
    assert found["hits"]["total"]["value"] == 0
