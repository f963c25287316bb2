"""Challenger against what decides now, on rows that neither was trained on: who is promoted and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.learning.baselines import Baseline
from classifiers.learning.compare import Comparison, compare
from classifiers.learning.evaluate import (
    Kept,
    PromiseCheck,
    answers_of,
    baseline_answers,
    check_promise,
    load_model,
    unknown_labels,
)
from classifiers.learning.measure import Figures, measure
from classifiers.learning.promise import needed
from classifiers.learning.rows import Row, Task, fingerprint
from classifiers.learning.split import unseen
from schemas.errors import ContractError

SEED: Final = 0
"""Of the parts by which baselines learn."""
LEAST: Final = 100
"""Independent rows in any case; the drift reference needs as many."""
CHAMPION: Final = "champion"


@dataclass(frozen=True)
class Contest:
    """figures: of the challenger and of each it was compared with ("champion", or the baselines where nothing stands), by name;
    comparisons: challenger minus each. rows: tested, set_aside: rows that one of the models had seen (or a near copy), unknown:
    tested labels that a model does not have, with their rows, by model. tested_rows, confidences: for the drift reference."""

    task: Task
    data: str
    rows: int
    groups: int
    set_aside: int
    figures: Mapping[str, Figures]
    comparisons: Mapping[str, Comparison]
    promise: PromiseCheck
    unknown: Mapping[str, Mapping[str, int]]
    tested_rows: Sequence[Row]
    confidences: Sequence[float]

    @property
    def won(self) -> bool:
        """Better than every one it was compared with, and its promise is not refuted: else it may not decide alone."""
        return all(one.better for one in self.comparisons.values()) and self.promise.kept is not Kept.BROKEN

    def document(self) -> dict[str, Any]:
        """What is kept beside the standing and in the history: figures, no text, no label."""
        names = ("accuracy", "macro_f1", "top3", "ece", "accepted", "accepted_accuracy")
        return {
            "data": self.data,
            "rows": self.rows,
            "groups": self.groups,
            "set_aside": self.set_aside,
            "figures": {name: {one: getattr(found, one) for one in names} for name, found in self.figures.items()},
            "comparisons": {name: {**asdict(one), "better": one.better} for name, one in self.comparisons.items()},
            "promise": asdict(self.promise),
            "unknown_rows": {name: sum(labels.values()) for name, labels in self.unknown.items()},
        }


def contest(rows: Sequence[Row], task: Task, challenger: Path, champion: Path | None, promise: float) -> Contest:
    """champion: the folder of what stands, None for the cold start: then the baselines are to be beaten.

    Raises ContractError where fewer independent rows are left than could prove the promise (`promise.needed`) or `LEAST`, where
    all were seen, and for models that know none of the labels.
    """
    models = {"challenger": load_model(challenger, task)}
    if champion is not None:
        models[CHAMPION] = load_model(champion, task)
    sides = unseen(rows, [challenger] if champion is None else [challenger, champion])
    test = [rows[place] for place in sides.test]
    groups = sides.groups[sides.test]
    apart = len(np.unique(groups))
    least = max(LEAST, needed(promise))
    if apart < least:
        rule = f"没见过且互不相似的只有 {apart:,} 行({sides.set_aside:,} 行训练时见过),承诺 {promise:.4g} 至少要 {least:,} 行"
        raise ContractError("--held-out", rule, f"请再提供至少 {least - apart:,} 行训练之后由人定过标签的来件")
    truth = [str(row.label) for row in test]
    unknown = {name: unknown_labels(truth, model) for name, model in models.items()}
    answers = {name: answers_of(model, test, promise) for name, model in models.items()}
    if champion is None:
        answers |= {kind.value: baseline_answers(kind, rows, sides, SEED) for kind in Baseline}
    own = answers["challenger"]
    accepted = np.array([answer.accepted for answer in own])
    correct = np.array([true == answer.label for true, answer in zip(truth, own, strict=True)])
    return Contest(
        task=task,
        data=fingerprint(rows),
        rows=len(test),
        groups=apart,
        set_aside=sides.set_aside,
        figures={name: measure(truth, found) for name, found in answers.items()},
        comparisons={name: compare(truth, own, found, groups) for name, found in answers.items() if found is not own},
        promise=check_promise(promise, correct[accepted], groups[accepted]),
        unknown=unknown,
        tested_rows=test,
        confidences=[answer.confidence for answer in models["challenger"].predict(test, promise=promise)],
    )
