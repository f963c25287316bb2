"""Fitting of a `DepartmentModel`: every figure comes from orders that the models behind it had not seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.calibration import ece
from classifiers.learning.department_bank import Bank
from classifiers.learning.department_features import PATH_VIEWS, TEXT_VIEWS, Blocks, OrderFeatures, View
from classifiers.learning.department_linear import KEPT, Met, Rounded, fit_view, held_out_margins, rivals
from classifiers.learning.department_names import Names
from classifiers.learning.department_panel import (
    Panel,
    Scene,
    fit_judge,
    held_out_scores,
    judged_pairs,
    ranked,
    views_for,
)
from classifiers.learning.department_past import Past
from classifiers.learning.department_trust import Trust, spread
from classifiers.learning.department_words import Order
from classifiers.learning.duplicates import near_groups
from classifiers.learning.folds import Fold, folds
from classifiers.learning.promise import Promise, threshold_for
from classifiers.learning.rows import Row, fingerprint
from schemas.errors import ContractError

PARTS: Final = 5
MANY: Final = 20_000
"""Orders from which one part of ten is held out instead of each of five in turn."""
ALL: Final = 5_000_000
"""Orders times units from which a unit is fitted against its rivals only, no longer against every other order."""
TEXT: Final = "text"
PATH: Final = "path"
"""The panels: what reads the text alone, and what reads the category path too."""


@dataclass(frozen=True)
class HeldOut:
    """One entry per held-out order of training: which (`key_of`), answer, truth (numbers of labels), confidence of the
    answer, share of the order's own label, group of near copies, whether in the three best."""

    keys: NDArray[np.str_]
    answers: NDArray[np.intp]
    truth: NDArray[np.intp]
    confidence: NDArray[np.float64]
    own: NDArray[np.float64]
    groups: NDArray[np.intp]
    top3: NDArray[np.bool_]

    def promise(self, wanted: float) -> Promise:
        return threshold_for(wanted, self.confidence, self.answers == self.truth, self.groups)


@dataclass(frozen=True)
class Fitted:
    """What a model consists of."""

    labels: list[str]
    features: OrderFeatures
    bank: Bank
    scene: Scene
    panels: dict[str, Panel]
    held_out: dict[str, HeldOut]
    past: Past


def fit(rows: Sequence[Row], seed: int) -> Fitted:
    """Raises ContractError with fewer than two units, or without two texts that are no near copies of each other."""
    labels = _labels(rows)
    number = {label: place for place, label in enumerate(labels)}
    truth = np.array([number[str(row.label)] for row in rows], dtype=np.intp)
    orders = [Order.of(row) for row in rows]
    groups = near_groups([f"{row.title}\n{row.text}" for row in rows])
    parts = folds([str(row.label) for row in rows], groups, PARTS if len(rows) <= MANY else 2 * PARTS, seed)
    if len(rows) > MANY:
        del parts[1:]
    features, scene = OrderFeatures.learn(orders, len(labels)), Scene.of(orders, truth, len(labels))
    blocks, views = features.blocks(orders), views_for(orders)
    margins, weights = _linear(features, blocks, views, truth, len(labels), parts, seed)
    every = _Tested(orders, truth, groups, _parts(parts, groups, len(rows), seed), np.array([key_of(row) for row in rows]))
    tested = every.of(np.sort(np.concatenate([test for _, test in parts])))
    panels: dict[str, Panel] = {}
    held: dict[str, HeldOut] = {}
    for name, some_views in _wanted(views):
        places = np.flatnonzero([name == TEXT or order.has_path for order in tested.orders])
        some = {view: margins[view][places] for view in some_views}
        panels[name], held[name] = _judge(some, tested.of(places), scene, labels, seed)
    past = Past.of(rows, blocks, truth)
    del blocks, margins  # half of the memory, which the bank needs
    return Fitted(labels, features, Bank.of(features, weights), scene, panels, held, past)


