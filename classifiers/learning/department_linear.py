"""Fitting of one linear model: each label against the rest."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.folds import Fold

Rows: TypeAlias = NDArray[np.intp]
Weights: TypeAlias = NDArray[np.float32]
Rounded: TypeAlias = NDArray[np.float16]

COST: Final = 0.5
KEPT: Final = np.float16
"""Precision of weights in a file; those in memory are rounded to it too, so that a model answers alike before and after."""
CLOSE: Final = 20
"""Labels whose rows are most like an order: it is their rival even if it is not theirs."""
RIVALS: Final = 4000
"""Rivals of a label at most, or `PER_ROW` for each of its rows if that is more."""
PER_ROW: Final = 4
STRANGERS: Final = 1000
"""Orders from anywhere that a label is fitted against beside its rivals."""
_CHUNK: Final = 5000


def fit_view(matrix: csr_matrix, truth: NDArray[np.intp], labels: int, met: Sequence[Rows] | None = None) -> Weights:
    """Weights (columns + 1, labels) of one view, each label against the rest. A label without rows has the margin -1.

    By liblinear's dual method: with many more columns than orders it takes a seventh of the time of Newton steps on all labels.
    met: of each label the rows it is fitted on (see `rivals`); all without.
    """
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - slow to import, needed in training only

    weights = np.zeros((matrix.shape[1] + 1, labels), np.float32)
    weights[-1] = -1
    known = np.unique(truth)
    if len(known) == 1:
        weights[-1, known] = 1
        return weights
    if met is not None:
        for label in known.tolist():
            rows = met[label]
            one = LinearSVC(C=COST, random_state=0).fit(matrix[rows], truth[rows] == label)
            weights[:-1, label], weights[-1, label] = one.coef_[0], one.intercept_[0]
        return weights
    model = LinearSVC(C=COST, random_state=0).fit(matrix, truth)
    slopes, constants = model.coef_, model.intercept_
    if len(known) == 2:
        slopes, constants = np.vstack([-slopes, slopes]), np.concatenate([-constants, constants])
    weights[:-1, known] = slopes.T
    weights[-1, known] = constants
    return weights


def held_out_margins(matrix: csr_matrix, truth: NDArray[np.intp], labels: int, parts: Sequence[Fold]) -> Weights:
    """(orders, labels): of each order the margins of a model that was fitted without its part."""
    found = np.zeros((len(truth), labels), np.float32)
    for train, test in parts:
        weights = fit_view(matrix[train], truth[train], labels)
        found[test] = matrix[test] @ weights[:-1] + weights[-1]
    return found


def rivals(matrix: csr_matrix, truth: Rows, labels: int, seed: int) -> list[Rows]:
    """Of each label the rows that it is fitted on when there are too many for all: its own, rivals and strangers.

    Rivals are the orders of other labels that have it among the `CLOSE` labels with the most similar mean order.
    """
    draw = np.random.default_rng(seed)
    own = csr_matrix((np.ones(len(truth), np.float32), (truth, np.arange(len(truth)))), shape=(labels, len(truth)))
    means = (own @ matrix).T.toarray()
    means /= np.maximum(np.sqrt((means * means).sum(axis=0)), 1e-9)
    many = min(CLOSE, labels)
    close = np.concatenate([
        np.argpartition(-(matrix[start : start + _CHUNK] @ means), many - 1, axis=1)[:, :many]
        for start in range(0, len(truth), _CHUNK)
    ])  # fmt: skip
    strangers = draw.choice(len(truth), min(STRANGERS, len(truth)), replace=False)
    order = np.argsort(close.ravel(), kind="stable")
    ends = np.searchsorted(close.ravel()[order], np.arange(labels + 1))
    found = []
    for label in range(labels):
        mine = np.flatnonzero(truth == label)
        near = order[ends[label] : ends[label + 1]] // many
        near = near[truth[near] != label]
        if not len(near):
            near = np.flatnonzero(truth != label)
        most = max(RIVALS, PER_ROW * len(mine))
        if len(near) > most:
            near = draw.choice(near, most, replace=False)
        found.append(np.unique(np.concatenate([mine, near, strangers])))
    return found
