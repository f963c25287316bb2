"""`wentichi bench search`: how long searches take in a pool of N problems, and how long raw queries with the same words take."""

import importlib
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, Protocol

from city.pack import load_pack
from console.bench.search_embedded import Embedded
from console.bench.search_texts import Question, Side, questions, reports
from console.terminal import aside
from schemas.documents import ReportDocument
from streams.local.home import pack_folder

CHUNK: Final = 1000
SEED: Final = 1
WARMING: Final = 20
"""Questions of every kind that are asked first and not counted."""
_SAYING_SECONDS: Final = 5.0


@dataclass(frozen=True)
class SearchPlan:
    """problems: each with one report; elasticsearch: URL, "" for the embedded store; keep: leaves the pool where it is;
    questions: of every kind."""

    problems: int = 50_000
    elasticsearch: str = ""
    keep: bool = False
    questions: int = 200


Asked = Mapping[Side, tuple[float, int]]
"""One question: (seconds, reports found) on every side."""


class Bench(Protocol):
    """One back end under test, in a place of its own, and beside it the words for the raw queries."""

    where: str

    def write(self, documents: Sequence[ReportDocument]) -> None:
        """Each with its problem by the port's own writing, and their words for the raw queries. May return before all is done."""
        ...

    def ready(self) -> None:
        """Everything written can be found."""
        ...

    def settle(self) -> None:
        """Puts what was written in order, as a pool does in time."""
        ...

    def ask(self, side: Side, question: Question) -> int:
        """Fetches the first page and its facets; returns the total."""
        ...

    def size(self) -> int:
        """Bytes on disk, without what serves the raw queries."""
        ...

    def close(self, *, keep: bool) -> None:
        """Deletes what it made; with `keep` only what serves the raw queries."""
        ...


def bench_search(plan: SearchPlan) -> dict[str, Any]:
    """Every question is asked on all sides in turn, so that they meet the same load. Progress goes to standard error."""
    pack = load_pack(pack_folder())
    bench = _opened(plan)
    try:
        begin = time.perf_counter()
        _fill(bench, reports(pack, plan.problems, SEED), plan.problems)
        filled = time.perf_counter()
        bench.settle()
        result = {
            "plan": asdict(plan) | {"elasticsearch": bool(plan.elasticsearch)},
            "filled_per_second": round(plan.problems / (filled - begin), 1),
            "settled_seconds": round(time.perf_counter() - filled, 1),
            "bytes": bench.size(),
            "pool": bench.where if plan.keep else "",
        }
        kinds = _measure(bench, questions(pack, plan.questions + WARMING, SEED))
    finally:
        bench.close(keep=plan.keep)
    mix = [asked for measured in kinds.values() for asked in measured]
    return result | {"mix": _figures(mix), "kinds": {kind: _figures(measured) for kind, measured in kinds.items()}}


def _opened(plan: SearchPlan) -> Bench:
    if not plan.elasticsearch:
        return Embedded()
    # the client is installed only where servers are used
    bench: Bench = importlib.import_module("console.bench.search_elastic").Server(plan.elasticsearch)
    return bench


class _Progress:
    """What a person sees who waits."""

    def __init__(self, doing: str, whole: int) -> None:
        self._doing, self._whole, self._done = doing, whole, 0
        self._begin = self._said = time.perf_counter()

    def add(self, count: int) -> None:
        self._done += count
        now = time.perf_counter()
        if now - self._said > _SAYING_SECONDS or self._done == self._whole:
            self._said = now
            aside().print(f"{self._doing} {self._done:,}/{self._whole:,},每秒 {self._done / (now - self._begin):,.0f}")


def _fill(bench: Bench, documents: Iterator[ReportDocument], count: int) -> None:
    progress = _Progress("写入", count)
    while chunk := list(islice(documents, CHUNK)):
        bench.write(chunk)
        progress.add(len(chunk))
    bench.ready()


def _measure(bench: Bench, asked: Mapping[str, Sequence[Question]]) -> dict[str, list[Asked]]:
    """The kinds mixed, so that a pause of machine or server hits none alone."""
    for question in (question for wanted in asked.values() for question in wanted[:WARMING]):
        _asked(bench, question, 0)
    left = [(kind, question) for kind, wanted in asked.items() for question in wanted[WARMING:]]
    random.Random(SEED).shuffle(left)
    measured: dict[str, list[Asked]] = {kind: [] for kind in asked}
    progress = _Progress("查询", len(left))
    for number, (kind, question) in enumerate(left):
        measured[kind].append(_asked(bench, question, number))
        progress.add(1)
    return measured


def _asked(bench: Bench, question: Question, number: int) -> Asked:
    """Each side is first as often as the others."""
    sides, first = list(Side), number % len(Side)
    asked = {}
    for side in sides[first:] + sides[:first]:
        begin = time.perf_counter()
        found = bench.ask(side, question)
        asked[side] = (time.perf_counter() - begin, found)
    return asked


def _figures(measured: Sequence[Asked]) -> dict[str, float]:
    """Milliseconds, ours as a multiple of the others; found: the median number of reports."""
    figures: dict[str, float] = {}
    for name, share in (("p50", 50), ("p95", 95)):
        at = {side: sorted(asked[side][0] for asked in measured)[len(measured) * share // 100] for side in Side}
        figures |= {f"{side}_{name}_ms": round(1000 * seconds, 2) for side, seconds in at.items()}
        figures |= {f"{name}_to_{side}": round(at[Side.OURS] / at[side], 2) for side in (Side.RAW, Side.PHRASE)}
    middle = len(measured) // 2
    return figures | {f"{side}_found": sorted(asked[side][1] for asked in measured)[middle] for side in Side}
