"""Controls that must fail: whatever is changed in topic, index or documents, verify names the place; and repairs under writes."""

from typing import Any

import pytest
from faults.load import make_load
from kafka import KafkaProducer

from on_servers.served import Served, wait_until
from pool.elastic.mapping import CLAIMS, EVENTS, PROBLEMS, REPORTS
from schemas.words import Channel, Stage, Topic
from streams.kafka.log_reader import place_of
from streams.kafka.verify import reconcile, verify

PAUSE = 0.1


@pytest.fixture
def quiet(served: Served) -> Served:
    """A pool with some reports that no worker works on any more."""
    worker = served.work()
    served.send(make_load(Channel.HOTLINE, 60))
    served.settle()
    assert worker.end() == 0
    for kind in (CLAIMS, PROBLEMS, REPORTS, EVENTS):
        settings = {"index.gc_deletes": "0s"}
        served.pool.elastic.request("PUT", f"/{served.pool.elastic.name(kind)}/_settings", settings)
    return served


def source(served: Served, kind: str, id_: str) -> Any:
    return served.pool.elastic.mget(kind, [id_])[id_]


def put(served: Served, kind: str, id_: str, changed: Any) -> None:
    """Behind the application's back, under the version that stands."""
    elastic = served.pool.elastic
    assert source(served, kind, id_) != changed
    _, found = elastic.request("GET", f"/{elastic.name(kind)}/_doc/{id_}")
    params = {"refresh": "true", "version": found["_version"], "version_type": "external_gte"}
    if kind == EVENTS:
        params = {"refresh": "true"}
    elastic.request("PUT", f"/{elastic.name(kind)}/_doc/{id_}", changed, params=params)


def delete(served: Served, kind: str, id_: str) -> None:
    elastic = served.pool.elastic
    elastic.request("DELETE", f"/{elastic.name(kind)}/_doc/{id_}", params={"refresh": "true"})


def an_event(served: Served, least: int, version: int) -> tuple[str, int, str]:
    """(event id, sequence, place as verify names it) of a problem with at least so many events; version 0 = its last."""
    states = served.pool.store.problems(served.pool.store.state_ids())
    problem = min(state.id for state in states.values() if state.version >= least)
    number = version or states[problem].version
    (event,) = (e for e in served.pool.store.events_of(problem) if e.version == number)
    partition, offset = place_of(event.sequence)
    return f"{problem}-{number}", event.sequence, f"事件记录分区 {partition} 第 {offset} 条({problem} 第 {number} 版)"


def faults(served: Served) -> list[str]:
    return verify(served.pool, PAUSE).faults


def test_an_untouched_pool_passes_and_everything_was_looked_at(quiet: Served) -> None:
    found = verify(quiet.pool, PAUSE)
    assert found.faults == []
    states = quiet.pool.store.problems(quiet.pool.store.state_ids())
    assert found.aggregates == len(states)
    assert found.events == sum(state.version for state in states.values())
    assert found.compared > 2 * len(states)


def test_every_change_of_an_event_in_the_index_is_found(quiet: Served) -> None:
    id_, _, place = an_event(quiet, 3, 2)
    before = source(quiet, EVENTS, id_)
    put(quiet, EVENTS, id_, before | {"line": before["line"].replace('"actor":{"id":"', '"actor":{"id":"x', 1)})
    found = faults(quiet)
    assert f"{place}:索引里的内容与它不符" in found
    assert any("第 2 版事件与其哈希不符" in fault for fault in found)
    put(quiet, EVENTS, id_, before)
    assert faults(quiet) == []
    put(quiet, EVENTS, id_, before | {"sequence": before["sequence"] + (1 << 40)})
    assert any(id_.rpartition("-")[0] in fault for fault in faults(quiet))
    put(quiet, EVENTS, id_, before | {"sequence": before["sequence"] + (1 << 30)})
    assert any("末尾的事件记录被截去" in fault and id_.rpartition("-")[0] in fault for fault in faults(quiet))
    put(quiet, EVENTS, id_, before)
    assert faults(quiet) == []


@pytest.mark.parametrize("version", [1, 2, 0])
def test_an_event_removed_from_the_index_is_found_the_last_one_too(version: int, quiet: Served) -> None:
    id_, _, place = an_event(quiet, 3, version)
    delete(quiet, EVENTS, id_)
    found = faults(quiet)
    assert f"{place}:索引里没有" in found
    if version:  # the last one stands in the outbox of the document too, so the chain of the document ends well
        assert any(fault.startswith(id_.rpartition("-")[0]) for fault in found)


def test_an_event_that_the_topic_does_not_have_is_found(quiet: Served) -> None:
    id_, sequence, _ = an_event(quiet, 2, 0)
    problem, _, last = id_.rpartition("-")
    (event,) = (e for e in quiet.pool.store.events_of(problem) if e.version == int(last))
    line = event.line.replace(b'"version":%d' % event.version, b'"version":%d' % (event.version + 1), 1)
    quiet.pool.store.write_events([(problem, event.version + 1, line, sequence)])
    partition, offset = place_of(sequence)
    expected = f"索引里 {problem} 第 {event.version + 1} 版事件记在分区 {partition} 第 {offset} 条,事件记录的那个位置不是它"
    found = faults(quiet)
    assert expected in found or any(f"分区 {partition} 第 {offset} 条" in fault for fault in found)
    assert any(f"{problem} 第 {event.version + 1} 版" in fault for fault in found)


