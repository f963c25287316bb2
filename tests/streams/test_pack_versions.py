"""A pool gets its next pack version: what comes from its day on is decided by it, and nothing that was decided changes."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

import streams.local.owner
from city import PackError, load_pack
from city.layout import PackFile
from console.bench.big_city import BigCity, big_city
from pool.backup import backup, restore
from schemas.cloudevent import event_type
from schemas.commands import Actor, Assign
from schemas.errors import PoolError
from schemas.identity import report_id
from schemas.problem import Problem
from schemas.words import Channel, Role, Stage, Topic, intake_topic
from streams.clock import PlayedClock
from streams.local.home import Home, open_home
from streams.local.owner import Owner
from streams.local.packs import asked

EVE = datetime(2026, 5, 31, 12, tzinfo=UTC)
"""Eight in the evening in the city; its midnight is four hours later."""
MIDNIGHT = datetime(2026, 5, 31, 16, tzinfo=UTC)
TOPIC = intake_topic(Channel.MESSAGE).value
OLD, NEW = "2026.1", "2026.2"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return big_city(tmp_path_factory.mktemp("packs") / "used", BigCity(categories=30, duty=30, grids=200, units=100))


@pytest.fixture
def following(used: Path, tmp_path: Path) -> Path:
    """The next version: from 1 June, and every item of the water office is the traffic office's."""
    folder = tmp_path / "next"
    shutil.copytree(used, folder)
    change(folder, PackFile.PACK, f"version: '{OLD}'", f"version: '{NEW}'")
    change(folder, PackFile.PACK, "effective: '2026-01-01'", "effective: '2026-06-01'")
    change(folder, PackFile.DUTY, ",c-00,", ",c-02,")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def clock() -> PlayedClock:
    return PlayedClock(EVE)


