"""Which labels of past orders are likely wrong, for a person to look at.

Confident learning (Northcutt, Jiang and Chuang 2021): an order whose held-out answer is another unit, with at least the
confidence that this unit usually has where it is the label, and which leaves its own label next to nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

OWN: Final = 0.08
"""Share that the order's own label may have at most."""
LEAST: Final = 0.5
"""Confidence of the answer that is needed in any case."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """row: its number from 0; label: what it has; suggested: the answer, with its confidence; own: share of the label."""

    row: int
    label: str
    suggested: str
    confidence: float
    own: float


def doubtful(
    truth: NDArray[np.intp], answer: NDArray[np.intp], confidence: NDArray[Any], own: NDArray[Any]
) -> NDArray[np.bool_]:
    """One entry per order; confidence of the answer, own: share of the label, both 0..1 and held out."""
    usual = np.full(int(max(truth.max(), answer.max())) + 1 if len(truth) else 1, LEAST)
    for label in np.unique(truth):
        usual[label] = max(LEAST, float(own[truth == label].mean()))
    return np.asarray((answer != truth) & (own <= OWN) & (confidence >= usual[answer]))
