"""Reports alike in words, whatever store finds the candidates: rare words choose them, tf-idf cosine orders them.

The indexes hold characters, not words, so how common a word is comes from a sample of the pool's own reports.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from language.tokenise import tokenise
from schemas.documents import ReportContent, ReportDocument

SAMPLE: Final = 1500
CANDIDATES: Final = 60
_TERMS: Final = 12
"""Words that choose candidates; more cost time and bring nearly the same candidates."""

Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class WordRarity:
    """Inverse document frequencies from an evenly spread sample, good until the pool has doubled. reports: how many it had."""

    reports: int = 0
    sampled: int = 0
    frequencies: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, reports: int, sample: Iterable[ReportContent]) -> "WordRarity":
        sampled, frequencies = 0, Counter[str]()
        for content in sample:
            sampled += 1
            frequencies.update(set(_words(content)))
        return cls(reports, sampled, frequencies)

    def outdated(self, reports: int) -> bool:
        return not self.reports or reports >= 2 * self.reports

    def weights(self, content: ReportContent) -> Weights:
        """tf-idf of every word of title and text."""
        return {word: (1 + math.log(times)) * max(self._idf(word), 0.01) for word, times in _words(content).items()}

    def _idf(self, word: str) -> float:
        return math.log((self.sampled + 1) / (self.frequencies[word] + 0.5))


def telling_words(own: Weights) -> list[str]:
    """The words that choose candidates, heaviest first; [] of a report without words, which is like no other."""
    return sorted(own, key=lambda word: (-own[word], word))[:_TERMS]


def most_alike(
    own: Weights, candidates: Iterable[ReportDocument], rarity: WordRarity, limit: int
) -> list[tuple[ReportDocument, float]]:
    """Best first, ties by id, similarity in 0..1."""
    found = []
    for other in candidates:
        likeness = _cosine(own, rarity.weights(other.content)) if other.content is not None else 0.0
        if likeness > 0:
            found.append((other, likeness))
    found.sort(key=lambda pair: (-pair[1], pair[0].id))
    return found[:limit]


def _words(content: ReportContent) -> Counter[str]:
    """Words of two letters or more of title and text, with how often they occur."""
    return Counter(word for word in tokenise(f"{content.title}\n{content.text}") if len(word) > 1 and word.isalnum())


def _cosine(left: Weights, right: Weights) -> float:
    product = sum(weight * right[word] for word, weight in left.items() if word in right)
    lengths = math.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
    return min(1.0, product / lengths) if lengths else 0.0
