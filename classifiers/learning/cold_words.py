"""How strongly texts speak of topics, counted by words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.rows import Row
from classifiers.scan import TermScanner
from language.normalise import fold

TITLE: Final = 2.0
"""What a word in the title counts, beside one in the body."""
READ: Final = 4000
"""Characters of a body that are read: what a longer one is about, it says by then."""
READ_TITLE: Final = 400


class WordVotes:
    """Bags of words, each with its weight; a word that stands in several bags counts less in each. Built once."""

    def __init__(self, bags: Sequence[Mapping[str, float]]) -> None:
        """Words are folded and have at least two characters."""
        words = sorted({word for bag in bags for word in bag})
        self._columns = {word: column for column, word in enumerate(words)}
        self._scanner = TermScanner(words)
        cells = [(self._columns[word], number, weight) for number, bag in enumerate(bags) for word, weight in bag.items()]
        owners, numbers, weights = (np.array(part) for part in zip(*cells, strict=True)) if cells else (np.zeros(0, np.intp),) * 3
        shared = np.bincount(owners, minlength=len(words)) if cells else np.zeros(0)
        worth = weights / shared[owners] if cells else np.zeros(0)
        self._weights = csr_matrix((worth, (owners, numbers)), shape=(len(words), len(bags)))

    def votes(self, rows: Iterable[Row]) -> NDArray[np.float64]:
        """texts × bags, each >= 0; all 0 where a text has none of the words. A word said again counts ever less."""
        return np.asarray((self._counts(rows) @ self._weights).todense())

    def _counts(self, rows: Iterable[Row]) -> csr_matrix:
        """texts × words."""
        starts, columns, values = [0], list[int](), list[float]()
        for row in rows:
            found: dict[int, float] = {}
            for text, worth in ((row.title[:READ_TITLE], TITLE), (row.text[:READ], 1.0)):
                for word, places in self._scanner.scan(fold(text)).items():
                    column = self._columns[word]
                    found[column] = found.get(column, 0.0) + worth * float(np.log1p(len(places)))
            columns += found.keys()
            values += found.values()
            starts.append(len(columns))
        shape = (len(starts) - 1, len(self._columns))
        return csr_matrix((np.array(values, dtype=np.float64), np.array(columns, dtype=np.intp), starts), shape=shape)
