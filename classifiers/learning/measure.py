"""Figures of a model's answers against the truth, as plain values that can be written as JSON (`dataclasses.asdict`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.learning.calibration import ece
from classifiers.learning.prediction import Prediction
from classifiers.learning.promise import Point, curve


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Of one label. precision 0 where it was never answered, recall 0 where it never was the truth. support: rows."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """`count` rows of `truth` were answered with `answer`."""

    truth: str
    answer: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """accuracy, top3, macro_f1, ece, accepted, accepted_accuracy: 0..1.

    macro_f1: the plain mean over every label that is a truth or an answer. accepted: share of the rows accepted;
    accepted_accuracy: None where none was. confusions: most frequent first; curve: the surest first.
    """

    rows: int
    accuracy: float
    top3: float
    macro_f1: float
    ece: float
    accepted: float
    accepted_accuracy: float | None
    classes: tuple[ClassFigures, ...]
    confusions: tuple[Confusion, ...]
    curve: tuple[Point, ...]

    def accuracy_at(self, coverage: float) -> float:
        """Accuracy of the surest part of that size (0..1)."""
        return next(point.accuracy for point in self.curve if point.coverage >= coverage - 1e-9)


def measure(truth: Sequence[str], answers: Sequence[Prediction]) -> Figures:
    """One truth per answer; at least one."""
    if not truth or len(truth) != len(answers):
        raise ValueError(f"one truth per answer and at least one, not {len(truth)} and {len(answers)}")
    pairs = Counter((true, answer.label) for true, answer in zip(truth, answers, strict=True))
    correct = [true == answer.label for true, answer in zip(truth, answers, strict=True)]
    confidences = [answer.confidence for answer in answers]
    accepted = [right for right, answer in zip(correct, answers, strict=True) if answer.accepted]
    classes = _classes(pairs)
    return Figures(
        rows=len(truth),
        accuracy=sum(correct) / len(truth),
        top3=sum(_in_top(true, answer, 3) for true, answer in zip(truth, answers, strict=True)) / len(truth),
        macro_f1=sum(one.f1 for one in classes) / len(classes),
        ece=ece(confidences, correct),
        accepted=len(accepted) / len(truth),
        accepted_accuracy=sum(accepted) / len(accepted) if accepted else None,
        classes=classes,
        confusions=_confusions(pairs),
        curve=tuple(curve(confidences, correct)),
    )


def _in_top(true: str, answer: Prediction, many: int) -> bool:
    return any(label == true for label, _ in answer.top[:many])


def _classes(pairs: Counter[tuple[str, str]]) -> tuple[ClassFigures, ...]:
    support: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for (true, answer), count in pairs.items():
        support[true] += count
        answered[answer] += count
    found = []
    for label in sorted(support.keys() | answered.keys()):
        right = pairs[label, label]
        precision = right / answered[label] if answered[label] else 0.0
        recall = right / support[label] if support[label] else 0.0
        f1 = 2 * right / (support[label] + answered[label])
        found.append(ClassFigures(label, precision, recall, f1, support[label]))
    return tuple(found)


def _confusions(pairs: Counter[tuple[str, str]]) -> tuple[Confusion, ...]:
    wrong = [Confusion(true, answer, count) for (true, answer), count in pairs.items() if true != answer]
    return tuple(sorted(wrong, key=lambda one: (-one.count, one.truth, one.answer)))
