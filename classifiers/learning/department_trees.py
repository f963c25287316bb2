"""Boosted trees as plain arrays: fitted by scikit-learn, read out of it, and asked all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.errors import ContractError

Floats = NDArray[np.floating[Any]]

LEAVES: Final = 12
"""Of a tree at most; a set of them has to fit into 16 bits."""
_DRAWS: Final = 2
_BATCH: Final = 2048
"""Pairs that are asked at once: their sets of leaves stay in the processor's cache."""
_FIRST: Final = np.array([(number & -number).bit_length() - 1 for number in range(1 << LEAVES)], np.int16)
"""The first leaf of a set."""


class _Tables(NamedTuple):
    """What `Judge.scores` looks up. cuts, left_over: of each number read its thresholds, ascending, and (thresholds + 1, trees)
    the leaves that are still possible above so many of them; values: (trees × LEAVES)."""

    numbers: list[int]
    cuts: list[Floats]
    left_over: list[NDArray[np.uint16]]
    values: NDArray[np.float32]


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

        Two forests of histogram trees, each with its own draw of numbers. Their nodes are read out of scikit-learn's predictors,
        for the estimator itself holds types that are not trusted in a file. No public way leads to the nodes, so what was read
        is checked against the estimator's own answers: raises ContractError where a release of scikit-learn keeps it otherwise.
        """
        if true.all() or not true.any():
            return cls._packed([], 0.0, 1)
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - slow to import, needed in training only

        models = [
            HistGradientBoostingClassifier(
                max_iter=150, learning_rate=0.06, max_leaf_nodes=LEAVES, min_samples_leaf=40, l2_regularization=5,
                max_features=0.5, early_stopping=False, random_state=seed + draw,
            ).fit(pairs, true)
            for draw in range(_DRAWS)
        ]  # fmt: skip
        return cls.read(models, np.asarray(pairs[:_BATCH]))

    @classmethod
    def read(cls, models: Sequence[Any], probe: Floats) -> "Judge":
        """The mean of fitted estimators. probe: pairs on which they are asked too. Raises ContractError as `fit` says."""
        try:
            trees = [tree[0].nodes for model in models for tree in model._predictors]
            start = float(np.mean([float(np.ravel(model._baseline_prediction)[0]) for model in models]))
            found = cls._packed(trees, start, len(models))
            own = np.mean([model.decision_function(probe) for model in models], axis=0)
            same = np.allclose(found.scores(probe), own, atol=1e-3)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise _changed() from error
        if not same:
            raise _changed()
        return found

    @classmethod
    def _packed(cls, trees: Sequence[NDArray[Any]], start: float, forests: int) -> "Judge":
        width = max((len(nodes) for nodes in trees), default=1)

        def spread(name: str, dtype: type) -> NDArray[Any]:
            found: NDArray[Any] = np.zeros((len(trees), width), dtype)
            for place, nodes in enumerate(trees):
                found[place, : len(nodes)] = nodes[name]
            return found

        leaf = spread("is_leaf", bool)
        leaf[:, 1:] |= spread("left", np.int32)[:, 1:] == 0
        feature = np.where(leaf, -1, spread("feature_idx", np.int32)).astype(np.int32)
        value = (spread("value", np.float64) / forests).astype(np.float32)
        threshold, left, right = spread("num_threshold", np.float64), spread("left", np.int32), spread("right", np.int32)
        return cls(feature, threshold, left, right, value, start)

    def scores(self, pairs: Floats) -> NDArray[np.float32]:
        """Log odds that each pair is true.

        As QuickScorer does (Lucchese et al. 2015): every threshold that a number exceeds takes the leaves to its left out of its
        tree, and the first leaf that is left is the one that is reached. So a pair needs one look-up for each number, not for
        each node.
        """
        tables = self._tables
        trees = len(self.feature)
        offset = np.arange(trees, dtype=np.int32) * LEAVES
        total = np.full(len(pairs), self.start, np.float32)
        for begin in range(0, len(pairs), _BATCH):
            some = np.asarray(pairs[begin : begin + _BATCH], dtype=np.float64)
            left = np.full((len(some), trees), (1 << LEAVES) - 1, np.uint16)
            for number, cuts, left_over in zip(tables.numbers, tables.cuts, tables.left_over, strict=True):
                left &= left_over[np.searchsorted(cuts, some[:, number])]
            total[begin : begin + _BATCH] += tables.values[_FIRST[left] + offset].sum(axis=1)
        return total

    @cached_property
    def _tables(self) -> _Tables:
        values = np.zeros((len(self.feature), LEAVES), np.float32)
        nodes: dict[int, list[tuple[float, int, int]]] = {}
        for tree in range(len(self.feature)):
            self._walk(tree, 0, 0, values, nodes)
        numbers = sorted(nodes)
        cuts: list[Floats] = []
        left_over = []
        for number in numbers:
            found = sorted(nodes[number])
            thresholds = np.unique([threshold for threshold, _, _ in found])
            kept = np.full((len(thresholds) + 1, len(self.feature)), (1 << LEAVES) - 1, np.uint16)
            for threshold, tree, lost in found:
                kept[int(np.searchsorted(thresholds, threshold)) + 1, tree] &= np.uint16(((1 << LEAVES) - 1) & ~lost)
            cuts.append(thresholds)
            left_over.append(np.bitwise_and.accumulate(kept, axis=0))
        return _Tables(numbers, cuts, left_over, values.ravel())

    def _walk(
        self, tree: int, node: int, leaf: int, values: NDArray[np.float32], nodes: dict[int, list[tuple[float, int, int]]]
    ) -> int:
        """Numbers the leaves below a node from `leaf` on, left to right; returns the number after the last."""
        feature = int(self.feature[tree, node])
        if feature < 0:
            values[tree, leaf] = self.value[tree, node]
            return leaf + 1
        middle = self._walk(tree, int(self.left[tree, node]), leaf, values, nodes)
        lost = (1 << middle) - (1 << leaf)
        nodes.setdefault(feature, []).append((float(self.threshold[tree, node]), tree, lost))
        return self._walk(tree, int(self.right[tree, node]), middle, values, nodes)


def _changed() -> ContractError:
    rule = "这一版 scikit-learn 存放提升树的方式变了,读出的树与它自己的答案不符"
    return ContractError("scikit-learn", rule, "请按 requirements.lock 安装 scikit-learn 再训练;已训练好的模型不受影响")
