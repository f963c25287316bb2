"""A pool that does not fit the log: an old snapshot came back, or the log was made anew."""

import time
from typing import Any

import orjson
from faults.load import Load, make_load
from faults.whole import dump
from kafka import KafkaAdminClient

from on_servers.replay import read_topic
from on_servers.scenario import Figures, Scale, load_of, message, remake
from on_servers.served import Served, wait_until
from on_servers.supervised import Supervised
from pool.elastic.mapping import CLAIMS, PROBLEMS, REPORTS
from pool.elastic.transport import Elastic
from schemas.identity import report_id
from schemas.words import Channel, Stage, Topic
from streams.kafka.topics import plan
from streams.operations.holds import OBSTACLE_SENTENCES, Obstacle

KINDS = (PROBLEMS, REPORTS, CLAIMS)
Copies = dict[str, list[tuple[str, int, dict[str, Any]]]]
REFUSED_FOR = 4.0
"""Seconds in which a worker that refuses must not have decided anything."""


def old_one_restored(served: Served, scale: Scale) -> Figures:
    """The worker refuses with the obstacle named and decides nothing; after a rebuild it goes on by itself."""
    loads = [make_load(Channel.MESSAGE, scale.count(60)), make_load(Channel.GRID, scale.count(60))]
    _worked(served, loads[0], scale)
    kept = copies(served)
    _worked(served, loads[1], scale)
    _restore(served, kept)
    loads.append(_late())
    served.send(loads[2])
    others = served.work(Stage.INTAKE, Stage.PUBLISH)
    worker = Supervised(served, Stage.CASEWORK)
    _refuses(served, worker, Obstacle.POOL_BEHIND_LOG)
    assert dump(served.pool)["problems"].keys() == {id_ for id_, *_ in kept[PROBLEMS]}
    began = time.monotonic()
    said = served.command("pool", "rebuild", "--json")
    assert said.returncode == 0, said.stderr
    rebuilt = time.monotonic() - began
    seconds = served.settle(scale.patience)
    assert worker.statuses == []
    assert worker.is_ready()
    served.assert_whole(loads)
    assert (worker.end(), others.end()) == (0, 0)
    figures = {"rebuild_seconds": rebuilt, "went_on_seconds": seconds}
    return figures | {"reports": sum(len(load.reports) for load in loads)}


def log_made_anew(served: Served, scale: Scale) -> Figures:
    """The pool is ahead of the log: the worker refuses, and a rebuild would be the wrong remedy."""
    _worked(served, make_load(Channel.MESSAGE, scale.count(60)), scale)
    topic = served.servers.topic(Topic.EVENTS.value)
    admin = KafkaAdminClient(bootstrap_servers=served.servers.kafka)
    try:
        admin.delete_topics([topic])
        wait_until(lambda: topic not in admin.list_topics(), 30, "events is deleted")
    finally:
        admin.close()
    served.topics.create(plan(served.pack))
    served.send(_late())
    intake, worker = served.work(Stage.INTAKE), Supervised(served, Stage.CASEWORK)
    before = dump(served.pool)["problems"]
    _refuses(served, worker, Obstacle.POOL_AHEAD_OF_LOG)
    assert dump(served.pool)["problems"] == before
    assert read_topic(served.pool, Topic.EVENTS.value) == []
    said = served.command("pool", "rebuild", "--json")
    assert said.returncode == 2, said.stdout
    assert "超前" in said.stderr
    assert dump(served.pool)["problems"] == before
    assert (intake.end(), worker.end()) == (0, 0)
    return {"problems": len(before)}


def _worked(served: Served, load: Load, scale: Scale) -> None:
    worker = served.work()
    served.send(load)
    served.settle(scale.patience)
    assert worker.end() == 0


def _late() -> Load:
    rows = [message(f"late-{number}", f"江畔人家{number}栋的第{number}号新意见") for number in range(5)]
    load = load_of(rows)
    load.reports = {report_id("push/message", row["id"]): row["text"] for row in rows}
    return load


def _refuses(served: Served, worker: Supervised, obstacle: Obstacle) -> None:
    """It says so in its log and to whoever asks whether it is ready; commands wait, and it stays alive."""
    wait_until(lambda: _unobstructed(worker) == OBSTACLE_SENTENCES[obstacle], 90, f"{obstacle} is refused")
    waiting, until = served.waiting()[Stage.CASEWORK], time.monotonic() + REFUSED_FOR
    assert waiting > 0
    while time.monotonic() < until:
        assert _unobstructed(worker) == OBSTACLE_SENTENCES[obstacle]
        assert served.waiting()[Stage.CASEWORK] == waiting
    assert worker.asked("/ready")[0] == 503
    assert worker.is_live()
    assert worker.said('"holding"'), worker.log.read_text("utf-8", "replace")[-2000:]


def _unobstructed(worker: Supervised) -> str:
    """Why it is obstructed; empty when it is not, or does not answer yet."""
    _, text = worker.asked("/ready")
    return str(orjson.loads(text)["conditions"]["unobstructed"]["why"]) if text else ""


def copies(served: Served) -> Copies:
    """Id, version and source of every document."""
    return {kind: _all(served.pool.elastic, kind) for kind in KINDS}


def _all(elastic: Elastic, kind: str) -> list[tuple[str, int, dict[str, Any]]]:
    elastic.refresh(kind)
    body: dict[str, Any] = {"size": 1000, "version": True, "sort": ["id"], "query": {"match_all": {}}}
    found: list[tuple[str, int, dict[str, Any]]] = []
    while hits := elastic.search(kind, body)["hits"]["hits"]:
        found += [(hit["_id"], hit["_version"], hit["_source"]) for hit in hits]
        body["search_after"] = hits[-1]["sort"]
    return found


def _restore(served: Served, copies: Copies) -> None:
    """As a snapshot comes back: an index with these documents under their versions, nothing else of it."""
    elastic = served.pool.elastic
    for kind, documents in copies.items():
        remake(served, kind)
        operations = []
        for id_, version, source in documents:
            head = {"_index": elastic.name(kind), "_id": id_, "version": version, "version_type": "external"}
            operations.append((orjson.dumps({"index": head}), orjson.dumps(source)))
        assert all(item.done for item in elastic.bulk(operations))
        elastic.refresh(kind)
