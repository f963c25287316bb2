"""What a model sees of a text: n-grams of characters and of words.

Title and body are scaled to fixed lengths before they are added, so that a long body cannot drown the title. A whole batch goes
through numpy at once: an n-gram is a 64-bit number and meets its column through a table, never as a string.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from classifiers.learning.rows import Row
from classifiers.learning.text_boilerplate import FIRST, greeting_of, matter_of
from classifiers.learning.text_vocabulary import Vocabulary
from language.normalise import fold
from language.tokenise import NO_LETTER, tokenise

BATCH: Final = 2000
"""Rows in numpy at once: about 2 million n-grams, 100 MB."""
MOST_COLUMNS: Final = 1 << 20
"""n-grams kept, those in most rows."""

_BREAK: Final = "\x01"
"""Stands for punctuation and space: no n-gram of characters crosses it. `fold` lets no control character through."""
_END: Final = "\x00"
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_OTHER_ODD: Final = np.uint64(0xC2B2AE3D27D4EB4F)


class Unit(StrEnum):
    CHARACTER = "character"
    WORD = "word"


class Piece(StrEnum):
    """What a block reads of a row: title and body without the greeting, or the greeting alone."""

    MATTER = "matter"
    GREETING = "greeting"


@dataclass(frozen=True, slots=True)
class Block:
    """n-grams of `shortest` to `longest` units, the same columns for title and body.

    title: length of the title's vector beside the body's 1 (a greeting has no title); weight: length of both together.
    """

    unit: Unit
    shortest: int
    longest: int
    title: float
    weight: float
    piece: Piece = Piece.MATTER


BLOCKS: Final = (Block(Unit.CHARACTER, 1, 3, 0.6, 1.0),)
"""Chosen by cross-validation, see docs."""


class Found(NamedTuple):
    """The n-grams of many rows, an entry per occurrence: its number, its row, where it starts (in units), how long it is."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    lengths: NDArray[np.int8]


