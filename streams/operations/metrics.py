"""The metrics of one process, in a registry of its own; made from the closed list, so that none can be added elsewhere."""

import time
from collections.abc import Mapping
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Final, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
    generate_latest,
    write_to_textfile,
)

from classifiers.learning.rows import Task
from schemas.words import DeadLetterKind, Stage
from streams.operations.holds import Hold, Obstacle, Server
from streams.operations.listed import LABELS, RECONCILE, WORKER, Family, Kind, Listed, Step, bulk_status

BUCKETS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
"""Seconds; 0.3 is the goal for the 95th percentile."""
disable_created_metrics()  # type: ignore[no-untyped-call]  # else each counter brings a second series that stands in no list
_Collector = Counter | Gauge | Histogram | Summary
_C = TypeVar("_C", Counter, Gauge, Histogram, Summary)


def _collectors(registry: CollectorRegistry) -> dict[str, _Collector]:
    made: dict[str, _Collector] = {}
    for row in WORKER:
        match row.kind:
            case Kind.COUNTER:
                made[row.name] = counter = Counter(row.name, row.help, row.labels, registry=registry)
                _begin_at_zero(counter, row)
            case Kind.GAUGE:
                made[row.name] = Gauge(row.name, row.help, row.labels, registry=registry)
            case Kind.HISTOGRAM:
                made[row.name] = Histogram(row.name, row.help, row.labels, registry=registry, buckets=BUCKETS)
            case Kind.SUMMARY:
                made[row.name] = Summary(row.name, row.help, row.labels, registry=registry)
    return made


def _begin_at_zero(counter: Counter, row: Listed) -> None:
    """A counter that appears with its first fault shows no increase, and no alert would see that fault."""
    if row.labels:
        for values in product(*(LABELS[label] for label in row.labels)):
            counter.labels(*values)


class Metrics:
    """Every method gives the collector to count with: `metrics.records(Stage.INTAKE).inc(500)`. Usable from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._made = _collectors(self.registry)
        self._of("wentichi_start_time_seconds", Gauge).set(time.time())

    def _of(self, name: str, kind: type[_C], *values: str) -> _C:
        collector = self._made[name]
        child = collector.labels(*values) if values else collector
        if not isinstance(child, kind):
            raise TypeError(f"{name} is no {kind.__name__}")
        return child

    def exposition(self) -> bytes:
        """Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)

    def lag(self, stage: Stage) -> Gauge:
        return self._of("wentichi_lag_records", Gauge, stage)

    def oldest_waiting(self, stage: Stage) -> Gauge:
        return self._of("wentichi_oldest_waiting_seconds", Gauge, stage)

    def records(self, stage: Stage) -> Counter:
        return self._of("wentichi_records_total", Counter, stage)

    def batches(self, stage: Stage) -> Counter:
        return self._of("wentichi_batches_total", Counter, stage)

    def step(self, stage: Stage, step: Step) -> Summary:
        """`with metrics.step(stage, step).time(): …`"""
        return self._of("wentichi_step_seconds", Summary, stage, step)

    def decision(self) -> Histogram:
        """Observe seconds from arrival to decision, a live report each."""
        return self._of("wentichi_decision_seconds", Histogram)

    def retries(self, server: Server, reason: Hold) -> Counter:
        return self._of("wentichi_retries_total", Counter, server, reason)

    def holding(self, server: Server) -> Gauge:
        return self._of("wentichi_holding", Gauge, server)

    def server_up(self, server: Server) -> Gauge:
        return self._of("wentichi_server_up", Gauge, server)

    def bulk_error(self, status: int) -> None:
        """Count one item that was not taken; fits `Elastic.on_bulk_error`."""
        self._of("wentichi_bulk_item_errors_total", Counter, bulk_status(status)).inc()

    def conflicts(self) -> Counter:
        return self._of("wentichi_conflicts_total", Counter)

    def replays(self) -> Counter:
        return self._of("wentichi_replays_total", Counter)

    def dead_letters(self, stage: Stage, kind: DeadLetterKind) -> Counter:
        return self._of("wentichi_dead_letters_total", Counter, stage, kind)

    def sent(self, family: Family) -> Counter:
        return self._of("wentichi_sent_total", Counter, family)

    def publish_resends(self) -> Counter:
        return self._of("wentichi_publish_resends_total", Counter)

    def timers_fired(self) -> Counter:
        return self._of("wentichi_timers_fired_total", Counter)

    def timers_late(self) -> Gauge:
        """0 when nothing is due."""
        return self._of("wentichi_timers_late_seconds", Gauge)

    def rebalances(self, stage: Stage) -> Counter:
        return self._of("wentichi_rebalances_total", Counter, stage)

    def partitions(self, stage: Stage) -> Gauge:
        return self._of("wentichi_partitions", Gauge, stage)

    def obstacle(self, obstacle: Obstacle) -> Gauge:
        return self._of("wentichi_obstacle", Gauge, obstacle)

    def build(self, version: str, pack: str, model: str) -> None:
        """Say once what runs; a new pack or model takes the place of the one before."""
        info = self._of("wentichi_build_info", Gauge)
        info.clear()
        info.labels(version, pack, model).set(1)

    def models(self, versions: Mapping[Task, str]) -> None:
        """Say which models decide; takes the place of what was said before. A task that is absent has its cold start."""
        info = self._of("wentichi_model_info", Gauge)
        info.clear()
        for task, version in versions.items():
            info.labels(task, version).set(1)

    def model_degraded(self) -> Gauge:
        return self._of("wentichi_model_degraded", Gauge)

    def model_check_time(self, task: Task) -> Gauge:
        return self._of("wentichi_model_check_timestamp_seconds", Gauge, task)

    def model_check_alert(self, task: Task) -> Gauge:
        return self._of("wentichi_model_check_alert", Gauge, task)

    def no_model_checks(self) -> None:
        """Nothing stands that could be checked."""
        self._of("wentichi_model_check_timestamp_seconds", Gauge).clear()
        self._of("wentichi_model_check_alert", Gauge).clear()


def write_drift(file: Path, *, drift: int, compared: int, at: datetime) -> None:
    """Leave the outcome of a comparison for the node exporter's text file collector; the file is replaced whole."""
    registry = CollectorRegistry(auto_describe=True)
    values = {"documents": drift, "compared_documents": compared, "timestamp_seconds": at.timestamp()}
    for row in RECONCILE:
        Gauge(row.name, row.help, registry=registry).set(values[row.name.removeprefix("wentichi_drift_")])
    write_to_textfile(str(file), registry)
