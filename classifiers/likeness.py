"""Likeness of a text to what the pack knows of each category: a linear model over characters, fitted from the pack alone.

Fitted on the category's name, aliases, typical words, duty items and sayings (scikit-learn's linear SVM, one against the
rest), so a city that brings only its pack has it on the first day. It is a second opinion beside the rules of words: where both
name the same category, that is worth far more than either alone (docs/first-decisions.md).
"""

import contextlib
import math
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from city.pack import CityPack
from language.normalise import fold

_OTHER = re.compile(r"[^\u4e00-\u9fff]+")
RULES: Final = "2"
"""Raised when pieces, lessons or the model change; part of the cached file's name."""
SHARPNESS: Final = 8.0
"""How sharply a higher score takes the likeness for itself."""
SEEN: Final = 2
"""Lessons that a piece must stand in: those of a single one changed nothing but memory."""
READ: Final = 250
"""Characters of a text that are read."""
FRAMES: Final = (
    "市民来电反映{}请职能部门核实处理",
    "来电人称{}要求尽快解决",
    "您好我想反映一下{}希望有关部门管一管谢谢",
    "尊敬的领导{}恳请重视",
    "现场巡查发现{}",
    "我要投诉{}打了好几次电话都没人管",
    "居民反映{}已多次反映未果",
    "请问{}",
    "{}麻烦给个答复",
    "咨询{}",
    "我们小区门口{}",
    "我家附近{}",
    "村里{}",
    "{}请相关单位尽快处理并回复",
    "走访时群众说{}",
    "求助{}实在没有办法了",
)
"""What stands round a matter in reports. Each saying is learnt also inside some of these, so that they come to weigh nothing."""


class Likeness:
    """Fitted once; `scores` has no state. rarity: of each piece; weights: pieces × categories, times the rarity; float32."""

    def __init__(
        self, categories: Sequence[str], pieces: dict[str, int], rarity: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> None:
        self.categories = tuple(categories)
        self._pieces = pieces
        self._rarity = rarity
        self._squares = rarity * rarity
        self._weights = weights

    def shares(self, folded: str, most: int) -> list[tuple[str, float]]:
        """The best categories with their shares (0..1) of the likeness, best first; empty when nothing of the text is known."""
        scores = self.scores(folded)
        if not scores.any():
            return []
        shares = np.exp(SHARPNESS * (scores - scores.max()))
        shares /= shares.sum()
        columns = np.flatnonzero(shares >= np.partition(shares, -most)[-most]) if most < len(shares) else np.arange(len(shares))
        best = columns[np.argsort(-shares[columns], kind="stable")][:most]
        return [(self.categories[column], float(shares[column])) for column in best]

    def save(self, file: Path) -> None:
        """Written beside and moved into place, so that nobody reads half of it. Half precision: the order of categories stays."""
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.stem}.{os.getpid()}.npz")
        np.savez(
            draft,
            pieces=np.array(" ".join(self._pieces)),
            categories=np.array(self.categories),
            rarity=self._rarity.astype(np.float16),
            weights=self._weights.astype(np.float16),
        )
        draft.replace(file)

    def scores(self, folded: str) -> NDArray[np.float32]:
        """One score for each of `categories`; all zero when nothing of the text is known."""
        known = self._pieces
        found = [row for piece in _pieces_of(folded[:READ]) if (row := known.get(piece)) is not None]
        if not found:
            return np.zeros(len(self.categories), np.float32)
        rows = np.array(found)
        rows.sort()  # the pieces are a set: their order must not reach the sum
        summed: NDArray[np.float32] = self._weights.take(rows, axis=0).sum(axis=0) / np.sqrt(self._squares.take(rows).sum())
        return summed


