"""What keeps a worker from being ready is said while it lasts, and no longer."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from on_servers.served import Served, wait_until
from on_servers.supervised import Supervised
from streams.kafka.pool import KEY_FILE
from streams.operations.health import HOLD_KEPT
from streams.operations.holds import OBSTACLE_SENTENCES, Hold, Obstacle
from tests.proxy import Proxy

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SEEN_WITHIN = 60.0


@pytest.fixture
def proxy(elasticsearch: str) -> Iterator[Proxy]:
    with Proxy(elasticsearch) as before:
        yield before


@pytest.fixture
def behind_proxy(kafka: str, elasticsearch: str, namespace: str, tmp_path: Path, proxy: Proxy) -> Iterator[Served]:
    pool = Served(kafka, elasticsearch, namespace, tmp_path, workers_see=proxy.url)
    yield pool
    pool.close()


def lacking(worker: Supervised) -> dict[str, str]:
    """By condition, why it does not hold."""
    conditions = json.loads(worker.asked("/ready")[1] or '{"conditions": {}}')["conditions"]
    return {name: found["why"] for name, found in conditions.items() if not found["holds"]}


def test_a_worker_is_ready_soon_after_an_outage_in_which_nothing_came(behind_proxy: Served, proxy: Proxy) -> None:
    worker = Supervised(behind_proxy)
    worker.wait_until_ready()
    proxy.status = 503
    wait_until(lambda: worker.retries(Hold.FAILING) > 1 and "free" in lacking(worker), SEEN_WITHIN, "held")
    proxy.status = None
    ended = time.monotonic()
    wait_until(worker.is_ready, HOLD_KEPT, "ready again")
    assert time.monotonic() - ended < HOLD_KEPT / 2, "by the hold's own next try, which comes within 5 s"
    assert worker.statuses == []


def test_a_worker_without_the_pools_key_says_so_and_goes_on_when_it_is_there(served: Served) -> None:
    key = served.folder / KEY_FILE
    away = key.rename(served.folder / "elsewhere")
    worker = Supervised(served)
    sentence = OBSTACLE_SENTENCES[Obstacle.MASTER_KEY]
    wait_until(lambda: lacking(worker).get("unobstructed") == sentence, SEEN_WITHIN, "obstacle")
    assert 'wentichi_obstacle{obstacle="master_key"} 1.0' in worker.asked("/metrics")[1]
    assert worker.is_live()
    away.rename(key)
    worker.wait_until_ready()
    assert worker.statuses == []
    assert 'wentichi_obstacle{obstacle="master_key"} 0.0' in worker.asked("/metrics")[1]
    assert worker.end() == 0


def test_a_worker_that_waits_for_its_key_stops_when_it_is_asked_to(served: Served) -> None:
    (served.folder / KEY_FILE).chmod(0o644)
    worker = Supervised(served)
    wait_until(lambda: worker.said("chmod 600"), SEEN_WITHIN, "told")
    assert worker.end() == 0
