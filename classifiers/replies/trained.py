"""The check of a reply by rules and a model that was trained on a city's own marked replies."""

from collections.abc import Callable, Sequence
from pathlib import Path

from classifiers.replies.checker import RULES, Asked, ReplyChecker, RuleChecker, found
from classifiers.replies.reading import Reading, read_reply
from classifiers.replies.reasons import ReasonModel
from schemas.errors import WentichiError
from schemas.replies import ReplyFault, ReplyFinding, ReplyFindings

DEGRADED = f"{RULES}+degraded"
"""Stands in findings where a model should have spoken and could not."""
UNEXPLAINED = 0.5
"""Probability of an explanation below which no_reason is named."""


class TrainedReplyChecker:
    """The model decides on reasons, the rules on all else. tell: called once with what a model that fails failed of."""

    def __init__(self, model: ReasonModel, tell: Callable[[str], None] = lambda _: None) -> None:
        self._model, self._tell = model, tell
        self._failed = False
        self.name = f"{RULES}+{model.card.name}"

    def check(self, asked: Sequence[Asked]) -> list[ReplyFindings]:
        readings = [read_reply(one.reply) for one in asked]
        ruled = [found(one.request, reading) for one, reading in zip(asked, readings, strict=True)]
        try:
            chances = self._model.probabilities(readings).tolist()
            return [self._joined(*one) for one in zip(ruled, readings, chances, strict=True)]
        except Exception as error:  # whatever a model does, replies are checked; its message may hold their words
            if not self._failed:
                self._failed = True
                self._tell(f"答复检查的模型出错({type(error).__name__}),改由规则检查")
            return [one.model_copy(update={"model": DEGRADED}) for one in ruled]

    def _joined(self, ruled: ReplyFindings, reading: Reading, chance: float) -> ReplyFindings:
        """Where rules and model agree that nothing was answered, each counts as a witness of its own. A reply that gives no
        answer is not blamed for its reasons too."""
        faults = [one for one in ruled.faults if one.fault is not ReplyFault.NO_REASON]
        silent = next((place for place, one in enumerate(faults) if one.fault is ReplyFault.NO_ANSWER), None)
        if silent is not None:
            sure = round(1 - (1 - faults[silent].confidence) * min(1.0, chance / UNEXPLAINED), 4)
            faults[silent] = faults[silent].model_copy(update={"confidence": sure})
        elif chance < UNEXPLAINED:
            evidence = ["model", *self._model.missing(reading)]
            faults.append(ReplyFinding(fault=ReplyFault.NO_REASON, confidence=round(1 - chance, 4), evidence=evidence))
        faults.sort(key=lambda one: -one.confidence)
        return ReplyFindings(faults=faults, explains=round(chance, 4), model=self.name)


class _Degraded:
    """The rules in place of a model that could not be loaded."""

    def check(self, asked: Sequence[Asked]) -> list[ReplyFindings]:
        return [one.model_copy(update={"model": DEGRADED}) for one in RuleChecker().check(asked)]


def reply_checker(folder: Path | None, tell: Callable[[str], None] = lambda _: None) -> ReplyChecker:
    """The model of the folder, or the rules where there is none (None, or no such folder). A model that cannot be loaded leaves
    the rules, visibly: `tell` gets the reason, and every finding's `model` ends in `+degraded`."""
    if folder is None or not folder.exists():
        return RuleChecker()
    try:
        return TrainedReplyChecker(ReasonModel.load(folder), tell)
    except (WentichiError, OSError, ImportError, MemoryError) as error:
        tell(str(error))
        return _Degraded()
