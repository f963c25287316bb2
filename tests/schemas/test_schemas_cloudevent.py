"""Whatever comes in on a topic is a report, or a ContractError that names field, rule and remedy in Chinese: never more."""

import copy
import json
import re
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example as with_example
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import generate
from schemas.cloudevent import _RULES, MAX_BYTES, event_type, parse
from schemas.errors import ContractError
from schemas.identity import problem_id
from schemas.progress import Progress, ProgressAction, parse_progress
from schemas.reports import MAX_TEXT
from schemas.words import Channel, Mode

CHINESE = re.compile(r"[一-鿿]")
EXAMPLES = {
    channel: json.loads((Path(generate.__file__).parent / "examples" / f"{channel.value}.json").read_text(encoding="utf-8"))
    for channel in Channel
}
REMOVED = object()


def refusal(raw: bytes, channel: Channel) -> ContractError:
    with pytest.raises(ContractError) as caught:
        parse(raw, channel)
    assert caught.value.field
    assert CHINESE.search(caught.value.rule), caught.value.rule
    assert CHINESE.search(caught.value.remedy) or "例如" in caught.value.remedy, caught.value.remedy
    assert "?" not in caught.value.rule + caught.value.remedy, "a placeholder was not filled"
    return caught.value


def changed(channel: Channel, path: str, value: object) -> bytes:
    event = copy.deepcopy(EXAMPLES[channel])
    *way, last = path.split(".")
    at = event
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if value is REMOVED:
        del at[last]
    else:
        at[last] = value
    return json.dumps(event).encode()


WRONG: list[tuple[Channel, str, object, str]] = [
    (Channel.HOTLINE, "id", REMOVED, "必填"),
    (Channel.HOTLINE, "id", "", "不能为空"),
    (Channel.HOTLINE, "id", 7, "须为文字"),
    (Channel.HOTLINE, "id", "x" * 201, "太长,至多 200 字"),
    (Channel.HOTLINE, "source", None, "须为文字"),
    (Channel.HOTLINE, "specversion", "0.3", "只能是 '1.0'"),
    (Channel.HOTLINE, "type", "wentichi.report.grid.v1", "此主题只收 wentichi.report.hotline.v1"),
    (Channel.HOTLINE, "poolmode", "past", "只能是"),
    (Channel.HOTLINE, "time", "昨天", "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data", "text", "须为对象"),
    (Channel.HOTLINE, "data", ["a"], "须为对象"),
    (Channel.HOTLINE, "data.text", 5, "须为文字"),
    (Channel.HOTLINE, "data.text", "长" * (MAX_TEXT + 1), f"太长,至多 {MAX_TEXT} 字"),
    (Channel.HOTLINE, "data.time", 1714521600, "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data.time", "1714521600", "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data.time", True, "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data.time", "2026-13-01T00:00:00", "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data.time", "2026-05-01T08:00:00+99:00", "须为 ISO 8601 时间"),
    (Channel.HOTLINE, "data.secret", "也许", "须为 true 或 false"),
    (Channel.HOTLINE, "data.secret", [], "须为 true 或 false"),
    (Channel.HOTLINE, "data.request_type", "shout", "只能是"),
    (Channel.HOTLINE, "data.caller", "王", "须为对象"),
    (Channel.HOTLINE, "data.caller.phone", 13800000000, "须为文字"),
    (Channel.HOTLINE, "data.recording", "xyz", "格式不符"),
    (Channel.MESSAGE, "data.likes", -1, "不得小于 0"),
    (Channel.MESSAGE, "data.likes", "many", "须为整数"),
    (Channel.MESSAGE, "data.likes", 1.5, "须为整数"),
    (Channel.MESSAGE, "data.likes", 10**30, "须为整数"),
    (Channel.MESSAGE, "data.revision", 0, "不得小于 1"),
    (Channel.MESSAGE, "data.revision", {}, "须为整数"),
    (Channel.MESSAGE, "data.attachments", {}, "须为数组"),
    (Channel.MESSAGE, "data.attachments", [{}] * 51, "太多,至多 50 个"),
    (Channel.MESSAGE, "data.attachments.0.sha256", "AB", "格式不符"),
    (Channel.MESSAGE, "data.attachments.0.size", 1 << 41, f"不得大于 {1 << 40}"),
    (Channel.GRID, "data.location.lat", 91, "不得大于 90"),
    (Channel.GRID, "data.location.lon", "east", "须为数字"),
    (Channel.GRID, "data.location.lon", [], "须为数字"),
    (Channel.GRID, "data.level", 9, "只能是"),
    (Channel.GRID, "data.source", "SATELLITE", "只能是"),
    (Channel.CAMERA, "data.device", REMOVED, "必填"),
    (Channel.CAMERA, "data.score", 1.01, "不得大于 1"),
    (Channel.CAMERA, "data.dwell_seconds", -0.1, "不得小于 0"),
    (Channel.CAMERA, "data.box.x2", 0.1, "须 x1 < x2"),
]


