"""Outages under load: of the broker, of Elasticsearch, and of a server that answers but refuses.

Each function makes its faults on a pool that nobody works yet, waits until nothing waits any more, asserts that the pool is
whole, and returns figures. Seconds to recover: from the end of a fault until nothing waits, with nothing new sent meanwhile.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from faults.load import Load, make_load

from deploy.local.elasticsearch import Elasticsearch
from deploy.local.kafka import Kafka
from deploy.local.server import Server
from on_servers.feeding import Feeding
from on_servers.scenario import without_bad_lines
from on_servers.served import Served, wait_until
from on_servers.supervised import Supervised
from pool.elastic.mapping import PROBLEMS, REPORTS
from schemas.words import Channel
from streams.operations.holds import Hold
from tests.proxy import Proxy

Figures = dict[str, float]
STOPS_WITHIN = 5.0
"""Seconds from SIGTERM to the end of a worker, also while a server is away."""
SEEN_WITHIN = 60.0
"""Seconds in which a fault must show; minutes are for a machine that does much else."""
SETTLES_WITHIN = 400.0
BUFFERED = 3200
"""Records of one channel that are more than a stage takes in advance, so that it fetches nothing while it holds."""


@dataclass(frozen=True)
class Scale:
    """load: seconds of load before a fault. outage: seconds that it lasts at least. burst: reports sent at once before it."""

    load: float
    outage: float
    burst: int


SHORT = Scale(load=2, outage=5, burst=400)
BRIEF = Scale(load=1, outage=3, burst=0)
FULL = Scale(load=30, outage=60, burst=5000)


def broker_killed(served: Served, broker: Kafka, scale: Scale) -> Figures:
    """kill -9 while workers have work in hand; started again on the same data."""
    workers = [Supervised(served), Supervised(served)]
    with _fed(served, workers, scale) as feeding:
        with feeding.paused():
            _send_burst(feeding, scale)
            with _away(broker, scale, broker.kill):
                wait_until(lambda: not any(worker.is_ready() for worker in workers), SEEN_WITHIN, "not ready without a broker")
                assert all(worker.is_live() for worker in workers)
            began = time.monotonic()
            wait_until(served.is_answered, SEEN_WITHIN, "the test's own clients reach the broker")
            served.settle(SETTLES_WITHIN)
            seconds = time.monotonic() - began
        _goes_on(feeding, workers, scale)
    return _whole(served, feeding, workers, killed_seconds=seconds)


def elasticsearch_away(served: Served, node: Elasticsearch, scale: Scale) -> Figures:
    """kill -9, and later a clean stop. In the first outage one of two workers is asked to stop."""
    staying, leaving = Supervised(served), Supervised(served)
    figures: Figures = {}
    with _fed(served, [staying, leaving], scale) as feeding:
        with feeding.reports_only(), _away(node, scale, node.kill):
            _not_ready_but_live(staying)
            began = time.monotonic()
            assert leaving.end() == 0
            figures["stop_seconds"] = time.monotonic() - began
            assert figures["stop_seconds"] <= STOPS_WITHIN
        figures["killed_seconds"] = _settled(served, feeding)
        _goes_on(feeding, [staying], scale)
        with feeding.reports_only(), _away(node, scale, lambda: _stop(node)):
            _not_ready_but_live(staying)
        figures["stopped_seconds"] = _settled(served, feeding)
        _goes_on(feeding, [staying], scale)
    return _whole(served, feeding, [staying, leaving], **figures)


def away_longer_than_poll(served: Served, proxy: Proxy, scale: Scale) -> Figures:
    """Longer than a stage may go without fetching: its group puts the worker out, which ends once its batch is written and is
    started again by its process manager."""
    poll = 2 * scale.outage
    worker = Supervised(served, WENTICHI_POLL_SECONDS=str(poll))
    with _fed(served, [worker], scale) as feeding:
        with feeding.reports_only():
            proxy.status = 503
            wait_until(lambda: worker.retries(Hold.FAILING) > 0, SEEN_WITHIN, "held")
            feeding.send(_redelivered())
            wait_until(lambda: worker.said('"put_out"'), SEEN_WITHIN + poll, "put out by its group")
            assert worker.statuses == []
            assert worker.is_live()
            proxy.status = None
            wait_until(lambda: worker.statuses, SEEN_WITHIN, "ended to be started again")
        seconds = _settled(served, feeding)
        _goes_on(feeding, [worker], scale)
    assert set(worker.statuses) == {1}, served.faults()
    assert worker.said("WENTICHI_POLL_SECONDS")
    return _whole(served, feeding, [], put_out_seconds=seconds, restarts=len(worker.statuses))


def indices_read_only(served: Served, scale: Scale) -> Figures:
    """Blocked by a person, and as by a disk that is nearly full."""
    worker = Supervised(served)
    figures: Figures = {}
    blocks = {"write": Hold.READ_ONLY, "read_only_allow_delete": Hold.DISK_FULL}
    with _fed(served, [worker], scale) as feeding:
        for block, reason in blocks.items():
            with feeding.reports_only(), _lasting(partial(_block, served, block, on=True), partial(_block, served, block), scale):
                _held(worker, reason)
            figures[f"{block}_seconds"] = _settled(served, feeding)
            _goes_on(feeding, [worker], scale)
    return _whole(served, feeding, [worker], **figures)


def refused(served: Served, proxy: Proxy, scale: Scale) -> Figures:
    """A wrong password and other answers that say nothing of the data; requests and answers that get lost."""
    worker = Supervised(served)
    figures: Figures = {}
    faults: dict[str, tuple[str, Any, Hold]] = {
        "wrong_password": ("credentials", ("wentichi", "another password"), Hold.UNAUTHORIZED),
        "forbidden": ("status", 403, Hold.FORBIDDEN),
        "busy": ("status", 429, Hold.BUSY),
        "failing": ("status", 503, Hold.FAILING),
        "request_lost": ("drop", "request", Hold.UNREACHABLE),
        "answer_lost": ("drop", "answer", Hold.UNREACHABLE),
    }
    with _fed(served, [worker], scale) as feeding:
        for name, (attribute, value, reason) in faults.items():
            begin, end = partial(setattr, proxy, attribute, value), partial(setattr, proxy, attribute, None)
            with _lasting(begin, end, scale):
                _held(worker, reason)
            figures[f"{name}_seconds"] = _settled(served, feeding)
        _goes_on(feeding, [worker], scale)
    return _whole(served, feeding, [worker], **figures)


# faults


@contextmanager
def _lasting(begin: Callable[[], object], end: Callable[[], object], scale: Scale) -> Iterator[None]:
    """A fault for as long as the scale says, and as the body takes."""
    until = time.monotonic() + scale.outage
    begin()
    yield
    time.sleep(max(0.0, until - time.monotonic()))
    end()


def _away(server: Server, scale: Scale, end: Callable[[], object]) -> Any:
    """The server is gone meanwhile, and answers again afterwards."""
    return _lasting(end, server.start, scale)


def _stop(node: Elasticsearch) -> None:
    assert node.stop()


def _block(served: Served, block: str, *, on: bool = False) -> None:
    elastic = served.pool.elastic
    names = ",".join(elastic.name(kind) for kind in (REPORTS, PROBLEMS))
    elastic.request("PUT", f"/{names}/_settings", {f"index.blocks.{block}": True if on else None})


# load


@contextmanager
def _fed(served: Served, workers: Sequence[Supervised], scale: Scale) -> Iterator[Feeding]:
    """Workers that are ready, and load that has flowed for a while."""
    for worker in workers:
        worker.wait_until_ready()
    with Feeding(served) as feeding:
        feeding.flow(scale.load)
        yield feeding


def _send_burst(feeding: Feeding, scale: Scale) -> None:
    for channel in Channel:
        feeding.send(make_load(channel, scale.burst // len(Channel), seed=11))


def _redelivered() -> Load:
    """The same few reports again and again."""
    load = without_bad_lines(make_load(Channel.MESSAGE, 64, seed=12))
    return Load(load.channel, load.lines * (BUFFERED // len(load.lines)), load.reports)


def _goes_on(feeding: Feeding, workers: Sequence[Supervised], scale: Scale) -> None:
    """By itself."""
    feeding.flow(scale.load)
    for worker in workers:
        worker.wait_until_ready()


def _settled(served: Served, feeding: Feeding) -> float:
    """Seconds to recover."""
    with feeding.paused():
        return served.settle(SETTLES_WITHIN)


# what is seen of a fault


def _held(worker: Supervised, reason: Hold) -> None:
    before = worker.retries(reason)
    wait_until(lambda: worker.retries(reason) > before, SEEN_WITHIN, f"held as {reason}")
    _not_ready_but_live(worker)


def _not_ready_but_live(worker: Supervised) -> None:
    wait_until(lambda: worker.asked("/ready")[0] == 503, SEEN_WITHIN, "not ready")
    assert worker.is_live()


def _whole(served: Served, feeding: Feeding, workers: Sequence[Supervised], **figures: float) -> Figures:
    """workers: those that no fault may have ended."""
    assert [worker.statuses for worker in workers] == [[]] * len(workers), served.faults()
    assert not any(worker.said("view_without_words") for worker in served.workers)
    served.settle(SETTLES_WITHIN)
    served.assert_whole(feeding.loads)
    reports = sum(len(load.reports) for load in feeding.loads)
    return {name: round(value, 1) for name, value in figures.items()} | {"reports": float(reports)}
