"""A report comes out clean, or is refused with field, rule and remedy; nothing else happens, whatever comes in."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe
from typing import Any

import orjson
import pytest
from bare import NoFindings, keyed_hash
from hypothesis import given, settings
from hypothesis import strategies as st

from city.pack import CityPack
from city.records import Figure
from intake.clean import CleanReport, Intake
from schemas.errors import ContractError
from schemas.identity import report_id
from schemas.words import Channel, Mode

NOW = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
Write = Callable[..., bytes]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
fields = (
    "title",
    "text",
    "time",
    "address",
    "location",
    "grid",
    "category",
    "caller",
    "secret",
    "revision",
    "attachments",
    "urges",
    "x",
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(Channel), st.dictionaries(st.sampled_from(fields), json_values, max_size=6), json_values)
def test_any_data_gives_a_clean_report_or_a_contract_error(intake: Intake, channel: Channel, data: Any, other: Any) -> None:
    head = {"specversion": "1.0", "id": "1", "source": "x", "type": f"wentichi.report.{channel.value}.v1"}
    for value in ({**head, "data": {"text": "灯坏了", **data}}, {**head, "data": data, "more": other}, other):
        raw = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS) if _fits(value) else b"{}"
        with suppress(ContractError):
            assert isinstance(intake.clean(raw, channel, NOW), CleanReport)


def _fits(value: Any) -> bool:
    try:
        orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return False
    return True


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_contract_error(intake: Intake, raw: bytes) -> None:
    with pytest.raises(ContractError):
        intake.clean(raw, Channel.HOTLINE, NOW)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a":1', "JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "JSON"),
        (b'{"specversion":"1.0","id":"1","source":"x","type":"wentichi.report.hotline.v1","data":{"text":"a","n":NaN}}', "JSON"),
        (
            b'{"specversion":"1.0","id":"1","source":"x","type":"wentichi.report.hotline.v1","data":{"text":"a","n":1e400}}',
            "JSON",
        ),
        (
            b'{"specversion":"1.0","id":"1","source":"x","type":"wentichi.report.hotline.v1","data":{"text":"a","text":"b"}}',
            "重复的键",
        ),
    ],
)
def test_what_is_no_sound_json_is_refused(intake: Intake, raw: bytes, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        intake.clean(raw, Channel.HOTLINE, NOW)


def test_deep_nesting_is_refused_and_no_recursion_error(intake: Intake, report: Write) -> None:
    for depth in (30, 300):
        deep = b'{"a":[' * depth + b"1" + b"]}" * depth
        with pytest.raises(ContractError, match="嵌套"):
            intake.clean(report(more="HERE").replace(b'"HERE"', deep), Channel.HOTLINE, NOW)


def test_ten_megabytes_are_refused_by_their_size(intake: Intake, report: Write) -> None:
    with pytest.raises(ContractError, match="字节"):
        intake.clean(report(text="灯" * 3_500_000), Channel.HOTLINE, NOW)


def test_a_text_longer_than_the_pack_allows_is_refused(pack: CityPack, report: Write) -> None:
    policy = replace(pack.policy, max_text_length=Figure(100, "test"))
    strict = Intake(replace(pack, policy=policy), keyed_hash, NoFindings())
    assert strict.clean(report(text="灯" * 100), Channel.HOTLINE, NOW)
    with pytest.raises(ContractError, match="太长,至多 100 字,实为 101 字"):
        strict.clean(report(text="灯" * 101), Channel.HOTLINE, NOW)


def test_broken_and_hidden_characters_go_and_html_stays_text(intake: Intake, report: Write) -> None:
    raw = report(text="PLACE").replace(b"PLACE", rb"\ud83d<b>\u0000\u202e\u706f\u574f\\ud800")
    clean = intake.clean(raw, Channel.HOTLINE, NOW)
    assert clean.content.text == "�<b>灯坏\\ud800"


def test_words_of_controls_only_are_no_words(intake: Intake, report: Write) -> None:
    with pytest.raises(ContractError, match="不能都为空"):
        intake.clean(report(text="\u200b\u202e"), Channel.HOTLINE, NOW)


def test_numbers_of_persons_are_masked_everywhere(intake: Intake, report: Write) -> None:
    raw = report(
        title="找13812345678", text="我的电话13812345678", address="13812345678家", more={"k13812345678": ["13812345678"]}
    )
    clean = intake.clean(raw, Channel.HOTLINE, NOW)
    assert "13812345678" not in orjson.dumps(clean.content.model_dump()).decode()


def test_the_caller_goes_to_the_contact_and_leaves_hashes(intake: Intake, report: Write) -> None:
    one = intake.clean(report(caller={"name": "测试甲", "phone": "138 1234 5678", "mail": "A@b.cn"}), Channel.HOTLINE, NOW)
    two = intake.clean(report(caller={"phone": "+8613812345678", "mail": "a@B.cn"}), Channel.HOTLINE, NOW)
    assert one.contact["name"] == "测试甲"
    assert len(one.caller_hashes) == 2
    assert one.caller_hashes == two.caller_hashes


def test_the_writer_of_a_message_is_a_caller_and_a_grid_worker_is_not(intake: Intake, report: Write) -> None:
    message = intake.clean(report(Channel.MESSAGE, user="u1", likes=3), Channel.MESSAGE, NOW)
    grid = intake.clean(report(Channel.GRID, worker="w1"), Channel.GRID, NOW)
    assert message.contact == {"account": "u1"}
    assert message.content.extra == {"likes": 3}
    assert grid.contact == {}
    assert grid.content.extra["worker"] == "w1"


def test_a_redelivery_has_the_same_content_and_a_correction_another(intake: Intake, report: Write) -> None:
    first = intake.clean(report(text="灯坏了", address="书院路"), Channel.HOTLINE, NOW)
    again = intake.clean(report(address="书院路", text="灯坏了", revision=2), Channel.HOTLINE, NOW + timedelta(hours=2))
    other = intake.clean(report(text="灯坏了两盏", address="书院路"), Channel.HOTLINE, NOW)
    assert first.content_hash == again.content_hash != other.content_hash


def test_the_report_id_comes_from_source_and_id(intake: Intake, report: Write) -> None:
    clean = intake.clean(report(envelope={"id": "77", "source": "old", "poolmode": "history"}), Channel.HOTLINE, NOW)
    assert clean.report == report_id("old", "77")
    assert clean.mode is Mode.HISTORY


def test_a_time_without_zone_is_the_citys(intake: Intake, report: Write) -> None:
    assert intake.clean(report(time="2026-05-01T08:00:00"), Channel.HOTLINE, NOW).time == datetime(2026, 5, 1, tzinfo=UTC)


def test_the_envelopes_time_counts_where_the_data_has_none(intake: Intake, report: Write) -> None:
    raw = report(envelope={"time": "2026-04-30T00:00:00Z"})
    assert intake.clean(raw, Channel.HOTLINE, NOW).time == datetime(2026, 4, 30, tzinfo=UTC)
    assert intake.clean(report(), Channel.HOTLINE, NOW).time == NOW


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026-05-02T00:00:00Z", "晚于收到时间"),
        ("1970-01-01T00:00:00Z", "1990"),
        ("9999-12-31T23:59:59-12:00", "日期范围"),
        ("明天", "ISO 8601"),
    ],
)
def test_a_time_that_cannot_be_is_refused(intake: Intake, report: Write, time: str, says: str) -> None:
    with pytest.raises(ContractError, match=says) as caught:
        intake.clean(report(time=time), Channel.HOTLINE, NOW)
    assert caught.value.field == "data.time"


def test_a_device_code_of_twenty_digits_is_not_masked(intake: Intake, report: Write) -> None:
    raw = report(Channel.CAMERA, device="34020000001320000001", alarm_class="占道经营", score=0.9)
    assert intake.clean(raw, Channel.CAMERA, NOW).content.extra["device"] == "34020000001320000001"


def test_a_clean_report_can_go_to_another_process(intake: Intake, report: Write) -> None:
    clean = intake.clean(report(text="书院小区3栋2单元漏水"), Channel.HOTLINE, NOW)
    here, there = Pipe()
    here.send(clean)
    assert there.recv() == clean
