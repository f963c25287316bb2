"""push: every line ends as a report or as a dead letter, exactly once."""

import io
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from schemas.identity import report_id
from tests.console.conftest import LAMP, ROWS, WATER, Cli, many, start

Write = Callable[..., Path]


def test_a_file_of_messages_becomes_reports_and_problems(cli: Cli, jsonl: Write) -> None:
    counts = cli("push", jsonl(ROWS), "--channel", "message", "--json").json
    assert (counts["lines"], counts["appended"], counts["new_reports"], counts["dead_letters"]) == (3, 3, 3, 0)
    stats = cli("stats", "--json").json
    assert stats["reports"] == 3
    assert sum(stats["by_state"].values()) == stats["problems"]
    assert stats["by_channel"] == {"message": 3}


def test_pushing_twice_changes_nothing(cli: Cli, jsonl: Write) -> None:
    file = jsonl(ROWS)
    cli("push", file, "--channel", "message")
    before = cli("stats", "--json").json
    counts = cli("push", file, "--channel", "message", "--json").json
    assert (counts["new_reports"], counts["known"], counts["skipped"]) == (0, 3, 0)
    assert cli("stats", "--json").json == before


def test_an_xz_file_is_read_by_its_content_whatever_its_name(cli: Cli, jsonl: Write) -> None:
    packed = jsonl(ROWS, "rows.jsonl.xz")
    renamed = packed.rename(packed.with_name("rows.data"))
    assert cli("push", renamed, "--channel", "message", "--json").json["new_reports"] == 3


def test_standard_input_is_read_for_a_dash(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "\n".join(json.dumps(row) for row in ROWS).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert cli("push", "-", "--channel", "message", "--json").json["new_reports"] == 3


def test_lines_that_cannot_be_read_become_dead_letters_and_empty_ones_are_counted(cli: Cli, jsonl: Write) -> None:
    rows = [WATER, b"", b"   ", b'{"id": ', b"\xff\xfe", b"[1, 2]", {"title": "no number"}, {"id": True, "title": "x"}]
    counts = cli("push", jsonl(rows), "--channel", "message", "--json").json
    assert (counts["lines"], counts["empty"], counts["new_reports"], counts["dead_letters"]) == (8, 2, 1, 5)
    assert cli("dead-letters", "list", "--json").json["total"] == 5


def test_the_same_report_twice_in_a_file_is_one_report(cli: Cli, jsonl: Write) -> None:
    counts = cli("push", jsonl([WATER, WATER, LAMP]), "--channel", "message", "--json").json
    assert (counts["appended"], counts["new_reports"], counts["known"]) == (3, 2, 1)


def test_the_source_is_the_channel_or_what_is_given_and_never_the_files_name(cli: Cli, jsonl: Write) -> None:
    cli("push", jsonl([WATER], "one.jsonl"), "--channel", "message")
    cli("push", jsonl([WATER], "two.jsonl"), "--channel", "message")
    assert [hit["id"] for hit in cli("search", "--json").json["reports"]] == [report_id("push/message", "a1")]
    cli("push", jsonl([WATER]), "--channel", "message", "--source", "app")
    assert cli("stats", "--json").json["reports"] == 2


def test_a_number_as_id_is_taken_as_text(cli: Cli, jsonl: Write) -> None:
    cli("push", jsonl([{**WATER, "id": 77}]), "--channel", "message")
    assert cli("search", "--json").json["reports"][0]["source_id"] == "77"


def test_a_full_cloudevent_keeps_its_own_source_and_id(cli: Cli, jsonl: Write) -> None:
    event = {"specversion": "1.0", "id": "e1", "source": "hotline/1", "type": "wentichi.report.hotline.v1"}
    cli("push", jsonl([{**event, "data": {"title": "停水", "text": "梧桐苑停水。"}}]), "--channel", "hotline")
    (hit,) = cli("search", "--json").json["reports"]
    assert (hit["source"], hit["source_id"], hit["id"]) == ("hotline/1", "e1", report_id("hotline/1", "e1"))


def test_history_is_archived_and_dispatched_to_nobody(cli: Cli, jsonl: Write) -> None:
    cli("push", jsonl(ROWS), "--channel", "message", "--history")
    assert cli("stats", "--json").json["by_state"] == {"archived": 3}
    assert all(hit["lead"] is None for hit in cli("search", "--json").json["reports"])


def test_a_push_that_was_killed_goes_on_where_it_stopped(cli: Cli, home: Path, jsonl: Write) -> None:
    file = jsonl([*many(1300), b"not json"])
    killed = start(home, "push", file, "--channel", "message", WENTICHI_FAIL_AT="append_committed:2")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    counts = cli("push", file, "--channel", "message", "--json").json
    assert (counts["skipped"], counts["appended"], counts["lines"]) == (1000, 301, 1301)
    stats = cli("stats", "--json").json
    assert (stats["reports"], stats["dead_letters"]) == (1300, 1)


def test_a_broken_archive_is_named_with_its_line(cli: Cli, jsonl: Write) -> None:
    packed = jsonl(many(50), "rows.jsonl.xz")
    packed.write_bytes(packed.read_bytes()[:-20])
    result = cli("push", packed, "--channel", "message")
    assert result.status == 2
    assert "解压失败" in result.err


def test_a_missing_file_and_a_wrong_channel_are_said_in_chinese(cli: Cli) -> None:
    assert "没有文件" in cli("push", "/nowhere.jsonl", "--channel", "message").err
    wrong = cli("push", "x", "--channel", "fax")
    assert wrong.status == 2
    assert "只能是 hotline、message、grid、camera" in wrong.err
