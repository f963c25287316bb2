"""What is asked where labels are few: texts that mean much the same, though they share few words, speak for the same label.

Texts are compared in three ways: by the n-grams that they share, and twice by their places along the directions in which the
n-grams of the training vary together (latent semantic analysis, Deerwester et al. 1990), once with every n-gram at its own
weight and once with those weighing more that tell labels apart. The sum of the three is the kernel from which each label's
margins are learned (kernel ridge regression; Saunders, Gammerman and Vovk 1998).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

SHARED: Final = 0.35
"""Share of the n-grams in common. This and what follows was chosen by cross-validation, see docs."""
VIEWS: Final = (0.35, 0.3)
"""Shares of the two views by directions: n-grams as they are, n-grams by what they tell."""
DIRECTIONS: Final = 300
"""Of each view."""
NARROWNESS: Final = 1.0
"""exp(-NARROWNESS * squared distance) of two points on the unit sphere."""
RIDGE: Final = 0.1
LEAST: Final = 5
"""Rows in which an n-gram must stand to have a part in the directions."""
MOST_COLUMNS: Final = 60_000
ENOUGH: Final = 200
MOST_ROWS: Final = 10_000
"""Rows of a training between which this is asked: with fewer there is nothing to generalise from, and its time and memory grow
with the square of the rows, while its help is for n-grams that were too seldom seen."""

_DOUBT: Final = 5.0
"""Rows with the usual mixture of labels that are added to those of each n-gram before it is asked how much it tells."""
_TOLD: Final = 0.25
"""The power of that in its weight."""
_AT_ONCE: Final = 500

Floats = NDArray[np.floating[Any]]


@dataclass
class Likeness:
    """columns: of the texts' matrix, ascending; worth: (columns, views) weights of n-grams; directions: (columns, views x
    directions), the worth within; centre: (views x directions,); landmarks: (rows, views x directions), the training's;
    weights: (rows, labels)."""

    columns: NDArray[np.int32]
    worth: NDArray[np.float32]
    directions: NDArray[np.float32]
    centre: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    weights: NDArray[np.float32]

    def margins(self, part: csr_matrix) -> Floats:
        """(rows, labels): the views' share. part: the matrix of the texts, these `columns` of it only."""
        return np.asarray(_alike(self._on_spheres(self._placed(part)), self.landmarks) @ self.weights)

    def _placed(self, part: csr_matrix) -> Floats:
        """(rows, views x directions): where the texts lie, of length 1 at most in each view."""
        squares = csr_matrix((part.data * part.data, part.indices, part.indptr), shape=part.shape)
        lengths = np.sqrt(np.maximum(squares @ (self.worth * self.worth), 1e-18))
        return np.asarray((part @ self.directions) / np.repeat(lengths, self.directions.shape[1] // len(VIEWS), axis=1))

    def _on_spheres(self, points: Floats) -> Floats:
        """Seen from the centre, of length 1 in each view."""
        sides = (points - self.centre).reshape(len(points), len(VIEWS), -1)
        lengths = np.linalg.norm(sides, axis=2, keepdims=True)
        return np.asarray((sides / np.maximum(lengths, 1e-9)).reshape(points.shape))


def laid(matrix: csr_matrix, bare: NDArray[np.int32]) -> NDArray[np.int32]:
    """The columns that have a part in the directions, ascending: the most frequent, without these bare ones."""
    spread = np.bincount(matrix.indices, minlength=matrix.shape[1])
    spread[bare] = 0
    return np.sort(np.argsort(-spread, kind="stable")[: min(MOST_COLUMNS, np.count_nonzero(spread >= LEAST))]).astype(np.int32)


def fit_likeness(
    matrix: csr_matrix, columns: NDArray[np.int32], targets: Floats, seed: int
) -> tuple[NDArray[np.float32], Likeness]:
    """(weights as of `fit_margins` for the n-grams in common, the views). matrix: (rows, columns), `ENOUGH` to `MOST_ROWS` rows;
    columns: two or more as of `laid`; targets: (rows, labels), 1 or -1."""
    part = matrix[:, columns]
    worth = np.stack([np.ones(len(columns), np.float32), _telling(part, targets > 0)], axis=1)
    directions = np.hstack([_directions(part, one, seed) for one in worth.T])
    views = Likeness(columns, worth, directions, *(np.zeros((0, 0), np.float32),) * 3)
    points = views._placed(part)
    views.centre = points.mean(axis=0)
    views.landmarks = views._on_spheres(points)
    kernel = _kernel(matrix, views.landmarks)
    kernel[np.diag_indices_from(kernel)] += np.float32(RIDGE)
    mean = targets.mean(axis=0)
    factor = cho_factor(kernel.T, lower=True, overwrite_a=True, check_finite=False)
    views.weights = cho_solve(factor, targets - mean, check_finite=False).astype(np.float32)
    return np.vstack([np.float32(SHARED) * (matrix.T @ views.weights), mean]).astype(np.float32), views


def _kernel(matrix: csr_matrix, points: Floats) -> NDArray[np.float32]:
    """(rows, rows), worked out in pieces: a sparse product of all rows with all takes three times the memory of its result."""
    back = matrix.T.tocsr()
    kernel = np.empty((len(points), len(points)), np.float32)
    for start in range(0, len(points), _AT_ONCE):
        here = slice(start, start + _AT_ONCE)
        kernel[here] = np.float32(SHARED) * (matrix[here] @ back).toarray() + _alike(points[here], points)
    return kernel


def _telling(part: csr_matrix, sides: NDArray[np.bool_]) -> NDArray[np.float32]:
    """For each column how far (Kullback-Leibler) the labels of its rows are from all rows' mixture, beside the usual n-gram's."""
    ones = csr_matrix((np.ones_like(part.data), part.indices, part.indptr), shape=part.shape)
    usual = np.maximum(sides.mean(axis=0), 1e-9)
    found = (ones.T @ sides.astype(np.float32) + _DOUBT * usual) / (ones.sum(axis=0).A1[:, None] + _DOUBT)
    told = np.maximum((found * np.log(np.maximum(found, 1e-9) / usual)).sum(axis=1), 1e-6)
    return np.asarray((told / told.mean()) ** _TOLD, dtype=np.float32)


def _directions(part: csr_matrix, worth: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(columns, `DIRECTIONS`, fewer of a small part): those of the rows weighed by worth, each of length 1."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - slow to import, and only needed to fit
    from sklearn.preprocessing import normalize  # noqa: PLC0415

    weighed = csr_matrix((part.data * worth[part.indices], part.indices, part.indptr), shape=part.shape)
    many = min(DIRECTIONS, part.shape[0] - 1, part.shape[1] - 1)
    found = TruncatedSVD(many, n_iter=2, random_state=seed).fit(normalize(weighed)).components_.T
    return np.asarray(found * worth[:, None], dtype=np.float32)


def _alike(points: Floats, landmarks: Floats) -> Floats:
    """(points, landmarks): Gaussians of their distance in each view, by the views' shares."""
    many = landmarks.shape[1] // len(VIEWS)
    found = np.zeros((len(points), len(landmarks)), np.float32)
    for view, share in enumerate(VIEWS):
        here = slice(view * many, (view + 1) * many)
        near = points[:, here] @ landmarks[:, here].T
        near -= 1
        near *= np.float32(2 * NARROWNESS)
        np.exp(near, out=near)
        near *= np.float32(share)
        found += near
    return found
