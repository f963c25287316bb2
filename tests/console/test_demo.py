"""demo: one day in seconds, nothing personal on the screen, and a pool that goes on being usable."""

import re
import time
from pathlib import Path

from city.pack import load_pack
from city.sample import sample_city
from console.charts import bar, spark
from console.demo_day import day
from schemas.words import Channel
from tests.console.conftest import Cli, start


def test_the_day_is_varied() -> None:
    lines = day(load_pack(sample_city()))
    assert len(lines) >= 1000
    assert {line.channel for line in lines} == set(Channel)
    assert {line.truth.kind for line in lines} == {"report", "urging", "revision", "alarm", "false_alarm", "bad"}
    assert lines == sorted(lines, key=lambda line: (line.at, line.id))


def test_the_demo_ends_well_without_a_terminal_and_shows_nothing_personal(cli: Cli, home: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    process = start(home, "demo", "--home", tmp_path / "demo")
    out, err = process.communicate(timeout=150)
    assert (process.returncode, err) == (0, "")
    assert time.monotonic() - began < 120
    for heading in ("进来了什么", "凭什么", "在等人", "按时", "最热", "三十二栋", "来龙去脉", "死信", "查找", "接下来可以试"):
        assert heading in out
    assert not re.search(r"1380000\d{4}|1380001\d{4}", out)
    assert "\x1b" not in out
    assert not home.exists()


def test_the_demos_pool_is_read_and_worked_on_afterwards(cli: Cli, tmp_path: Path, monkeypatch: object) -> None:
    folder = tmp_path / "demo"
    told = cli("demo", "--home", folder, "--json").json
    assert told["reports"] > 300
    assert told["problems"] < told["reports"]
    assert {"waiting", "dispatched", "in_progress", "closed"} <= set(told["by_state"])
    assert told["alarms"]["observed"] > 0.8 * told["alarms"]["seen"]
    monkeypatch.setenv("WENTICHI_HOME", str(folder))  # type: ignore[attr-defined]
    assert cli("stats", "--json").json["reports"] == told["reports"]
    assert cli("show", "FL-01", "--json").json["reports"]
    assert cli("assign", "FL-01", "--lead", "yunxi-shuiwu").status == 0
    assert cli("pool", "reconcile", "--json").json["drift"] == 0
    again = cli("demo", "--home", folder)
    assert again.status == 2
    assert "已有一个池" in again.err


def test_a_bar_is_never_nothing_for_something_and_never_longer_than_the_most() -> None:
    assert (bar(0, 10), bar(1, 0)) == ("", "")
    assert bar(1, 100_000) == "▏"
    assert len(bar(10, 10, 24)) == 24
    assert spark([0, 1, 8]) == " ▁█"
