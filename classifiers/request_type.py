"""What the caller wants: consult, help, complaint, denounce, suggest or praise (DB12/T 1438-2025).

The words of all types are weighed against one another; those of the title, where people say what they want, count most, then
those of the first and last sentences. Figures: docs/urgency-and-type.md.
"""

from collections.abc import Mapping
from math import exp
from typing import Final

from classifiers.lexicon.request_types import TYPES, WEIGHTS
from classifiers.matters import entries
from classifiers.scan import TermScanner
from language.normalise import fold
from schemas.findings import Evidence, RequestTypeFinding
from schemas.words import EvidenceKind, RequestType

IN_TITLE: Final = 2.0
AT_EDGE: Final = 1.6
EDGE: Final = 60
"""Characters at the beginning and the end of the body that count as AT_EDGE."""

MORE: Final = 0.3
"""What a second and third word of one type with less weight add, as a share of theirs, and so on down."""

LEAST: Final = 0.9
"""Score below which nothing is said."""

SHARPNESS: Final = 0.55
"""Confidence is the share of exp(SHARPNESS x score) among the types."""

SHOWN: Final = 3


class RequestTypeReader:
    """Built once; `terms` are to be scanned for together with all others."""

    def __init__(self) -> None:
        self._weights = read_types(TYPES)
        self.terms = frozenset(self._weights)
        self._scanner = TermScanner(self.terms)

    def scan(self, text: str) -> dict[str, list[int]]:
        """Where words of a type stand in a folded text that nobody has scanned yet."""
        return self._scanner.scan(text)

    def finding(self, text: str, positions: Mapping[str, list[int]]) -> RequestTypeFinding | None:
        """text: folded title, newline, folded body; positions: a scan of it for `terms` at least. None where nothing speaks."""
        body = text.find("\n") + 1
        last = len(text) - EDGE
        found: dict[RequestType, list[tuple[float, str]]] = {}
        for term in self.terms.intersection(positions):
            starts = positions[term]
            place = IN_TITLE if starts[0] < body else AT_EDGE if starts[0] < body + EDGE or starts[-1] >= last else 1.0
            for kind, weight in self._weights[term]:
                found.setdefault(kind, []).append((weight * place, term))
        scores = {kind: _sum(words) for kind, words in found.items()}
        best = max(RequestType, key=lambda kind: scores.get(kind, 0.0))
        if scores.get(best, 0.0) < LEAST:
            return None
        shares = sum(exp(SHARPNESS * (score - scores[best])) for score in scores.values()) + exp(-SHARPNESS * scores[best])
        words = sorted(found[best], key=lambda one: (-one[0], one[1]))[:SHOWN]
        evidence = [
            Evidence(kind=EvidenceKind.TYPE_WORD, ref=best.value, word=term, weight=round(weight, 3)) for weight, term in words
        ]
        return RequestTypeFinding(type=best, confidence=round(1 / shares, 4), evidence=evidence)


def read_types(text: str) -> dict[str, tuple[tuple[RequestType, float], ...]]:
    """Word -> the types that it speaks for, with its weight. Raises ValueError for an unknown type or a word of one character."""
    weights: dict[str, dict[RequestType, float]] = {}
    for name, body in entries(text):
        for written in filter(None, map(str.strip, body.split("|"))):
            mark = written[0] if written[0] in WEIGHTS else ""
            word = fold(written.removeprefix(mark))
            if len(word) < 2:
                raise ValueError(f"a word has two characters at least: {name}: {written}")
            weights.setdefault(word, {})[RequestType(name)] = WEIGHTS.get(mark, 1.0)
    return {word: tuple(types.items()) for word, types in weights.items()}


def _sum(words: list[tuple[float, str]]) -> float:
    """The strongest word, and less and less of the others."""
    words.sort(reverse=True)
    total, share = 0.0, 1.0
    for weight, _ in words:
        total += share * weight
        share *= 1 - MORE
    return total
