"""`wentichi bench pipeline --kafka … --elasticsearch …`: the pipeline on servers, and the floor under it, in one run."""

import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import orjson
from kafka import KafkaConsumer

from city.pack import CityPack, load_pack
from console.bench.even_city import even_city
from console.bench.floor import floor_rate
from console.bench.kafka_fill import fill
from console.bench.kafka_plan import KafkaPlan, Layout, layout_of
from console.bench.kafka_pool import BenchPool, working
from console.bench.processes import load_average
from console.bench.texts import rows
from schemas.cloudevent import event_type
from schemas.identity import report_id
from schemas.words import Stage, Topic
from streams.kafka.clients import open_client
from streams.kafka.remote_broker import Record
from streams.kafka.settings import Servers

WARM: Final = 400
"""Reports before every measurement, which load what is loaded once and fill the matchers."""
SPIKES: Final = (1, 15, 1, 25, 2, 35, 10)
TICK: Final = 0.05
_SEEDS = count(1)


def bench_kafka(servers: Servers, plan: KafkaPlan, folder: Path | None = None) -> dict[str, Any]:
    """In namespaces of its own on these servers, deleted at the end. Figures are medians of `runs`.

    Raises ContractError for a lay-out that names no stage or leaves one out, PoolAway, PoolBusy when a worker ends.
    """
    layout = layout_of(plan.layout)
    base = Path(tempfile.mkdtemp(prefix="wentichi-bench-", dir=folder))
    try:
        return _Bench(servers, plan, layout, base).run()
    finally:
        shutil.rmtree(base, ignore_errors=True)


