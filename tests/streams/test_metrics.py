"""The closed list of metrics holds both ways, and everything in it says what to do."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError
from elastic_transport import ApiResponseMeta, ConnectionError, ConnectionTimeout, HttpHeaders, NodeConfig  # noqa: A004
from elasticsearch import ApiError
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from classifiers.learning.rows import Task
from schemas.errors import PoolAway
from schemas.words import Channel, DeadLetterKind, Stage, Topic, intake_topic
from streams.operations import generate
from streams.operations.holds import HOLD_SENTENCES, OBSTACLE_SENTENCES, Hold, Obstacle, hold_of
from streams.operations.listed import LABELS, LISTED, OPEN_LABELS, WORKER, BulkStatus, Family, Kind, Step, bulk_status, family_of
from streams.operations.metrics import Metrics, write_drift

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "runbook"
BY_NAME = {row.name: row for row in LISTED}


def families(text: str) -> dict[str, Metric]:
    """By name as it is listed: the parser takes `_total` away."""
    found = {}
    for family in text_string_to_metric_families(text):
        found[family.name + ("_total" if family.type == "counter" else "")] = family
    return found


def exercised() -> Metrics:
    """Every method called with every word its arguments can be."""
    metrics = Metrics()
    metrics.build("0.1.0", "sample-1", "rules")
    metrics.models({Task.CATEGORY: "0123456789ab"})
    metrics.bulk_error(409)
    for name, method in inspect.getmembers(metrics, inspect.ismethod):
        if name.startswith("_") or name in ("exposition", "build", "models", "no_model_checks", "bulk_error"):
            continue
        words = [hint for hint in get_type_hints(method).values() if isinstance(hint, type) and issubclass(hint, StrEnum)]
        _call_with_all(method, words)
    return metrics


def _call_with_all(method: Callable[..., Any], words: list[type[StrEnum]], *given: StrEnum) -> None:
    if words:
        for word in words[0]:
            _call_with_all(method, words[1:], *given, word)
        return
    collector = method(*given)
    if hasattr(collector, "observe"):
        collector.observe(1)
    else:
        collector.inc()


def test_what_is_exposed_is_what_is_listed() -> None:
    exposed = families(exercised().exposition().decode())
    assert set(exposed) == {row.name for row in WORKER}
    for name, family in exposed.items():
        row = BY_NAME[name]
        assert family.type == row.kind, name
        assert family.documentation == row.help
        assert family.samples, f"{name}: no method of Metrics sets it"
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(row.labels), name
            for label, word in sample.labels.items():
                assert label == "le" or row.labels in OPEN_LABELS or word in set(LABELS[label]), f"{name}: {label}={word}"


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row.name)
def test_every_metric_is_named_by_the_conventions_and_has_a_remedy_and_a_page(row: Any) -> None:
    assert re.fullmatch(r"wentichi(_[a-z]+)+", row.name)
    assert row.name.endswith("_total") == (row.kind is Kind.COUNTER)
    if row.kind in (Kind.HISTOGRAM, Kind.SUMMARY):
        assert row.name.endswith("_seconds")
    assert re.search("[\u4e00-\u9fff]{4}", row.remedy)
    assert row.remedy.endswith("。")
    assert (RUNBOOK / f"{row.page}.md").is_file()
    assert set(row.labels) <= set(LABELS) or row.labels in OPEN_LABELS


def test_no_label_can_grow_with_the_city() -> None:
    for words in LABELS.values():
        assert 0 < len(words) <= 10
    assert len(LISTED) == len(BY_NAME)


def test_a_word_outside_the_closed_set_has_no_series_of_its_own() -> None:
    metrics = Metrics()
    for status in (400, 409, 418, 500, 503, 429):
        metrics.bulk_error(status)
    samples = families(metrics.exposition().decode())["wentichi_bulk_item_errors_total"].samples
    seen = {sample.labels["status"]: sample.value for sample in samples}
    assert set(seen) == set(BulkStatus)
    assert (seen["5xx"], seen["other"], seen["400"], seen["401"]) == (2, 1, 1, 0)
    assert bulk_status(299) is BulkStatus.OTHER


def test_counters_begin_at_zero_so_that_the_first_fault_is_an_increase() -> None:
    samples = families(Metrics().exposition().decode())["wentichi_dead_letters_total"].samples
    assert {(s.labels["stage"], s.labels["kind"]) for s in samples} == {(a, b) for a in Stage for b in DeadLetterKind}
    assert {s.value for s in samples} == {0}


def test_two_processes_share_nothing() -> None:
    first, second = Metrics(), Metrics()
    first.records(Stage.INTAKE).inc(3)
    assert second.registry.get_sample_value("wentichi_records_total", {"stage": "intake"}) == 0


def test_steps_and_decisions_are_measured() -> None:
    metrics = Metrics()
    with metrics.step(Stage.CASEWORK, Step.STATES).time():
        pass
    metrics.decision().observe(0.25)
    metrics.decision().observe(1800)
    value = metrics.registry.get_sample_value
    assert value("wentichi_step_seconds_count", {"stage": "casework", "step": "states"}) == 1
    assert value("wentichi_decision_seconds_bucket", {"le": "0.3"}) == 1
    assert value("wentichi_decision_seconds_bucket", {"le": "900.0"}) == 1
    assert value("wentichi_decision_seconds_bucket", {"le": "3600.0"}) == 2


def test_a_new_pack_takes_the_place_of_the_old_one() -> None:
    metrics = Metrics()
    metrics.build("1", "sample-1", "rules")
    metrics.build("1", "sample-2", "rules")
    (sample,) = families(metrics.exposition().decode())["wentichi_build_info"].samples
    assert sample.labels["pack"] == "sample-2"


def test_a_comparison_leaves_a_file_for_the_collector(tmp_path: Path) -> None:
    file = tmp_path / "wentichi.prom"
    at = datetime(2026, 3, 1, tzinfo=UTC)
    write_drift(file, drift=2, compared=10, at=at)
    write_drift(file, drift=3, compared=11, at=at)
    found = {name: family.samples[0].value for name, family in families(file.read_text()).items()}
    assert found == {
        "wentichi_drift_documents": 3,
        "wentichi_drift_compared_documents": 11,
        "wentichi_drift_timestamp_seconds": at.timestamp(),
    }


def test_every_topic_belongs_to_a_family_and_a_foreign_one_to_none() -> None:
    assert {family_of(topic) for topic in Topic} | {family_of("dispatch.u1"), family_of("progress.u1")} == set(Family)
    assert all(family_of(intake_topic(channel)) is Family.INTAKE for channel in Channel)
    assert family_of("commands-2") is None
    assert family_of("__consumer_offsets") is None


def _answered(status: int, reason: str) -> PoolAway:
    """As pool.elastic.transport raises it."""
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 9200))
    away = PoolAway(f"Elasticsearch 暂时不可用({status} {reason})")
    away.__cause__ = ApiError(reason, meta, {})
    return away


def _caused(cause: Exception) -> PoolAway:
    away = PoolAway("连不上 Elasticsearch")
    away.__cause__ = cause
    return away


FLOOD = "cluster_block_exception index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];"
HOLDS = [
    (_answered(401, "security_exception"), Hold.UNAUTHORIZED),
    (_answered(403, "security_exception"), Hold.FORBIDDEN),
    (_answered(403, "cluster_block_exception index [a] blocked by: [FORBIDDEN/5/index read-only (api)];"), Hold.READ_ONLY),
    (_answered(429, FLOOD), Hold.DISK_FULL),
    (PoolAway(f"Elasticsearch 暂时不收(429 {FLOOD})"), Hold.DISK_FULL),
    (_answered(429, "es_rejected_execution_exception"), Hold.BUSY),
    (PoolAway("Elasticsearch 暂时不收(503 unavailable_shards_exception)"), Hold.FAILING),
    (PoolAway("Elasticsearch 暂时不收(404 index_not_found_exception)"), Hold.NOT_FOUND),
    (_answered(404, "index_not_found_exception"), Hold.NOT_FOUND),
    (_answered(502, "bad gateway"), Hold.FAILING),
    (_caused(ConnectionTimeout("timed out")), Hold.TIMEOUT),
    (_caused(ConnectionError("refused")), Hold.UNREACHABLE),
    (ConnectionRefusedError(), Hold.UNREACHABLE),
    (TimeoutError(), Hold.TIMEOUT),
    (KafkaConnectionError(), Hold.UNREACHABLE),
    (KafkaTimeoutError(), Hold.TIMEOUT),
    (TopicAuthorizationFailedError(), Hold.FORBIDDEN),
    (UnknownTopicOrPartitionError(), Hold.NOT_FOUND),
    (PoolAway("Kafka 没有收下(KafkaTimeoutError);请检查服务、账号与磁盘"), Hold.TIMEOUT),
    ("连不上 Elasticsearch(ConnectionError);请检查地址和服务", Hold.UNREACHABLE),
    ("Elasticsearch 暂时不可用(401 security_exception);请检查服务、账号与磁盘", Hold.UNAUTHORIZED),
    (ValueError(), Hold.OTHER),
]


@pytest.mark.parametrize(("error", "hold"), HOLDS, ids=lambda value: type(value).__name__)
def test_why_a_step_is_held_is_told_from_the_error(error: Exception | str, hold: Hold) -> None:
    assert hold_of(error) is hold


def test_every_reason_has_a_sentence() -> None:
    assert set(HOLD_SENTENCES) == set(Hold)
    assert set(OBSTACLE_SENTENCES) == set(Obstacle)


def test_the_table_in_the_docs_and_the_dashboard_are_made_from_the_list() -> None:
    assert generate.stale() == []


def test_a_stale_table_is_found(tmp_path: Path) -> None:
    for target in generate.TARGETS:
        copy = tmp_path / target
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / target).read_text(encoding="utf-8")
        copy.write_text(text.replace("wentichi_lag_records", "wentichi_lag"), encoding="utf-8")
    assert generate.stale(tmp_path) == list(generate.TARGETS)
    assert generate.write(tmp_path) == 2
    assert generate.stale(tmp_path) == []
    for target in generate.TARGETS:
        assert (tmp_path / target).read_text(encoding="utf-8") == (ROOT / target).read_text(encoding="utf-8")
