"""Whether replies to other requests are told from a request's own: every request with its own reply, and with a wrong one.

A wrong reply is no near copy of the right one: the same letter to two callers is right for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.duplicates import near_groups
from classifiers.learning.rows import Row
from classifiers.learning.text_features import TextFeatures
from classifiers.replies.checker import JUDGED, Asked
from classifiers.replies.reading import Part, Reading
from classifiers.replies.relevance import WEIGHTS, Likeness, Weights, likeness
from schemas.replies import BLOCKS_FROM

PARTS = 5
Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Wrong(StrEnum):
    """Which wrong reply a request gets."""

    RANDOM = "random"
    ALIKE = "alike"
    """The reply to the most alike other request: mostly of the same place, or of the same matter."""


@dataclass(frozen=True)
class Swapped:
    """pairs: of each sort, own and wrong; judged: own pairs whose reply is long enough to judge.

    auc, recall_at_1, recall_at_5: on judged pairs, recall where the threshold lets 1 and 5 % of the own pairs through as wrong.
    held_out_auc, held_out_at_1, held_out_at_5: the same with weights fitted on four fifths of the letters, measured on the fifth.
    caught, false_alarms: share of all wrong and of all own pairs that are found off the topic surely enough to block.
    """

    pairs: int
    judged: int
    auc: float
    recall_at_1: float
    recall_at_5: float
    held_out_auc: float
    held_out_at_1: float
    held_out_at_5: float
    caught: float
    false_alarms: float


@dataclass(frozen=True)
class _Pairs:
    """features, wrong, judged, owner (number of the request): of every pair; known: what `relevance` says, 0..1."""

    features: Floats
    wrong: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    owner: Places
    known: Floats


def swapped(asked: Sequence[Asked], readings: Sequence[Reading], how: Wrong, seed: int) -> Swapped | None:
    """None where no two replies differ."""
    pairs = _pairs(asked, readings, _partners(asked, how, seed))
    own, wrong = pairs.judged & ~pairs.wrong, pairs.judged & pairs.wrong
    if own.sum() < PARTS or wrong.sum() < PARTS:
        return None
    blocks = pairs.judged & (pairs.known >= BLOCKS_FROM)
    return Swapped(
        int(pairs.wrong.sum()), int(own.sum()), *_measured(pairs.known, own, wrong),
        *_measured(_held_out(pairs, seed), own, wrong),
        round(float(blocks[pairs.wrong].mean()), 4), round(float(blocks[~pairs.wrong].mean()), 4),
    )  # fmt: skip


def fitted_weights(features: Floats, wrong: NDArray[np.bool_]) -> Weights:
    """How `relevance.WEIGHTS` were made. features: as of `Likeness.features`."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import, and only needed here

    model = LogisticRegression(C=10, max_iter=5000).fit(features, wrong)
    return Weights(float(model.intercept_[0]), *(float(one) for one in model.coef_[0]))


def _held_out(pairs: _Pairs, seed: int) -> Floats:
    part = np.random.default_rng(seed).integers(0, PARTS, pairs.owner.max() + 1)[pairs.owner]
    found = np.zeros(len(pairs.owner))
    for one in range(PARTS):
        train, test = pairs.judged & (part != one), part == one
        if len(set(pairs.wrong[train].tolist())) == 2:
            weights = fitted_weights(pairs.features[train], pairs.wrong[train])
            order = (weights.opening, weights.shared, weights.share, weights.request, weights.reply)
            found[test] = weights.constant + pairs.features[test] @ np.array(order)
    return found


def _measured(scores: Floats, own: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> tuple[float, float, float]:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow to import, and only needed here

    mine, others = scores[own], scores[wrong]
    auc = roc_auc_score(np.r_[np.zeros(len(mine)), np.ones(len(others))], np.r_[mine, others])
    recalls = [float((others > np.quantile(mine, 1 - share, method="higher")).mean()) for share in (0.01, 0.05)]
    return round(float(auc), 4), round(recalls[0], 4), round(recalls[1], 4)


def _pairs(asked: Sequence[Asked], readings: Sequence[Reading], partners: Places) -> _Pairs:
    own = [(place, place) for place in range(len(asked))]
    every = own + [(place, int(other)) for place, other in enumerate(partners) if other >= 0]
    found: list[Likeness] = [likeness(asked[place].request, readings[other].folded) for place, other in every]
    content = [readings[other].letters(Part.SUBSTANCE, Part.OTHER) for _, other in every]
    judged = [bool(one.request) and letters >= JUDGED for one, letters in zip(found, content, strict=True)]
    return _Pairs(
        np.array([one.features() for one in found]), np.arange(len(every)) >= len(own), np.array(judged),
        np.array([place for place, _ in every]), np.array([one.off_topic(WEIGHTS) for one in found]),
    )  # fmt: skip


def _partners(asked: Sequence[Asked], how: Wrong, seed: int) -> Places:
    """Of each request the number of a wrong reply; -1 where there is none."""
    groups = near_groups([one.reply for one in asked])
    if how is Wrong.RANDOM:
        order = np.random.default_rng(seed).permutation(len(asked))
        found = np.empty(len(asked), dtype=np.intp)
        found[order] = np.roll(order, 1)
        return np.where(groups[found] == groups, -1, found)
    rows = [Row("", one.request, None, {}) for one in asked]
    matrix = TextFeatures().fit(rows).transform(rows)
    found = np.full(len(asked), -1, dtype=np.intp)
    for place in range(len(asked)):
        alike = (matrix @ matrix[place].T).toarray()[:, 0]
        alike[groups == groups[place]] = -1.0
        if alike.max() >= 0:
            found[place] = int(alike.argmax())
    return found
