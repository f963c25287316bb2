"""search, show, stats: what people and programs read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.console.conftest import LAMP, WATER, Cli

NO_ALARMS = {"alarms": {"seen": 0, "observed": 0, "unconfirmed": 0}}


def test_search_gives_a_hit_for_each_report_with_its_problem(pushed: Cli) -> None:
    found = pushed("search", "停水", "--json").json
    assert found["total"] == 1
    (hit,) = found["reports"]
    assert (hit["source_id"], hit["title"]) == ("a1", "梧桐苑停水")
    assert hit["problem"] == pushed("show", "a1", "--json").json["id"]


def test_search_without_words_finds_everything_page_by_page(pushed: Cli) -> None:
    first = pushed("search", "--limit", 2, "--json").json
    second = pushed("search", "--limit", 2, "--cursor", first["cursor"], "--json").json
    assert first["total"] == second["total"] == 3
    assert {hit["source_id"] for hit in first["reports"] + second["reports"]} == {"a1", "a2", "a3"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--channel", "message"), {"a1", "a2", "a3"}),
        (("--channel", "grid"), set()),
        (("--since", "2026-05-06T09:30"), {"a3"}),
        (("--until", "2026-05-06T08:30"), {"a1"}),
        (("--since", "2026-05-06", "--until", "2026-05-06"), {"a1", "a2", "a3"}),
        (("--area", "云溪区"), {"a1", "a2", "a3"}),
        (("--area", "柏川区"), set()),
        (("--category", "供水"), {"a1"}),
        (("--unit", "示例市自来水有限公司"), {"a1"}),
        (("--urgency", "critical"), set()),
        (("--as-unit", "p-gongshui"), {"a1"}),
        (("--state", "closed"), set()),
    ],
)
def test_filters_hold(pushed: Cli, options: tuple[str, ...], expected: set[str]) -> None:
    assert {hit["source_id"] for hit in pushed("search", "--json", *options).json["reports"]} == expected


def test_facets_and_histogram_count_what_was_found(pushed: Cli) -> None:
    found = pushed("search", "--json", "--facets", "channel", "--facets", "state", "--histogram", "month").json
    assert found["facets"]["channel"] == [["message", 3]]
    assert found["histogram"] == [["2026-05-01", 3]]


def test_reports_of_one_problem_are_grouped_on_request(cli: Cli, jsonl: Callable[..., Path]) -> None:
    cli("push", jsonl([WATER, {**WATER, "id": "a9"}, LAMP]), "--channel", "message")
    found = cli("search", "停水", "--problems", "--json").json
    assert [group["reports"] for group in found["problems"]] == [[hit["id"] for hit in found["reports"]]]
    assert "共 2 件" in cli("search", "停水", "--problems").out


def test_text_from_outside_is_shown_as_text(cli: Cli, jsonl: Callable[..., Path]) -> None:
    hostile = {**WATER, "title": "[bold]停水[/bold][link=http://x]", "text": "<script>\u001b[31m停水\u202e\u0007[/red]"}
    cli("push", jsonl([hostile]), "--channel", "message")
    for command in (("search", "停水"), ("show", "a1"), ("subscribe", "--unit", "p-gongshui", "--from-start")):
        shown = cli(*command)
        assert shown.status == 0
        assert not set(shown.out) & set("\u001b\u0007\u202e")
    assert "[bold]停水[/bold]" in cli("search", "停水").out


def test_a_problem_is_found_by_each_of_its_numbers(pushed: Cli) -> None:
    problem = pushed("show", "a1", "--json").json
    report = problem["reports"][0]["id"]
    for name in (problem["id"], problem["order_number"], report):
        assert pushed("show", name, "--json").json["id"] == problem["id"]


def test_show_tells_the_story_with_its_evidence(pushed: Cli) -> None:
    shown = pushed("show", "a1").out
    for part in ("梧桐苑停水", "凭什么这样认定", "示例市自来水有限公司", "《供水条例》", "办理过程", "登记", "时限"):
        assert part in shown
    document = pushed("show", "a1", "--json").json
    assert [event["type"] for event in document["timeline"]] == ["ProblemRegistered", "Dispatched"]
    assert document["reports"][0]["findings"]["categories"][0]["evidence"]


def test_an_unknown_number_is_said(pushed: Cli) -> None:
    result = pushed("show", "nothing")
    assert result.status == 2
    assert result.err.startswith("错误:没有找到 “nothing”")
    assert result.err.count("\n") == 1


def test_a_contact_needs_a_reason(cli: Cli, jsonl: Callable[..., Path]) -> None:
    open_caller = {**WATER, "caller": {"name": "陈某", "phone": "13800138000"}}
    secret_caller = {**LAMP, "secret": True, "caller": {"name": "李某", "phone": "13900139000"}}
    cli("push", jsonl([open_caller, secret_caller]), "--channel", "message")
    assert cli("show", "a1", "--contact").status == 2
    assert cli("show", "a1", "--contact", "--reason", "回访", "--json").json["contacts"].popitem()[1]["phone"] == "13800138000"
    withheld = cli("show", "a2", "--contact", "--reason", "回访", "--json").json
    assert (withheld["contacts"], len(withheld["withheld"])) == ({}, 1)
    assert "13900139000" not in cli("show", "a2", "--contact", "--reason", "回访").out
    assert "13900139000" in cli("show", "a2", "--contact", "--reason", "核实", "--secret").out
    assert cli("show", "a1", "--contact", "--reason", "回访", "--as-unit", "p-gongshui").status == 2


def test_a_unit_sees_only_what_is_its_own(pushed: Cli) -> None:
    assert pushed("stats", "--as-unit", "p-gongshui", "--json").json["reports"] == 1
    assert pushed("show", "a2", "--as-unit", "p-gongshui").status == 2


def test_a_fresh_pool_counts_nothing_and_says_what_to_do(cli: Cli) -> None:
    nothing = {"reports": 0, "problems": 0, "dead_letters": 0, "by_state": {}, "by_channel": {}}
    assert cli("stats", "--json").json == nothing | NO_ALARMS
    assert "wentichi push" in cli("stats").out


@pytest.mark.parametrize(
    "wrong",
    [
        ("search", "！！"),
        ("search", "--near", "1,2"),
        ("search", "--near", "a,b,c"),
        ("search", "--since", "昨天"),
        ("search", "--category", "没有这类"),
        ("search", "--unit", "没有这家"),
        ("search", "--area", "没有这里"),
        ("search", "--cursor", "abc"),
        ("search", "--limit", "0"),
        ("search", "--sort", "distance"),
    ],
)
def test_a_wrong_question_is_one_line_of_error(pushed: Cli, wrong: tuple[str, ...]) -> None:
    result = pushed(*wrong)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("错误:")
    assert result.err.count("\n") == 1
