"""Which of many terms stand in a text, and where. The cost follows the text's length and its hits, not the number of terms."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

_BITS: Final = 20
_SPREAD: Final = np.uint32(0x9E3779B1)


class TermScanner:
    """Built once; terms are folded and have at least two characters.

    A term is looked for where its rarest pair of neighbouring characters (rarest among the terms) stands. Those places are found
    for the whole text at once: each pair of the text is hashed into a table of the pairs that begin a look.
    """

    __slots__ = ("_by_pair", "_table")

    def __init__(self, terms: Iterable[str]) -> None:
        distinct = sorted({term for term in terms if len(term) >= 2})
        common = Counter(pair for term in distinct for pair in set(_pairs(term)))
        by_pair: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for term in distinct:
            pairs = _pairs(term)
            rarest = min(pairs, key=lambda pair: (common[pair], pair))
            by_pair[rarest].append((pairs.index(rarest), term))
        self._by_pair = {pair: tuple(found) for pair, found in by_pair.items()}
        self._table = np.zeros(1 << _BITS, dtype=np.bool_)
        for pair in self._by_pair:
            self._table[_hashes(pair)] = True

    def scan(self, text: str) -> dict[str, list[int]]:
        """Terms found, with where they begin, ascending; overlaps count."""
        found: dict[str, list[int]] = {}
        if len(text) < 2:
            return found
        by_pair = self._by_pair
        for at in self._table[_hashes(text)].nonzero()[0].tolist():
            for offset, term in by_pair.get(text[at : at + 2], ()):
                start = at - offset
                if text.startswith(term, start) and start >= 0:
                    if term in found:
                        found[term].append(start)
                    else:
                        found[term] = [start]
        return found


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _hashes(text: str) -> Any:
    """One number below 2 ** _BITS for every pair of neighbouring characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return (codes[:-1] * _SPREAD + codes[1:] * np.uint32(0x85EBCA6B)) >> np.uint32(32 - _BITS)
