"""From a model's own probabilities to confidences that can be taken at their word: of the answers at .9, nine in ten are right.

Three ways, the best chosen by cross-validated ECE (`Calibration.fit`):
- temperature: one sharpness for all (Guo, Pleiss, Sun, Weinberger, 2017);
- sigmoid: a logistic curve (Platt 1999) over the logit of the best and its margin over the second;
- isotonic: steps that only rise (Zadrozny and Elkan 2002) over the sigmoid's score, joined through their middles so that
  confidences keep their order, with counts smoothed so that no step says 0 or 1. From `ENOUGH` rows on: with fewer it fits
  noise (Niculescu-Mizil and Caruana 2005).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.learning.folds import folds

ENOUGH: Final = 1000
"""Rows from which isotonic is tried."""
TIE: Final = 0.002
"""Methods whose ECE is this close are told apart by the Brier score, which has less noise."""
LARGEST: Final = 20
"""Labels of a row that are looked at; the others weigh next to nothing."""
_EDGE: Final = 1e-6
_PARTS: Final = 5

Floats = NDArray[np.float64]
Verdicts = NDArray[np.bool_]


class Method(StrEnum):
    CONSTANT = "constant"
    """All held-out answers were right, or all wrong, or fewer than two groups of them: one smoothed share for every answer."""
    TEMPERATURE = "temperature"
    SIGMOID = "sigmoid"
    ISOTONIC = "isotonic"


@dataclass
class Calibration:
    """Plain arrays, so that it can be saved by `artifact`. numbers: of the method; steps: 2 × k for isotonic, else empty.

    measured: cross-validated ECE of each method that was tried, by name.
    """

    method: str
    numbers: Floats
    steps: Floats
    measured: dict[str, float]

    @classmethod
    def fit(cls, probabilities: ArrayLike, correct: ArrayLike, groups: ArrayLike | None = None, seed: int = 0) -> "Calibration":
        """The method with the least ECE when fitted on four parts of the rows and measured on the fifth, refitted on all.

        probabilities: rows × labels (any columns so long as the row's largest are among them; need not sum to 1), of rows
        that the model was not fitted on; correct: whether the largest is the truth; groups: near copies share a number.
        """
        features, right = _features(probabilities), np.asarray(correct, dtype=bool)
        if len(features) != len(right):
            raise ValueError(f"one verdict per row, not {len(right)} for {len(features)}")
        group = np.arange(len(right)) if groups is None else np.asarray(groups)
        if right.all() or not right.any() or len(np.unique(group)) < 2:
            return _fitted(Method.CONSTANT, features, right)
        tried = [Method.TEMPERATURE, Method.SIGMOID] + ([Method.ISOTONIC] if len(right) >= ENOUGH else [])
        parts = folds(right, group, _PARTS, seed)
        held = {method: np.empty(len(right)) for method in tried}
        for train, test in parts:
            for method in tried:
                held[method][test] = _fitted(method, features[train], right[train])._of(features[test])
        measured = {method.value: ece(held[method], right) for method in tried}
        least = min(measured.values())
        close = [method for method in tried if measured[method] <= least + TIE]
        chosen = _fitted(min(close, key=lambda method: float(np.mean((held[method] - right) ** 2))), features, right)
        chosen.measured = measured
        return chosen

    def confidences(self, probabilities: ArrayLike) -> Floats:
        """Of each row: the probability (0..1) that its largest is the truth."""
        return self._of(_features(probabilities))

    def probabilities(self, probabilities: ArrayLike) -> Floats:
        """The rows with the largest set to its confidence and the rest sharing what is left, none as large.

        So the best stays the best, and a row sums to 1 at most.
        """
        rows = np.asarray(probabilities, dtype=float)
        best = rows.argmax(axis=1)[:, None]
        sure = self.confidences(rows)[:, None]
        top = np.take_along_axis(rows, best, axis=1)
        left = np.maximum(rows.sum(axis=1, keepdims=True) - top, _EDGE)
        found: Floats = np.minimum(rows * (1 - sure) / left, sure * (1 - _EDGE))
        np.put_along_axis(found, best, sure, axis=1)
        return found

    def _of(self, logs: Floats) -> Floats:
        match self.method:
            case Method.CONSTANT:
                return np.full(len(logs), float(self.numbers[0]))
            case Method.TEMPERATURE:
                return np.asarray(1 / np.exp((logs - logs[:, :1]) * self.numbers[0]).sum(axis=1))
            case Method.ISOTONIC:
                return np.asarray(np.interp(_scores(logs, self.numbers), self.steps[0], self.steps[1]), dtype=float)
            case _:
                return sigmoid(_scores(logs, self.numbers))


def ece(confidences: ArrayLike, correct: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error, 0..1: the mean distance of confidence and accuracy over bins of equal width, by their rows.

    0 without rows. (Guo, Pleiss, Sun, Weinberger 2017)
    """
    sure, right = np.asarray(confidences, dtype=float), np.asarray(correct, dtype=float)
    if not len(sure):
        return 0.0
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(np.abs(np.bincount(place, sure - right, minlength=bins)).sum() / len(sure))


def _features(probabilities: ArrayLike) -> Floats:
    """rows × at most `LARGEST`: logs of the largest, the largest first."""
    rows = np.asarray(probabilities, dtype=float)
    if rows.ndim != 2 or not rows.shape[1]:
        raise ValueError(f"rows × labels with at least one label, not {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("a probability is not a number")
    many = min(LARGEST, rows.shape[1])
    largest = -np.sort(np.partition(-rows, many - 1, axis=1)[:, :many], axis=1)
    return np.asarray(np.log(np.clip(largest, _EDGE, 1 - _EDGE)))


def _two(logs: Floats) -> Floats:
    """rows × 2: logit of the largest; log of its ratio to the second (0 where there is no second)."""
    logit = logs[:, 0] - np.log1p(-np.exp(logs[:, 0]))
    return np.stack([logit, logs[:, 0] - logs[:, min(1, logs.shape[1] - 1)]], axis=1)


def _scores(logs: Floats, weights: Floats) -> Floats:
    return np.asarray(_two(logs) @ weights[:2] + weights[2])


def _fitted(method: Method, logs: Floats, right: Verdicts) -> Calibration:
    none = np.empty((2, 0))
    if method is not Method.CONSTANT and (right.all() or not right.any()):
        method = Method.CONSTANT
    match method:
        case Method.CONSTANT:
            return Calibration(method.value, np.array([(right.sum() + 1) / (len(right) + 2)]), none, {})
        case Method.TEMPERATURE:
            return Calibration(method.value, np.array([_sharpness(logs, right)]), none, {})
        case Method.SIGMOID:
            return Calibration(method.value, logistic(_two(logs), right), none, {})
        case Method.ISOTONIC:
            weights = logistic(_two(logs), right)
            return Calibration(method.value, weights, _stairs(_scores(logs, weights), right), {})


def _sharpness(logs: Floats, right: Verdicts) -> float:
    """1 / temperature: what all logs are multiplied by before they sum to 1 again, with the least log loss of right or wrong."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - slow to import, and only needed to fit

    def loss(log: float) -> float:
        sure = np.clip(Calibration(Method.TEMPERATURE.value, np.exp([log]), np.empty((2, 0)), {})._of(logs), _EDGE, 1 - _EDGE)
        return float(-np.log(np.where(right, sure, 1 - sure)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def logistic(features: Floats, right: Verdicts) -> Floats:
    """A weight for each column and a constant; no weight below 0, so that more of what speaks for an answer never means less
    confidence. features: rows × columns, each the greater the surer."""
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, and only needed to fit

    columns = np.column_stack([features, np.ones(len(features))])
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))  # Platt's smoothed targets

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = columns @ weights
        value = np.logaddexp(0, scores) - target * scores
        return float(value.mean()), columns.T @ (sigmoid(scores) - target) / len(scores)

    start = np.append(np.full(features.shape[1], 0.5), 0.0)
    found = minimize(loss, start, jac=True, bounds=[(0, None)] * features.shape[1] + [(None, None)], method="L-BFGS-B")
    return np.asarray(found.x, dtype=float)


def _stairs(scores: Floats, right: Verdicts) -> Floats:
    """2 × k: where each step of the isotonic fit has its middle, and its smoothed share of right answers; both rise.

    Beyond the outer middles the line goes on halfway to 0 and 1 at the outermost rows, so that the surest keep their order too.
    """
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - slow to import, and only needed to fit

    level = IsotonicRegression(out_of_bounds="clip").fit(scores, right).predict(scores)
    _, step = np.unique(np.round(level, 9), return_inverse=True)
    rows = np.bincount(step)
    middle = np.bincount(step, scores) / rows
    share = (np.bincount(step, right) + 1) / (rows + 2)
    share = np.maximum.accumulate(share)
    ends = [scores.min() - _EDGE, scores.max() + _EDGE]
    return np.stack([np.r_[ends[0], middle, ends[1]], np.r_[share[0] / 2, share, (1 + share[-1]) / 2]])


def sigmoid(scores: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))
