"""Pools and processes for the fault tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from classifiers.pack_rules import PackClassifier
from console.faults import exit_status
from console.main import app
from faults.load import append_progress, append_raw, make_load
from faults.whole import opened, problems_of, sample_pack
from schemas.commands import Actor, Merge, Split
from schemas.words import Channel, ProblemState, Role
from streams.failpoints import VARIABLE
from streams.local.session import Session

COMMAND = Path(sys.executable).with_name("wentichi")
Run = Callable[..., subprocess.CompletedProcess[str]]


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a process at this pool sees; nothing of the tester's own pool."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENTICHI_")}
    return kept | {"WENTICHI_HOME": str(folder)} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pool"


@pytest.fixture
def wentichi(folder: Path) -> Run:
    """Run the command in a process of its own. fail_at: `point:n`, where it kills itself."""

    def run(*arguments: object, fail_at: str = "", home: Path = folder, timeout: float = 120, **more: str):
        extra = more | ({VARIABLE: fail_at} if fail_at else {})
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            env=environment(home, **extra),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture(scope="package", autouse=True)
def one_classifier() -> Iterator[None]:
    """The classifier of the sample city, made once for all pools of these tests."""
    made = PackClassifier(sample_pack())
    with pytest.MonkeyPatch.context() as patch:
        usual = "classifiers.standing.PackClassifier"
        patch.setattr(usual, lambda pack: made if pack is sample_pack() else PackClassifier(pack))
        yield


@pytest.fixture(scope="session")
def worked_pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pool with reports of all channels, signed and answered parts, a merge and a split. Copy it, never change it."""
    folder = tmp_path_factory.mktemp("worked") / "pool"
    with opened(folder) as home, Session(home) as session:
        for channel in Channel:
            append_raw(home, make_load(channel, 40, seed=5))
        session.work(lambda: False, drain=True)
        dispatched = [p for p in problems_of(home).values() if p.state is ProblemState.DISPATCHED and p.slot == 3]
        for problem in dispatched[:3]:
            for step in ({"action": "sign"}, {"action": "reply", "text": "已到现场处理"}):
                append_progress(home, problem.lead or "", {"problem": problem.id, **step})
        base = {"at": home.clock.now(), "actor": Actor(id="clerk", role=Role.CLERK), "slot": 3}
        session.submit(Merge(id="merge-1", problem=dispatched[3].id, target=dispatched[4].id, **base))
        together = next(p for p in problems_of(home).values() if len(p.members) > 1 and p.slot == 3 and p.id != dispatched[4].id)
        session.submit(Split(id="split-1", problem=together.id, reports=[together.members[-1].report], **base))
        session.work(lambda: False, drain=True)
    return folder


@pytest.fixture
def copied(worked_pool: Path, folder: Path) -> Path:
    """A pool of one's own to damage."""
    shutil.copytree(worked_pool, folder)
    return folder


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command inside this process, which is quick, since pack and classifier are made once."""
    monkeypatch.setattr("streams.local.home.load_pack", lambda _folder: sample_pack())
    for name in [name for name in os.environ if name.startswith("WENTICHI_")]:
        monkeypatch.delenv(name)

    def run(*arguments: object, home: Path = folder) -> Said:
        monkeypatch.setenv("WENTICHI_HOME", str(home))
        capsys.readouterr()
        status = exit_status(app, [str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return run
