"""The classifier of a running pool: the models that stand in the registry, else the pack's own rules.

A promoted model is taken by running processes at their next batch, without restart. One that cannot be loaded, or that fails at
its work, leaves the rules to decide, visibly: every finding names what made it, and `Condition` goes to logs and metrics.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from city.pack import CityPack
from classifiers.learning.rows import Task
from classifiers.pack_rules import Asked, PackClassifier
from classifiers.registry import Registry, Standing
from classifiers.trained import Promoted, TrainedClassifier
from schemas.errors import ContractError, WentichiError
from schemas.findings import Findings

AGAIN: Final = 60.0
"""Seconds after which a model that could not be used is tried again."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What decides.

    model: as in `Findings.model`; versions: of the models that stand and work, by task; fault: why one that stands does not, for
    people; "" when all is well.
    """

    model: str
    versions: Mapping[Task, str]
    fault: str = ""


class StandingClassifier:
    """For one process and pack. tell: called at the start and whenever the condition changes."""

    def __init__(self, pack: CityPack, folder: Path | None, tell: Callable[[Condition], None] = lambda _: None) -> None:
        """folder: of the registry, which need not be there; None: the rules alone."""
        self._pack, self._tell = pack, tell
        self._registry = Registry(folder) if folder is not None else None
        self._rules = PackClassifier(pack)
        self._trained: TrainedClassifier | None = None
        self._stamp: int | None = None
        self._again = 0.0
        self.condition = Condition(self._rules.name, {})
        tell(self.condition)
        if self._registry is not None:
            self._load(self._registry)

    def findings(self, asked: Sequence[Asked]) -> list[Findings]:
        """Of each report, in order, by what stands at this moment."""
        if self._registry is not None:
            again = self.condition.fault and time.monotonic() > self._again
            if again or self._registry.stamp() != self._stamp:
                self._load(self._registry)
        if self._trained is not None:
            try:
                return self._trained.findings(asked)
            except Exception as error:  # whatever a model does, reports go on; its message may hold their words
                self._fail(type(error).__name__)
        found = self._rules.findings(asked)
        if self.condition.fault:
            found = [one.model_copy(update={"model": self.condition.model}) for one in found]
        return found

    def _load(self, registry: Registry) -> None:
        self._stamp = registry.stamp()
        self._trained = None
        try:
            standing = registry.standing()
            category = standing.get(Task.CATEGORY)
            if category is not None:
                department = standing.get(Task.DEPARTMENT)
                orders = _promoted(department) if department else None
                self._trained = TrainedClassifier(self._pack, self._rules, _promoted(category), orders)
            elif standing:
                raise ContractError("models", "只有单位模型,没有类别模型", "请先用 wentichi models promote category 上线类别模型")
        except (WentichiError, OSError, ImportError, MemoryError) as error:
            self._fail(str(error))
            return
        made = self._trained.name if self._trained else self._rules.name
        self._be(Condition(made, {task: one.version for task, one in standing.items()}))

    def _fail(self, fault: str) -> None:
        self._trained = None
        self._again = time.monotonic() + AGAIN
        self._be(Condition(f"{self._rules.name}+degraded", {}, fault))

    def _be(self, condition: Condition) -> None:
        if condition != self.condition:
            self.condition = condition
            self._tell(condition)


def _promoted(standing: Standing) -> Promoted:
    """Raises ContractError where the folder holds no model, a damaged one, or one without labels."""
    if standing.task is Task.CATEGORY:
        from classifiers.learning.category import CategoryModel as Model  # noqa: PLC0415 - a pool without models needs no scikit-learn
    else:
        from classifiers.learning.department import DepartmentModel as Model  # type: ignore[assignment]  # noqa: PLC0415
    model = Model.load(standing.folder)
    return Promoted(model, standing.version, standing.promise, standing.checked_share, dict(model.card.labels))
