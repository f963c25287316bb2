"""Which n-grams a model knows: 64-bit numbers -> columns, looked up a million at a time."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ODD: Final = np.uint64(0xD6E8FEB86659FD93)


class Vocabulary:
    """keys: ascending and distinct; the column of a key is its place.

    The table has a slot for 8 times as many keys. A slot that several keys share is looked up by bisection instead.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self.keys = keys
        bits = max(4, int(8 * max(len(keys), 1) - 1).bit_length())
        self._shift = np.uint64(64 - bits)
        slots = self._slots(keys)
        self._table = np.full(1 << bits, -1, dtype=np.int32)
        self._table[slots] = np.arange(len(keys), dtype=np.int32)
        self._table[np.bincount(slots, minlength=1 << bits) > 1] = -2

    @classmethod
    def empty(cls) -> "Vocabulary":
        return cls(np.zeros(0, dtype=np.uint64))

    @classmethod
    def learn(cls, batches: Iterable[NDArray[np.uint64]], least: int, most: int) -> "tuple[Vocabulary, NDArray[np.int64]]":
        """(vocabulary, rows that each key stands in) from batches in which a key stands once for every row that has it.

        Keys in fewer rows than `least` are left out; of more than `most` those in the most rows stay.
        """
        keys = np.zeros(0, dtype=np.uint64)
        spread = np.zeros(0, dtype=np.int64)
        for batch in batches:
            more, counts = np.unique(batch, return_counts=True)
            merged, places = np.unique(np.concatenate((keys, more)), return_inverse=True)
            spread = np.bincount(places, np.concatenate((spread, counts)), minlength=len(merged)).astype(np.int64)
            keys = merged
        kept = spread >= least
        if np.count_nonzero(kept) > most:
            order = np.argsort(np.where(kept, -spread, 1), kind="stable")[:most]
            kept = np.zeros(len(keys), dtype=bool)
            kept[order] = True
        return cls(keys[kept]), spread[kept]

    def __len__(self) -> int:
        return len(self.keys)

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        with np.errstate(over="ignore"):
            return ((keys * _ODD) >> self._shift).astype(np.intp)

    def columns(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The column of each key, -1 for an unknown one."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int32)
        found = self._table[self._slots(keys)]
        crowded = np.flatnonzero(found == -2)
        places = np.searchsorted(self.keys, keys[crowded])
        found[crowded] = np.minimum(places, len(self.keys) - 1)
        found[(found >= 0) & (self.keys[found] != keys)] = -1
        return found
