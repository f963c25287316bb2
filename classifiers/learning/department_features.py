"""Orders -> sparse matrices: n-grams of characters (`TextFeatures`) and the signs of `department_signs`, in views.

A view is what one linear model sees: some blocks, each of the length of its weight. The matrices hold every block at length 1;
a view's weights of blocks are multiplied in where a model is fitted, and into its own weights where it answers.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from classifiers.learning.department_keys import Keys, Numbers
from classifiers.learning.department_signs import Sign, signs_of
from classifiers.learning.department_words import Order
from classifiers.learning.text_features import Block, TextFeatures, Unit
from classifiers.learning.text_vocabulary import Vocabulary

TEXT: Final = (Block(Unit.CHARACTER, 1, 3, 0.6, 1.0),)
MOST: Final = 150_000
"""Strings kept of a block, those in most orders."""
CELLS: Final = 20_000_000
"""Columns of a block times units, at most: with many units fewer columns are kept, so that a model stays in memory."""
CHUNK: Final = 5000
"""Orders whose signs are in memory at once: about 2 million, 100 MB."""

_SIGNS: Final = tuple(Sign)
_SIGN_BITS: Final = np.uint64(4)
_SIGN_AT: Final = np.uint64(60)


class View(StrEnum):
    """PLAIN: n-grams and scheme. RICH: and what the text names. NAMES: only that. PATH: RICH and the category path. TREE: only
    that."""

    PLAIN = "plain"
    RICH = "rich"
    NAMES = "names"
    PATH = "path"
    TREE = "tree"


TEXT_VIEWS: Final = (View.PLAIN, View.RICH, View.NAMES)
PATH_VIEWS: Final = (*TEXT_VIEWS, View.PATH, View.TREE)
READS_TEXT: Final = (View.PLAIN, View.RICH, View.PATH)
"""Views with the n-grams of characters, at length 1."""

_RICH: Final = {
    Sign.WORD: 0.7, Sign.SCHEME: 0.5, Sign.ASKED: 0.5, Sign.HEAD: 0.4, Sign.NAMED: 0.3, Sign.PLACE: 0.3, Sign.HISTORY: 0.3,
    Sign.ANSWERED_BY: 0.4, Sign.ASKED_CROSSED: 0.4, Sign.DISTRICT_CROSSED: 0.4,
}  # fmt: skip
WEIGHTS: Final[Mapping[View, Mapping[Sign, float]]] = {
    View.PLAIN: {Sign.WORD: 0.7, Sign.SCHEME: 0.5},
    View.RICH: _RICH,
    View.NAMES: {
        Sign.SCHEME: 0.5, Sign.ASKED: 1.0, Sign.HEAD: 0.5, Sign.NAMED: 0.5, Sign.PLACE: 0.3, Sign.ANSWERED_BY: 0.7,
        Sign.ASKED_CROSSED: 0.5, Sign.ASKED_IN_SCHEME: 0.5,
    },
    View.PATH: _RICH | {
        Sign.WORDS_IN_SCHEME: 0.5, Sign.ASKED_IN_SCHEME: 0.4, Sign.PATH: 0.5, Sign.PATH_IN_SCHEME: 0.5, Sign.PATH_CROSSED: 0.4,
    },
    View.TREE: {Sign.PATH: 0.5, Sign.PATH_IN_SCHEME: 1.0, Sign.PATH_CROSSED: 0.4},
}  # fmt: skip
"""Lengths of the blocks beside the characters'; chosen by cross-validation, see docs."""


def scale(view: View) -> float:
    """What a row of the view is multiplied by to have length 1."""
    own = sum(weight * weight for weight in WEIGHTS[view].values()) + (view in READS_TEXT)
    return float(1 / np.sqrt(own))


class Blocks(NamedTuple):
    """Of the same orders: text (orders, n-grams) and signs (orders, strings of all signs), each block at length 1."""

    text: csr_matrix
    signs: csr_matrix


