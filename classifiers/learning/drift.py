"""Does a model still see what it was judged on? A reference taken at promotion, and a check of later reports against it.

Five questions, each answered by figures. An alert needs both: an effect that would matter, and that chance does not explain it.
With many reports everything is significant, with few everything looks large. What was measured: docs/models/drift.md.

Near copies count once on both sides (`duplicates`): a hundred calls about one burst pipe are one witness. What is kept
beside the model are counts only, no text and no word of fewer than `word_shift.LEAST` reports.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from classifiers.learning.duplicates import near_groups
from classifiers.learning.rows import Row
from classifiers.learning.word_shift import (
    Bag,
    Risen,
    WordCounts,
    bag_of,
    count_words,
    divergence,
    new_matter,
    risen_words,
    unknown_share,
)
from schemas.errors import ContractError

FORMAT: Final = "wentichi-reference-1"
MOST: Final = 5000
"""Reports looked at on each side; drawn evenly where there are more. More would only make smaller effects visible."""
FEWEST: Final = 100
"""Distinct later reports without which nothing is said of confidences and words."""
FEWEST_KNOWN: Final = 50
"""Distinct reports without which there is no reference."""
QUANTILES: Final = 1000
SAME: Final = 0.01
"""A confidence must have fallen by more than this to have fallen: calibrated ones come in steps, of which most reports may share
one, and .990 against .989 is no news."""

RISK: Final = 0.001
"""A difference is not chance below this p (confidences, words): by chance once in 19 years of weekly checks for each question,
and then only if the effect were there too."""
CHECKED_RISK: Final = 0.01
"""The same for checked reports, which are few and whose errors cost most."""
NAMED: Final = 10
"""Words that are named as having come up."""

Floats = NDArray[np.float64]


class DriftTest(StrEnum):
    """The questions, in the order in which they are told."""

    CONFIDENCE = "confidence"
    WORDS = "words"
    NEW_MATTER = "new_matter"
    UNKNOWN_WORDS = "unknown_words"
    CHECKED = "checked"


EFFECTS: Final[Mapping[DriftTest, float]] = {
    DriftTest.CONFIDENCE: 0.08,
    DriftTest.WORDS: 0.02,
    DriftTest.NEW_MATTER: 0.08,
    DriftTest.UNKNOWN_WORDS: 0.05,
    DriftTest.CHECKED: 0.25,
}
"""What would matter. CONFIDENCE: D, so much more of the reports lie below some confidence; WORDS: bits of divergence above what
chance gives; NEW_MATTER: least share of the reports that speak of something that has come up; UNKNOWN_WORDS: share of the words
above the usual share; CHECKED: errors above those the promise allows, as a share of them (2.5 % wrong where 2 % are allowed).
On real texts halves of one source gave .026, .0006, 0 and .009 at most; a fifth of a category that the model never saw gave a D
of .10 to .12; later months of the same city up to .006 bits, .11 and .023."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What reports and answers looked like when the model was judged. rows: distinct reports; quantiles: of the confidences,
    ascending, at most `QUANTILES`. `dataclasses.asdict` of it is plain JSON."""

    rows: int
    quantiles: tuple[float, ...]
    words: WordCounts
    format: str = FORMAT

    @classmethod
    def read(cls, path: Path) -> "Reference":
        """Raises ContractError where there is none, or a damaged one."""
        try:
            value = json.loads(path.read_bytes())
            words = value["words"]
            noise = tuple((int(size), float(mean), float(spread)) for size, mean, spread in words["noise"])
            found = cls(int(value["rows"]), tuple(map(float, value["quantiles"])), WordCounts(**words | {"noise": noise}))
            sound = value["format"] == FORMAT and found.rows >= FEWEST_KNOWN and bool(found.quantiles) and bool(noise)
        except FileNotFoundError as error:
            rule = f"没有 {path},不知道晋升时是什么样子"
            raise ContractError("models", rule, "请用 wentichi models promote 再晋升一次这个模型,晋升时会写下") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _damaged(path) from error
        if not sound:
            raise _damaged(path)
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """The answer to one question. rows: how many reports it rests on; enough: too few say nothing.

    before, now: CONFIDENCE: mean confidence; WORDS: divergence in bits that chance gives, and that was found; NEW_MATTER: share
    of the reports that hold one of the words that have come up, before at most and now; UNKNOWN_WORDS: share of the words;
    CHECKED: the promise, and the share of checked reports that the model had right. effect: what is compared with `EFFECTS`; p:
    how likely chance alone would give as much.
    """

    test: DriftTest
    rows: int
    enough: bool
    before: float
    now: float
    effect: float
    p: float
    alert: bool


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """rows: distinct reports looked at; risen: the words that have surely come up, at most `NAMED`, for people."""

    rows: int
    tests: tuple[Measured, ...]
    risen: tuple[Risen, ...] = ()

    @property
    def alert(self) -> bool:
        return any(one.alert for one in self.tests)

    def as_json(self) -> dict[str, Any]:
        return {"alert": self.alert, **asdict(self)}


def reference_of(rows: Sequence[Row], confidences: Sequence[float]) -> Reference:
    """rows: that the model was not fitted on, or its confidences would be higher than any later report's; one confidence (0..1)
    each. Labels are not looked at. Deterministic; see docs for its time.

    Raises ContractError with fewer than `FEWEST_KNOWN` distinct reports.
    """
    bags, sure = _distinct(rows, confidences)
    if len(bags) < FEWEST_KNOWN:
        rule = f"只有 {len(bags)} 件互不重复的来件,少于 {FEWEST_KNOWN} 件"
        raise ContractError("--held-out", rule, "请提供更多训练时没有用过的来件,以后才有参照可比")
    share = np.linspace(0, 1, min(QUANTILES, len(sure)))
    quantiles = np.quantile(sure, share, method="inverted_cdf")
    return Reference(len(bags), tuple(quantiles.round(6).tolist()), count_words(bags))


def check(
    reference: Reference, rows: Sequence[Row], confidences: Sequence[float], checked: Sequence[bool] | None, promise: float
) -> DriftCheck:
    """rows: later reports, with the model's confidence (0..1) in each; may be none. checked: of reports that the model would have
    decided and a person did, whether the person agreed; None or empty where there are none."""
    bags, sure = _distinct(rows, confidences)
    known = reference.words
    risen = [one for one in risen_words(known, bags) if one.p < RISK]
    tests = (_confidence(reference, sure), _words(known, bags), _new_matter(risen, bags), _unknown(known, bags))
    return DriftCheck(len(bags), (*tests, _checked(checked or (), promise)), tuple(risen[:NAMED]))


def _distinct(rows: Sequence[Row], confidences: Sequence[float]) -> tuple[list[Bag], Floats]:
    """The words and the confidence of the first of each group of near copies, of at most `MOST` rows."""
    sure = np.asarray(confidences, dtype=np.float64)
    if sure.shape != (len(rows),):
        raise ValueError(f"one confidence per row, not {sure.shape} for {len(rows)}")
    drawn = np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST])
    groups = near_groups([f"{rows[one].title}\n{rows[one].text}" for one in drawn.tolist()])
    kept = drawn[np.sort(np.unique(groups, return_index=True)[1])]
    return [bag_of(rows[one]) for one in kept.tolist()], sure[kept]


def _confidence(reference: Reference, sure: Floats) -> Measured:
    """One-sided two-sample Kolmogorov-Smirnov: only lower confidences alarm; a model that is surer than it may be shows in the
    checked reports. p by Smirnov's limit exp(-2 n D²), which is too large rather than too small where confidences are tied."""
    before = np.asarray(reference.quantiles)
    if not len(sure):
        return _measured(DriftTest.CONFIDENCE, 0, (float(before.mean()), 0.0), 0.0, 1.0)
    later = np.sort(sure) + SAME
    places = np.r_[before, later]
    below = [np.searchsorted(one, places, side="right") / len(one) for one in (later, before)]
    apart = float(max(0.0, (below[0] - below[1]).max()))
    both = reference.rows * len(sure) / (reference.rows + len(sure))
    p = float(np.exp(-2 * both * apart**2))
    return _measured(DriftTest.CONFIDENCE, len(sure), (float(before.mean()), float(sure.mean())), apart, p)


