"""What a model is worth on rows that it has not seen, beside baselines, as plain values that can be written as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.artifact import Card, read_card
from classifiers.learning.baselines import Baseline, baseline
from classifiers.learning.compare import Bounds, macro_f1_bounds, share_bounds
from classifiers.learning.folds import folds
from classifiers.learning.measure import Figures, measure
from classifiers.learning.prediction import Prediction
from classifiers.learning.promise import DELTA, lower_bound, needed
from classifiers.learning.rows import Row, Task, fingerprint
from classifiers.learning.split import PARTS, Places, Sides, Split, split, unseen
from schemas.errors import ContractError

FORMAT: Final = "wentichi-evaluation-1"
SEPARATOR: Final = "/"
SHOWN: Final = 5
BINS: Final = 10


class Model(Protocol):
    """What every trained model can do."""

    @property
    def card(self) -> Card: ...

    def predict(self, rows: Sequence[Row], *, promise: float = ..., labels: Sequence[str] | None = ...) -> list[Prediction]: ...


class Kept(StrEnum):
    """What the tested rows say about the promise, at risk `promise.DELTA` each way."""

    PROVED = "proved"
    OPEN = "open"
    """Neither proved nor refuted."""
    BROKEN = "broken"
    NOTHING = "nothing"
    """No row was accepted."""


@dataclass(frozen=True)
class PromiseCheck:
    """Of the rows that the model would decide alone. accuracy, lower, upper: None where there are none; the bounds one-sided
    Clopper-Pearson, near copies counted as in `promise`. missing: independent rows that are wanting for a proof even if every
    one is right."""

    promise: float
    accepted: int
    right: int
    accuracy: float | None
    lower: float | None
    upper: float | None
    kept: Kept
    missing: int


@dataclass(frozen=True)
class Bin:
    """Answers with a confidence from `start` to `end`: their mean confidence, their accuracy and its 90 % interval."""

    start: float
    end: float
    rows: int
    confidence: float
    accuracy: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Trial:
    """how the rows were split, with which seed; trained: rows of the other side; set_aside: rows left out as copies of what was
    trained on; groups: of near copies among the tested; since: the oldest time tested; data: `rows.fingerprint` of all rows."""

    how: Split
    seed: int
    data: str
    rows: int
    trained: int
    tested: int
    set_aside: int
    groups: int
    since: str


@dataclass(frozen=True)
class Evaluation:
    """model: kind, created, data, rows, labels (how many) of the card. unknown: tested labels that the model does not have, with
    their rows. figures, baselines: on the tested rows. first_level: accuracy of the first level, None without levels."""

    task: Task
    model: Mapping[str, Any]
    trial: Trial
    figures: Figures
    bounds: Mapping[str, Bounds]
    first_level: float | None
    promise: PromiseCheck
    baselines: Mapping[Baseline, Figures]
    unknown: Mapping[str, int]
    reliability: tuple[Bin, ...]

    def document(self) -> dict[str, Any]:
        """The keys are described in docs/models/evaluation.md."""
        baselines = {kind.value: _headline(figures) for kind, figures in self.baselines.items()}
        return {"format": FORMAT, **asdict(self), "baselines": baselines}


def load_model(folder: Path, task: Task) -> Model:
    """The model of whatever kind. Raises ContractError where it is none of the task."""
    if task is Task.DEPARTMENT:
        from classifiers.learning.department import DepartmentModel  # noqa: PLC0415 - each kind pulls in its own libraries

        return DepartmentModel.load(folder)
    from classifiers.learning import bootstrap  # noqa: PLC0415 - see above
    from classifiers.learning.category import CategoryModel  # noqa: PLC0415 - see above

    bootstrapped = read_card(folder, task).kind == bootstrap.KIND
    return bootstrap.BootstrapModel.load(folder) if bootstrapped else CategoryModel.load(folder)


def evaluate_split(rows: Sequence[Row], task: Task, how: Split, seed: int, promise: float) -> Evaluation:
    """Train on one side, test on the other. Raises ContractError where the rows are too few or too much alike."""
    sides = split(rows, how, seed)
    model = _fitted([rows[place] for place in sides.train], task, seed)
    return _evaluation(model, rows, task, how, sides, seed, promise)


def evaluate_model(rows: Sequence[Row], task: Task, folder: Path, seed: int, promise: float) -> Evaluation:
    """Test a saved model on those rows that it was not trained on. Raises ContractError where there are none."""
    model = load_model(folder, task)
    return _evaluation(model, rows, task, Split.UNSEEN, unseen(rows, [folder]), seed, promise)


def known_labels(model: Model) -> frozenset[str]:
    """Every label that the model can answer, parents of paths too."""
    labels = set(model.card.labels)
    if not labels:
        from classifiers.learning.bootstrap import BootstrapModel  # noqa: PLC0415 - see load_model

        if isinstance(model, BootstrapModel):
            labels = {SEPARATOR.join(leaf) for leaf in model.cold.leaves}
    if model.card.task is Task.CATEGORY:
        labels |= {parent for label in labels for parent in above(label)}
    return frozenset(labels)


def unknown_labels(truth: Sequence[str], model: Model) -> dict[str, int]:
    """The tested labels that the model does not have, with their rows: it can only be wrong there.

    Raises ContractError where it has none of them: then they are written in another way (names for codes), or the model is
    another city's.
    """
    known = known_labels(model)
    strange = {label: truth.count(label) for label in sorted(set(truth) - known)}
    if len(strange) == len(set(truth)):
        rule = f"模型不认识这里的任何一个标签,例如“{next(iter(strange))}”;它认识的例如“{min(known, default='(无)')}”"
        raise ContractError(model.card.task.value, rule, "请检查标签写法是否一致(编码还是名称,写到第几级)")
    return strange


def answers_of(model: Model, rows: Sequence[Row], promise: float) -> list[Prediction]:
    """The model's answers as they are counted, see `counted`."""
    answers = model.predict(rows, promise=promise)
    if model.card.task is not Task.CATEGORY:
        return answers
    truths = frozenset(str(row.label) for row in rows)
    return counted(answers, truths, known_labels(model) | truths)