@pytest.fixture
def home(used: Path, tmp_path: Path, clock: PlayedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("WENTICHI_PACK", str(used))
    monkeypatch.setenv("WENTICHI_CACHE", str(used.parent))
    with_pool = open_home(tmp_path / "pool", clock=clock)
    yield with_pool
    with_pool.close()


def arrive(home: Home, *ids: str) -> None:
    """Reports of a matter of the water office, received now."""
    leaf = load_leaf(home)
    for name in ids:
        data = {"title": leaf[1], "text": f"{leaf[1]},来件{name}", "category": leaf[0], "time": home.clock.now().isoformat()}
        event = {"specversion": "1.0", "id": name, "source": "t", "type": event_type(Channel.MESSAGE), "data": data}
        home.append(TOPIC, [(report_id("t", name), orjson.dumps(event))])


def load_leaf(home: Home) -> tuple[str, str]:
    item = next(item for item in home.packs.at(EVE).duty_items.values() if item.lead == "c-00")
    category = home.pack.categories[item.categories[0]]
    return category.code, category.words[0]


def problem(home: Home, name: str) -> Problem:
    (document,) = home.store.report_documents([report_id("t", name)]).values()
    return home.store.problems([document.problem])[document.problem]


def decided(home: Home, name: str) -> tuple[str, str | None]:
    """(version of the pack that decided, lead)"""
    found = problem(home, name)
    return found.policy, found.lead


def test_what_comes_from_the_day_on_is_decided_by_the_new_version(
    home: Home, used: Path, following: Path, clock: PlayedClock
) -> None:
    owner = Owner(home)
    arrive(home, "before")
    owner.drain()
    events = home.store.events_of(problem(home, "before").id)
    adopted = home.packs.adopt(following, used, clock.now())
    assert adopted.since == MIDNIGHT
    arrive(home, "evening")
    clock.play_to(MIDNIGHT + timedelta(seconds=1))
    arrive(home, "morning")  # worked together with the one of the evening
    owner.drain()
    assert decided(home, "before") == decided(home, "evening") == (OLD, "c-00")
    assert decided(home, "morning") == (NEW, "c-02")
    assert home.store.events_of(problem(home, "before").id) == events
    assert home.pack.version == NEW


def test_a_person_decides_by_the_version_of_the_commands_own_time(
    home: Home, used: Path, following: Path, clock: PlayedClock
) -> None:
    owner = Owner(home)
    arrive(home, "one", "two")
    owner.drain()
    home.packs.adopt(following, used, clock.now())
    commands = [
        Assign(
            id=name, slot=found.slot, at=at, actor=Actor(id="clerk", role=Role.CLERK), pack=OLD, problem=found.id, lead="c-03",
            cooperators=[], notes={},
        )
        for name, at in (("one", MIDNIGHT - timedelta(seconds=1)), ("two", MIDNIGHT))
        if (found := problem(home, name))
    ]  # fmt: skip
    home.append(Topic.COMMANDS.value, [(None, command.model_dump_json().encode()) for command in commands])
    clock.play_to(MIDNIGHT + timedelta(hours=1))
    owner.drain()
    assert decided(home, "one") == (OLD, "c-03")
    assert decided(home, "two") == (NEW, "c-03")


def test_intake_processes_follow_the_version_too(
    home: Home, used: Path, following: Path, clock: PlayedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams.local.owner, "WORKERS_FROM", 1)
    owner = Owner(home, workers=1)
    home.packs.adopt(following, used, clock.now())
    arrive(home, "a", "b")
    clock.play_to(MIDNIGHT)
    arrive(home, "c", "d")
    owner.drain()
    owner.close()
    assert [decided(home, name)[0] for name in "abcd"] == [OLD, OLD, NEW, NEW]
    assert home.log.position(Stage.INTAKE.value, TOPIC) == 4


def test_a_process_that_runs_takes_notice(home: Home, used: Path, following: Path, clock: PlayedClock) -> None:
    owner = Owner(home)
    clerk = open_home(home.folder, clock=clock)
    clerk.packs.adopt(following, used, clock.now())
    clerk.close()
    clock.play_to(MIDNIGHT)
    arrive(home, "a")
    owner.drain()
    assert decided(home, "a") == (NEW, "c-02")


def test_a_version_whose_day_has_come_holds_from_now_and_not_from_before(
    home: Home, used: Path, following: Path, clock: PlayedClock
) -> None:
    clock.play_to(MIDNIGHT + timedelta(days=3))
    arrive(home, "waiting")
    clock.play_to(MIDNIGHT + timedelta(days=4))
    assert home.packs.adopt(following, used, clock.now()).since == clock.now()
    arrive(home, "after")
    Owner(home).drain()
    assert [decided(home, name)[0] for name in ("waiting", "after")] == [OLD, NEW]


def test_what_was_adopted_no_longer_depends_on_the_folders(home: Home, used: Path, following: Path, clock: PlayedClock) -> None:
    home.packs.adopt(following, used, clock.now())
    change(following, PackFile.DUTY, ",c-02,", ",c-03,")
    shutil.rmtree(home.folder / "packs", ignore_errors=True)
    clock.play_to(MIDNIGHT)
    arrive(home, "a")
    Owner(home).drain()
    assert decided(home, "a") == (NEW, "c-02")


def test_a_correction_before_its_day_takes_the_place_of_the_first_try(
    home: Home, used: Path, following: Path, clock: PlayedClock
) -> None:
    home.packs.adopt(following, used, clock.now())
    change(following, PackFile.PACK, NEW, "2026.3")
    home.packs.adopt(following, used, clock.now())
    assert [one.version for one in home.packs.versions] == [OLD, "2026.3"]
    waiting = home.packs.next_after(clock.now())
    assert waiting is not None
    assert waiting.version == "2026.3"


def test_what_may_not_follow_is_refused_and_nothing_changes(home: Home, used: Path, following: Path, clock: PlayedClock) -> None:
    with pytest.raises(PoolError, match="已经在用"):
        home.packs.adopt(used, used, clock.now())
    change(following, PackFile.UNITS, "p-3,", "p-9,")
    with pytest.raises(PackError, match="不见了"):
        home.packs.adopt(following, used, clock.now())
    change(following, PackFile.UNITS, "p-9,", "p-3,")
    change(following, PackFile.PACK, "示例大市", "别的市")
    with pytest.raises(PoolError, match="换本市的配置包"):
        home.packs.adopt(following, used, clock.now())
    assert home.packs.versions == ()


def test_a_pack_that_was_not_adopted_is_not_taken_for_the_pools_own(
    home: Home, used: Path, following: Path, clock: PlayedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.packs.adopt(following, used, clock.now())
    change(following, PackFile.PACK, NEW, "2026.3")
    monkeypatch.setenv("WENTICHI_PACK", str(following))
    with pytest.raises(PoolError, match="pack adopt"):
        open_home(home.folder, clock=clock)
    monkeypatch.delenv("WENTICHI_PACK")
    again = open_home(home.folder, clock=clock)
    assert again.pack.version == OLD
    again.close()


def test_a_backup_holds_the_versions(home: Home, used: Path, following: Path, clock: PlayedClock, tmp_path: Path) -> None:
    home.packs.adopt(following, used, clock.now())
    backup(home.folder, tmp_path / "copy", with_key=True, at=clock.now())
    restore(tmp_path / "copy", tmp_path / "restored", replace=False)
    clock.play_to(MIDNIGHT)
    back = open_home(tmp_path / "restored", clock=clock)
    assert back.pack.fingerprint == load_pack(following).fingerprint
    back.close()


@pytest.mark.parametrize("value", [b"", b"no json", b"{}", b'{"at": 5}', b'{"at": "soon"}', None])
def test_a_command_that_cannot_be_read_counts_when_it_was_appended(home: Home, value: bytes | None) -> None:
    home.append(Topic.COMMANDS.value, [(None, value)])
    (record,) = home.log.read(Topic.COMMANDS.value, 0, 1)
    assert asked(record) == record.at
