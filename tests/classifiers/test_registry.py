"""Which model stands: changed in one step, by one at a time, and never forgotten who did it."""

import json
import multiprocessing
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers import registry as module
from classifiers import registry_files
from classifiers.learning.artifact import CARD, card_of, load, save
from classifiers.learning.rows import Row, Task
from classifiers.learning.seen import read_seen, remember
from classifiers.registry import CURRENT, HISTORY, REFERENCE, Change, Registry, Standing, models_folder, version_of
from schemas.errors import ContractError

Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Small models; another number is another model."""

    def make(number: int = 0, task: Task = Task.CATEGORY) -> Path:
        folder = tmp_path / f"{task}-{number}"
        if folder.is_dir():
            return folder
        rows = [Row("", "停水", "水", {}), Row("", f"停电{number}", "电", {})]
        save(folder, card_of(task, "test-1", rows), {"weights": np.arange(3.0) + number})
        remember(folder, rows)
        return folder

    return make


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def promoted(registry: Registry, folder: Path, **settings: Any) -> Standing:
    version = registry.add(folder, Task.CATEGORY)
    return registry.promote(Task.CATEGORY, version, settings.pop("promise", 0.98), by="甲", **settings)


def test_nothing_stands_in_a_folder_that_is_not_there(registry: Registry) -> None:
    assert (registry.standing(), registry.stamp(), registry.history(), registry.versions(Task.CATEGORY)) == ({}, None, [], [])
    assert not registry.folder.exists()


def test_a_promoted_model_stands_whole_with_who_promoted_it_and_why(registry: Registry, made: Made) -> None:
    source = made()
    shutil.copy(source / CARD, source / "notes.txt")
    chosen = promoted(registry, source, checked_share=0.05, figures={"accuracy": 0.9, "names": ["水"]})
    shutil.rmtree(source)
    (standing,) = registry.standing().values()
    assert standing == chosen
    assert (standing.task, standing.promise, standing.checked_share, standing.by) == (Task.CATEGORY, 0.98, 0.05, "甲")
    assert standing.figures == {"accuracy": 0.9, "names": ["水"]}
    assert load(standing.folder, Task.CATEGORY)[1]["weights"].tolist() == [0, 1, 2]
    assert read_seen(standing.folder).shape == (2, 9)
    assert not (standing.folder / "notes.txt").exists()
    assert [(event.change, event.version, event.before, event.by) for event in registry.history()] == [
        (Change.PROMOTED, standing.version, "", "甲")
    ]


def test_the_version_follows_the_contents_and_adding_twice_keeps_one(registry: Registry, made: Made, tmp_path: Path) -> None:
    first, second = made(0), made(1)
    assert registry.add(first, Task.CATEGORY) == registry.add(first, Task.CATEGORY) == version_of(first, Task.CATEGORY)
    assert registry.add(second, Task.CATEGORY) != version_of(first, Task.CATEGORY)
    assert len(registry.versions(Task.CATEGORY)) == 2
    assert sorted(path.name for path in (registry.folder / "category").iterdir()) == sorted(registry.versions(Task.CATEGORY))


def test_both_tasks_stand_beside_each_other(registry: Registry, made: Made) -> None:
    promoted(registry, made())
    unit = registry.add(made(0, Task.DEPARTMENT), Task.DEPARTMENT)
    registry.promote(Task.DEPARTMENT, unit, 0.95)
    assert set(registry.standing()) == set(Task)
    assert registry.roll_back(Task.DEPARTMENT) is None
    assert set(registry.standing()) == {Task.CATEGORY}


def test_rolling_back_goes_step_by_step_to_the_cold_start(registry: Registry, made: Made) -> None:
    first, second = promoted(registry, made(0)), promoted(registry, made(1))
    third = promoted(registry, made(1), promise=0.99)
    assert third.version == second.version
    assert registry.roll_back(Task.CATEGORY, "乙") == second
    assert registry.standing() == {Task.CATEGORY: second}
    assert registry.roll_back(Task.CATEGORY, "乙") == first
    assert registry.roll_back(Task.CATEGORY, "乙") is None
    assert registry.standing() == {}
    with pytest.raises(ContractError, match="无可退回"):
        registry.roll_back(Task.CATEGORY)
    changes = [(event.change, event.version, event.before) for event in registry.history()][3:]
    assert changes == [
        (Change.ROLLED_BACK, second.version, third.version),
        (Change.ROLLED_BACK, first.version, second.version),
        (Change.ROLLED_BACK, "", first.version),
    ]


def test_rolling_back_passes_over_a_version_that_is_gone_or_damaged(registry: Registry, made: Made) -> None:
    first = promoted(registry, made(0))
    for number in (1, 2):
        broken = promoted(registry, made(number)).folder
        if number == 1:
            shutil.rmtree(broken)
        else:
            next(broken.glob("*.skops")).write_bytes(b"x")
    promoted(registry, made(3))
    assert registry.roll_back(Task.CATEGORY) == first


def test_the_stamp_changes_with_every_change_and_only_then(registry: Registry, made: Made) -> None:
    seen = [registry.stamp()]
    for number in (0, 1, 0):
        promoted(registry, made(number))
        seen.append(registry.stamp())
        assert registry.stamp() == seen[-1]
    registry.refused(Task.CATEGORY, "0" * 12)
    assert registry.stamp() == seen[-1]
    registry.roll_back(Task.CATEGORY)
    assert len({*seen, registry.stamp()}) == 5


def test_a_refusal_is_noted_and_changes_nothing(registry: Registry, made: Made) -> None:
    standing = promoted(registry, made())
    registry.refused(Task.CATEGORY, "abcdefabcdef", "乙", {"lower": -0.01})
    assert registry.standing() == {Task.CATEGORY: standing}
    last = registry.history()[-1]
    assert (last.change, last.version, last.before, last.by) == (Change.REFUSED, "abcdefabcdef", standing.version, "乙")
    assert last.figures == {"lower": -0.01}


@pytest.mark.parametrize("version", ["000000000000", "../../etc", "", "x" * 500])
def test_an_unknown_version_is_refused(registry: Registry, made: Made, version: str) -> None:
    standing = promoted(registry, made())
    with pytest.raises(ContractError, match="models list"):
        registry.promote(Task.CATEGORY, version, 0.98)
    assert registry.standing() == {Task.CATEGORY: standing}


@pytest.mark.parametrize("number", [0.0, 1.0, float("nan"), -1, 2])
def test_a_promise_or_share_that_is_none_is_refused(registry: Registry, made: Made, number: float) -> None:
    version = registry.add(made(), Task.CATEGORY)
    with pytest.raises(ContractError, match="--promise"):
        registry.promote(Task.CATEGORY, version, number)
    if not 0 <= number <= 1:
        with pytest.raises(ContractError, match="--check-share"):
            registry.promote(Task.CATEGORY, version, 0.98, number)
    assert registry.standing() == {}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "{", "[" * 100_000, '{"format": "wentichi-standing-9"}', '{"format": "wentichi-standing-1"}',
        '{"format": "wentichi-standing-1", "standing": {"weather": {}}, "last": {}}',
        '{"format": "wentichi-standing-1", "standing": {"category": {"version": "../../x", "earlier": []}}, "last": {}}',
    ],
)  # fmt: skip
def test_a_damaged_standing_says_what_to_do(registry: Registry, made: Made, text: str) -> None:
    promoted(registry, made())
    (registry.folder / CURRENT).write_text(text, encoding="utf-8")
    for asked in (registry.standing, registry.history, lambda: registry.roll_back(Task.CATEGORY)):
        with pytest.raises(ContractError, match=f"{CURRENT}.*(损坏|只认).*备份"):
            asked()


def test_a_standing_version_whose_folder_is_gone_is_said_and_can_be_rolled_back(registry: Registry, made: Made) -> None:
    first, second = promoted(registry, made(0)), promoted(registry, made(1))
    shutil.rmtree(second.folder)
    with pytest.raises(ContractError, match="roll-back category"):
        registry.standing()
    assert registry.roll_back(Task.CATEGORY) == first


def test_what_is_no_whole_model_is_not_kept(registry: Registry, made: Made, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="没有文件夹"):
        registry.add(tmp_path / "none", Task.CATEGORY)
    with pytest.raises(ContractError, match="department 的模型"):
        registry.add(made(0, Task.DEPARTMENT), Task.CATEGORY)
    damaged = made(1)
    part = next(damaged.glob("*.skops"))
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(ContractError, match="校验值"):
        registry.add(damaged, Task.CATEGORY)
    part.unlink()
    with pytest.raises(ContractError, match="不完整"):
        registry.add(damaged, Task.CATEGORY)
    assert list(registry.folder.glob("category/*")) == []
    assert registry.versions(Task.CATEGORY) == []


class Died(BaseException):
    """Stands for kill -9: no handler of the program catches it."""


def dying(*_: object) -> None:
    raise Died


@pytest.mark.parametrize("step", ["copy_model", "check_parts", "write_whole"])
def test_a_crash_between_the_steps_leaves_the_old_standing(
    registry: Registry, made: Made, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    old = promoted(registry, made(0))
    with monkeypatch.context() as patched:
        patched.setattr(module, step, dying)
        with pytest.raises(Died):
            promoted(registry, made(1))
    assert registry.standing() == {Task.CATEGORY: old}
    assert len(registry.history()) == 1
    assert promoted(registry, made(1)) in registry.standing().values()


def test_a_crash_before_the_line_of_history_loses_no_line(
    registry: Registry, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(registry, made(0))
    with monkeypatch.context() as patched:
        patched.setattr(Registry, "_append", dying)
        with pytest.raises(Died):
            promoted(registry, made(1))
    (standing,) = registry.standing().values()
    expected = [event.version for event in registry.history()]
    assert expected[-1] == standing.version
    registry.refused(Task.CATEGORY, "0" * 12)
    assert [event.version for event in registry.history()] == [*expected, "0" * 12]


def test_a_torn_line_of_history_is_mended_and_a_damaged_one_is_said(registry: Registry, made: Made) -> None:
    promoted(registry, made(0))
    file = registry.folder / HISTORY
    with file.open("ab") as torn:
        torn.write(b'{"at": "20')
    assert len(registry.history()) == 1
    promoted(registry, made(1))
    assert [json.loads(line)["change"] for line in file.read_text(encoding="utf-8").splitlines()] == ["promoted"] * 2
    file.write_bytes(b"x\n" + file.read_bytes())
    with pytest.raises(ContractError, match=f"{HISTORY}.*读不懂"):
        registry.history()


def test_who_compared_with_another_champion_is_told_to_compare_again(registry: Registry, made: Made) -> None:
    first = promoted(registry, made(0), champion="")
    with pytest.raises(ContractError, match="重新运行"):
        promoted(registry, made(1), champion="")
    assert promoted(registry, made(1), champion=first.version).version == registry.standing()[Task.CATEGORY].version


def promote_often(folder: Path, source: Path, times: int) -> None:
    registry = Registry(folder)
    for _ in range(times):
        registry.promote(Task.CATEGORY, registry.add(source, Task.CATEGORY), 0.9, by=source.name)


def test_promotions_at_once_come_one_after_the_other(registry: Registry, made: Made) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=promote_often, args=(registry.folder, made(number), 5)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    events = registry.history()
    assert len(events) == 10
    assert [event.before for event in events] == ["", *(event.version for event in events[:-1])]
    assert registry.standing()[Task.CATEGORY].version == events[-1].version
    assert len(registry.versions(Task.CATEGORY)) == 2


def test_a_lock_that_is_never_freed_is_said(registry: Registry, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_files, "PATIENCE", 0.05)
    with registry._changing(), pytest.raises(ContractError, match="另一个进程"):
        Registry(registry.folder).add(made(), Task.CATEGORY)


def test_the_reference_lies_in_the_folder_of_its_version(registry: Registry, made: Made) -> None:
    standing = promoted(registry, made())
    path = registry.keep_reference(Task.CATEGORY, standing.version, {"rows": 3})
    assert path == standing.folder / REFERENCE
    assert json.loads(path.read_bytes()) == {"rows": 3}
    with pytest.raises(ContractError, match="没有"):
        registry.keep_reference(Task.CATEGORY, "0" * 12, {})


def test_the_folder_is_the_named_one_or_lies_in_the_pools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENTICHI_MODELS", raising=False)
    assert models_folder(tmp_path) == tmp_path / "models"
    monkeypatch.setenv("WENTICHI_MODELS", "/elsewhere")
    assert models_folder(tmp_path) == Path("/elsewhere")


def test_a_standing_is_plain_values_only(registry: Registry, made: Made) -> None:
    one = asdict(promoted(registry, made()))
    assert json.dumps({**one, "folder": str(one["folder"])})
