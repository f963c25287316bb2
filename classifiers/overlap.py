"""How much a text's characters and pairs of characters are those of a category's words: weak evidence, for wordings no list has.

A pair that few categories have counts more. 火苗像黄豆 shares 火苗 with one category and 像 with many.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

LEAST_SHARE: Final = 0.08
"""A category with less of a gram's occurrences than this gets nothing of it."""

MOST: Final = 8
"""Categories that a text's overlap is told of."""

_BITS: Final = 21
_HAN: Final = (0x4E00, 0x9FFF)


class Overlap:
    """Built once from category -> (word, how often it counts). Row r of the sparse matrix gram × category stands at
    _starts[r] to _starts[r + 1] in _columns and _values; row 0 is empty, for grams that no word has."""

    __slots__ = ("_categories", "_columns", "_rows", "_starts", "_values")

    def __init__(self, words: Mapping[str, Iterable[tuple[str, float]]]) -> None:
        counts: defaultdict[int, dict[str, float]] = defaultdict(dict)
        for category, counted in words.items():
            for word, times in counted:
                for gram in set(_grams(word).tolist()):
                    counts[gram][category] = counts[gram].get(category, 0.0) + times
        self._categories = tuple(sorted(words))
        column = {category: at for at, category in enumerate(self._categories)}
        self._rows = np.zeros(1 << _BITS, dtype=np.int32)
        starts, columns, values = [0, 0], [], []
        for row, (gram, found) in enumerate(sorted(counts.items()), start=1):
            self._rows[gram] = row
            total = sum(found.values())
            rarity = math.log((len(self._categories) + 1) / len(found))
            for category, times in found.items():
                if times / total > LEAST_SHARE:
                    columns.append(column[category])
                    values.append(rarity * times / total)
            starts.append(len(columns))
        self._starts = np.array(starts, dtype=np.int64)
        self._columns = np.array(columns, dtype=np.int64)
        self._values = np.array(values, dtype=np.float64)

    def scores(self, text: str, aside: Sequence[tuple[int, int]]) -> list[tuple[str, float]]:
        """The categories that overlap most with the text outside the spans `aside`, each gram counted once."""
        if aside:
            letters = list(text)
            for start, end in aside:
                letters[start:end] = " " * (min(end, len(letters)) - start)
            text = "".join(letters)
        rows = np.unique(self._rows[_grams(text)])
        first = self._starts[rows]
        lengths = self._starts[rows + 1] - first
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        if not total:
            return []
        at = np.arange(total) + np.repeat(first - ends + lengths, lengths)
        sums = np.bincount(self._columns[at], weights=self._values[at], minlength=len(self._categories))
        best = sums.argpartition(-MOST)[-MOST:] if len(sums) > MOST else np.arange(len(sums))
        return [(self._categories[column], score) for column, score in zip(best.tolist(), sums[best].tolist(), strict=True)]


def _grams(text: str) -> Any:
    """A number below 2 ** _BITS for each Han character and each pair of neighbours that holds no mark and no space."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    letter = ((codes >= _HAN[0]) & (codes <= _HAN[1])) | ((codes >= 0x30) & (codes <= 0x39)) | ((codes >= 0x61) & (codes <= 0x7A))
    singles = codes[(codes >= _HAN[0]) & (codes <= _HAN[1])] * np.uint32(0xC2B2AE35)
    both = letter[:-1] & letter[1:]
    pairs = codes[:-1][both] * np.uint32(0x9E3779B1) + codes[1:][both] * np.uint32(0x85EBCA6B)
    return np.concatenate((singles, pairs)) >> np.uint32(32 - _BITS)
