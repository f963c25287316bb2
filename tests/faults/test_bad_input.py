"""Bad input of every kind at every entry: a clear error or a dead letter, never a crash, a hang or a silent drop."""

import base64
import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import orjson
import pytest

from faults.conftest import COMMAND, Said, environment
from faults.load import append_progress
from faults.whole import documents_of, letters_of, opened, problems_of
from language.normalise import strip_controls
from pool.reconcile import reconcile
from schemas.commands import Actor, AddReport, ReportRecord, ReviseReport
from schemas.events import read_event
from schemas.words import Channel, Mode, Role, Topic
from streams.local.home import Home, transaction
from streams.local.session import Session

TIME = "2025-03-01T08:00:00+08:00"
HOSTILE = (
    "<script>alert(1)</script><img src=x> {{7*7}} [bold]x[/bold] \x1b[31m\x1b]0;x\x07 a\x08b \u202egnp.exe\u2066 \u200b\ufeff\x00"
)
DEEP = b'{"id":"deep","time":"2025-03-01","text":"x","extra":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
FIELDS: dict[Channel, dict[str, Any]] = {
    Channel.HOTLINE: {"title": "路灯不亮", "text": "望江花园路灯不亮"},
    Channel.MESSAGE: {"title": "路灯不亮", "text": "望江花园路灯不亮", "user": "u"},
    Channel.GRID: {"text": "望江花园路灯不亮", "worker": "w"},
    Channel.CAMERA: {"device": "99010200001320000001", "alarm_class": "暴露垃圾", "score": 0.9},
}
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


def row(channel: Channel, name: str, **changed: Any) -> bytes:
    """A good row with this changed; None leaves the field out. orjson writes no number beyond 64 bits."""
    fields = {"id": f"{channel.value}/{name}", "time": TIME, **FIELDS[channel], **changed}
    return json.dumps({field: value for field, value in fields.items() if value is not None}).encode()


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


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def quiet(text: str) -> bool:
    """Nothing that a terminal acts on, and nothing invisible that turns the reading order."""
    return not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_odd_but_lawful_becomes_a_report_that_harms_nobody(channel, folder, here, tmp_path):
    rows = [row(channel, name, **changed) for name, changed in HARMLESS.items() if belongs(channel, name)]
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


# progress


BAD_STEPS: dict[str, bytes] = {
    "not json": b"hello",
    "empty": b"",
    "a list": b"[]",
    "broken utf-8": b'{"problem":"\xff","action":"sign"}',
    "no problem": b'{"action":"sign"}',
    "not a problem": b'{"problem":"x","action":"sign"}',
    "huge slot": b'{"problem":"p9999999-000000000000000000000000","action":"sign"}',
    "no action": b'{"problem":"p003-000000000000000000000000"}',
    "unknown action": b'{"problem":"p003-000000000000000000000000","action":"dance"}',
    "reply without words": b'{"problem":"p003-000000000000000000000000","action":"reply"}',
    "ten megabytes": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"' + b"x" * 10_000_000 + b'"}',
    "text of wrong type": b'{"problem":"p003-000000000000000000000000","action":"reply","text":{}}',
    "id of wrong type": b'{"problem":"p003-000000000000000000000000","action":"sign","id":[]}',
    "by too long": b'{"problem":"p003-000000000000000000000000","action":"sign","by":"' + b"x" * 200 + b'"}',
    "by empty words": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"  "}',
    "deep": b'{"problem":"p003-000000000000000000000000","action":"sign","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "lone surrogate": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"\\ud800"}',
}


def work(home: Home) -> None:
    with Session(home) as session:
        session.work(lambda: False, drain=True)


def append(home: Home, topic: str, *values: bytes | None) -> None:
    with transaction(home.connection):
        home.log.append(topic, [(None, value) for value in values], home.clock.now())


def test_every_bad_step_of_a_unit_is_a_dead_letter(folder):
    with opened(folder) as home:
        append(home, "progress.c-shuiwu", *BAD_STEPS.values(), None)
        append(home, "progress.nobody", b'{"problem":"p003-000000000000000000000000","action":"sign"}')
        append(home, "progress.<b>x</b>", b"{}")
        work(home)
        letters = letters_of(home)
        places = [f"progress.c-shuiwu-0-{number}" for number in range(len(BAD_STEPS) + 1)]
        expected = {*places, "progress.nobody-0-0", "progress.<b>x</b>-0-0"}
        assert {letter.id for letter in letters} == expected, expected ^ {letter.id for letter in letters}
        for letter in letters:
            assert (letter.kind, bool(letter.field and letter.remedy)) == ("invalid", True), letter
            assert chinese(letter.reason), letter
            assert quiet(letter.shown)


