"""How much of a unit's own name stands in an order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.department_keys import Keys
from classifiers.learning.department_words import Order

_EARLY = 60
"""Characters of the history that name who had the order before."""


class Names:
    """Pairs of characters of the labels, each the rarer among the labels the heavier."""

    def __init__(self, labels: Sequence[str]) -> None:
        pairs = Keys.runs([[label] for label in labels], 2, 2)
        self._known, column = np.unique(pairs.numbers, return_inverse=True)
        within = np.zeros((len(self._known), len(labels)), np.float32)
        within[column, pairs.rows] = 1
        weight = within / np.maximum(within.sum(axis=1, keepdims=True), 1)
        self._share = weight / np.maximum(weight.sum(axis=0, keepdims=True), 1e-9)

    def found(self, orders: Sequence[Order], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """(orders, candidates, 3): share of the name in the matter, in whom it asks, at the beginning of the history."""
        read = ([[one.matter] for one in orders], [one.asked for one in orders], [[one.history[:_EARLY]] for one in orders])
        shares = [np.take_along_axis(self._shares(lists), chosen, 1) for lists in read]
        return np.stack(shares, axis=-1)

    def _shares(self, lists: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """(orders, labels)."""
        pairs = Keys.runs(lists, 2, 2)
        place = np.minimum(np.searchsorted(self._known, pairs.numbers), max(len(self._known) - 1, 0))
        here = self._known[place] == pairs.numbers if len(self._known) else np.zeros(len(place), dtype=bool)
        cells = np.unique(pairs.rows[here] * max(len(self._known), 1) + place[here])
        rows, columns = np.divmod(cells, max(len(self._known), 1))
        ones = csr_matrix((np.ones(len(cells), np.float32), (rows, columns)), shape=(len(lists), len(self._known)))
        return np.asarray(ones @ self._share, dtype=np.float32)
