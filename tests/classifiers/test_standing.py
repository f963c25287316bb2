"""Running classifiers take what is promoted at their next batch, go back when it is rolled back, and say when a model fails."""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from city.pack import CityPack
from classifiers import standing as standing_module
from classifiers.learning.category import CategoryModel
from classifiers.learning.rows import Row, Task
from classifiers.pack_rules import PackClassifier
from classifiers.registry import CURRENT, Registry
from classifiers.standing import Condition, StandingClassifier
from schemas.findings import Place

HEATING, LAMPS = "01/0104/010401", "01/0105/010503"
SAID = {
    HEATING: ("屋里才十四度", "暖气片冰凉", "供暖不热", "室温不达标"),
    LAMPS: ("路灯不亮", "路灯一闪一闪", "灯杆上的灯灭了", "路上一片漆黑"),
}


@dataclass(frozen=True)
class Hints:
    category: str | None = None
    alarm_class: str | None = None
    event_type: str | None = None


@dataclass(frozen=True)
class Asked:
    title: str = "家里冷"
    text: str = "量了一下,屋里才十四度,请派人来看"
    place: Place = field(default_factory=lambda: Place(area="990102001001", confidence=0.9))
    hints: Hints = Hints()
    report: str = "r1"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two versions of one model."""
    folders = []
    for seed in (1, 2):
        dice = random.Random(seed)
        rows = [
            Row(dice.choice(words), f"{dice.choice(words)},{dice.choice(words)},已经{dice.randint(2, 99)}天了", label, {})
            for label, words in SAID.items()
            for _ in range(60)
        ]
        folders.append(tmp_path_factory.mktemp("models") / str(seed))
        CategoryModel.fit(rows).save(folders[-1])
    return folders


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


@pytest.fixture
def told() -> list[Condition]:
    return []


@pytest.fixture
def running(
    pack: CityPack, classifier: PackClassifier, registry: Registry, told: list[Condition], monkeypatch: pytest.MonkeyPatch
) -> StandingClassifier:
    monkeypatch.setattr(standing_module, "PackClassifier", lambda _: classifier)  # the same one, made once for all tests
    return StandingClassifier(pack, registry.folder, told.append)


def promote(registry: Registry, folder: Path) -> str:
    version = registry.add(folder, Task.CATEGORY)
    registry.promote(Task.CATEGORY, version, 0.9, 0.0, "测试")
    return version


def decided_by(running: StandingClassifier) -> str:
    (found,) = running.findings([Asked()])
    assert found.categories[0].code == "010401"
    return found.model


def test_without_models_the_rules_decide(running: StandingClassifier, pack: CityPack, told: list[Condition]) -> None:
    assert decided_by(running) == f"pack-rules/{pack.version}"
    assert told == [Condition(f"pack-rules/{pack.version}", {})]


def test_a_promoted_model_is_taken_without_restart_and_rolled_back_again(
    running: StandingClassifier, registry: Registry, models: list[Path], told: list[Condition]
) -> None:
    decided_by(running)
    first = promote(registry, models[0])
    assert decided_by(running).startswith(f"category/{first}+")
    second = promote(registry, models[1])
    assert second != first
    assert decided_by(running).startswith(f"category/{second}+")
    registry.roll_back(Task.CATEGORY)
    assert decided_by(running).startswith(f"category/{first}+")
    registry.roll_back(Task.CATEGORY)
    assert decided_by(running).startswith("pack-rules/")
    assert [condition.versions.get(Task.CATEGORY, "") for condition in told] == ["", first, second, first, ""]
    assert not any(condition.fault for condition in told)


def test_a_model_whose_files_are_gone_or_damaged_leaves_the_rules_to_decide_visibly(
    running: StandingClassifier, registry: Registry, models: list[Path], told: list[Condition]
) -> None:
    version = promote(registry, models[0])
    part = next((registry.folder / "category" / version).glob("features-*.skops"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    assert decided_by(running).endswith("+degraded")
    assert "校验值" in told[-1].fault
    shutil.rmtree(registry.folder / "category")
    registry.roll_back(Task.CATEGORY)
    assert decided_by(running).startswith("pack-rules/")
    assert not told[-1].fault


def test_a_damaged_standing_is_no_reason_to_stop(
    running: StandingClassifier, registry: Registry, models: list[Path], told: list[Condition]
) -> None:
    promote(registry, models[0])
    (registry.folder / CURRENT).write_text("{")
    assert decided_by(running).endswith("+degraded")
    assert "已损坏" in told[-1].fault


def test_a_model_that_fails_at_its_work_costs_no_report_and_is_tried_again(
    running: StandingClassifier, registry: Registry, models: list[Path], told: list[Condition], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = promote(registry, models[0])
    with monkeypatch.context() as broken:
        broken.setattr(CategoryModel, "predict", lambda *_, **__: 1 / 0)
        assert decided_by(running).endswith("+degraded")
    assert "ZeroDivisionError" in told[-1].fault
    assert decided_by(running).endswith("+degraded")
    monkeypatch.setattr(standing_module, "AGAIN", 0.0)
    monkeypatch.setattr(running, "_again", 0.0)
    assert decided_by(running).startswith(f"category/{version}+")


def test_units_without_categories_are_no_classifier(running: StandingClassifier, registry: Registry, models: list[Path]) -> None:
    promote(registry, models[0])
    standing = registry.standing()[Task.CATEGORY]
    text = (registry.folder / CURRENT).read_text("utf-8").replace('"category": {', '"department": {', 1)
    (registry.folder / CURRENT).write_text(text, "utf-8")
    shutil.copytree(standing.folder, registry.folder / "department" / standing.version)
    assert decided_by(running).endswith("+degraded")
    assert "没有类别模型" in running.condition.fault


def test_odd_texts_are_answered(running: StandingClassifier, registry: Registry, models: list[Path]) -> None:
    promote(registry, models[0])
    odd = ["", "😀😀😀", "\u200b", "灯" * 1_000_000, "a" * 5000, "\ud83d", "0", "，。！？"]
    found = running.findings([Asked(title="", text=text) for text in odd])
    assert len(found) == len(odd)
    assert not running.condition.fault
    assert all(0 <= one.confidence <= 1 for answer in found for one in answer.categories)
