"""Several real processes at one pool: one owns the stages, the others wait, and whoever waits takes over."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from console.opening import open_local_home
from pool.scope import ALL
from schemas.commands import Actor, Assign
from schemas.errors import PoolBusy
from schemas.words import Role
from streams.local.home import ownership
from streams.local.session import Session
from tests.console.conftest import ROWS, Cli, many, start, wait_until

pytestmark = pytest.mark.slow  # real processes, killed and waited for

Write = Callable[..., Path]


@pytest.fixture
def owner(pushed: Cli, home: Path) -> Iterator["Popen[str]"]:
    """`wentichi run`, owning the stages."""
    process = start(home, "run")
    assert process.stderr is not None
    while "开始处理" not in (line := process.stderr.readline()):
        assert line, "it ended before it began"
    yield process
    process.kill()
    process.communicate()


def _owned(home: Path) -> bool:
    with ownership(home) as free:
        return not free


def test_two_pushes_at_once_make_every_report_once(cli: Cli, home: Path, jsonl: Write) -> None:
    files = [jsonl([*many(700), b"bad"], "one.jsonl"), jsonl(many(700, first=350), "two.jsonl")]
    pushes = [start(home, "push", file, "--channel", "message", "--json") for file in files]
    for push in pushes:
        out, err = push.communicate(timeout=120)
        assert push.returncode == 0, err
        assert out.startswith("{")
    stats = cli("stats", "--json").json
    assert (stats["reports"], stats["dead_letters"]) == (1050, 1)


def test_the_owner_is_killed_and_a_waiting_push_takes_over(cli: Cli, home: Path, jsonl: Write) -> None:
    dying = start(home, "run", WENTICHI_FAIL_AT="casework_written:2")
    wait_until(lambda: home.exists() and _owned(home))
    push = start(home, "push", jsonl(many(900)), "--channel", "message", "--json")
    assert dying.wait(timeout=60) == -signal.SIGKILL
    out, err = push.communicate(timeout=60)
    assert push.returncode == 0, err
    assert '"new_reports":900' in out
    assert cli("stats", "--json").json["reports"] == 900
    dying.communicate()


def test_a_second_run_waits_and_takes_over(home: Path, owner: "Popen[str]") -> None:
    second = start(home, "run")
    assert second.stderr is not None
    assert "一停就接手" in second.stderr.readline()
    owner.kill()
    owner.wait()
    with open_local_home(home) as opened, Session(opened) as session:
        wait_until(lambda: _owned(home))
        assert session.own() is None
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=10) == 0
    second.communicate()


def test_run_stops_cleanly_when_asked(owner: "Popen[str]") -> None:
    began = time.monotonic()
    owner.send_signal(signal.SIGTERM)
    assert owner.wait(timeout=10) == 0
    assert time.monotonic() - began < 3
    assert "已停止" in owner.communicate()[1]


def test_an_answer_comes_soon_when_another_process_owns_the_stages(home: Path, owner: "Popen[str]") -> None:
    with open_local_home(home) as opened, Session(opened) as session:
        report = opened.search.by_source_id("a1", ALL)[0]
        waits = []
        for number in range(8):
            command = Assign(
                id=f"soon-{number}",
                slot=report.slot,
                at=opened.clock.now(),
                actor=Actor(id="clerk", role=Role.CLERK),
                problem=report.problem,
                lead="yunxi-shuiwu",
            )
            began = time.monotonic()
            (outcome,) = session.submit(command)
            waits.append(time.monotonic() - began)
            assert outcome.status == "applied"
    assert sorted(waits)[len(waits) // 2] < 0.15


def test_a_command_while_another_process_owns_the_stages_is_answered(pushed: Cli, owner: "Popen[str]") -> None:
    assert pushed("progress", "a1", "sign", "--unit", "p-gongshui").status == 0
    assert pushed("merge", "a2", "--into", "a1").status == 0
    assert pushed("erase", "a3", "--yes").status == 0
    assert len(pushed("subscribe", "--unit", "p-gongshui", "--json").lines) == 1


def test_an_owner_that_does_not_move_is_named_with_the_remedy(home: Path, pushed: Cli) -> None:
    with ownership(home), open_local_home(home) as opened, Session(opened, patience=0.2) as session:
        (place,) = session.append("intake.message", [(None, b"bad")])
        with pytest.raises(PoolBusy, match="没有进展"):
            session.work(lambda: opened.log.position("intake", "intake.message") > place)


def test_subscribe_follows_until_it_is_stopped(pushed: Cli, home: Path) -> None:
    follower = start(home, "subscribe", "--unit", "p-gongshui", "--follow", "--json")
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.extend(follower.stdout or []))
    reading.start()
    wait_until(lambda: len(lines) == 1)
    pushed("progress", "a1", "sign", "--unit", "p-gongshui")
    wait_until(lambda: len(lines) == 2)
    follower.send_signal(signal.SIGTERM)
    assert follower.wait(timeout=10) == 0
    reading.join()
    for stream in (follower.stdout, follower.stderr):
        if stream is not None:
            stream.close()


def test_run_once_works_what_is_there(cli: Cli, home: Path, jsonl: Write) -> None:
    killed = start(home, "push", jsonl(ROWS), "--channel", "message", WENTICHI_FAIL_AT="append_committed")
    killed.communicate(timeout=60)
    assert cli("stats", "--json").json["reports"] == 0
    assert cli("run", "--once").status == 0
    assert cli("stats", "--json").json["reports"] == 3


def test_a_push_that_is_interrupted_says_so_and_goes_on_later(cli: Cli, home: Path, jsonl: Write) -> None:
    file = jsonl(many(6000))
    push = start(home, "push", file, "--channel", "message")
    wait_until(lambda: (home / "pool.db").exists() and cli("stats", "--json").json["reports"] > 0)
    push.send_signal(signal.SIGINT)
    out, err = push.communicate(timeout=30)
    assert (push.returncode, out) == (130, "")
    assert err.startswith("错误:已中断")
    assert err.count("\n") == 1
    assert cli("push", file, "--channel", "message").status == 0
    assert cli("stats", "--json").json["reports"] == 6000
