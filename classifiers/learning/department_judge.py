"""The candidates of an order and what the judge above the linear models is told of each.

A linear model knows neither how often a unit is right when it speaks softly nor which model to trust for it. So every pair
of order and candidate becomes a short row of numbers, and boosted trees (`department_trees`) learn which pairs are true, from
held-out margins.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

CANDIDATES: Final = 8
"""Labels of an order that are judged; the truth is among them in 97 of 100 orders, and the rest are too rare to learn."""
SHARPNESS: Final = 7.0
"""What margins are multiplied by before they are made to sum to 1."""
NOT_ALLOWED: Final = -1e9
_FLOOR: Final = -20.0


def likelihoods(margins: Floats, may: NDArray[np.bool_], sharpness: float = SHARPNESS) -> Floats:
    """Log of margins made to sum to 1 over the labels that may be answered; `NOT_ALLOWED` for the others."""
    scaled = np.where(may, margins * sharpness, NOT_ALLOWED)
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    found: Floats = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return found


def candidates(mean: Floats) -> NDArray[np.intp]:
    """(orders, up to `CANDIDATES`) the likeliest labels, the first of two that are equally likely. mean: (orders, labels)."""
    many = min(CANDIDATES, mean.shape[1])
    found = np.sort(np.argpartition(-mean, many - 1, axis=1)[:, :many], axis=1)
    order = np.argsort(-np.take_along_axis(mean, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)


def mean_of(logs: Sequence[Floats]) -> Floats:
    """Likelihoods by the mean of the models."""
    return np.asarray(sum(np.exp(one) for one in logs) / len(logs))


def pairs_of(
    margins: Sequence[Floats], logs: Sequence[Floats], mean: Floats, chosen: NDArray[np.intp], priors: Floats,
    scheme: NDArray[np.intp], names: Floats,
) -> NDArray[np.float32]:
    """(orders, candidates, numbers): of each model log likelihood, distance to the best other, margin; the log of the label's
    rows in the scheme; the scheme's number; the mean likelihood and the best one; how much of the label's name is in the order.

    margins, logs: (orders, labels) of each model; mean: of their likelihoods; priors: the same; names: (orders, candidates, 3).
    """
    numbers: list[Floats] = []
    for margin, log in zip(margins, logs, strict=True):
        own = np.maximum(np.take_along_axis(log, chosen, 1), _FLOOR)
        best = np.maximum(_two_best(log), _FLOOR)
        other = np.where(own >= best[:, :1] - 1e-6, best[:, 1:], best[:, :1])
        numbers += [own, own - other, np.take_along_axis(margin, chosen, 1)]
    numbers += [np.take_along_axis(priors, chosen, 1), np.broadcast_to(scheme[:, None], chosen.shape)]
    numbers += [np.broadcast_to(mean.max(axis=1, keepdims=True), chosen.shape), np.take_along_axis(mean, chosen, 1)]
    return np.concatenate([np.stack(numbers, axis=-1), names], axis=-1).astype(np.float32)


def _two_best(log: Floats) -> Floats:
    """(orders, 2): the largest and the second."""
    if log.shape[1] == 1:
        return np.repeat(log, 2, axis=1)
    return -np.partition(-log, 1, axis=1)[:, :2]
