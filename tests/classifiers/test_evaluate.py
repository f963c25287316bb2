"""Tested on what was not seen, counted as labelled, beside baselines that anybody could have."""

import random
from pathlib import Path

import numpy as np
import pytest

from classifiers.learning.artifact import card_of, read_card, save
from classifiers.learning.baselines import Baseline, Keywords, Majority
from classifiers.learning.evaluate import Kept, baseline_answers, check_promise, counted
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row, Task
from classifiers.learning.seen import are_seen, read_seen, remember, seen_file, signatures
from classifiers.learning.split import Split, groups_of, split, unseen
from schemas.errors import ContractError

PAIRS = "供水路灯公交医院学校噪声垃圾电梯停车违建社保户口拆迁物业暖气燃气施工占道油烟井盖"
WORDS = [PAIRS[place : place + 2] for place in range(0, len(PAIRS), 2)]


def texts(many: int, seed: int = 0) -> list[str]:
    """Different in nearly every letter."""
    chance = random.Random(seed)
    return ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(60)) for _ in range(many)]


def rows(many: int, seed: int = 0, labels: str = "甲乙丙") -> list[Row]:
    return [
        Row("", f"{WORDS[place % len(labels)]}{text}", labels[place % len(labels)], {}, f"2026-01-{1 + place % 28:02d}T08:00:00")
        for place, text in enumerate(texts(many, seed))
    ]


def model(folder: Path, found: list[Row]) -> Path:
    save(folder, card_of(Task.CATEGORY, "test-1", found), {"x": 1})
    remember(folder, found)
    return folder


def predicted(label: str, *top: tuple[str, float], accepted: bool = False) -> Prediction:
    return Prediction(label, top[0][1], top, accepted)


# what was seen


def test_a_model_carries_nine_bytes_a_row_and_no_text(tmp_path: Path) -> None:
    found = rows(200)
    folder = model(tmp_path / "m", found)
    assert seen_file(folder).stat().st_size <= 200 * 9 + 200
    assert WORDS[0].encode() not in seen_file(folder).read_bytes()
    assert read_seen(folder).shape == (200, 9)


def test_seen_rows_and_their_near_copies_are_known_and_others_are_not() -> None:
    old, new = rows(300), rows(300, seed=1)
    edited = [Row("", row.text.replace(row.text[30:33], "改动了", 1) + "!", row.label, {}) for row in old]
    asked = [*old, *edited, *new]
    found = are_seen(asked, np.arange(len(asked)), [signatures(old)])
    assert found[:300].all()
    assert found[300:600].mean() > 0.97
    assert not found[600:].any()


def test_with_one_of_a_group_the_whole_group_was_seen() -> None:
    first, second = rows(2)
    assert are_seen([first, second], np.array([0, 0]), [signatures([first])]).all()
    assert are_seen([first, second], np.array([0, 1]), [signatures([first])]).tolist() == [True, False]
    assert not are_seen([first, second], np.array([0, 1]), []).any()


def test_texts_without_letters_are_copies_of_each_other() -> None:
    asked = [Row("", "😀😀", "甲", {}), Row("!", "。", "甲", {}), Row("", "停水", "甲", {})]
    assert are_seen(asked, np.arange(3), [signatures([Row("", "🚰", "乙", {})])]).tolist() == [True, True, False]


def test_the_list_of_another_training_is_never_taken(tmp_path: Path) -> None:
    folder = model(tmp_path / "m", rows(20))
    save(folder, card_of(Task.CATEGORY, "test-1", rows(30)), {"x": 1})
    with pytest.raises(ContractError, match="没有记下"):
        read_seen(folder)
    remember(folder, rows(30))
    assert len(read_seen(folder)) == 30
    assert len(list(folder.glob("seen-*"))) == 1