def test_a_unit_that_acts_on_what_is_not_its_own_is_refused_and_told(copied):
    with opened(copied) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.lead != "c-jiaoyu")
        before = problem.version
        append_progress(home, "c-jiaoyu", {"problem": problem.id, "action": "sign", "id": "mine"})
        work(home)
        assert problems_of(home)[problem.id].version == before
        refused = [r for r in problems_of(home)[problem.id].recent if r.status == "refused"]
        assert refused[-1].code == "not_your_assignment"


def test_all_steps_for_a_problem_that_never_comes_are_dead_letters_in_the_end(folder):
    """Two steps are given up together; each is a letter of its own."""
    with opened(folder) as home:
        for key in ("a", "b", "c"):
            append_progress(home, "c-shuiwu", {"problem": "p003-" + "1" * 24, "action": "sign", "id": key})
        work(home)
        assert letters_of(home) == []
        waiting = problems_of(home)["p003-" + "1" * 24]
        assert len(waiting.parked) == 3
        (timer,) = waiting.timers
        home.clock = Later(timer.due)
        work(home)
        letters = letters_of(home)
        assert len(letters) == 3
        assert {letter.kind for letter in letters} == {"unknown_problem"}
        assert all(letter.reason for letter in letters)


class Later:
    name = "wall"

    def __init__(self, moment):
        self._moment = moment

    def now(self):
        return self._moment


# commands typed by hand


def typed(home: Home, **changed: Any) -> bytes:
    """A command as a hand might type it: a Sign for a problem that exists, with this changed."""
    problem = next(p for p in problems_of(home).values() if p.assignments)
    sign = {"type": "Sign", "id": "typed", "slot": problem.slot, "at": home.clock.now(), "problem": problem.id}
    sign["actor"] = {"id": "x", "role": "unit", "unit": problem.lead}
    return orjson.dumps({name: value for name, value in (sign | changed).items() if value != "-"})


