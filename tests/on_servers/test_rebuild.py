"""The pool made anew from the log of record, while workers work on it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from faults.load import Load, make_load
from faults.whole import dump
from kafka import KafkaProducer

from on_servers import rebuilding
from on_servers.scenario import SHORT
from on_servers.served import Served, wait_until
from pool.elastic.mapping import CLAIMS, EVENTS, KINDS, PROBLEMS, REBUILT, REPORTS, body_of
from pool.query import Query
from pool.scope import ALL
from schemas.commands import Actor
from schemas.errors import PoolDamaged
from schemas.problem import Problem
from schemas.words import Channel, Role, Topic
from streams.effects import Packed
from streams.erasing import erase_command
from streams.failpoints import FailPoint
from streams.kafka.rebuild import RebuildResult, rebuild
from streams.kafka.topics import PARTITIONS
from streams.kafka.verify import verify

CLERK = Actor(id="clerk-1", role=Role.SUPERVISOR)


@pytest.fixture
def loaded(served: Served) -> Served:
    """A pool with some hundred reports; no worker runs."""
    worker = served.work()
    served.send(make_load(Channel.HOTLINE, 90))
    served.send(make_load(Channel.GRID, 60))
    served.settle()
    assert worker.end() == 0
    return served


def made_anew(served: Served, seen: Callable[[int], None] = lambda _count: None) -> RebuildResult:
    return rebuild(served.servers, served.pack, served.folder, seen)


def documents(served: Served) -> dict[str, Any]:
    served.pool.elastic.refresh(*KINDS)
    return dump(served.pool)  # type: ignore[arg-type]


def indices(served: Served) -> dict[str, Any]:
    _, found = served.pool.elastic.request("GET", f"/{served.servers.prefix}-*/_settings")
    kinds = [served.pool.elastic.name(kind) for kind in REBUILT]
    return {name: index["settings"]["index"] for name, index in found.items() if name.rpartition("-")[0] in kinds}


def assert_right(served: Served) -> None:
    assert verify(served.pool, pause=0.5).faults == []
    assert all("blocks" not in settings for settings in indices(served).values())
    assert len(indices(served)) == len(REBUILT)


def some_report(served: Served) -> str:
    """One that can be found by its words."""
    ids = list(served.pool.store.report_ids())
    standing = [d.id for d in served.pool.store.report_documents(ids).values() if d.content is not None]
    return min(standing)


def destroy_key(served: Served, report: str) -> None:
    served.pool.vault.erase(report)


def ask_to_erase(served: Served, report: str) -> None:
    claim = served.pool.store.claims([report])[report]
    (slot, key, line) = Packed.of(erase_command(report, claim.problem, CLERK, datetime.now(UTC), served.pack.version))
    producer = KafkaProducer(bootstrap_servers=served.servers.kafka, acks="all")
    try:
        topic = served.servers.topic(Topic.COMMANDS.value)
        producer.send(topic, line, key=key.encode(), partition=slot % PARTITIONS).get(30)
    finally:
        producer.close()


def is_erased(served: Served, report: str) -> bool:
    document = served.pool.store.report_documents([report])[report]
    return document.erased and document.content is None


def assert_erased(served: Served, report: str, words: str) -> None:
    assert is_erased(served, report)
    assert served.pool.store.claims([report])[report].erased
    assert served.pool.vault.keys([report]) == {report: None}
    served.pool.elastic.refresh(REPORTS)
    assert report not in {hit.report.id for hit in served.pool.search.search(Query(text=words), ALL).hits}


def words_of(served: Served, report: str) -> str:
    content = served.pool.store.report_documents([report])[report].content
    assert content is not None
    return content.text


def test_a_quiet_pool_is_the_same_after_it(loaded: Served) -> None:
    before, names = documents(loaded), set(indices(loaded))
    found = made_anew(loaded)
    assert documents(loaded) == before
    assert not names & set(indices(loaded))
    assert found.aggregates == len(before["problems"])
    assert found.events == sum(problem["version"] for problem in before["problems"].values())
    assert found.refused == {}
    assert_right(loaded)


def test_bookkeeping_is_the_workers_own_after_it(loaded: Served) -> None:
    ids = list(loaded.pool.store.state_ids())
    before, claims = loaded.pool.store.problems(ids), loaded.pool.store.claims(loaded.pool.store.claim_ids())
    made_anew(loaded)
    assert loaded.pool.store.problems(ids) == before
    assert loaded.pool.store.claims(claims) == claims


def test_workers_write_and_erase_all_the_while(served: Served) -> None:
    print(rebuilding.under_writes_and_erasures(served, SHORT))


def test_emptied_indices_are_filled_again(loaded: Served) -> None:
    before = documents(loaded)
    for name in indices(loaded):
        loaded.pool.elastic.request("DELETE", f"/{name}")
    for kind in REBUILT:
        body = body_of(kind) | {"aliases": {loaded.pool.elastic.name(kind): {}}}
        loaded.pool.elastic.request("PUT", f"/{loaded.pool.elastic.name(kind)}-000001", body)
    made_anew(loaded)
    assert documents(loaded) == before
    assert_right(loaded)
    goes_on(loaded)


def test_indices_that_are_gone_are_made_again(loaded: Served) -> None:
    before = documents(loaded)
    for name in indices(loaded):
        loaded.pool.elastic.request("DELETE", f"/{name}")
    made_anew(loaded)
    assert documents(loaded) == before


def revised(revision: int) -> Load:
    """Reports that are there already, with other words."""
    rows = [orjson.loads(line) for line in make_load(Channel.HOTLINE, 90).lines if line.startswith(b'{"id":"h1')]
    newer = [row | {"revision": revision, "text": f"第 {number} 件,第 {revision} 次改"} for number, row in enumerate(rows[:40])]
    return Load(Channel.HOTLINE, [orjson.dumps(row) for row in newer])


def goes_on(served: Served) -> None:
    """A worker takes the partitions and works what comes, also on what is there already."""
    served.work()
    served.send(revised(50))
    served.send(make_load(Channel.MESSAGE, 20, seed=7))
    served.settle()
    assert_right(served)


def test_older_states_are_brought_up_to_the_log_and_what_a_worker_decided_on_them_loses(loaded: Served) -> None:
    store, elastic = loaded.pool.store, loaded.pool.elastic
    old = store.problems(store.state_ids())
    worker = loaded.work()
    loaded.send(revised(40))
    loaded.settle()
    assert worker.end() == 0
    before = documents(loaded)
    now = store.problems(old)
    behind = [problem for problem in old.values() if now[problem.id].version > problem.version]
    assert behind
    set_back(loaded, behind)
    assert len(verify(loaded.pool, pause=0.1).faults) >= len(behind)
    made_anew(loaded)
    assert documents(loaded) == before
    for problem in store.problems(old[p.id].id for p in behind).values():
        assert problem.write > old[problem.id].write
    assert elastic.mget(PROBLEMS, [behind[0].id])
    goes_on(loaded)


def set_back(served: Served, problems: list[Problem]) -> None:
    """As an old snapshot would have them."""
    elastic = served.pool.elastic
    elastic.request("PUT", f"/{elastic.name(PROBLEMS)}/_settings", {"index.gc_deletes": "0s"})
    for problem in problems:
        elastic.request("DELETE", f"/{elastic.name(PROBLEMS)}/_doc/{problem.id}", params={"refresh": "true"})
    wait_until(lambda: not served.pool.store.write_states(problems).lost, 10, "older states are written")


KILLED_AFTER = """
import os, signal, sys
from pathlib import Path
from city.pack import load_pack
from city.sample import sample_city
from streams.kafka import rebuild
from streams.kafka.settings import servers

