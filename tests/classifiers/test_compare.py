"""Better beyond chance, by groups of near copies, or not promoted."""

import numpy as np
import pytest

from classifiers.learning.compare import DRAWS, RISK, compare, macro_f1_bounds, share_bounds
from classifiers.learning.measure import measure
from classifiers.learning.prediction import Prediction


def said(labels: list[str]) -> list[Prediction]:
    return [Prediction(label, 0.9, ((label, 0.9),), accepted=False) for label in labels]


def answers(truth: list[str], wrong: set[int]) -> list[Prediction]:
    return said(["wrong" if place in wrong else label for place, label in enumerate(truth)])


TRUTH = ["甲", "乙", "丙", "丁"] * 100
ALONE = np.arange(len(TRUTH))


def test_the_difference_is_what_was_measured_and_lies_between_its_bounds() -> None:
    first, second = answers(TRUTH, set(range(20))), answers(TRUTH, set(range(60)))
    found = compare(TRUTH, first, second, ALONE)
    assert found.accuracy.value == pytest.approx(0.1)
    assert found.macro_f1.value == pytest.approx(measure(TRUTH, first).macro_f1 - measure(TRUTH, second).macro_f1)
    assert found.accuracy.lower < found.accuracy.value < found.accuracy.upper
    assert (found.rows, found.groups, found.only_challenger, found.only_champion) == (400, 400, 40, 0)
    assert found.better


def test_the_bounds_of_a_difference_are_those_of_the_binomial() -> None:
    """40 rows of 400 turn right, none wrong: the difference is a share of .1, so its bounds are known."""
    found = compare(TRUTH, answers(TRUTH, set()), answers(TRUTH, set(range(40))), ALONE)
    error = (0.1 * 0.9 / 400) ** 0.5
    assert found.accuracy.lower == pytest.approx(0.1 - 1.645 * error, abs=0.003)
    assert found.accuracy.upper == pytest.approx(0.1 + 1.645 * error, abs=0.003)


def test_the_other_way_round_is_the_same_with_the_sign_turned() -> None:
    first, second = answers(TRUTH, set(range(20))), answers(TRUTH, set(range(10, 60)))
    there, back = compare(TRUTH, first, second, ALONE), compare(TRUTH, second, first, ALONE)
    assert (there.accuracy.lower, there.macro_f1.upper) == pytest.approx((-back.accuracy.upper, -back.macro_f1.lower))
    assert there.only_champion == back.only_challenger
    assert compare(TRUTH, first, second, ALONE) == there


def test_the_same_answers_are_never_better() -> None:
    same = answers(TRUTH, set(range(30)))
    found = compare(TRUTH, same, same, ALONE)
    assert (found.accuracy.lower, found.accuracy.upper, found.macro_f1.value) == (0, 0, 0)
    assert not found.better


def test_a_few_rows_more_are_chance() -> None:
    assert not compare(TRUTH, answers(TRUTH, {*range(30)}), answers(TRUTH, {*range(15, 48)}), ALONE).better


def test_copies_of_one_text_are_one_witness() -> None:
    """40 rows won look like much; they are one text that came 40 times."""
    first, second = answers(TRUTH, set()), answers(TRUTH, set(range(40)))
    copies = np.where(np.arange(len(TRUTH)) < 40, 0, np.arange(len(TRUTH)))
    assert compare(TRUTH, first, second, ALONE).better
    found = compare(TRUTH, first, second, copies)
    assert found.groups == 361
    assert found.accuracy.lower == 0
    assert not found.better


def test_rare_labels_are_not_given_up_for_a_frequent_one() -> None:
    truth = ["多"] * 900 + [label for label in "甲乙丙丁戊己庚辛壬癸" for _ in range(10)]
    champion = said(["甲" if place < 200 else label for place, label in enumerate(truth)])
    challenger = said(["多"] * len(truth))
    found = compare(truth, challenger, champion, np.arange(len(truth)))
    assert found.accuracy.lower > 0
    assert found.macro_f1.upper < 0
    assert not found.better


def test_equal_models_are_promoted_no_more_often_than_the_risk_says() -> None:
    random = np.random.default_rng(1)
    truth = ["甲", "乙"] * 60
    tries = 80
    won = 0
    for _ in range(tries):
        first, second = (answers(truth, set(np.flatnonzero(random.random(len(truth)) < 0.2).tolist())) for _ in range(2))
        won += compare(truth, first, second, np.arange(len(truth))).better
    assert won <= RISK * tries + 3 * (RISK * (1 - RISK) * tries) ** 0.5


@pytest.mark.parametrize(("won", "better"), [(3, False), (4, False), (5, True)])
def test_a_handful_of_rows_is_held_to_the_exact_test(won: int, better: bool) -> None:
    found = compare(TRUTH, answers(TRUTH, set()), answers(TRUTH, set(range(won))), ALONE)
    assert found.chance == pytest.approx(0.5**won)
    assert found.better == better


def test_the_bounds_of_one_model_hold_its_figures() -> None:
    mine = answers(TRUTH, set(range(40)))
    macro_f1 = macro_f1_bounds(TRUTH, mine, ALONE)
    assert macro_f1.value == pytest.approx(measure(TRUTH, mine).macro_f1)
    assert macro_f1.lower < macro_f1.value < macro_f1.upper
    share, number = share_bounds(np.arange(400) >= 40, ALONE)
    assert number == 400
    assert share.lower == pytest.approx(0.9 - 1.645 * (0.1 * 0.9 / 400) ** 0.5, abs=0.004)
    assert share_bounds(np.ones(149, dtype=bool), np.arange(149))[0].lower == pytest.approx(0.98, abs=1e-3)


def test_one_row_or_one_group_has_bounds_too() -> None:
    found = compare(["甲"], said(["甲"]), said(["乙"]), np.array([0]))
    assert (found.accuracy.lower, found.accuracy.upper) == (1, 1)
    assert DRAWS == 2000


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        compare([], [], [], np.array([]))
    with pytest.raises(ValueError, match="one answer of each"):
        compare(["甲"], said(["甲"]), [], np.array([0]))
