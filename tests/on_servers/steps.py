"""Workers killed between each pair of protocol steps, under load."""

import signal
import threading
import time
from collections import Counter

from faults.load import make_load

from on_servers.feeding import Feeding
from on_servers.scenario import Figures, Scale
from on_servers.served import Served
from schemas.words import Channel, Stage
from streams.failpoints import FailPoint

POINTS = [point for point in FailPoint if point.value.startswith("kafka_")]
LANES = {
    (Stage.INTAKE,): [p for p in POINTS if p.value.startswith("kafka_intake")],
    (Stage.CASEWORK,): [p for p in POINTS if p.value.startswith(("kafka_casework", "kafka_timers"))],
    (Stage.PROGRESS, Stage.PUBLISH): [p for p in POINTS if p.value.startswith(("kafka_progress", "kafka_publish"))],
}
REACHED_WITHIN = 90.0
"""Seconds in which a worker begins and the load brings it to its point."""


def killed_at_each_step(served: Served, scale: Scale) -> Figures:
    """Of each stage one worker after the other, each killed at another point: the first time it gets there, in the next round
    the second time, as often as there is time for. Every failure point of the Kafka runner is reached at least once."""
    for stages in LANES:  # begin with something in the pool
        served.work(*stages)
    first = make_load(Channel.MESSAGE, 60)
    served.send(first)
    served.settle(scale.patience)
    for worker in served.workers:
        worker.end()
    killed: Counter[FailPoint] = Counter()
    until = time.monotonic() + scale.seconds
    with Feeding(served) as feeding:
        lanes = [threading.Thread(target=_run_lane, args=(served, stages, until, killed)) for stages in LANES]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    assert sorted(killed) == sorted(POINTS)
    served.work()
    seconds = served.settle(scale.patience)
    served.assert_whole([first, *feeding.loads])
    reports = sum(len(load.reports) for load in (first, *feeding.loads))
    return {"reports": reports, "points": len(POINTS), "kills": killed.total(), "recovered_seconds": seconds}


def _run_lane(served: Served, stages: tuple[Stage, ...], until: float, killed: Counter[FailPoint]) -> None:
    """killed: shared by the lanes, each with points of its own."""
    time_reached = 1
    while time_reached == 1 or time.monotonic() < until:
        for point in LANES[stages]:
            worker = served.failing_at(point.value, time_reached, *stages)
            if worker.process.wait(REACHED_WITHIN) == -signal.SIGKILL:
                killed[point] += 1
        time_reached += 1
    served.work(*stages)
