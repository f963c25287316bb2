"""The pool made anew from the log again and again, while workers write, erase and fire timers on it."""

import time
from collections.abc import Iterator

from faults.load import Load, make_load
from faults.whole import dump

from on_servers.erased import assert_erased
from on_servers.feeding import Feeding
from on_servers.scenario import Figures, Scale, load_of, message
from on_servers.served import Served
from pool.elastic.mapping import KINDS, REBUILT
from schemas.identity import report_id
from schemas.words import Channel, Stage
from streams.kafka.rebuild import RebuildResult, rebuild
from streams.kafka.verify import verify

HELD_AT_MOST = 10.0
"""Seconds that workers may be held at the end of a rebuild."""


def under_writes_and_erasures(served: Served, scale: Scale) -> Figures:
    """In each rebuild one report is erased when the fill has begun, so that its words may stand in the new index already; of
    another one only the key goes then, and its erasure is asked for when the new index is in use. At the end a last rebuild,
    of a pool at rest, changes nothing."""
    to_be_erased = [f"goes-{number}" for number in range(scale.count(6))]
    loads = [make_load(Channel.HOTLINE, 90), make_load(Channel.GRID, 60), _load(to_be_erased)]
    workers = [served.work(), served.work(Stage.CASEWORK)]
    for load in loads:
        served.send(load)
    served.settle(scale.patience)
    waiting, made = iter(to_be_erased), list[RebuildResult]()
    with Feeding(served) as feeding:
        until = time.monotonic() + scale.seconds
        while not made or time.monotonic() < until:
            made.append(_made_anew(served, waiting))
            feeding.flow(1)
    seconds = served.settle(scale.patience)
    for number in to_be_erased:
        if _id(number) in served.erased:
            _assert_erased(served, number)
    loads += feeding.loads
    served.assert_whole(loads)
    assert max(one.held_seconds for one in made) < HELD_AT_MOST
    assert [worker.end() for worker in workers] == [0, 0]
    _changes_nothing(served)
    return {
        "reports": sum(len(load.reports) for load in loads),
        "rebuilds": len(made) + 1,
        "erased": len(served.erased),
        "rebuild_seconds": max(one.seconds for one in made),
        "held_seconds": max(one.held_seconds for one in made),
        "recovered_seconds": seconds,
    }


def _load(numbers: list[str]) -> Load:
    """Without a place, and each with words of its own: no other report is compared with them while their keys go."""
    load = load_of(message(number, _text(number), user=number) for number in numbers)
    load.reports = {_id(number): _text(number) for number in numbers}
    return load


def _id(number: str) -> str:
    return report_id("push/message", number)


def _text(number: str) -> str:
    return f"{number}号待删的意见"


def _made_anew(served: Served, waiting: Iterator[str]) -> RebuildResult:
    """waiting: reports that may be erased; Feeding erases some as well."""
    at_once, later = (_next(served, waiting) for _ in range(2))
    begun = False

    def seen(_count: int) -> None:
        nonlocal begun
        if not begun:
            begun = True
            _erase(served, at_once)
            _assert_erased(served, at_once)
            served.pool.vault.erase(_id(later))

    found = rebuild(served.servers, served.pack, served.folder, seen)
    assert begun
    _assert_erased(served, at_once)
    _erase(served, later)
    _assert_erased(served, later)
    return found


def _next(served: Served, waiting: Iterator[str]) -> str:
    number = next(number for number in waiting if _id(number) not in served.erased)
    served.erased |= served.pool.vault.keys([_id(number)])
    return number


def _erase(served: Served, number: str) -> None:
    said = served.command("erase", _id(number), "--yes")
    assert said.returncode == 0, said.stderr


def _assert_erased(served: Served, number: str) -> None:
    assert_erased(served, _id(number), [f"{number}号"], text=_text(number), number=number)


def _changes_nothing(served: Served) -> None:
    before = dump(served.pool)  # type: ignore[arg-type]
    rebuild(served.servers, served.pack, served.folder)
    served.pool.elastic.refresh(*KINDS)
    assert dump(served.pool) == before  # type: ignore[arg-type]
    assert verify(served.pool, pause=0.5).faults == []
    _, found = served.pool.elastic.request("GET", f"/{served.servers.prefix}-*/_settings")
    kinds = [served.pool.elastic.name(kind) for kind in REBUILT]
    indices = {name: index["settings"]["index"] for name, index in found.items() if name.rpartition("-")[0] in kinds}
    assert len(indices) == len(REBUILT)
    assert all("blocks" not in settings for settings in indices.values())
