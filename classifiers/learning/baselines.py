"""What a model must beat to be worth anything: always the most frequent label, and a list of key words for each label."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row
from language.tokenise import tokenise

WORDS: Final = 30
"""Key words a label has at most; what a person would put on a list."""
LEAST: Final = 3
"""Rows of a label that must hold a word before it is a key word; 1 where the label has fewer than ten rows."""
SHOWN: Final = 5
READ: Final = 4000
"""Characters of a text that are read."""


class Baseline(StrEnum):
    MAJORITY = "majority"
    KEYWORDS = "keywords"


class Answers(Protocol):
    def predict(self, rows: Sequence[Row]) -> list[Prediction]: ...


class Majority:
    """The most frequent label, whatever the text says; shares of the labels as confidences. Ties: the first in order."""

    def __init__(self, rows: Sequence[Row]) -> None:
        counts = Counter(str(row.label) for row in rows)
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:SHOWN]
        top = tuple((label, count / len(rows)) for label, count in ranked)
        self.answer = Prediction(*top[0], top, accepted=False)

    def predict(self, rows: Sequence[Row]) -> list[Prediction]:
        return [self.answer] * len(rows)


class Keywords:
    """Of each label the `WORDS` words that are most surely its own (log-likelihood ratio, Dunning 1993), each weighing as much as
    the share of the rows with the word that have the label; the label whose words in a text weigh most is the answer, the most
    frequent label where there are none. (Weighing by the ratio itself gives .28 instead of .59 on the units' dev part.)"""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._none = Majority(rows).answer
        self._votes: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for label, words in _key_words(rows).items():
            for word, weight in words:
                self._votes[word].append((label, weight))

    def predict(self, rows: Sequence[Row]) -> list[Prediction]:
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> Prediction:
        scores: dict[str, float] = defaultdict(float)
        for word in _words(row):
            for label, weight in self._votes.get(word, ()):
                scores[label] += weight
        if not scores:
            return self._none
        whole = sum(scores.values())
        ranked = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:SHOWN]
        top = tuple((label, score / whole) for label, score in ranked)
        return Prediction(*top[0], top, accepted=False)


def baseline(kind: Baseline, rows: Sequence[Row]) -> Answers:
    """Learned from labelled rows, at least one."""
    return Majority(rows) if kind is Baseline.MAJORITY else Keywords(rows)


def _words(row: Row) -> set[str]:
    return {word for word in tokenise(f"{row.title}\n{row.text}"[:READ]) if len(word) > 1}


def _key_words(rows: Sequence[Row]) -> dict[str, list[tuple[str, float]]]:
    within: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        within[str(row.label)].update(_words(row))
    sizes = Counter(str(row.label) for row in rows)
    everywhere: Counter[str] = sum(within.values(), Counter())
    return {label: _ranked(words, sizes[label], everywhere, len(rows)) for label, words in within.items()}


def _ranked(words: Mapping[str, int], size: int, everywhere: Mapping[str, int], rows: int) -> list[tuple[str, float]]:
    """(word, weight) of a label's key words, the surest first."""
    least = LEAST if size >= 10 else 1
    sure = {}
    for word, count in words.items():
        others = everywhere[word] - count
        if count >= least and count * (rows - size) > others * size:
            sure[word] = _gain(count, size) + _gain(others, rows - size) - _gain(count + others, rows)
    chosen = sorted(sure, key=lambda word: (-sure[word], word))[:WORDS]
    return [(word, words[word] / (everywhere[word] + 1)) for word in chosen]


def _gain(count: int, size: int) -> float:
    """Log likelihood of `count` in `size` at its own share."""
    if count in {0, size}:
        return 0.0
    return count * math.log(count / size) + (size - count) * math.log(1 - count / size)
