"""One linear classifier at each fork of the tree of labels, and the probabilities of all nodes from them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.category_likeness import ENOUGH, MOST_ROWS, Likeness, fit_likeness, laid
from classifiers.learning.category_solver import fit_margins
from classifiers.learning.category_tree import LabelTree

COST: Final = 5.0
"""Of the squared hinge loss, as C of liblinear. Chosen by cross-validation, see docs."""
MOST_CELLS: Final = 120_000_000
"""Weights of a whole model, 2 bytes each: 240 MB."""
LEAST: Final = 2
FEW: Final = 100
"""Of more than `FEW` rows an n-gram must stand in `LEAST` to weigh at a fork."""
FEW_LABELS: Final = 50
"""Labels up to which likeness is asked as well, at the root."""
BEAM: Final = 0.03
"""A fork is looked into where its probability is at least this, and always the likeliest."""

Floats = NDArray[np.floating[Any]]


@dataclass
class Fork:
    """children: nodes; columns: those that weigh, ascending; weights: (columns + 1, children), the last row constants."""

    children: NDArray[np.int32]
    columns: NDArray[np.int32]
    weights: NDArray[np.float16]
    likeness: Likeness | None = None

    def margins(self, part: csr_matrix, names: NDArray[np.int32]) -> Floats:
        """(rows, children). part: the texts, only the columns that occur in them; names: which these are, ascending."""
        mine, places = common(names, self.columns)
        weights = np.zeros((len(names), len(self.children)), np.float32)
        weights[mine] = self.weights[places]
        found = part @ weights + self.weights[-1].astype(np.float32)
        if self.likeness is not None:
            mine, places = common(names, self.likeness.columns)
            found += self.likeness.margins(narrowed(part, mine, places, len(self.likeness.columns)))
        return np.asarray(found)


def occurring(matrix: csr_matrix) -> tuple[csr_matrix, NDArray[np.int32]]:
    """(the matrix without its empty columns, the numbers of those that are left)."""
    marks = np.zeros(matrix.shape[1], dtype=bool)
    marks[matrix.indices] = True
    columns = np.flatnonzero(marks).astype(np.int32)
    return narrowed(matrix, columns, np.arange(len(columns)), len(columns)), columns


def common(names: NDArray[np.int32], columns: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(places in names, places in columns) of the numbers that stand in both; both ascending."""
    if not len(columns):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    places = np.minimum(np.searchsorted(columns, names), len(columns) - 1)
    mine = np.flatnonzero(columns[places] == names)
    return mine, places[mine]


def narrowed(matrix: csr_matrix, columns: NDArray[np.integer[Any]], places: NDArray[np.intp], width: int) -> csr_matrix:
    """These columns of the matrix, at these places among `width`, in the time that the entries take."""
    place = np.full(matrix.shape[1], -1, np.int32)
    place[columns] = places
    found = place[matrix.indices]
    known = found >= 0
    starts = np.concatenate(([0], np.cumsum(known)))[matrix.indptr]
    return csr_matrix((matrix.data[known], found[known], starts), shape=(matrix.shape[0], width))


