"""A model's folder: whole or refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifiers.learning import artifact
from classifiers.learning.artifact import CARD, card_of, load, read_card, save
from classifiers.learning.calibration import Calibration
from classifiers.learning.rows import Row, Task
from schemas.errors import ContractError

ROWS = [Row("", "停水", "水", {}), Row("", "停电", "电", {}), Row("", "没水", "水", {})]


def card(**figures: Any) -> artifact.Card:
    return card_of(Task.CATEGORY, "category", ROWS, **figures)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    save(folder, card(), {"weights": np.arange(3.0), "words": np.array(["水", "电"])})
    return folder


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    fitted = LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])
    parts = {
        "weights": sparse.csr_matrix(np.eye(3, dtype=np.float32)),
        "columns": sparse.csc_array(np.eye(2)),
        "classifier": fitted,
        "labels": ["一级/二级", "b"],
        "numbers": {"x": 1.5, "y": [1, None, True]},
        "calibration": Calibration.fit(np.array([[0.9, 0.1], [0.6, 0.4]]), [True, False]),
    }
    save(tmp_path / "a" / "b", card(metrics={"accuracy": 0.9}, settings={"n": 2}), parts)
    found, again = load(tmp_path / "a" / "b", Task.CATEGORY)
    assert found.metrics == {"accuracy": 0.9}
    assert found.labels == {"水": 2, "电": 1}
    assert (found.rows, found.kind, found.settings) == (3, "category", {"n": 2})
    assert found.data == card().data
    assert again.keys() == parts.keys()
    assert (again["weights"] != parts["weights"]).nnz == 0
    assert again["classifier"].predict([[1.0]]).tolist() == ["b"]
    assert (again["labels"], again["numbers"]) == (parts["labels"], parts["numbers"])
    assert again["calibration"].confidences([[0.9, 0.1]]) == parts["calibration"].confidences([[0.9, 0.1]])


def test_a_new_model_takes_the_place_of_the_old_and_leaves_other_files_alone(model: Path) -> None:
    (model / "notes.txt").write_text("ours", encoding="utf-8")
    save(model, card(), {"weights": np.arange(9.0)})
    assert load(model)[1]["weights"].shape == (9,)
    assert sorted(file.suffix for file in model.iterdir()) == [".json", ".skops", ".txt"]


def test_a_crash_before_the_card_leaves_the_old_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(folder: Path, document: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(artifact, "_write_card", dies)
    with pytest.raises(KeyboardInterrupt):
        save(model, card(), {"weights": np.arange(9.0)})
    assert load(model)[1]["weights"].shape == (3,)


def test_a_reader_that_is_overtaken_gets_the_new_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = artifact._read
    overtaken: list[int] = []

    def slow(folder: Path, task: Task | None) -> Any:
        found = read(folder, task)
        if not overtaken:
            overtaken.append(1)
            save(folder, card(), {"weights": np.arange(9.0)})
        return found

    monkeypatch.setattr(artifact, "_read", slow)
    assert load(model)[1]["weights"].shape == (9,)


def change(model: Path, **values: Any) -> None:
    document = json.loads((model / CARD).read_text(encoding="utf-8"))
    (model / CARD).write_text(json.dumps(document | values), encoding="utf-8")


def test_a_damaged_part_is_said_to_be_damaged(model: Path) -> None:
    file = next(model.glob("weights-*.skops"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ContractError, match=r"已损坏.*校验值"):
        load(model)
    file.unlink()
    with pytest.raises(ContractError, match=r"已损坏.*缺少文件"):
        load(model)


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '"x"', "[" * 100_000])
def test_a_card_that_is_none_is_said_to_be_damaged(model: Path, text: str) -> None:
    (model / CARD).write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=f"{CARD} 读不懂"):
        load(model)


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"format": "wentichi-model-9"}, "只认"),
        ({"task": "weather"}, "缺少内容"),
        ({"extra": 1}, "缺少内容"),
        ({"labels": {"a": "b"}}, "内容不对"),
        ({"tokenizer_fingerprint": "0"}, "分词"),
        ({"files": {"weights": {"file": "../../etc/passwd", "sha256": "0"}}}, "文件清单"),
        ({"files": [1]}, "文件清单"),
    ],
)
def test_a_foreign_card_is_refused_with_what_is_wrong(model: Path, values: dict[str, Any], part: str) -> None:
    change(model, **values)
    with pytest.raises(ContractError, match=part) as caught:
        load(model)
    assert caught.value.remedy


def test_other_folders_and_other_tasks_are_refused(model: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(ContractError, match=r"没有文件夹|不是模型文件夹"):
            load(folder)
    with pytest.raises(ContractError, match="category 的模型"):
        read_card(model, Task.DEPARTMENT)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ContractError, match="不是文件夹"):
        save(file, card(), {})


def test_a_type_that_is_not_trusted_is_neither_saved_nor_loaded(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="Row"):
        save(model, card(), {"bad": Row("", "", None, {})})
    save(model, card(), {"calibration": Calibration("constant", np.array([0.5]), np.empty((2, 0)), {})})
    monkeypatch.setattr(artifact, "TRUSTED", frozenset[str]())
    with pytest.raises(ContractError, match=r"不受信任的类型 classifiers\.learning\.calibration\.Calibration"):
        load(model)


def test_a_model_of_another_scikit_learn_is_to_be_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr("sklearn.base.__version__", "0.9")
        save(tmp_path, card(), {"classifier": LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])})
    with pytest.raises(ContractError, match=r"scikit-learn 0\.9 训练"):
        load(tmp_path)
