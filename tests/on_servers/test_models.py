"""A worker on real servers takes a promoted model without restart, loses no report over a damaged one, and goes back."""

import random
from pathlib import Path

import pytest
from faults.load import Load

from classifiers.learning.category import CategoryModel
from classifiers.learning.rows import Row, Task
from classifiers.registry import Registry
from on_servers.scenario import load_of, message
from on_servers.served import Served
from on_servers.whole import documents_of
from schemas.identity import report_id

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SAID = {
    "01/0104/010401": ("屋里才十四度", "暖气片冰凉", "供暖不热", "室温不达标"),
    "01/0105/010503": ("路灯不亮", "路灯一闪一闪", "灯杆上的灯灭了", "路上一片漆黑"),
}


def trained(folder: Path, seed: int) -> Path:
    dice = random.Random(seed)
    rows = [
        Row(dice.choice(words), f"{dice.choice(words)},{dice.choice(words)},已经{dice.randint(2, 99)}天了", label, {})
        for label, words in SAID.items()
        for _ in range(60)
    ]
    CategoryModel.fit(rows).save(folder)
    return folder


def loaded(number: int) -> Load:
    texts = ("望江花园门口路灯不亮,路上一片漆黑", "滨江华庭3栋供暖不热,屋里才十四度")
    said = [f"{text},第{number}次说" for text in texts]
    rows = [message(f"model-{number}-{place}", text) for place, text in enumerate(said)]
    load = load_of(rows)
    load.reports = {report_id("push/message", row["id"]): row["text"] for row in rows}
    return load


def test_a_worker_takes_what_is_promoted_and_goes_back_without_restart(served: Served, tmp_path: Path) -> None:
    registry, loads = Registry(tmp_path / "models"), []
    worker = served.work(WENTICHI_MODELS=str(registry.folder))
    worker.wait_until_working()

    def made_by() -> set[str]:
        """What made the findings of the load that is sent now."""
        load = loaded(len(loads))
        loads.append(load)
        served.send(load)
        served.settle()
        documents = documents_of(served.pool)
        return {documents[report].findings.model for report in load.reports}

    assert {made.partition("/")[0] for made in made_by()} == {"pack-rules"}
    versions = [registry.add(trained(tmp_path / str(seed), seed), Task.CATEGORY) for seed in (1, 2)]
    for version in versions:
        registry.promote(Task.CATEGORY, version, 0.9, 0.0, "测试")
        assert {made.partition("+")[0] for made in made_by()} == {f"category/{version}"}
    registry.roll_back(Task.CATEGORY)
    assert {made.partition("+")[0] for made in made_by()} == {f"category/{versions[0]}"}
    part = next((registry.folder / "category" / versions[0]).glob("features-*.skops"))
    part.write_bytes(b"")
    registry.promote(Task.CATEGORY, versions[0], 0.95, 0.0, "测试")
    assert all(made.endswith("+degraded") for made in made_by())
    assert worker.said("model_degraded")
    assert worker.process.poll() is None
    served.assert_whole(loads)