def fit_forks(
    tree: LabelTree, matrix: csr_matrix, truth: NDArray[np.intp], seed: int, bare: NDArray[np.int32]
) -> dict[int, Fork]:
    """For each node with two children or more its classifier, fitted on the rows below it. truth: the label's number of each
    row; bare: columns in which texts that mean much the same need not be alike."""
    below = tree.children()
    forks = [node for node in tree.downwards() if len(below[node]) > 1]
    nodes = np.array(tree.nodes)[truth]
    lines = _lines(tree)
    most = max(MOST_CELLS // max(sum(len(below[node]) for node in forks), 1), 1000)
    found = {}
    for node in forks:
        likeness = None
        if node == 0 and len(tree.labels) <= FEW_LABELS and ENOUGH <= matrix.shape[0] <= MOST_ROWS:
            columns = laid(matrix, bare)
            likeness = (columns, seed) if len(columns) > 1 else None
        found[node] = _fit_fork(np.array(below[node], np.int32), matrix, nodes, lines, most, likeness)
    return found


def _fit_fork(
    children: NDArray[np.int32], matrix: csr_matrix, nodes: NDArray[np.intp], lines: NDArray[np.intp], most: int,
    asked: tuple[NDArray[np.int32], int] | None,
) -> Fork:
    """most: columns kept, those with the largest weights; asked: the likeness' columns and seed, None where there is none."""
    place = np.full(len(lines), -1)
    place[children] = np.arange(len(children))
    branch = place[lines].max(axis=1)[nodes]
    rows = np.flatnonzero(branch >= 0)
    targets = np.full((len(rows), len(children)), -1, np.float32)
    targets[np.arange(len(rows)), branch[rows]] = 1
    if asked is not None:
        weights, likeness = fit_likeness(matrix[rows], asked[0], targets, asked[1])
        columns = np.flatnonzero(weights[:-1].any(axis=1)).astype(np.int32)
        return Fork(children, columns, weights[np.append(columns, len(weights) - 1)].astype(np.float16), likeness)
    part = matrix[rows]
    spread = np.bincount(part.indices, minlength=matrix.shape[1])
    columns = np.flatnonzero(spread >= (LEAST if len(rows) > FEW else 1)).astype(np.int32)
    weights = fit_margins(narrowed(part, columns, np.arange(len(columns)), len(columns)), targets, COST)
    if len(columns) > most:
        size = (weights[:-1] ** 2).sum(axis=1)
        kept = np.sort(np.argpartition(-size, most - 1)[:most])
        columns, weights = columns[kept], np.vstack([weights[kept], weights[-1:]])
    return Fork(children, columns, weights.astype(np.float16))


def _lines(tree: LabelTree) -> NDArray[np.intp]:
    """(nodes, depth): each node's line from the root, filled up with the node 0."""
    lines = [tree.line(node) for node in range(len(tree.parents))]
    deepest = max(map(len, lines))
    return np.array([line + [0] * (deepest - len(line)) for line in lines], dtype=np.intp).reshape(len(lines), max(deepest, 1))


def descend(
    tree: LabelTree, forks: dict[int, Fork], sharpness: float, matrix: csr_matrix, may: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """(rows, nodes): the probability of each node, from the root's 1 down; a child never has more than its parent.

    Below a fork that is not looked into (`BEAM`) all is 0. may: nodes that may be answered; the others get 0.
    """
    found = np.zeros((matrix.shape[0], len(tree.parents)), np.float32)
    found[:, 0] = 1
    matrix, names = occurring(matrix)
    below = tree.children()
    levels = [[0]]
    while level := levels[-1]:
        best = found[:, level].max(axis=1)
        for node in level:
            if not below[node]:
                continue
            rows = np.flatnonzero((found[:, node] >= BEAM) | ((found[:, node] >= best) & (best > 0)))
            if not len(rows):
                continue
            some = np.array(below[node])
            share = np.ones((len(rows), 1), np.float32)
            if node in forks:
                part, own = (matrix, names) if len(rows) == matrix.shape[0] else _of_rows(matrix, names, rows)
                share = softmax(sharpness * forks[node].margins(part, own), None if may is None else may[some])
            found[np.ix_(rows, some)] = found[rows, node][:, None] * share
        levels.append([child for node in level for child in below[node]])
    return found


def _of_rows(matrix: csr_matrix, names: NDArray[np.int32], rows: NDArray[np.intp]) -> tuple[csr_matrix, NDArray[np.int32]]:
    part, columns = occurring(matrix[rows])
    return part, names[columns]


def softmax(scores: Floats, may: NDArray[np.bool_] | None = None) -> Floats:
    """Row by row; what may not be gets 0."""
    if may is not None:
        scores = np.where(may, scores, -np.inf)
        if not may.any():
            return np.zeros_like(scores)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def fit_sharpness(tree: LabelTree, forks: dict[int, Fork], matrix: csr_matrix, truth: NDArray[np.intp]) -> float:
    """What margins are multiplied by for the least log loss on rows that the forks were not fitted on, along the true paths."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - slow to import, and only needed to fit

    lines, nodes = _lines(tree), np.array(tree.nodes)[truth]
    seen = []
    for fork in forks.values():
        place = np.full(len(lines), -1)
        place[fork.children] = np.arange(len(fork.children))
        branch = place[lines].max(axis=1)[nodes]
        rows = np.flatnonzero(branch >= 0)
        if len(rows):
            seen.append((fork.margins(*occurring(matrix[rows])), branch[rows]))
    if not seen:
        return 3.0

    def loss(power: float) -> float:
        sharp = np.exp(power)
        return float(sum(-np.log(np.maximum(softmax(sharp * m)[np.arange(len(b)), b], 1e-9)).sum() for m, b in seen))

    return float(np.exp(minimize_scalar(loss, bounds=(-1, 4), method="bounded").x))


def packed(forks: dict[int, Fork]) -> dict[str, object]:
    """Few large arrays: what `unpacked` takes."""
    some = list(forks.values())
    return {
        "nodes": np.array(list(forks), np.int32),
        "sizes": np.array([[len(fork.children), len(fork.columns)] for fork in some], np.int64).reshape(-1, 2),
        "children": np.concatenate([fork.children for fork in some]),
        "columns": np.concatenate([fork.columns for fork in some]),
        "weights": np.concatenate([fork.weights.ravel() for fork in some]),
        "likeness": {str(node): vars(fork.likeness) for node, fork in forks.items() if fork.likeness is not None},
    }


def unpacked(arrays: dict[str, Any]) -> dict[int, Fork]:
    forks: dict[int, Fork] = {}
    child = column = weight = 0
    for node, (children, columns) in zip(arrays["nodes"].tolist(), arrays["sizes"].tolist(), strict=True):
        cells = (columns + 1) * children
        forks[node] = Fork(
            arrays["children"][child : child + children],
            arrays["columns"][column : column + columns],
            arrays["weights"][weight : weight + cells].reshape(columns + 1, children),
            Likeness(**arrays["likeness"][str(node)]) if str(node) in arrays["likeness"] else None,
        )
        child, column, weight = child + children, column + columns, weight + cells
    return forks
