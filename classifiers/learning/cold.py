"""Categories on the first day: from the names of a city's tree and the lexicon of topics, without a single labelled text.

A text votes by the lexicon's words for topics (`cold_words`), a topic stands at places in the tree (`cold_places`), and the
words of a leaf's own name vote for it too, so that a tree with names the lexicon has never heard of is not left without.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.cold_places import OTHERS, places
from classifiers.learning.cold_tree import SEPARATOR, Leaf, checked, read_tree, under
from classifiers.learning.cold_words import WordVotes
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row
from classifiers.lexicon.topics import topics
from language.normalise import fold
from language.tokenise import tokenise
from schemas.errors import ContractError

__all__ = ["ColdStart", "Floats", "Shares", "answer", "batches", "read_tree", "tree_or_error"]

SHARPNESS: Final = 2.0
"""Power that turns votes into shares. With DOUBT the pair of a grid at which what bodies say told best (log loss) what the
titles of the same, unlabelled letters say."""
DOUBT: Final = 0.3
"""Votes that every category has from the start: a text of few words stays unsure."""
FOR_NAME: Final = 1.0
"""What a word of a leaf's own name counts."""
SURE: Final = 0.5
"""Share that a node needs to be named instead of its parent."""
SHOWN: Final = 5
BATCH: Final = 1000
_VAGUE: Final = """
管理 其他 其它 问题 服务 建设 工作 监管 监督 政策 规划 发展 事业 制度 待遇 纠纷 处理 标准 行政 体制 改革 部门 单位 情况
相关 有关 方面 咨询 投诉 举报 建议 求助 表扬 类别 综合 一般 城市 公共 社会 市场 企业 人员 资金 使用 设施 项目
"""
VAGUE: Final = frozenset(_VAGUE.split())
"""Words of names that stand in letters of every kind."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of some leaves: tops, the level-1 names; top_of, of each leaf its place among them; top: texts × tops; inside: texts ×
    leaves, each leaf's share of its level-1 name."""

    leaves: tuple[Leaf, ...]
    tops: tuple[str, ...]
    top_of: NDArray[np.intp]
    top: Floats
    inside: Floats


class ColdStart:
    """Answers from a tree alone; the same text always gets the same answer, whatever stands beside it in a file."""

    def __init__(self, tree: Sequence[Sequence[str]]) -> None:
        """tree: its leaves as paths of names. Raises ContractError for an empty tree or a bad name."""
        self.leaves = checked(tree)
        self._topics = WordVotes([topic.words for topic in topics()])
        self._names = WordVotes([_name_words(leaf) for leaf in self.leaves])
        self._places: dict[tuple[int, ...], Floats] = {}

    def shares(self, rows: Sequence[Row], labels: Sequence[str] | None = None) -> Shares:
        """Over the leaves under these level-1 names (None: all). A text without any known word has equal shares.

        Tables of texts × leaves: callers with many texts come in batches.
        """
        kept = list(range(len(self.leaves))) if labels is None else under(self.leaves, labels)
        leaves = tuple(self.leaves[at] for at in kept)
        tops = tuple(dict.fromkeys(leaf[0] for leaf in leaves))
        top_of = np.array([tops.index(leaf[0]) for leaf in leaves], dtype=np.intp)
        votes = self._votes(rows, kept, leaves)
        member = np.zeros((len(leaves), len(tops)))
        member[np.arange(len(leaves)), top_of] = 1.0
        top = (votes @ member + DOUBT) ** SHARPNESS
        inside = (votes + DOUBT / 10) ** SHARPNESS
        return Shares(leaves, tops, top_of, top / top.sum(axis=1, keepdims=True), inside / (inside @ member)[:, top_of])

    def predict(self, rows: Sequence[Row], *, promise: float = 0.98, labels: Sequence[str] | None = None) -> list[Prediction]:
        """labels: level-1 names to choose from; then the answer is one of them. Without: the deepest node that is sure enough.

        accepted is never True, whatever the promise: how often such answers are right can only be known from labels.
        Raises ContractError for labels that the tree has not.
        """
        del promise
        return [one for part in batches(rows) for one in answer(self.shares(part, labels), whole=labels is None)]

    def probabilities(self, rows: Sequence[Row], labels: Sequence[str] | None = None) -> tuple[list[str], Floats]:
        """(level-1 names, texts × names), rows sum to 1. Calibrated on nothing but agreement, see `SHARPNESS`."""
        parts = [self.shares(part, labels) for part in batches(rows)]
        return list(parts[0].tops), np.concatenate([part.top for part in parts])

    def _votes(self, rows: Sequence[Row], kept: list[int], leaves: Sequence[Leaf]) -> Floats:
        """Votes, texts × leaves kept."""
        key = tuple(kept)
        if key not in self._places:
            self._places[key] = places(topics(), leaves)
        voted: Floats = self._topics.votes(rows) @ self._places[key] + FOR_NAME * self._names.votes(rows)[:, kept]
        return voted


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """At least one, so that labels are checked where there is no row."""
    return (rows[start : start + BATCH] for start in range(0, max(len(rows), 1), BATCH))


def tree_or_error(path: Path | None) -> list[Leaf]:
    """The tree of the file. Raises ContractError without one: there is no model and nothing to choose from."""
    if path is None:
        raise ContractError("--tree", "没有模型,也没有类别树", "请用 --model 指定模型文件夹,或用 --tree 指定类别树 CSV")
    return read_tree(path)


def answer(shares: Shares, *, whole: bool) -> list[Prediction]:
    """whole: name the deepest node with a share of SURE at least, a level-1 name otherwise; else level-1 names only."""
    levels = [_level(shares, 1)]
    if whole:
        levels += [_level(shares, depth) for depth in range(2, max(map(len, shares.leaves)) + 1)]
    return [_one(levels, row) for row in range(len(shares.top))]


def _one(levels: Sequence[tuple[list[str], Floats]], row: int) -> Prediction:
    names, found = levels[0]
    for deeper, table in levels[1:]:
        if table[row].max() < SURE:
            break
        names, found = deeper, table
    best = np.argsort(-found[row], kind="stable")[:SHOWN]
    top = tuple((names[at], float(found[row, at])) for at in best)
    return Prediction(top[0][0], top[0][1], top, accepted=False)


def _level(shares: Shares, depth: int) -> tuple[list[str], Floats]:
    """(labels, texts × labels) of the nodes of one level; a leaf that ends above it stands for itself."""
    names = [SEPARATOR.join(leaf[:depth]) for leaf in shares.leaves]
    distinct = list(dict.fromkeys(names))
    if depth == 1:
        return distinct, shares.top
    table = np.zeros((len(shares.top), len(distinct)))
    place = {name: number for number, name in enumerate(distinct)}
    for leaf, name in enumerate(names):
        table[:, place[name]] += shares.top[:, shares.top_of[leaf]] * shares.inside[:, leaf]
    return distinct, table


def _name_words(leaf: Leaf) -> dict[str, float]:
    """The words of the leaf's own names that tell something, the last name's most."""
    found: dict[str, float] = {}
    for depth, name in enumerate(leaf, 1):
        for word in _telling(name):
            found[word] = max(found.get(word, 0.0), 1.0 if depth == len(leaf) else 0.5)
    return found


def _telling(name: str) -> Iterator[str]:
    if name in OTHERS:
        return
    yield from (word for word in tokenise(name) if len(word) > 1 and word not in VAGUE)
    if 2 < len(fold(name)) <= 8:
        yield fold(name)
