"""casework on Kafka when a report comes again: nothing changes, and nothing that a lost batch had decided stays lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from faults.whole import opened, sample_pack

from console.push_rows import row_of
from pool.ports import Reader, Writes
from pool.sqlite.store import SqliteReader
from schemas.aggregate import RECENT_LIMIT
from schemas.commands import COMMAND, Actor, AddReport, Assign, Command, Unmerge
from schemas.problem import Problem
from schemas.words import Channel, Mode, Role, Topic, intake_topic
from streams.effects import Effects, LogRecord, Packed
from streams.local.home import Home, transaction
from streams.stages.casework import CaseworkStage
from streams.stages.intake import intake_stage

NOW = datetime(2025, 3, 1, tzinfo=UTC)
CLERK = Actor(id="clerk-1", role=Role.CLERK)


class Slot:
    """One slot's worker on a pool of its own; `crash` loses everything of a batch behind its states."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.reader: Reader = SqliteReader(home.store, home.vault)
        self.stage = CaseworkStage(sample_pack(), outbox=True)
        self.intake = intake_stage(sample_pack(), home.vault.keyed_hash)

    def asked(self, number: str, text: str, offset: int = 0, **more: Any) -> AddReport:
        """What intake makes of a report of always the same caller."""
        command = self.taken(Channel.MESSAGE, offset, id=number, title=text[:8], text=text, user="用户甲", **more)
        assert isinstance(command, AddReport)
        return command

    def seen(self, offset: int, text: str, **more: Any) -> Command:
        row = {"id": "a", "device": "99010200001320000009", "alarm_class": "垃圾满溢", "score": 0.9, "text": text}
        return self.taken(Channel.CAMERA, offset, **(row | more))

    def taken(self, channel: Channel, offset: int, **row: Any) -> Command:
        row = {"time": "2025-03-01T08:00:00+08:00", **row}
        key, value = row_of(orjson.dumps(row), channel, f"push/{channel.value}", Mode.LIVE)
        record = LogRecord(intake_topic(channel).value, 0, offset, key, value, NOW)
        effects = self.intake.handle([record], self.reader)
        self.home.vault.write(effects.keys, effects.contacts)
        (command,) = effects.commands
        return command

    def work(self, *batch: tuple[int, Command], crash: bool = False) -> Effects:
        """(offset, command)"""
        records = [LogRecord(Topic.COMMANDS.value, 0, offset, None, Packed.of(command).line, NOW) for offset, command in batch]
        effects = self.stage.handle(records, self.reader)
        writes = effects.writes
        with transaction(self.home.connection):
            self.home.store.write(Writes(claims=writes.claims, states=writes.states) if crash else writes)
        return effects

    def problem(self) -> Problem:
        (problem,) = self.home.store.problems(self.home.store.state_ids()).values()
        return problem


@pytest.fixture
def slot(tmp_path: Path) -> Iterator[Slot]:
    with opened(tmp_path) as home:
        yield Slot(home)


def about(problem: Problem) -> dict[str, Any]:
    return {"slot": problem.slot, "at": NOW, "actor": CLERK, "problem": problem.id}


def test_a_report_that_comes_again_changes_no_document(slot: Slot) -> None:
    first, second = slot.asked("1", "望江花园3栋停水,一整天没有水"), slot.asked("2", "望江花园3栋停水,一整天没有水")
    slot.work((0, first))
    slot.work((1, second))
    assert slot.problem().version > 1
    assert len(slot.problem().members) == 2
    again = slot.work((2, first), (3, second))
    assert again.writes.reports == again.writes.states == again.writes.claims == again.writes.events == []
    assert {outcome.code for outcome in again.writes.outcomes} == {"known"}


def test_an_older_correction_that_comes_again_beside_a_newer_one_does_not_bring_its_words_back(slot: Slot) -> None:
    slot.work((0, slot.asked("1", "望江花园3栋停水,一整天没有水")))
    (older,) = slot.work((1, slot.asked("1", "望江花园3栋停水,两天没有水", 1))).packed
    (newer,) = slot.work((2, slot.asked("1", "望江花园3栋停水,三天没有水", 2))).packed
    batch = [COMMAND.validate_json(one.line) for one in (older, newer, older)]
    slot.work(*enumerate(batch, 3))
    (document,) = slot.home.store.report_documents(slot.home.store.report_ids()).values()
    assert document.content is not None
    assert document.content.text == "望江花园3栋停水,三天没有水"


def test_a_document_that_the_store_had_refused_comes_with_the_report(slot: Slot) -> None:
    command = slot.asked("1", "望江花园3栋停水,一整天没有水")
    slot.work((0, command), crash=True)
    again = slot.work((1, command))
    assert [document.id for document in again.writes.reports] == [command.record.report]
    assert slot.work((2, command)).writes.reports == []


def test_what_a_lost_batch_had_decided_goes_out_again_also_behind_a_report_that_came_again(slot: Slot) -> None:
    command = slot.asked("1", "望江花园3栋停水,一整天没有水")
    slot.work((0, command))
    problem = slot.problem()
    slot.work(*((n, Unmerge(id=f"unmerge-{n}", **about(problem))) for n in range(1, RECENT_LIMIT + 2)))
    batch = (100, command), (101, Assign(id="assign-1", lead="yunxi-shuiwu", **about(problem)))
    lost = slot.work(*batch, crash=True)
    assert lost.writes.events
    assert slot.work(*batch).writes.events == lost.writes.events


def test_an_alarm_that_was_overtaken_by_its_correction_is_no_news_when_it_comes_again(slot: Slot) -> None:
    first, correction = slot.seen(0, "望江花园3栋垃圾满溢"), slot.seen(1, "望江花园5栋垃圾满溢", revision=3)
    asked, ahead = slot.work((0, first), (1, correction)).packed
    slot.work((2, COMMAND.validate_json(ahead.line)))
    (overtaken,) = slot.work((3, COMMAND.validate_json(asked.line))).packed
    assert codes(slot.work((4, COMMAND.validate_json(overtaken.line)))) == ["superseded"]
    assert slot.work((5, slot.seen(2, "望江花园3栋垃圾满溢"))).packed == []
    slot.work(*((6 + n, slot.seen(3 + n, "望江花园3栋垃圾满溢", id=f"further-{n}")) for n in range(RECENT_LIMIT)))
    slot.work((99, slot.seen(99, "望江花园3栋垃圾满溢", id="one more batch")))
    (again,) = slot.work((100, slot.seen(100, "望江花园3栋垃圾满溢"))).packed
    (asked_again,) = slot.work((101, COMMAND.validate_json(again.line))).packed
    assert codes(slot.work((102, COMMAND.validate_json(asked_again.line)))) == ["superseded"]
    (problem,) = (state for state in slot.home.store.states(slot.home.store.state_ids()).values() if isinstance(state, Problem))
    assert problem.members[0].revision == 3


def test_a_lost_batch_on_a_camera_goes_out_again_also_when_the_report_is_in_the_pool_by_now(slot: Slot) -> None:
    seen = slot.seen(0, "望江花园3栋垃圾满溢")
    lost = slot.work((0, seen), crash=True)
    (asked,) = lost.packed
    slot.work((1, COMMAND.validate_json(asked.line)))
    again = slot.work((0, seen))
    assert again.writes.events == lost.writes.events != []
    assert again.packed == lost.packed


def codes(effects: Effects) -> list[str]:
    return [outcome.code for outcome in effects.writes.outcomes]