def _linear(
    features: OrderFeatures, blocks: Blocks, views: Sequence[View], truth: NDArray[np.intp], labels: int, parts: Sequence[Fold],
    seed: int,
) -> tuple[dict[View, NDArray[Any]], dict[View, Rounded]]:
    """Of each view the margins (orders held out, labels) and the weights. Where one part only is held out, the models that were
    fitted without it stay: a tenth more orders changes little, and is not worth twice the time."""
    margins: dict[View, NDArray[Any]] = {}
    weights: dict[View, Rounded] = {}
    met: list[Met] | None = None
    for view in views:
        matrix = features.of_view(blocks, view)
        if len(parts) > 1:
            margins[view] = held_out_margins(matrix, truth, labels, parts)
            weights[view] = fit_view(matrix, truth, labels).astype(KEPT)
            continue
        train, test = parts[0]
        held_out, matrix = matrix[test], matrix[train]
        if met is None and len(train) * labels > ALL:
            met = rivals(matrix, truth[train], labels, seed)
        found = fit_view(matrix, truth[train], labels, met)
        margins[view] = held_out @ found[:-1] + found[-1]
        weights[view] = found.astype(KEPT)
    return margins, weights


@dataclass(frozen=True)
class _Tested:
    """Orders with held-out margins; parts: by which the judge is held out."""

    orders: Sequence[Order]
    truth: NDArray[np.intp]
    groups: NDArray[np.intp]
    parts: NDArray[np.intp]
    keys: NDArray[np.str_]

    def of(self, places: NDArray[np.intp]) -> "_Tested":
        orders = [self.orders[place] for place in places]
        return _Tested(orders, self.truth[places], self.groups[places], self.parts[places], self.keys[places])


def _judge(
    margins: Mapping[View, NDArray[Any]], tested: _Tested, scene: Scene, labels: Sequence[str], seed: int
) -> tuple[Panel, HeldOut]:
    truth = tested.truth
    may = np.ones(len(labels), dtype=bool)
    chosen, pairs, open_ = judged_pairs(list(margins.values()), tested.orders, scene, Names(labels), may)
    true = chosen == truth[:, None]
    answers, shares = ranked(chosen, held_out_scores(pairs, true, tested.parts, seed), open_)
    trust, confidences = Trust.fit(answers, shares, truth, tested.parts, len(labels))
    own = np.where(answers == truth[:, None], spread(shares, confidences), 0).sum(axis=1)
    top3 = (answers[:, :3] == truth[:, None]).any(axis=1)
    held = HeldOut(tested.keys, answers[:, 0], truth, confidences, own, tested.groups, top3)
    return Panel(tuple(margins), fit_judge(pairs, true, seed), trust), held


def key_of(row: Row) -> str:
    """The same for the same row with the same label."""
    return fingerprint([row])


def metrics_of(held: HeldOut, labels: Sequence[str]) -> dict[str, Any]:
    """On held-out orders. confusions: [truth, answer, orders]."""
    right = held.answers == held.truth
    order = np.argsort(-held.confidence, kind="stable")
    wrong = Counter(zip(held.truth[~right].tolist(), held.answers[~right].tolist(), strict=True)).most_common(10)
    return {
        "rows": len(right),
        "accuracy": float(right.mean()),
        "top3": float(held.top3.mean()),
        "surest_half": float(right[order][: max(1, len(right) // 2)].mean()),
        "surest_70": float(right[order][: max(1, int(0.7 * len(right)))].mean()),
        "ece": ece(held.confidence, right),
        "confusions": [[labels[true], labels[said], count] for (true, said), count in wrong],
    }


def _wanted(views: Sequence[View]) -> list[tuple[str, tuple[View, ...]]]:
    return [(TEXT, TEXT_VIEWS), (PATH, PATH_VIEWS)] if View.PATH in views else [(TEXT, TEXT_VIEWS)]


def _parts(parts: Sequence[Any], groups: NDArray[np.intp], rows: int, seed: int) -> NDArray[np.intp]:
    """For the judge: the part that tests each order; where one part only is held out, it is dealt out anew by group."""
    if len(parts) == 1:
        dealt = np.random.default_rng(seed).integers(0, PARTS, int(groups.max()) + 1)
        return np.asarray(dealt[groups], dtype=np.intp)
    found = np.zeros(rows, dtype=np.intp)
    for place, (_, test) in enumerate(parts):
        found[test] = place
    return found


def _labels(rows: Sequence[Row]) -> list[str]:
    labels = sorted({row.label for row in rows if row.label})
    if any(not row.label for row in rows):
        raise ContractError("department", "有的行没有承办单位", "训练用的每行都要有承办单位")
    if len(labels) < 2:
        rule = f"训练数据里只有一个单位“{labels[0]}”" if labels else "没有训练数据"
        raise ContractError("department", rule, "至少要有两个单位,每个单位至少一行")
    return labels
