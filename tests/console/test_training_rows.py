"""`wentichi labels`: only what a person decided, closed, and nobody asked to keep secret."""

import json
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classifiers.learning.rows import Task, read_rows
from console.main import main
from tests.console.conftest import LAMP, NOISE, WATER, Cli, many

Rows = list[dict[str, Any]]
SETTLED, OPEN, AGAIN, SECRET, ERASED, EARLY, LATE = many(7)
"""What becomes of each: dispatched by a person and closed; not closed; dispatched twice; … ; two that are merged."""
BY_MACHINE = WATER
OLD = NOISE


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert not ended.value.code, arguments


def settle(report: dict[str, Any], lead: str, *more: str) -> None:
    """A person dispatches, the unit answers, a person closes."""
    run("assign", report["id"], "--lead", lead, *more)
    finish(report, lead)


def finish(report: dict[str, Any], lead: str) -> None:
    run("progress", report["id"], "reply", "--unit", lead, "--text", "已办好")
    run("close", report["id"])


def write(file: Path, rows: Rows) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a pool in which one of each has happened."""
    folder = tmp_path_factory.mktemp("labels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENTICHI_HOME", str(folder / "home"))
        for name in ("WENTICHI_PACK", "WENTICHI_MASTER_KEY", "WENTICHI_MODELS"):
            patch.delenv(name, raising=False)
        live = [SETTLED, OPEN, AGAIN, {**SECRET, "secret": True}, ERASED, EARLY, LATE, BY_MACHINE, LAMP]
        run("push", write(folder / "live.jsonl", live), "--channel", "message")
        run("push", write(folder / "old.jsonl", [OLD]), "--channel", "message", "--history")
        settle(SETTLED, "yunxi-shuiwu", "--category", "停水")
        run("assign", OPEN["id"], "--lead", "yunxi-shuiwu")
        run("progress", OPEN["id"], "reply", "--unit", "yunxi-shuiwu", "--text", "已办好")
        run("assign", AGAIN["id"], "--lead", "yunxi-shuiwu")
        settle(AGAIN, "yunxi-chengguan", "--category", "施工噪声")
        for report in (SECRET, ERASED):
            settle(report, "yunxi-chengguan")
        run("erase", ERASED["id"], "--yes")
        run("merge", EARLY["id"], "--into", LATE["id"])
        settle(LATE, "yunxi-chengguan")
        finish(BY_MACHINE, "p-gongshui")
        yield folder / "home"


@pytest.fixture
def at_city(city: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on that pool."""
    monkeypatch.setenv("WENTICHI_HOME", str(city))
    return cli


@pytest.fixture
def labels(at_city: Cli, tmp_path: Path) -> Callable[..., Rows]:
    """Runs `wentichi labels TASK --out …` and reads what it wrote."""

    def exported(task: str = "category", *more: object) -> Rows:
        out = tmp_path / "labels.jsonl"
        done = at_city("labels", task, "--out", out, *more, "--json")
        assert done.status == 0, done.err
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert done.json["rows"] == len(rows)
        return rows

    return exported


def test_only_what_a_person_decided_and_closed_is_exported(at_city: Cli, labels: Callable[..., Rows]) -> None:
    shown = {report["id"]: at_city("show", report["id"], "--json").json for report in (OPEN, BY_MACHINE, OLD)}
    assert (shown[OPEN["id"]]["basis"], shown[OPEN["id"]]["state"]) == ("person", "replied")
    assert (shown[BY_MACHINE["id"]]["basis"], shown[BY_MACHINE["id"]]["state"]) == ("one_duty_item", "closed")
    assert shown[OLD["id"]]["mode"] == "history"
    assert [row["title"] for row in labels()] == [report["title"] for report in (SETTLED, AGAIN, EARLY)]


def test_a_row_holds_order_number_words_as_stored_and_codes(at_city: Cli, labels: Callable[..., Rows]) -> None:
    row = labels()[0]
    assert row == {
        "id": at_city("show", SETTLED["id"], "--json").json["order_number"],
        "title": SETTLED["title"],
        "text": SETTLED["text"],
        "category": "01/0101/010101",
        "time": "2026-05-01T00:00:00+08:00",
    }


def test_an_order_tells_the_category_by_names_and_the_unit_by_code(labels: Callable[..., Rows]) -> None:
    row = labels("department")[0]
    assert (row["l1"], row["l2"], row["l3"]) == ("市政公用", "供水", "停水")
    assert row["department"] == "yunxi-shuiwu"
    assert "category" not in row


def test_after_a_reassignment_the_last_persons_decision_counts(labels: Callable[..., Rows]) -> None:
    row = next(row for row in labels("department") if row["title"] == AGAIN["title"])
    assert (row["department"], row["l3"]) == ("yunxi-chengguan", "施工噪声")


def test_a_merged_problem_gives_one_row_by_its_earliest_report(at_city: Cli, labels: Callable[..., Rows]) -> None:
    number = at_city("show", LATE["id"], "--json").json["order_number"]
    assert [row["title"] for row in labels() if row["id"] == number] == [EARLY["title"]]


def test_secret_and_erased_reports_are_left_out_and_counted(at_city: Cli, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    told = at_city("labels", "category", "--out", out, "--json").json
    assert told["left_out"] == {"secret": 1, "erased": 1, "no_words": 0, "not_in_pack": 0}
    assert SECRET["title"] not in out.read_text(encoding="utf-8")
    said = at_city("labels", "category", "--out", out)
    assert "3 行已写入" in said.out
    assert "来件人要求保密" in said.out
    assert "来件已删除" in said.out


def test_since_leaves_out_what_was_reported_before(at_city: Cli, labels: Callable[..., Rows], tmp_path: Path) -> None:
    assert [row["title"] for row in labels("category", "--since", "2026-05-02")] == [AGAIN["title"], EARLY["title"]]
    assert labels("category", "--since", "2026-06-01") == []
    said = at_city("labels", "category", "--out", tmp_path / "none.jsonl", "--since", "2026-06-01")
    assert "还没有由人派单并已办结的问题" in said.err


def test_the_file_is_what_training_reads_and_only_its_owner_may(at_city: Cli, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl.xz"
    assert at_city("labels", "department", "--out", out).status == 0
    rows = read_rows(out, Task.DEPARTMENT, labelled=True)
    assert [row.label for row in rows] == ["yunxi-shuiwu", "yunxi-chengguan", "yunxi-chengguan"]
    assert rows[0].when.startswith("2026-05-01T00:00")
    assert rows[0].fields["l2"] == "供水"
    assert lzma.decompress(out.read_bytes()).endswith(b"\n")
    assert out.stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_written_is_said_before_any_work(at_city: Cli, tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "missing" / "labels.jsonl"):
        refused = at_city("labels", "category", "--out", wrong)
        assert refused.status == 2
        assert "--out" in refused.err


def test_pages_are_joined_without_loss(labels: Callable[..., Rows], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = labels()
    monkeypatch.setattr("console.training_rows.PAGE", 1)
    assert labels() == whole
    assert [row["time"] for row in whole] == sorted(row["time"] for row in whole)
