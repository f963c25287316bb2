"""What the client sends is what intake takes; what it can see to be wrong it refuses before it is sent."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import generate
from schemas.cloudevent import MAX_BYTES, parse
from schemas.identity import report_id
from schemas.words import Channel, Mode
from wentichi import BadReport, Report, TooLarge
from wentichi.report import CHANNELS, report_number

CHINESE = re.compile(r"[一-鿿]")


def report(**changes: Any) -> Report:
    return Report(**{"channel": "message", "source": "city-app", "id": "1", "data": {"text": "路灯不亮"}} | changes)


def refused(**changes: Any) -> str:
    with pytest.raises(BadReport) as caught:
        report(**changes).encode()
    assert CHINESE.search(str(caught.value))
    return str(caught.value)


def test_the_client_knows_every_channel() -> None:
    assert set(CHANNELS) == {channel.value for channel in Channel}


@pytest.mark.parametrize("channel", Channel)
def test_intake_takes_what_is_sent_as_it_was_meant(channel: Channel) -> None:
    example = json.loads((Path(generate.__file__).parent / "examples" / f"{channel.value}.json").read_text(encoding="utf-8"))
    moment = datetime(2026, 5, 6, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    raw = Report(channel.value, example["source"], example["id"], example["data"], moment).encode()
    envelope, data = parse(raw, channel)
    assert (envelope.source, envelope.id, envelope.time, envelope.poolmode) == (
        example["source"],
        example["id"],
        moment,
        Mode.LIVE,
    )
    assert json.loads(raw)["data"] == example["data"]
    assert data.model_fields_set <= example["data"].keys()


def test_history_says_so() -> None:
    assert parse(report(history=True).encode(), Channel.MESSAGE)[0].poolmode is Mode.HISTORY


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_the_number_of_a_report_is_the_pools(source: str, source_id: str) -> None:
    assert report_number(source, source_id) == report_id(source, source_id)


def test_what_the_client_takes_as_a_name_the_pool_does_not_change() -> None:
    envelope, _ = parse(report(source="市民 App", id="甲/1").encode(), Channel.MESSAGE)
    assert report_id(envelope.source, envelope.id) == report(source="市民 App", id="甲/1").number


@pytest.mark.parametrize("field", ["source", "id"])
@pytest.mark.parametrize("value", ["", " ", " a", "a\n", "x" * 201, 7, None, b"a"])
def test_a_source_or_id_that_the_pool_would_change_or_refuse_is_refused(field: str, value: object) -> None:
    assert f"来件的 {field}" in refused(**{field: value})


@pytest.mark.parametrize("channel", ["", "letter", "Message", None])
def test_an_unknown_channel_is_refused_with_the_known_ones(channel: object) -> None:
    assert "hotline、message、grid、camera" in refused(channel=channel)


@pytest.mark.parametrize("data", ["text", ["text"], None, b"{}"])
def test_data_are_a_dict(data: object) -> None:
    assert "须为 dict" in refused(data=data)


@pytest.mark.parametrize("value", [datetime(2026, 5, 6, tzinfo=UTC), b"x", float("nan"), {1, 2}, object()])
def test_data_that_are_no_json_are_refused(value: object) -> None:
    assert "JSON" in refused(data={"text": value})


def test_data_that_hold_themselves_are_refused() -> None:
    data: dict[str, Any] = {}
    data["text"] = data
    assert "JSON" in refused(data=data)


def test_half_a_character_is_refused() -> None:
    assert "代理对" in refused(data={"text": "\ud83d"})
    assert "代理对" in refused(source="\ud83d")


def test_a_time_without_a_zone_is_refused_and_one_with_a_zone_is_kept() -> None:
    assert "没有时区" in refused(time=datetime(2026, 5, 6, 9, 0))  # noqa: DTZ001
    assert "须为 datetime" in refused(time="2026-05-06T09:00:00+08:00")
    assert json.loads(report(time=datetime(2026, 5, 6, 9, 0, tzinfo=UTC)).encode())["time"] == "2026-05-06T09:00:00+00:00"


def test_a_report_of_one_mebibyte_passes_and_one_byte_more_does_not() -> None:
    room = MAX_BYTES - len(report(data={"text": ""}).encode())
    assert len(report(data={"text": "x" * room}).encode()) == MAX_BYTES
    with pytest.raises(TooLarge, match=f"共 {MAX_BYTES + 1} 字节"):
        report(data={"text": "x" * (room + 1)}).encode()
