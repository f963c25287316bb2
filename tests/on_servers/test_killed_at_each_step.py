"""Workers are killed between each pair of protocol steps, under load; every failure point of the Kafka runner is reached."""

import signal
import threading

import pytest
from faults.load import make_load

from on_servers.feeding import Feeding
from on_servers.served import Served
from schemas.words import Channel, Stage
from streams.failpoints import FailPoint

POINTS = [point for point in FailPoint if point.value.startswith("kafka_")]
LANES = {
    (Stage.INTAKE,): [p for p in POINTS if p.value.startswith("kafka_intake")],
    (Stage.CASEWORK,): [p for p in POINTS if p.value.startswith(("kafka_casework", "kafka_timers"))],
    (Stage.PROGRESS, Stage.PUBLISH): [p for p in POINTS if p.value.startswith(("kafka_progress", "kafka_publish"))],
}


@pytest.mark.servers
def test_a_worker_killed_at_each_step_loses_nothing_and_doubles_nothing(served: Served) -> None:
    for stages in LANES:  # begin with something in the pool
        served.work(*stages)
    first = make_load(Channel.MESSAGE, 60)
    served.send(first)
    served.settle()
    for worker in served.workers:
        worker.end()
    feeding = Feeding(served)
    reached: list[FailPoint] = []
    lanes = [threading.Thread(target=_run_lane, args=(served, stages, points, reached)) for stages, points in LANES.items()]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    feeding.stop()
    assert sorted(reached) == sorted(POINTS)
    served.work()
    served.settle()
    served.assert_whole([first, *feeding.loads])


def _run_lane(served: Served, stages: tuple[Stage, ...], points: list[FailPoint], reached: list[FailPoint]) -> None:
    for point in points:
        worker = served.failing_at(point.value, 1, *stages)
        if worker.process.wait(timeout=60) == -signal.SIGKILL:
            reached.append(point)
    served.work(*stages)
