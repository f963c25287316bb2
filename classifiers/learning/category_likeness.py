"""The second opinion where labels are few: texts that mean much the same, though they share few words, speak for the same label.

Texts are laid along the directions in which the n-grams of the training vary together (latent semantic analysis, Deerwester et
al. 1990), compared with landmark texts by a Gaussian (Williams and Seeger 2001), and the comparisons weighed by the same squared
hinge loss as the n-grams themselves.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.category_solver import fit_margins

DIRECTIONS: Final = 300
LANDMARKS: Final = 1000
NARROWNESS: Final = 1.0
"""exp(-NARROWNESS * squared distance) of two points on the unit sphere."""
COST: Final = 1.0
LEAST: Final = 5
"""Rows in which an n-gram must stand to have a part in the directions."""
MOST_COLUMNS: Final = 60_000
MOST_ROWS: Final = 20_000
"""Rows of the training that are looked at, drawn by chance."""
ENOUGH: Final = 200
"""Rows from which there is something to generalise from."""

Floats = NDArray[np.floating[Any]]


@dataclass
class Likeness:
    """columns: of the texts' matrix, ascending; directions: (columns, directions); centre: (directions,); landmarks:
    (landmarks, directions); weights: (landmarks + 1, labels), the last row constants."""

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
    """matrix: (rows, columns), at least `ENOUGH` rows; targets: as of `fit_margins`."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - slow to import, and only needed to fit

    random = np.random.default_rng(seed)
    if matrix.shape[0] > MOST_ROWS:
        drawn = np.sort(random.choice(matrix.shape[0], MOST_ROWS, replace=False))
        matrix, targets = matrix[drawn], targets[drawn]
    spread = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.sort(np.argsort(-spread, kind="stable")[: min(MOST_COLUMNS, np.count_nonzero(spread >= LEAST))]).astype(np.int32)
    part = matrix[:, columns]
    many = min(DIRECTIONS, part.shape[0] - 1, part.shape[1] - 1)
    directions = TruncatedSVD(many, n_iter=2, random_state=seed).fit(part).components_.T.astype(np.float32)
    points = np.asarray(part @ directions)
    centre = points.mean(axis=0)
    points = _on_sphere(points - centre)
    landmarks = points[random.choice(len(points), min(LANDMARKS, len(points)), replace=False)]
    own = _compared(landmarks, landmarks).astype(np.float64)
    own[np.diag_indices_from(own)] += 1e-3
    turn = np.linalg.inv(np.linalg.cholesky(own)).T.astype(np.float32)
    weights = fit_margins(_compared(points, landmarks) @ turn, targets, COST)
    return Likeness(columns, directions, centre, landmarks, np.vstack([turn @ weights[:-1], weights[-1:]]))


def _compared(points: Floats, landmarks: Floats) -> Floats:
    return np.asarray(np.exp(np.float32(2 * NARROWNESS) * (points @ landmarks.T - 1)))


def _on_sphere(points: Floats) -> Floats:
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9))
