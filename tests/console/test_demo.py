"""demo: one day in seconds, nothing personal on the screen, and a pool that goes on being usable."""

import re
import time
from pathlib import Path

from console.demo_day import REPORTS, day
from schemas.words import Channel
from tests.console.conftest import Cli, start


def test_the_day_is_varied() -> None:
    lines = day()
    assert len(lines) >= 140
    assert {line.channel for line in lines} == set(Channel)
    assert lines == sorted(lines, key=lambda line: line.at)


def test_the_demo_ends_well_without_a_terminal_and_shows_nothing_personal(cli: Cli, home: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    process = start(home, "demo", "--home", tmp_path / "demo")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert time.monotonic() - began < 20
    for heading in ("进来了什么", "凭什么", "在等人", "来龙去脉", "死信", "查找", "接下来可以试"):
        assert heading in out
    for row in re.findall(r'"name":"([^"]+)"|"phone":"([^"]+)"', REPORTS.read_text(encoding="utf-8")):
        assert not any(value and value in out for value in row)
    assert "\x1b" not in out
    assert not home.exists()


def test_the_demos_pool_is_read_and_worked_on_afterwards(cli: Cli, tmp_path: Path, monkeypatch: object) -> None:
    folder = tmp_path / "demo"
    told = cli("demo", "--home", folder, "--json").json
    assert told["reports"] > 120
    assert told["problems"] < told["reports"]
    assert {"waiting", "dispatched", "in_progress", "closed"} <= set(told["by_state"])
    monkeypatch.setenv("WENTICHI_HOME", str(folder))  # type: ignore[attr-defined]
    assert cli("stats", "--json").json["reports"] == told["reports"]
    shown = cli("show", "HL-0506-0001", "--json").json
    assert len(shown["reports"]) == 3
    assert cli("assign", "HL-0506-0001", "--lead", "yunxi-shuiwu").status == 0
    again = cli("demo", "--home", folder)
    assert again.status == 2
    assert "已有一个池" in again.err
