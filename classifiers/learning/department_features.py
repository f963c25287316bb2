"""Orders -> sparse matrices: n-grams of the text (`TextFeatures`) and the signs of `department_words`, in views.

A view is what one linear model sees: some blocks, each of the length of its weight.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from classifiers.learning.department_words import Order, Sign, signs_of
from classifiers.learning.text_features import Block, TextFeatures, Unit

TEXT: Final = (Block(Unit.CHARACTER, 1, 3, 0.6, 1.0), Block(Unit.WORD, 1, 2, 0.6, 0.7))
"""The matter by characters and words."""
_TEXT: Final = np.float32(1.22)
"""Length of the text's vector beside the signs."""
MOST: Final = 150_000
"""Strings kept of a block, those in most orders."""


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
_BARE: Final = (View.NAMES, View.TREE)
"""Without the n-grams of the text."""

_RICH: Final = {
    Sign.SCHEME: 0.5, Sign.ASKED: 0.5, Sign.HEAD: 0.4, Sign.NAMED: 0.3, Sign.PLACE: 0.3, Sign.HISTORY: 0.3,
    Sign.ANSWERED_BY: 0.4, Sign.ASKED_CROSSED: 0.4, Sign.DISTRICT_CROSSED: 0.4,
}  # fmt: skip
WEIGHTS: Final[Mapping[View, Mapping[Sign, float]]] = {
    View.PLAIN: {Sign.SCHEME: 0.5},
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
"""Lengths of the blocks beside the text's; chosen by cross-validation, see docs."""


class SignBlock:
    """The strings of one sign that stand in two orders or more, and how rare they are."""

    def __init__(self, strings: Sequence[str], rarity: NDArray[np.float32]) -> None:
        self.strings = list(strings)
        self.column = {string: place for place, string in enumerate(self.strings)}
        self.rarity = rarity

    @classmethod
    def learn(cls, lists: Sequence[Sequence[str]]) -> "SignBlock":
        spread = Counter(string for strings in lists for string in set(strings))
        least = 2 if len(lists) > 3 else 1
        kept = sorted((one for one in spread.items() if one[1] >= least), key=lambda one: (-one[1], one[0]))[:MOST]
        rarity = np.log((1 + len(lists)) / (1 + np.array([count for _, count in kept], dtype=np.float64))) + 1
        return cls([string for string, _ in kept], rarity.astype(np.float32))

    def matrix(self, lists: Sequence[Sequence[str]]) -> csr_matrix:
        """(orders, strings): 1 + log of the count, times rarity; each row of length 1 or 0."""
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for strings in lists:
            counts = Counter(place for string in strings if (place := self.column.get(string)) is not None)
            columns += counts
            values += counts.values()
            ends.append(len(columns))
        data = (1 + np.log(np.array(values, dtype=np.float32))) * self.rarity[columns]
        owners = np.repeat(np.arange(len(lists)), np.diff(ends))
        length = np.sqrt(np.bincount(owners, data * data, minlength=len(lists)))
        data = (data / np.maximum(length, 1e-9)[owners]).astype(np.float32)
        found = csr_matrix((data, np.array(columns, dtype=np.int32), np.array(ends)), shape=(len(lists), len(self.strings)))
        found.sort_indices()
        return found


class OrderFeatures:
    """The vocabularies of all blocks; a matrix per view."""

    def __init__(self, text: TextFeatures, blocks: Mapping[Sign, SignBlock]) -> None:
        self.text, self.blocks = text, dict(blocks)

    @classmethod
    def learn(cls, orders: Sequence[Order]) -> "OrderFeatures":
        text = TextFeatures(TEXT).fit([order.row() for order in orders])
        signs = [signs_of(order) for order in orders]
        return cls(text, {sign: SignBlock.learn([one.get(sign, ()) for one in signs]) for sign in Sign})

    def views(self, orders: Sequence[Order], wanted: Sequence[View]) -> dict[View, csr_matrix]:
        """(orders, columns of the view) each. The text's columns come first, then the signs in the order of `WEIGHTS`."""
        text = self.text.transform([order.row() for order in orders])
        signs = [signs_of(order) for order in orders]
        needed = {sign for view in wanted for sign in WEIGHTS[view]}
        parts = {sign: self.blocks[sign].matrix([one.get(sign, ()) for one in signs]) for sign in needed}
        found = {}
        for view in wanted:
            blocks = [parts[sign] * weight for sign, weight in WEIGHTS[view].items()]
            own = sum(weight * weight for weight in WEIGHTS[view].values())
            if view not in _BARE:
                blocks, own = [text * _TEXT, *blocks], own + float(_TEXT) ** 2
            found[view] = csr_matrix(hstack(blocks), dtype=np.float32) * np.float32(1 / np.sqrt(own))
        return found

    def state(self) -> dict[str, object]:
        """Plain values and arrays that `restored` takes."""
        blocks = {
            sign.value: [np.array("\n".join(block.strings)), block.rarity] for sign, block in self.blocks.items()
        }
        return {"text": self.text.state(), "blocks": blocks}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "OrderFeatures":
        blocks = {}
        for sign, (strings, rarity) in state["blocks"].items():
            blocks[Sign(sign)] = SignBlock(str(strings).split("\n") if len(rarity) else [], rarity)
        return cls(TextFeatures.restored(state["text"]), blocks)