def test_every_command_that_cannot_be_read_is_a_dead_letter(copied):
    with opened(copied) as home:
        first = home.log.next_offset(Topic.COMMANDS)
        before = len(letters_of(home))
        values = [
            b"hello", b"", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000,
            typed(home, type="Dance"), typed(home, type="-"), typed(home, id=""), typed(home, id="x" * 101), typed(home, id=5),
            typed(home, slot=-1), typed(home, slot=4), typed(home, slot="x"), typed(home, slot=10**15),
            typed(home, at="yesterday"), typed(home, at="2025-03-01T00:00:00"), typed(home, actor={}),
            typed(home, actor={"id": "x", "role": "king"}), typed(home, problem="x"), typed(home, problem=7),
            typed(home, extra=1), typed(home, pad="x" * 10_000_000), typed(home, type="Split", reports=[]),
            typed(home, type="Reply", text=""), None,
        ]  # fmt: skip
        append(home, Topic.COMMANDS, *values)
        work(home)
        letters = [letter for letter in letters_of(home) if letter.topic == Topic.COMMANDS]
        expected = [f"commands-0-{first + number}" for number in range(len(values))]
        assert sorted(letter.id for letter in letters) == sorted(expected)
        assert len(letters_of(home)) == before + len(values)
        for letter in letters:
            assert (letter.kind, bool(letter.field and letter.reason and letter.remedy)) == ("unreadable", True), letter
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_commands_that_make_no_sense_are_refused_and_change_nothing(copied):
    with opened(copied) as home:
        clerk = {"id": "x", "role": "clerk"}
        one, two = [p for p in problems_of(home).values() if p.assignments and p.slot == 3][:2]
        nowhere = "p003-" + "2" * 24
        forged = [
            typed(home, id="t1", type="Assign", actor=clerk, lead="nobody"),
            typed(home, id="t2", type="Assign", actor=clerk, lead=HOSTILE),
            typed(home, id="t3", type="Assign", actor=clerk, lead="c-shuiwu", cooperators=["nobody"]),
            typed(home, id="t4", type="Assign", actor=clerk, lead="c-shuiwu", category="999999"),
            typed(home, id="t5", type="Assign", lead="c-shuiwu"),
            typed(home, id="t6", type="Merge", actor=clerk, target=one.id, problem=one.id),
            typed(home, id="t7", type="Merge", actor=clerk, target="x"),
            typed(home, id="t8", type="Merge", actor=clerk, target=nowhere),
            typed(home, id="t9", type="Unmerge", actor=clerk),
            typed(home, id="t10", type="Split", actor=clerk, reports=["x"]),
            typed(home, id="t11", type="Unsplit", actor=clerk),
            typed(home, id="t12", type="EraseReport", actor=clerk, report="x"),
            typed(home, id="t13", type="Sign", actor={"id": "x", "role": "unit", "unit": "nobody"}),
            typed(home, id="t14", type="Sign", actor={"id": "x", "role": "unit"}),
            typed(home, id="t15", type="FireTimer", actor={"id": "x", "role": "system"}, clock="sign", due=TIME),
            typed(home, id="t16", type="Close", actor=clerk, problem=nowhere),
            typed(home, id="t17", type="Assign", actor=clerk, lead="c-shuiwu", duty_item="none"),
            typed(home, id="t18", type="Found", actor=clerk, source="x", mode="live", members=[]),
            typed(home, id="t19", type="Absorb", actor=clerk, source="x", source_mode="live", members=[], assignments=[]),
            typed(home, id="t20", type="MembersReturned", actor=clerk, root="x", members=[]),
            typed(home, id="t21", type="AbsorbAnswer", actor=clerk, root="x", accepted=True),
            typed(home, id="t22", type="Merge", actor=clerk, problem=two.id, target="p999-" + "2" * 24),
        ]
        before, letters = {p.id: p.state for p in problems_of(home).values()}, len(letters_of(home))
        append(home, Topic.COMMANDS, *forged)
        work(home)
        after = {p.id: p.state for p in problems_of(home).values()}
        assert {name: state for name, state in after.items() if name in before} == before
        buried = len(letters_of(home)) - letters
        outcomes = home.store.outcomes(f"t{number}" for number in range(1, 23))
        assert buried + len(outcomes) == len(forged)
        settled = {name: found.status for name, found in outcomes.items() if found.status != "refused"}
        assert settled.keys() <= {"t7", "t8", "t22"}, settled  # merges that were asked for, and released again
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


@pytest.mark.parametrize("kind", ["AddReport", "ReviseReport"])
def test_a_report_whose_words_cannot_be_opened_is_a_dead_letter_and_stops_nobody(kind, copied):
    """More of them than the number of defects that stops a stage."""
    with opened(copied) as home:
        holder = next(p for p in problems_of(home).values() if len(p.members) == 1 and p.slot == 3)
        member = holder.members[0]
        forged = []
        for number in range(25):
            record = ReportRecord(
                report=member.report, channel=member.channel, mode=Mode.LIVE, time=member.time, received=member.received,
                content=f"{number:032x}", sealed=base64.urlsafe_b64encode(b"\x01" + os.urandom(60)).decode(),
            )  # fmt: skip
            base = {"id": f"forged-{number}", "slot": 3, "at": home.clock.now(), "actor": Actor(id="intake", role=Role.INTAKE)}
            made: AddReport | ReviseReport = AddReport(**base, record=record)
            if kind == "ReviseReport":
                made = ReviseReport(**base, record=record, problem=holder.id)
            forged.append(made.model_dump_json().encode())
        before = len(letters_of(home))
        append(home, Topic.COMMANDS, *forged)
        work(home)
        assert len(letters_of(home)) - before == 25
        assert problems_of(home)[holder.id].members == [member]
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_words_of_people_that_cannot_be_opened_stop_nobody(copied, here):
    with opened(copied) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.slot == 3 and p.state == "dispatched")
        clerk = {"id": "x", "role": "clerk"}
        unit = {"id": "x", "role": "unit", "unit": "c-shuiwu"}
        of_it = {"problem": problem.id, "slot": 3}
        append(
            home,
            Topic.COMMANDS,
            typed(home, **of_it, id="u1", type="Assign", actor=clerk, lead="c-shuiwu", notes={"c-shuiwu": "garbage"}),
            typed(home, **of_it, id="u2", type="Reply", actor=unit, text="garbage"),
            typed(home, **of_it, id="u3", type="Close", actor=clerk, reason="garbage"),
        )
        work(home)
        assert {found.status for found in home.store.outcomes(["u1", "u2", "u3"]).values()} == {"applied"}
    for form in ((), ("--json",)):
        said = here("show", problem.id, *form)
        assert said.status == 0, said
        assert here("subscribe", "--unit", "c-shuiwu", "--from-start", *form).status == 0
    assert here("audit", "verify").status == 0


