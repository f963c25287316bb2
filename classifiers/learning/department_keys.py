"""Strings of many orders as 64-bit numbers, so that pieces and pairs of strings are made by numpy and never as strings."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

REMEMBERED: Final = 200_000

_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_OTHER_ODD: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_HALF: Final = np.uint64(32)


class Keys(NamedTuple):
    """numbers: of the strings; rows: the order of each, ascending."""

    numbers: Numbers
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, lists: Sequence[Sequence[str]]) -> "Keys":
        """Of each order its strings, whole."""
        numbers = np.fromiter((_NUMBERS[one] for some in lists for one in some), dtype=np.uint64)
        return cls(numbers, np.repeat(np.arange(len(lists)), [len(some) for some in lists]))

    @classmethod
    def runs(cls, lists: Sequence[Sequence[str]], shortest: int, longest: int) -> "Keys":
        """Of each order all runs of `shortest` to `longest` characters of its strings; a run and a whole string that are
        equal have different numbers."""
        lengths = np.array([len(one) for some in lists for one in some], dtype=np.intp)
        joined = "".join(one for some in lists for one in some)
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
        rows = np.repeat(np.repeat(np.arange(len(lists)), [len(some) for some in lists]), lengths)
        left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # characters to the end of the string
        parts = []
        running = np.full(len(codes), _OTHER_ODD)
        for size in range(1, longest + 1):
            count = max(len(codes) - size + 1, 0)
            running = _mixed(running[:count], codes[size - 1 :])
            if size >= shortest:
                whole = left[:count] >= size
                parts.append(cls(running[whole], rows[:count][whole]))
        return joined_keys(parts)

    def pairs(self) -> "Keys":
        """Of each order every string with its next."""
        same = self.rows[:-1] == self.rows[1:]
        return Keys(_mixed(self.numbers[:-1], self.numbers[1:])[same], self.rows[:-1][same])

    def crossed(self, other: "Keys", orders: int) -> "Keys":
        """Of each order every string here with every string there."""
        many = np.bincount(other.rows, minlength=orders)
        times = many[self.rows]
        rows = np.repeat(self.rows, times)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        partner = other.numbers[(np.cumsum(many) - many)[rows] + place]
        return Keys(_mixed(np.repeat(self.numbers, times), partner), rows)


def joined_keys(parts: Sequence[Keys]) -> Keys:
    numbers = np.concatenate([part.numbers for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    return Keys(numbers[order], rows[order])


def _mixed(a: Numbers, b: Numbers) -> Numbers:
    with np.errstate(over="ignore"):
        found = (a * _ODD ^ b) * _OTHER_ODD
        return np.asarray(found ^ found >> _HALF)


class _StringNumbers(dict[str, int]):
    """String -> 64-bit number, the same in every process; remembers at most `REMEMBERED` strings."""

    def __missing__(self, string: str) -> int:
        if len(self) >= REMEMBERED:
            self.clear()
        digest = blake2b(string.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[string] = found = int.from_bytes(digest, "little")
        return found


_NUMBERS: Final = _StringNumbers()
