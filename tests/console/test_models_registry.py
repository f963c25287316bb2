"""`wentichi models` as a person uses it: a better model takes the place, a worse one does not, and one can go back."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifiers.learning.category import KIND, CategoryModel
from classifiers.learning.rows import Row, Task
from classifiers.learning.seen import remember
from classifiers.registry import Registry
from tests.console.conftest import Cli, Result
from tests.console.test_models_evaluate import reports

Jsonl = Callable[..., Path]
HELD_OUT = 240


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three models of categories: `poor` learned from half wrong labels, `good`, and `grown` from no labels."""
    from classifiers.learning.bootstrap import bootstrap  # noqa: PLC0415 - slow to import

    folder = tmp_path_factory.mktemp("models")
    rows = [Row("", row["text"], row["category"], {}) for row in reports(240)]
    chance = random.Random(0)
    poor = [Row("", row.text, row.label if chance.random() < 0.5 else rows[chance.randrange(240)].label, {}) for row in rows]
    grown = bootstrap(rows, [("城建<b>", "甲"), ("交通", "乙"), ("卫生", "丙")])
    for name, model in (("poor", CategoryModel.fit(poor)), ("good", CategoryModel.fit(rows)), ("grown", grown)):
        model.save(folder / name)
        remember(folder / name, rows)
    return folder


@pytest.fixture
def held_out(jsonl: Jsonl) -> Path:
    return jsonl([*reports(HELD_OUT, seed=7), *reports(20)], "held_out.jsonl")


@pytest.fixture
def registry(home: Path) -> Registry:
    return Registry(home / "models")


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENTICHI_MODELS", raising=False)


def stands(registry: Registry, folder: Path) -> None:
    """Put there without a contest."""
    registry.promote(Task.CATEGORY, registry.add(folder, Task.CATEGORY), 0.98)


def refused(result: Result, *parts: str) -> None:
    assert result.status == 2
    for part in parts:
        assert part in result.err


def events(cli: Cli) -> list[dict[str, Any]]:
    found = cli("models", "history", "--json").json["events"]
    assert isinstance(found, list)
    return found


def test_without_a_champion_the_baselines_are_to_be_beaten(cli: Cli, made: Path, held_out: Path, registry: Registry) -> None:
    said = cli("models", "promote", "category", made / "good", "--held-out", held_out, "--by", "甲", "--check-share", "0.05")
    assert said.status == 0, said.err
    assert "比一律判为最多的一个" in said.out
    assert "比关键词表" in said.out
    assert f"比较用 {HELD_OUT} 行" in said.out
    assert "另有 20 行见过" in said.out
    standing = registry.standing()[Task.CATEGORY]
    assert (standing.promise, standing.checked_share, standing.by) == (0.98, 0.05, "甲")
    assert standing.figures["rows"] == HELD_OUT
    assert json.loads((standing.folder / "reference.json").read_bytes())["rows"] >= 100
    listed = cli("models", "list")
    assert f"现行 {standing.version}" in listed.out
    assert "承办单位:没有现行模型" in listed.out
    (event,) = events(cli)
    assert (event["change"], event["version"], event["before"]) == ("promoted", standing.version, "")


def test_a_worse_model_is_refused_with_the_figures_and_noted(
    cli: Cli, made: Path, held_out: Path, registry: Registry
) -> None:
    stands(registry, made / "good")
    before = registry.standing()
    said = cli("models", "promote", "category", made / "poor", "--held-out", held_out, "--by", "乙")
    assert said.status == 1
    assert "没有上线" in said.err
    assert "准确率不能断定高于现行模型" in said.err
    assert "个百分点" in said.out
    assert registry.standing() == before
    assert len(registry.versions(Task.CATEGORY)) == 1
    last = events(cli)[-1]
    assert (last["change"], last["by"], last["before"]) == ("refused", "乙", before[Task.CATEGORY].version)
    assert last["figures"]["comparisons"]["champion"]["accuracy"]["upper"] < 0
    assert "未予上线" in cli("models", "history").out


def test_a_better_model_takes_the_place_and_one_can_go_back(cli: Cli, made: Path, held_out: Path, registry: Registry) -> None:
    stands(registry, made / "poor")
    first = registry.standing()[Task.CATEGORY].version
    said = cli("models", "promote", "category", made / "good", "--held-out", held_out, "--json")
    assert said.status == 0, said.err
    found = said.json
    assert found["promoted"]
    assert found["comparisons"]["champion"]["accuracy"]["lower"] > 0
    assert found["figures"]["challenger"]["accuracy"] > found["figures"]["champion"]["accuracy"]
    assert registry.standing()[Task.CATEGORY].version == found["version"]
    assert cli("models", "roll-back", "category", "--json").json == {"task": "category", "version": first}
    assert "由冷启动判断" in cli("models", "roll-back", "category").out
    refused(cli("models", "roll-back", "category"), "无可退回")
    assert [event["change"] for event in events(cli)] == ["promoted", "promoted", "rolled_back", "rolled_back"]


