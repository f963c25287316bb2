"""How far two collections of texts lie apart in their words, and how far they would by chance.

A text counts once for each of its words, so that one long text cannot shift a collection. Only words that `LEAST` texts hold are
ever kept: what fewer texts say could name a person or a house, and erasure cannot reach into a model's folder.

Chance is measured, not assumed: words of one text come together, so the usual formulas see too little of it. `SPLITS` times and
for several sizes a sample is taken out of the collection, the words are chosen from what remains, and the two are compared, as is
done later with the whole and with new texts. What comes out is carried to the whole by the number of words and of texts: the
divergence of two samples of one source grows with words x (1 / texts here + 1 / texts there), but for small samples.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import norm

from classifiers.learning.rows import Row
from language.tokenise import tokenise

WORDS: Final = 2000
"""Words kept, those in most texts."""
LEAST: Final = 5
"""Texts that must hold a word before it is kept or named."""
READ: Final = 4000
"""Characters of a text that are read."""
SPLITS: Final = 50
SMALLEST: Final = 50
"""Texts of the smallest sample taken out; each further size is twice as large, up to half the collection."""

Bag = frozenset[str]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordCounts:
    """The words of `rows` texts. counts: word -> texts that hold it; least: what is not among them is in fewer texts than this.

    noise: (size of a sample, mean, standard deviation) of the divergence in bits between two samples of this source, per word and
    per (1 / texts + 1 / texts), by size. unknown: share of the words of a new text of this source (0..1) that are none of
    `counts`; unknown_spread: standard deviation of that share over texts.
    """

    rows: int
    counts: Mapping[str, int]
    least: int
    noise: tuple[tuple[int, float, float], ...]
    unknown: float
    unknown_spread: float

    def chance(self, texts: int) -> tuple[float, float]:
        """Mean and standard deviation of the divergence (bits) that so many texts of the same source would show."""
        scale = len(self.counts) * (1 / self.rows + 1 / texts)
        sizes, means, spreads = np.array(self.noise).T
        at = np.log(texts), np.log(sizes)
        return scale * float(np.interp(*at, means)), scale * float(np.interp(*at, spreads))


@dataclass(frozen=True, slots=True)
class Risen:
    """A word that more texts hold than did. before: share of the texts, or the most it can have been where the word was not kept;
    now: share of the `texts` that hold it; p: how likely chance alone would raise one of all words as much."""

    word: str
    before: float
    now: float
    texts: int
    p: float


def bag_of(row: Row) -> Bag:
    """The different words of title and text."""
    return frozenset(tokenise(f"{row.title}\n{row.text}"[:READ]))


def count_words(bags: Sequence[Bag], seed: int = 0) -> WordCounts:
    """At least two texts. Deterministic."""
    counts = _counts(bags)
    least = _least(np.array(list(counts.values()), dtype=np.int64))
    kept = {word: count for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if count >= least}
    noise = tuple(_noise(bags, list(counts), seed))
    # A word of a text is known to the other texts when `least` of them hold it, that is `least` + 1 with this one.
    unknown, unknown_spread = unknown_share(bags, {word for word, count in kept.items() if count > least})
    return WordCounts(len(bags), kept, least, noise, unknown, unknown_spread)


def divergence(known: WordCounts, bags: Sequence[Bag]) -> float:
    """Jensen-Shannon divergence in bits (0 alike, 1 nothing in common) over the known words; 0 where no text has one of them."""
    counts = _counts(bags)
    now = np.array([counts[word] for word in known.counts], dtype=np.float64)
    return _divergence(np.array(list(known.counts.values()), dtype=np.float64), now)


def unknown_share(bags: Sequence[Bag], known: Mapping[str, int] | set[str]) -> tuple[float, float]:
    """(share of the words that are not known, its standard deviation over texts: divided by the root of their number it is the
    standard error of the share). (0, 0) without any word."""
    words = np.array([len(bag) for bag in bags], dtype=np.float64)
    if not words.sum():
        return 0.0, 0.0
    missing = np.array([sum(word not in known for word in bag) for bag in bags], dtype=np.float64)
    share = missing.sum() / words.sum()
    residual = (missing - share * words) / words.mean()
    return float(share), float(residual.std())


def risen_words(known: WordCounts, bags: Sequence[Bag]) -> list[Risen]:
    """The words that have come up, the surest first: two shares compared, p times the number of words looked at (Bonferroni).

    Words in fewer than `LEAST` texts are never named; numbers and single characters neither: the month rises every month.
    """
    counts = {word: count for word, count in _counts(bags).items() if count >= LEAST and len(word) > 1 and not word[0].isdigit()}
    found = []
    for word, count in counts.items():
        earlier = known.counts.get(word, known.least)
        before, now = earlier / known.rows, count / len(bags)
        both = (earlier + count) / (known.rows + len(bags))
        error = (both * (1 - both) * (1 / known.rows + 1 / len(bags))) ** 0.5
        if now > before:
            found.append(((now - before) / error, Risen(word, before, now, count, 1.0)))
    found.sort(key=lambda one: (-one[0], one[1].word))
    return [replace(one, p=min(1.0, float(norm.sf(z)) * len(counts))) for z, one in found]


def new_matter(risen: Sequence[Risen], bags: Sequence[Bag]) -> tuple[float, float, list[Risen]]:
    """(before, now, words): `now` of the texts hold one of the words, `before` of the texts did at most (their shares added).

    So now - before is the least share of the texts that speak of something that has come up. The words are taken in order of the
    given ones, each only where it makes that share larger.
    """
    held = np.zeros(len(bags), dtype=bool)
    before, now, words = 0.0, 0.0, list[Risen]()
    for one in risen:
        more = held | np.fromiter((one.word in bag for bag in bags), dtype=bool, count=len(bags))
        if more.mean() - before - one.before > now - before:
            held, before, now = more, before + one.before, float(more.mean())
            words.append(one)
    return before, now, words


def _counts(bags: Sequence[Bag]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for bag in bags:
        counts.update(bag)
    return counts


def _least(counts: NDArray[np.int64]) -> int:
    """From how many texts on a word is kept: `LEAST`, more where `WORDS` would not do. Words of equal count stay together."""
    if (counts >= LEAST).sum() <= WORDS:
        return LEAST
    return int(np.partition(counts, len(counts) - WORDS - 1)[len(counts) - WORDS - 1]) + 1


def _noise(bags: Sequence[Bag], words: Sequence[str], seed: int) -> Iterator[tuple[int, float, float]]:
    """See `WordCounts.noise`."""
    held = _matrix(bags, words)
    total = np.asarray(held.sum(axis=0)).reshape(-1, 1)
    chance = np.random.default_rng(seed)
    for size in _sizes(len(bags)):
        taken = np.zeros((len(bags), SPLITS))
        for split in range(SPLITS):
            taken[chance.permutation(len(bags))[:size], split] = 1
        sample = np.asarray(held.T @ taken)
        rest = total - sample
        found = []
        for split in range(SPLITS):
            kept = rest[:, split] >= _least(rest[:, split].astype(np.int64))
            apart = _divergence(rest[kept, split], sample[kept, split])
            found.append(apart / (max(1, kept.sum()) * (1 / size + 1 / (len(bags) - size))))
        yield size, float(np.mean(found)), float(np.std(found))


def _sizes(texts: int) -> list[int]:
    half = texts // 2
    return [*(SMALLEST << step for step in range(20) if SMALLEST << step < half), half]


def _matrix(bags: Sequence[Bag], words: Sequence[str]) -> csr_matrix:
    """Texts x words, 1 where the text holds the word."""
    place = {word: column for column, word in enumerate(words)}
    columns = [place[word] for bag in bags for word in bag]
    ends = np.cumsum([0, *(len(bag) for bag in bags)])
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(bags), max(1, len(words))))


def _divergence(before: Floats, now: Floats) -> float:
    if not before.sum() or not now.sum():
        return 0.0
    p, q = before / before.sum(), now / now.sum()
    middle = (p + q) / 2
    return float((_against(p, middle) + _against(q, middle)) / 2)


def _against(p: Floats, middle: Floats) -> float:
    here = p > 0
    return float((p[here] * np.log2(p[here] / middle[here])).sum())
