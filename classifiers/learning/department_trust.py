"""How far an answer about units can be trusted: a logistic curve over what the judge says and how the unit has fared before.

The judge compares the candidates of one order. Whether its best is right also hangs on the unit: some have clean labels, others
take any matter, or share their matters with a sister office. So the confidence looks at four numbers: the logit of the best
share, how unevenly the shares are spread, how often the unit was right where it was answered, and how often it was answered
where it was right, both of held-out orders and drawn to the mean where there are few.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.calibration import logistic, sigmoid

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Verdicts = NDArray[np.bool_]

DRAWN: Final = 20
"""Orders of average reliability that are added to those of each unit."""
_EDGE: Final = 1e-6


@dataclass(frozen=True)
class Trust:
    """weights: of the four numbers and the constant; units: (labels, 2), logits of both reliabilities."""

    weights: NDArray[np.float64]
    units: NDArray[np.float64]

    @classmethod
    def fit(cls, answers: Numbers, shares: Floats, truth: Numbers, parts: Numbers, labels: int) -> tuple["Trust", Floats]:
        """(trust, confidences of these orders, each by a fit without its part).

        answers, shares: (orders, candidates), the best first, of orders that the judge had not seen; parts: copies lie in one.
        """
        right, best = answers[:, 0] == truth, answers[:, 0]
        numbers = np.zeros((len(right), 4))
        confidences = np.zeros(len(right))
        for part in np.unique(parts):
            test = parts == part
            numbers[test] = _numbers(shares[test], best[test], _reliability(best[~test], truth[~test], labels))
        for part in np.unique(parts):
            test = parts == part
            confidences[test] = sigmoid(_scores(numbers[test], _fitted(numbers[~test], right[~test])))
        return cls(_fitted(numbers, right), _reliability(best, truth, labels)), confidences

    def confidences(self, answers: Numbers, shares: Floats) -> Floats:
        """Of each order: the probability (0..1) that its best answer is right."""
        return sigmoid(_scores(_numbers(shares, answers[:, 0], self.units), self.weights))

    def probabilities(self, answers: Numbers, shares: Floats) -> Floats:
        """(orders, candidates), see `spread`."""
        return spread(shares, self.confidences(answers, shares))


def spread(shares: Floats, confidences: Floats) -> Floats:
    """The shares with the best at its confidence and the rest sharing what is left, none as large; a row sums to 1 at most."""
    sure = confidences[:, None]
    left = np.maximum(shares[:, 1:].sum(axis=1, keepdims=True), _EDGE)
    rest = np.minimum(shares[:, 1:] * (1 - sure) / left, sure * (1 - _EDGE))
    return np.concatenate([sure, rest], axis=1)


def _numbers(shares: Floats, best: Numbers, units: Floats) -> Floats:
    clipped = np.clip(shares, _EDGE, 1 - _EDGE)
    order = (clipped * np.log(clipped)).sum(axis=1)
    return np.column_stack([_logit(clipped[:, 0]), order, units[best]])


def _reliability(best: Numbers, truth: Numbers, labels: int) -> Floats:
    """(labels, 2): logits of the share of right ones where the label was answered, and where it was the truth."""
    right = best == truth
    usual = (right.sum() + 1) / (len(right) + 2)
    found = [
        (np.bincount(of, right, minlength=labels) + DRAWN * usual) / (np.bincount(of, minlength=labels) + DRAWN)
        for of in (best, truth)
    ]
    return _logit(np.column_stack(found))


def _fitted(numbers: Floats, right: Verdicts) -> Floats:
    """Without orders the logit of the best share is taken as it is."""
    return logistic(numbers, right) if len(right) else np.array([1.0, 0, 0, 0, 0])


def _scores(numbers: Floats, weights: Floats) -> Floats:
    return np.asarray(numbers @ weights[:-1] + weights[-1])


def _logit(shares: Floats) -> Floats:
    return np.asarray(np.log(shares) - np.log1p(-shares))
