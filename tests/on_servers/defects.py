"""Stages with a bug: on one record, and on all."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
from faults.load import make_load
from faults.whole import letters_of, problems_of

from on_servers.replay import read_topic
from on_servers.scenario import Figures, Scale, load_of, message, settle_intake, without_bad_lines
from on_servers.served import Served, Worker, wait_until
from schemas.identity import report_id
from schemas.words import Channel, DeadLetterKind, Stage, Topic
from streams.careful import DEFECTS_IN_A_ROW

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
    """intake and casework each fail on one record: that one is a dead letter of kind `defect`, all others go through; a
    healthy release takes it from there."""
    loads = [without_bad_lines(make_load(channel, scale.count(60))) for channel in (Channel.MESSAGE, Channel.GRID)]
    row = message("bug", f"{MARK}门口的石墩歪了")
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
    said_by_casework = next(iter(bug.reports))
    worker = WithBug(served, Stage.CASEWORK, said_by_casework, *Stage)
    _replay(served)
    served.settle(scale.patience)
    (letter,) = letters_of(served.pool)
    assert (letter.kind, letter.stage) == (DeadLetterKind.DEFECT, Stage.CASEWORK.value)
    served.assert_whole(loads, other_letters=1, equal=False)  # the embedded replay has no bug
    assert worker.end() == 0
    worker = served.work()
    _replay(served)
    served.settle(scale.patience)
    served.assert_whole([*loads, bug], equal=False)
    assert worker.end() == 0
    return {"reports": sum(len(load.reports) for load in loads) + 1, "dead_letters": 2}


def every_record(served: Served, scale: Scale) -> Figures:
    """A stage that fails on everything stops with status 1, whichever it is; healthy again it goes on, and what it had put
    aside until it was sure comes with a replay."""
    load = without_bad_lines(make_load(Channel.MESSAGE, scale.count(100)))
    served.send(load)
    aside = {}
    for stage in (Stage.INTAKE, Stage.CASEWORK):
        worker = WithBug(served, stage, "", stage)
        wait_until(lambda worker=worker: worker.process.poll() is not None, 90, f"{stage} stops")
        assert worker.process.returncode == 1, worker.log.read_text("utf-8", "replace")[-2000:]
        assert worker.said("连续") or worker.said("最近"), worker.log.read_text("utf-8", "replace")[-2000:]
        letters = letters_of(served.pool)
        assert {letter.kind for letter in letters} <= {DeadLetterKind.DEFECT}
        aside[stage.value] = len(letters)
        assert len(letters) < DEFECTS_IN_A_ROW
        if stage is Stage.INTAKE:
            assert read_topic(served.pool, Topic.COMMANDS.value) == []
            healthy = served.work(stage)
            settle_intake(served, scale.patience)
            assert healthy.end() == 0
        else:
            assert problems_of(served.pool) == {}
    worker = served.work()
    served.settle(scale.patience)
    if letters_of(served.pool):
        _replay(served)
        served.settle(scale.patience)
    assert letters_of(served.pool) == []
    served.assert_whole([load], equal=False)
    assert worker.end() == 0
    return {"reports": len(load.reports), "put_aside": aside}


def _replay(served: Served) -> None:
    said = served.command("dead-letters", "replay", "--all", "--json")
    assert said.returncode == 0, said.stderr
    assert orjson.loads(said.stdout)["replayed"]
