"""What the metrics say of the models that decide: called wherever what decides changes."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from classifiers.learning.drift_log import LastCheck, last_check
from classifiers.learning.rows import Task
from classifiers.registry import Registry
from classifiers.standing import Condition
from schemas.errors import ContractError
from streams.operations.metrics import Metrics

CHECKED = Task.CATEGORY
"""The task that `wentichi models drift` looks at."""


def model_standing(metrics: Metrics, models: Path, condition: Condition) -> None:
    """Say what decides now. models: the registry's folder, whose `checks.jsonl` is read whenever the metrics are asked for, since
    checks are made by another process. A model that has failed keeps the age of its check, for it may recover by itself."""
    metrics.models(condition.versions)
    metrics.model_degraded().set(bool(condition.fault))
    version = condition.versions.get(CHECKED)
    if version is not None:
        latest = partial(_latest, models, version, _promoted(models))
        metrics.model_check_time(CHECKED).set_function(lambda: latest().at.timestamp())  # noqa: PLW0108 - asked anew each time
        metrics.model_check_alert(CHECKED).set_function(lambda: float(latest().alert))
    elif not condition.fault:
        metrics.no_model_checks()


def _latest(models: Path, version: str, promoted: datetime) -> LastCheck:
    return last_check(models, CHECKED, version) or LastCheck(promoted, alert=False)


def _promoted(models: Path) -> datetime:
    """Now, where the registry cannot be read: whoever loads models from it says so already."""
    try:
        standing = Registry(models).standing().get(CHECKED)
        return datetime.fromisoformat(standing.promoted) if standing is not None else datetime.now(UTC)
    except (ContractError, ValueError, OSError):
        return datetime.now(UTC)