class TextFeatures:
    """Rows -> sparse matrix (rows, columns) float32, each row of length 1 (0 for a row without letters)."""

    def __init__(self, blocks: Sequence[Block] = BLOCKS, least: int = 2, most: int = MOST_COLUMNS) -> None:
        """least: rows that an n-gram must stand in; most: columns in all."""
        self.blocks = tuple(blocks)
        self.least = least
        self.most = most
        self.vocabulary = Vocabulary.empty()
        self.rarity: NDArray[np.float32] = np.zeros(0, np.float32)

    def __len__(self) -> int:
        """Columns."""
        return len(self.vocabulary)

    def fit(self, rows: Sequence[Row]) -> "TextFeatures":
        """Learns which n-grams there are and how rare they are. Of 3 rows or fewer every n-gram counts."""
        least = self.least if len(rows) > 3 else 1
        self.vocabulary, spread = Vocabulary.learn(self._distinct(rows), least, self.most)
        self.rarity = (np.log((1 + len(rows)) / (1 + spread)) + 1).astype(np.float32)
        return self

    def _distinct(self, rows: Sequence[Row]) -> Iterator[NDArray[np.uint64]]:
        """For each batch the n-grams of its rows, each once a row."""
        for batch in _batches(rows):
            parts = []
            for pair in self._found(batch):
                keys, owners = (np.concatenate(some) for some in zip(pair[0][:2], pair[1][:2], strict=True))
                pairs = np.lexsort((owners, keys))
                keys, owners = keys[pairs], owners[pairs]
                new = np.ones(len(keys), dtype=bool)
                new[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
                parts.append(keys[new])
            yield np.concatenate(parts)

    def columns_of(self, rows: Sequence[Row], piece: Piece) -> NDArray[np.int32]:
        """The columns that the blocks of this piece have on these rows, ascending."""
        met = [np.zeros(0, np.int32)]
        for batch in _batches(rows):
            for block, pair in zip(self.blocks, self._found(batch), strict=True):
                if block.piece == piece:
                    met += [self.vocabulary.columns(found.keys) for found in pair]
        columns = np.unique(np.concatenate(met))
        return columns[columns >= 0]

    def _found(self, rows: Sequence[Row]) -> Iterator[tuple[Found, Found]]:
        """For each block the n-grams of the titles and of the bodies. Numbers of different blocks differ."""
        for number, (block, (titles, bodies)) in enumerate(zip(self.blocks, self._texts(rows), strict=True)):
            yield _ngrams(titles, block, number), _ngrams(bodies, block, number)

    def _texts(self, rows: Sequence[Row]) -> list[tuple[list[str], list[str]]]:
        """For each block the folded titles and bodies that it reads."""
        pieces: dict[Piece, tuple[list[str], list[str]]] = {}
        for piece in {block.piece for block in self.blocks}:
            if piece == Piece.MATTER:
                pieces[piece] = [fold(row.title[:FIRST]) for row in rows], [fold(matter_of(row.text)) for row in rows]
            else:
                pieces[piece] = [""] * len(rows), [fold(greeting_of(row.text)) for row in rows]
        return [pieces[block.piece] for block in self.blocks]

    def transform(self, rows: Sequence[Row]) -> csr_matrix:
        """Shape (len(rows), columns), sorted by column within a row."""
        if not len(rows):
            return csr_matrix((0, len(self)), dtype=np.float32)
        return vstack([self._matrix(batch) for batch in _batches(rows)], format="csr")

    def _matrix(self, rows: Sequence[Row]) -> csr_matrix:
        whole = csr_matrix((len(rows), len(self)), dtype=np.float32)
        for block, (title, body) in zip(self.blocks, self._found(rows), strict=True):
            both = block.title * self._part(title, len(rows)) + self._part(body, len(rows))
            whole = whole + block.weight * _unit_length(both)
        return _unit_length(whole)

    def _part(self, found: Found, rows: int) -> csr_matrix:
        """1 + log of the count, times the rarity, each row of length 1."""
        width = max(len(self), 1)
        columns = self.vocabulary.columns(found.keys)
        known = columns >= 0
        cells, times = np.unique(found.rows[known] * width + columns[known], return_counts=True)
        owners, places = np.divmod(cells, width)
        values = ((1 + np.log(times)) * self.rarity[places]).astype(np.float32)
        starts = np.searchsorted(owners, np.arange(rows + 1))
        return _unit_length(csr_matrix((values, places.astype(np.int32), starts.astype(np.int32)), shape=(rows, len(self))))

    def words(self, row: Row, weights: NDArray[np.floating[Any]]) -> list[tuple[str, float]]:
        """What each word of the row adds to a score whose weights by column are given, the most first.

        An n-gram's part is spread evenly over the characters that it stands on, and a word has what falls on its characters; so
        pieces of words never show, and the sum over all words is the score without its constant.
        """
        vector = self.transform([row])
        worth = vector.data * weights[vector.indices]
        share: dict[str, float] = {}
        for block, texts, both in zip(self.blocks, self._texts([row]), self._found([row]), strict=True):
            columns = [self.vocabulary.columns(found.keys) for found in both]
            known = [np.isin(column, vector.indices) for column in columns]
            places = [np.searchsorted(vector.indices, column[here]) for column, here in zip(columns, known, strict=True)]
            each = worth / np.maximum(np.bincount(np.concatenate(places), minlength=len(worth)), 1)
            for (text,), found, here, place in zip(texts, both, known, places, strict=True):
                for word, part in _shared(text, block, found.starts[here], found.lengths[here], each[place]):
                    share[word] = share.get(word, 0.0) + part
        return sorted(share.items(), key=lambda one: -one[1])

    def state(self) -> dict[str, object]:
        """Arrays and plain values that `restored` takes."""
        return {
            "blocks": [[one.value if isinstance(one, StrEnum) else one for one in astuple(block)] for block in self.blocks],
            "least": self.least, "most": self.most, "keys": self.vocabulary.keys, "rarity": self.rarity,
        }  # fmt: skip

    @classmethod
    def restored(cls, state: dict[str, Any]) -> "TextFeatures":
        blocks = [
            Block(Unit(unit), low, high, title, weight, *map(Piece, piece))
            for unit, low, high, title, weight, *piece in state["blocks"]
        ]
        made = cls(blocks, state["least"], state["most"])
        made.vocabulary, made.rarity = Vocabulary(state["keys"]), state["rarity"]
        return made


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _unit_length(matrix: csr_matrix) -> csr_matrix:
    """Each row of length 1, in place; an empty one stays so."""
    lengths = np.sqrt(np.bincount(_owners(matrix), matrix.data * matrix.data, minlength=matrix.shape[0]))
    matrix.data /= np.maximum(lengths, 1e-9).astype(np.float32)[_owners(matrix)]
    return matrix


def _owners(matrix: csr_matrix) -> NDArray[np.intp]:
    """The row of each entry."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _shared(
    folded: str, block: Block, starts: NDArray[np.intp], lengths: NDArray[np.int8], worth: NDArray[np.floating[Any]]
) -> list[tuple[str, float]]:
    """The worth of n-grams spread over the words of the text that they stand on."""
    words, firsts, at = tokenise(folded), [], 0
    if not len(starts) or not words:
        return []
    for word in words:
        firsts.append(folded.index(word, at))
        at = firsts[-1] + len(word)
    first = np.array(firsts, dtype=np.intp)
    last = first + np.array([len(word) for word in words], dtype=np.intp)
    low, high = (starts, starts + lengths) if block.unit == Unit.CHARACTER else (first[starts], last[starts + lengths - 1])
    each = worth / (high - low)
    marks = np.bincount(low, each, len(folded) + 1) - np.bincount(high, each, len(folded) + 1)
    so_far = np.concatenate(([0.0], np.cumsum(np.cumsum(marks))))
    return list(zip(words, (so_far[last] - so_far[first]).tolist(), strict=True))


def _ngrams(folded: Sequence[str], block: Block, number: int) -> Found:
    codes, rows, starts, usable = _characters(folded) if block.unit == Unit.CHARACTER else _words(folded)
    keys, owners, places, lengths = [], [], [], []
    with np.errstate(over="ignore"):
        running = np.full(len(codes), number + 1, dtype=np.uint64) * _OTHER_ODD
        whole = usable.copy()
        for size in range(1, block.longest + 1):
            count = len(codes) - size + 1
            if count <= 0:
                break
            running = (running[:count] ^ codes[size - 1 :]) * _ODD
            running ^= running >> np.uint64(32)
            whole = whole[:count] & usable[size - 1 :]
            if size < block.shortest:
                continue
            here = whole & (rows[:count] == rows[size - 1 :])
            keys.append(running[here])
            owners.append(rows[:count][here])
            places.append(starts[:count][here])
            lengths.append(np.full(len(keys[-1]), size, dtype=np.int8))
    if not keys:
        return Found(np.zeros(0, np.uint64), np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int8))
    return Found(np.concatenate(keys), np.concatenate(owners), np.concatenate(places), np.concatenate(lengths))


Units = tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]
"""(number, row, place in its row, may stand in an n-gram) of each unit."""


def _characters(folded: Sequence[str]) -> Units:
    """Places are those of the folded text."""
    joined = _END.join(NO_LETTER.sub(lambda gap: _BREAK * len(gap[0]), text) for text in folded)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = codes == 0
    rows = np.cumsum(ends)
    firsts = np.concatenate(([0], np.flatnonzero(ends) + 1))
    return codes.astype(np.uint64), rows, np.arange(len(codes)) - firsts[rows], codes > 1


def _words(folded: Sequence[str]) -> Units:
    """Places count words."""
    words = [tokenise(text) for text in folded]
    counts = np.array([len(some) for some in words], dtype=np.intp)
    numbers = _WORDS.numbers(word for some in words for word in some)
    rows = np.repeat(np.arange(len(words)), counts)
    firsts = np.cumsum(counts) - counts
    return numbers, rows, np.arange(len(rows)) - firsts[rows], np.ones(len(rows), dtype=bool)


class _WordNumbers(dict[str, int]):
    """Word -> 64-bit number, the same in every process; remembers at most a million words."""

    def __missing__(self, word: str) -> int:
        if len(self) >= 1_000_000:
            self.clear()
        value = 0xCBF29CE484222325
        for character in word:
            value = ((value ^ ord(character)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        self[word] = value
        return value

    def numbers(self, words: Iterable[str]) -> NDArray[np.uint64]:
        return np.fromiter(map(self.__getitem__, words), dtype=np.uint64)


_WORDS: Final = _WordNumbers()
