"""Numbers that describe how a reply is built: what its clauses do, what it cites, counts and dates. No words are in them."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.replies.phrases import Mark
from classifiers.replies.reading import Part, Reading

_CITATION: Final = re.compile(r"《|第[\d一二三四五六七八九十百]+条|〔\d{4}〕|\[\d{4}\]|\d号")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_DATE: Final = re.compile(r"\d{1,2}月\d{1,2}日|\d{4}年|年底|月底")
_STEP: Final = re.compile(r"(?:[一二三四五六七八九十]|\d{1,2})[、是.](?=\D)|其[一二三]|首先|其次")

Floats = NDArray[np.float64]


def signs(readings: Sequence[Reading]) -> Floats:
    """readings × len(NAMES): logs of 1 + counts, and shares (0..1) of the letters by part."""
    return np.array([_of(reading) for reading in readings], dtype=np.float64).reshape(len(readings), len(NAMES))


def _of(reading: Reading) -> list[float]:
    letters = reading.letters()
    by_part = [reading.letters(part) for part in Part]
    counts = [letters, len(reading.clauses), reading.letters(Part.SUBSTANCE, Part.OTHER), *by_part]
    counts += [reading.marks.get(mark, 0) for mark in Mark]
    counts += [sum(1 for _ in pattern.finditer(reading.folded)) for pattern in (_CITATION, _NUMBER, _DATE, _STEP)]
    return [*np.log1p(counts).tolist(), *(many / max(1, letters) for many in by_part)]


NAMES: Final = (
    "letters", "clauses", "letters_of_content", *(f"letters_{part}" for part in Part), *(f"words_{mark}" for mark in Mark),
    "citations", "numbers", "dates", "steps", *(f"share_{part}" for part in Part),
)  # fmt: skip
"""The columns of `signs`."""