def baseline_answers(kind: Baseline, rows: Sequence[Row], sides: Sides, seed: int) -> list[Prediction]:
    """Of the tested rows. The baseline learns from the other side; where that is small (an existing model is tested, and its rows
    are not in the file) also from the tested rows, four parts for the fifth, so that it has what there is."""
    test, train = [rows[place] for place in sides.test], [rows[place] for place in sides.train]
    if len(train) >= len(test):
        return baseline(kind, train).predict(test)
    groups = sides.groups[sides.test]
    if len(set(groups.tolist())) < 2:  # nothing can be held out of one group; to learn from the test only helps the baseline
        return baseline(kind, test).predict(test)
    found: dict[int, Prediction] = {}
    for others, part in folds([str(row.label) for row in test], groups, PARTS, seed):
        learned = baseline(kind, [*train, *(test[place] for place in others)])
        found |= dict(zip(part.tolist(), learned.predict([test[place] for place in part]), strict=True))
    return [found[place] for place in range(len(test))]


def counted(answers: Sequence[Prediction], truths: frozenset[str], known: frozenset[str]) -> list[Prediction]:
    """Answers at the depth at which the rows are labelled. known: every label, the truths too.

    An answer below a label counts as that label. An answer that is only the parent of labels (a model that is unsure of the leaf
    says so) counts as the likeliest leaf the model names beside it, with that leaf's share; then it is never accepted.
    """
    parents = frozenset(parent for label in known for parent in above(label)) - truths
    return [_counted(answer, truths, parents) for answer in answers]


def above(label: str) -> list[str]:
    """The parents of a path, the nearest first."""
    names = label.split(SEPARATOR)
    return [SEPARATOR.join(names[:depth]) for depth in range(len(names) - 1, 0, -1)]