@pytest.mark.parametrize("data", [b"", b"x", b"\x93NUMPY\x01\x00"])
def test_a_damaged_list_is_said(tmp_path: Path, data: bytes) -> None:
    folder = model(tmp_path / "m", rows(20))
    seen_file(folder).write_bytes(data)
    with pytest.raises(ContractError, match=r"已损坏.*重新训练"):
        read_seen(folder)
    np.save(seen_file(folder), np.zeros((3, 4)))
    with pytest.raises(ContractError, match="已损坏"):
        read_seen(folder)


# who is tested


def test_a_grouped_split_tests_a_fifth_and_no_copy_is_on_both_sides() -> None:
    found = rows(100) + rows(100)
    sides = split(found, Split.GROUPED, 0)
    assert len(sides.test) == pytest.approx(40, abs=6)
    assert len(sides.train) + len(sides.test) == 200
    assert not set(sides.groups[sides.train]) & set(sides.groups[sides.test])
    assert split(found, Split.GROUPED, 0).test.tolist() == sides.test.tolist()
    assert split(found, Split.GROUPED, 1).test.tolist() != sides.test.tolist()


def test_a_split_by_time_tests_the_newest_without_copies_of_older_ones() -> None:
    days = [f"2026-{1 + place // 28:02d}-{1 + place % 28:02d}" for place in range(100)]
    found = [Row("", text, "甲", {}, day) for text, day in zip(texts(100), days, strict=True)]
    again = Row("", found[3].text, "甲", {}, "2027-01-01")
    sides = split([again, *found], Split.TIME, 0)
    assert sides.since == "2026-03-26T00:00:00+08:00"
    assert 0 not in sides.test
    assert sides.set_aside == 1
    assert min(sides.test) > max(sides.train)


def test_times_with_and_without_a_zone_stand_in_one_order() -> None:
    times = ["2026-05-01T08:00:00", "2026-05-01T08:30:00+08:00", "2026-05-01T01:00:00Z", "2026-05-01 09:30", "2026-05-02"]
    found = [Row("", text, "甲", {}, when) for text, when in zip(texts(5), times, strict=True)]
    assert split(found[::-1], Split.TIME, 0).test.tolist() == [0]
    assert split(found[:4], Split.TIME, 0).test.tolist() == [3]


@pytest.mark.parametrize(("when", "part"), [("", "没有 time 列"), ("昨天", "“昨天”不是时间"), ("2026-13-45", "不是时间")])
def test_rows_without_a_time_are_counted_and_the_first_is_named(when: str, part: str) -> None:
    found = rows(10)
    found[4] = found[7] = Row("", "停水", "甲", {}, when)
    with pytest.raises(ContractError, match=f"2 行没有可用的时间.*第 5 条.*{part}"):
        split(found, Split.TIME, 0)


def test_what_cannot_be_split_by_time_is_said() -> None:
    same = [Row("", text, "甲", {}, "2026-01-01") for text in texts(5)]
    with pytest.raises(ContractError, match="分不出新旧"):
        split(same, Split.TIME, 0)
    copies = [Row("", "停水三天了没有人管", "甲", {}, f"2026-01-{day:02d}") for day in range(1, 11)]
    with pytest.raises(ContractError, match="近似副本"):
        split(copies, Split.TIME, 0)


def test_only_what_no_model_has_seen_is_tested(tmp_path: Path) -> None:
    found = rows(90)
    first, second = model(tmp_path / "a", found[:30]), model(tmp_path / "b", found[20:50])
    sides = unseen(found, [first, second])
    assert (sides.test.tolist(), sides.set_aside) == (list(range(50, 90)), 50)
    assert unseen(found, [first]).test.tolist() == list(range(30, 90))


def test_when_all_was_seen_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"全部 30 行.*见过.*新来的"):
        unseen(rows(30), [model(tmp_path / "a", rows(30))])
    assert read_card(tmp_path / "a").rows == 30


# how answers count


TREE = frozenset({"城建/道路", "城建/供水", "民生/学校"})


def test_a_parent_counts_as_its_likeliest_leaf_and_is_not_accepted() -> None:
    (found,) = counted([predicted("城建", ("城建", 0.7), ("城建/供水", 0.4), ("民生/学校", 0.2), accepted=True)], TREE, TREE)
    assert (found.label, found.confidence, found.accepted) == ("城建/供水", 0.4, False)
    assert found.top == (("城建/供水", 0.4), ("民生/学校", 0.2))


