"""Every closed word has its Chinese word on the screen, every event its sentence, every wrong use its line."""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from casework.fold import _FOLDS
from console import labels, timeline, watch_timeline
from console.found import FACET
from console.main import COMMANDS
from console.opening import open_local_home
from console.turns import STATES, TASK, Task
from pool.query import Facet
from schemas import words
from schemas.events import Event
from schemas.replies import ReplyFault
from tests.console.conftest import Cli

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("table", "closed"),
    [
        (labels.CHANNEL, words.Channel),
        (labels.MODE, words.Mode),
        (labels.STATE, words.ProblemState),
        (labels.STATE_STYLE, words.ProblemState),
        (labels.URGENCY, words.Urgency),
        (labels.ROLE, words.Role),
        (labels.PART, words.Part),
        (labels.ASSIGNMENT, words.AssignmentState),
        (labels.CLOCK, words.Clock),
        (labels.REQUEST, words.RequestType),
        (labels.BASIS, words.Basis),
        (labels.BASIS_SHORT, words.Basis),
        (labels.EVIDENCE, words.EvidenceKind),
        (labels.DEAD_LETTER, words.DeadLetterKind),
        (labels.STAGE, words.Stage),
        (labels.WATCH, words.WatchState),
        (labels.TRACK, words.TrackState),
        (labels.ENDING, words.Ending),
        (labels.VERDICT, words.Verdict),
        (labels.WISH, words.Wish),
        (labels.PAUSE, words.PauseReason),
        (labels.WAY, words.Way),
        (labels.HOP_END, words.HopEnd),
        (labels.RECHECK, words.RecheckOutcome),
        (labels.SUPERVISION, words.SupervisionReason),
        (labels.RETURN_REASON, words.ReturnReason),
        (labels.DECLINE_REASON, words.DeclineReason),
        (labels.HAND_OVER_TO, words.HandOverTo),
        (labels.EXCLUSION_REASON, words.ExclusionReason),
        (labels.REPLY_FAULT, ReplyFault),
        (TASK, Task),
        (STATES, Task),
        (FACET, Facet),
    ],
)
def test_every_word_has_its_label(table: dict[StrEnum, str], closed: type[StrEnum]) -> None:
    assert set(table) == set(closed)


def test_labels_of_one_set_are_told_apart() -> None:
    for table in (
        labels.STATE,
        labels.CLOCK,
        labels.VERDICT,
        labels.RECHECK,
        labels.RETURN_REASON,
        labels.REDO,
        labels.MARK,
        TASK,
    ):
        assert len(set(table.values())) == len(table)


def test_every_event_of_a_problem_has_its_sentence() -> None:
    assert set(timeline._TELL) == set(_FOLDS)
    kinds = {kind.model_fields["type"].default for kind in get_args(get_args(Event)[0])}
    assert set(timeline._TELL) | watch_timeline.TOLD <= kinds


def test_help_is_chinese_and_lists_every_command(cli: Cli) -> None:
    shown = cli("--help").out
    for line in COMMANDS:
        assert line.name in shown
        assert line.help[:6] in shown
    for english in ("Usage", "Options", "Show this message"):
        assert english not in shown


@pytest.mark.parametrize("command", [line.name for line in COMMANDS])
def test_every_command_explains_itself_in_chinese(cli: Cli, command: str) -> None:
    shown = cli(command, "--help")
    assert shown.status == 0
    assert "用法" in shown.out
    assert "Show this message" not in shown.out


def test_help_imports_no_heavy_room() -> None:
    code = "import sys; from console.main import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pydantic", "jieba", "shapely", "cryptography", "city.pack", "streams.local.owner"}


def test_an_embedded_pool_needs_no_client_of_the_servers(home: Path) -> None:
    code = (
        "import sys; from console.main import main\ntry: main(['stats'])\nexcept SystemExit as end: print(end.code, *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    status, *loaded = done.stdout.splitlines()[-1].split()
    assert status == "0"
    assert not set(loaded) & {"kafka", "aiokafka", "faust", "elasticsearch", "prometheus_client", "pool.elastic.transport"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serch",), "没有命令"),
        (("push",), "缺少 文件"),
        (("push", "x"), "缺少 --channel"),
        (("show", "--x", "a"), "没有选项 --x"),
        (("run", "extra"), "多余的参数(extra)"),
        (("search", "--limit", "0"), "不得小于 1"),
        (("search", "--limit", "x"), "须为整数"),
        (("progress", "a", "fly", "--unit", "u"), "只能是 sign、reply"),
    ],
)
def test_a_wrong_use_is_one_chinese_line_and_status_2(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    result = cli(*arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err
    assert result.err.startswith("错误:")
    assert result.err.count("\n") == 1


def test_a_defect_is_told_without_a_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("inner\x1b[31m detail")

    monkeypatch.setattr("console.read.open_pool_home", broken)
    monkeypatch.setenv("WENTICHI_TRACE", str(tmp_path / "trace"))
    result = cli("stats")
    assert result.status == 2
    assert "程序出错(RuntimeError" in result.err
    assert "\x1b" not in result.err
    assert "broken" in (tmp_path / "trace").read_text(encoding="utf-8")


def test_a_file_that_is_no_pool_is_said(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "pool.db").write_bytes(b"this is no database at all" * 100)
    result = cli("stats")
    assert result.status == 2
    assert "错误:" in result.err


def test_a_pool_closes_behind_a_command(cli: Cli, home: Path) -> None:
    cli("stats")
    with open_local_home(home) as opened:
        assert opened.search.stats is not None
    assert not (home / "pool.db-wal").exists()


def test_pack_check_names_file_and_line(cli: Cli, tmp_path: Path) -> None:
    assert cli("pack", "check", ROOT / "city" / "sample").status == 0
    empty = cli("pack", "check", tmp_path, "--json")
    assert empty.status == 2
    assert {fault["file"] for fault in empty.json["faults"]} >= {"units.csv", "pack.yaml"}
    assert cli("pack", "check", tmp_path / "nowhere").status == 2


def test_pack_show_lists_what_commands_ask_for(cli: Cli) -> None:
    assert "p-gongshui" in cli("pack", "show", "--units").out
    document = cli("pack", "show", "--units", "--duty", "--json").json
    assert len(document["unit_list"]) == document["units"]
    assert document["duty_list"][0]["legal_basis"]
