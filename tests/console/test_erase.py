"""erase: shown first, done with --yes, and final."""

from collections.abc import Callable
from pathlib import Path

from schemas.identity import report_id
from tests.console.conftest import LAMP, ROWS, WATER, Cli

A1 = report_id("push/message", "a1")


def test_without_yes_nothing_goes(pushed: Cli) -> None:
    said = pushed("erase", "a1")
    assert "--yes" in said.out
    assert pushed("erase", "a1", "--json").json["erased"] is False
    assert pushed("search", "停水", "--json").json["total"] == 1


def test_what_is_erased_is_found_no_more_and_does_not_come_back(pushed: Cli, jsonl: Callable[..., Path]) -> None:
    done = pushed("erase", "a1", "--yes", "--json").json
    assert (done["erased"], done["report"]) == (True, A1)
    assert pushed("search", "停水", "--json").json["total"] == 0
    assert "内容已删除" in pushed("show", A1).out
    pushed("push", jsonl(ROWS), "--channel", "message")
    pushed("push", jsonl([{**WATER, "text": "梧桐苑停水,另一种说法。"}]), "--channel", "message")
    assert pushed("search", "停水", "--json").json["total"] == 0
    assert pushed("stats", "--json").json["reports"] == 3
    assert pushed("show", A1, "--contact", "--reason", "核对", "--json").json["contacts"] == {A1: None}
    for line in pushed("subscribe", "--unit", "p-gongshui", "--json", "--from-start").lines:
        assert "水龙头" not in str(line)


def test_erasing_twice_is_the_same_as_once(pushed: Cli) -> None:
    pushed("erase", "a1", "--yes")
    assert pushed("erase", "a1", "--yes").status == 0
    kinds = [event["type"] for event in pushed("show", A1, "--json").json["timeline"]]
    assert kinds.count("ReportErased") == 1


def test_a_report_is_erased_where_it_is_now(pushed: Cli) -> None:
    source = pushed("show", "a1", "--json").json["id"]
    pushed("merge", "a1", "--into", "a2")
    assert pushed("erase", "a1", "--yes", "--json").json["problem"] != source
    assert pushed("search", "停水", "--json").json["total"] == 0
    assert pushed("search", LAMP["title"], "--json").json["total"] == 1


def test_a_report_that_is_only_a_dead_letter_is_erased_too(cli: Cli, jsonl: Callable[..., Path]) -> None:
    cli("push", jsonl([{**WATER, "time": "2099-01-01T00:00:00"}]), "--channel", "message")
    assert len(cli("erase", "a1", "--json").json["dead_letters"]) == 1
    assert cli("erase", "a1", "--yes").status == 0
    assert cli("stats", "--json").json["dead_letters"] == 0
    cli("push", jsonl([WATER]), "--channel", "message")
    assert cli("stats", "--json").json["reports"] == 0


def test_an_unknown_report_is_said(cli: Cli) -> None:
    result = cli("erase", "nothing", "--yes")
    assert result.status == 2
    assert "没有找到来件" in result.err