def test_models_of_different_kinds_are_compared_on_the_same_rows(
    cli: Cli, made: Path, held_out: Path, registry: Registry
) -> None:
    stands(registry, made / "grown")
    found = cli("models", "promote", "category", made / "good", "--held-out", held_out, "--json").json
    assert found["promoted"]
    assert found["figures"]["champion"]["accepted"] == 0
    assert {entry["kind"] for entry in cli("models", "list", "--json").json["versions"]} == {KIND, "category-bootstrap-1"}


def test_a_model_without_labels_is_for_predict_only(cli: Cli, made: Path, held_out: Path, registry: Registry) -> None:
    refused(cli("models", "promote", "category", made / "grown", "--held-out", held_out), "没有标签", "wentichi predict")
    assert registry.standing() == {}


def test_labels_that_no_model_has_count_as_wrong_for_both_and_are_said(
    cli: Cli, made: Path, jsonl: Jsonl, registry: Registry
) -> None:
    stands(registry, made / "poor")
    strange = [row | {"category": "新类"} for row in reports(10, seed=8)]
    rows = jsonl([*reports(HELD_OUT, seed=7), *strange])
    said = cli("models", "promote", "category", made / "good", "--held-out", rows, "--promise", "0.9")
    assert said.status == 0, said.err
    assert said.err.count("没有学过 1 个标签,共 10 行") == 2
    assert events(cli)[-1]["figures"]["unknown_rows"] == {"challenger": 10, "champion": 10}


def test_a_better_model_that_does_not_keep_its_promise_is_refused(
    cli: Cli, made: Path, jsonl: Jsonl, registry: Registry
) -> None:
    stands(registry, made / "poor")
    strange = [row | {"category": "新类"} for row in reports(40, seed=8)]
    said = cli("models", "promote", "category", made / "good", "--held-out", jsonl([*reports(HELD_OUT, seed=7), *strange]))
    assert said.status == 1
    assert "没有守住承诺 0.98" in said.err
    assert "准确率不能断定" not in said.err
    assert events(cli)[-1]["figures"]["promise"]["kept"] == "broken"


def test_the_standing_model_is_not_compared_with_itself_but_its_promise_may_change(
    cli: Cli, made: Path, held_out: Path, registry: Registry
) -> None:
    stands(registry, made / "good")
    arguments = ("models", "promote", "category", made / "good", "--held-out", held_out)
    refused(cli(*arguments), "就是现行的版本")
    assert cli(*arguments, "--promise", "0.99").status == 0
    assert registry.standing()[Task.CATEGORY].promise == 0.99


def test_too_few_rows_say_how_many_more_are_needed(cli: Cli, made: Path, jsonl: Jsonl, registry: Registry) -> None:
    few = jsonl([*reports(60, seed=7), *reports(60, seed=7), *reports(30)])
    refused(cli("models", "promote", "category", made / "good", "--held-out", few), "60 行", "至少要 149 行", "再提供至少 89 行")
    arguments = (cli, "models", "promote", "category", made / "good", "--held-out", few)
    assert "再提供至少 40 行" in cli(*arguments[1:], "--promise", "0.9").err
    refused(cli("models", "promote", "category", made / "good", "--held-out", jsonl(reports(240))), "全部 240 行", "见过")
    assert not registry.folder.exists()


def test_wrong_arguments_are_told_before_the_work(cli: Cli, made: Path, held_out: Path, tmp_path: Path) -> None:
    rows = ("--held-out", held_out)
    refused(cli("models", "promote", "weather", made / "good", *rows), "weather", "department")
    refused(cli("models", "promote", "department", made / "good", *rows), "category 的模型")
    refused(cli("models", "promote", "category", tmp_path / "none", *rows), "没有文件夹")
    refused(cli("models", "promote", "category", made / "good", *rows, "--promise", "1"), "--promise")
    refused(cli("models", "promote", "category", made / "good", *rows, "--check-share", "2"), "--check-share")
    refused(cli("models", "promote", "category", made / "good", *rows, "--by", ""), "--by")
    refused(cli("models", "list", "--models", held_out), "--models", "是文件")
    codes = [json.loads(line) | {"category": "0101"} for line in held_out.read_text(encoding="utf-8").splitlines()]
    held_out.write_text("\n".join(json.dumps(row) for row in codes), encoding="utf-8")
    refused(cli("models", "promote", "category", made / "good", *rows), "0101", "编码还是名称")


def test_an_empty_registry_is_no_error_and_a_damaged_one_says_what_to_do(
    cli: Cli, registry: Registry, made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "类别:没有现行模型,由冷启动判断" in cli("models", "list").out
    assert "还没有上线过" in cli("models", "history").out
    stands(registry, made / "good")
    (registry.folder / "current.json").write_text("{", encoding="utf-8")
    refused(cli("models", "list"), "current.json 已损坏", "备份")
    monkeypatch.setenv("WENTICHI_MODELS", str(tmp_path / "elsewhere"))
    assert cli("models", "list", "--json").json == {"models": str(tmp_path / "elsewhere"), "standing": {}, "versions": []}
