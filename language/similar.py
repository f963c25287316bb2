"""How alike two texts are: a 64-bit fingerprint to find candidates, shingles to compare two texts exactly.

Hashes are BLAKE2b or CRC-32 and so the same in every process and version; they may be stored.
"""

import hashlib
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from language.normalise import fold
from language.tokenise import NO_LETTER

_LANES: Final = 64


@lru_cache(maxsize=1 << 16)
def _spread(token: str) -> int:
    """The token's 64-bit hash, each bit in a lane of 16 bits: adding such numbers counts 64 bits at once."""
    value = int.from_bytes(hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return sum((value >> bit & 1) << (16 * bit) for bit in range(_LANES))


def fingerprint64(tokens: Iterable[str]) -> int:
    """Simhash of the tokens, each counted as often as it stands there: 0 ≤ value < 2**64, and 0 for no tokens.

    Texts that share most tokens differ in few bits (`hamming`); unrelated ones in about 32. The first 65,535 count.
    """
    total = count = 0
    for token in tokens:
        total += _spread(token)
        count += 1
        if count == 0xFFFF:
            break
    if not count:
        return 0
    lanes = memoryview(total.to_bytes(2 * _LANES, "little")).cast("H")
    value = 0
    for bit, ones in enumerate(lanes):
        if 2 * ones > count:
            value |= 1 << bit
    return value


def hamming(a: int, b: int) -> int:
    """How many bits differ."""
    return (a ^ b).bit_count()


def shingles(text: str, n: int = 3) -> frozenset[int]:
    """CRC-32 of every n neighbouring letters and digits of the folded text; of all of it when it is shorter than n.

    Empty for a text without letters and digits. Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"a shingle has at least one character, not {n}")
    letters = NO_LETTER.sub("", fold(text))
    if not letters:
        return frozenset()
    if len(letters) <= n:
        return frozenset((zlib.crc32(letters.encode()),))
    return frozenset([zlib.crc32(letters[i : i + n].encode()) for i in range(len(letters) - n + 1)])


def near_same(a: str, b: str) -> float:
    """0 to 1: how much of the same is said; 1 for texts that differ only in punctuation, width, case or script.

    The mean of Jaccard similarity and of the containment of the smaller text in the larger, over shingles of 3: a copy
    with an addition scores high without counting as identical. 0 when either text is without letters and digits.
    """
    return alike(shingles(a), shingles(b))


def alike(first: frozenset[int], second: frozenset[int]) -> float:
    """`near_same` of two texts whose shingles are known."""
    if not first or not second:
        return 0.0
    common = len(first & second)
    return (common / len(first | second) + common / min(len(first), len(second))) / 2
