"""dead-letters: listed, shown masked, sent again."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import streams.stages.publish
from casework.derive import unit_views
from city.sample import sample_city
from schemas.documents import UnitView
from schemas.problem import Problem
from tests.console.conftest import ROWS, WATER, Cli

UNIT = "p-gongshui"
LATE = {**WATER, "time": "2099-01-01T00:00:00", "text": "梧桐苑停水，电话13800138000，张三。"}


def test_a_letter_says_what_is_wrong_where_and_what_to_do(cli: Cli, jsonl: Callable[..., Path]) -> None:
    assert "没有死信" in cli("dead-letters", "list").out
    cli("push", jsonl([LATE]), "--channel", "message")
    listed = cli("dead-letters", "list")
    assert "data.time" in listed.out
    (letter,) = cli("dead-letters", "list", "--json").json["dead_letters"]
    shown = cli("dead-letters", "show", letter["id"])
    assert "不合规则" in shown.out
    assert "13800138000" not in shown.out + listed.out
    assert "sealed" not in cli("dead-letters", "show", letter["id"], "--json").json


def test_a_replayed_letter_is_worked_again_and_the_old_one_is_gone(cli: Cli, jsonl: Callable[..., Path]) -> None:
    cli("push", jsonl([LATE, b"not json"]), "--channel", "message")
    before = {letter["id"] for letter in cli("dead-letters", "list", "--json").json["dead_letters"]}
    became = cli("dead-letters", "replay", "--all", "--json").json["replayed"]
    assert {result["became"] for result in became} == {"dead_letter"}
    after = {letter["id"] for letter in cli("dead-letters", "list", "--json").json["dead_letters"]}
    assert len(after) == 2
    assert not before & after


def test_a_letter_that_can_be_worked_now_becomes_a_report(
    cli: Cli, jsonl: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pack that is used now knows the grid that the report names."""
    grid = {"id": "g1", "title": "巡查", "text": "梧桐苑门口井盖缺失。", "grid": "990102002001099", "event_type": "井盖缺失"}
    cli("push", jsonl([grid]), "--channel", "grid")
    (letter,) = cli("dead-letters", "list", "--json").json["dead_letters"]
    assert letter["field"] == "data.grid"
    pack = tmp_path / "pack"
    shutil.copytree(sample_city(), pack)
    for name in ("grids.csv", "places.csv", "workers.csv", "cameras.csv"):
        text = (pack / name).read_text(encoding="utf-8")
        (pack / name).write_text(text.replace("990102002001001", "990102002001099"), encoding="utf-8")
    monkeypatch.setenv("WENTICHI_PACK", str(pack))
    (result,) = cli("dead-letters", "replay", letter["id"], "--json").json["replayed"]
    assert (result["became"], bool(result["problem"])) == ("report", True)
    stats = cli("stats", "--json").json
    assert (stats["reports"], stats["dead_letters"]) == (1, 0)


def test_a_letter_of_publish_stays_while_the_defect_does_and_then_its_units_see_what_is_so_now(
    cli: Cli, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(problem: Problem, *rest: Any) -> list[UnitView]:
        if problem.order_number == bad:
            raise ZeroDivisionError("a bug")
        return unit_views(problem, *rest)

    cli("push", jsonl(ROWS), "--channel", "message")
    bad = cli("show", "a1", "--json").json["order_number"]
    with monkeypatch.context() as patch:
        patch.setattr(streams.stages.publish, "unit_views", wrong)
        cli("progress", "a1", "sign", "--unit", UNIT)
        (letter,) = cli("dead-letters", "list", "--json").json["dead_letters"]
        assert (letter["kind"], letter["stage"], letter["report"]) == ("defect", "publish", None)
        assert f"问题 {letter['key']}" in re.sub(" +", " ", cli("dead-letters", "show", letter["id"]).out)
        assert f"仍是死信 {letter['id']}" in cli("dead-letters", "replay", letter["id"]).out
        assert cli("dead-letters", "list", "--json").json["dead_letters"] == [letter]
        assert assignments(cli) == ["dispatched"]
    events = cli("show", "a1", "--json").json["timeline"]
    assert "现况已重新发给:示例市自来水有限公司" in cli("dead-letters", "replay", "--all").out
    assert cli("dead-letters", "list", "--json").json["total"] == 0
    assert assignments(cli) == ["signed"]
    assert cli("show", "a1", "--json").json["timeline"] == events


def assignments(cli: Cli) -> list[str]:
    """As the unit sees them."""
    return [line["view"]["assignment"] for line in cli("subscribe", "--unit", UNIT, "--from-start", "--json").lines]


def test_a_wrong_number_or_no_choice_is_said(cli: Cli) -> None:
    assert "没有死信 x" in cli("dead-letters", "show", "x").err
    assert cli("dead-letters", "replay").status == 2
    assert cli("dead-letters", "replay", "x", "--all").status == 2
