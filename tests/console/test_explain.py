"""`wentichi explain`: every step with its ground, by the models that decided, and honestly where something is gone."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from classifiers.learning.category import CategoryModel
from classifiers.learning.department import DepartmentModel
from classifiers.learning.rows import Row, Task
from classifiers.registry import Registry
from tests.console.conftest import Cli

CASE = {"id": "case", "user": "u1", "title": "梧桐苑停水", "text": "梧桐苑5号楼停水,整栋楼没水,水龙头一滴水都没有"}
LATER = {"id": "later", "user": "u2", "title": "家里停水", "text": "望江花园3栋家里停水,整栋楼没水,自来水停了"}
TIMES = {"case": "2026-05-01T08:00:00", "later": "2026-05-20T08:00:00"}
SAID = {
    ("01/0101/010101", "yunxi-shuiwu"): ("家里停水", "水龙头一滴水都没有", "整栋楼没水", "水管爆裂", "自来水停了"),
    ("03/0301/030101", "yunxi-huanjing"): ("工地夜里施工", "吊车喇叭响一宿", "半夜打桩", "施工噪声大", "吵得睡不着"),
}


def train(folder: Path) -> None:
    """A category and a department model, promoted."""
    dice = random.Random(3)
    orders = [
        (Row(dice.choice(words), f"{dice.choice(words)},{dice.choice(words)},{dice.randint(2, 99)}天了", None, {}), labels)
        for labels, words in SAID.items()
        for _ in range(60)
    ]
    registry = Registry(folder / "models")
    fields = {"l1": "城乡建设"}
    category = [Row(row.title, row.text, labels[0], {}) for row, labels in orders]
    department = [Row(row.title, row.text, labels[1], fields | {"id": f"历史-{n}"}) for n, (row, labels) in enumerate(orders)]
    for task, model in (
        (Task.CATEGORY, CategoryModel.fit(category)),
        (Task.DEPARTMENT, DepartmentModel.fit(department)),
    ):
        model.save(folder / task.value)
        registry.promote(task, registry.add(folder / task.value, task), 0.9, 0.0, "测试")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(folder)
    return folder / "models"


@pytest.fixture
def pool(cli: Cli, trained: Path, jsonl: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """By trained models: a problem that a person decided and closed, and a later one like it."""
    shutil.copytree(trained, tmp_path / "models")
    monkeypatch.setenv("WENTICHI_MODELS", str(tmp_path / "models"))
    push(cli, jsonl)
    assert cli("assign", "case", "--lead", "yunxi-chengguan", "--category", "停水").status == 0
    assert cli("progress", "case", "reply", "--unit", "yunxi-chengguan", "--text", "已办好").status == 0
    assert cli("close", "case").status == 0
    return cli


def push(cli: Cli, jsonl: Callable[..., Path]) -> None:
    rows = [row | {"time": TIMES[row["id"]]} for row in (CASE, LATER)]
    assert cli("push", jsonl(rows), "--channel", "message").status == 0


def test_every_step_is_told_with_its_ground(pool: Cli) -> None:
    told = pool("explain", "later")
    assert told.status == 0, told.err
    for said in ("类别", "停水", "承诺 90.0%", "最起作用的词", "权责清单", "历史派单", "历史-", "法定规则", "category/"):
        assert said in told.out, said
    found = pool("explain", "later", "--json").json
    assert found["category_model"]["answers"][0]["code"] == "010101"
    assert found["category_model"]["accepted"] is True
    assert {"停水", "整栋", "自来水"} & {one["word"] for one in found["category_model"]["words"]}
    assert len(found["department_model"]["past_orders"]) == 3
    assert all(item["legal_basis"] for item in found["duty_items"])
    assert found["missing"] == []


def test_the_nearest_cases_are_those_that_people_decided(pool: Cli) -> None:
    (case,) = pool("explain", "later", "--json").json["cases"]
    assert (case["title"], case["category"]) == (CASE["title"], "停水")
    assert 0 < case["likeness"] <= 1
    assert pool("explain", "case", "--json").json["cases"] == []


def test_a_model_that_is_kept_no_longer_is_named_and_the_rest_is_told(pool: Cli, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "models" / "category")
    found = pool("explain", "later", "--json").json
    assert found["category_model"] is None
    assert found["duty_items"]
    assert "category/" in found["missing"][0]


def test_what_was_erased_is_explained_by_what_was_noted(pool: Cli) -> None:
    problem = pool("show", "later", "--json").json["id"]
    assert pool("erase", "later", "--yes").status == 0
    told = pool("explain", problem)
    assert told.status == 0
    assert "文字已删除" in told.out
    assert "最起作用的词" not in told.out


def test_a_unit_sees_the_grounds_of_its_own_problems_only(pool: Cli) -> None:
    assert pool("explain", "case", "--as-unit", "yunxi-chengguan").status == 0
    assert pool("explain", "case", "--as-unit", "yunxi-gongan").status != 0


def test_without_models_the_rules_are_explained(cli: Cli, jsonl: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENTICHI_MODELS", raising=False)
    push(cli, jsonl)
    told = cli("explain", "later")
    assert "pack-rules/" in told.out
    assert cli("explain", "later", "--json").json["category_model"] is None


def test_the_documents_list_of_findings_says_what_made_them(pool: Cli) -> None:
    models = pool("explain", "later", "--json").json["findings"]["model"]
    assert [part.partition("/")[0] for part in models.split("+")] == ["category", "department", "pack-rules"]


def test_what_an_earlier_model_decided_is_explained_by_that_model_at_its_promise(pool: Cli, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "models")
    before = registry.standing()[Task.CATEGORY]
    registry.roll_back(Task.CATEGORY)
    figures = {"promise": {"promise": 0.95}}
    registry.promote(Task.CATEGORY, before.version, 0.95, 0.0, "测试", figures)
    registry.roll_back(Task.CATEGORY)
    told = pool("explain", "later", "--json").json["category_model"]
    assert (told["version"], told["promise"]) == (before.version, 0.95)