def likeness_of(pack: CityPack) -> Likeness:
    """Fitted, or read from the cache folder where this pack and these rules were fitted before.

    The file holds plain arrays (no code can hide in it) and is named by what it was fitted from; a damaged one is fitted again.
    """
    file = _cache_folder() / f"likeness-{RULES}-{pack.fingerprint[:24]}.npz"
    with (
        contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile),
        np.load(file, allow_pickle=False) as stored,
    ):
        pieces = str(stored["pieces"]).split(" ")
        return Likeness(
            [str(code) for code in stored["categories"]],
            {piece: row for row, piece in enumerate(pieces)},
            stored["rarity"].astype(np.float32),
            stored["weights"].astype(np.float32),
        )
    fitted = fit(pack)
    with contextlib.suppress(OSError):
        fitted.save(file)
    return fitted


def _cache_folder() -> Path:
    """WENTICHI_CACHE, else the user's own cache folder."""
    chosen = os.environ.get("WENTICHI_CACHE")
    return Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wentichi"


def fit(pack: CityPack) -> Likeness:
    """From the pack alone; deterministic. About 2 s for 140 leaves with 100 phrases and 24 sayings each."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - half a second that only a process that classifies pays

    texts, labels, weights = _lessons(pack)
    counts = Counter(piece for text in texts for piece in _pieces_of(text))
    pieces = {piece: row for row, piece in enumerate(sorted(piece for piece, count in counts.items() if count >= SEEN))}
    rarity = np.array([math.log((1 + len(texts)) / (1 + counts[piece])) + 1 for piece in pieces])
    model = LinearSVC(C=0.3, random_state=0)
    model.fit(_matrix(texts, pieces, rarity), labels, sample_weight=weights)
    scaled = np.ascontiguousarray(model.coef_.T * rarity[:, None], dtype=np.float32)
    return Likeness([str(code) for code in model.classes_], pieces, _stored(rarity), _stored(scaled))


def _stored(values: NDArray[Any]) -> NDArray[np.float32]:
    """With the precision of the cached file, so that the first process decides as every later one."""
    return values.astype(np.float16).astype(np.float32)


def _lessons(pack: CityPack) -> tuple[list[str], list[str], list[float]]:
    """Texts, their categories, and how much each counts."""
    lessons = [*_word_lessons(pack), *_duty_lessons(pack), *_saying_lessons(pack)]
    return [fold(text) for text, _, _ in lessons], [code for _, code, _ in lessons], [weight for _, _, weight in lessons]


def _word_lessons(pack: CityPack) -> Iterator[tuple[str, str, float]]:
    for category in pack.leaves():
        yield from ((name, category.code, 2.0) for name in (category.name, *category.aliases))
        yield from ((word, category.code, 1.0) for word in category.words)


def _duty_lessons(pack: CityPack) -> Iterator[tuple[str, str, float]]:
    leaves = {category.code for category in pack.leaves()}
    for item in pack.duty_items.values():
        for code in sorted(leaves.intersection(item.categories)):
            yield from ((name, code, 0.5) for name in (item.name, *item.words))


def _saying_lessons(pack: CityPack) -> Iterator[tuple[str, str, float]]:
    leaves = {category.code for category in pack.leaves()}
    for number, (saying, code) in enumerate(pack.sayings):
        if code in leaves:
            yield saying, code, 2.0
            yield FRAMES[number % len(FRAMES)].format(saying), code, 2.0


def _pieces_of(text: str) -> set[str]:
    pieces: set[str] = set()
    for run in _OTHER.split(text):
        pieces.update(run)
        pieces.update(map("".join, pairwise(run)))
    return pieces


def _matrix(texts: Iterable[str], pieces: dict[str, int], rarity: NDArray[np.float64]) -> object:
    """Texts × pieces, weighted by rarity, every row of length 1."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    rows, columns, values = [0], [], []
    for text in texts:
        found = [pieces[piece] for piece in _pieces_of(text) if piece in pieces]
        columns += found
        weights = rarity[found]
        values += list(weights / (np.sqrt((weights * weights).sum()) or 1.0))
        rows.append(len(columns))
    return csr_matrix((values, columns, rows), shape=(len(rows) - 1, len(pieces)), dtype=np.float64)
