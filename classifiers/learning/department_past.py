"""The most similar past orders, as evidence: their numbers and units, never their texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.department_features import Blocks
from classifiers.learning.rows import Row

KEPT: Final = 10_000
"""Orders remembered, the last of the file: about 5 kB each."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """id: of the order, or 第 N 行 of the training file; label: its unit; likeness: 0..1."""

    id: str
    label: str
    likeness: float


@dataclass(frozen=True)
class Past:
    """matrix: (orders, n-grams of characters), rows of length 1; labels: a number each."""

    ids: NDArray[np.str_]
    labels: NDArray[np.intp]
    matrix: csr_matrix

    @classmethod
    def of(cls, rows: Sequence[Row], blocks: Blocks, truth: NDArray[np.intp]) -> "Past":
        first = max(0, len(rows) - KEPT)
        ids = [row.fields.get("id") or f"第 {place} 行" for place, row in enumerate(rows[first:], first + 1)]
        return cls(np.array(ids), truth[first:], blocks.text[first:])

    def nearest(self, order: csr_matrix, labels: Sequence[str], many: int = 3) -> tuple[Neighbour, ...]:
        """The orders most similar to one, best first; fewer where nothing is shared. order: (1, columns), of length 1."""
        likeness = self.matrix @ order.toarray()[0]
        best: list[Any] = np.argsort(-likeness, kind="stable")[:many].tolist()
        return tuple(
            Neighbour(str(self.ids[one]), labels[self.labels[one]], min(1.0, float(likeness[one])))
            for one in best if likeness[one] > 0
        )  # fmt: skip
