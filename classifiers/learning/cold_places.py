"""Where the topics of the lexicon stand in a city's tree."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.cold_tree import Leaf
from classifiers.lexicon.topics import Topic
from language.normalise import fold

OWN_FIELD: Final = 6.0
"""How much more a name counts under a level-1 name of the topic's own field: many trees have 安全生产 twice."""
OTHERS: Final = frozenset(("其他", "其它", "其他问题", "其他类"))
FOR_OTHERS: Final = 3.0
"""Part of a leaf called `其他` where a topic is found at its parent only; every other leaf there has 1."""


def places(topics: Sequence[Topic], leaves: Sequence[Leaf]) -> NDArray[np.float64]:
    """topics × leaves, how much of a topic belongs to each leaf.

    A row sums to 1 where the tree has the topic's field, else to how well the best name fits; to 0 without a place.
    """
    nodes = _nodes(leaves)
    table = np.zeros((len(topics), len(leaves)))
    for number, topic in enumerate(topics):
        home = {leaf[0] for leaf in leaves if _likeness(topic.field, leaf[0])}
        steps: list[tuple[frozenset[str], Iterable[Leaf]]] = [(names, nodes) for names in topic.chain]
        steps.append((topic.field, [(name,) for name in sorted(home)]))
        found = next((worths for names, among in steps if (worths := _worths(names, among))), {})
        for path, worth in found.items():
            under = nodes[path]
            shares = np.array([FOR_OTHERS if leaves[at][-1] in OTHERS else 1.0 for at in under])
            table[number, under] += worth**2 * (OWN_FIELD if path[0] in home else 1.0) * shares / shares.sum()
        if found:
            table[number] *= (1.0 if home else max(found.values())) / table[number].sum()
    return table


def _worths(names: frozenset[str], paths: Iterable[Leaf]) -> dict[Leaf, float]:
    """The paths whose last name holds one of the names, with how much of it that fills."""
    return {path: worth for path in paths if (worth := _likeness(names, path[-1])) > 0}


def _nodes(leaves: Sequence[Leaf]) -> dict[Leaf, list[int]]:
    """Every node of the tree with the numbers of its leaves."""
    nodes: dict[Leaf, list[int]] = {}
    for number, leaf in enumerate(leaves):
        for path in _prefixes(leaf):
            nodes.setdefault(path, []).append(number)
    return nodes


def _prefixes(leaf: Leaf) -> Iterator[Leaf]:
    return (leaf[:depth] for depth in range(1, len(leaf) + 1))


def _likeness(names: frozenset[str], node: str) -> float:
    """0..1: how much of a node's name the best of the names fills."""
    folded = fold(node)
    return max((len(name) / len(folded) for name in names if name in folded), default=0.0)
