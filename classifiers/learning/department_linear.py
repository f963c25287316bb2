"""Fitting of one linear model: each label against the rest."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.folds import Fold

Rows: TypeAlias = NDArray[np.intp]
Weights: TypeAlias = NDArray[np.float32]
Rounded: TypeAlias = NDArray[np.float16]


class Met(NamedTuple):
    """The rows that a label is fitted on and what each weighs."""

    rows: Rows
    weights: NDArray[np.float64]


COST: Final = 0.5
KEPT: Final = np.float16
"""Precision of weights in a file; those in memory are rounded to it too, so that a model answers alike before and after."""
CLOSE: Final = 20
"""Labels whose rows are most like an order: it is their rival even if it is not theirs."""
RIVALS: Final = 4000
"""Rivals of a label at most, or `PER_ROW` for each of its rows if that is more."""
PER_ROW: Final = 4
STRANGERS: Final = 2000
"""Orders of all the rest that a label is fitted against beside its rivals; each stands for several."""
HEAVIEST: Final = 20
"""How many orders a stranger stands for at most: more would slow the fit down and gain nothing."""
_CHUNK: Final = 5000


def fit_view(matrix: csr_matrix, truth: NDArray[np.intp], labels: int, met: Sequence[Met] | None = None) -> Weights:
    """Weights (columns + 1, labels) of one view, each label against the rest. A label without rows has the margin -1.

    By liblinear's dual method: with many more columns than orders it takes a seventh of the time of Newton steps on all labels.
    met: of each label what it is fitted on (see `rivals`); all without.
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
            rows, heavy = met[label]
            one = LinearSVC(C=COST, random_state=0).fit(matrix[rows], truth[rows] == label, sample_weight=heavy)
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


def rivals(matrix: csr_matrix, truth: Rows, labels: int, seed: int) -> list[Met]:
    """What each label is fitted on when there are too many rows for all: its own, rivals and strangers.

    Rivals are the orders of other labels that have it among the `CLOSE` labels with the most similar mean order, strangers a
    draw from the others.
    """
    draw = np.random.default_rng(seed)
    close = _closest(matrix, truth, labels)
    order = np.argsort(close.ravel(), kind="stable")
    ends = np.searchsorted(close.ravel()[order], np.arange(labels + 1))
    found = []
    for label in range(labels):
        mine = np.flatnonzero(truth == label)
        near = order[ends[label] : ends[label + 1]] // close.shape[1]
        near = near[truth[near] != label]
        far = np.setdiff1d(np.arange(len(truth)), np.concatenate([mine, near]))
        near = _some(near, max(RIVALS, PER_ROW * len(mine)), draw)
        strangers = _some(far, STRANGERS, draw)
        weights = np.ones(len(mine) + len(near) + len(strangers))
        weights[len(mine) + len(near) :] = min(HEAVIEST, len(far) / max(1, len(strangers)))
        found.append(Met(np.concatenate([mine, near, strangers]), weights))
    return found


def _closest(matrix: csr_matrix, truth: Rows, labels: int) -> Rows:
    """(rows, `CLOSE`) labels with the most similar mean row."""
    own = csr_matrix((np.ones(len(truth), np.float32), (truth, np.arange(len(truth)))), shape=(labels, len(truth)))
    means = (own @ matrix).T.toarray()
    means /= np.maximum(np.sqrt((means * means).sum(axis=0)), 1e-9)
    many = min(CLOSE, labels)
    chunks = (matrix[start : start + _CHUNK] @ means for start in range(0, len(truth), _CHUNK))
    return np.concatenate([np.argpartition(-likeness, many - 1, axis=1)[:, :many] for likeness in chunks])


def _some(rows: Rows, most: int, draw: np.random.Generator) -> Rows:
    return rows if len(rows) <= most else draw.choice(rows, most, replace=False)
