"""`wentichi bench pack`: a pack as big as cities have them, loaded in a fresh process; decisions beside the sample's."""

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from city.pack import CityPack, load_pack
from city.sample import sample_city
from classifiers.pack_rules import PackClassifier
from console.bench.big_city import BigCity, big_city
from console.bench.processes import load_average, peak_mb
from console.bench.texts import rows
from intake.clean import Asked, Hints
from intake.locate import Locator
from schemas.reports import OnlineMessage

LOADS: Final = 3
ROUNDS: Final = 7
TEXTS: Final = 200
GOALS: Final = {"load_seconds": 5, "load_peak_mb": 600, "decision_ratio": 1.5}


def bench_pack(size: BigCity, folder: Path | None = None) -> dict[str, Any]:
    """In a temporary folder (below `folder`), removed at the end. Milliseconds are processor time, seconds by the clock."""
    base = Path(tempfile.mkdtemp(prefix="wentichi-pack-", dir=folder))
    try:
        begin = time.perf_counter()
        pack = big_city(base / "pack", size)
        written = round(time.perf_counter() - begin, 2)
        loads = [_alone(_load, pack) for _ in range(LOADS)]
        return {
            "size": asdict(size),
            "written_seconds": written,
            "load": _middle(loads),
            "sample_load": _middle([_alone(_load, sample_city()) for _ in range(LOADS)]),
            "first_fit": _alone(_fit, pack, base / "cache"),
            "fitted_before": _alone(_fit, pack, base / "cache"),
            "decisions": _alone(_decide, pack, base / "cache"),
            "goals": GOALS,
            "load_average": load_average(),
        }
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _alone(work: Callable[..., dict[str, Any]], *arguments: Path) -> dict[str, Any]:
    """In a process that has done nothing yet."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def _middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    found = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    return found | {"runs": [run["seconds"] for run in runs]}


def _load(folder: Path) -> dict[str, Any]:
    begin, used = time.perf_counter(), time.process_time()
    pack = load_pack(folder)
    seconds, used = round(time.perf_counter() - begin, 2), round(time.process_time() - used, 2)
    counted = {"categories": len(pack.leaves()), "duty": len(pack.duty_items), "grids": len(pack.grids), "units": len(pack.units)}
    return {"seconds": seconds, "cpu_seconds": used, "peak_mb": peak_mb(None), "warnings": len(pack.warnings), "counted": counted}


def _fit(folder: Path, cache: Path) -> dict[str, Any]:
    os.environ["WENTICHI_CACHE"] = str(cache)
    pack = load_pack(folder)
    begin = time.perf_counter()
    PackClassifier(pack)
    return {"classifier_seconds": round(time.perf_counter() - begin, 2), "peak_mb": peak_mb(None)}


class _City:
    """A pack with all that decides by it, and reports in its own words and places."""

    def __init__(self, pack: CityPack) -> None:
        self._locator, self._classifier = Locator(pack), PackClassifier(pack)
        self.reports = _reports(pack)

    def milliseconds(self) -> tuple[float, float]:
        """(locator, classifier) for one report."""
        begin = time.process_time()
        located = [self._locator.locate(report, "", report.title or "", report.text) for report in self.reports]
        middle = time.process_time()
        for report, where in zip(self.reports, located, strict=True):
            self._classifier.finding(Asked("", report.title or "", report.text, where.place, Hints()))
        end = time.process_time()
        return (middle - begin) * 1000 / TEXTS, (end - middle) * 1000 / TEXTS


def _reports(pack: CityPack) -> list[OnlineMessage]:
    dice = random.Random(7)
    leaves = [leaf for leaf in pack.leaves() if leaf.words]
    reports = []
    for _, row in islice(rows(pack, 1, datetime(2026, 3, 2, tzinfo=UTC)), TEXTS):
        own = ",".join(dice.choice(dice.choice(leaves).words) for _ in range(2))
        fields = {"title": row["title"], "time": row["time"], "user": row["user"], "text": f"{own},{row['text']}"}
        reports.append(OnlineMessage.model_validate(fields))
    return reports


def _decide(folder: Path, cache: Path) -> dict[str, Any]:
    """The two cities in turn, so that a busy machine slows both."""
    os.environ["WENTICHI_CACHE"] = str(cache)
    sample, big = _City(load_pack(sample_city())), _City(load_pack(folder))
    sample.milliseconds()  # what is made on first use is not measured
    big.milliseconds()
    measured = [(sample.milliseconds(), big.milliseconds()) for _ in range(ROUNDS)]
    ratios = [sum(one) / sum(other) for other, one in measured]
    return {
        "texts": TEXTS,
        "rounds": ROUNDS,
        "sample_ms": _named([one for one, _ in measured]),
        "big_ms": _named([one for _, one in measured]),
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
    }


def _named(measured: list[tuple[float, float]]) -> dict[str, float]:
    locate, classify = (statistics.median(times) for times in zip(*measured, strict=True))
    return {"locate": round(locate, 3), "classify": round(classify, 3)}
