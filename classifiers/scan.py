"""Which of many terms stand in a text, and where. The cost follows the text's length and its hits, not the number of terms."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

MAX_POSITIONS: Final = 6
"""Occurrences kept of one term."""


class TermScanner:
    """Built once; terms are folded and have at least two characters. A term is looked for only when its rarest pair of
    neighbouring characters (rarest among the terms) is in the text."""

    __slots__ = ("_by_pair",)

    def __init__(self, terms: Iterable[str]) -> None:
        distinct = sorted({term for term in terms if len(term) >= 2})
        common = Counter(pair for term in distinct for pair in pairs(term))
        by_pair: defaultdict[str, list[str]] = defaultdict(list)
        for term in distinct:
            by_pair[min(pairs(term), key=lambda pair: (common[pair], pair))].append(term)
        self._by_pair = {pair: tuple(found) for pair, found in by_pair.items()}

    def scan(self, text: str) -> dict[str, list[int]]:
        """Terms found, with where they begin, ascending; overlaps count."""
        found: dict[str, list[int]] = {}
        by_pair = self._by_pair
        for pair in pairs(text) & by_pair.keys():
            for term in by_pair[pair]:
                at = text.find(term)
                if at < 0:
                    continue
                starts = [at]
                while len(starts) < MAX_POSITIONS and (at := text.find(term, at + 1)) >= 0:
                    starts.append(at)
                found[term] = starts
        return found


def pairs(text: str) -> set[str]:
    """Every two neighbouring characters."""
    return set(map(str.__add__, text, text[1:]))
