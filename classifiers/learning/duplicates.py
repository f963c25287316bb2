"""Which texts are near copies of one another, so that they are never learnt from and tested on at once.

Shingles of three letters as in `language.similar.shingles`, MinHash (Broder 1997) to find candidates, then the exact measure
of `language.similar.alike` on them. Shingles are hashed by arithmetic on whole arrays here, for speed; nothing is stored.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from language.normalise import fold
from language.tokenise import NO_LETTER

SAME: Final = 0.7
"""The mean of Jaccard similarity and containment from which texts are near copies. Measured on 5,488 orders: the largest
group has 26 at .7 and 85 at .6, where short enquiries are joined that differ only in the office they ask for (pairs in one
group name the same unit in 86 % at .7 and .8, in 35 % at .6)."""
READ: Final = 4000
"""Letters of a text that are compared; a copy of a long text is one at its beginning too."""

_BANDS: Final = 24
_DEEP: Final = 3
"""Candidates agree in all `_DEEP` minima of a band: found with probability .99 at Jaccard .56 (about `SAME` when one text holds
the other), .80 at .4."""
_NEAR: Final = 0.15
"""How far below `SAME` the estimate from the minima may lie before the exact measure is spared (3 standard errors)."""
_CHUNK: Final = 200_000

Words = NDArray[np.uint64]


def near_groups(texts: Sequence[str]) -> NDArray[np.intp]:
    """One number per text; texts that are near copies, also by way of others, share it. Numbered from 0 by first appearance.

    Texts without letters and digits are copies of each other. Deterministic.
    """
    letters = [NO_LETTER.sub("", fold(text[: 2 * READ]))[:READ] for text in texts]
    number_of: dict[str, int] = {}
    distinct = np.array([number_of.setdefault(one, len(number_of)) for one in letters], dtype=np.intp)
    sets = [_shingles(one) for one in number_of]
    roots = _joined(sets)[distinct]
    _, first, numbers = np.unique(roots, return_index=True, return_inverse=True)
    by_appearance = np.empty(len(first), dtype=np.intp)
    by_appearance[np.argsort(first)] = np.arange(len(first))
    return by_appearance[numbers]


def _shingles(letters: str) -> Words:
    """Sorted distinct hashes of every three neighbouring letters; of all of them when there are fewer."""
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < 3:
        codes = np.concatenate([codes, np.zeros(3 - len(codes), dtype=np.uint64)])
    packed = codes[:-2] | codes[1:-1] << np.uint64(21) | codes[2:] << np.uint64(42)  # a code point has 21 bits: no collisions
    return np.unique(_mixed(packed))


def _mixed(values: Words) -> Words:
    """splitmix64's finisher: every bit of the input moves every bit of the output."""
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)


def _minima(sets: Sequence[Words]) -> NDArray[np.uint32]:
    """texts × hashes: of each text the least value under each of `_BANDS * _DEEP` hash functions."""
    number = _BANDS * _DEEP
    random = np.random.default_rng(20260101)
    factors = random.integers(1, 1 << 63, size=number, dtype=np.uint64) | np.uint64(1)
    found = np.empty((len(sets), number), dtype=np.uint32)
    for row, words in enumerate(sets):
        found[row] = ((words[:, None] * factors) >> np.uint64(32)).min(axis=0)
    return found


def _pairs(minima: NDArray[np.uint32]) -> Iterator[NDArray[np.intp]]:
    """Candidates as n × 2 rows: in each bucket of each band every text with its neighbour and with the bucket's first."""
    for band in range(_BANDS):
        part = minima[:, band * _DEEP : (band + 1) * _DEEP].astype(np.uint64)
        key = _mixed(part[:, 0] | part[:, 1] << np.uint64(32)) ^ part[:, 2]
        order = np.argsort(key, kind="stable")
        same = key[order][1:] == key[order][:-1]
        place = np.arange(len(order))
        starts = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), place, 0))
        later = place[1:][same]
        for earlier in (later - 1, starts[later]):
            yield np.sort(np.stack([order[earlier], order[later]], axis=1), axis=1)


def _joined(sets: Sequence[Words]) -> NDArray[np.intp]:
    """Of each set the least number among those it is joined to."""
    parent = list(range(len(sets)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    if len(sets) > 1:
        for a, b in _likely(sets):
            first, second = root(a), root(b)
            if first != second and _alike(sets[a], sets[b]) >= SAME:
                parent[max(first, second)] = min(first, second)
    return np.array([root(one) for one in range(len(sets))], dtype=np.intp)


def _likely(sets: Sequence[Words]) -> Iterator[tuple[int, int]]:
    """The candidates whose minima already say that they may be near copies, in order of the texts."""
    minima = _minima(sets)
    pairs = np.unique(np.concatenate(list(_pairs(minima))), axis=0)
    sizes = np.array([len(words) for words in sets])
    for start in range(0, len(pairs), _CHUNK):
        chunk = pairs[start : start + _CHUNK]
        jaccard = (minima[chunk[:, 0]] == minima[chunk[:, 1]]).mean(axis=1)
        common = jaccard / (1 + jaccard) * sizes[chunk].sum(axis=1)
        contained = np.minimum(1.0, common / sizes[chunk].min(axis=1))
        yield from map(tuple, chunk[(jaccard + contained) / 2 >= SAME - _NEAR].tolist())


def _alike(a: Words, b: Words) -> float:
    common = len(np.intersect1d(a, b, assume_unique=True))
    return (common / (len(a) + len(b) - common) + common / min(len(a), len(b))) / 2
