"""Workers that die, come, go and stand still under load."""

import signal
import time

from faults.load import make_load

from on_servers.feeding import Feeding
from on_servers.scenario import Figures, Scale
from on_servers.served import PARTITIONS, Served, Worker, wait_until
from on_servers.supervised import Supervised
from schemas.words import Channel, Stage

BEGINS_WITHIN = 90.0
"""Seconds for a worker to begin, with everything else that these cores do."""


def one_dies_one_joins(served: Served, scale: Scale) -> Figures:
    """Two workers of every stage; one is killed while a third joins, then the other, so that all goes to the new one."""
    first, second = (_started(served) for _ in range(2))
    with Feeding(served) as feeding:
        feeding.flow(scale.seconds / 2)
        first.kill()
        third = _started(served)
        feeding.flow(scale.seconds / 2)
        second.kill()
        feeding.flow(1)
    seconds = served.settle(scale.patience)
    served.assert_whole(feeding.loads)
    assert third.end() == 0
    return {"reports": _count(feeding), "recovered_seconds": seconds}


def each_kind_killed(served: Served, scale: Scale) -> Figures:
    """A process for each stage, under load; each is killed in its turn and started again, as often as there is time for."""
    workers = {stage: served.work(stage) for stage in Stage}
    for worker in workers.values():
        worker.wait_until_working(BEGINS_WITHIN)
    kills = 0
    until = time.monotonic() + scale.seconds
    with Feeding(served) as feeding:
        while kills < len(Stage) or time.monotonic() < until:
            stage = list(Stage)[kills % len(Stage)]
            workers[stage].kill()
            kills += 1
            workers[stage] = served.work(stage)
            feeding.flow(1)
            if kills >= len(Stage):
                workers[stage].wait_until_working(BEGINS_WITHIN)
    seconds = served.settle(scale.patience)
    served.assert_whole(feeding.loads)
    assert {worker.end() for worker in workers.values()} == {0}
    return {"reports": _count(feeding), "kills": kills, "recovered_seconds": seconds}


def stood_still(served: Served, scale: Scale) -> Figures:
    """One of two workers of every stage is stopped in the middle of its work until the other one has taken over and done it
    all, and goes on then: it notices, ends, and has doubled nothing."""
    first, second = _started(served), Supervised(served)
    second.wait_until_ready(BEGINS_WITHIN)
    with Feeding(served, every=0.3) as feeding:
        feeding.flow(scale.seconds / 2)
        with feeding.paused():
            feeding.send(make_load(Channel.MESSAGE, scale.count(300), seed=7))
            time.sleep(0.5)  # into the middle of the batch: any moment is as good
            first.process.send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
            wait_until(lambda: _has_all(second), BEGINS_WITHIN, "the other one has taken over")
            taken = time.monotonic() - stopped
            served.settle(scale.patience)
        first.process.send_signal(signal.SIGCONT)
        wait_until(lambda: first.process.poll() is not None, 60, "who stood still ends")
        feeding.flow(scale.seconds / 2)
    assert first.process.returncode not in (0, -signal.SIGKILL)
    # the pulse, before it decides anything; after a longer stop the watch of a loop that hangs may be faster
    assert first.said("停顿超过") or first.said("没有动静"), first.log.read_text("utf-8", "replace")[-2000:]
    seconds = served.settle(scale.patience)
    served.assert_whole(feeding.loads)
    assert second.end() == 0
    return {"reports": _count(feeding), "taken_over_seconds": taken, "recovered_seconds": seconds}


def _started(served: Served) -> Worker:
    worker = served.work()
    worker.wait_until_working(BEGINS_WITHIN)
    return worker


def _has_all(worker: Supervised) -> bool:
    return f'wentichi_partitions{{stage="casework"}} {PARTITIONS}.0' in worker.asked("/metrics")[1].splitlines()


def _count(feeding: Feeding) -> int:
    return sum(len(load.reports) for load in feeding.loads)
