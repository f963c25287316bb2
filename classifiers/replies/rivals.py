"""What the model of reasons was compared with: from one answer for all to linear models on words and characters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack

from classifiers.learning.duplicates import near_groups
from classifiers.learning.folds import folds
from classifiers.learning.rows import Row
from classifiers.learning.text_features import Block, TextFeatures, Unit
from classifiers.replies.checker import found
from classifiers.replies.reading import Reading
from classifiers.replies.reasons import fitted
from classifiers.replies.signs import NAMES, Floats, signs
from schemas.replies import ReplyFault

Places = NDArray[np.intp]
INNER: Final = 3
"""Folds in which a margin is turned into a probability."""
WORDS: Final = Block(Unit.WORD, 1, 2, 0.0, 1.0)
CHARACTERS: Final = Block(Unit.CHARACTER, 1, 3, 0.0, 1.0)
BESIDE: Final = 0.3
"""What a sign weighs beside n-grams, whose row has length 1."""


class Rival(StrEnum):
    MAJORITY = "majority"
    RULE = "rule"
    """Explains unless the rules find that it gives no answer."""
    LENGTH = "length"
    SIGNS = "signs"
    """The model in use."""
    WORDS = "words"
    CHARACTERS = "characters"
    WORDS_SVM = "words_svm"
    CHARACTERS_SVM = "characters_svm"
    CHARACTERS_NBSVM = "characters_nbsvm"
    """Wang and Manning 2012: n-grams weighed by their log-count ratio."""
    CHARACTERS_SIGNS = "characters_signs"


@dataclass(frozen=True)
class Corpus:
    """Everything of the marked replies that does not depend on a split. groups: near copies of a reply share a number."""

    rows: list[Row]
    signs: Floats
    no_answer: NDArray[np.bool_]
    explains: NDArray[np.bool_]
    groups: Places

    @classmethod
    def of(cls, replies: Sequence[str], readings: Sequence[Reading], explains: Sequence[bool]) -> "Corpus":
        silent = [any(one.fault is ReplyFault.NO_ANSWER for one in found("", reading).faults) for reading in readings]
        rows = [Row("", reply, None, {}) for reply in replies]
        return cls(rows, signs(readings), np.array(silent), np.array(explains, dtype=bool), near_groups(replies))


def probabilities(corpus: Corpus, rival: Rival, train: Places, test: Places) -> Floats:
    """Of each tested reply that it explains, learned on the others."""
    return _METHODS[rival](corpus, train, test)


def _majority(corpus: Corpus, train: Places, test: Places) -> Floats:
    return np.full(len(test), corpus.explains[train].mean())


def _rule(corpus: Corpus, train: Places, test: Places) -> Floats:
    silent, truth = corpus.no_answer[train], corpus.explains[train]
    shares = [(truth[silent == side].sum() + 1) / ((silent == side).sum() + 2) for side in (False, True)]
    return np.array(shares)[corpus.no_answer[test].astype(np.intp)]


def _length(corpus: Corpus, train: Places, test: Places) -> Floats:
    column = corpus.signs[:, [NAMES.index("letters")]]
    return _chance(fitted(column[train], corpus.explains[train]), column[test])


def _signs(corpus: Corpus, train: Places, test: Places) -> Floats:
    return _chance(fitted(corpus.signs[train], corpus.explains[train]), corpus.signs[test])


def _logistic(block: Block, strength: float = 10.0, *, ratios: bool = False, beside: bool = False) -> "Method":
    def method(corpus: Corpus, train: Places, test: Places) -> Floats:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import

        seen, asked = _grams(corpus, block, train, test)
        truth = corpus.explains[train]
        if ratios:
            weights = diags(_ratios(seen, truth))
            seen, asked = seen @ weights, asked @ weights
        if beside:
            middle, spread = corpus.signs[train].mean(axis=0), corpus.signs[train].std(axis=0) + 1e-6
            scaled = BESIDE * (corpus.signs - middle) / spread
            seen, asked = (hstack([m, csr_matrix(scaled[side])], format="csr") for m, side in ((seen, train), (asked, test)))
        return _chance(LogisticRegression(C=strength, max_iter=3000).fit(seen, truth), asked)

    return method


def _svm(block: Block) -> "Method":
    def method(corpus: Corpus, train: Places, test: Places) -> Floats:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import
        from sklearn.svm import LinearSVC  # noqa: PLC0415 - see above

        seen, asked = _grams(corpus, block, train, test)
        truth = corpus.explains[train]
        margins = np.zeros(len(train))
        for inner, held in folds(truth.astype(str), corpus.groups[train], INNER, 1):
            margins[held] = LinearSVC().fit(seen[inner], truth[inner]).decision_function(seen[held])
        curve = LogisticRegression(C=100).fit(margins[:, None], truth)
        return _chance(curve, LinearSVC().fit(seen, truth).decision_function(asked)[:, None])

    return method


def _grams(corpus: Corpus, block: Block, train: Places, test: Places) -> tuple[csr_matrix, csr_matrix]:
    rows = [corpus.rows[place] for place in train]
    features = TextFeatures([block]).fit(rows)
    return features.transform(rows), features.transform([corpus.rows[place] for place in test])


def _ratios(seen: csr_matrix, truth: NDArray[np.bool_]) -> Floats:
    counts = [np.asarray((seen[side] > 0).sum(axis=0)).ravel() + 1.0 for side in (truth, ~truth)]
    return np.asarray(np.log(counts[0] / counts[0].sum()) - np.log(counts[1] / counts[1].sum()))


def _chance(model: Any, values: Any) -> Floats:
    return np.asarray(model.predict_proba(values)[:, 1], dtype=np.float64)


Method = Callable[[Corpus, Places, Places], Floats]

_METHODS: Final[dict[Rival, Method]] = {
    Rival.MAJORITY: _majority,
    Rival.RULE: _rule,
    Rival.LENGTH: _length,
    Rival.SIGNS: _signs,
    Rival.WORDS: _logistic(WORDS),
    Rival.CHARACTERS: _logistic(CHARACTERS),
    Rival.WORDS_SVM: _svm(WORDS),
    Rival.CHARACTERS_SVM: _svm(CHARACTERS),
    Rival.CHARACTERS_NBSVM: _logistic(CHARACTERS, 1.0, ratios=True),
    Rival.CHARACTERS_SIGNS: _logistic(CHARACTERS, 3.0, beside=True),
}
