"""A promise holds as often as it says, and is not made where it cannot be proved."""

import numpy as np
import pytest
from scipy.stats import binom

from classifiers.learning.promise import NEVER, curve, effective, lower_bound, needed, threshold_for, together


def drawn(rows: int, seed: int, copies: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated confidences, verdicts drawn from them, groups of `copies` rows that are right or wrong together."""
    chance = np.random.default_rng(seed)
    sure = np.sqrt(chance.uniform(0.3, 1, rows // copies))
    right = chance.uniform(size=len(sure)) < sure
    return np.repeat(sure, copies), np.repeat(right, copies), np.repeat(np.arange(len(sure)), copies)


def true_accuracy(threshold: float) -> float:
    """Of the distribution that `drawn` takes confidences from, above the threshold."""
    squares = np.linspace(threshold**2, 1, 2001)
    return float(np.sqrt(squares).mean())


@pytest.mark.parametrize("copies", [1, 4])
def test_the_promise_is_broken_at_most_as_often_as_delta_says(copies: int) -> None:
    broken = made = 0
    for seed in range(300):
        found = threshold_for(0.95, *drawn(4000 * copies, seed, copies), delta=0.1)
        if found.threshold != NEVER:
            made += 1
            broken += true_accuracy(found.threshold) < 0.95
    assert made > 150
    assert broken <= binom.ppf(0.999, 300, 0.1)


def test_it_accepts_most_of_what_could_be_accepted() -> None:
    found = threshold_for(0.95, *drawn(20_000, 1))
    able = 1 - (0.9**2 - 0.3) / 0.7  # above .9 a mean of .95 is reached
    assert 0.75 * able < found.coverage < 1.02 * able
    assert found.bound >= 0.95
    assert found.n == pytest.approx(found.coverage * 20_000)


def test_one_early_error_does_not_end_the_search() -> None:
    sure = np.linspace(1, 0.5, 2000)
    right = np.ones(2000, dtype=bool)
    right[3] = False
    assert threshold_for(0.98, sure, right).coverage == 1


def test_near_copies_are_no_independent_witnesses() -> None:
    sure, right = np.full(1000, 0.9), np.ones(1000, dtype=bool)
    assert threshold_for(0.98, sure, right).coverage == 1
    assert threshold_for(0.98, sure, right, np.arange(1000) // 10).threshold == NEVER
    assert effective([0, 0, 0, 1, 2], 1).tolist() == pytest.approx([1, 1, 1, 16 / 10, 25 / 11])
    assert effective([0, 0, 1], 0).tolist() == [1, 2, 3]
    assert effective([], 1).tolist() == []


def test_copies_count_the_less_the_more_often_they_are_wrong_together() -> None:
    chance = np.random.default_rng(3)
    groups = np.arange(3000) // 3
    apart = chance.uniform(size=3000) < 0.8
    assert together(apart, groups) < 0.1
    assert together(np.repeat(apart[:1000], 3), groups) == 1
    half = np.where(chance.uniform(size=3000) < 0.6, np.repeat(apart[:1000], 3), apart)
    assert 0.25 < together(half, groups) < 0.5
    assert together(np.ones(3000, dtype=bool), groups) == 1
    assert together(np.zeros(3000, dtype=bool), groups) == 1


def test_with_too_few_rows_nothing_is_accepted_and_the_best_bound_is_said() -> None:
    assert (needed(0.98), needed(0.995)) == (149, 598)
    few = threshold_for(0.98, np.full(148, 0.99), np.ones(148, dtype=bool))
    assert (few.threshold, few.coverage) == (NEVER, 0)
    assert few.bound == pytest.approx(0.05 ** (1 / 148))
    enough = threshold_for(0.98, np.full(149, 0.99), np.ones(149, dtype=bool))
    assert enough.coverage == 1
    none = threshold_for(0.98, [], [])
    assert (none.threshold, none.coverage, none.bound, none.n) == (NEVER, 0, 0, 0)


def test_a_model_that_is_always_wrong_or_never_sure_promises_nothing() -> None:
    assert threshold_for(0.9, np.full(500, 0.99), np.zeros(500, dtype=bool)).threshold == NEVER
    right = np.random.default_rng(0).uniform(size=2000) < 0.8
    assert threshold_for(0.9, np.full(2000, 0.8), right).threshold == NEVER


def test_equal_confidences_are_accepted_together() -> None:
    sure = np.repeat([0.99, 0.6], [500, 500])
    found = threshold_for(0.95, sure, sure > 0.9)
    assert (found.threshold, found.coverage) == (pytest.approx(0.99, abs=1e-5), 0.5)


def test_a_confidence_kept_in_single_precision_is_reached_by_itself() -> None:
    sure = np.full(500, 601 / 602)
    assert np.float32(sure[0]) > sure[0]
    assert threshold_for(0.98, sure.astype(np.float32), np.ones(500, dtype=bool)).threshold <= sure[0]


def test_the_bound_is_clopper_and_pearsons() -> None:
    bound = lower_bound(95, 100, 0.05)
    assert binom.sf(94, 100, bound) == pytest.approx(0.05)
    assert lower_bound(0, 10, 0.05) == 0


def test_less_is_accepted_at_a_higher_promise_and_the_curve_says_what_is_given_up() -> None:
    sure, right, groups = drawn(8000, 2)
    assert threshold_for(0.9, sure, right, groups).coverage > threshold_for(0.95, sure, right, groups).coverage > 0
    points = curve(sure, right)
    assert points[-1].coverage == 1
    assert points[-1].accuracy == pytest.approx(right.mean())
    assert points[10].accuracy > points[-1].accuracy
    assert curve([], []) == []


@pytest.mark.parametrize("promise", [0, 1, -1])
def test_a_promise_lies_between_0_and_1(promise: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        threshold_for(promise, [0.5], [True])
