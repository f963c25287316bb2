"""The bench on real servers: small, to see that it measures what it says and that nothing was lost on the way."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from city.pack import load_pack
from console.bench.even_city import COPIES, even_city
from console.bench.kafka_pipeline import bench_kafka
from console.bench.kafka_plan import KafkaPlan, layout_of
from pool.elastic.transport import Elastic
from schemas.errors import ContractError
from schemas.words import Stage
from streams.kafka.settings import Servers
from streams.kafka.topics import PARTITIONS


def test_the_even_city_is_a_pack_with_a_slot_and_a_partition_for_every_copy_of_the_district(tmp_path: Path) -> None:
    pack = load_pack(even_city(tmp_path / "pack"))
    slots = [slot for slot in pack.slots.values() if slot.area]
    assert {slot.number % PARTITIONS for slot in slots} == set(range(PARTITIONS))
    places = [place for found in pack.place_names.values() for place in found]
    counts = {mark: sum(place.name.startswith(mark) for place in places) for mark in COPIES}
    assert len(set(counts.values())) == 1
    assert sum(counts.values()) == len(places)


def test_a_layout_names_every_stage_or_says_which_one_it_lacks() -> None:
    assert layout_of("intake,casework+progress+publish") == (
        (Stage.INTAKE,),
        (Stage.CASEWORK, Stage.PROGRESS, Stage.PUBLISH),
    )
    with pytest.raises(ContractError, match="publish"):
        layout_of("intake,casework+progress")
    with pytest.raises(ContractError, match="没有这样的环节"):
        layout_of("intake,casework+progress+printing")


def test_a_small_bench_loses_nothing_fills_a_pool_and_leaves_nothing_behind(
    kafka: str, elasticsearch: str, tmp_path: Path
) -> None:
    plan = KafkaPlan(reports=300, runs=1, full=600, rate=50, seconds=2, spike_rate=5, spike_seconds=1, casework=False)
    found = bench_kafka(Servers(kafka, elasticsearch, "t-bench"), plan, tmp_path)
    for pool in ("empty", "full"):
        assert found[pool]["problems"] > 290  # two reports of the same matter may be one problem
        assert found[pool]["missing"] == 0
        assert found[pool]["problems_per_second"] > 0
        assert {"intake/handle", "casework/handle", "casework/derive", "publish/handle"} <= set(found[pool]["steps"])
        assert len(found[pool]["peak_mb"]) >= 2
    assert found["filling"]["problems"] >= 600
    assert found["floor"]["events_per_second"] > 0
    assert found["ratio_to_floor"]["median"] > 0
    assert found["latency"]["decided"] == 100
    assert 0 < found["latency"]["p50_ms"] <= found["latency"]["p95_ms"] <= found["latency"]["max_ms"]
    assert found["latency"]["searchable_within"]["+Inf"] == 100
    assert found["spikes"]["missing"] == 0
    assert len(found["spikes"]["lag_after_each"]) == len(found["spikes"]["rates"])
    assert list(tmp_path.iterdir()) == []
    assert_nothing_left(kafka, elasticsearch)


def assert_nothing_left(kafka: str, elasticsearch: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as client:
        until = time.monotonic() + 30  # a broker deletes in the background
        while left := [topic for topic in client.list_topics() if topic.startswith("t-bench")]:
            assert time.monotonic() < until, left
            time.sleep(0.2)
    elastic = Elastic(elasticsearch, prefix="t-bench")
    _, indices = elastic.request("GET", "/t-bench*", params={"expand_wildcards": "all"})
    elastic.close()
    assert indices == {}
