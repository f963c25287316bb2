"""The model of units, on orders composed here: matters of six units at invented places, in two exports."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier

from classifiers.learning.artifact import CARD
from classifiers.learning.department import DepartmentModel
from classifiers.learning.department_bank import Bank
from classifiers.learning.department_features import PATH_VIEWS, TEXT_VIEWS, OrderFeatures, View
from classifiers.learning.department_keys import Keys
from classifiers.learning.department_linear import fit_view, rivals
from classifiers.learning.department_signs import Sign, signs_of
from classifiers.learning.department_trees import Judge
from classifiers.learning.department_trust import Trust
from classifiers.learning.department_words import Order
from classifiers.learning.rows import Row
from schemas.errors import ContractError

MATTERS = {
    "交警支队": ("路口信号灯不亮", "机动车占道停放堵住出口", "夜里大货车闯禁行路段", "斑马线磨没了看不清"),
    "城管局": ("烧烤摊占道经营", "工地半夜施工吵人", "楼顶搭铁皮房", "沿街店铺乱挂广告牌"),
    "燃气公司": ("家里燃气停了", "燃气表不走字", "闻到煤气味", "燃气管道一直没装"),
    "教育局": ("幼儿园乱收费", "孩子转学要什么材料", "学校食堂饭菜凉", "补习班不退学费"),
    "水务公司": ("水管爆了满地水", "自来水发黄", "水压太低洗不了澡", "水费突然多一倍"),
    "供电公司": ("整栋楼停电", "电表跳闸", "电线垂到地上", "电费算错了"),
}
ONLY_THERE = {"城管局": "综合执法局"}
PATHS = {unit: ("城市事务", f"类{place}") for place, unit in enumerate(MATTERS)}


def orders(many: int, seed: int, path: bool = True) -> list[Row]:
    """One label in 25 is wrong."""
    draw = random.Random(seed)
    rows = []
    for place in range(many):
        unit = draw.choice(list(MATTERS))
        scheme = draw.choice(("甲", "乙"))
        district, road = draw.choice(("东湖", "西岭", "南坪")), draw.choice("春夏秋冬金木水火") + draw.choice("风雨云山")
        matter, since = draw.choice(MATTERS[unit]), draw.choice(("已有三天", "天天如此", "无人管", "影响生活"))
        text = f"市民来电反映:{district}区{road}路{draw.randint(1, 99)}号{matter},{since},请{unit}核实处理。"
        label = draw.choice(list(MATTERS)) if draw.random() < 0.04 else unit
        label = ONLY_THERE.get(label, label) if scheme == "乙" else label
        fields = {"id": f"N{seed}-{place}", "scheme": scheme}
        if path:
            fields |= dict(zip(("l1", "l2"), PATHS[unit], strict=True))
        rows.append(Row("", text, label, fields))
    return rows


def bare(rows: Sequence[Row], *kept: str) -> list[Row]:
    return [Row(row.title, row.text, None, {name: value for name, value in row.fields.items() if name in kept}) for row in rows]


@pytest.fixture(scope="module")
def model() -> DepartmentModel:
    return DepartmentModel.fit(orders(360, 1))


def right(model: DepartmentModel, rows: Sequence[Row], asked: Sequence[Row]) -> float:
    return sum(row.label == answer.label for row, answer in zip(rows, model.predict(asked), strict=True)) / len(rows)


def test_new_orders_go_to_the_unit_that_had_the_like(model: DepartmentModel) -> None:
    new = orders(120, 2)
    assert right(model, new, bare(new, "scheme", "l1", "l2")) > 0.9


def test_without_a_path_the_text_decides(model: DepartmentModel) -> None:
    new = orders(120, 2)
    assert right(model, new, bare(new, "scheme")) > 0.9


def test_a_unit_is_answered_by_the_name_that_the_scheme_has_for_it(model: DepartmentModel) -> None:
    text = "市民来电反映:东湖区春风路5号烧烤摊占道经营,请处理。"
    first, second = model.predict([Row("", text, None, {"scheme": "甲"}), Row("", text, None, {"scheme": "乙"})])
    assert (first.label, second.label) == ("城管局", "综合执法局")


def test_an_unknown_scheme_or_none_is_answered_too(model: DepartmentModel) -> None:
    text = "家里燃气停了,请燃气公司核实处理"
    assert {one.label for one in model.predict([Row("", text, None, {}), Row("", text, None, {"scheme": "丙"})])} == {"燃气公司"}


def test_only_the_labels_asked_for_are_answered(model: DepartmentModel) -> None:
    answers = model.predict(orders(30, 3), labels=["教育局", "供电公司"])
    assert {label for answer in answers for label, _ in answer.top} <= {"教育局", "供电公司"}


def test_a_label_that_no_order_had_is_refused_by_name(model: DepartmentModel) -> None:
    with pytest.raises(ContractError, match="气象台"):
        model.predict(orders(1, 3), labels=["气象台"])


def test_confidences_are_shares_and_the_best_comes_first(model: DepartmentModel) -> None:
    for answer in model.predict(orders(60, 4)):
        shares = [share for _, share in answer.top]
        assert answer.top[0] == (answer.label, answer.confidence)
        assert shares == sorted(shares, reverse=True)
        assert shares[-1] >= 0
        assert sum(shares) <= 1 + 1e-6


def test_a_promise_that_so_few_orders_cannot_prove_accepts_nothing(model: DepartmentModel) -> None:
    assert not any(answer.accepted for answer in model.predict(orders(60, 4), promise=0.9999))


def test_a_low_promise_accepts_what_is_sure(model: DepartmentModel) -> None:
    answers = model.predict(orders(60, 4), promise=0.5)
    assert any(answer.accepted for answer in answers)


@pytest.mark.parametrize("text", ["", "😀😀", "。。。", "\x00"])
def test_a_text_without_letters_is_answered_and_never_accepted(model: DepartmentModel, text: str) -> None:
    (answer,) = model.predict([Row("", text, None, {"l1": "城市事务", "l2": "类1"})], promise=0.01)
    assert answer.label
    assert not answer.accepted


def test_a_text_of_a_megabyte_is_answered(model: DepartmentModel) -> None:
    (answer,) = model.predict([Row("", "家里燃气停了,请燃气公司核实处理。" * 60_000, None, {})])
    assert answer.label == "燃气公司"


def test_a_row_gets_the_same_answer_alone_and_among_others(model: DepartmentModel) -> None:
    some = orders(40, 5)
    mixed = [row if place % 2 else Row("", row.text, None, {}) for place, row in enumerate(some)]
    together = model.predict(mixed)
    for row, answer in zip(mixed, together, strict=True):
        (alone,) = model.predict([row])
        assert alone.label == answer.label
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-5)


def test_no_rows_get_no_answers(model: DepartmentModel) -> None:
    assert model.predict([]) == []
    labels, shares = model.probabilities([])
    assert shares.shape == (0, len(labels))


def test_probabilities_agree_with_the_answers(model: DepartmentModel) -> None:
    some = orders(20, 6)
    labels, shares = model.probabilities(some)
    for answer, row in zip(model.predict(some), shares, strict=True):
        assert row[labels.index(answer.label)] == pytest.approx(answer.confidence, abs=1e-6)
        assert row.sum() <= 1 + 1e-5


def test_wrong_labels_are_found(model: DepartmentModel) -> None:
    rows = orders(360, 1)
    truth = [next(unit for unit in MATTERS if f"请{unit}核实" in row.text) for row in rows]
    wrong = {
        place for place, (row, unit) in enumerate(zip(rows, truth, strict=True)) if row.label not in (unit, ONLY_THERE.get(unit))
    }
    doubts = model.likely_wrong(rows)
    found = {doubt.row for doubt in doubts}
    assert len(found & wrong) > len(wrong) / 2
    assert len(found & wrong) > len(found) * 0.8
    assert all(doubt.suggested != doubt.label == rows[doubt.row].label for doubt in doubts)


def test_evidence_names_words_and_three_past_orders(model: DepartmentModel) -> None:
    row = Row("", "市民来电反映:西岭区金山路3号燃气表不走字,请燃气公司核实处理。", None, {"scheme": "甲"})
    evidence = model.evidence(row, "燃气公司")
    assert "燃气表" in [word for word, _ in evidence.words]
    assert all(worth > 0 for _, worth in evidence.words)
    assert len(evidence.past) == 3
    assert {one.label for one in evidence.past} == {"燃气公司"}
    assert all(one.id.startswith("N1-") and 0 < one.likeness <= 1 for one in evidence.past)


def test_a_saved_model_answers_as_before(model: DepartmentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = DepartmentModel.load(tmp_path)
    some = orders(30, 7)
    assert again.predict(some) == model.predict(some)
    assert again.evidence(some[0], "教育局") == model.evidence(some[0], "教育局")
    assert again.likely_wrong(some) == model.likely_wrong(some)
    assert again.card == model.card


def test_a_saved_model_holds_no_text_of_an_order(model: DepartmentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    sentence = orders(1, 1)[0].text
    assert not any(sentence.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_a_folder_of_another_model_is_refused(model: DepartmentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    card = tmp_path / CARD
    card.write_text(card.read_text().replace('"kind": "department-2"', '"kind": "category-1"'))
    with pytest.raises(ContractError, match="category-1"):
        DepartmentModel.load(tmp_path)


def test_the_same_rows_and_seed_give_the_same_model() -> None:
    rows, new = orders(60, 8, path=False), orders(20, 9, path=False)
    assert DepartmentModel.fit(rows, seed=3).predict(new) == DepartmentModel.fit(rows, seed=3).predict(new)


@pytest.mark.parametrize("rows", [[], orders(1, 1), [Row("", "路灯不亮", "甲局", {}), Row("", "水管爆裂", "甲局", {})]])
def test_fewer_than_two_units_cannot_be_learned(rows: list[Row]) -> None:
    with pytest.raises(ContractError, match="单位"):
        DepartmentModel.fit(rows)


def test_units_with_one_order_each_are_learned() -> None:
    rows = [Row("", matters[0], unit, {}) for unit, matters in MATTERS.items()]
    model = DepartmentModel.fit(rows)
    (answer,) = model.predict([rows[2]])
    assert answer.label in MATTERS
    assert not answer.accepted


def test_the_addressee_the_district_and_who_answered_before_are_read() -> None:
    text = "市民来电反映:东湖区春风路有积水,请水务局核实处理。2018-01-05 10:27市政维修中心答复:已派人。"
    order = Order.of(Row("", text, None, {"scheme": "甲", "l1": "市政", "l2": "排水"}))
    assert order.asked == ("水务局",)
    assert order.districts == ("东湖区",)
    assert order.history.startswith("2018-01-05")
    assert any("市政维修中心" in one for one in order.answered_by)
    assert order.prefixes[:2] == ["市政", "市政/排水"]


def test_an_order_without_path_and_scheme_has_no_signs_of_them() -> None:
    signs = signs_of([Order.of(Row("", "路灯不亮", None, {})), Order.of(Row("", "停电", None, {"l1": "市政", "scheme": "甲"}))])
    for sign in (Sign.PATH, Sign.PATH_CROSSED, Sign.PATH_IN_SCHEME, Sign.SCHEME, Sign.WORDS_IN_SCHEME):
        assert set(signs[sign].rows.tolist()) == {1}


def test_runs_and_pairs_never_reach_across_strings_and_orders() -> None:
    lists = [["abc", "de"], [], ["abc"], ["a"]]
    runs = Keys.runs(lists, 2, 3)
    assert np.bincount(runs.rows, minlength=4).tolist() == [4, 0, 3, 0]
    assert sorted(runs.numbers[runs.rows == 2]) == sorted(set(Keys.runs([["abc"]], 2, 3).numbers.tolist()))
    assert Keys.of(lists).pairs().rows.tolist() == [0]


def test_every_string_here_is_crossed_with_every_string_there_of_the_same_order() -> None:
    here, there = Keys.of([["a", "b"], ["c"], ["d"]]), Keys.of([["x"], [], ["x", "y"]])
    both = here.crossed(there, 3)
    assert both.rows.tolist() == [0, 0, 2, 2]
    assert len(set(both.numbers.tolist())) == 4
    assert both.numbers[0] == Keys.of([["a"]]).crossed(Keys.of([["x"]]), 1).numbers[0]


def estimators(pairs: NDArray[np.float32], true: NDArray[np.bool_]) -> list[Any]:
    return [
        HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=12, min_samples_leaf=5, random_state=draw).fit(pairs, true)
        for draw in range(2)
    ]


def some_pairs() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    draw = np.random.default_rng(5)
    pairs = np.round(draw.normal(size=(3000, 4)), 1).astype(np.float32)
    return pairs, pairs[:, 0] * pairs[:, 1] + draw.normal(size=3000) > 0


def test_the_trees_read_answer_as_scikit_learn_does() -> None:
    pairs, true = some_pairs()
    models = estimators(pairs, true)
    wanted = np.mean([model.decision_function(pairs) for model in models], axis=0)
    assert Judge.read(models, pairs).scores(pairs) == pytest.approx(wanted, abs=1e-4)


def test_trees_kept_in_another_way_are_refused_with_what_to_do() -> None:
    pairs, true = some_pairs()
    models = estimators(pairs, true)
    shifted = models[0].decision_function(pairs) + 0.1
    models[0].decision_function = lambda probe: shifted[: len(probe)]
    with pytest.raises(ContractError, match="scikit-learn"):
        Judge.read(models, pairs)
    del models[0]._predictors
    with pytest.raises(ContractError, match=r"requirements\.lock"):
        Judge.read(models, pairs)


def test_where_nothing_is_to_be_told_apart_all_pairs_score_the_same() -> None:
    pairs, _ = some_pairs()
    assert set(Judge.fit(pairs, np.ones(3000, dtype=bool), 0).scores(pairs)) == {0.0}


def test_the_words_of_an_order_sum_up_to_its_margin(model: DepartmentModel) -> None:
    fitted = model.fitted
    order = Order.of(Row("", "西岭区金山路3号燃气表不走字,燃气表坏了,请燃气公司核实处理。", None, {}))
    label = fitted.labels.index("燃气公司")
    text = fitted.bank.weights(View.PLAIN, None, fitted.features, label)
    words = fitted.bank.weights(View.PLAIN, Sign.WORD, fitted.features, label)
    margin = fitted.bank.margins(fitted.features.blocks([order]), [View.PLAIN])[View.PLAIN][0, label]
    spoke = sum(worth for _, worth in fitted.features.words(order, text, words))
    assert spoke + fitted.bank.constants[View.PLAIN][label] == pytest.approx(margin, abs=1e-4)


def test_weights_side_by_side_answer_as_each_view_alone() -> None:
    some = [Order.of(row) for row in orders(80, 10)]
    features = OrderFeatures.learn(some, 3)
    blocks = features.blocks(some)
    draw = np.random.default_rng(1)
    alone = {view: features.of_view(blocks, view) for view in PATH_VIEWS}
    weights = {view: draw.normal(size=(matrix.shape[1] + 1, 3)).astype(np.float16) for view, matrix in alone.items()}
    bank = Bank.of(features, dict(weights))
    for wanted in (PATH_VIEWS, TEXT_VIEWS, (View.TREE,)):
        for view, margins in bank.margins(blocks, wanted).items():
            assert margins == pytest.approx(alone[view] @ weights[view][:-1] + weights[view][-1], abs=0.01)


def test_rivals_of_a_unit_are_the_orders_most_like_its_own() -> None:
    truth = np.repeat(np.arange(60), 20)
    draw = np.random.default_rng(2)
    matrix = np.abs(draw.normal(scale=0.1, size=(1200, 60))).astype(np.float32)
    matrix[np.arange(1200), truth] += 1
    matrix[truth == 7, 8] += 1  # orders of 7 are like those of 8
    met = rivals(csr_matrix(matrix), truth, 60, 0)
    assert set(np.flatnonzero(truth == 8)) | set(np.flatnonzero(truth == 7)) <= set(met[8].rows.tolist())
    assert all(len(set(rows.tolist())) == len(rows) == len(weights) for rows, weights in met)
    weights = fit_view(csr_matrix(matrix), truth, 60, met)
    assert ((matrix @ weights[:-1] + weights[-1]).argmax(axis=1) == truth).mean() > 0.99


def test_many_orders_are_learned_with_one_part_held_out_and_rivals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifiers.learning.department_fit.MANY", 200)
    monkeypatch.setattr("classifiers.learning.department_fit.ALL", 500)
    model, new = DepartmentModel.fit(orders(400, 1)), orders(100, 2)
    assert model.card.metrics["path"]["rows"] < 60
    assert right(model, new, bare(new, "scheme")) > 0.9
    assert right(model, new, bare(new, "scheme", "l1", "l2")) > 0.9


def judged(many: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    """Answers, shares and truths of two units; unit 1 is right half as often as its share says."""
    draw = np.random.default_rng(seed)
    best, share = draw.integers(0, 2, many), draw.uniform(0.55, 0.99, many)
    right = draw.random(many) < np.where(best == 1, share / 2, share)
    return np.stack([best, 1 - best], axis=1), np.stack([share, 1 - share], axis=1), np.where(right, best, 1 - best)


def test_a_unit_that_was_often_wrong_is_trusted_less() -> None:
    answers, shares, truth = judged(4000, 1)
    trust, held = Trust.fit(answers, shares, truth, np.arange(4000) % 5, 2)
    new, same, right = judged(4000, 2)
    sure = trust.confidences(new, same)
    for unit in (0, 1):
        mine = new[:, 0] == unit
        assert sure[mine].mean() == pytest.approx((new[:, 0] == right)[mine].mean(), abs=0.03)
        assert held[answers[:, 0] == unit].mean() == pytest.approx(sure[mine].mean(), abs=0.03)


def test_a_larger_share_is_never_trusted_less() -> None:
    trust, _ = Trust.fit(*judged(2000, 3), np.arange(2000) % 5, 2)
    share = np.linspace(0.5, 0.999, 200)
    shares = np.stack([share, 1 - share], axis=1)
    sure = trust.confidences(np.tile([0, 1], (200, 1)), shares)
    assert (np.diff(sure) >= 0).all()
    spread_out = trust.probabilities(np.tile([0, 1], (200, 1)), shares)
    assert (spread_out[:, 0] >= spread_out[:, 1]).all()
    assert (spread_out.sum(axis=1) <= 1 + 1e-9).all()