def _words(known: WordCounts, bags: Sequence[Bag]) -> Measured:
    if not bags:
        return _measured(DriftTest.WORDS, 0, (0.0, 0.0), 0.0, 1.0)
    found = divergence(known, bags)
    mean, spread = known.chance(len(bags))
    p = float(norm.sf((found - mean) / spread)) if spread else 1.0
    return _measured(DriftTest.WORDS, len(bags), (mean, found), max(0.0, found - mean), p)


def _new_matter(risen: Sequence[Risen], bags: Sequence[Bag]) -> Measured:
    """risen: the words that have come up by more than chance."""
    before, now, words = new_matter(risen, bags)
    return _measured(DriftTest.NEW_MATTER, len(bags), (before, now), now - before, min((one.p for one in words), default=1.0))


def _unknown(known: WordCounts, bags: Sequence[Bag]) -> Measured:
    if not bags:
        return _measured(DriftTest.UNKNOWN_WORDS, 0, (known.unknown, 0.0), 0.0, 1.0)
    share, spread = unknown_share(bags, known.counts)
    error = (known.unknown_spread**2 / known.rows + spread**2 / len(bags)) ** 0.5
    p = float(norm.sf((share - known.unknown) / error)) if error else float(share <= known.unknown)
    return _measured(DriftTest.UNKNOWN_WORDS, len(bags), (known.unknown, share), max(0.0, share - known.unknown), p)


def _measured(test: DriftTest, rows: int, figures: tuple[float, float], effect: float, p: float) -> Measured:
    enough = rows >= FEWEST
    return Measured(test, rows, enough, *figures, effect, p, enough and effect >= EFFECTS[test] and p < RISK)


def _checked(checked: Sequence[bool], promise: float) -> Measured:
    """The exact binomial test of "at least the promise is right": p below the risk says the same as Clopper-Pearson's upper bound
    below the promise."""
    if not 0 < promise < 1:
        raise ValueError(f"a promise lies between 0 and 1, not {promise}")
    if not checked:
        return Measured(DriftTest.CHECKED, 0, False, promise, 0.0, 0.0, 1.0, False)
    share = sum(checked) / len(checked)
    effect = max(0.0, (1 - share) / (1 - promise) - 1)
    p = float(binom.cdf(sum(checked), len(checked), promise))
    alert = effect >= EFFECTS[DriftTest.CHECKED] and p < CHECKED_RISK
    return Measured(DriftTest.CHECKED, len(checked), True, promise, share, effect, p, alert)


def _damaged(path: Path) -> ContractError:
    return ContractError("models", f"{path} 已损坏", "请从备份取回,或用 wentichi models promote 再晋升一次这个模型")
