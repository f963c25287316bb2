"""Likeness of a text to what the pack knows of each category: a linear model over characters, fitted from the pack alone.

Fitted on the category's name, aliases, typical words, duty items and sayings (scikit-learn's linear SVM, one against the
rest), so a city that brings only its pack has it on the first day. It is a second opinion beside the rules of words: where both
name the same category, that is worth far more than either alone (docs/first-decisions.md).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from city.pack import CityPack
from language.normalise import fold

_OTHER = re.compile(r"[^\u4e00-\u9fff]+")
LONGEST: Final = 2
"""Characters of the longest piece looked at. Three gave no more on sayings left out, and cost three times the memory."""
READ: Final = 250
"""Characters of a text that are read."""
FRAMES: Final = (
    "市民来电反映{}请职能部门核实处理", "来电人称{}要求尽快解决", "您好我想反映一下{}希望有关部门管一管谢谢", "尊敬的领导{}恳请重视",
    "现场巡查发现{}", "我要投诉{}打了好几次电话都没人管", "居民反映{}已多次反映未果", "请问{}", "{}麻烦给个答复", "咨询{}",
    "我们小区门口{}", "我家附近{}", "村里{}", "{}请相关单位尽快处理并回复", "走访时群众说{}", "求助{}实在没有办法了",
)
"""What stands round a matter in reports. Each saying is learnt also inside some of these, so that they come to weigh nothing."""


class Likeness:
    """Fitted once; `scores` has no state. weights: pieces × categories, float32."""

    def __init__(self, categories: Sequence[str], pieces: dict[str, int], weights: NDArray[np.float32]) -> None:
        self.categories = tuple(categories)
        self._pieces = pieces
        self._weights = weights

    def scores(self, folded: str) -> NDArray[np.float32]:
        """One score for each of `categories`; all zero when nothing of the text is known."""
        known = self._pieces
        rows = [row for piece in _pieces_of(folded[:READ]) if (row := known.get(piece)) is not None]
        if not rows:
            return np.zeros(len(self.categories), np.float32)
        summed: NDArray[np.float32] = self._weights[rows].sum(axis=0) / np.float32(np.sqrt(len(rows)))
        return summed


def fit(pack: CityPack) -> Likeness:
    """From the pack alone; deterministic. About 2 s for 140 leaves with 100 phrases and 24 sayings each."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - half a second that only a process that classifies pays

    texts, labels, weights = _lessons(pack)
    pieces = {piece: row for row, piece in enumerate(sorted({piece for text in texts for piece in _pieces_of(text)}))}
    model = LinearSVC(C=0.3, random_state=0)
    model.fit(_matrix(texts, pieces), labels, sample_weight=weights)
    return Likeness([str(code) for code in model.classes_], pieces, np.ascontiguousarray(model.coef_.T, dtype=np.float32))


def _lessons(pack: CityPack) -> tuple[list[str], list[str], list[float]]:
    texts: list[str] = []
    labels: list[str] = []
    weights: list[float] = []

    def learn(text: str, code: str, weight: float) -> None:
        texts.append(fold(text))
        labels.append(code)
        weights.append(weight)

    leaves = {category.code for category in pack.leaves()}
    for category in pack.leaves():
        for name in (category.name, *category.aliases):
            learn(name, category.code, 2.0)
        for word in category.words:
            learn(word, category.code, 1.0)
    for item in pack.duty_items.values():
        for code in item.categories:
            if code in leaves:
                for name in (item.name, *item.words):
                    learn(name, code, 0.5)
    for number, (saying, code) in enumerate(pack.sayings):
        if code in leaves:
            learn(saying, code, 1.0)
            learn(FRAMES[number % len(FRAMES)].format(saying), code, 1.0)
    return texts, labels, weights


def _pieces_of(text: str) -> set[str]:
    pieces: set[str] = set()
    for run in _OTHER.split(text):
        pieces.update(run)
        pieces.update(map("".join, zip(run, run[1:], strict=False)))
    return pieces


def _matrix(texts: Iterable[str], pieces: dict[str, int]) -> object:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    rows, columns, values = [0], [], []
    for text in texts:
        found = [pieces[piece] for piece in _pieces_of(text) if piece in pieces]
        columns += found
        values += [1.0 / np.sqrt(max(1, len(found)))] * len(found)
        rows.append(len(columns))
    return csr_matrix((values, columns, rows), shape=(len(rows) - 1, len(pieces)), dtype=np.float64)
