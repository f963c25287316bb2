"""Writes what follows from the closed list of metrics: the table in docs/operations.md and the Grafana dashboard.

python -m streams.operations.generate [--check]
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from streams.operations.listed import LISTED, Kind, Listed

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = "docs/operations.md"
DASHBOARD: Final = "deploy/grafana/wentichi.json"
TARGETS: Final = (PAGE, DASHBOARD)
BEGIN: Final = "<!-- metrics: begin (python -m streams.operations.generate) -->\n"
END: Final = "<!-- metrics: end -->\n"
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3
_WORST: Final = frozenset(
    {
        "wentichi_oldest_waiting_seconds",
        "wentichi_timers_late_seconds",
        "wentichi_obstacle",
        "wentichi_holding",
        "wentichi_model_degraded",
        "wentichi_model_check_alert",
    }
)
"""Gauges of which the largest over the workers tells most; the others are added up."""


def table() -> str:
    """The list as a Markdown table."""
    rows = ["| metric | type | labels | meaning | 该怎么办 | run book |", "|---|---|---|---|---|---|"]
    for row in LISTED:
        labels = ", ".join(row.labels) or "–"
        rows.append(f"| `{row.name}` | {row.kind} | {labels} | {row.help} | {row.remedy} | [{row.page}](runbook/{row.page}.md) |")
    return "\n".join(rows) + "\n"


def queries(row: Listed) -> list[tuple[str, str]]:
    """(expression, legend) of a metric's panel."""
    by = f"by ({', '.join(row.labels)}) " if row.labels else ""
    legend = " ".join(f"{{{{{label}}}}}" for label in row.labels) or row.name
    match row.kind:
        case Kind.COUNTER:
            return [(f"sum {by}(rate({row.name}[5m]))", legend)]
        case Kind.SUMMARY:
            return [(f"sum {by}(rate({row.name}_sum[5m]))", legend)]
        case Kind.HISTOGRAM:
            inner = f"sum by (le) (rate({row.name}_bucket[5m]))"
            return [(f"histogram_quantile({q}, {inner})", f"p{round(q * 100)}") for q in (0.5, 0.95, 0.99)]
        case Kind.GAUGE:
            return [(_gauge(row, by), legend)]


def _gauge(row: Listed, by: str) -> str:
    if row.name.endswith(("start_time_seconds", "timestamp_seconds")):
        return f"time() - {row.name}"
    if row.name == "wentichi_server_up":
        return f"min {by}({row.name})"
    return f"{'max' if row.name in _WORST else 'sum'} {by}({row.name})"


def dashboard() -> str:
    """Grafana's JSON: a panel a metric, in the order of the list, each with its remedy."""
    value = {
        "uid": "wentichi",
        "title": "wentichi 问题池",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "数据源"}]},
        "panels": [_panel(number, row) for number, row in enumerate(LISTED)],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _panel(number: int, row: Listed) -> dict[str, Any]:
    seconds = row.name.endswith("_seconds") and row.kind is not Kind.SUMMARY
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": row.name,
        "description": f"{row.help}\n\n{row.remedy}\n\ndocs/runbook/{row.page}.md",
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"x": number % _COLUMNS * _WIDTH, "y": number // _COLUMNS * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": "s" if seconds else "short", "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": expression, "legendFormat": legend}
            for place, (expression, legend) in enumerate(queries(row))
        ],
    }


def rendered(root: Path) -> dict[str, str]:
    """File -> text as it should be. What stands around the table in the page stays. Raises ValueError without its two marks."""
    page = (root / PAGE).read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"{PAGE} 里应各有一行 {BEGIN.strip()} 与 {END.strip()}")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return {PAGE: before + BEGIN + table() + END + after, DASHBOARD: dashboard()}


def stale(root: Path = ROOT) -> list[str]:
    """Files that are missing or differ."""
    return [name for name, text in rendered(root).items() if not _holds(root / name, text)]


def write(root: Path = ROOT) -> int:
    """Write what is stale; how many files that were."""
    names, texts = stale(root), rendered(root)
    for name in names:
        (root / name).write_text(texts[name], encoding="utf-8")
    return len(names)


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


def main(arguments: Iterable[str] | None = None) -> int:
    """Exit status 1 when `--check` finds stale files."""
    parser = argparse.ArgumentParser(prog="python -m streams.operations.generate", description="生成指标表与 Grafana 面板")
    parser.add_argument("--check", action="store_true", help="只检查是否过期,不写文件")
    if not parser.parse_args(None if arguments is None else list(arguments)).check:
        sys.stdout.write(f"写了 {write()} 个文件\n")
        return 0
    names = stale()
    if names:
        sys.stderr.write(f"已过期:{'、'.join(names)};请运行 python -m streams.operations.generate 并提交\n")
    return int(bool(names))


if __name__ == "__main__":
    sys.exit(main())
