"""What a category model is worth on rows that it was not fitted on: calibration, figures, promises."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score

from classifiers.learning.calibration import Calibration, ece
from classifiers.learning.category_answers import UNSURE, likeliest
from classifiers.learning.category_branches import descend, fit_forks, fit_sharpness
from classifiers.learning.category_tree import LabelTree
from classifiers.learning.duplicates import near_groups
from classifiers.learning.folds import folds
from classifiers.learning.promise import Promise, threshold_for
from classifiers.learning.rows import Row

PARTS: Final = 5
MANY: Final = 20_000
"""Rows from which one part of five is held out instead of each in turn: 4,000 rows are enough, and four times quicker."""
_ONCE: Final = 2000


@dataclass(frozen=True)
class HeldOut:
    """One entry per held-out row. confidences: 0 where a parent was answered, which is never accepted."""

    confidences: NDArray[np.float32]
    correct: NDArray[np.bool_]
    groups: NDArray[np.int32]

    def promise(self, wanted: float) -> Promise:
        return threshold_for(wanted, self.confidences, self.correct, self.groups)


def hold_out(
    rows: Sequence[Row], tree: LabelTree, matrix: csr_matrix, truth: NDArray[np.intp], seed: int, bare: NDArray[np.int32]
) -> tuple[Calibration, HeldOut, float, dict[str, Any]]:
    """(calibration, held-out answers, sharpness, figures). Near copies are in one part. bare: as of `fit_forks`."""
    groups = near_groups([f"{row.title}\n{row.text}" for row in rows])
    parts = folds([tree.labels[one] for one in truth], groups, PARTS, seed)
    if len(rows) > MANY:
        del parts[1:]
    sharp, found = [], []
    for train, test in parts:
        forks = fit_forks(tree, matrix[train], truth[train], seed, bare)
        sharp.append(fit_sharpness(tree, forks, matrix[test], truth[test]))
        for start in range(0, len(test), _ONCE):
            some = test[start : start + _ONCE]
            nodes = descend(tree, forks, sharp[-1], matrix[some])
            found.append((some, *likeliest(nodes[:, tree.nodes])))
    sharpness = float(np.exp(np.mean(np.log(sharp))))
    test, labels, raw = (np.concatenate(some) for some in zip(*found, strict=True))
    right = labels[:, 0] == truth[test]
    calibration = Calibration.fit(raw, right, groups[test], seed)
    sure = calibration.confidences(raw)
    accepted = np.where(sure < UNSURE, 0, sure) if tree.has_levels() else sure
    held_out = HeldOut(accepted.astype(np.float32), right, groups[test].astype(np.int32))
    return calibration, held_out, sharpness, _figures(tree, truth[test], labels, calibration, sure)


def _figures(
    tree: LabelTree, truth: NDArray[np.intp], labels: NDArray[np.intp], calibration: Calibration, sure: NDArray[np.float64]
) -> dict[str, Any]:
    """On held-out rows. ece: cross-validated where the calibration is; confusions: [truth, answer, rows]."""
    right = labels[:, 0] == truth
    wrong = Counter((tree.labels[true], tree.labels[said]) for true, said in zip(truth[~right], labels[~right, 0], strict=True))
    first = np.array([tree.line(node)[0] for node in tree.nodes])
    return {
        "held_out_rows": len(truth),
        "accuracy": float(right.mean()),
        "first_level_accuracy": float((first[labels[:, 0]] == first[truth]).mean()),
        "top3": float((labels[:, :3] == truth[:, None]).any(axis=1).mean()),
        "macro_f1": float(f1_score(truth, labels[:, 0], average="macro", zero_division=0)),
        "ece": calibration.measured.get(calibration.method, ece(sure, right)),
        "confusions": [[true, said, count] for (true, said), count in wrong.most_common(10)],
    }
