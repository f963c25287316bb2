"""Which category a text belongs to, learned from a city's own decisions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.learning.artifact import Card, card_of, load, save
from classifiers.learning.calibration import Calibration
from classifiers.learning.category_answers import Answers, answers_of, confident, likeliest
from classifiers.learning.category_branches import Fork, common, descend, fit_forks, packed, unpacked
from classifiers.learning.category_held_out import HeldOut, hold_out
from classifiers.learning.category_threads import one_thread
from classifiers.learning.category_tree import LabelTree, allowed
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row, Task
from classifiers.learning.text_features import Block, Piece, TextFeatures, Unit
from schemas.errors import ContractError

KIND: Final = "category-2"
BLOCKS: Final = (Block(Unit.CHARACTER, 1, 3, 0.6, 1.0), Block(Unit.CHARACTER, 1, 4, 0.0, 0.5, Piece.GREETING))
"""Chosen by cross-validation, see docs."""
FEW: Final = 5
"""A label with fewer rows is named in the card: nothing can be promised about it."""
BATCH: Final = 1000
PROMISE: Final = 0.98


class CategoryModel:
    """fit, predict, probabilities, explain, save, load. Labels may be flat or paths, 一级/二级/三级.

    A path is answered as a whole or up to a parent; no leaf stands outside its parent. A label with one row is learned and can be
    answered, and is named in `card.metrics["rare"]`.
    """

    def __init__(
        self, features: TextFeatures, tree: LabelTree, forks: dict[int, Fork], calibration: Calibration, held_out: HeldOut,
        card: Card,
    ) -> None:
        self.features, self.tree, self.forks, self.calibration = features, tree, forks, calibration
        self.held_out, self.card = held_out, card
        self._sharpness = float(card.settings["sharpness"])
        self._shares = _shares(tree, card.labels)
        self._thresholds: dict[float, float] = {}

    @classmethod
    def fit(cls, rows: Sequence[Row], *, seed: int = 0) -> "CategoryModel":
        """A model of rows that all have labels; the same rows and seed give the same model.

        Raises ContractError with fewer than two labels, or without two texts that are no near copies of each other.
        """
        counts = _counted(rows)
        tree = LabelTree.of(list(counts))
        number = {label: place for place, label in enumerate(tree.labels)}
        truth = np.array([number[str(row.label)] for row in rows], dtype=np.intp)
        features = TextFeatures(BLOCKS).fit(rows)
        matrix, bare = features.transform(rows), features.columns_of(rows, Piece.GREETING)
        tree.group(matrix, truth, seed)
        with one_thread():
            calibration, held_out, sharpness, metrics = hold_out(rows, tree, matrix, truth, seed, bare)
            forks = fit_forks(tree, matrix, truth, seed, bare)
        metrics |= {"rare": sorted(label for label, count in counts.items() if count < FEW), "rare_below": FEW}
        promises = {str(PROMISE): asdict(held_out.promise(PROMISE))}
        card = card_of(
            Task.CATEGORY, KIND, rows, metrics=metrics, promises=promises, settings={"sharpness": sharpness, "seed": seed}
        )
        return cls(features, tree, forks, calibration, held_out, card)

    def predict(
        self, rows: Sequence[Row], *, promise: float = PROMISE, labels: Sequence[str] | None = None
    ) -> list[Prediction]:
        """One answer per row, in order. labels: answer only these or what stands below them (names of any level).

        A row without anything the model knows gets the most frequent label with its share as confidence, and is never accepted.
        Raises ContractError for labels that the model does not have.
        """
        may = None if labels is None else allowed(self.tree, labels)
        threshold = self._threshold(promise)
        found: list[Prediction] = []
        for matrix in self._batches(rows):
            found += self._answers(matrix, may).predictions(self.tree, threshold)
        return found

    def probabilities(self, rows: Sequence[Row]) -> tuple[list[str], NDArray[np.float32]]:
        """(labels, rows × labels), calibrated. A row sums to 1 at most: what is unlikely from its parent on is not worked out."""
        parts = [np.zeros((0, len(self.tree.labels)), np.float32)]
        for matrix in self._batches(rows):
            leaves = self._nodes(matrix, None)[:, self.tree.nodes]
            known = np.diff(matrix.indptr) > 0
            leaves[known] = self.calibration.probabilities(leaves[known])
            parts.append(leaves)
        return list(self.tree.labels), np.concatenate(parts)

    def explain(self, row: Row, label: str, many: int = 8) -> list[tuple[str, float]]:
        """The words of the row that spoke most for the label (or a parent's name) against its neighbours, with what they added to
        its margins. The n-grams' part only: what `category_likeness` adds cannot be laid on single words. Single characters only
        where there is nothing longer. Raises ContractError for an unknown label."""
        marks = allowed(self.tree, [label])
        columns = self.features.transform([row]).indices
        weights = np.zeros(len(self.features), np.float32)
        for fork in self.forks.values():
            here = np.flatnonzero(marks[fork.children])
            if len(here) == 1:
                mine, places = common(columns, fork.columns)
                weights[columns[mine]] += fork.weights[places, here[0]]
        words = [(word, worth) for word, worth in self.features.words(row, weights) if worth > 0]
        return ([one for one in words if len(one[0]) > 1] or words)[:many]

    def save(self, folder: Path) -> None:
        parts = {
            "features": self.features.state(),
            "tree": asdict(self.tree) | {"names": np.array(self.tree.names), "labels": np.array(self.tree.labels)},
            "forks": packed(self.forks),
            "calibration": self.calibration,
            "held_out": asdict(self.held_out),
        }
        save(folder, self.card, parts)

    @classmethod
    def load(cls, folder: Path) -> "CategoryModel":
        """Raises ContractError where the folder holds no model of categories or a damaged one."""
        card, parts = load(folder, Task.CATEGORY)
        if card.kind != KIND:
            raise ContractError("--model", f"{folder} 是 {card.kind} 模型,这里要 {KIND}", "请换成相应的模型文件夹,或重新训练")
        try:
            tree = LabelTree(**{name: np.asarray(value).tolist() for name, value in parts["tree"].items()})
            features, forks = TextFeatures.restored(parts["features"]), unpacked(parts["forks"])
            return cls(features, tree, forks, parts["calibration"], HeldOut(**parts["held_out"]), card)
        except (KeyError, TypeError, ValueError) as error:
            raise ContractError("--model", f"{folder} 缺少内容", "请重新训练,或从备份取回整个文件夹") from error

    def _batches(self, rows: Sequence[Row]) -> Iterator[csr_matrix]:
        for start in range(0, len(rows), BATCH):
            yield self.features.transform(rows[start : start + BATCH])

    def _threshold(self, promise: float) -> float:
        if promise not in self._thresholds:
            self._thresholds[promise] = self.held_out.promise(promise).threshold
        return self._thresholds[promise]

    def _nodes(self, matrix: csr_matrix, may: NDArray[np.bool_] | None) -> NDArray[np.float32]:
        with one_thread():
            found = descend(self.tree, self.forks, self._sharpness, matrix, may)
        empty = np.diff(matrix.indptr) == 0
        if empty.any():
            shares = self._shares if may is None else _shares(self.tree, self.card.labels, may)
            found[empty] = shares
        return found

    def _answers(self, matrix: csr_matrix, may: NDArray[np.bool_] | None) -> Answers:
        nodes = self._nodes(matrix, may)
        labels, raw = likeliest(nodes[:, self.tree.nodes])
        known = np.diff(matrix.indptr) > 0
        sure = raw.astype(np.float64)
        sure[known] = confident(self.calibration, raw[known])
        return answers_of(self.tree, nodes, labels, sure, known)


def _counted(rows: Sequence[Row]) -> Counter[str]:
    counts = Counter(row.label for row in rows if row.label)
    if counts.total() < len(rows):
        raise ContractError("category", "有的行没有类别", "训练用的每行都要有类别")
    if len(counts) < 2:
        rule = f"训练数据里只有一个类别“{next(iter(counts))}”" if counts else "没有训练数据"
        raise ContractError("category", rule, "至少要有两个类别,每个类别至少一行")
    return counts


def _shares(tree: LabelTree, counts: Mapping[str, int], may: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Of each node its share of the rows of the training."""
    found = np.zeros(len(tree.parents))
    for label, node in zip(tree.labels, tree.nodes, strict=True):
        if may is None or may[node]:
            found[[0, *tree.line(node)]] += counts[label]
    return np.asarray(found / found[0], dtype=np.float32)
