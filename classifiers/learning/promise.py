"""The threshold above which a promised accuracy holds, proved on held-out decisions.

Learn then Test (Angelopoulos, Bates, Candès, Jordan, Lei, 2021): for each threshold of a list that is fixed by the confidences
alone the claim "less than the promise is right above it" is tested by an exact binomial test, which is the same as comparing
the Clopper-Pearson lower bound (1934) with the promise. The list is tested in a fixed order, from the surest down, each test at
the whole risk, up to the first that fails (fixed-sequence testing, Maurer, Hothorn and Lehmacher 1995). All thresholds that pass
hold together with probability 1 - delta, so the lowest of them may be chosen after looking. Testing does not begin among the
surest few, where one unlucky error would end it, but at `START`.

Near copies are no independent witnesses. Rows are counted by Kish's effective number, rows / (1 + rho (mean size of a row's group
- 1)), among the accepted rows; the binomial test with an effective number is Korn and Graubard's (1998). rho is how much
likelier than another a row is wrong beside a wrong copy, measured on all held-out rows; it counts as 1, all of a group right or
wrong together, where too few wrong rows have copies. With every row its own group the test is exact, else it is nearly so.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

DELTA: Final = 0.05
"""Risk that a promise does not hold."""
STEPS: Final = 100
"""Thresholds that are tested: the confidences at every hundredth of the rows."""
START: Final = 0.2
"""Share of the rows at which testing begins, or later, where the rows first are enough to prove it. Simulated with the curves of
accuracy of both models and 5,488 rows, against two starts at .1 and .3 with half of the risk each: .98 for units is proved in
.90 of the draws against .87 (coverage .31 against .28; on text alone .85 against .73, .25 against .20), .99 for categories
in 1.00 against .93; in 400 draws more a promise was broken in .01 to .05 of them."""
KNOWN: Final = 30
"""Pairs of copies with a wrong one from which rho is measured."""
ROUNDING: Final = 1e-6
"""How far below the last held-out confidence the threshold lies: kept in single precision, it may have been rounded up."""
NEVER: Final = 2.0
"""The threshold where nothing can be accepted: no confidence reaches it. A number, so that it can be written as JSON."""


@dataclass(frozen=True, slots=True)
class Promise:
    """threshold: accept from here on, `NEVER` where the promise cannot be kept; coverage: share of the rows accepted (0..1).

    bound: the Clopper-Pearson lower bound (risk delta) of the accuracy above the threshold; where nothing is accepted, the best
    bound that was found instead, so that a person sees how far away the promise is. n: effective number of rows behind the bound.
    """

    threshold: float
    coverage: float
    bound: float
    n: float


@dataclass(frozen=True, slots=True)
class Point:
    """Of the surest `coverage` of the rows, those from `threshold` on, `accuracy` is right."""

    coverage: float
    accuracy: float
    threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    threshold: float
    rows: int
    right: float
    n: float

    def bound(self, risk: float) -> float:
        return lower_bound(self.right * self.n, self.n, risk)


def threshold_for(
    promise: float, confidences: ArrayLike, correct: ArrayLike, groups: ArrayLike | None = None, delta: float = DELTA
) -> Promise:
    """The lowest threshold above which at least `promise` (0..1) of the decisions are right, with probability 1 - delta.

    confidences: 0..1, of decisions that were held out from fitting; correct: whether each was right; groups: near copies share a
    number. All of one length, which may be 0. With too few rows (see `needed`) nothing is accepted.
    """
    if not (0 < promise < 1 and 0 < delta < 1):
        raise ValueError(f"promise and delta lie between 0 and 1, not {promise}, {delta}")
    steps = _steps(confidences, correct, groups)
    tested = steps[_start(steps, needed(promise, delta)) :]
    held = None
    for step in tested:
        if step.bound(delta) < promise:
            break
        held = step
    if held is None:
        return Promise(NEVER, 0.0, *max(((step.bound(delta), step.n) for step in tested[:1] or steps), default=(0.0, 0.0)))
    return Promise(held.threshold - ROUNDING, held.rows / steps[-1].rows, held.bound(delta), held.n)


def needed(promise: float, delta: float = DELTA) -> int:
    """How many independent decisions, all right, prove the promise: 149 for .98, 598 for .995 at delta .05."""
    return math.ceil(math.log(delta) / math.log(promise))


def lower_bound(right: float, n: float, risk: float) -> float:
    """Clopper-Pearson: with probability 1 - risk the true share is above it. Effective numbers too; 0 for none right."""
    if right <= 0 or n <= 0:
        return 0.0
    return float(beta.ppf(risk, right, n - right + 1))


def curve(confidences: ArrayLike, correct: ArrayLike) -> list[Point]:
    """Accuracy against coverage, the surest first, at no more than `STEPS` points; the last is all rows. Empty without rows."""
    steps = _steps(confidences, correct, None)
    return [Point(step.rows / steps[-1].rows, step.right, step.threshold) for step in steps]


def effective(groups: ArrayLike, rho: float) -> NDArray[np.float64]:
    """Kish's effective number of the first row, the first two, and so on: all of them at rho 0 or where each is its own group,
    the number of groups at rho 1 where they are of equal size."""
    group = np.asarray(groups)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]])
    earlier = np.empty(len(group))  # rows of the same group before each
    earlier[order] = np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))
    rows = np.arange(1, len(group) + 1)
    return np.asarray(rows**2.0 / (rows + rho * np.cumsum(2 * earlier)))


def together(correct: ArrayLike, groups: ArrayLike) -> float:
    """rho, 0..1, with one standard error on top: (share of wrong ones among the copies of wrong rows - share of wrong rows) /
    share of right rows. 1 with fewer than `KNOWN` such copies."""
    wrong = ~np.asarray(correct, dtype=bool)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    sizes, wrongs = np.bincount(group), np.bincount(group, wrong)
    copies = float((wrongs * (sizes - 1)).sum())
    if copies < KNOWN or wrong.all():
        return 1.0
    share = float((wrongs * (wrongs - 1)).sum()) / copies
    share += math.sqrt(max(share * (1 - share), 1 / copies) / copies)
    return float(min(1.0, max(0.0, (share - wrong.mean()) / (1 - wrong.mean()))))


def _steps(confidences: ArrayLike, correct: ArrayLike, groups: ArrayLike | None) -> list[_Step]:
    """Thresholds from the surest down, at equal shares of the rows; rows of equal confidence stand on one side of each."""
    sure, right = np.asarray(confidences, dtype=float), np.asarray(correct, dtype=bool)
    group = np.arange(len(sure)) if groups is None else np.asarray(groups)
    if not (sure.shape == right.shape == group.shape and sure.ndim == 1):
        raise ValueError(f"one confidence, one verdict and one group per row, not {sure.shape}, {right.shape}, {group.shape}")
    if not len(sure):
        return []
    order = np.argsort(-sure, kind="stable")
    sure, right, group = sure[order], right[order], group[order]
    counts = np.unique(np.ceil(len(sure) * np.arange(1, STEPS + 1) / STEPS).astype(int))
    rows = np.unique(np.searchsorted(-sure, -sure[counts - 1], side="right"))
    rights, independent = np.cumsum(right), effective(group, together(right, group))
    return [
        _Step(float(sure[many - 1]), int(many), float(rights[many - 1] / many), float(independent[many - 1])) for many in rows
    ]


def _start(steps: list[_Step], enough: int) -> int:
    """The first step that is tested, their number where the rows can prove nothing; depends on confidences and groups only."""
    able = [place for place, step in enumerate(steps) if step.n >= enough]
    late = [place for place in able if steps[place].rows >= START * steps[-1].rows]
    return (late or able or [len(steps)])[0]
