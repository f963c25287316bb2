"""`wentichi models drift` on a pool whose reports a promoted model has judged, all of them drawn to be decided by people."""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from classifiers.learning.category import CategoryModel
from classifiers.learning.drift import FEWEST, reference_of
from classifiers.learning.drift_log import FILE, last_check
from classifiers.learning.rows import Row, Task
from classifiers.registry import REFERENCE, Registry
from console.main import main
from console.models_drift import SLICES, reports_drawn
from console.opening import open_pool_home
from tests.console.conftest import Cli

MATTERS = {
    "01/0101/010101": "停水 水龙头 没水 水压 断水 水管 来水 缺水",
    "01/0105/010503": "路灯 不亮 灯杆 夜里 黑漆漆 照明 灯泡 看不见",
    "03/0301/030101": "施工 工地 噪音 打桩机 混凝土 凌晨 塔吊 睡不着",
}
LEADS = {"01/0101/010101": "yunxi-shuiwu", "01/0105/010503": "yunxi-chengguan", "03/0301/030101": "yunxi-chengguan"}
NEW = "充电桩 电动自行车 换电柜 蓄电池 飞线 起火 棚子 扫码 插座"
COMMON = "希望 部门 尽快 处理 我们 小区 居民 已经 反映 多次 没有 解决 问题 非常 影响 生活 请问 什么 时候 可以 门口 今年 昨天"
PROMISE = 0.8
POINTS = 12


def words(chance: random.Random, matter: str) -> Row:
    said = [*chance.sample(matter.split(), 4), *chance.sample(COMMON.split(), 8)]
    chance.shuffle(said)
    return Row("", ",".join(said) + "。", None, {})


def labelled(many: int, seed: int) -> list[Row]:
    chance = random.Random(seed)
    labels = [list(MATTERS)[number % len(MATTERS)] for number in range(many)]
    return [Row("", words(chance, MATTERS[label]).text, label, {}) for label in labels]


def sent(rows: list[Row], name: str) -> list[dict[str, Any]]:
    """As reports of the last six days."""
    now = datetime.now(UTC)
    return [
        {"id": f"{name}{number}", "user": f"u{name}{number}", "title": "来信", "text": row.text, "time": when.isoformat()}
        for number, row in enumerate(rows)
        if (when := now - timedelta(hours=1 + number % 140))
    ]


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert not ended.value.code


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a pool with a promoted model and 130 reports like those that it was judged on."""
    folder = tmp_path_factory.mktemp("pool")
    model = CategoryModel.fit(labelled(300, 1))
    model.save(folder / "model")
    held_out = [Row("来信", row.text, None, {}) for row in labelled(200, 2)]
    reference = reference_of(held_out, [answer.confidence for answer in model.predict(held_out)])
    registry = Registry(folder / "home" / "models")
    version = registry.add(folder / "model", Task.CATEGORY)
    registry.keep_reference(Task.CATEGORY, version, asdict(reference))
    registry.promote(Task.CATEGORY, version, PROMISE, checked_share=1.0, by="测试")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENTICHI_HOME", str(folder / "home"))
        for name in ("WENTICHI_PACK", "WENTICHI_MASTER_KEY", "WENTICHI_MODELS"):
            patch.delenv(name, raising=False)
        run("push", write(folder / "rows.jsonl", sent(labelled(130, 3), "m")), "--channel", "message")
        for number in range(POINTS):
            changed = ["--category", "020103"] if number == 0 else []
            run("assign", f"m{number}", "--lead", LEADS[list(MATTERS)[number % 3]], *changed)
        yield folder / "home"


@pytest.fixture
def at_pool(promoted: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on that pool."""
    monkeypatch.setenv("WENTICHI_HOME", str(promoted))
    return cli


def test_the_same_kind_of_reports_is_no_drift_and_is_noted(at_pool: Cli, promoted: Path) -> None:
    done = at_pool("models", "drift", "--json")
    assert done.status == 0, done.out + done.err
    told = done.json
    assert told["reports"] == 130
    assert FEWEST <= told["rows"] <= 130
    assert {one["test"]: one["enough"] for one in told["tests"][:4]} == dict.fromkeys(
        ("confidence", "words", "new_matter", "unknown_words"), True
    )
    line = json.loads((promoted / "models" / FILE).read_text(encoding="utf-8").splitlines()[-1])
    assert (line["task"], line["version"], line["alert"]) == ("category", told["version"], False)
    found = last_check(promoted / "models", Task.CATEGORY, told["version"])
    assert found is not None
    assert abs((datetime.now(UTC) - found.at).total_seconds()) < 120
    assert "没有变" in at_pool("models", "drift").out


def test_checked_reports_are_those_a_person_has_dispatched_and_the_model_was_sure_of(at_pool: Cli) -> None:
    checked = at_pool("models", "drift", "--json").json["tests"][4]
    assert checked["test"] == "checked"
    assert checked["before"] == PROMISE
    assert POINTS - 3 <= checked["rows"] <= POINTS, "of 130 drawn only those that a person has decided"
    assert checked["now"] == pytest.approx(1 - 1 / checked["rows"]), "one was given another category"


def test_few_days_or_no_reports_say_nothing(at_pool: Cli) -> None:
    told = at_pool("models", "drift", "--days", "1", "--json")
    assert told.status == 0
    assert not any(one["enough"] for one in told.json["tests"][:4])
    assert "太少,看不出" in at_pool("models", "drift", "--days", "1").out


def test_too_many_reports_are_drawn_over_the_whole_time(at_pool: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifiers.learning.drift.MOST", 30)
    now = datetime.now(UTC)
    with open_pool_home() as home:
        drawn = [report.time for report in reports_drawn(home, now - timedelta(days=7), now)]
    assert 30 <= len(drawn) <= 30 + SLICES
    assert len(drawn) < 130
    assert len({time.date() for time in drawn}) >= 6
    assert drawn == sorted(drawn)


def test_a_third_about_something_new_ends_with_3_and_names_it(at_pool: Cli, tmp_path: Path) -> None:
    chance = random.Random(7)
    news = write(tmp_path / "new.jsonl", sent([words(chance, NEW) for _ in range(60)], "n"))
    assert at_pool("push", news, "--channel", "message").status == 0
    done = at_pool("models", "drift")
    assert done.status == 3
    assert "变了" in done.out
    assert any(word in done.out for word in ("充电", "蓄电池", "换电", "插座")), done.out
    assert "model-drift.md" in done.err
    assert at_pool("models", "drift", "--json").json["alert"] is True


def test_without_a_model_or_a_reference_the_remedy_is_named(at_pool: Cli, promoted: Path, tmp_path: Path) -> None:
    none = at_pool("models", "drift", "--models", tmp_path)
    assert none.status == 2
    assert "没有现行的类别模型" in none.err
    standing = Registry(promoted / "models").standing()[Task.CATEGORY]
    kept = (standing.folder / REFERENCE).read_bytes()
    (standing.folder / REFERENCE).unlink()
    missing = at_pool("models", "drift")
    (standing.folder / REFERENCE).write_bytes(kept)
    assert missing.status == 2
    assert "promote" in missing.err