def test_an_add_report_by_who_may_not_leaves_no_claim_behind(copied):
    with opened(copied) as home:
        clerk = Actor(id="x", role=Role.CLERK)
        record = ReportRecord(
            report="r" + "4" * 32, channel=Channel.GRID, mode=Mode.LIVE, time=home.clock.now(), received=home.clock.now(),
            content="0" * 32, sealed="x",
        )  # fmt: skip
        before = set(home.store.claim_ids())
        command = AddReport(id="nobody", slot=3, at=home.clock.now(), actor=clerk, record=record)
        append(home, Topic.COMMANDS, command.model_dump_json().encode())
        work(home)
        assert home.store.outcomes(["nobody"])["nobody"].code == "forbidden_role"
        assert set(home.store.claim_ids()) == before
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_an_add_report_without_a_key_is_a_report_without_words(copied):
    with opened(copied) as home:
        record = ReportRecord(
            report="r" + "3" * 32, channel=Channel.GRID, mode=Mode.LIVE, time=home.clock.now(), received=home.clock.now(),
            content="0" * 32, sealed="x",
        )  # fmt: skip
        command = AddReport(id="nokey", slot=3, at=home.clock.now(), actor=Actor(id="intake", role=Role.INTAKE), record=record)
        append(home, Topic.COMMANDS, command.model_dump_json().encode())
        work(home)
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []
        for name in home.store.aggregates():
            assert all(read_event(stored.line) for stored in home.store.events_of(name))


# the command line


def fault(said: Said, *, lines: int = 1) -> str:
    """One clear sentence in Chinese on standard error, status 2, nothing on standard output."""
    assert said.status == 2, said
    assert "Traceback" not in said.err
    assert "程序出错" not in said.err, said.err
    assert said.err.startswith("错误:"), said.err
    assert len(said.err.splitlines()) <= lines, said.err
    assert chinese(said.err)
    assert quiet(said.err)
    assert len(said.err) < 1000
    return said.err