def test_an_answer_below_the_label_counts_as_the_label() -> None:
    (found,) = counted([predicted("城建/供水/水管", ("城建/供水/水管", 0.6), ("城建/供水/水表", 0.3))], TREE, TREE)
    assert found.label == "城建/供水"
    assert found.confidence == pytest.approx(0.9)


def test_a_parent_that_is_a_label_itself_stays_and_so_does_one_that_nothing_stands_beside() -> None:
    truths = TREE | {"城建"}
    assert counted([predicted("城建", ("城建", 0.7), ("城建/供水", 0.3), accepted=True)], truths, truths)[0].label == "城建"
    assert counted([predicted("城建", ("城建", 0.7), ("民生", 0.3))], TREE, TREE)[0].label == "城建"


def test_plain_answers_are_left_as_they_are() -> None:
    plain = predicted("甲", ("甲", 0.8), ("乙", 0.1), accepted=True)
    assert counted([plain], frozenset("甲乙"), frozenset("甲乙丙")) == [plain]


# the promise


def test_a_promise_is_proved_refuted_or_left_open_by_the_rows_that_were_accepted() -> None:
    def verdict(right: int, wrong: int) -> Kept:
        correct = np.array([True] * right + [False] * wrong)
        return check_promise(0.98, correct, np.arange(len(correct))).kept

    assert verdict(149, 0) is Kept.PROVED
    assert verdict(148, 0) is Kept.OPEN
    assert verdict(290, 10) is Kept.OPEN
    assert verdict(285, 15) is Kept.BROKEN
    assert verdict(0, 0) is Kept.NOTHING


def test_what_is_wanting_for_a_proof_is_counted_and_copies_count_once() -> None:
    right = np.ones(200, dtype=bool)
    assert check_promise(0.98, right, np.arange(200)).missing == 0
    found = check_promise(0.98, right, np.arange(200) // 2)
    assert (found.missing, found.kept) == (49, Kept.OPEN)


# the baselines


def test_the_majority_answers_the_most_frequent_label_and_ties_by_name() -> None:
    found = [Row("", "水", label, {}) for label in "丙甲乙乙甲"]
    answer = Majority(found).predict(found[:1])[0]
    assert (answer.label, answer.confidence, answer.accepted) == ("乙", 0.4, False)


def test_key_words_find_their_label_and_fall_back_to_the_majority() -> None:
    learned = Keywords([*rows(60), Row("", "完全别样的一句话", "甲", {})])
    asked = [Row("", f"我们这里{word}坏了", None, {}) for word in WORDS[:3]]
    assert [answer.label for answer in learned.predict(asked)] == ["甲", "乙", "丙"]
    assert learned.predict([Row("", "😀", None, {})])[0].label == "甲"
    for answer in learned.predict(asked):
        assert 0 <= answer.confidence <= 1
        assert answer.top[0][0] == answer.label


def test_a_baseline_never_learns_from_the_row_it_answers(tmp_path: Path) -> None:
    """Every row has its own label: who had seen it would know it."""
    found = [Row("", f"{word}{text}", str(place), {}) for place, (word, text) in enumerate(zip(WORDS, texts(20), strict=True))]
    sides = unseen(found, [model(tmp_path / "m", rows(5, seed=9))])
    answers = baseline_answers(Baseline.KEYWORDS, found, sides, 0)
    assert len(answers) == 20
    assert not any(answer.label == row.label for answer, row in zip(answers, found, strict=True))


def test_a_baseline_of_a_single_group_still_answers(tmp_path: Path) -> None:
    found = [Row("", "停水三天了", "甲", {})] * 3
    sides = unseen(found, [model(tmp_path / "m", rows(5))])
    assert [answer.label for answer in baseline_answers(Baseline.MAJORITY, found, sides, 0)] == ["甲"] * 3
    assert groups_of(found).tolist() == [0, 0, 0]