@pytest.mark.parametrize(
    ("channel", "path", "value", "rule"), WRONG, ids=[f"{path}={str(value)[:20]}" for _, path, value, _ in WRONG]
)
def test_a_wrong_field_is_named_with_its_rule(channel: Channel, path: str, value: object, rule: str) -> None:
    error = refusal(changed(channel, path, value), channel)
    assert path.startswith(error.field) or error.field.startswith(path)
    assert rule in error.rule
    assert str(error) == f"字段 {error.field}:{error.rule};{error.remedy}"


@pytest.mark.parametrize("channel", [Channel.HOTLINE, Channel.MESSAGE, Channel.GRID])
def test_a_report_without_title_and_text_says_so(channel: Channel) -> None:
    event = copy.deepcopy(EXAMPLES[channel])
    event["data"] |= {"title": " ", "text": "\n"}
    assert "不能都为空" in refusal(json.dumps(event).encode(), channel).rule


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        '{"id": "\ud800"}'.encode("utf-8", "surrogatepass"),
        rb'{"id": "\ud800"}',
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"[]",
        b"null",
        b'"text"',
        b"1e999",
        b'{"id": 1e999}',
        b"{" + b'"a":1,' * 3 + b"}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
@pytest.mark.parametrize("channel", Channel)
def test_what_is_no_json_object_is_refused_as_a_whole(raw: bytes, channel: Channel) -> None:
    assert refusal(raw, channel).field in ("(整条)", "id", "specversion")


def test_a_report_longer_than_a_message_may_be_is_refused_before_it_is_read() -> None:
    error = refusal(b"x" * (MAX_BYTES + 1), Channel.HOTLINE)
    assert error.rule == f"不得超过 {MAX_BYTES} 字节,实为 {MAX_BYTES + 1} 字节"


def test_fields_that_nobody_knows_are_kept_at_every_depth() -> None:
    event = copy.deepcopy(EXAMPLES[Channel.HOTLINE])
    event["region"] = "华东"
    event["data"]["满意度"] = {"分": 3}
    event["data"]["caller"]["微信"] = "示例"
    envelope, data = parse(json.dumps(event).encode(), Channel.HOTLINE)
    assert envelope.model_extra == {"region": "华东"}
    assert data.model_extra == {"satisfaction": "未评价", "满意度": {"分": 3}}
    assert data.caller is not None
    assert data.caller.model_extra == {"微信": "示例"}


def test_without_poolmode_a_report_is_live() -> None:
    assert parse(changed(Channel.HOTLINE, "specversion", "1.0"), Channel.HOTLINE)[0].poolmode is Mode.LIVE


def test_a_time_without_a_zone_is_left_for_the_city_to_place() -> None:
    _, data = parse(json.dumps(EXAMPLES[Channel.MESSAGE]).encode(), Channel.MESSAGE)
    assert data.time is not None
    assert data.time.tzinfo is None


def test_an_error_never_quotes_what_a_citizen_wrote() -> None:
    error = refusal(changed(Channel.HOTLINE, "data.secret", "我是王某13800000000"), Channel.HOTLINE)
    assert "王某" not in str(error)
    assert "1380" not in str(error)


def test_an_error_survives_the_way_to_another_process() -> None:
    error = ContractError("data.time", "必填", "请补上")
    here, there = Pipe()
    here.send(error)
    assert str(there.recv()) == str(error)


def test_every_rule_and_remedy_is_chinese() -> None:
    assert [kind for kind, (rule, remedy) in _RULES.items() if not (CHINESE.search(rule) and CHINESE.search(remedy))] == []