class SignColumns:
    """The strings of the signs that stand in two orders or more, and how rare they are; the columns of a sign lie together."""

    def __init__(self, keys: Numbers, rarity: NDArray[np.float32]) -> None:
        self.vocabulary, self.rarity = Vocabulary(keys), rarity
        starts = np.searchsorted(keys, np.arange(len(_SIGNS), dtype=np.uint64) << _SIGN_AT)
        self.ends = np.append(starts, len(keys))
        self._sign = (keys >> _SIGN_AT).astype(np.intp)

    @classmethod
    def learn(cls, signs: Mapping[Sign, Keys], orders: int, most: int) -> "SignColumns":
        least = 2 if orders > 3 else 1
        keys, rarity = [np.zeros(0, np.uint64)], [np.zeros(0, np.float32)]
        for sign in _SIGNS:
            if sign not in signs:
                continue
            numbers = _salted(sign, signs[sign])
            by = np.lexsort((signs[sign].rows, numbers))
            numbers, rows = numbers[by], signs[sign].rows[by]
            new = np.r_[True, (numbers[1:] != numbers[:-1]) | (rows[1:] != rows[:-1])][: len(numbers)]
            found, spread = np.unique(numbers[new], return_counts=True)
            kept = np.sort(np.argsort(-spread, kind="stable")[: min(most, int((spread >= least).sum()))])
            keys.append(found[kept])
            rarity.append((np.log((1 + orders) / (1 + spread[kept])) + 1).astype(np.float32))
        return cls(np.concatenate(keys), np.concatenate(rarity))

    def of(self, sign: Sign) -> slice:
        place = _SIGNS.index(sign)
        return slice(int(self.ends[place]), int(self.ends[place + 1]))

    def columns(self, sign: Sign, keys: Keys) -> NDArray[np.int32]:
        """The column of each string, -1 for an unknown one."""
        return self.vocabulary.columns(_salted(sign, keys))

    def matrix(self, signs: Mapping[Sign, Keys], orders: int) -> csr_matrix:
        """1 + log of the count, times rarity; of each row the strings of one sign have length 1 or 0."""
        width = max(len(self.rarity), 1)
        columns = self.vocabulary.columns(np.concatenate([_salted(sign, keys) for sign, keys in signs.items()]))
        known = columns >= 0
        rows = np.concatenate([keys.rows for keys in signs.values()])[known]
        cells, times = np.unique(rows * width + columns[known], return_counts=True)
        owners, places = np.divmod(cells, width)
        values = ((1 + np.log(times)) * self.rarity[places]).astype(np.float32)
        block = owners * len(_SIGNS) + self._sign[places]
        length = np.sqrt(np.bincount(block, values * values, minlength=1))
        values = (values / np.maximum(length, 1e-9)[block]).astype(np.float32)
        starts = np.searchsorted(owners, np.arange(orders + 1))
        return csr_matrix((values, places.astype(np.int32), starts.astype(np.int32)), shape=(orders, len(self.rarity)))


def _salted(sign: Sign, keys: Keys) -> Numbers:
    return keys.numbers >> _SIGN_BITS | np.uint64(_SIGNS.index(sign)) << _SIGN_AT


class OrderFeatures:
    """The vocabularies of all blocks."""

    def __init__(self, text: TextFeatures, signs: SignColumns) -> None:
        self.text, self.signs = text, signs

    @classmethod
    def learn(cls, orders: Sequence[Order], labels: int) -> "OrderFeatures":
        most = min(MOST, CELLS // labels)
        text = TextFeatures(TEXT, most=2 * most).fit([order.row() for order in orders])
        return cls(text, SignColumns.learn(signs_of(orders), len(orders), most))

    def blocks(self, orders: Sequence[Order]) -> Blocks:
        text = self.text.transform([order.row() for order in orders])
        chunks = [orders[start : start + CHUNK] for start in range(0, max(len(orders), 1), CHUNK)]
        return Blocks(text, vstack([self.signs.matrix(signs_of(some), len(some)) for some in chunks], format="csr"))

    def of_view(self, blocks: Blocks, view: View) -> csr_matrix:
        """(orders, columns of the view): the characters first, then the signs in the order of their columns."""
        by_column = np.zeros(blocks.signs.shape[1], np.float32)
        for sign, weight in WEIGHTS[view].items():
            by_column[self.signs.of(sign)] = weight * scale(view)
        signs = blocks.signs.copy()
        signs.data *= by_column[signs.indices]
        signs = signs[:, np.flatnonzero(by_column)]
        if view not in READS_TEXT:
            return csr_matrix(signs)
        return csr_matrix(hstack([blocks.text * np.float32(scale(view)), signs]), dtype=np.float32)

    def words(self, order: Order, text: NDArray[np.floating[Any]], words: NDArray[np.floating[Any]]) -> list[tuple[str, float]]:
        """What each word adds to a score whose weights of the characters' columns and of `Sign.WORD`'s are given, the most
        first; a pair of words adds half to each."""
        found = dict(self.text.words(order.row(), text))
        cut = order.words
        single = Keys.of([cut])
        place = self.signs.of(Sign.WORD)
        row = self.signs.matrix({Sign.WORD: signs_of([order])[Sign.WORD]}, 1).toarray()[0, place] * words
        for keys, owners in ((single, [cut]), (single.pairs(), [cut[:-1], cut[1:]])):
            columns = self.signs.columns(Sign.WORD, keys) - place.start
            times = np.bincount(np.maximum(columns, -1) + 1, minlength=len(row) + 1)[1:]
            for some in owners:
                for word, column in zip(some, columns.tolist(), strict=True):
                    if column >= 0:
                        found[word] = found.get(word, 0.0) + float(row[column] / times[column] / len(owners))
        return sorted(found.items(), key=lambda one: -one[1])

    def state(self) -> dict[str, object]:
        """Plain values and arrays that `restored` takes."""
        return {"text": self.text.state(), "keys": self.signs.vocabulary.keys, "rarity": self.signs.rarity}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "OrderFeatures":
        return cls(TextFeatures.restored(state["text"]), SignColumns(state["keys"], state["rarity"]))
