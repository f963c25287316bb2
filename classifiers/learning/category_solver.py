"""Linear one-against-the-rest classifiers for all labels at once."""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix

Floats = NDArray[np.floating[Any]]
Matrix: TypeAlias = Any
"""A csr_matrix or a dense array, (rows, columns)."""

SMALL: Final = 1500
"""Rows up to which their products with each other are quicker to work with than their columns."""

_ROUNDS: Final = 12
_INNER: Final = 25
_CLOSE: Final = 0.003
"""A label is done when its gradient is this part of that at zero, times the share of the rarer side: liblinear's measure."""


def fit_margins(matrix: Matrix, targets: Floats, cost: float) -> NDArray[np.float32]:
    """Weights (columns + 1, labels), the last row the constants: the L2-regularised squared hinge loss at its minimum.

    matrix: (rows, columns); targets: (rows, labels), the sign is the side and the size the weight of the row for that label (0:
    the row does not count); cost: of a unit of loss, as C of liblinear.

    Newton with conjugate gradients (Keerthi and DeCoste 2005), the labels side by side, so that the matrix is read once for all
    of them.
    """
    if not matrix.shape[0]:  # all rows of these labels are held out: nothing is known of them
        return np.zeros((matrix.shape[1] + 1, targets.shape[1]), np.float32)
    if isinstance(matrix, np.ndarray):
        return _fit(matrix, np.ascontiguousarray(matrix.T), targets, cost)
    if matrix.shape[0] <= min(SMALL, matrix.shape[1]):
        return _fit_by_rows(matrix, targets, cost)
    return _fit(matrix, matrix.T.tocsr(), targets, cost)


def _fit_by_rows(matrix: csr_matrix, targets: Floats, cost: float) -> NDArray[np.float32]:
    """The same minimum, sought among the combinations of the rows, where it lies: the rows' products stand in for the rows."""
    products = (matrix @ matrix.T).toarray().astype(np.float64)
    products[np.diag_indices_from(products)] += 1e-4
    square: Floats = np.linalg.cholesky(products)
    found = _fit(square.astype(np.float32), square.T.astype(np.float32), targets, cost)
    shares = solve_triangular(square.T, found[:-1].astype(np.float64), check_finite=False)
    return np.vstack([matrix.T @ shares.astype(np.float32), found[-1:]])


def _fit(matrix: Matrix, back: Matrix, targets: Floats, cost: float) -> NDArray[np.float32]:
    """back: the transpose."""
    side, weight = np.sign(targets).astype(np.float32), (2 * cost * np.abs(targets)).astype(np.float32)
    weights = np.zeros((matrix.shape[1] + 1, targets.shape[1]), np.float32)
    scores = _scores(matrix, weights)
    done = _CLOSE * _at_zero(back, weight, side) * np.minimum((side > 0).mean(axis=0), (side < 0).mean(axis=0))
    for _ in range(_ROUNDS):
        short = np.maximum(1 - side * scores, 0)
        slope = weights - _back(back, weight * side * short)
        far = np.sqrt((slope * slope).sum(axis=0)) > np.maximum(done, 1e-6)
        if not far.any():
            break
        step = _newton_step(matrix, back, slope, weight * (short > 0))
        step[:, ~far] = 0
        moved = _scores(matrix, step)
        length = _line_search(weights, step, scores, moved, side, weight)
        weights += length * step
        scores += length * moved
    return weights


def _at_zero(back: Matrix, weight: Floats, side: Floats) -> Floats:
    slope = _back(back, weight * side)
    return np.asarray(np.sqrt((slope * slope).sum(axis=0)))


def _scores(matrix: Matrix, weights: Floats) -> Floats:
    return np.asarray(matrix @ weights[:-1] + weights[-1])


def _back(back: Matrix, values: Floats) -> Floats:
    """The transpose of `_scores`."""
    return np.vstack([back @ values, values.sum(axis=0, keepdims=True, dtype=np.float32)])


def _newton_step(matrix: Matrix, back: Matrix, slope: Floats, curve: Floats) -> Floats:
    """Conjugate gradients, a column each, until every residual is a tenth of what it was."""
    step = np.zeros_like(slope)
    rest = -slope
    way = rest.copy()
    size = (rest * rest).sum(axis=0)
    goal = 0.01 * size
    for _ in range(_INNER):
        turned = way + _back(back, curve * _scores(matrix, way))
        length = np.where(size > goal, size / np.maximum((way * turned).sum(axis=0), 1e-30), 0).astype(np.float32)
        step += length * way
        rest -= length * turned
        now = (rest * rest).sum(axis=0)
        if (now <= goal).all():
            break
        way = rest + (now / np.maximum(size, 1e-30)).astype(np.float32) * way
        size = now
    return step


def _line_search(weights: Floats, step: Floats, scores: Floats, moved: Floats, side: Floats, weight: Floats) -> Floats:
    """For each column the first of 1, 1/2, 1/4, … that lowers the loss; 0 where none does."""
    across, along = (weights * step).sum(axis=0), (step * step).sum(axis=0)
    before = 0.5 * (weight * np.maximum(1 - side * scores, 0) ** 2).sum(axis=0)
    chosen = np.zeros(len(across), np.float32)
    open_ = np.ones(len(across), dtype=bool)
    length = 1.0
    for _ in range(8):
        loss = 0.5 * (weight * np.maximum(1 - side * (scores + length * moved), 0) ** 2).sum(axis=0)
        better = open_ & (loss + length * across + 0.5 * length * length * along < before)
        chosen[better] = length
        open_ &= ~better
        if not open_.any():
            break
        length /= 2
    return chosen