# whatever comes

always = settings(max_examples=150, derandomize=True, deadline=None, database=None)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["live", "2026-05-01", ""])
)
anything = st.recursive(
    scalars, lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=5), held, max_size=3), max_leaves=6
)
fields = st.sampled_from(sorted({f for e in EXAMPLES.values() for f in e["data"]} | {"location", "attachments", "box", "caller"}))


def said(error: ContractError) -> None:
    """In Chinese, and by a rule that somebody wrote down."""
    assert CHINESE.search(error.rule)
    assert "不合规则" not in error.rule


def taken_or_refused(raw: bytes, channel: Channel) -> None:
    try:
        parse(raw, channel)
    except ContractError as error:
        said(error)


@always
@given(st.binary(max_size=200), st.sampled_from(Channel))
@with_example(b"\x00", Channel.GRID)
def test_arbitrary_bytes_are_refused_and_nothing_worse(raw: bytes, channel: Channel) -> None:
    taken_or_refused(raw, channel)
    with pytest.raises(ContractError):
        parse_progress(raw)


@always
@given(st.sampled_from(Channel), st.dictionaries(fields | st.text(max_size=5), anything, max_size=5))
def test_arbitrary_json_in_the_data_is_taken_or_refused(channel: Channel, data: dict[str, Any]) -> None:
    event = EXAMPLES[channel] | {"data": EXAMPLES[channel]["data"] | data}
    taken_or_refused(json.dumps(event).encode(), channel)


@always
@given(
    st.sampled_from(Channel),
    st.dictionaries(st.sampled_from(["id", "source", "time", "poolmode", "type", "data", "x"]), anything),
)
def test_arbitrary_json_in_the_envelope_is_taken_or_refused(channel: Channel, envelope: dict[str, Any]) -> None:
    taken_or_refused(json.dumps(EXAMPLES[channel] | envelope).encode(), channel)


@always
@given(st.sampled_from([-(10**400), 10**400, 1e308, -1e308, 10**19, -(10**19), 2**63]), fields, st.sampled_from(Channel))
def test_huge_numbers_are_taken_or_refused(number: float, field: str, channel: Channel) -> None:
    event = EXAMPLES[channel] | {"data": EXAMPLES[channel]["data"] | {field: number}}
    taken_or_refused(json.dumps(event).encode(), channel)


# progress of units

PROBLEM = problem_id(3, "founding")


def progress(**step: object) -> bytes:
    return json.dumps({"problem": PROBLEM, "action": "reply", "text": "已清运"} | step).encode()


def test_progress_is_read_and_keeps_what_it_does_not_know() -> None:
    step = parse_progress(progress(照片="一张"))
    assert (step.problem, step.action, step.text) == (PROBLEM, ProgressAction.REPLY, "已清运")
    assert step.model_extra == {"照片": "一张"}


@pytest.mark.parametrize(
    ("raw", "field", "rule"),
    [
        (progress(problem=3), "problem", "须为文字"),
        (progress(problem="p003"), "(整条)", "不是问题编号"),
        (progress(action="dance"), "action", "只能是"),
        (progress(text=" "), "(整条)", "答复(reply)须有 text"),
        (progress(text="长" * 20_001), "text", "太长,至多 20000 字"),
        (progress(id=""), "id", "不能为空"),
        (b"\xff", "(整条)", "JSON"),
        (b"[" * 100_000, "(整条)", "JSON"),
        (b'{"problem": "\\ud800"}', "(整条)", "JSON"),
        (b"[]", "(整条)", "须为对象"),
    ],
)
def test_wrong_progress_names_field_and_rule(raw: bytes, field: str, rule: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_progress(raw)
    assert caught.value.field == field
    assert rule in caught.value.rule


@always
@given(st.dictionaries(st.sampled_from([*Progress.model_fields, "x"]), anything))
def test_arbitrary_progress_is_taken_or_refused(step: dict[str, Any]) -> None:
    try:
        parse_progress(progress(**step))
    except ContractError as error:
        said(error)


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_has_a_type_of_its_own(channel: Channel) -> None:
    assert event_type(channel) == f"wentichi.report.{channel.value}.v1"
