"""Confidences that can be taken at their word."""

import numpy as np
import pytest

from classifiers.learning.calibration import Calibration, Method, ece


def shares(rows: int, seed: int, labels: int = 4, sharp: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities from which the truth is drawn, made too sure of themselves; whether the best is the truth."""
    chance = np.random.default_rng(seed)
    true = chance.dirichlet(np.full(labels, 0.4), rows)
    answer = (true.cumsum(axis=1) > chance.uniform(size=(rows, 1))).argmax(axis=1)
    said = true**sharp
    return said / said.sum(axis=1, keepdims=True), said.argmax(axis=1) == answer


def test_ece_is_0_where_confidence_is_accuracy_and_the_distance_elsewhere() -> None:
    assert ece([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert ece([1.0] * 10, [True] * 8 + [False] * 2) == pytest.approx(0.2)
    assert ece([0.95] * 5 + [0.05] * 5, [False] * 5 + [True] * 5) == pytest.approx(0.95)
    assert ece([], []) == 0


@pytest.mark.parametrize(("rows", "tried"), [(600, 2), (4000, 3)])
def test_a_model_that_is_too_sure_is_corrected_on_rows_it_was_not_fitted_on(rows: int, tried: int) -> None:
    found = Calibration.fit(*shares(rows, 1))
    assert len(found.measured) == tried
    fresh, right = shares(20_000, 2)
    before, after = ece(fresh.max(axis=1), right), ece(found.confidences(fresh), right)
    assert before > 0.06
    assert after < 0.03


def test_probabilities_keep_the_best_and_never_exceed_1() -> None:
    rows, right = shares(3000, 3)
    found = Calibration.fit(rows, right)
    changed = found.probabilities(rows)
    assert np.array_equal(changed.argmax(axis=1), rows.argmax(axis=1))
    assert np.allclose(changed.max(axis=1), found.confidences(rows))
    assert (changed.sum(axis=1) <= 1 + 1e-9).all()
    assert ((changed >= 0) & (changed <= 1)).all()


def test_isotonic_keeps_the_surest_apart() -> None:
    rows, right = shares(4000, 4)
    found = Calibration.fit(rows, right)
    found = found if found.method == Method.ISOTONIC else _isotonic(rows, right)
    top = np.sort(rows.max(axis=1))[-50:]
    sure = found.confidences(np.column_stack([top, 1 - top]))
    assert (np.diff(sure) >= 0).all()
    assert sure[0] < sure[-1] < 1


def _isotonic(rows: np.ndarray, right: np.ndarray) -> Calibration:
    from classifiers.learning.calibration import _features, _fitted  # noqa: PLC0415 - one of three, chosen by figures

    return _fitted(Method.ISOTONIC, _features(rows), right)


@pytest.mark.parametrize("verdict", [True, False])
def test_where_all_or_none_were_right_the_confidence_is_the_smoothed_share(verdict: bool) -> None:
    rows, _ = shares(98, 5)
    found = Calibration.fit(rows, np.full(98, verdict))
    assert found.method == Method.CONSTANT
    assert found.confidences(rows[:2]).tolist() == pytest.approx([0.99 if verdict else 0.01] * 2)


def test_one_label_only_and_rows_that_are_all_copies_are_no_fault() -> None:
    one = Calibration.fit(np.ones((30, 1)), np.ones(30, dtype=bool))
    assert one.probabilities(np.ones((2, 1)))[:, 0].tolist() == pytest.approx([31 / 32] * 2)
    rows, right = shares(50, 6)
    assert Calibration.fit(rows, right, np.zeros(50)).method == Method.CONSTANT


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        Calibration.fit(np.array([[np.nan, 1.0]]), [True])
    with pytest.raises(ValueError, match="at least one label"):
        Calibration.fit(np.zeros((3, 0)), [True] * 3)
