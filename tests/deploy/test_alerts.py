"""Alerts: every expression speaks of listed metrics in their closed words, every fault has a page, and each alert can fire."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import programs
from deploy.local.faults import ServersMissing
from streams.operations.listed import LABELS, LISTED, Kind
from tests.servers import without_servers

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
RUNBOOK = ROOT / "docs" / "runbook"
SECTIONS = ("现象", "影响", "先看什么", "怎么办", "怎样确认好了", "不要做什么")
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
FUNCTIONS = {"sum", "max", "min", "rate", "increase", "changes", "deriv", "absent", "histogram_quantile", "time"}
WORDS = {"by", "on", "and", "or"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"[^"]*")|(?P<range>\[[0-9]+[smhd]\])|(?P<number>[0-9]+(?:\.[0-9]+)?)"""
    r"""|(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)|(?P<operator>=~|!=|==|>=|<=|[-+*/><=(){},])"""
)


def tokens(expression: str) -> list[tuple[str, str]]:
    """(kind, text), without white space. Raises ValueError at what is no PromQL."""
    found, position = [], 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ValueError(f"{expression[position:]!r}")
        if match.lastgroup != "space":
            found.append((str(match.lastgroup), match.group()))
        position = match.end()
    return found


def series_names() -> dict[str, tuple[str, ...]]:
    """Every name that a query may use, with its labels."""
    found: dict[str, tuple[str, ...]] = {}
    for row in LISTED:
        if row.kind in (Kind.HISTOGRAM, Kind.SUMMARY):
            found |= {f"{row.name}_sum": row.labels, f"{row.name}_count": row.labels}
        if row.kind is Kind.HISTOGRAM:
            found[f"{row.name}_bucket"] = (*row.labels, "le")
        if row.kind in (Kind.COUNTER, Kind.GAUGE):
            found[row.name] = row.labels
    return found


def faults(expression: str) -> Iterator[str]:
    """What an expression says of metrics, labels or words that are not in the closed lists."""
    known = series_names()
    read = tokens(expression)
    if any(expression.count(opening) != expression.count(closing) for opening, closing in ("()", "{}")):
        yield "brackets do not match"
    metric = ""
    grouping = False
    for place, (kind, text) in enumerate(read):
        grouping = (grouping or (text == "(" and read[place - 1][1] in ("by", "on"))) and text != ")"
        if kind != "name" or text in FUNCTIONS | WORDS:
            continue
        if read[place + 1 : place + 2] and read[place + 1][1] in ("=", "=~", "!="):
            yield from _matcher_faults(text, read[place + 2][1], known.get(metric, ()))
        elif grouping:
            if not any(text in labels for labels in known.values()):
                yield f"no metric has label {text}"
        elif text in known:
            metric = text
        else:
            yield f"{text} is not listed"


