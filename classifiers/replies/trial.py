"""What the check of replies is worth on a file of requests with replies, as plain values that can be written as JSON."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.calibration import ece
from classifiers.learning.folds import Fold, folds
from classifiers.replies.checker import Asked, ReplyChecker, RuleChecker
from classifiers.replies.reading import Reading, read_reply
from classifiers.replies.reasons import ReasonModel
from classifiers.replies.rivals import Corpus, Rival, probabilities
from classifiers.replies.rows import ReplyRow, marked
from classifiers.replies.signs import NAMES, Floats
from classifiers.replies.swapped import Swapped, Wrong, swapped
from classifiers.replies.trained import TrainedReplyChecker
from schemas.replies import BLOCKS_FROM, ReplyFindings

FORMAT: Final = "wentichi-reply-trial-1"
PARTS: Final = 5
BATCH: Final = 500
SHORT: Final = (30, 120)
"""Letters of the replies among which `short_auc` is taken: there length alone says least."""


@dataclass(frozen=True)
class Fault:
    """Findings of one rule: of replies marked 1, marked 0 and unmarked; blocking: surely enough to hold a problem open."""

    fault: str
    rule: str
    blocking: bool
    explaining: int
    unexplaining: int
    unmarked: int


@dataclass(frozen=True)
class Blocked:
    """Replies with a finding that blocks, of those marked 1 and of those marked 0."""

    explaining: float
    unexplaining: float


@dataclass(frozen=True)
class Figure:
    """value: over all held-out replies together; sd: over the folds."""

    value: float
    sd: float


@dataclass(frozen=True)
class Reasons:
    """Held out. average_precision: of those that do not explain, the rare kind; short_auc: among replies of `SHORT` letters, None
    where there are too few of one kind."""

    rival: Rival
    accuracy: Figure
    macro_f1: Figure
    roc_auc: Figure
    average_precision: Figure
    ece: float
    short_auc: float | None


@dataclass(frozen=True)
class Trial:
    """speed: checks a second of one process, by checker; the only figures that change from run to run. reasons, blocked_trained,
    groups, mixed, explaining, unexplaining: None or 0 without marks. groups: near copies count as one; mixed: replies in groups
    of near copies that carry both marks."""

    rows: int
    explaining: int
    unexplaining: int
    groups: int
    mixed: int
    swapped: dict[str, Swapped | None]
    faults: tuple[Fault, ...]
    blocked: Blocked | None
    blocked_trained: Blocked | None
    reasons: tuple[Reasons, ...]
    speed: dict[str, float]

    def document(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


def trial(rows: Sequence[ReplyRow], seed: int = 0, tell: Callable[[str], None] = lambda _: None) -> Trial:
    """tell: called with the name of each step. Raises ContractError where rows have marks, but of one kind only."""
    asked = [row.asked for row in rows]
    tell("rules")
    found, rules_speed = _timed(RuleChecker(), asked)
    readings = [read_reply(one.reply) for one in asked]
    pairs: dict[str, Swapped | None] = {}
    for how in Wrong:
        tell(f"swapped {how}")
        pairs[how.value] = swapped(asked, readings, how, seed)
    faults = _faults(rows, found)
    if all(row.explains is None for row in rows):
        return Trial(len(rows), 0, 0, 0, 0, pairs, faults, None, None, (), {"rules": rules_speed})
    chosen, truth = marked(rows)
    corpus = Corpus.of([row.asked.reply for row in chosen], [read_reply(row.asked.reply) for row in chosen], truth)
    parts = parts_of(corpus, seed)
    reasons = []
    for rival in Rival:
        tell(rival.value)
        reasons.append(reasons_of(corpus, rival, parts))
    blocked_trained, trained_speed = _trained(chosen, truth, parts)
    marks = np.array(truth)
    mixed = [marks[corpus.groups == group] for group in np.unique(corpus.groups)]
    return Trial(
        rows=len(rows),
        explaining=sum(truth),
        unexplaining=len(truth) - sum(truth),
        groups=len(mixed),
        mixed=sum(len(one) for one in mixed if 0 < one.sum() < len(one)),
        swapped=pairs,
        faults=faults,
        blocked=_blocked(RuleChecker().check([row.asked for row in chosen]), marks),
        blocked_trained=blocked_trained,
        reasons=tuple(reasons),
        speed={"rules": rules_speed, "trained": trained_speed},
    )


def held_out(readings: Sequence[Reading], replies: Sequence[str], explains: Sequence[bool], seed: int = 0) -> dict[str, Any]:
    """Figures of the model in use and of two baselines, for its card."""
    corpus = Corpus.of(replies, readings, explains)
    parts = parts_of(corpus, seed)
    return {rival.value: asdict(reasons_of(corpus, rival, parts)) for rival in (Rival.SIGNS, Rival.LENGTH, Rival.MAJORITY)}


def parts_of(corpus: Corpus, seed: int) -> list[Fold]:
    """Near copies of a reply stand in one part. Raises ContractError where all are copies of one another."""
    return folds(corpus.explains.astype(str), corpus.groups, PARTS, seed)


def reasons_of(corpus: Corpus, rival: Rival, parts: Sequence[Fold]) -> Reasons:
    chances = np.zeros(len(corpus.explains))
    for train, test in parts:
        if len(set(corpus.explains[train].tolist())) == 2:
            chances[test] = probabilities(corpus, rival, train, test)
        else:
            chances[test] = corpus.explains[train].mean()
    truth = corpus.explains
    whole = _four(truth, chances)
    each = np.array([_four(truth[test], chances[test]) for _, test in parts if len(set(truth[test].tolist())) == 2])
    spread = each.std(axis=0, ddof=1) if len(each) > 1 else np.zeros(4)
    accuracy, macro_f1, roc_auc, precision = (
        Figure(round(value, 4), round(float(sd), 4)) for value, sd in zip(whole, spread, strict=True)
    )
    error = ece(np.maximum(chances, 1 - chances), (chances > 0.5) == truth)
    return Reasons(rival, accuracy, macro_f1, roc_auc, precision, round(error, 4), _short(corpus, chances))


def _four(truth: NDArray[np.bool_], chances: Floats) -> list[float]:
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score  # noqa: PLC0415 - slow to import

    said = chances > 0.5
    return [
        float((said == truth).mean()),
        float(f1_score(truth, said, average="macro", zero_division=0)),
        float(roc_auc_score(truth, chances)),
        float(average_precision_score(~truth, 1 - chances)),
    ]


def _short(corpus: Corpus, chances: Floats) -> float | None:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow to import

    letters = np.expm1(corpus.signs[:, NAMES.index("letters")])
    here = (letters >= SHORT[0]) & (letters < SHORT[1])
    if min(corpus.explains[here].sum(), (~corpus.explains[here]).sum()) < PARTS:
        return None
    return round(float(roc_auc_score(corpus.explains[here], chances[here])), 4)


def _timed(checker: ReplyChecker, asked: Sequence[Asked]) -> tuple[list[ReplyFindings], float]:
    """The findings, and checks a second of processor time."""
    checker.check(asked[:1])
    start = time.process_time()
    found = [one for at in range(0, len(asked), BATCH) for one in checker.check(asked[at : at + BATCH])]
    return found, round(len(asked) / max(time.process_time() - start, 1e-9))


def _trained(rows: Sequence[ReplyRow], truth: Sequence[bool], parts: Sequence[Fold]) -> tuple[Blocked, float]:
    """What blocks with a model that has not seen the reply."""
    asked, marks = [row.asked for row in rows], np.array(truth)
    readings = [read_reply(one.reply) for one in asked]
    found: list[ReplyFindings] = [ReplyFindings()] * len(rows)
    checker: ReplyChecker = RuleChecker()
    for train, test in parts:
        if len(set(marks[train].tolist())) == 2:
            checker = TrainedReplyChecker(ReasonModel.fit([readings[at] for at in train], marks[train].tolist()))
        for at, one in zip(test.tolist(), checker.check([asked[at] for at in test]), strict=True):
            found[at] = one
    return _blocked(found, marks), _timed(checker, asked)[1]


def _blocked(found: Sequence[ReplyFindings], marks: NDArray[np.bool_]) -> Blocked:
    blocks = np.array([any(fault.confidence >= BLOCKS_FROM for fault in one.faults) for one in found])
    return Blocked(round(float(blocks[marks].mean()), 4), round(float(blocks[~marks].mean()), 4))


def _faults(rows: Sequence[ReplyRow], found: Sequence[ReplyFindings]) -> tuple[Fault, ...]:
    counts: Counter[tuple[str, str, bool, bool | None]] = Counter()
    for row, one in zip(rows, found, strict=True):
        for fault in one.faults:
            counts[fault.fault.value, fault.evidence[0], fault.confidence >= BLOCKS_FROM, row.explains] += 1
    kinds = sorted({kind[:3] for kind in counts})
    return tuple(Fault(*kind, *(counts[*kind, mark] for mark in (True, False, None))) for kind in kinds)
