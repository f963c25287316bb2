"""Workers are killed between each pair of protocol steps, under load; every failure point of the Kafka runner is reached."""

import signal
import threading
from datetime import UTC, datetime, timedelta

import pytest
from faults.load import Load, make_load

from on_servers.served import Served
from schemas.commands import Actor, Assign
from schemas.words import Channel, Role, Stage
from streams.failpoints import FailPoint

POINTS = [point for point in FailPoint if point.value.startswith("kafka_")]
LANES = {
    (Stage.INTAKE,): [p for p in POINTS if p.value.startswith("kafka_intake")],
    (Stage.CASEWORK,): [p for p in POINTS if p.value.startswith(("kafka_casework", "kafka_timers"))],
    (Stage.PROGRESS, Stage.PUBLISH): [p for p in POINTS if p.value.startswith(("kafka_progress", "kafka_publish"))],
}
CLERK = Actor(id="clerk-1", role=Role.CLERK)


class Feeding:
    """A little of everything, again and again: reports, progress, erasures, and assignments whose clocks have long run out."""

    def __init__(self, served: Served) -> None:
        self.loads: list[Load] = []
        self._served = served
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.error: BaseException | None = None

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            number = 0
            while not self._stop.is_set():
                number += 1
                load = make_load(list(Channel)[number % 4], 16, seed=100 + number)
                self._served.send(load)
                self.loads.append(load)
                self._acts(number)
                self._stop.wait(1.0)
        except BaseException as error:
            self.error = error

    def _acts(self, number: int) -> None:
        served = self._served
        served.pool.elastic.refresh("reports")
        documents = served.pool.store.report_documents(list(served.pool.store.report_ids())[:400])
        standing = [d for d in documents.values() if not d.erased]
        if not standing:
            return
        document = standing[number % len(standing)]
        served.erase(document.id)
        other = standing[(number * 7) % len(standing)]
        long_ago = datetime.now(UTC) - timedelta(days=60)
        lead = next(iter(served.pack.units))
        served.put(
            Assign(
                id=f"assign-{number}",
                slot=other.slot,
                at=long_ago,
                actor=CLERK,
                problem=other.problem,
                lead="yunxi-shuiwu",
            )
        )
        served.progress(other.lead or lead, problem=other.problem, action="sign", id=f"sign-{number}")


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
