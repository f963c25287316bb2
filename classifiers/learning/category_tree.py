"""The tree of labels: 一级/二级/三级 by their slashes, and, where a node has too many children, unnamed groups between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from schemas.errors import ContractError

SEPARATOR: Final = "/"
WIDE: Final = 64
"""Children of a node that are told apart at once; more are grouped by likeness first."""
OWN: Final = ""
"""The child that stands for a parent which is itself a label."""


@dataclass
class LabelTree:
    """Nodes are numbered, 0 is the root and a parent comes before its children.

    parents: of each node, -1 for the root; names: the path of each node, "" for the root, for a group and for the child that
    stands for its parent alone; labels: in order; nodes: the node of each label, which has no children.
    """

    parents: list[int]
    names: list[str]
    labels: list[str]
    nodes: list[int]

    @classmethod
    def of(cls, labels: Sequence[str]) -> "LabelTree":
        """The tree of these distinct labels. Raises ContractError for two that are the same path, such as a/b and a / b."""
        tree = cls([-1], [""], sorted(labels), [])
        known: dict[tuple[str, ...], int] = {(): 0}
        paths = [_path(label) for label in tree.labels]
        taken: dict[tuple[str, ...], str] = {}
        for label, path in zip(tree.labels, paths, strict=True):
            if (other := taken.setdefault(path, label)) != label:
                raise ContractError("category", f"类别“{other}”和“{label}”是同一条路径", "请统一写法后再训练")
            for depth in range(1, len(path) + 1):
                if path[:depth] not in known:
                    known[path[:depth]] = tree._add(known[path[: depth - 1]], SEPARATOR.join(path[:depth]))
        inner = set(tree.parents)
        tree.nodes = [tree._add(node, OWN) if (node := known[path]) in inner else node for path in paths]
        return tree

    def _add(self, parent: int, name: str) -> int:
        self.parents.append(parent)
        self.names.append(name)
        return len(self.parents) - 1

    def children(self) -> list[list[int]]:
        """Of each node, ascending."""
        found: list[list[int]] = [[] for _ in self.parents]
        for node, parent in enumerate(self.parents[1:], start=1):
            found[parent].append(node)
        return found

    def downwards(self) -> list[int]:
        """The nodes, a parent before its children."""
        order, below = [0], self.children()
        for node in order:
            order.extend(below[node])
        return order

    def line(self, node: int) -> list[int]:
        """From below the root to the node itself."""
        found = []
        while node > 0:
            found.append(node)
            node = self.parents[node]
        return found[::-1]

    def has_levels(self) -> bool:
        """Whether a label stands below a named node, so that there is a parent to back off to."""
        return any(self.names[parent] for parent in self.parents[1:])

    def group(self, matrix: csr_matrix, truth: NDArray[np.intp], seed: int) -> None:
        """Puts groups between a node and its children where they are more than `WIDE`, like beside like.

        matrix: (rows, columns) of the texts; truth: the label's number of each row.
        """
        if all(len(some) <= WIDE for some in self.children()):
            return
        from sklearn.cluster import KMeans  # noqa: PLC0415 - slow to import, and only needed to fit
        from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415

        ones, rows = np.ones(len(truth), np.float32), np.arange(len(truth))
        member = csr_matrix((ones, (truth, rows)), shape=(len(self.labels), len(truth)))
        sums = normalize(member @ matrix)
        centres = TruncatedSVD(min(64, *(size - 1 for size in sums.shape)), n_iter=2, random_state=seed).fit_transform(sums)
        below, vectors = self.children(), np.zeros((len(self.parents), centres.shape[1]))
        for label, node in enumerate(self.nodes):
            for one in (0, *self.line(node)):
                vectors[one] += centres[label]
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        for node, some in enumerate(below):
            if len(some) <= WIDE:
                continue
            group = KMeans(int(np.ceil(np.sqrt(len(some)))), n_init=1, random_state=seed).fit_predict(vectors[some])
            made = {number: self._add(node, "") for number in sorted(set(group.tolist()))}
            for child, number in zip(some, group.tolist(), strict=True):
                self.parents[child] = made[number]


def _path(label: str) -> tuple[str, ...]:
    return tuple(part for piece in label.split(SEPARATOR) if (part := piece.strip())) or (label,)


def allowed(tree: LabelTree, wanted: Sequence[str]) -> NDArray[np.bool_]:
    """Which nodes may be answered when only these labels, or what stands below these names, may be.

    Raises ContractError for a name that the tree does not have, or when none is given.
    """
    wanted = [SEPARATOR.join(_path(one)) for one in wanted]
    if not wanted:
        raise ContractError("--labels", "没有给出类别", "请至少写一个类别名称")
    named = {name: node for node, name in enumerate(tree.names) if name}
    unknown = [one for one in wanted if one not in named]
    if unknown:
        known = "、".join(sorted(tree.names[child] for child in range(len(tree.names)) if _first_level(tree, child))[:20])
        raise ContractError("--labels", f"模型里没有类别“{unknown[0]}”", f"请从模型的类别中选择:{known}")
    chosen = {named[one] for one in wanted}
    marks = np.zeros(len(tree.parents), dtype=bool)
    marks[0] = True
    for node in tree.nodes:
        line = tree.line(node)
        if chosen.intersection(line):
            marks[line] = True
    return marks


def _first_level(tree: LabelTree, node: int) -> bool:
    return bool(tree.names[node]) and SEPARATOR not in tree.names[node]
