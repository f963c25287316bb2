"""A fresh pool for every test, and the command line called as a person would."""

import json
import lzma
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.main import main


def _row(number: int, title: str, text: str) -> dict[str, Any]:
    return {"id": f"a{number}", "user": f"u{number}", "title": title, "time": f"2026-05-06T{7 + number:02d}:00:00", "text": text}


WATER = _row(1, "梧桐苑停水", "梧桐苑5号楼停水了，水龙头一滴水都不出。")
LAMP = _row(2, "路灯不亮", "望江花园门口的路灯坏了，晚上路灯不亮。")
NOISE = _row(3, "夜里施工", "铁东花园旁边夜里施工噪声吵得睡不着。")
ROWS = (WATER, LAMP, NOISE)


@dataclass(frozen=True)
class Result:
    """What a command left: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Cli = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test's own pool."""
    folder = tmp_path / "home"
    monkeypatch.setenv("WENTICHI_HOME", str(folder))
    for name in ("WENTICHI_PACK", "WENTICHI_MASTER_KEY", "WENTICHI_FAIL_AT"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `wentichi …` in this process, through the real entry point."""

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Result(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows (dicts or raw lines) to a file; packed when its name ends in .xz."""

    def write(rows: Iterable[dict[str, Any] | bytes], name: str = "rows.jsonl") -> Path:
        lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows]
        path = tmp_path / name
        data = b"".join(line + b"\n" for line in lines)
        path.write_bytes(lzma.compress(data) if name.endswith(".xz") else data)
        return path

    return write


@pytest.fixture
def pushed(cli: Cli, jsonl: Callable[..., Path]) -> Cli:
    """The command line on a pool that holds three problems."""
    assert cli("push", jsonl(ROWS), "--channel", "message", "--json").json["new_reports"] == len(ROWS)
    return cli


FIRE = {"id": "g1", "time": "2026-05-06T15:20:00+08:00", "text": "望江社区三号楼旁有人焚烧秸秆,浓烟很大。"}
FIRE |= {"location": {"lon": 105.0265, "lat": 38.9438}, "event_type": "秸秆焚烧", "source": "GRID_MEMBER"}
"""A matter of the street, in 望江社区第一网格: it begins on the ladder of the grid's posts."""
UNCLEAR = _row(4, "想问一下", "请问这件事该找哪里问。")


@pytest.fixture(scope="session")
def handled_pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pool made once: a matter of each kind in which handling begins."""
    folder = tmp_path_factory.mktemp("handled")
    called = {"caller": {"name": "陈某", "phone": "13800138000"}}
    secret = {"secret": True, "caller": {"name": "李某", "phone": "13900139000"}}
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WENTICHI_HOME", str(folder / "home"))
        for name in ("WENTICHI_PACK", "WENTICHI_MASTER_KEY", "WENTICHI_FAIL_AT"):
            settings.delenv(name, raising=False)
        for channel, rows in (("message", [{**WATER, **called}, {**LAMP, **secret}, NOISE, UNCLEAR]), ("grid", [FIRE])):
            file = folder / f"{channel}.jsonl"
            file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
            with pytest.raises(SystemExit) as ended:
                main(["push", str(file), "--channel", channel, "--json"])
            assert not ended.value.code
    return folder / "home"


@pytest.fixture
def handled(cli: Cli, home: Path, handled_pool: Path) -> Cli:
    """The command line on a copy of that pool: a1 (with a phone) and a2 (secret) and a3 are dispatched, a4 waits, g1 is on the
    ladder."""
    shutil.copytree(handled_pool, home)
    return cli


def start(home: Path, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """`wentichi …` as a process of its own."""
    command = [sys.executable, "-m", "console.main", *(str(argument) for argument in arguments)]
    settings = {**os.environ, "WENTICHI_HOME": str(home), **environment}
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        command,
        cwd=root,
        env=settings,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - no thread of the tests holds a lock that it could want
    )


def _heed_interrupts() -> None:
    """Tests that run in the background of a shell would hand on that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(holds: Callable[[], bool], limit: float = 20.0) -> None:
    """Waits for a condition; fails when it does not come true in time."""
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.01)


def many(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Different reports of one day."""
    return [
        {
            "id": f"m{number}",
            "user": f"user{number}",
            "title": f"第{number}号路灯不亮",
            "time": f"2026-05-{1 + number % 28:02d}T{number % 24:02d}:00:00",
            "text": f"望江花园{number}栋前面第{number}号路灯坏了{number % 7}天，晚上看不见路。",
        }
        for number in range(first, first + count)
    ]
