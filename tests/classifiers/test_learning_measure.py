"""Figures against scikit-learn's own and by hand."""

import json
from dataclasses import asdict

import pytest
from sklearn.metrics import accuracy_score, f1_score

from classifiers.learning.measure import Confusion, measure
from classifiers.learning.prediction import Prediction

TRUTH = ["a", "a", "a", "b", "b", "c", "c", "d"]
SAID = ["a", "a", "b", "b", "a", "c", "a", "e"]
SURE = [0.99, 0.9, 0.8, 0.95, 0.5, 0.7, 0.6, 0.4]


def answer(label: str, sure: float) -> Prediction:
    return Prediction(label, sure, ((label, sure), ("b", 0.1), ("x", 0.05), ("c", 0.01)), sure >= 0.85)


FIGURES = measure(TRUTH, [answer(*one) for one in zip(SAID, SURE, strict=True)])


def test_accuracy_and_macro_f1_are_scikit_learns() -> None:
    assert FIGURES.accuracy == pytest.approx(accuracy_score(TRUTH, SAID))
    assert FIGURES.macro_f1 == pytest.approx(f1_score(TRUTH, SAID, average="macro", zero_division=0))
    assert FIGURES.top3 == pytest.approx(5 / 8)


def test_each_label_has_its_own_figures_also_those_never_met_or_never_answered() -> None:
    by_label = {one.label: one for one in FIGURES.classes}
    assert (by_label["a"].precision, by_label["a"].recall, by_label["a"].support) == pytest.approx((1 / 2, 2 / 3, 3))
    assert (by_label["d"].precision, by_label["d"].recall, by_label["d"].support) == (0, 0, 1)
    assert (by_label["e"].f1, by_label["e"].support) == (0, 0)


def test_confusions_stand_most_frequent_first() -> None:
    assert FIGURES.confusions[0] == Confusion("a", "b", 1)
    twice = measure(["c", "a", "c"], [answer("b", 0.5)] * 3)
    assert twice.confusions == (Confusion("c", "b", 2), Confusion("a", "b", 1))


def test_the_accepted_and_the_surest_are_counted_on_their_own() -> None:
    assert (FIGURES.accepted, FIGURES.accepted_accuracy) == (3 / 8, 1)
    assert FIGURES.accuracy_at(0.5) == 3 / 4
    assert FIGURES.accuracy_at(1) == FIGURES.accuracy
    assert measure(["a"], [answer("a", 0.1)]).accepted_accuracy is None


def test_figures_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(asdict(FIGURES), allow_nan=False))["rows"] == 8


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        measure([], [])