def test_a_line_that_stands_twice_in_the_topic_is_no_fault_another_one_is(quiet: Served) -> None:
    id_, sequence, _ = an_event(quiet, 2, 2)
    problem = id_.rpartition("-")[0]
    line = quiet.pool.store.events_of(problem)[1].line
    producer = KafkaProducer(bootstrap_servers=quiet.servers.kafka, acks="all")
    try:
        send = {"topic": quiet.servers.topic(Topic.EVENTS.value), "key": problem.encode(), "partition": place_of(sequence)[0]}
        producer.send(value=line, **send).get(30)
        assert faults(quiet) == []
        other = producer.send(value=line.replace(b'"at":"2', b'"at":"3', 1), **send).get(30)
        garbage = producer.send(value=b"no event", **send).get(30)
    finally:
        producer.close()
    found = faults(quiet)
    assert len(found) == 2
    assert f"第 {other.offset} 条({problem} 第 2 版):索引里的内容与它不符" in found[0] + found[1]
    assert f"第 {garbage.offset} 条({problem} 第 0 版):索引里没有" in found[0] + found[1]


def test_documents_changed_missing_or_made_up_are_found_and_mended(quiet: Served) -> None:
    store = quiet.pool.store
    problems, reports = sorted(store.state_ids()), sorted(store.report_ids())
    claims = [claim for claim in sorted(store.claim_ids()) if claim.startswith("r")]
    state, document, claim = (
        source(quiet, PROBLEMS, problems[0]),
        source(quiet, REPORTS, reports[0]),
        source(quiet, CLAIMS, claims[0]),
    )
    put(quiet, PROBLEMS, problems[0], state | {"doc": state["doc"] | {"category": "020101"}})
    put(quiet, REPORTS, reports[0], document | {"doc": document["doc"] | {"lead": "c-jiaoyu"}})
    put(quiet, CLAIMS, claims[0], claim | {"doc": claim["doc"] | {"revision": 9}})
    for kind, id_ in ((PROBLEMS, problems[1]), (REPORTS, reports[1]), (CLAIMS, claims[1])):
        delete(quiet, kind, id_)
    expected = {
        f"问题 {problems[0]} 的文档与事件记录不符,字段:category",
        f"来件 {reports[0]} 的文档与事件记录不符,字段:lead",
        f"登记 {claims[0]} 的文档与事件记录不符,字段:revision",
        f"问题 {problems[1]} 缺文档",
        f"来件 {reports[1]} 缺文档",
        f"登记 {claims[1]} 缺文档",
    }
    assert set(faults(quiet)) == expected
    books = store.problems([problems[0]])[problems[0]]
    found, repaired = reconcile(quiet.pool, repair=True, pause=PAUSE)
    assert (found.faults, repaired) == ([], 6)
    mended = store.problems([problems[0]])[problems[0]]
    assert (mended.write, mended.applied_to, mended.recent) == (books.write + 1, books.applied_to, books.recent)
    forged = document["doc"] | {"id": "r" + "0" * 32}
    elastic = quiet.pool.elastic
    elastic.request("PUT", f"/{elastic.name(REPORTS)}/_doc/{forged['id']}", document | {"id": forged["id"], "doc": forged})
    assert faults(quiet) == [f"来件 {forged['id']} 有文档而事件记录里没有"]


def test_a_state_ahead_of_the_log_by_its_outbox_is_no_fault(quiet: Served) -> None:
    """A worker died between the state and its events; the next one sends them."""
    worker = quiet.failing_at("kafka_casework_states", 1, Stage.INTAKE, Stage.CASEWORK)
    quiet.send(make_load(Channel.MESSAGE, 10, seed=4))
    wait_until(lambda: worker.process.poll() is not None, 60, "the worker dies")
    found = faults(quiet)
    assert not [fault for fault in found if fault.startswith(("问题", "登记"))]


def test_workers_may_write_while_it_compares_and_repairs(quiet: Served) -> None:
    victim = sorted(quiet.pool.store.report_ids())[0]
    quiet.work().wait_until_working()
    for seed in range(20, 26):
        quiet.send(make_load(Channel.MESSAGE, 40, seed=seed))
    before = source(quiet, REPORTS, victim)
    put(quiet, REPORTS, victim, before | {"doc": before["doc"] | {"lead": "c-jiaoyu"}})
    found = verify(quiet.pool, pause=2)
    assert [fault for fault in found.faults if victim not in fault] == []
    assert found.faults
    quiet.send(make_load(Channel.MESSAGE, 40, seed=30))
    found, repaired = reconcile(quiet.pool, repair=True, pause=2)
    assert (found.faults, repaired) == ([], 1)
    quiet.settle()
    assert faults(quiet) == []