step = getattr(rebuild, sys.argv[1])

def last(*given, **named):
    step(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(rebuild, sys.argv[1], last)
rebuild.rebuild(servers(), load_pack(sample_city()), Path(os.environ["WENTICHI_HOME"]))
"""


@pytest.mark.parametrize("step", ["new_index", "block_writes", "swap"])
def test_a_killed_rebuild_loses_nothing_and_the_next_one_clears_up(step: str, loaded: Served) -> None:
    before = documents(loaded)
    run = [sys.executable, "-c", KILLED_AFTER, step]
    killed = subprocess.run(run, env=os.environ | loaded.environment, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert documents(loaded) == before
    worker = loaded.work()
    worker.wait_until_working()
    load = make_load(Channel.MESSAGE, 5, seed=3)
    loaded.send(load)
    if step == "block_writes":
        wait_until(lambda: worker.said('"holding"'), 30, "the worker holds")
        assert documents(loaded) == before
    else:
        loaded.settle()
    made_anew(loaded)
    loaded.settle()
    assert set(load.reports) <= set(loaded.pool.store.report_ids())
    assert_right(loaded)


def test_a_broken_log_is_refused_and_the_pool_stays_as_it_is(loaded: Served) -> None:
    before, names = documents(loaded), set(indices(loaded))
    problem = next(loaded.pool.store.state_ids())
    line = loaded.pool.store.events_of(problem)[0].line
    producer = KafkaProducer(bootstrap_servers=loaded.servers.kafka, acks="all")
    try:
        forged = line.replace(b'"version":1', b'"version":99', 1)
        producer.send(loaded.servers.topic(Topic.EVENTS.value), forged, key=problem.encode(), partition=0).get(30)
    finally:
        producer.close()
    with pytest.raises(PoolDamaged, match=problem):
        made_anew(loaded)
    assert set(indices(loaded)) == names
    assert all("blocks" not in settings for settings in indices(loaded).values())
    assert documents(loaded) == before


def test_a_log_behind_the_documents_is_refused(loaded: Served) -> None:
    store = loaded.pool.store
    problem = store.problems([next(store.state_ids())]).popitem()[1]
    problem.version += 1
    problem.write += 1
    store.write_states([problem])
    with pytest.raises(PoolDamaged, match=f"超前.*{problem.id}"):
        made_anew(loaded)
    assert len(indices(loaded)) == len(REBUILT)


POINTS = (
    FailPoint.KAFKA_CASEWORK_CLAIMS,
    FailPoint.KAFKA_CASEWORK_STATES,
    FailPoint.KAFKA_CASEWORK_EVENTS,
    FailPoint.KAFKA_CASEWORK_COMMANDS,
)


@pytest.mark.parametrize("point", POINTS)
def test_what_a_dead_worker_had_half_done_is_brought_over(point: FailPoint, loaded: Served) -> None:
    """The state is ahead of the log; or the claim of the state."""
    report = some_report(loaded)
    text = words_of(loaded, report)
    worker = loaded.failing_at(point.value, 1)
    worker.wait_until_working()
    loads = [make_load(Channel.MESSAGE, 30, seed=9)]
    destroy_key(loaded, report)
    ask_to_erase(loaded, report)
    loaded.send(loads[0])
    wait_until(lambda: worker.process.poll() is not None, 60, f"dies at {point.value}")
    made_anew(loaded)
    loaded.work()
    loaded.settle()
    assert_erased(loaded, report, text)
    assert set(loads[0].reports) <= set(loaded.pool.store.report_ids())
    assert_right(loaded)


def test_the_log_itself_is_made_anew_too(loaded: Served) -> None:
    elastic = loaded.pool.elastic
    problem = next(loaded.pool.store.state_ids())
    elastic.request("DELETE", f"/{elastic.name(EVENTS)}/_doc/{problem}-1", params={"refresh": "true"})
    claim = next(loaded.pool.store.claim_ids())
    elastic.request("DELETE", f"/{elastic.name(CLAIMS)}/_doc/{claim}", params={"refresh": "true"})
    assert verify(loaded.pool, pause=0.1).faults
    made_anew(loaded)
    assert_right(loaded)
