"""A model of categories learned from decided reports."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from classifiers.learning.category import BLOCKS, CategoryModel
from classifiers.learning.rows import Row
from classifiers.learning.text_features import Piece, TextFeatures
from schemas.errors import ContractError

WORDS = {
    "供水": ("停水", "水管爆裂", "水压不足", "自来水发黄", "水表不准"),
    "供暖": ("暖气不热", "停暖", "暖气片漏", "供热费太贵", "热力站检修"),
    "道路": ("路面坑洼", "井盖丢失", "路灯不亮", "人行道破损", "积水成塘"),
    "噪音": ("夜里施工吵", "广场舞扰民", "音响太大", "装修噪声", "鸣笛不停"),
}
PLACES = ("东风小区", "和平里", "光明新村", "南湖家园", "北苑", "建设街", "红旗巷", "滨河花园")
PLEAS = ("请尽快处理", "希望有人管", "打过电话没人来", "已经三天了", "老人受不了")


def made(labels: Sequence[str], each: int, seed: int = 1) -> list[Row]:
    """`each` rows of each label; the last part of a label chooses the words."""
    rng = random.Random(seed)
    rows = []
    for label in labels:
        words = WORDS[label.split("/")[-1]]
        for _ in range(each):
            said = rng.sample(words, 2)
            text = f"您好,我住{rng.choice(PLACES)}{rng.randint(1, 90)}号楼,{said[0]},{rng.choice(PLEAS)},{said[1]}。谢谢"
            rows.append(Row(f"{rng.choice(PLACES)}{said[0]}", text, label, {}))
    rng.shuffle(rows)
    return rows


PATHS = ("公用/供水", "公用/供暖", "城建/道路", "环境/噪音")


@pytest.fixture(scope="module")
def flat() -> CategoryModel:
    return CategoryModel.fit(made(tuple(WORDS), 60))


@pytest.fixture(scope="module")
def deep() -> CategoryModel:
    return CategoryModel.fit(made(PATHS, 60))


def ask(text: str, title: str = "") -> Row:
    return Row(title, text, None, {})


def test_a_branch_whose_rows_are_all_held_out_at_once_is_learned_without_a_warning() -> None:
    copy = "您好,建设街12号楼路面坑洼,井盖丢失,请尽快处理,人行道破损。谢谢"
    rows = made(("公用/供水", "公用/供暖"), 30) + [Row("建设街路面坑洼", copy, label, {}) for label in ("城建/道路", "城建/噪音")]
    answers = CategoryModel.fit(rows).predict(rows)
    assert {answer.label.partition("/")[0] for answer in answers} >= {"公用"}
    assert all(np.isfinite(share) for answer in answers for _, share in answer.top)


def test_it_answers_what_it_has_seen_decided(flat: CategoryModel) -> None:
    rows = made(tuple(WORDS), 20, seed=2)
    answers = flat.predict(rows)
    assert sum(answer.label == row.label for answer, row in zip(answers, rows, strict=True)) >= 76
    assert all(0 <= answer.confidence <= 1 and answer.top[0] == (answer.label, answer.confidence) for answer in answers)


def test_the_same_rows_and_seed_give_the_same_model(flat: CategoryModel) -> None:
    again = CategoryModel.fit(made(tuple(WORDS), 60))
    rows = made(tuple(WORDS), 5, seed=3)
    assert again.predict(rows) == flat.predict(rows)


def test_a_saved_model_answers_the_same(flat: CategoryModel, deep: CategoryModel, tmp_path: Path) -> None:
    for name, model in (("flat", flat), ("deep", deep)):
        rows = made(tuple(model.card.labels), 5, seed=4)
        model.save(tmp_path / name)
        loaded = CategoryModel.load(tmp_path / name)
        assert loaded.predict(rows) == model.predict(rows)
        assert loaded.explain(rows[0], str(rows[0].label)) == model.explain(rows[0], str(rows[0].label))


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        CategoryModel.load(tmp_path / "nothing")


def test_answers_do_not_depend_on_what_else_is_asked(flat: CategoryModel) -> None:
    rows = made(tuple(WORDS), 3, seed=5)
    alone = [flat.predict([row])[0] for row in rows]
    together = flat.predict(rows)
    assert [a.label for a in alone] == [b.label for b in together]
    assert np.allclose([a.confidence for a in alone], [b.confidence for b in together], atol=1e-5)


def test_probabilities_are_those_of_the_answers(flat: CategoryModel) -> None:
    rows = made(tuple(WORDS), 3, seed=6)
    labels, table = flat.probabilities(rows)
    answers = flat.predict(rows)
    assert [labels[place] for place in table.argmax(axis=1)] == [answer.label for answer in answers]
    assert np.allclose(table.max(axis=1), [answer.confidence for answer in answers], atol=1e-5)
    assert (table.sum(axis=1) <= 1 + 1e-5).all()


def test_one_category_only_is_refused_by_name() -> None:
    with pytest.raises(ContractError, match="只有一个类别“供水”"):
        CategoryModel.fit(made(("供水",), 20))


def test_no_rows_are_refused() -> None:
    with pytest.raises(ContractError, match="没有训练数据"):
        CategoryModel.fit([])


def test_a_row_without_a_category_is_refused() -> None:
    with pytest.raises(ContractError, match="没有类别"):
        CategoryModel.fit([*made(("供水", "道路"), 5), ask("停水")])


def test_a_category_with_one_row_is_learned_and_named_in_the_card() -> None:
    model = CategoryModel.fit([*made(("供水", "道路"), 40), Row("大象走丢了", "马戏团的大象走丢了,正在街上吃树叶", "动物", {})])
    assert model.card.metrics["rare"] == ["动物"]
    assert model.card.labels["动物"] == 1
    assert "动物" in dict(model.predict([ask("马戏团的大象又走丢了")])[0].top)


def test_two_rows_are_enough_not_to_fail() -> None:
    model = CategoryModel.fit([Row("", "停水三天", "供水", {}), Row("", "路面坑洼", "道路", {})])
    answer = model.predict([ask("停水")])[0]
    assert answer.label in {"供水", "道路"}
    assert not answer.accepted


@pytest.mark.parametrize("text", ["", " ", "😀😀😀", "!!!???", "\u200b"])
def test_a_text_without_a_word_is_never_accepted(flat: CategoryModel, text: str) -> None:
    answer = flat.predict([ask(text)], promise=0.01)[0]
    assert not answer.accepted
    assert answer.confidence == pytest.approx(0.25)


def test_a_text_of_a_million_characters_is_answered(flat: CategoryModel) -> None:
    long = "停水了,水压不足。" + "这句话没有意思," * 140_000
    assert len(long) > 1_000_000
    assert flat.predict([ask(long)])[0].label == "供水"


def test_only_the_wanted_labels_are_answered(flat: CategoryModel) -> None:
    answers = flat.predict(made(("供水", "供暖"), 10), labels=["道路", "噪音"])
    assert {label for answer in answers for label, _ in answer.top} <= {"道路", "噪音"}
    assert all(answer.confidence <= 1 for answer in answers)


def test_a_wanted_label_that_is_unknown_is_refused(flat: CategoryModel) -> None:
    with pytest.raises(ContractError, match="没有类别“天气”"):
        flat.predict([ask("停水")], labels=["天气"])
    with pytest.raises(ContractError, match="没有给出类别"):
        flat.predict([ask("停水")], labels=[])


def test_a_first_level_name_allows_all_that_stands_below_it(deep: CategoryModel) -> None:
    answers = deep.predict(made(PATHS, 10, seed=7), labels=["公用"])
    assert {label.split("/")[0] for answer in answers for label, _ in answer.top} == {"公用"}
    assert {answer.label for answer in answers} >= {"公用/供水", "公用/供暖"}


def test_a_path_is_answered_whole_where_the_leaf_is_sure(deep: CategoryModel) -> None:
    rows = made(PATHS, 10, seed=8)
    assert sum(a.label == row.label for a, row in zip(deep.predict(rows), rows, strict=True)) >= 36


def test_an_unsure_leaf_gives_way_to_its_parent_and_is_not_accepted() -> None:
    rng = random.Random(9)
    rows = made(("城建/道路",), 60)
    for row in made(("公用/供水",), 120):  # the two leaves cannot be told apart
        rows.append(Row(row.title, row.text, f"公用/{rng.choice(('供水', '用水'))}", {}))
    model = CategoryModel.fit(rows)
    answers = model.predict(made(("供水",), 40, seed=10), promise=0.3)
    backed = [answer for answer in answers if answer.label == "公用"]
    assert backed
    assert not any(answer.accepted for answer in backed)
    assert {answer.label for answer in answers} <= {"公用", "公用/供水", "公用/用水"}
    assert all(answer.confidence >= max(p for _, p in answer.top) for answer in backed)


def test_a_parent_may_be_a_label_itself() -> None:
    rows = made(("公用/供水", "城建/道路"), 40) + [Row(r.title, r.text, "公用", {}) for r in made(("供暖",), 40)]
    model = CategoryModel.fit(rows)
    assert model.predict([ask("暖气不热,停暖")])[0].label == "公用"
    assert model.predict([ask("停水,水压不足")])[0].label == "公用/供水"


def test_two_spellings_of_one_path_are_refused() -> None:
    rows = made(("公用/供水", "城建/道路"), 5)
    with pytest.raises(ContractError, match="同一条路径"):
        CategoryModel.fit([*rows, Row("停水", "停水", "公用 / 供水", {})])


def test_a_higher_promise_never_accepts_more(flat: CategoryModel) -> None:
    rows = made(tuple(WORDS), 20, seed=11)
    counts = [sum(answer.accepted for answer in flat.predict(rows, promise=promise)) for promise in (0.5, 0.9, 0.98, 0.9999)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert counts[-1] == 0  # 240 rows cannot prove one wrong in ten thousand


def test_the_words_that_weighed_most_are_words_of_the_text(flat: CategoryModel) -> None:
    row = ask("您好,我住东风小区,家里停水三天了,水压不足", "东风小区停水")
    words = flat.explain(row, "供水")
    assert words[0][0] in {"停水", "水压", "压不足"}
    assert [worth for _, worth in words] == sorted((worth for _, worth in words), reverse=True)
    assert all(word in row.title + row.text and len(word) > 1 for word, _ in words)
    with pytest.raises(ContractError):
        flat.explain(row, "天气")


def test_the_words_of_a_path_speak_for_every_step(deep: CategoryModel) -> None:
    words = dict(deep.explain(ask("暖气不热,暖气片漏"), "公用/供暖"))
    assert "暖气" in words or "暖气片" in words
    assert deep.explain(ask("暖气不热,暖气片漏"), "公用")


def test_the_card_says_what_was_measured(flat: CategoryModel) -> None:
    metrics = flat.card.metrics
    assert metrics["held_out_rows"] == 240
    assert 0.9 <= metrics["accuracy"] <= 1
    assert 0.9 <= metrics["macro_f1"] <= 1
    assert flat.card.rows == 240
    assert set(flat.card.promises) == {"0.98"}


def test_who_is_addressed_tells_labels_apart_that_nothing_else_does() -> None:
    rng = random.Random(12)
    rows = []
    for row in made(("道路",), 320):
        office = rng.choice(("教育", "交通"))
        rows.append(Row("", f"尊敬的{office}局领导:{row.text}", office, {}))
    model = CategoryModel.fit(rows[:280])
    assert sum(a.label == row.label for a, row in zip(model.predict(rows[280:]), rows[280:], strict=True)) >= 38


def test_a_greeting_has_columns_of_its_own() -> None:
    rows = [Row("", "尊敬的教育局领导:路面坑洼", "甲", {}), Row("", "教育局门口路面坑洼", "乙", {})]
    features = TextFeatures(BLOCKS).fit(rows)
    own = features.columns_of(rows, Piece.GREETING)
    met = features.transform(rows)[:, own].getnnz(axis=1)
    assert met[0] == len(own) > 0
    assert met[1] == 0
    matter = features.columns_of(rows, Piece.MATTER)
    assert np.array_equal(np.union1d(own, matter), np.arange(len(features)))
    assert not np.intersect1d(own, matter).size


def test_the_parts_of_the_words_add_up_to_the_score() -> None:
    rows = made(tuple(WORDS), 10)
    features = TextFeatures(BLOCKS).fit(rows)
    weights = np.random.default_rng(13).normal(size=len(features)).astype(np.float32)
    for row in rows[:5]:
        score = (features.transform([row]) @ weights)[0]
        assert sum(worth for _, worth in features.words(row, weights)) == pytest.approx(score, abs=1e-4)


def test_texts_that_share_no_ngram_can_be_learned_from() -> None:
    """More rows than likeness asks for, and no n-gram that stands in enough of them to lay texts along."""
    rows = [Row("", "".join(chr(0x4E00 + 4 * at + k) for k in range(4)), "甲" if at % 2 else "乙", {}) for at in range(240)]
    model = CategoryModel.fit(rows)
    assert not any(answer.accepted for answer in model.predict([ask(rows[0].text), ask("停水")]))