def _matcher_faults(label: str, value: str, labels: tuple[str, ...]) -> Iterator[str]:
    if label not in labels:
        yield f"there is no label {label}"
    elif label in LABELS:
        yield from (f"{label} is never {word}" for word in value.strip('"').split("|") if word not in set(LABELS[label]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_speaks_of_listed_metrics_and_names_its_page(rule: dict[str, Any]) -> None:
    assert list(faults(rule["expr"])) == []
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "runbook"}
    page = ROOT / rule["annotations"]["runbook"]
    assert page.parent == RUNBOOK
    assert page.is_file()
    assert f"`{rule['alert']}`" in page.read_text(encoding="utf-8"), "the page says by which alert one comes to it"


@pytest.mark.parametrize(
    "wrong",
    [
        "wentichi_unknown > 0",
        "wentichi_decision_seconds > 5",
        'wentichi_lag_records{unit="a"} > 0',
        'wentichi_lag_records{stage="nowhere"} > 0',
        'rate(wentichi_retries_total{reason=~"busy|bored"}[5m]) > 0',
        "sum by (unit) (wentichi_lag_records) > 0",
        "sum(wentichi_lag_records > 0",
    ],
)
def test_the_check_finds_what_is_wrong(wrong: str) -> None:
    assert list(faults(wrong))


def test_names_are_unique_and_every_page_is_referred_to() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    referred = {Path(rule["annotations"]["runbook"]).stem for rule in RULES} | {row.page for row in LISTED}
    for page in sorted(referred):  # and from there, one link further
        referred |= set(re.findall(r"\]\(([a-z-]+)\.md\)", (RUNBOOK / f"{page}.md").read_text(encoding="utf-8")))
    assert {page.stem for page in RUNBOOK.glob("*.md")} == referred


@pytest.mark.parametrize("page", sorted(RUNBOOK.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_has_every_section_and_speaks_of_what_there_is(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(SECTIONS)
    listed = {row.name for row in LISTED} | set(series_names())
    assert set(re.findall(r"\bwentichi_[a-z_]+", text)) <= listed
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", text))
    alerts = {rule["alert"] for rule in RULES}
    assert named & alerts, "no alert leads here"
    assert set(re.findall(r"告警 `([A-Za-z]+)`", text)) <= alerts
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (RUNBOOK / link).is_file(), link


def test_queries_of_the_dashboard_speak_of_listed_metrics() -> None:
    panels = json.loads((ROOT / "deploy" / "grafana" / "wentichi.json").read_text(encoding="utf-8"))["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    assert {panel["title"] for panel in panels} == {row.name for row in LISTED}
    assert [(expression, found) for expression in expressions if (found := list(faults(expression)))] == []


FIRING: dict[str, dict[str, str]] = {
    "KafkaDown": {'wentichi_server_up{server="kafka"}': "0x60"},
    "ElasticsearchDown": {'wentichi_retries_total{server="elasticsearch",reason="unreachable"}': "0+10x60"},
    "ElasticsearchReadOnly": {'wentichi_retries_total{server="elasticsearch",reason="read_only"}': "0+10x60"},
    "DiskFull": {'wentichi_retries_total{server="elasticsearch",reason="disk_full"}': "0+10x60"},
    "CredentialsRefused": {'wentichi_retries_total{server="kafka",reason="unauthorized"}': "0+10x60"},
    "UnitTopicMissing": {'wentichi_retries_total{server="kafka",reason="not_found"}': "0+10x60"},
    "PoolBehindLog": {'wentichi_obstacle{obstacle="pool_behind_log"}': "1x60"},
    "PoolAheadOfLog": {'wentichi_obstacle{obstacle="pool_ahead_of_log"}': "1x60"},
    "PartitionCountChanged": {'wentichi_obstacle{obstacle="partition_count"}': "1x60"},
    "MasterKeyMissing": {'wentichi_obstacle{obstacle="master_key"}': "1x60"},
    "LagGrows": {'wentichi_lag_records{stage="intake"}': "0+1000x60"},
    "OldestWaits": {'wentichi_oldest_waiting_seconds{stage="intake"}': "0+60x60"},
    "StageStands": {
        'wentichi_lag_records{stage="casework"}': "5x60",
        'wentichi_records_total{stage="casework"}': "9x60",
        'wentichi_holding{server="kafka"}': "0x60",
    },
    "WorkerRestarts": {"wentichi_start_time_seconds": "0+60x60"},
    "WorkersGone": {},
    "DeadLettersDefect": {'wentichi_dead_letters_total{stage="casework",kind="defect"}': "0x55 1x5"},
    "DeadLetters": {'wentichi_dead_letters_total{stage="intake",kind="invalid"}': "0+1x60"},
    "Drift": {"wentichi_drift_documents": "2x60"},
    "ReconcileStale": {"wentichi_drift_timestamp_seconds": "-700000x60"},
    "DecisionSlow": {
        'wentichi_decision_seconds_bucket{le="5.0"}': "0+1x60",
        'wentichi_decision_seconds_bucket{le="10.0"}': "0+10x60",
        'wentichi_decision_seconds_bucket{le="+Inf"}': "0+10x60",
    },
    "PublishResends": {"wentichi_publish_resends_total": "0+5x60", 'wentichi_sent_total{family="dispatch"}': "0+10x60"},
    "Conflicts": {"wentichi_conflicts_total": "0+5x60", 'wentichi_records_total{stage="casework"}': "0+100x60"},
    "Rebalances": {'wentichi_rebalances_total{stage="casework"}': "0+1x60"},
    "NobodyHoldsPartitions": {'wentichi_partitions{stage="casework"}': "0x60"},
    "TimersLate": {"wentichi_timers_late_seconds": "0+60x60"},
    "ModelDegraded": {"wentichi_model_degraded": "1x60"},
    "ModelDrift": {'wentichi_model_check_alert{task="category"}': "1x60"},
    "ModelCheckStale": {'wentichi_model_check_timestamp_seconds{task="category"}': "-700000x60"},
}
"""What each alert must fire on: series and their values, a minute apart, for an hour."""
HEALTHY = {
    'wentichi_build_info{version="1"}': "1x60",
    'wentichi_server_up{server="kafka"}': "1x60",
    'wentichi_server_up{server="elasticsearch"}': "1x60",
    'wentichi_retries_total{server="kafka",reason="timeout"}': "0x30 1x30",
    'wentichi_retries_total{server="elasticsearch",reason="busy"}': "0x30 2x30",
    'wentichi_obstacle{obstacle="pool_behind_log"}': "0x60",
    'wentichi_lag_records{stage="casework"}': "0 40 0 30x57",
    'wentichi_records_total{stage="casework"}': "0+300x60",
    'wentichi_oldest_waiting_seconds{stage="casework"}': "1x60",
    'wentichi_holding{server="kafka"}': "0x60",
    "wentichi_start_time_seconds": "5x30 9x30",
    'wentichi_dead_letters_total{stage="casework",kind="defect"}': "0x60",
    'wentichi_dead_letters_total{stage="intake",kind="invalid"}': "0x50 2x10",
    "wentichi_drift_documents": "0x60",
    "wentichi_drift_timestamp_seconds": "0x60",
    'wentichi_decision_seconds_bucket{le="0.3"}': "0+99x60",
    'wentichi_decision_seconds_bucket{le="+Inf"}': "0+100x60",
    "wentichi_publish_resends_total": "0x60",
    'wentichi_sent_total{family="dispatch"}': "0+200x60",
    "wentichi_conflicts_total": "0x40 1x20",
    'wentichi_rebalances_total{stage="casework"}': "1x30 3x30",
    'wentichi_partitions{stage="casework"}': "8x60",
    "wentichi_timers_late_seconds": "2x60",
    'wentichi_model_info{task="category",version="0123456789ab"}': "1x60",
    "wentichi_model_degraded": "0x30 1x3 0x27",
    'wentichi_model_check_alert{task="category"}': "0x60",
    'wentichi_model_check_timestamp_seconds{task="category"}': "0x60",
}


def test_every_alert_has_series_that_it_must_fire_on() -> None:
    assert set(FIRING) == {rule["alert"] for rule in RULES}
    known = series_names()
    for series in (HEALTHY, *FIRING.values()):
        assert {name.partition("{")[0] for name in series} <= set(known)


@pytest.fixture
def promtool() -> Path:
    """As for servers: fetched where it is missing, skipped where it cannot be had, which REQUIRE_SERVERS=1 makes a failure."""
    try:
        return programs.promtool()
    except ServersMissing as error:
        without_servers(error)


@pytest.mark.slow
def test_prometheus_fires_each_alert_on_its_fault_and_none_on_a_healthy_pool(promtool: Path, tmp_path: Path) -> None:
    def fired(alert: str, series: dict[str, str], samples: list[dict[str, Any]]) -> dict[str, Any]:
        expression = f'count by (alertname) (ALERTS{{alertstate="firing"{alert}}})'
        return {
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [{"expr": expression, "eval_time": "59m", "exp_samples": samples}],
        }

    tests = []
    for name, series in FIRING.items():
        own = f'alertname="{name}"'
        tests.append(fired(f",{own}", series, [{"labels": f"{{{own}}}", "value": 1}]))
    tests.append(fired("", HEALTHY, []))
    plan = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    file = tmp_path / "tests.yaml"
    file.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
