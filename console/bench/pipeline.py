"""`wentichi bench pipeline`: problems a second, latency, memory and the share of each step, on an empty and on a full pool."""

import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import orjson

from city.pack import load_pack
from console.bench.processes import peak_mb
from console.bench.texts import rows
from pool.scope import ALL
from schemas.cloudevent import event_type
from schemas.identity import report_id
from schemas.words import Channel, intake_topic
from streams.local.home import Home, open_home, pack_folder
from streams.local.owner import Owner

CHUNK = 500
TOPIC = intake_topic(Channel.MESSAGE).value
SEEDS = count(1)


@dataclass(frozen=True)
class Plan:
    """reports: of one throughput run; runs: interleaved, empty and full in turn; full: problems in the full pool;
    rate: reports a second, and seconds, of the latency run; workers: intake processes beside the owner; models: folder of a
    registry, whose standing models decide in further runs on empty pools, in turn with the pack's rules."""

    reports: int = 20_000
    runs: int = 3
    full: int = 200_000
    rate: int = 200
    seconds: int = 30
    workers: int = 1
    models: str = ""


def bench_pipeline(plan: Plan, folder: Path | None = None) -> dict[str, Any]:
    """Runs in temporary folders (or below `folder`) and removes them. The figures are medians of `runs`."""
    base = Path(tempfile.mkdtemp(prefix="wentichi-bench-", dir=folder))
    try:
        return _bench(plan, base)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _bench(plan: Plan, base: Path) -> dict[str, Any]:
    result: dict[str, Any] = {"plan": asdict(plan), "texts": _lengths()}
    full = open_home(base / "full")
    if plan.full:
        filled = _throughput(full, plan.full, plan.workers)
        result["filling"] = {"reports": plan.full, "problems_per_second": filled["problems_per_second"]}
    empty_runs, full_runs, model_runs = [], [], []
    for run in range(plan.runs):
        empty_runs.append(_on_empty(base / f"empty{run}", plan, ""))
        if plan.models:
            model_runs.append(_on_empty(base / f"models{run}", plan, plan.models))
        if plan.full:
            full_runs.append(_throughput(full, plan.reports, plan.workers))
    result["empty"] = _summary(empty_runs)
    if full_runs:
        result["full"] = _summary(full_runs)
        ratios = [b["problems_per_second"] / a["problems_per_second"] for a, b in zip(empty_runs, full_runs, strict=True)]
        result["ratio_full_to_empty"] = {"median": round(statistics.median(ratios), 3), "runs": [round(r, 3) for r in ratios]}
    if model_runs:
        result["with_models"] = _summary(model_runs)
        ratios = [b["problems_per_second"] / a["problems_per_second"] for a, b in zip(empty_runs, model_runs, strict=True)]
        result["ratio_models_to_rules"] = {"median": round(statistics.median(ratios), 3), "runs": [round(r, 3) for r in ratios]}
    fresh = open_home(base / "latency")
    result["latency"] = _latency(fresh, plan)
    fresh.close()
    full.close()
    return result


def _on_empty(folder: Path, plan: Plan, models: str) -> dict[str, Any]:
    """By the models that stand in that folder; "": by the rules."""
    before = os.environ.get("WENTICHI_MODELS")
    os.environ["WENTICHI_MODELS"] = models or str(folder / "none")
    home = open_home(folder)
    try:
        return _throughput(home, plan.reports, plan.workers)
    finally:
        home.close()
        os.environ.pop("WENTICHI_MODELS")
        if before is not None:
            os.environ["WENTICHI_MODELS"] = before


def _events(seed: int, start: datetime) -> Iterator[tuple[str, bytes]]:
    pack = load_pack(pack_folder())
    for channel, row in rows(pack, seed, start):
        source_id = row.pop("id")
        event = {"specversion": "1.0", "id": source_id, "source": "bench", "type": event_type(channel), "data": row}
        yield report_id("bench", source_id), orjson.dumps(event)


def _throughput(home: Home, reports: int, workers: int) -> dict[str, Any]:
    """Everything is appended first; the time is that of working it to the end, appends of the owner included."""
    waiting = islice(_events(next(SEEDS), datetime.now(UTC) - timedelta(days=1)), reports)
    while chunk := list(islice(waiting, CHUNK)):
        home.append(TOPIC, chunk)
    owner = Owner(home, workers=workers)
    before = home.search.stats(ALL)["problems"]
    cpu, wall = _cpu(), time.perf_counter()
    owner.drain()
    seconds = time.perf_counter() - wall
    workers_mb = [peak_mb(child.pid) for child in multiprocessing.active_children()]
    owner.close()
    own = _cpu() - cpu
    problems = int(str(home.search.stats(ALL)["problems"])) - int(str(before))
    return {
        "problems": problems,
        "seconds": round(seconds, 2),
        "problems_per_second": round(problems / seconds, 1),
        "reports_per_second": round(reports / seconds, 1),
        "owner_cpu_share": round(own / seconds, 2),
        "owner_peak_mb": peak_mb(None),
        "workers_peak_mb": workers_mb,
        "steps": {step: round(spent / seconds, 3) for step, spent in sorted(owner.seconds.items(), key=lambda s: -s[1])},
    }


def _latency(home: Home, plan: Plan) -> dict[str, Any]:
    """Another process appends at a steady rate while this one works, as `wentichi run` does."""
    context = multiprocessing.get_context("spawn")
    sender = context.Process(target=_send, args=(home.folder, plan.rate, plan.seconds))
    owner = Owner(home, workers=plan.workers)
    owner.prepare()
    sender.start()
    while sender.is_alive():
        if not owner.step():
            time.sleep(0.005)
    owner.drain()
    owner.close()
    sender.join()
    waits = sorted(owner.decided)
    return {
        "rate": plan.rate,
        "decided": len(waits),
        "p50_ms": round(1000 * waits[len(waits) // 2], 1),
        "p95_ms": round(1000 * waits[len(waits) * 95 // 100], 1),
        "max_ms": round(1000 * waits[-1], 1),
    }


def _send(folder: Path, rate: int, seconds: int) -> None:
    home = open_home(folder)
    events = _events(0, datetime.now(UTC) - timedelta(days=1))
    ticks, begin = 20, time.perf_counter()
    for tick in range(seconds * ticks):
        time.sleep(max(0.0, begin + tick / ticks - time.perf_counter()))
        home.append(TOPIC, list(islice(events, rate // ticks)))
    home.close()


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    middle = sorted(runs, key=lambda run: run["problems_per_second"])[len(runs) // 2]
    return middle | {"runs": [run["problems_per_second"] for run in runs]}


def _lengths() -> dict[str, int]:
    sizes = sorted(len(row["text"]) for _, row in islice(rows(load_pack(pack_folder()), 0, datetime.now(UTC)), 2000))
    return {"median": sizes[1000], "p90": sizes[1800]}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
