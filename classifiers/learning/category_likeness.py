"""The second opinion where labels are few: texts that mean much the same, though they share few words, speak for the same label.

Texts are laid along the directions in which the n-grams of the training vary together (latent semantic analysis, Deerwester et
al. 1990) and told apart there by support vector machines with a Gaussian kernel.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

DIRECTIONS: Final = 300
NARROWNESS: Final = 1.0
"""exp(-NARROWNESS * squared distance) of two points on the unit sphere."""
COST: Final = 3.0
LEAST: Final = 5
"""Rows in which an n-gram must stand to have a part in the directions."""
MOST_COLUMNS: Final = 60_000
ENOUGH: Final = 200
MOST_ROWS: Final = 10_000
"""Rows of a training between which this is asked: with fewer there is nothing to generalise from, and its time grows with the
square of the rows, while its help is for n-grams that were too seldom seen."""

Floats = NDArray[np.floating[Any]]


@dataclass
class Likeness:
    """columns: of the texts' matrix, ascending; directions: (columns, directions); centre: (directions,); landmarks:
    (support vectors, directions); weights: (support vectors + 1, labels), the last row constants."""

    columns: NDArray[np.int32]
    directions: NDArray[np.float32]
    centre: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    weights: NDArray[np.float32]

    def margins(self, part: csr_matrix) -> Floats:
        """(rows, labels). part: the matrix of the texts, these `columns` of it only."""
        return np.asarray(_compared(self._placed(part), self.landmarks) @ self.weights[:-1] + self.weights[-1])

    def _placed(self, part: csr_matrix) -> Floats:
        return _on_sphere(np.asarray(part @ self.directions) - self.centre)


def fit_likeness(matrix: csr_matrix, targets: Floats, seed: int) -> Likeness:
    """matrix: (rows, columns), `ENOUGH` to `MOST_ROWS` rows; targets: as of `fit_margins`."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - slow to import, and only needed to fit
    from sklearn.svm import SVC  # noqa: PLC0415

    spread = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.sort(np.argsort(-spread, kind="stable")[: min(MOST_COLUMNS, np.count_nonzero(spread >= LEAST))]).astype(np.int32)
    part = matrix[:, columns]
    many = min(DIRECTIONS, part.shape[0] - 1, part.shape[1] - 1)
    directions = TruncatedSVD(many, n_iter=2, random_state=seed).fit(part).components_.T.astype(np.float32)
    points = np.asarray(part @ directions)
    centre = points.mean(axis=0)
    points = _on_sphere(points - centre)
    sides = targets > 0
    weights = np.zeros((len(points) + 1, targets.shape[1]), np.float32)
    for label in range(targets.shape[1]):
        if not sides[:, label].any():
            weights[-1, label] = -1
            continue
        machine = SVC(C=COST, gamma=NARROWNESS).fit(points, sides[:, label])
        weights[machine.support_, label] = machine.dual_coef_[0]
        weights[-1, label] = machine.intercept_[0]
    weighing = np.append((weights[:-1] != 0).any(axis=1), True)
    return Likeness(columns, directions, centre, points[weighing[:-1]], weights[weighing])


def _compared(points: Floats, landmarks: Floats) -> Floats:
    return np.asarray(np.exp(np.float32(2 * NARROWNESS) * (points @ landmarks.T - 1)))


def _on_sphere(points: Floats) -> Floats:
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9))