NOWHERE = "p003-" + "0" * 24
BAD_ARGUMENTS: list[tuple[str, ...]] = [
    ("dance",),
    ("push",),
    ("push", "/nowhere/file", "--channel", "message"),
    ("push", "x"),
    ("push", "/etc/hostname", "--channel", "moon"),
    ("push", "/", "--channel", "message"),
    ("push", "/etc/hostname", "--channel", "message", "--nope"),
    ("push", "a" * 5000, "--channel", "message"),
    ("push", HOSTILE.replace("\x00", ""), "--channel", "message"),
    ("show",),
    ("show", "nothing"),
    ("show", ""),
    ("show", HOSTILE),
    ("show", "x" * 100_000),
    ("show", NOWHERE),
    ("show", NOWHERE, "--contact"),
    ("show", NOWHERE, "--as-unit", "nobody"),
    ("search", "x", "--limit", "0"),
    ("search", "x", "--limit", "99999"),
    ("search", "x", "--limit", "many"),
    ("search", "x", "--state", "lost"),
    ("search", "x", "--channel", "moon"),
    ("search", "x", "--category", "nothing"),
    ("search", "x", "--unit", "nobody"),
    ("search", "x", "--area", "nowhere"),
    ("search", "x", "--since", "soon"),
    ("search", "x", "--until", "2025-13-40"),
    ("search", "x", "--near", "1,2"),
    ("search", "x", "--near", "a,b,c"),
    ("search", "x", "--near", "nan,nan,nan"),
    ("search", "x", "--near", "999,999,1"),
    ("search", "x", "--near", "1,2,-5"),
    ("search", "x", "--box", "1,2,3"),
    ("search", "x", "--box", "9,9,1,1"),
    ("search", "x", "--cursor", "garbage"),
    ("search", "x", "--cursor", "e30="),
    ("search", "x", "--sort", "luck"),
    ("search", "x", "--facets", "colour"),
    ("search", "x", "--histogram", "hour"),
    ("search", "x", "--as-unit", "nobody"),
    ("stats", "--as-unit", "nobody"),
    ("stats", "extra"),
    ("assign",),
    ("assign", NOWHERE),
    ("assign", NOWHERE, "--lead", "c-shuiwu"),
    ("assign", "nothing", "--lead", "nobody"),
    ("close", NOWHERE),
    ("close", "nothing"),
    ("merge", NOWHERE),
    ("merge", NOWHERE, "--into", NOWHERE),
    ("unmerge", NOWHERE),
    ("split", NOWHERE),
    ("split", NOWHERE, "--report", "x"),
    ("unsplit", "nothing"),
    ("subscribe",),
    ("subscribe", "--unit", "nobody"),
    ("subscribe", "--unit", HOSTILE),
    ("progress",),
    ("progress", NOWHERE, "sign"),
    ("progress", NOWHERE, "dance", "--unit", "c-shuiwu"),
    ("progress", NOWHERE, "reply", "--unit", "c-shuiwu"),
    ("progress", "nothing", "sign", "--unit", "c-shuiwu"),
    ("progress", NOWHERE, "sign", "--unit", "nobody"),
    ("progress", NOWHERE, "sign", "--unit", "c-shuiwu", "--id", "x" * 500),
    ("progress", NOWHERE, "reply", "--unit", "c-shuiwu", "--text", "x" * 30_000),
    ("progress", NOWHERE, "sign", "--unit", "c-shuiwu", "--by", "x" * 500),
    ("dead-letters", "show", "nothing"),
    ("dead-letters", "show", HOSTILE),
    ("dead-letters", "replay"),
    ("dead-letters", "replay", "nothing"),
    ("dead-letters", "list", "--limit", "0"),
    ("dead-letters", "dance"),
    ("erase",),
    ("erase", "nothing"),
    ("erase", "nothing", "--yes"),
    ("erase", HOSTILE, "--yes"),
    ("pool", "dance"),
    ("audit", "dance"),
    ("backup",),
    ("backup", "/proc/nowhere"),
    ("backup", "/etc"),
    ("restore",),
    ("restore", "/nowhere"),
    ("restore", "/etc"),
    ("pack", "check", "/nowhere"),
    ("run", "extra"),
]


@pytest.fixture(scope="module")
def lasting(worked_pool, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lasting") / "pool"
    shutil.copytree(worked_pool, folder)
    return folder


def named(arguments: tuple[str, ...]) -> str:
    return " ".join(arguments)[:50].encode("ascii", "replace").decode()


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=named)
def test_every_wrong_argument_is_one_clear_sentence(arguments, lasting, here):
    fault(here(*arguments, home=lasting))


@pytest.mark.parametrize(
    "changed",
    [("--by", ""), ("--by", "x" * 500), ("--note", "x"), ("--note", "nobody=x"), ("--with", "nobody"), ("--category", "nothing"),
     ("--duty-item", "none"), ("--lead", "nobody"), ("--lead", "")],
    ids=str,
)  # fmt: skip
def test_wrong_arguments_about_a_problem_that_exists(changed, lasting, here):
    with opened(lasting) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.slot == 3)
    fault(here("assign", problem.id, "--lead", "c-shuiwu", *changed, home=lasting))
    with opened(lasting) as home:
        assert problems_of(home)[problem.id].assignments == problem.assignments


# files and folders


