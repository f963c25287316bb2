"""Which of many known names a written one means: exactly, by a nickname, by its form, or by likeness with a score.

Nothing is taken below CLOSE, or where a second name is nearly as close: then the candidates are shown and a person decides.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final, Generic, TypeVar

CLOSE: Final = 0.75
"""Likeness (0..1) from which a name may be taken; 水务/水利 are alike to 0.5, 住房与城乡建设/住房和城乡建设 to 0.86."""
APART: Final = 0.08
"""How much closer than the second it must be."""
SHOWN: Final = 3

_JOINT: Final = re.compile("[和与及]|局|委(?!员)")

T = TypeVar("T")


class How(StrEnum):
    """How a name was understood, surest first."""

    SAID = "对照文件"
    EXACT = "全名"
    ALIAS = "别名"
    FORM = "简称"
    LIKE = "相近"
    NOT = "认不出"


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """`found` is None for How.NOT; `candidates`: names with their likeness, best first."""

    how: How
    found: T | None = None
    candidates: tuple[tuple[str, float], ...] = ()
    doubt: str = ""

    @property
    def sure(self) -> bool:
        return self.how in (How.SAID, How.EXACT, How.ALIAS) and not self.doubt


def likeness(one: str, other: str) -> float:
    """0..1: how many characters they have in common, in order."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def closest(said: str, known: Iterable[T], stem: Callable[[T], str], name: Callable[[T], str]) -> Match[T]:
    """The known one most like what was said, if it is close and alone."""
    ranked = sorted(((likeness(said, stem(one)), name(one), one) for one in known), key=lambda found: (-found[0], found[1]))
    candidates = tuple((called, round(score, 2)) for score, called, _ in ranked[:SHOWN] if score > 0)
    if not ranked or ranked[0][0] < CLOSE or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < APART):
        return Match(How.NOT, None, candidates)
    return Match(How.LIKE, ranked[0][2], candidates)


def abbreviates(short: str, full: str) -> bool:
    """住建 of 住房和城乡建设: two characters or more, the first the same, all in order; or the beginning, the end or half of it
    (城乡建设); or one of these of a part of a joint or lower office (综执 of 城市管理和综合行政执法, 交警 of 公安局交通警察)."""
    if len(short) < 2 or len(short) > len(full):
        return False
    return any(_of_one(short, part) for part in (full, *_JOINT.split(full)))


def _of_one(short: str, full: str) -> bool:
    if short in full:
        return len(short) > 2 or full.startswith(short) or full.endswith(short) or 2 * len(short) >= len(full)
    rest = iter(full)
    return full.startswith(short[0]) and all(character in rest for character in short)
