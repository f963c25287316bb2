"""Whether one set of answers is better than another on the same rows: a paired bootstrap over groups of near copies.

Groups are drawn, not rows, for near copies are right or wrong together (Field and Welsh 2007); both sets of answers are counted
on every draw, so that what makes a row hard for both cancels out (Efron and Tibshirani 1993).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from classifiers.learning.prediction import Prediction
from classifiers.learning.promise import effective, lower_bound, together
from classifiers.learning.split import Places

DRAWS: Final = 2000
SEED: Final = 20260104
RISK: Final = 0.05
"""One-sided: a difference that is none lies above its lower bound in one comparison of twenty, and below its upper in another."""
_MOST: Final = 1 << 22
"""Counts that are held at once."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """value: as measured; lower, upper: each a one-sided 95 % bound."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Comparison:
    """challenger minus champion. rows, groups: what both were tested on; only_challenger, only_champion: rows that one of the
    two alone got right; chance: how likely equal models would show as much (sign test over groups, one-sided, exact)."""

    rows: int
    groups: int
    accuracy: Bounds
    macro_f1: Bounds
    only_challenger: int
    only_champion: int
    chance: float

    @property
    def better(self) -> bool:
        """More rows are right, beyond chance, and macro-F1 is not lower beyond chance (rare labels are not given up).

        The sign test is there for close calls: where three rows are won and none lost, the bootstrap's bound is above 0 already.
        """
        return self.accuracy.lower > 0 and self.chance <= RISK and self.macro_f1.upper >= 0


def compare(
    truth: Sequence[str], challenger: Sequence[Prediction], champion: Sequence[Prediction], groups: Places
) -> Comparison:
    """One answer of each and one group per row; at least one row. The same arguments give the same bounds."""
    table = _Table.of(truth, (challenger, champion), groups)
    accuracy, macro_f1 = table.bootstrap()
    right = table.right
    return Comparison(
        rows=len(truth),
        groups=table.groups,
        accuracy=_bounds(accuracy[0] - accuracy[1]),
        macro_f1=_bounds(macro_f1[0] - macro_f1[1]),
        only_challenger=int((right[0] & ~right[1]).sum()),
        only_champion=int((right[1] & ~right[0]).sum()),
        chance=_chance(np.bincount(table.group, right[0].astype(np.float64) - right[1]).astype(np.float64)),
    )


def macro_f1_bounds(truth: Sequence[str], answers: Sequence[Prediction], groups: Places) -> Bounds:
    """Of one set of answers. (Accuracy has exact bounds, `share_bounds`.)"""
    return _bounds(_Table.of(truth, (answers,), groups).bootstrap()[1][0])


def share_bounds(correct: NDArray[np.bool_], groups: Places) -> tuple[Bounds, float]:
    """(share of right rows, effective number of rows). Clopper-Pearson, near copies counted as in `promise`; at least one row."""
    number = float(effective(groups, together(correct, groups))[-1])
    share = float(correct.mean())
    upper = 1 - lower_bound((1 - share) * number, number, RISK)
    return Bounds(share, lower_bound(share * number, number, RISK), upper), number


@dataclass(frozen=True)
class _Table:
    """Of one or more sets of answers. right, said (number of the label): sets × rows; truth: number of each row's label;
    group: of each row, from 0."""

    right: NDArray[np.bool_]
    truth: Places
    said: Places
    group: Places
    groups: int
    labels: int

    @classmethod
    def of(cls, truth: Sequence[str], sets: Sequence[Sequence[Prediction]], groups: Places) -> "_Table":
        said = [[answer.label for answer in one] for one in sets]
        if not truth or len(groups) != len(truth) or any(len(one) != len(truth) for one in said):
            raise ValueError("one truth, one answer of each set and one group per row, and at least one row")
        number = {label: place for place, label in enumerate(sorted({*truth, *chain(*said)}))}
        true = np.array([number[label] for label in truth], dtype=np.intp)
        answered = np.array([[number[label] for label in one] for one in said], dtype=np.intp)
        names, group = np.unique(groups, return_inverse=True)
        return cls(answered == true, true, answered, group.astype(np.intp), len(names), len(number))

    def bootstrap(self) -> tuple[Floats, Floats]:
        """(accuracy, macro-F1), each sets × (1 + DRAWS): as measured, then of each draw."""
        found = [self._figures(np.ones((1, self.groups))), *(self._figures(counts) for counts in _draws(self.groups))]
        accuracy, macro_f1 = (np.concatenate(some, axis=1) for some in zip(*found, strict=True))
        return accuracy, macro_f1

    def _figures(self, counts: Floats) -> tuple[Floats, Floats]:
        """counts: draws × groups, how often each was drawn."""
        weights = counts[:, self.group]
        accuracy = np.stack([(weights @ right) / weights.sum(axis=1) for right in self.right])
        sets = range(len(self.right))
        return accuracy, np.array([[self._macro_f1(weight, which) for weight in weights] for which in sets])

    def _macro_f1(self, weight: Floats, which: int) -> float:
        """As `measure.Figures.macro_f1`: over the labels that are a truth or an answer."""
        right = np.bincount(self.truth, weight * self.right[which], self.labels)
        met = np.bincount(self.truth, weight, self.labels) + np.bincount(self.said[which], weight, self.labels)
        there = met > 0
        return float((2 * right[there] / met[there]).mean())


def _draws(groups: int) -> Iterator[Floats]:
    """All draws, some at a time."""
    random = np.random.default_rng(SEED)
    once = max(1, min(DRAWS, _MOST // groups))
    for start in range(0, DRAWS, once):
        many = min(once, DRAWS - start)
        yield np.stack([np.bincount(random.integers(0, groups, groups), minlength=groups) for _ in range(many)]).astype(float)


def _chance(won: Floats) -> float:
    """won: of each group how many rows more the challenger has right."""
    for_it, against = int((won > 0).sum()), int((won < 0).sum())
    return float(binom.sf(for_it - 1, for_it + against, 0.5)) if for_it + against else 1.0


def _bounds(found: Floats) -> Bounds:
    """found: as measured, then of each draw."""
    lower, upper = np.quantile(found[1:], [RISK, 1 - RISK])
    return Bounds(float(found[0]), float(lower), float(upper))
