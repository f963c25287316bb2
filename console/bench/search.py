"""`wentichi bench search`: how long searches take in a pool of N problems, and how long a raw query with the same words takes."""

import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from city.pack import load_pack
from console.bench.search_embedded import Embedded
from console.bench.search_texts import Question, questions, reports
from pool.ports import Search, Writes
from pool.scope import ALL
from schemas.documents import ReportDocument
from schemas.problem import Problem
from schemas.state import State
from streams.local.home import pack_folder

T = TypeVar("T")

CHUNK = 500
SEED = 1
WARMING = 5
"""Questions of every kind that are asked first and not counted."""


@dataclass(frozen=True)
class SearchPlan:
    """problems: each with one report; elasticsearch: URL, "" for the embedded store; keep: leaves the pool where it is;
    questions: of every kind."""

    problems: int = 50_000
    elasticsearch: str = ""
    keep: bool = False
    questions: int = 100


class Raw(Protocol):
    """The reference: words cut once by the same tokenizer, found where all stand; the same totals, order, filter and facets."""

    def write(self, documents: Sequence[ReportDocument]) -> None: ...

    def ready(self) -> None:
        """Everything written can be found."""
        ...

    def ask(self, question: Question) -> int:
        """Fetches the first page and its facets; returns the total."""
        ...


class Bench(Protocol):
    """One back end under test, in a place of its own."""

    where: str

    @property
    def search(self) -> Search: ...

    @property
    def raw(self) -> Raw: ...

    def write(self, writes: Writes) -> None: ...

    def size(self) -> int:
        """Bytes on disk, without the reference."""
        ...

    def close(self, *, keep: bool) -> None:
        """Deletes what it made; with `keep` only the reference."""
        ...


def bench_search(plan: SearchPlan) -> dict[str, Any]:
    """Fills by the port's own writing; every question is asked here and raw in turn, so that both meet the same load."""
    pack = load_pack(pack_folder())
    bench = _opened(plan)
    try:
        seconds = _fill(bench, reports(pack, plan.problems, SEED))
        result = {
            "plan": asdict(plan) | {"elasticsearch": bool(plan.elasticsearch)},
            "filled_per_second": round(plan.problems / seconds, 1),
            "bytes": bench.size(),
            "pool": bench.where if plan.keep else "",
        }
        asked = questions(pack, plan.questions + WARMING, SEED)
        kinds = {kind: _measure(bench, wanted) for kind, wanted in asked.items()}
    finally:
        bench.close(keep=plan.keep)
    times = [pair for measured in kinds.values() for pair in measured]
    return result | {"mix": _figures(times), "kinds": {kind: _figures(measured) for kind, measured in kinds.items()}}


def _opened(plan: SearchPlan) -> Bench:
    if not plan.elasticsearch:
        return Embedded()
    # the client is installed only where servers are used
    bench: Bench = importlib.import_module("console.bench.search_elastic").Server(plan.elasticsearch)
    return bench


def _fill(bench: Bench, documents: Iterator[ReportDocument]) -> float:
    """Seconds of the port's own writing."""
    seconds = 0.0
    while chunk := list(islice(documents, CHUNK)):
        states: list[State] = [
            Problem(id=report.problem, slot=report.slot, version=1, state=report.state, order_number=report.order_number)
            for report in chunk
        ]
        seconds += _timed(bench.write, Writes(states=states, reports=chunk))
        bench.raw.write(chunk)
    bench.raw.ready()
    return seconds


def _measure(bench: Bench, asked: list[Question]) -> list[tuple[float, float]]:
    """(seconds here, seconds raw) of every question behind the first ones."""
    pairs = [(_timed(lambda question: _ask(bench.search, question), each), _timed(bench.raw.ask, each)) for each in asked]
    return pairs[WARMING:]


def _ask(search: Search, question: Question) -> None:
    query, facets = question
    search.search(query, ALL)
    if facets:
        search.facets(query, facets, ALL)


def _timed(work: Callable[[T], object], given: T) -> float:
    begin = time.perf_counter()
    work(given)
    return time.perf_counter() - begin


def _figures(pairs: list[tuple[float, float]]) -> dict[str, float]:
    ours, raw = sorted(pair[0] for pair in pairs), sorted(pair[1] for pair in pairs)
    figures: dict[str, float] = {}
    for name, share in (("p50", 50), ("p95", 95)):
        place = len(pairs) * share // 100
        figures |= {f"{name}_ms": round(1000 * ours[place], 2), f"raw_{name}_ms": round(1000 * raw[place], 2)}
        figures[f"{name}_ratio"] = round(ours[place] / raw[place], 2)
    return figures