def files(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("empty", "folder", "damaged.xz", "cut.xz", "garbage.xz", "long")}
    made["empty"].write_bytes(b"")
    made["folder"].mkdir()
    packed = lzma.compress(row(Channel.MESSAGE, "x") * 1000)
    made["damaged.xz"].write_bytes(packed[:60] + b"\xff" * 20 + packed[80:])
    made["cut.xz"].write_bytes(packed[: len(packed) // 2])
    made["garbage.xz"].write_bytes(b"\xfd7zXZ\x00" + os.urandom(100))
    made["long"].write_bytes(b"x" * (65 << 20))
    return made


def test_files_that_are_no_files_of_reports(folder, here, tmp_path):
    made = files(tmp_path)
    empty = here("push", made["empty"], "--channel", "message", "--json")
    assert empty.status == 0
    assert orjson.loads(empty.out)["lines"] == 0
    for name in ("folder", "damaged.xz", "cut.xz", "garbage.xz", "long"):
        said = fault(here("push", made[name], "--channel", "message"))
        assert name in said, said


def damage(folder: Path, how: str) -> None:  # noqa: C901 - a list of damages
    pool, vault, key = folder / "pool.db", folder / "vault.db", folder / "master.key"
    match how:
        case "pool is text":
            pool.write_text("这不是数据库\n" * 500, "utf-8")
        case "pool is damaged inside":
            raw = bytearray(pool.read_bytes())
            raw[8192 : len(raw) - 8192] = os.urandom(len(raw) - 16384)
            pool.write_bytes(raw)
        case "pool is cut":
            pool.write_bytes(pool.read_bytes()[:20_000])
        case "pool is a folder":
            pool.unlink()
            pool.mkdir()
        case "pool is of a later version":
            with sqlite3.connect(pool) as connection:
                connection.execute("pragma user_version = 99")
            connection.close()
        case "vault is text":
            vault.write_text("这不是数据库\n" * 500, "utf-8")
        case "vault is damaged inside":
            raw = bytearray(vault.read_bytes())
            raw[4096:] = os.urandom(len(raw) - 4096)
            vault.write_bytes(raw)
        case "key is gone":
            key.unlink()
        case "key is another":
            key.write_bytes(base64.b64encode(os.urandom(32)))
        case "key is half":
            key.write_bytes(key.read_bytes()[:20])
        case "key is binary":
            key.write_bytes(os.urandom(200))
        case "key is readable by others":
            key.chmod(0o644)
        case "key is a folder":
            key.unlink()
            key.mkdir()
    for name in ("pool.db", "vault.db"):
        if how.split(maxsplit=1)[0] in name:
            for tail in ("-wal", "-shm"):
                (folder / (name + tail)).unlink(missing_ok=True)


DAMAGES = (
    "pool is text",
    "pool is damaged inside",
    "pool is cut",
    "pool is a folder",
    "pool is of a later version",
    "vault is text",
    "vault is damaged inside",
    "key is gone",
    "key is another",
    "key is half",
    "key is binary",
    "key is readable by others",
    "key is a folder",
)


@pytest.mark.slow
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_pool_is_said_clearly_by_every_command(how, copied, here, tmp_path):
    good = tmp_path / "good.jsonl"
    good.write_bytes(row(Channel.MESSAGE, "x") + b"\n")
    damage(copied, how)
    push_it, back_up = ("push", good, "--channel", "message"), ("backup", tmp_path / "b")
    for command in (("stats",), ("search", "停水"), push_it, ("audit", "verify"), back_up):
        said = here(*command)
        if how in ("pool is damaged inside", "vault is damaged inside") and said.status in (0, 1):
            continue  # a command that reads no damaged page cannot know
        fault(said)
        shutil.rmtree(tmp_path / "b", ignore_errors=True)


@pytest.mark.slow
def test_a_master_key_in_the_environment_that_is_none(copied, wentichi):
    for value in ("x", "0" * 63, "00" * 32, "密钥"):
        done = wentichi("stats", WENTICHI_MASTER_KEY=value)
        fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("setpriv") is None and os.geteuid() == 0, reason="root may write everywhere: needs setpriv")
@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("command", [("stats",), ("search", "停水"), ("pool", "compact")], ids=str)
def test_a_folder_that_may_not_be_written_or_read(command, mode, copied):
    """Root may do everything, so the command runs without root's privileges."""
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    for file in copied.iterdir():
        file.chmod(file.stat().st_mode & 0o400)
    copied.chmod(mode)
    done = subprocess.run(
        [*bare, COMMAND, *command], env=environment(copied), capture_output=True, text=True, timeout=60, check=False
    )
    copied.chmod(0o755)
    fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
def test_a_home_that_cannot_be_made(wentichi, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    for home in (Path("/proc/wentichi"), file, file / "below"):
        done = wentichi("stats", home=home)
        fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
def test_a_pack_that_is_none(wentichi, tmp_path):
    for pack in (tmp_path, tmp_path / "nowhere", Path("/etc/hostname")):
        done = wentichi("stats", WENTICHI_PACK=str(pack))
        fault(Said(done.returncode, done.stdout, done.stderr), lines=20)


def test_strip_controls_is_what_makes_hostile_text_quiet():
    assert quiet(strip_controls(HOSTILE))