class _Bench:
    def __init__(self, servers: Servers, plan: KafkaPlan, layout: Layout, base: Path) -> None:
        self._servers = servers
        self._plan = plan
        self._layout = layout
        self._base = base
        self._pack_folder = even_city(base / "pack")
        self._pack = load_pack(self._pack_folder)

    def run(self) -> dict[str, Any]:
        plan = self._plan
        result: dict[str, Any] = {"plan": asdict(plan), "texts": self._lengths()}
        floors, empties, fulls = [], [], []
        full = self._pool() if plan.full else None
        try:
            if full is not None:
                result["filling"] = self._filling(full)
            for _ in range(plan.runs):
                floors.append(floor_rate(self._servers, self._records(WARM), self._records(plan.reports)))
                with self._pool() as empty:
                    empties.append(self._throughput(empty, self._layout))
                if full is not None:
                    fulls.append(self._throughput(full, self._layout))
        finally:
            if full is not None:
                full.__exit__()
        result |= self._compared(floors, empties, fulls)
        with self._pool() as pool, working(pool, self._layout):
            self._warm(pool)
            result["latency"] = self._latency(pool)
            if plan.spike_rate:
                result["spikes"] = self._spikes(pool)
        if plan.casework:
            result["casework_workers"] = self._casework()
        return result

    def _pool(self) -> BenchPool:
        return BenchPool(self._servers, self._pack_folder, self._base)

    def _records(self, many: int) -> list[Record]:
        return list(islice(records(self._pack, next(_SEEDS)), many))

    def _warm(self, pool: BenchPool) -> float:
        """Seconds until the first reports were worked: matchers are filled then."""
        began = time.perf_counter()
        pool.append(self._records(WARM))
        seconds = pool.drain() - began
        pool.mark()
        return seconds

    def _filling(self, pool: BenchPool) -> dict[str, Any]:
        with working(pool, self._layout):
            self._warm(pool)
        began = time.perf_counter()
        fill(pool, self._plan.full)
        return {"problems": pool.problems(), "seconds": round(time.perf_counter() - began, 1)}

    def _throughput(self, pool: BenchPool, layout: Layout) -> dict[str, Any]:
        waiting = self._records(self._plan.reports)
        with working(pool, layout) as ready:
            warmed = self._warm(pool)
            before, figures, cpu, load = pool.problems(), pool.figures(), pool.cpu(), load_average()
            began = time.perf_counter()
            pool.append(waiting)
            appended = time.perf_counter() - began
            seconds = pool.drain() - began
            spent, after, peaks = pool.cpu(), pool.figures(), pool.peaks()
            problems = pool.problems() - before
        return {
            "problems": problems,
            "missing": pool.missing(record.key or "" for record in waiting),
            "seconds": round(seconds, 2),
            "problems_per_second": round(problems / seconds, 1),
            "appending_seconds": round(appended, 2),
            "ready_seconds": round(ready, 2),
            "warm_up_seconds": round(warmed, 2),
            "load_before": load,
            "cpu_ms_per_problem": {name: round(1000 * (spent[name] - cpu[name]) / max(1, problems), 3) for name in spent},
            "cores_used": round(sum(spent[name] - cpu[name] for name in spent) / seconds, 2),
            "peak_mb": peaks,
            "steps": _steps(figures.steps, after.steps, figures.times, after.times, seconds),
        }

    def _compared(self, floors: list[float], empties: list[dict[str, Any]], fulls: list[dict[str, Any]]) -> dict[str, Any]:
        found = {
            "floor": {"events_per_second": round(statistics.median(floors), 1), "runs": [round(rate, 1) for rate in floors]},
            "empty": _summary(empties),
            "ratio_to_floor": _ratios(floors, [run["problems_per_second"] for run in empties]),
        }
        if fulls:
            found["full"] = _summary(fulls)
            rates = [run["problems_per_second"] for run in fulls]
            found["ratio_full_to_empty"] = _ratios([run["problems_per_second"] for run in empties], rates)
        return found

    # latency

    def _latency(self, pool: BenchPool) -> dict[str, Any]:
        """From the broker's time of the intake record to the broker's record of the first event, whose state is durable then."""
        plan, before = self._plan, pool.figures().decisions
        begin = pool.broker.ends([Topic.EVENTS.value])
        waiting = self._records(plan.rate * plan.seconds)
        load = load_average()
        _send(pool, waiting, [(plan.rate, plan.seconds)])
        pool.drain()
        documents = pool.pool.store.report_documents(record.key or "" for record in waiting).values()
        decided = _first_events(pool, begin)
        waits = sorted(
            1000 * (decided[document.problem] - document.received.timestamp())
            for document in documents
            if document.problem in decided
        )
        after = pool.figures().decisions
        return {
            "rate": plan.rate,
            "load_before": load,
            "decided": len(waits),
            "p50_ms": round(waits[len(waits) // 2], 1),
            "p95_ms": round(waits[len(waits) * 95 // 100], 1),
            "max_ms": round(waits[-1], 1),
            "searchable_within": {le: after[le] - before[le] for le in ("0.1", "0.2", "0.3", "0.5", "1.0", "+Inf")},
        }

    def _spikes(self, pool: BenchPool) -> dict[str, Any]:
        plan = self._plan
        steps = [(plan.spike_rate * times, plan.spike_seconds) for times in SPIKES]
        waiting = self._records(sum(rate * seconds for rate, seconds in steps))
        pool.mark()
        lags = _send(pool, waiting, steps)
        began = time.perf_counter()
        seconds = pool.drain() - began
        return {
            "rates": [rate for rate, _ in steps],
            "sent": len(waiting),
            "missing": pool.missing(record.key or "" for record in waiting),
            "lag_after_each": lags,
            "seconds_to_no_lag": round(seconds, 2),
        }

    # one casework worker against two

    def _casework(self) -> dict[str, Any]:
        rest = (Stage.PROGRESS, Stage.PUBLISH)
        found: dict[str, Any] = {}
        for workers in (1, 2):
            layout: Layout = ((Stage.INTAKE,), *(((Stage.CASEWORK,),) * workers), rest)
            with self._pool() as pool:
                found[str(workers)] = self._throughput(pool, layout)
                if workers == 1:
                    found["share_by_slot"] = self._shares(pool)
        return found

    def _shares(self, pool: BenchPool) -> dict[str, float]:
        slots = Counter(int(name[1:4]) for name in pool.pool.store.state_ids())
        whole = sum(slots.values())
        return {str(slot): round(many / whole, 4) for slot, many in sorted(slots.items())}

    def _lengths(self) -> dict[str, int]:
        sizes = sorted(len(row["text"]) for _, row in islice(rows(self._pack, 0, datetime.now(UTC)), 2000))
        return {"median": sizes[1000], "p90": sizes[1800]}


def records(pack: CityPack, seed: int) -> Iterator[Record]:
    """Endless records as push makes them; times lie in the last day."""
    start = datetime.now(UTC) - timedelta(days=1)
    for channel, row in rows(pack, seed, start):
        source_id = str(row.pop("id"))
        event = {"specversion": "1.0", "id": source_id, "source": "bench", "type": event_type(channel), "data": row}
        yield Record(report_id("bench", source_id), orjson.dumps(event))


def _send(pool: BenchPool, waiting: list[Record], steps: Iterable[tuple[int, int]]) -> list[int]:
    """(rate, seconds) after one another; how many wait for any stage after each."""
    lags, sent = [], 0
    for rate, seconds in steps:
        began = time.perf_counter()
        due = 0
        for tick in range(1, round(seconds / TICK) + 1):
            upto = round(rate * tick * TICK)
            pool.append(waiting[sent + due : sent + upto])
            due = upto
            time.sleep(max(0.0, began + tick * TICK - time.perf_counter()))
        sent += due
        lags.append(sum(pool.waiting().values()))
    return lags


def _first_events(pool: BenchPool, begin: dict[Any, int]) -> dict[str, float]:
    """Aggregate -> seconds since 1970 when its first event was put on the topic."""
    ends = pool.broker.ends([Topic.EVENTS.value])
    consumer = open_client(KafkaConsumer, pool.servers, enable_auto_commit=False)
    found: dict[str, float] = {}
    try:
        consumer.assign(list(ends))
        for place in ends:
            consumer.seek(place, begin.get(place, 0))
        while any(consumer.position(place) < end for place, end in ends.items()):
            for some in consumer.poll(timeout_ms=500).values():
                for record in some:
                    found.setdefault(record.key.decode(), record.timestamp / 1000)
    finally:
        consumer.close()
    return found


def _steps(
    before: Counter[tuple[str, str]],
    after: Counter[tuple[str, str]],
    times: Counter[tuple[str, str]],
    times_after: Counter[tuple[str, str]],
    seconds: float,
) -> dict[str, dict[str, float]]:
    """By stage and step: share of the wall time, times it was done, ms each."""
    found = {}
    for place in sorted(after, key=lambda place: before[place] - after[place]):
        spent, done = after[place] - before[place], times_after[place] - times[place]
        if done:
            found["/".join(place)] = {"share": round(spent / seconds, 3), "times": done, "ms": round(1000 * spent / done, 1)}
    return found


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle run, and what all of them gave."""
    middle = sorted(runs, key=lambda run: run["problems_per_second"])[len(runs) // 2]
    lost = sum(run["missing"] for run in runs)
    return middle | {"runs": [run["problems_per_second"] for run in runs], "missing": lost}


def _ratios(base: list[float], rates: list[float]) -> dict[str, Any]:
    found = [rate / whole for whole, rate in zip(base, rates, strict=True)]
    return {"median": round(statistics.median(found), 3), "runs": [round(ratio, 3) for ratio in found]}
