"""Intake works what the client sends and what another producer sends, in both modes, and loses nothing of what it cannot read."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent

from city.pack import load_pack
from city.sample import sample_city
from schemas.commands import AddReport
from schemas.documents import DeadLetter
from schemas.identity import report_id
from schemas.words import Mode
from streams.dead_letters import content_of, key_name
from streams.effects import Effects, LogRecord
from streams.stages.intake import IntakeStage, intake_stage
from wentichi import Report
from wentichi.report import HEADERS

AT = datetime(2026, 5, 6, 2, tzinfo=UTC)
DATA = {"text": "望江路菜场后门的路灯三天不亮。", "address": "云溪区望江路", "time": "2026-05-06T09:00:00+08:00"}


def nothing(_ids: Iterable[str]) -> dict[str, Any]:
    return {}


READER: Any = SimpleNamespace(keys=nothing, callers=nothing)


@pytest.fixture(scope="module")
def stage() -> IntakeStage:
    return intake_stage(load_pack(sample_city()), lambda kind, value: f"{kind}:{value}")


def record(value: bytes | None, headers: Iterable[tuple[str, bytes]] = ()) -> LogRecord:
    return LogRecord("intake.message", 0, 7, None, value, AT, tuple(headers))


def theirs(**attributes: str) -> CloudEvent:
    base = {"id": "A-1", "source": "city-app", "type": "wentichi.report.message.v1", "datacontenttype": "application/json"}
    return CloudEvent(attributes=base | attributes, data=DATA)


def binary(**attributes: str) -> LogRecord:
    message = kafka.to_binary_event(theirs(**attributes))
    return record(message.value, message.headers.items())


def whole(**attributes: str) -> LogRecord:
    message = kafka.to_structured_event(theirs(**attributes))
    return record(message.value, message.headers.items())


def command(effects: Effects) -> AddReport:
    assert effects.writes.dead_letters == []
    (made,) = effects.commands
    assert isinstance(made, AddReport)
    return made


def letter(effects: Effects) -> tuple[DeadLetter, bytes]:
    assert effects.commands == []
    (buried,) = effects.writes.dead_letters
    return buried, content_of(buried, effects.keys[key_name(buried.id)])


def test_the_same_report_by_client_binary_and_structured_is_one_command(stage: IntakeStage) -> None:
    ours = record(Report("message", "city-app", "A-1", DATA).encode(), HEADERS)
    made = [command(stage.handle([one], READER)) for one in (ours, binary(), whole())]
    assert len({one.id for one in made}) == 1, "a redelivery in another mode is a redelivery"
    assert {one.record.report for one in made} == {report_id("city-app", "A-1")}


def test_attributes_in_headers_count(stage: IntakeStage) -> None:
    assert command(stage.handle([binary(poolmode="history")], READER)).record.mode is Mode.HISTORY
    assert command(stage.handle([binary()], READER)).record.mode is Mode.LIVE


def test_a_bad_report_in_binary_mode_is_buried_whole_so_that_it_can_be_sent_again(stage: IntakeStage) -> None:
    buried, content = letter(stage.handle([binary(type="wentichi.report.grid.v1")], READER))
    assert buried.field == "type"
    event = json.loads(content)
    assert (event["id"], event["source"], event["data"]) == ("A-1", "city-app", DATA)
    mended = json.dumps(event | {"type": "wentichi.report.message.v1"}).encode()
    assert command(stage.handle([record(mended)], READER)).id == command(stage.handle([binary()], READER)).id


def test_a_record_whose_headers_cannot_be_read_is_buried_with_them(stage: IntakeStage) -> None:
    spoilt = binary()
    spoilt = replace(spoilt, headers=(*spoilt.headers, ("ce_subject", b"\xff")))
    buried, content = letter(stage.handle([spoilt], READER))
    assert buried.field == "ce_subject"
    kept = json.loads(content)
    assert ["ce_id", "A-1"] in kept["headers"]
    assert json.loads(kept["value"]) == DATA


def test_one_bad_record_does_not_hold_up_the_others(stage: IntakeStage) -> None:
    effects = stage.handle([binary(), replace(binary(type="x"), offset=8), replace(whole(id="A-2"), offset=9)], READER)
    assert len(effects.commands) == 2
    assert [one.offset for one in effects.writes.dead_letters] == [8]