def check_promise(promise: float, correct: NDArray[np.bool_], groups: Places) -> PromiseCheck:
    """correct, groups: of the accepted rows."""
    if not len(correct):
        return PromiseCheck(promise, 0, 0, None, None, None, Kept.NOTHING, needed(promise))
    share, number = share_bounds(correct, groups)
    kept = Kept.PROVED if share.lower >= promise else Kept.BROKEN if share.upper < promise else Kept.OPEN
    missing = max(0, needed(promise) - int(number))
    return PromiseCheck(promise, len(correct), int(correct.sum()), share.value, share.lower, share.upper, kept, missing)


def _evaluation(
    model: Model, rows: Sequence[Row], task: Task, how: Split, sides: Sides, seed: int, promise: float
) -> Evaluation:
    test = [rows[place] for place in sides.test]
    groups = sides.groups[sides.test]
    truth = [str(row.label) for row in test]
    unknown = unknown_labels(truth, model)
    answers = answers_of(model, test, promise)
    correct = np.array([true == answer.label for true, answer in zip(truth, answers, strict=True)])
    accepted = np.array([answer.accepted for answer in answers])
    card = model.card
    apart = len(np.unique(groups))
    return Evaluation(
        task=task,
        model={"kind": card.kind, "created": card.created, "data": card.data, "rows": card.rows, "labels": len(card.labels)},
        trial=Trial(
            how, seed, fingerprint(rows), len(rows), len(sides.train), len(test), sides.set_aside, apart, sides.since
        ),
        figures=measure(truth, answers),
        bounds={"accuracy": share_bounds(correct, groups)[0], "macro_f1": macro_f1_bounds(truth, answers, groups)},
        first_level=_first_level(truth, answers) if task is Task.CATEGORY else None,
        promise=check_promise(promise, correct[accepted], groups[accepted]),
        baselines={kind: measure(truth, baseline_answers(kind, rows, sides, seed)) for kind in Baseline},
        unknown=unknown,
        reliability=_reliability(np.array([answer.confidence for answer in answers]), correct),
    )


def _fitted(rows: Sequence[Row], task: Task, seed: int) -> Model:
    if task is Task.DEPARTMENT:
        from classifiers.learning.department import DepartmentModel  # noqa: PLC0415 - see load_model

        return DepartmentModel.fit(rows, seed=seed)
    from classifiers.learning.category import CategoryModel  # noqa: PLC0415 - see load_model

    return CategoryModel.fit(rows, seed=seed)


def _counted(answer: Prediction, truths: frozenset[str], parents: frozenset[str]) -> Prediction:
    shares: dict[str, float] = {}
    for label, share in answer.top:
        name = next((one for one in (label, *above(label)) if one in truths), label)
        shares[name] = shares.get(name, 0.0) + share
    kept = {label: share for label, share in shares.items() if label not in parents} or shares
    first = next((one for one in (answer.label, *above(answer.label)) if one in kept), None)
    ranked = sorted(kept.items(), key=lambda one: (one[0] != first, -one[1]))
    label, share = ranked[0]
    same = label == answer.label
    return Prediction(label, answer.confidence if same else min(1.0, share), tuple(ranked[:SHOWN]), answer.accepted and same)


def _headline(figures: Figures) -> dict[str, float]:
    return {"accuracy": figures.accuracy, "top3": figures.top3, "macro_f1": figures.macro_f1}


def _first_level(truth: Sequence[str], answers: Sequence[Prediction]) -> float | None:
    if not any(SEPARATOR in label for label in truth):
        return None
    pairs = zip(truth, answers, strict=True)
    return sum(true.split(SEPARATOR)[0] == answer.label.split(SEPARATOR)[0] for true, answer in pairs) / len(truth)


def _reliability(confidences: NDArray[np.float64], correct: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Bins of equal width that hold any row."""
    place = np.minimum((confidences * BINS).astype(int), BINS - 1)
    found = []
    for number in np.unique(place).tolist():
        here = place == number
        rows, right = int(here.sum()), float(correct[here].sum())
        lower, upper = lower_bound(right, rows, DELTA), 1 - lower_bound(rows - right, rows, DELTA)
        sure, share = float(confidences[here].mean()), right / rows
        found.append(Bin(number / BINS, (number + 1) / BINS, rows, sure, share, lower, upper))
    return tuple(found)
