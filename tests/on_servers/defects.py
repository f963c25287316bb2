"""Stages with a bug: on one record, and on all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from faults.load import make_load
from faults.whole import letters_of, opened_letters, problems_of

from on_servers.replay import read_topic
from on_servers.scenario import Figures, Scale, load_of, message, settle_intake, without_bad_lines
from on_servers.served import Served, Worker, wait_until
from on_servers.whole import newest_views
from schemas.identity import report_id
from schemas.words import Channel, DeadLetterKind, Stage, Topic
from streams.careful import DEFECTS_IN_A_ROW
from streams.kafka.remote_broker import Broker

MARK = "丙午"


class WithBug(Worker):
    """A worker of a release with a bug; see on_servers.with_bug."""

    def __init__(self, served: Served, stage: Stage, mark: str, *stages: Stage) -> None:
        self.stages = stages
        self.log = served.folder / f"worker-{len(served.workers)}.log"
        paths = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parents[2])])
        command = [sys.executable, "-m", "on_servers.with_bug", stage.value, mark, *(one.value for one in stages)]
        with self.log.open("wb") as log:
            env = os.environ | served.environment | {"PYTHONPATH": paths}
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        served.workers.append(self)


def one_record(served: Served, scale: Scale) -> Figures:
    """intake, casework and publish each fail on one report: what they fail on is a dead letter of kind `defect`, all others go
    through; a healthy release takes it from there."""
    loads = [without_bad_lines(make_load(channel, scale.count(60))) for channel in (Channel.MESSAGE, Channel.GRID)]
    row = message("bug", f"梧桐苑{MARK}号楼停水了,水龙头一滴水都不出")
    bug = load_of([row])
    bug.reports = {report_id("push/message", "bug"): row["text"]}
    served.send(loads[0])
    served.send(bug)
    served.send(loads[1])
    worker = WithBug(served, Stage.INTAKE, MARK, *Stage)
    served.settle(scale.patience)
    (letter,) = letters_of(served.pool)
    assert (letter.kind, letter.stage) == (DeadLetterKind.DEFECT, Stage.INTAKE.value)
    assert worker.end() == 0
    (report,) = bug.reports
    worker = WithBug(served, Stage.CASEWORK, report, *Stage)
    _replay(served)
    served.settle(scale.patience)
    (letter,) = letters_of(served.pool)
    assert (letter.kind, letter.stage) == (DeadLetterKind.DEFECT, Stage.CASEWORK.value)
    served.assert_whole(loads, other_letters=1, equal=False)  # the embedded replay has no bug
    assert worker.end() == 0
    worker = WithBug(served, Stage.PUBLISH, report, *Stage)
    _replay(served)
    served.settle(scale.patience)
    letters = _not_published(served, report)
    assert worker.end() == 0
    events = read_topic(served.pool, Topic.EVENTS.value)
    assert {result["became"] for result in _replay(served)} == {"published"}, "which needs no worker"
    assert read_topic(served.pool, Topic.EVENTS.value) == events
    served.settle(scale.patience)
    served.assert_whole([*loads, bug], equal=False)
    return {"reports": sum(len(load.reports) for load in loads) + 1, "dead_letters": 2 + letters}


def _not_published(served: Served, report: str) -> int:
    """The units see every problem but that of the report, whose dead letters hold its events; how many there are."""
    (document,) = served.pool.store.report_documents([report]).values()
    problems = problems_of(served.pool)
    assert problems[document.problem].lead
    expected = {(part.unit, p.id): p.version for p in problems.values() for part in p.assignments if p.id != document.problem}
    assert {place: view["version"] for place, view in newest_views(served).items()} == expected
    letters = letters_of(served.pool)
    assert {(letter.kind, letter.stage, letter.key) for letter in letters} == {
        (DeadLetterKind.DEFECT, Stage.PUBLISH.value, document.problem)
    }
    assert {*opened_letters(served.pool)} <= {event.line for event in served.pool.store.events_of(document.problem)}
    return len(letters)


def every_record(served: Served, scale: Scale) -> Figures:
    """A stage that fails on everything stops with status 1, whichever it is; healthy again it goes on, and what it had put
    aside until it was sure comes with a replay."""
    load = without_bad_lines(make_load(Channel.MESSAGE, scale.count(100)))
    served.send(load)
    aside = {}
    for stage in (Stage.INTAKE, Stage.CASEWORK, Stage.PUBLISH):
        worker = WithBug(served, stage, "", stage)
        wait_until(lambda worker=worker: worker.process.poll() is not None, 90, f"{stage} stops")
        assert worker.process.returncode == 1, worker.log.read_text("utf-8", "replace")[-2000:]
        assert worker.said("连续") or worker.said("最近"), worker.log.read_text("utf-8", "replace")[-2000:]
        letters = letters_of(served.pool)
        assert {letter.kind for letter in letters} <= {DeadLetterKind.DEFECT}
        aside[stage.value] = sum(letter.stage == stage for letter in letters)
        assert aside[stage.value] < DEFECTS_IN_A_ROW
        if stage is Stage.INTAKE:
            assert read_topic(served.pool, Topic.COMMANDS.value) == []
            with _healthy(served, stage):
                settle_intake(served, scale.patience)
        elif stage is Stage.CASEWORK:
            assert problems_of(served.pool) == {}
            with _healthy(served, stage), closing(Broker(served.servers)) as broker:
                wait_until(broker.reached(stage, Topic.COMMANDS.value), scale.patience, "commands are worked")
        else:
            assert newest_views(served) == {}
    worker = served.work()
    served.settle(scale.patience)
    if letters_of(served.pool):
        _replay(served)
        served.settle(scale.patience)
    assert letters_of(served.pool) == []
    served.assert_whole([load], equal=False)
    assert worker.end() == 0
    return {"reports": len(load.reports), "put_aside": aside}


@contextmanager
def _healthy(served: Served, stage: Stage) -> Iterator[None]:
    worker = served.work(stage)
    yield
    assert worker.end() == 0


def _replay(served: Served) -> list[dict[str, Any]]:
    """What became of each dead letter."""
    said = served.command("dead-letters", "replay", "--all", "--json")
    assert said.returncode == 0, said.stderr
    replayed: list[dict[str, Any]] = orjson.loads(said.stdout)["replayed"]
    assert replayed
    return replayed
