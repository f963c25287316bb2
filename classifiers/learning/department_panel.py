"""What the models know of the exports, and the judge of a panel of linear models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.department_features import PATH_VIEWS, TEXT_VIEWS, View
from classifiers.learning.department_judge import NOT_ALLOWED, candidates, likelihoods, mean_of, pairs_of
from classifiers.learning.department_names import Names
from classifiers.learning.department_trees import Judge
from classifiers.learning.department_trust import Trust
from classifiers.learning.department_words import Order

Floats = NDArray[np.floating[Any]]

SEEN_ENOUGH: Final = 50
"""Orders of a scheme from which a label that never occurs in it is not answered for it."""


@dataclass(frozen=True)
class Scene:
    """What the models know of schemes. names: the schemes; counts: (schemes, labels) orders in training."""

    names: tuple[str, ...]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, orders: Sequence[Order], truth: NDArray[np.intp], labels: int) -> "Scene":
        names = tuple(sorted({order.scheme for order in orders if order.scheme}))
        counts = np.zeros((len(names), labels))
        number = {name: place for place, name in enumerate(names)}
        for order, label in zip(orders, truth.tolist(), strict=True):
            if order.scheme:
                counts[number[order.scheme], label] += 1
        return cls(names, counts)

    def numbers(self, orders: Sequence[Order]) -> NDArray[np.intp]:
        """The scheme of each order, -1 without a known one."""
        number = {name: place for place, name in enumerate(self.names)}
        return np.array([number.get(order.scheme, -1) for order in orders], dtype=np.intp)

    def may(self, scheme: NDArray[np.intp], labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(orders, labels): what may be answered. labels: the wish of who asks; it wins where the scheme has none of them."""
        found = np.repeat(labels[None], len(scheme), axis=0)
        for place, counts in enumerate(self.counts):
            both = labels & (counts > 0)
            if counts.sum() >= SEEN_ENOUGH and both.any():
                found[scheme == place] = both
        return found

    def priors(self, scheme: NDArray[np.intp]) -> Floats:
        """(orders, labels): log of the label's orders in the scheme, of all orders without one; smoothed."""
        every = self.counts.sum(axis=0, keepdims=True) if len(self.names) else np.zeros((1, self.counts.shape[1]))
        return np.asarray(np.log(np.concatenate([self.counts, every]) + 0.3)[scheme])


@dataclass(frozen=True)
class Panel:
    """views: the linear models asked; trust and held-out answers belong to this panel's judge."""

    views: tuple[View, ...]
    judge: Judge
    trust: Trust

    def candidates(
        self, margins: Mapping[View, Floats], orders: Sequence[Order], scene: Scene, names: Names, labels: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """(labels, shares by the judge), both (orders, candidates), best first."""
        chosen, pairs, open_ = judged_pairs([margins[view] for view in self.views], orders, scene, names, labels)
        scores = self.judge.scores(pairs.reshape(-1, pairs.shape[-1])).reshape(chosen.shape)
        return ranked(chosen, scores, open_)


def judged_pairs(
    margins: Sequence[Floats], orders: Sequence[Order], scene: Scene, names: Names, labels: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.bool_]]:
    """(candidates, their numbers, which of them may be answered at all)."""
    scheme = scene.numbers(orders)
    may = scene.may(scheme, labels)
    logs = [likelihoods(margin, may) for margin in margins]
    mean = mean_of(logs)
    chosen = candidates(mean)
    pairs = pairs_of(margins, logs, mean, chosen, scene.priors(scheme), scheme, names.found(orders, chosen))
    return chosen, pairs, np.take_along_axis(may, chosen, 1)


def ranked(
    chosen: NDArray[np.intp], scores: Floats, open_: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Candidates and their shares by the judge's log odds, best first."""
    scores = np.where(open_, scores, NOT_ALLOWED)
    order = np.argsort(-scores, axis=1, kind="stable")
    sorted_scores = np.take_along_axis(scores, order, 1).astype(np.float64)
    shares = np.exp(sorted_scores - sorted_scores[:, :1])
    return np.take_along_axis(chosen, order, 1), shares / shares.sum(axis=1, keepdims=True)


def held_out_scores(
    pairs: NDArray[np.float32], true: NDArray[np.bool_], part_of: NDArray[np.intp], seed: int
) -> NDArray[np.float32]:
    """(orders, candidates): of each order the scores of a judge that was fitted on the orders of other parts."""
    scores = np.zeros(true.shape, np.float32)
    width = pairs.shape[-1]
    for part in np.unique(part_of):
        test = part_of == part
        judge = fit_judge(pairs[~test], true[~test], seed)
        scores[test] = judge.scores(pairs[test].reshape(-1, width)).reshape(true[test].shape)
    return scores


def fit_judge(pairs: NDArray[np.float32], true: NDArray[np.bool_], seed: int) -> Judge:
    """pairs: (orders, candidates, numbers)."""
    return Judge.fit(pairs.reshape(-1, pairs.shape[-1]), true.ravel(), seed)


def views_for(orders: Sequence[Order]) -> tuple[View, ...]:
    """Every view that these orders can teach."""
    return PATH_VIEWS if sum(order.has_path for order in orders) * 2 >= len(orders) else TEXT_VIEWS
