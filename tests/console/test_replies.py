"""`wentichi replies` and `wentichi train replies` as a person uses them, on made-up replies."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.classifiers.replies_made import pairs
from tests.console.conftest import Cli, Result

Jsonl = Callable[..., Path]


def refused(result: Result, *parts: str) -> None:
    assert result.status == 2
    assert result.err.startswith("错误:")
    for part in parts:
        assert part in result.err


def unmarked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "explains"} for row in rows]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_row_gets_its_findings_in_order(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    rows = [*unmarked(pairs(20)), {"text": "路灯不亮", "reply": ""}, {"title": "😀", "reply": "水" * 90_000}]
    out = tmp_path / "out.jsonl"
    said = cli("replies", "check", jsonl(rows, "in.jsonl.xz"), "--out", out)
    assert said.status == 0, said.err
    assert "22 行已写入" in said.out
    assert "没有答复 11 件" in said.out
    found = lines(out)
    assert [one["row"] for one in found] == list(range(22))
    assert [one.get("id") for one in found] == [row.get("id") for row in rows]
    for one in found[:20]:
        faults = {fault["fault"] for fault in one["faults"]}
        assert ("no_answer" in faults) == (one["row"] % 2 == 0)
        assert one["explains"] is None


def test_a_trained_model_says_how_likely_a_reply_explains(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    model, out = tmp_path / "model", tmp_path / "out.jsonl"
    card = cli("train", "replies", jsonl(pairs(160)), "--model", model, "--json").json
    assert card["rows"] == 160
    assert card["metrics"]["signs"]["accuracy"]["value"] > card["metrics"]["majority"]["accuracy"]["value"]
    assert cli("replies", "check", jsonl(unmarked(pairs(20, 1))), "--model", model, "--out", out).status == 0
    for one in lines(out):
        assert (one["explains"] > 0.5) == (one["row"] % 2 == 1)
        assert card["data"][:8] in one["model"]


def test_marks_may_stand_in_a_file_of_their_own(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    rows = pairs(80)
    marks = jsonl([{"id": row["id"], "explains": row["explains"]} for row in rows], "marks.jsonl")
    bare = jsonl(unmarked(rows))
    said = cli("train", "replies", bare, "--marks", marks, "--model", tmp_path / "model")
    assert said.status == 0, said.err
    assert "80 件答复" in said.out
    figures = cli("replies", "evaluate", bare, "--marks", marks, "--json").json
    assert figures["rows"] == figures["explaining"] + figures["unexplaining"] == 80
    assert {one["rival"] for one in figures["reasons"]} >= {"majority", "rule", "length", "signs", "characters_nbsvm"}
    shown = cli("replies", "evaluate", bare, "--marks", marks)
    for word in ("调换答复", "没有答复", "会拦住", "NB-SVM"):
        assert word in shown.out


def test_the_same_file_and_seed_give_the_same_figures(cli: Cli, jsonl: Jsonl) -> None:
    file = jsonl(pairs(60))
    first, again = (cli("replies", "evaluate", file, "--seed", 3, "--json").json for _ in range(2))
    for figures in (first, again):
        assert figures.pop("speed")["rules"] > 0
    assert first == again


def test_without_marks_only_what_needs_none_is_measured(cli: Cli, jsonl: Jsonl) -> None:
    figures = cli("replies", "evaluate", jsonl(unmarked(pairs(60))), "--json").json
    assert figures["reasons"] == []
    assert figures["blocked"] is None
    assert figures["swapped"]["random"]["auc"] > 0.8


@pytest.mark.parametrize("command", [("replies", "evaluate"), ("train", "replies")])
def test_a_bad_file_is_named_and_nothing_is_left(cli: Cli, jsonl: Jsonl, tmp_path: Path, command: tuple[str, str]) -> None:
    model = ("--model", tmp_path / "model") if command[0] == "train" else ()
    refused(cli(*command, jsonl([{"text": "a"}]), *model), "第 1 行", "reply")
    refused(cli(*command, tmp_path / "none", *model), "没有文件")
    refused(cli(*command, jsonl([{**row, "explains": 1} for row in pairs(6)]), *model), "explains")
    refused(cli(*command, jsonl(pairs(6)), "--marks", jsonl([{"id": "x", "explains": 1}], "marks"), *model), "编号")
    assert not (tmp_path / "model").exists()


def test_what_cannot_be_written_or_read_is_said_before_the_work(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    file = jsonl(unmarked(pairs(4)))
    refused(cli("replies", "check", file, "--out", file), "就是输入文件")
    refused(cli("replies", "check", file, "--out", tmp_path / "out", "--model", tmp_path), "没有答复检查的模型")
    refused(cli("train", "replies", file, "--model", file), "是文件")
    refused(cli("train", "replies", file, "--model", tmp_path / "model"), "没有一行带 explains")
    assert not (tmp_path / "out").exists()
