"""A model from a city's own letters, none of them labelled."""

import random
from pathlib import Path

import numpy as np
import pytest

from classifiers.learning.artifact import read_card
from classifiers.learning.bootstrap import KIND, LEAST, BootstrapModel, bootstrap
from classifiers.learning.cold import ColdStart
from classifiers.learning.rows import Row, Task
from schemas.errors import ContractError

TREE = [("城建", "物业"), ("城建", "供水"), ("环保", "噪音"), ("环保", "污水"), ("教育", "学校")]
SAID = {
    "城建": ["物业公司不管事", "自来水停水", "业委会不公开账目", "物业费上涨"],
    "环保": ["夜里噪音扰民", "工厂偷排污水", "废气难闻", "机器噪声太大"],
    "教育": ["学校补课收费", "招生名额不公开", "老师布置作业太多", "幼儿园入园难"],
}
BESIDE = {"城建": "青石板路塌了半边", "环保": "窗台上落着一层黑灰", "教育": "书包压得直不起腰"}
"""What this city's letters say along with the matter and no lexicon knows."""


def letters(count: int, seed: int = 0) -> list[Row]:
    rng = random.Random(seed)
    names = list(SAID)
    made = []
    for number in range(count):
        name = names[number % len(names)]
        filler = "".join(rng.choices("东南西北中上下左右前后里外天地山石田土", k=24))
        made.append(Row(rng.choice(SAID[name]), f"{filler},{rng.choice(SAID[name])},{BESIDE[name]}", None, {}))
    return made


@pytest.fixture(scope="module")
def model() -> BootstrapModel:
    return bootstrap(letters(240), TREE)


def test_the_model_learns_words_of_the_city_that_the_cold_start_does_not_know(model: BootstrapModel) -> None:
    unknown = [Row("", said, None, {}) for said in BESIDE.values()]
    assert [one.confidence for one in ColdStart(TREE).predict(unknown)] == pytest.approx([1 / 3] * 3)
    assert [one.label.split("/")[0] for one in model.predict(unknown)] == list(BESIDE)


def test_labels_leave_only_these_names(model: BootstrapModel) -> None:
    (found,) = model.predict([Row("噪音扰民", "", None, {})], labels=["城建", "教育"])
    assert {name for name, _ in found.top} == {"城建", "教育"}
    with pytest.raises(ContractError, match="没有:农业"):
        model.predict([], labels=["农业"])


def test_nothing_is_accepted_and_the_card_says_why(model: BootstrapModel) -> None:
    assert not any(one.accepted for one in model.predict(letters(30), promise=0.0))
    assert "没有标注" in model.card.metrics["calibration"]
    assert model.card.promises == {}


def test_a_saved_model_answers_the_same(model: BootstrapModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    assert (read_card(tmp_path / "m").task, read_card(tmp_path / "m").kind) == (Task.CATEGORY, KIND)
    again = BootstrapModel.load(tmp_path / "m")
    some = [*letters(20, seed=1), Row("", "", None, {}), Row("😀", "", None, {})]
    assert again.predict(some) == model.predict(some)


def test_the_same_letters_give_the_same_model_and_labels_are_not_looked_at(model: BootstrapModel) -> None:
    labelled = [Row(one.title, one.text, "教育", one.fields) for one in letters(240)]
    np.testing.assert_array_equal(bootstrap(labelled, TREE).weights, model.weights)


def test_confidences_come_from_how_far_titles_and_bodies_agree(model: BootstrapModel) -> None:
    rng = random.Random(3)
    mixed = [Row(rng.choice(SAID[rng.choice(list(SAID))]), one.text, None, {}) for one in letters(240)]
    torn = bootstrap(mixed, TREE)
    assert torn.card.settings["agreement"] < 0.6 < 0.9 < model.card.settings["agreement"]
    assert torn.card.settings["sharpness"] < model.card.settings["sharpness"]


def test_letters_without_titles_are_learned_from_too() -> None:
    plain = [Row("", one.title + one.text, None, {}) for one in letters(120)]
    found = bootstrap(plain, TREE)
    assert (found.card.settings["sharpness"], found.card.settings["compared"]) == (1.0, 0)
    assert [one.label.split("/")[0] for one in found.predict(plain[:3])] == list(SAID)


def test_too_few_letters_and_a_tree_of_one_name_are_refused() -> None:
    with pytest.raises(ContractError, match=f"至少要 {LEAST} 条"):
        bootstrap(letters(240)[:1] * 500, TREE)
    with pytest.raises(ContractError, match="至少要 50 条"):
        bootstrap([], TREE)
    with pytest.raises(ContractError, match="只有一个一级类别"):
        bootstrap(letters(240), [("城建", "物业"), ("城建", "供水")])


def test_a_folder_that_is_no_such_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="--model"):
        BootstrapModel.load(tmp_path)
