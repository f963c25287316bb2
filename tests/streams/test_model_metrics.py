"""What the metrics say of the models that decide, and of their last check."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifiers.learning.drift_log import FILE, last_check, note
from classifiers.learning.rows import Task
from classifiers.standing import Condition
from streams.operations.logs import only_listed
from streams.operations.metrics import Metrics
from streams.operations.models import model_standing

AT = datetime(2026, 5, 6, 8, tzinfo=UTC)
STANDS = Condition("category/0123456789ab+rules", {Task.CATEGORY: "0123456789ab", Task.DEPARTMENT: "ba9876543210"})
COLD = Condition("rules", {})
DEGRADED = Condition("rules+degraded", {}, "模型已损坏")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"wentichi_model_{name}", labels)


def checked(metrics: Metrics) -> tuple[float | None, float | None]:
    return value(metrics, "check_timestamp_seconds", task="category"), value(metrics, "check_alert", task="category")


def test_versions_that_decide_are_told_and_replaced(tmp_path: Path) -> None:
    metrics = Metrics()
    model_standing(metrics, tmp_path, STANDS)
    assert value(metrics, "info", task="category", version="0123456789ab") == 1
    assert value(metrics, "info", task="department", version="ba9876543210") == 1
    model_standing(metrics, tmp_path, Condition("category/111111111111+rules", {Task.CATEGORY: "111111111111"}))
    assert value(metrics, "info", task="category", version="0123456789ab") is None
    assert value(metrics, "info", task="category", version="111111111111") == 1


def test_a_model_that_fails_is_degraded_until_it_recovers(tmp_path: Path) -> None:
    metrics = Metrics()
    seen = []
    for condition in (COLD, STANDS, DEGRADED, STANDS):
        model_standing(metrics, tmp_path, condition)
        seen.append(value(metrics, "degraded"))
    assert seen == [0, 0, 1, 0]


def test_the_last_check_is_read_whenever_the_metrics_are_asked_for(tmp_path: Path) -> None:
    metrics = Metrics()
    model_standing(metrics, tmp_path, STANDS)
    note(tmp_path, AT, Task.CATEGORY, "0123456789ab", {"alert": False})
    assert checked(metrics) == (AT.timestamp(), 0)
    note(tmp_path, AT + timedelta(days=7), Task.CATEGORY, "0123456789ab", {"alert": True})
    assert checked(metrics) == ((AT + timedelta(days=7)).timestamp(), 1)
    model_standing(metrics, tmp_path, DEGRADED)
    assert checked(metrics)[1] == 1, "a model that may recover by itself keeps its check"
    model_standing(metrics, tmp_path, COLD)
    assert checked(metrics) == (None, None), "without a model nothing is overdue"


def test_a_model_never_checked_counts_from_its_promotion_and_not_from_1970(tmp_path: Path) -> None:
    metrics = Metrics()
    model_standing(metrics, tmp_path, STANDS)
    at, alert = checked(metrics)
    assert at is not None
    assert abs(at - datetime.now(UTC).timestamp()) < 60, "no registry here: from now"
    assert alert == 0


def test_the_check_of_another_version_or_task_does_not_count(tmp_path: Path) -> None:
    note(tmp_path, AT, Task.CATEGORY, "aaaaaaaaaaaa", {"alert": True})
    note(tmp_path, AT, Task.DEPARTMENT, "0123456789ab", {"alert": True})
    assert last_check(tmp_path, Task.CATEGORY, "0123456789ab") is None
    found = last_check(tmp_path, Task.CATEGORY, "aaaaaaaaaaaa")
    assert found is not None
    assert (found.at, found.alert) == (AT, True)


@pytest.mark.parametrize("torn", [b'{"at": "2026-05-', b"[]\n", b'{"task": "category"}\n'])
def test_a_torn_line_does_not_hide_the_check_before_it(tmp_path: Path, torn: bytes) -> None:
    note(tmp_path, AT, Task.CATEGORY, "aaaaaaaaaaaa", {"alert": True, "tests": ["把握"]})
    with (tmp_path / FILE).open("ab") as file:
        file.write(torn)
    found = last_check(tmp_path, Task.CATEGORY, "aaaaaaaaaaaa")
    assert found is not None
    assert found.alert
    assert json.loads((tmp_path / FILE).read_bytes().splitlines()[0])["tests"] == ["把握"]
    note(tmp_path, AT, Task.CATEGORY, "aaaaaaaaaaaa", {"alert": False})
    later = last_check(tmp_path, Task.CATEGORY, "aaaaaaaaaaaa")
    assert later is not None
    assert not later.alert, "nor the one after it"


def test_the_log_line_of_a_degraded_model_says_why_and_what_decides() -> None:
    told = {"event": "model_degraded", "fault": DEGRADED.fault, "deciding": DEGRADED.model, "text": "x"}
    line = only_listed(None, "error", told)
    assert line == {"event": "model_degraded", "fault": "模型已损坏", "deciding": "rules+degraded", "dropped": 1}
