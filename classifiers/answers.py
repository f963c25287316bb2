"""Which knowledge items answer what a caller says: BM25 over the project's tokens, the question counting double.

BM25 of Robertson and Zaragoza (2009) with weighted frequencies. Beside the tokens stand the pairs of Han characters, for less:
the same word is cut differently in another sentence (停水 alone, but 停 and 水通知). An item of the category that intake proposes
comes first among equals. Drafts and withdrawn items are never found, doubted ones are, and marked.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final, Protocol

from language.normalise import fold
from language.tokenise import tokenise
from schemas.words import KnowledgeState

IN_QUESTION: Final = 2.0
"""Weight of a token in the question; one in the answer counts 1."""
FOR_PAIR: Final = 0.4
"""Weight of a pair of characters that is no token."""
K1: Final = 1.2
B: Final = 0.75
SAME_CATEGORY: Final = 1.3
"""Factor for an item of the proposed category."""
LEAST: Final = 0.25
"""Share of the best score below which an item is not worth showing."""

_EMPTY: Final = """
的 了 是 我 你 您 他 她 它 们 我们 你们 他们 在 有 和 与 或 也 都 就 还 要 会 能 吗 呢 吧 啊 呀 着 过 得 地 把 被 给 对 从 到 为
这 那 这个 那个 哪 哪个 哪里 哪儿 什么 怎么 怎么样 怎样 如何 多少 几 请 请问 问 问下 问一下 想 想问 咨询 谁 个 一个 不 没 没有
可以 可 需要 应该 应 如果 但 但是 因为 所以 以及 及 等 现在 一下 说 去 来 上 下 里 中 于 其 之 以 并 则 让 又 再 很 已 已经 将
"""
EMPTY: Final = frozenset(_EMPTY.split())
"""Words that say nothing of a matter. Han words only; how often a word stands in the items weighs all others."""

_HAN: Final = re.compile(r"[\u4e00-\u9fff]{2,}")


class Item(Protocol):
    """What the finder needs of a knowledge item."""

    @property
    def id(self) -> str: ...
    @property
    def edition(self) -> int: ...
    @property
    def state(self) -> KnowledgeState: ...
    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def categories(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """words: of the caller's that the item has. doubted: to be shown with a warning."""

    item: str
    score: float
    words: tuple[str, ...]
    doubted: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    edition: int
    weights: dict[str, float]
    length: float
    categories: frozenset[str]
    doubted: bool


class AnswerFinder:
    """An index in memory. `refresh` takes the items as they are now; only those that were written anew since are read again."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._entries: dict[str, _Entry] = {}
        self._holders: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._norms: dict[str, float] = {}
        self._length = 0.0
        self.refresh(items)

    def __len__(self) -> int:
        return len(self._entries)

    def refresh(self, items: Iterable[Item]) -> None:
        """These and no others."""
        gone = dict.fromkeys(self._entries)
        for item in items:
            if item.state in (KnowledgeState.VALID, KnowledgeState.DOUBTED):
                gone.pop(item.id, None)
                self._put(item)
        for name in gone:
            self._drop(name)
        mean = self._length / len(self._entries) if self._entries else 1.0
        self._norms = {name: K1 * (1 - B + B * entry.length / mean) for name, entry in self._entries.items()}

    def find(self, text: str, limit: int = 5, category: str | None = None) -> list[Found]:
        """Best first, ties by id. category: what intake proposes for the text."""
        said = {term: worth for term, worth in _terms(text).items() if term in self._holders}
        scores: defaultdict[str, float] = defaultdict(float)
        for term, worth in said.items():
            gain = self._rarity(term) * worth * (K1 + 1)
            for name, weight in self._holders[term].items():
                scores[name] += gain * weight / (weight + self._norms[name])
        if category is not None:
            for name in scores:
                if category in self._entries[name].categories:
                    scores[name] *= SAME_CATEGORY
        best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
        return [self._found(name, score, said) for name, score in best if score >= LEAST * best[0][1]]

    def _found(self, name: str, score: float, said: Iterable[str]) -> Found:
        entry = self._entries[name]
        terms = [term for term in said if term in entry.weights]
        words = tuple(term for term in terms if not any(term in other for other in terms if other != term))
        return Found(name, score, words, entry.doubted)

    def _rarity(self, word: str) -> float:
        holders = len(self._holders[word])
        return log(1 + (len(self._entries) - holders + 0.5) / (holders + 0.5))

    def _put(self, item: Item) -> None:
        known, doubted = self._entries.get(item.id), item.state is KnowledgeState.DOUBTED
        if known is not None and known.edition == item.edition:
            if known.doubted != doubted:
                self._entries[item.id] = _Entry(known.edition, known.weights, known.length, known.categories, doubted)
            return
        if known is not None:
            self._drop(item.id)
        weights: defaultdict[str, float] = defaultdict(float)
        for text, weight in ((item.question, IN_QUESTION), (item.answer, 1.0)):
            for term, worth in _terms(text).items():
                weights[term] += weight * worth
        entry = _Entry(item.edition, dict(weights), sum(weights.values()), frozenset(item.categories), doubted)
        self._entries[item.id] = entry
        self._length += entry.length
        for word, total in entry.weights.items():
            self._holders[word][item.id] = total

    def _drop(self, name: str) -> None:
        entry = self._entries.pop(name)
        self._length -= entry.length
        for word in entry.weights:
            del self._holders[word][name]
            if not self._holders[word]:
                del self._holders[word]


def _terms(text: str) -> dict[str, float]:
    """Tokens with how often they stand there, then pairs of characters that are no tokens of this text."""
    terms: dict[str, float] = {}
    for word in tokenise(text):
        if word not in EMPTY:
            terms[word] = terms.get(word, 0.0) + 1.0
    for pair in dict.fromkeys(_pairs(text)):
        terms.setdefault(pair, FOR_PAIR)
    return terms


def _pairs(text: str) -> Iterator[str]:
    for run in _HAN.findall(fold(text)):
        for one, other in pairwise(run):
            if one not in EMPTY and other not in EMPTY and one + other not in EMPTY:
                yield one + other
