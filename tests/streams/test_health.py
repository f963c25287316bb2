"""Alive and ready are two things; the probes answer in any state of the worker."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from schemas.errors import ContractError
from schemas.words import Stage
from streams.operations.health import HOLD_KEPT, STALL_LIMIT, TICK_LIMIT, Health, watch
from streams.operations.holds import Hold, Obstacle, Server
from streams.operations.metrics import Metrics
from streams.operations.probes import Probes


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def health(metrics: Metrics, clock: Clock) -> Health:
    return Health(metrics, [Stage.INTAKE, Stage.CASEWORK], clock=clock)


@pytest.fixture
def probes(metrics: Metrics, health: Health) -> Iterator[Probes]:
    made = Probes(metrics, health)
    yield made
    made.close()


def begin(health: Health) -> None:
    for server in Server:
        health.reachable(server, True)
    for stage in (Stage.INTAKE, Stage.CASEWORK):
        health.assigned(stage, 4)
    health.tick()


def wait_ticking(health: Health, clock: Clock, seconds: float) -> None:
    """The loop turns all the while."""
    clock.now += seconds
    health.tick()


def missing(health: Health) -> set[str]:
    return {name for name, condition in health.conditions().items() if not condition.holds}


def get(probes: Probes, path: str, method: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", probes.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_ready_needs_every_condition(health: Health) -> None:
    assert missing(health) == {"assigned", "kafka", "elasticsearch"}
    begin(health)
    assert missing(health) == set()
    health.reachable(Server.KAFKA, False)
    health.holding(Server.ELASTICSEARCH, Hold.READ_ONLY)
    health.refusing(Obstacle.POOL_BEHIND_LOG)
    health.revoked(Stage.INTAKE)
    health.stopping()
    assert missing(health) == {"assigned", "kafka", "free", "unobstructed", "staying"}
    assert "在等 elasticsearch(索引被设为只读)" in health.conditions()["free"].why
    assert "intake" in health.conditions()["assigned"].why


def test_what_has_passed_is_ready_again(health: Health) -> None:
    begin(health)
    health.holding(Server.ELASTICSEARCH, Hold.BUSY)
    health.holding(Server.KAFKA, Hold.TIMEOUT)
    health.free(Server.KAFKA)
    assert missing(health) == {"free"}, "one server that answers does not speak for the other"
    health.free(Server.ELASTICSEARCH)
    health.refusing(Obstacle.PARTITION_COUNT)
    health.refusing(None)
    assert missing(health) == set()


def test_a_hold_that_is_not_tried_again_is_over(health: Health, metrics: Metrics, clock: Clock) -> None:
    begin(health)
    health.holding(Server.ELASTICSEARCH, Hold.BUSY)
    wait_ticking(health, clock, HOLD_KEPT)
    assert missing(health) == {"free"}
    assert value(metrics, "wentichi_holding", server="elasticsearch") == 1
    wait_ticking(health, clock, 1)
    assert missing(health) == set()
    assert value(metrics, "wentichi_holding", server="elasticsearch") == 0


def test_a_worker_without_partitions_stands_by_and_is_ready(health: Health) -> None:
    begin(health)
    health.assigned(Stage.INTAKE, 0)
    assert missing(health) == set()


def test_a_loop_that_is_stuck_is_dead(health: Health, clock: Clock) -> None:
    begin(health)
    clock.now += TICK_LIMIT
    assert health.dead() == ""
    clock.now += 1
    assert "没有动静" in health.dead()
    health.tick()
    assert health.dead() == ""


def test_no_finished_batch_with_lag_and_healthy_servers_is_dead(health: Health, clock: Clock) -> None:
    begin(health)
    health.waiting(Stage.CASEWORK, 10)
    wait_ticking(health, clock, STALL_LIMIT)
    assert health.dead() == ""
    health.finished(Stage.INTAKE, 5)
    wait_ticking(health, clock, 1)
    assert "casework 有 10 条等待" in health.dead(), "another stage's batches do not count"
    health.finished(Stage.CASEWORK, 5)
    assert health.dead() == ""


def test_an_idle_night_is_no_stall(health: Health, clock: Clock) -> None:
    begin(health)
    wait_ticking(health, clock, 8 * 3600)
    health.waiting(Stage.CASEWORK, 1)
    assert health.dead() == ""


def test_a_worker_that_tries_again_and_again_is_alive_however_long(health: Health, clock: Clock) -> None:
    begin(health)
    health.waiting(Stage.CASEWORK, 10)
    for _ in range(200):
        health.holding(Server.ELASTICSEARCH, Hold.UNREACHABLE)
        wait_ticking(health, clock, 5)
    assert health.dead() == ""
    health.free(Server.ELASTICSEARCH)
    wait_ticking(health, clock, STALL_LIMIT + 1)
    assert "casework" in health.dead()


@pytest.mark.parametrize("excuse", ["unreachable", "obstacle", "rebalance"])
def test_waiting_for_something_is_no_stall_and_time_counts_from_its_end(health: Health, clock: Clock, excuse: str) -> None:
    begin(health)
    health.waiting(Stage.CASEWORK, 10)
    match excuse:
        case "unreachable":
            health.reachable(Server.KAFKA, False)
        case "obstacle":
            health.refusing(Obstacle.POOL_AHEAD_OF_LOG)
        case "rebalance":
            health.revoked(Stage.CASEWORK)
    wait_ticking(health, clock, 10 * STALL_LIMIT)
    assert health.dead() == ""
    match excuse:
        case "unreachable":
            health.reachable(Server.KAFKA, True)
        case "obstacle":
            health.refusing(None)
        case "rebalance":
            health.assigned(Stage.CASEWORK, 4)
    health.waiting(Stage.CASEWORK, 10)
    assert health.dead() == ""
    wait_ticking(health, clock, STALL_LIMIT + 1)
    assert "casework" in health.dead()


def test_gauges_follow(health: Health, metrics: Metrics) -> None:
    begin(health)
    health.waiting(Stage.INTAKE, 7, 2.5)
    health.finished(Stage.INTAKE, 5)
    health.holding(Server.ELASTICSEARCH, Hold.BUSY)
    health.free(Server.ELASTICSEARCH)
    health.holding(Server.KAFKA, Hold.TIMEOUT)
    health.refusing(Obstacle.MASTER_KEY)
    assert value(metrics, "wentichi_lag_records", stage="intake") == 7
    assert value(metrics, "wentichi_oldest_waiting_seconds", stage="intake") == 2.5
    assert value(metrics, "wentichi_records_total", stage="intake") == 5
    assert value(metrics, "wentichi_batches_total", stage="intake") == 1
    assert value(metrics, "wentichi_retries_total", server="elasticsearch", reason="busy") == 1
    assert value(metrics, "wentichi_holding", server="elasticsearch") == 0
    assert value(metrics, "wentichi_holding", server="kafka") == 1
    assert value(metrics, "wentichi_obstacle", obstacle="master_key") == 1
    assert value(metrics, "wentichi_obstacle", obstacle="pool_behind_log") == 0
    assert value(metrics, "wentichi_partitions", stage="intake") == 4
    health.free(Server.KAFKA)
    health.revoked(Stage.INTAKE)
    assert value(metrics, "wentichi_holding", server="kafka") == 0
    assert value(metrics, "wentichi_partitions", stage="intake") == 0
    assert value(metrics, "wentichi_lag_records", stage="intake") == 0


def test_probes_answer(health: Health, probes: Probes, clock: Clock) -> None:
    assert get(probes, "/live")[0] == 200
    status, body = get(probes, "/ready")
    assert (status, json.loads(body)["ready"]) == (503, False)
    begin(health)
    status, body = get(probes, "/ready?verbose=1")
    told = json.loads(body)
    assert (status, told["ready"]) == (200, True)
    assert told["conditions"]["elasticsearch"] == {"holds": True, "why": ""}
    clock.now += TICK_LIMIT + 1
    status, body = get(probes, "/live")
    assert status == 503
    assert "主循环" in json.loads(body)["why"]
    status, body = get(probes, "/metrics")
    assert status == 200
    assert 'wentichi_partitions{stage="intake"} 4.0' in body
    assert get(probes, "/")[0] == 404
    assert get(probes, "/live", "POST")[0] == 501


def test_probes_listen_on_this_machine_only_unless_told(metrics: Metrics, health: Health, probes: Probes) -> None:
    assert probes._server.server_address[0] == "127.0.0.1"
    everywhere = Probes(metrics, health, host="0.0.0.0")  # noqa: S104 - this is what is tested
    try:
        assert get(everywhere, "/live")[0] == 200
    finally:
        everywhere.close()


def test_a_port_that_is_taken_is_said_so(metrics: Metrics, health: Health, probes: Probes) -> None:
    for port in (probes.port, 70_000):
        with pytest.raises(ContractError, match="--metrics-port"):
            Probes(metrics, health, port=port)


def test_a_client_that_says_nothing_keeps_neither_others_nor_the_end_waiting(metrics: Metrics, health: Health) -> None:
    probes = Probes(metrics, health)
    with socket.create_connection(("127.0.0.1", probes.port)) as silent:
        assert get(probes, "/live")[0] == 200
        begun = time.monotonic()
        probes.close()
        assert time.monotonic() - begun < 2
        silent.close()


def test_the_watch_ends_a_process_whose_loop_is_stuck(health: Health, clock: Clock) -> None:
    begin(health)
    told: list[str] = []
    ended = threading.Event()

    def end(reason: str) -> None:
        told.append(reason)
        ended.set()

    thread = watch(health, end, every=0.01)
    assert not ended.wait(0.1)
    clock.now += TICK_LIMIT + 1
    assert ended.wait(5)
    thread.join(5)
    assert len(told) == 1
    assert "主循环" in told[0]
