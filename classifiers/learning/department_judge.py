"""Chooses among the candidates of an order: boosted trees over what the linear models say of each.

A linear model knows neither how often a unit is right when it speaks softly nor which model to trust for it. So every pair
of order and candidate becomes a short row of numbers, and the trees learn which pairs are true, from held-out scores.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.department_words import Order, grams

Floats = NDArray[np.floating[Any]]

CANDIDATES: Final = 8
"""Labels of an order that are judged; the truth is among them in 97 of 100 orders, and the rest are too rare to learn."""
SHARPNESS: Final = 7.0
"""What margins are multiplied by before they are made to sum to 1."""
NOT_ALLOWED: Final = -1e9
_FLOOR: Final = -20.0


@dataclass(frozen=True)
class Judge:
    """Trees as arrays (trees, nodes): feature < 0 at a leaf, where value counts; left when number <= threshold."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    start: float

    @classmethod
    def fit(cls, pairs: Floats, true: NDArray[np.bool_], seed: int) -> "Judge":
        """pairs: (pairs, numbers); true: of each pair. Where all are true or none is, there is nothing to judge: all score 0.

        Two forests of histogram trees, each with its own draw of numbers. Their nodes are read out of scikit-learn's
        predictors: the estimator itself holds types that are not trusted in a file.
        """
        if true.all() or not true.any():
            return cls._packed([], 0.0)
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - slow to import, needed in training only

        models = [
            HistGradientBoostingClassifier(
                max_iter=150, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=40, l2_regularization=5,
                max_features=0.5, early_stopping=False, random_state=seed + draw,
            ).fit(pairs, true)
            for draw in range(_DRAWS)
        ]  # fmt: skip
        trees = [tree[0].nodes for model in models for tree in model._predictors]
        return cls._packed(trees, float(np.mean([float(np.ravel(model._baseline_prediction)[0]) for model in models])))

    @classmethod
    def _packed(cls, trees: Sequence[NDArray[Any]], start: float) -> "Judge":
        width = max((len(nodes) for nodes in trees), default=1)

        def spread(name: str, dtype: type) -> NDArray[Any]:
            found: NDArray[Any] = np.zeros((len(trees), width), dtype)
            for place, nodes in enumerate(trees):
                found[place, : len(nodes)] = nodes[name]
            return found

        leaf = spread("is_leaf", bool)
        leaf[:, 1:] |= spread("left", np.int32)[:, 1:] == 0
        feature = np.where(leaf, -1, spread("feature_idx", np.int32)).astype(np.int32)
        value = (spread("value", np.float64) / _DRAWS).astype(np.float32)
        threshold, left, right = spread("num_threshold", np.float64), spread("left", np.int32), spread("right", np.int32)
        return cls(feature, threshold, left, right, value, start)

    def scores(self, pairs: Floats) -> NDArray[np.float32]:
        """Log odds that each pair is true."""
        total = np.full(len(pairs), self.start, np.float32)
        numbers = np.ascontiguousarray(pairs, dtype=np.float64)
        every = np.arange(len(numbers))
        trees = zip(self.feature, self.threshold, self.left, self.right, self.value, strict=True)
        for feature, threshold, left, right, value in trees:
            node = np.zeros(len(numbers), np.int32)
            while (inner := feature[node] >= 0).any():
                lower = numbers[every, np.maximum(feature[node], 0)] <= threshold[node]
                node = np.where(inner, np.where(lower, left[node], right[node]), node)
            total += value[node]
        return total


_DRAWS: Final = 2


def likelihoods(margins: Floats, may: NDArray[np.bool_], sharpness: float = SHARPNESS) -> Floats:
    """Log of margins made to sum to 1 over the labels that may be answered; `NOT_ALLOWED` for the others."""
    scaled = np.where(may, margins * sharpness, NOT_ALLOWED)
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    found: Floats = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return found


def candidates(logs: Sequence[Floats]) -> NDArray[np.intp]:
    """(orders, up to `CANDIDATES`) labels that are likeliest by the mean of the models."""
    mean = _mean(logs)
    return np.argsort(-mean, axis=1, kind="stable")[:, : min(CANDIDATES, mean.shape[1])]


def _mean(logs: Sequence[Floats]) -> Floats:
    return np.asarray(sum(np.exp(one) for one in logs) / len(logs))


def pairs_of(
    margins: Sequence[Floats], logs: Sequence[Floats], chosen: NDArray[np.intp], priors: Floats, scheme: NDArray[np.intp],
    names: Floats,
) -> NDArray[np.float32]:
    """(orders, candidates, numbers): of each model log likelihood, distance to the best other, margin; the log of the label's
    rows in the scheme; the scheme's number; the mean likelihood and the best one; how much of the label's name is in the order.

    margins, logs: (orders, labels) of each model; priors: the same; names: (orders, candidates, 3).
    """
    numbers: list[Floats] = []
    for margin, log in zip(margins, logs, strict=True):
        own = np.maximum(np.take_along_axis(log, chosen, 1), _FLOOR)
        best = np.maximum(np.sort(log, axis=1)[:, -2:], _FLOOR)
        if best.shape[1] == 1:
            best = np.repeat(best, 2, axis=1)
        other = np.where(own >= best[:, 1:] - 1e-6, best[:, :1], best[:, 1:])
        numbers += [own, own - other, np.take_along_axis(margin, chosen, 1)]
    mean = _mean(logs)
    numbers += [np.take_along_axis(priors, chosen, 1), np.broadcast_to(scheme[:, None], chosen.shape)]
    numbers += [np.broadcast_to(mean.max(axis=1, keepdims=True), chosen.shape), np.take_along_axis(mean, chosen, 1)]
    return np.concatenate([np.stack(numbers, axis=-1), names], axis=-1).astype(np.float32)


class Names:
    """How much of a label's own name stands in an order: pairs of characters, each the rarer among the labels the heavier."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._pairs = [frozenset(grams(label, 2, 2)) or frozenset((label,)) for label in labels]
        many: dict[str, int] = {}
        for pairs in self._pairs:
            for pair in pairs:
                many[pair] = many.get(pair, 0) + 1
        self._weight = {pair: 1 / count for pair, count in many.items()}
        self._whole = [sum(self._weight[pair] for pair in pairs) for pairs in self._pairs]

    def found(self, orders: Sequence[Order], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """(orders, candidates, 3): share of the name in the matter, in whom it asks, at the beginning of the history."""
        shares = np.zeros((*chosen.shape, 3), np.float32)
        for row, order in enumerate(orders):
            parts = (
                self._known(grams(order.matter, 2, 2)),
                self._known(pair for one in order.asked for pair in grams(one, 2, 2)),
                self._known(grams(order.history[:60], 2, 2)),
            )
            for place, label in enumerate(chosen[row].tolist()):
                for part, pairs in enumerate(parts):
                    common = self._pairs[label] & pairs
                    if common:
                        shares[row, place, part] = sum(self._weight[pair] for pair in common) / self._whole[label]
        return shares

    def _known(self, pairs: Iterable[str]) -> set[str]:
        return {pair for pair in pairs if pair in self._weight}
