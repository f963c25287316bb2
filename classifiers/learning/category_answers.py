"""From the probabilities of nodes to answers: the leaf, or its parent where the leaf is unsure."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.calibration import Calibration
from classifiers.learning.category_tree import LabelTree
from classifiers.learning.prediction import Prediction

UNSURE: Final = 0.5
"""A leaf that is less likely than not gives way to its parent."""
SHOWN: Final = 5
_LOOKED_AT: Final = 8

Floats = NDArray[np.floating[Any]]


def likeliest(leaves: Floats) -> tuple[NDArray[np.intp], Floats]:
    """(numbers of labels, their probabilities) of the `_LOOKED_AT` likeliest of each row, best first."""
    many = min(_LOOKED_AT, leaves.shape[1])
    some = np.argpartition(-leaves, many - 1, axis=1)[:, :many]
    values = np.take_along_axis(leaves, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1), np.take_along_axis(values, order, axis=1)


def confident(calibration: Calibration, values: Floats) -> Floats:
    """The calibrated form of what `likeliest` gives; stays best first."""
    return calibration.probabilities(values) if len(values) else values


@dataclass(frozen=True)
class Answers:
    """Of many rows: the label's numbers and calibrated probabilities, best first; parents: the node that is answered instead of
    an unsure leaf, -1 for none, with its probability; known: whether the row holds anything that the model knows."""

    labels: NDArray[np.intp]
    sure: Floats
    parents: NDArray[np.intp]
    parent_sure: Floats
    known: NDArray[np.bool_]

    def predictions(self, tree: LabelTree, threshold: float) -> list[Prediction]:
        found = []
        for places, values, parent, much, known in zip(
            self.labels[:, :SHOWN].tolist(), self.sure[:, :SHOWN].tolist(), self.parents.tolist(), self.parent_sure.tolist(),
            self.known.tolist(), strict=True,
        ):  # fmt: skip
            top = [(tree.labels[place], value) for place, value in zip(places, values, strict=True) if value > 0]
            if parent >= 0:
                top = [(tree.names[parent], much), *top[: SHOWN - 1]]
            label, confidence = top[0]
            found.append(Prediction(label, confidence, tuple(top), known and parent < 0 and confidence >= threshold))
        return found


def answers_of(
    tree: LabelTree, nodes: Floats, labels: NDArray[np.intp], sure: Floats, known: NDArray[np.bool_]
) -> Answers:
    """nodes: (rows, nodes) probabilities; labels, sure: as `likeliest` and `confident` give them."""
    rows = len(nodes)
    parents, much = np.full(rows, -1), np.zeros(rows)
    unsure = np.flatnonzero((sure[:, 0] < UNSURE) & known)
    if tree.has_levels() and len(unsure):
        found, values = _parents(tree, nodes[unsure])
        parents[unsure], much[unsure] = found, np.maximum(values, sure[unsure, 0])
    return Answers(labels, sure, parents, much, known)


def _parents(tree: LabelTree, nodes: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Of each row the deepest named node above a leaf that is at least as likely as not, else the likeliest of the first level;
    -1 where that is a label itself."""
    leaves = set(tree.nodes)
    depth = {node: sum(bool(tree.names[one]) for one in tree.line(node)) for node in range(len(tree.parents)) if tree.names[node]}
    inner = np.array([node for node in depth if node not in leaves], dtype=np.intp)
    first = np.array([node for node, level in depth.items() if level == 1], dtype=np.intp)
    level = np.array([depth[node] for node in inner])
    reached = np.where(nodes[:, inner] >= UNSURE, level, 0)
    chosen = np.where(reached.max(axis=1) > 0, inner[reached.argmax(axis=1)], first[nodes[:, first].argmax(axis=1)])
    values = nodes[np.arange(len(nodes)), chosen]
    return np.where(np.isin(chosen, tree.nodes), -1, chosen), values
