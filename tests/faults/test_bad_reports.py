"""Bad reports of every kind: each a dead letter that says why, or a report that harms nobody; never a silent drop."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from faults.clear import chinese, quiet
from faults.conftest import Said
from faults.rows import HOSTILE, row
from faults.whole import documents_of, letters_of, opened, problems_of
from language.normalise import strip_controls
from schemas.words import Channel

DEEP = b'{"id":"deep","time":"2025-03-01","text":"x","extra":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
WRONG: dict[str, dict[str, Any]] = {
    "text of wrong type": {"text": 5},
    "text is a list": {"text": ["a"]},
    "title too long": {"title": "长" * 501},
    "text of ten megabytes": {"text": "长" * 3_500_000},
    "text too long": {"text": "长" * 20_001},
    "zone that does not exist": {"time": "2025-03-01T08:00:00+99:00"},
    "zone name": {"time": "2025-03-01T08:00:00 Mars/Base"},
    "time in the future": {"time": "2099-01-01T00:00:00+08:00"},
    "time before all": {"time": "0001-01-01T00:00:00+08:00"},
    "time as a number": {"time": 1740787200},
    "time as words": {"time": "昨天"},
    "month thirteen": {"time": "2025-13-01T00:00:00"},
    "time of wrong type": {"time": {"a": 1}},
    "location out of the world": {"location": {"lon": 999, "lat": 1}},
    "location half": {"location": {"lon": 1}},
    "location not a number": {"location": {"lon": "东", "lat": "北"}},
    "revision zero": {"revision": 0},
    "revision huge": {"revision": 10**30},
    "request type unknown": {"request_type": "抱怨一下"},
    "secret unclear": {"secret": "也许"},
    "caller a string": {"caller": "张三"},
    "phone too long": {"caller": {"phone": "1" * 300}},
    "attachments not a list": {"attachments": "a.jpg"},
    "attachment without hash": {"attachments": [{"media_type": "image/jpeg", "size": 1}]},
    "attachment of negative size": {"attachments": [{"sha256": "0" * 64, "media_type": "image/jpeg", "size": -1}]},
    "too many attachments": {"attachments": [{"sha256": "0" * 64, "media_type": "image/jpeg", "size": 1}] * 51},
    "category of wrong type": {"category": 10101},
    "id empty": {"id": ""},
    "id of wrong type": {"id": {"a": 1}},
    "id missing": {"id": None},
    "id too long": {"id": "长" * 201},
    "id true": {"id": True},
    "camera: score out of range": {"score": 1.5},
    "camera: box inside out": {"box": {"x1": 0.9, "y1": 0.9, "x2": 0.1, "y2": 0.1}},
    "camera: device missing": {"device": None},
    "grid: level four": {"level": 4},
    "grid: source unknown": {"source": "天上"},
    "grid: grid code unknown": {"grid": "000"},
    "message: likes negative": {"likes": -1},
    "message: no words": {"title": " \u200b", "text": "\x00\x01"},
}
LINES: dict[str, bytes] = {
    "not json": b"hello",
    "half json": b'{"id":"x","time":',
    "a list": b"[1,2]",
    "a number": b"12345",
    "null": b"null",
    "an empty object": b"{}",
    "broken utf-8": b'{"id":"u","time":"2025-03-01","title":"\xff\xfe","text":"x"}',
    "utf-16": '{"id":"w","time":"2025-03-01","text":"路灯"}'.encode("utf-16"),
    "gbk": '{"id":"g","time":"2025-03-01","text":"路灯"}'.encode("gbk"),
    "deep": DEEP,
    "NaN": b'{"id":"nan","time":"2025-03-01","text":"x","location":{"lon":NaN,"lat":1}}',
    "infinity": b'{"id":"inf","time":"2025-03-01","text":"x","location":{"lon":1e999,"lat":1}}',
    "nul bytes": b"\x00" * 50,
    "same key twice": b'{"id":"two","time":"2025-03-01","text":"a","text":"b"}',
    "wrong event version": b'{"specversion":"9","id":"a","source":"b","type":"c","data":{}}',
    "wrong event type": b'{"specversion":"1.0","id":"a","source":"b","type":"wentichi.report.moon.v1","data":{}}',
    "event without data": b'{"specversion":"1.0","id":"a","source":"b","type":"wentichi.report.message.v1"}',
    "data is a list": b'{"specversion":"1.0","id":"a","source":"b","type":"wentichi.report.message.v1","data":[1]}',
    "mode unknown": b'{"specversion":"1.0","id":"a","source":"b","type":"wentichi.report.grid.v1","poolmode":"x","data":{}}',
}
HARMLESS: dict[str, dict[str, Any]] = {
    "hostile text": {"text": HOSTILE, "title": HOSTILE, "address": HOSTILE},
    "unknown category code": {"category": "999999"},
    "hotline: unknown grid code": {"grid": "000"},
    "unknown fields": {"<b>字段</b>": {"a": [1, None, True, 1e300, HOSTILE]}},
    "time without a zone": {"time": "2025-03-01 08:00:00"},
    "a day without time": {"time": "2025-03-01"},
    "no time": {"time": None},
    "emoji and rare characters": {"text": "🔥𠮷路灯坏了\U000e0041"},
    "huge number in an unknown field": {"n": 2**63 - 1},
    "hostile caller": {"caller": {"name": HOSTILE, "phone": HOSTILE, "x": HOSTILE}},
}
CHANNEL_OF = re.compile(r"(hotline|camera|grid|message): ")


def push(here, tmp_path: Path, channel: Channel, lines: list[bytes]) -> dict[str, Any]:
    file = tmp_path / f"{channel.value}.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    said: Said = here("push", file, "--channel", channel.value, "--json")
    assert said.status == 0, said.err
    return orjson.loads(said.out)


def belongs(channel: Channel, name: str) -> bool:
    named = CHANNEL_OF.match(name)
    return named is None or named.group(1) == channel.value


CHANNELS = [Channel.HOTLINE, *(pytest.param(channel, marks=pytest.mark.slow) for channel in Channel if channel != "hotline")]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_bad_row_is_a_dead_letter_that_names_field_rule_and_remedy(channel, folder, here, tmp_path):
    rows = [row(channel, name, **changed) for name, changed in WRONG.items() if belongs(channel, name)]
    lines = [*rows, *LINES.values(), b"", b"  \t "]
    counts = push(here, tmp_path, channel, lines)
    wrong = len(rows) + len(LINES)
    assert (counts["lines"], counts["empty"], counts["appended"]) == (len(lines), 2, wrong)
    with opened(folder) as home:
        letters = letters_of(home)
        documents = documents_of(home)
        assert [document.content and document.content.source_id for document in documents.values()] == []
        assert (len(letters), counts["dead_letters"], counts["new_reports"]) == (wrong, wrong, 0)
        for letter in letters:
            assert letter.kind == "invalid", letter
            assert letter.field, letter
            assert letter.reason, letter
            assert letter.remedy, letter
            assert chinese(letter.reason + letter.remedy), letter
            assert quiet(letter.shown), letter
            assert len(letter.model_dump_json()) < 3 << 20
    for form in ((), ("--json",)):
        listed = here("dead-letters", "list", *form)
        assert listed.status == 0
        assert quiet(listed.out)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_odd_but_lawful_becomes_a_report_that_harms_nobody(channel, folder, here, tmp_path):
    chosen = [(name, changed) for name, changed in HARMLESS.items() if belongs(channel, name)]
    devices = [{"device": f"9901020000132{n:07d}"} if channel is Channel.CAMERA else {} for n in range(len(chosen))]
    rows = [row(channel, name, **device | changed) for (name, changed), device in zip(chosen, devices, strict=True)]
    counts = push(here, tmp_path, channel, rows)
    with opened(folder) as home:
        assert [letter.reason for letter in letters_of(home)] == []
        assert counts["new_reports"] == len(rows)
        problems = list(problems_of(home))
        units = [topic.removeprefix("dispatch.") for topic, _ in home.log.topics() if topic.startswith("dispatch.")]
        for document in documents_of(home).values():
            assert quiet(document.content.title + document.content.text + document.content.address)
    commands: list[tuple[object, ...]] = [("show", name) for name in problems]
    commands += [("search", "script"), ("search", HOSTILE.replace("\x00", "")), ("search", "", "--facets", "category")]
    commands += [("subscribe", "--unit", unit, "--from-start") for unit in units]
    for command in commands:
        for form in ((), ("--json",)):
            said = here(*command, *form)
            assert said.status == 0, (command, said)
            assert quiet(said.out), (command, said.out)
            assert "\x1b" not in said.out


def test_lines_in_are_reports_known_dead_letters_and_empty_ones(folder, here, tmp_path):
    good = [row(Channel.MESSAGE, str(number)) for number in range(5)]
    counts = push(here, tmp_path, Channel.MESSAGE, [*good, *LINES.values(), b"", *good, b""])
    parts = ("new_reports", "known", "dead_letters", "empty")
    assert counts["lines"] == sum(counts[part] for part in parts) == 12 + len(LINES)
    assert {part: counts[part] for part in parts} == {"new_reports": 5, "known": 5, "dead_letters": len(LINES), "empty": 2}


def test_strip_controls_is_what_makes_hostile_text_quiet():
    assert quiet(strip_controls(HOSTILE))
