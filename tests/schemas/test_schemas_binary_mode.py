"""A record in binary mode is the same report as in structured mode; what its headers get wrong is named."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import generate
from schemas.cloudevent import MAX_BYTES, Envelope, as_received, parse, structured
from schemas.errors import ContractError
from schemas.reports import ReportData
from schemas.words import Channel, Mode

CHINESE = re.compile(r"[一-鿿]")
DATA = b'{"text": "\xe8\xb7\xaf\xe7\x81\xaf\xe4\xb8\x8d\xe4\xba\xae"}'
HEADERS = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"A-1"),
    ("ce_source", b"city-app"),
    ("ce_type", b"wentichi.report.message.v1"),
    ("content-type", b"application/json"),
)
NAMES = tuple(name for name, _ in HEADERS if name.startswith("ce_"))

Read = tuple[Envelope, ReportData]


def without(name: str) -> tuple[tuple[str, bytes], ...]:
    return tuple(header for header in HEADERS if header[0] != name)


def changed(name: str, value: bytes) -> tuple[tuple[str, bytes], ...]:
    return (*without(name), (name, value))


def read(value: bytes | None, headers: tuple[tuple[str, bytes], ...], channel: Channel = Channel.MESSAGE) -> Read:
    return parse(structured(value, headers), channel)


def refused(value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> ContractError:
    with pytest.raises(ContractError) as caught:
        read(value, headers)
    named_in_chinese(caught.value)
    return caught.value


def named_in_chinese(error: ContractError) -> None:
    assert error.field
    assert CHINESE.search(error.rule)
    assert CHINESE.search(error.remedy)


# another producer: the CloudEvents project's own library


def theirs(channel: Channel) -> CloudEvent:
    event = json.loads((Path(generate.__file__).parent / "examples" / f"{channel.value}.json").read_text(encoding="utf-8"))
    data = event.pop("data")
    event["time"] = datetime(2026, 5, 6, 1, 2, 3, tzinfo=UTC)
    return CloudEvent(attributes={"datacontenttype": "application/json"} | event, data=data)


@pytest.mark.parametrize("channel", Channel)
def test_an_event_of_another_library_reads_the_same_in_both_modes(channel: Channel) -> None:
    binary, whole = (
        read(message.value, tuple(message.headers.items()), channel)
        for message in (kafka.to_binary_event(theirs(channel)), kafka.to_structured_event(theirs(channel)))
    )
    assert binary == whole
    assert binary[0].time == datetime(2026, 5, 6, 1, 2, 3, tzinfo=UTC)


def test_the_two_modes_of_that_library_are_two_modes() -> None:
    binary, whole = (to(theirs(Channel.HOTLINE)) for to in (kafka.to_binary_event, kafka.to_structured_event))
    assert set(json.loads(binary.value)) & {"id", "source", "specversion"} == set()
    assert "ce_id" in binary.headers
    assert structured(whole.value, tuple(whole.headers.items())) == whole.value
    assert structured(binary.value, tuple(binary.headers.items())) != binary.value


# how the mode is told


def test_a_record_without_headers_passes_as_it_is() -> None:
    assert structured(b"not json") == b"not json"
    assert structured(None) == b""


def test_headers_of_others_say_nothing_of_the_mode() -> None:
    assert structured(b"{}", (("traceparent", b"00-1"), ("Content-Type", b"text/plain"))) == b"{}"


@pytest.mark.parametrize("media", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=UTF-8"])
def test_a_content_type_of_cloudevents_is_structured_mode_whatever_other_headers_say(media: bytes) -> None:
    assert structured(b'{"id":"1"}', changed("content-type", media)) == b'{"id":"1"}'


@pytest.mark.parametrize("media", [b"application/cloudevents+avro", b"application/cloudevents-batch+json"])
def test_another_event_format_is_refused(media: bytes) -> None:
    assert refused(b"{}", changed("content-type", media)).field == "content-type"


def test_header_names_are_matched_without_case() -> None:
    shouted = tuple((name.upper(), value) for name, value in HEADERS)
    assert structured(DATA, shouted) == structured(DATA, HEADERS)


# attributes


def test_attributes_and_extensions_arrive_as_text() -> None:
    envelope, _ = read(DATA, (*HEADERS, ("ce_poolmode", b"history"), ("ce_region", "东区".encode()), ("ce_subject", b"s")))
    assert (envelope.id, envelope.source, envelope.subject) == ("A-1", "city-app", "s")
    assert envelope.poolmode is Mode.HISTORY
    assert envelope.model_extra == {"region": "东区"}


def test_a_percent_sign_in_a_source_stays_so_that_both_modes_name_the_same_report() -> None:
    assert read(DATA, changed("ce_source", b"/a%20b/%E4%B8%9C"))[0].source == "/a%20b/%E4%B8%9C"


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_attribute_is_named(name: str) -> None:
    error = refused(DATA, without(name))
    assert error.field == name.removeprefix("ce_")
    assert error.rule == "必填"


@pytest.mark.parametrize(
    ("headers", "field", "rule"),
    [
        ((*HEADERS, ("CE_ID", b"A-2")), "ce_id", "只能有一个"),
        (changed("ce_source", b"\xff\xfe"), "ce_source", "UTF-8"),
        (changed("content-type", b"text/xml"), "content-type", "JSON"),
        ((*HEADERS, ("ce_data", b"{}")), "ce_data", "不能作标头"),
        ((*HEADERS, ("ce_datacontenttype", b"text/xml")), "ce_datacontenttype", "不能作标头"),
        ((*HEADERS, ("ce_data_base64", b"e30=")), "ce_data_base64", "小写字母和数字"),
        ((*HEADERS, ("ce_", b"x")), "ce_", "小写字母和数字"),
        (changed("ce_time", b"1714521600"), "time", "ISO 8601"),
        (changed("ce_poolmode", b"past"), "poolmode", "只能是"),
    ],
)
def test_a_wrong_header_is_named_with_its_rule(headers: tuple[tuple[str, bytes], ...], field: str, rule: str) -> None:
    error = refused(DATA, headers)
    assert error.field == field
    assert rule in error.rule


# data


@pytest.mark.parametrize("media", [b"application/json; charset=utf-8", b"text/json", b"application/vnd.city+json", b""])
def test_json_of_any_name_is_data(media: bytes) -> None:
    assert read(DATA, changed("content-type", media))[1].text == "路灯不亮"


def test_without_a_content_type_data_are_json() -> None:
    assert read(DATA, without("content-type"))[1].text == "路灯不亮"


def test_the_bytes_of_the_data_are_kept_so_that_a_key_that_stands_twice_is_still_seen() -> None:
    twice = b'{"text": "a", "text": "b"}'
    assert twice in structured(twice, HEADERS)


@pytest.mark.parametrize("value", [b"", None, b"[]", b"1", b'"text"', b"null"])
def test_data_that_are_no_object_are_refused(value: bytes | None) -> None:
    assert refused(value, HEADERS).field in ("data", "(整条)", "data.title")


@pytest.mark.parametrize(
    "value",
    [
        b'{},"id":"other","x":{}',
        b'{}}{"a":1',
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        "{}".encode("utf-16"),
        b"9" * 9000,
    ],
    ids=lambda value: repr(value[:24]),
)
def test_what_is_not_one_json_value_cannot_break_out_of_its_place(value: bytes) -> None:
    assert refused(value, HEADERS).field == "data"


def test_data_longer_than_a_message_may_be_are_refused_before_they_are_read() -> None:
    assert refused(b"x" * (MAX_BYTES + 1), HEADERS).field == "(整条)"


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(
    st.binary(max_size=60) | st.just(DATA),
    st.lists(
        st.tuples(st.sampled_from([*NAMES, "Content-Type", "x"]), st.binary(max_size=9)) | st.sampled_from(HEADERS),
        max_size=8,
    ),
)
def test_whatever_comes_is_a_report_or_a_contract_error(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    try:
        read(value, tuple(headers))
    except ContractError as error:
        named_in_chinese(error)


def test_what_cannot_be_read_is_kept_with_its_headers() -> None:
    kept: dict[str, Any] = orjson.loads(as_received(b'{"a":\xff', (("ce_id", b"\xff7"), ("x", b"y"))))
    assert kept == {"headers": [["ce_id", "�7"], ["x", "y"]], "value": '{"a":�'}
    assert as_received(b"raw", ()) == b"raw"
    assert as_received(None, ()) == b""
