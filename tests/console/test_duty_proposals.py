"""`wentichi duty`: a proposal, another person's approval, and a next version of the pack that the pack's own check accepts."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from city import check_pack, load_pack, sample_city
from city.fault import Severity
from console.duty import FIELD, STATE
from console.duty_next import next_version
from schemas.errors import ContractError
from schemas.proposals import DutyLine, ProposalState
from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

CHANGE = ("Q022", "--support", "水务局提供沙袋和抽水泵", "--grassroots", "劝离低处车辆", "--reason", "反复退单")


def propose(cli: Cli, *what: str) -> str:
    told = cli("duty", "propose", *what, "--json")
    assert told.status == 0, told.err
    return str(told.json["proposal"]["id"])


def rows(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as read:
        return {row["code"]: row for row in csv.DictReader(read)}


def adopted(folder: Path, duty: Path, version: str) -> Path:
    """The sample pack with this duty list, under the next version."""
    shutil.copytree(sample_city(), folder)
    shutil.copy(duty, folder / "duty.csv")
    header = folder / "pack.yaml"
    header.write_text(header.read_text(encoding="utf-8").replace('version: "2026.1"', f'version: "{version}"'), encoding="utf-8")
    return folder


def test_what_is_approved_becomes_a_list_that_the_pack_accepts(cli: Cli, tmp_path: Path) -> None:
    new = ("Q9001", "--name", "充电桩占位协调", "--category", "010101", "--lead", "yunxi-chengguan", "--role", "配合")
    new += ("--with", "line:属地@street", "--list", "履职", "--basis", "《城市管理条例》", "--word", "充电桩")
    new += ("--reason", "清单没有")
    for name in (propose(cli, *CHANGE), propose(cli, *new), propose(cli, "Q005", "--remove", "--reason", "并入他项")):
        assert "已批准" in cli("duty", "approve", name, "--note", "同意").out
    refused = propose(cli, "Q024", "--name", "道路保洁", "--reason", "改名")
    assert "未批准" in cli("duty", "refuse", refused).out
    file = tmp_path / "duty.csv"
    told = cli("duty", "export", file, "--json").json
    assert (told["version"], sorted(told["changed"])) == ("2026.2", ["Q022", "Q9001"])
    assert (told["removed"], told["outdated"]) == (["Q005"], [])
    written = rows(file)
    assert (written["Q022"]["version"], written["Q022"]["support"]) == ("2026.2", "水务局提供沙袋和抽水泵")
    before = rows(sample_city() / "duty.csv")["Q024"]
    assert (written["Q024"]["version"], written["Q024"]["name"]) == (before["version"], before["name"])
    folder = adopted(tmp_path / "next", file, "2026.2")
    assert [fault for fault in check_pack(folder) if fault.severity is Severity.ERROR] == []
    pack, now = load_pack(folder), load_pack(sample_city())
    assert "Q005" not in pack.duty_items
    assert pack.duty_items["Q9001"].lead == "yunxi-chengguan"
    same = [code for code, item in now.duty_items.items() if pack.duty_items.get(code) == item]
    assert len(same) == len(now.duty_items) - 2


def test_only_the_changed_rows_when_only_they_are_wanted(cli: Cli, tmp_path: Path) -> None:
    cli("duty", "approve", propose(cli, *CHANGE))
    file = tmp_path / "rows.csv"
    assert "1 行" in cli("duty", "export", file, "--changed-only", "--version", "2027.1").out
    assert {code: row["version"] for code, row in rows(file).items()} == {"Q022": "2027.1"}
    again = cli("duty", "export", file)
    assert (again.status, "已经存在" in again.err) == (2, True)


def test_without_anything_approved_the_list_says_what_it_said(cli: Cli, tmp_path: Path) -> None:
    propose(cli, *CHANGE)
    file = tmp_path / "duty.csv"
    assert cli("duty", "export", file).status == 0
    before = rows(sample_city() / "duty.csv")
    assert {code: {name: row[name] for name in before[code]} for code, row in rows(file).items()} == before


def test_who_proposes_does_not_approve(cli: Cli) -> None:
    name = propose(cli, *CHANGE, "--by", "张")
    own = cli("duty", "approve", name, "--by", "张")
    assert (own.status, "judges_own" in own.err) == (2, True)
    assert cli("duty", "withdraw", name, "--by", "李").status == 2
    assert "已撤回" in cli("duty", "withdraw", name, "--by", "张").out


def test_the_screen_shows_before_and_after(cli: Cli) -> None:
    name = propose(cli, *CHANGE)
    shown = cli("duty", "show", name).out
    for words in ("基层做什么:", " → 水务局提供沙袋和抽水泵", "依清单 2026.1", "反复退单"):
        assert words in shown
    assert "给什么支持" in cli("duty", "list", "--state", "proposed").out
    assert cli("duty", "list", "--state", "approved").out.startswith("没有")
    diff = cli("duty", "show", name, "--json").json["diff"]
    assert [change["field"] for change in diff] == ["grassroots_does", "support"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (("Q9002", "--reason", "新"), "--name"),
        (("Q022", "--role", "主办", "--reason", "x"), "--role"),
        (("Q022", "--list", "白名单", "--reason", "x"), "--list"),
        (("Q022", "--support", "x", "--reason", " "), "--reason"),
        (("Q022", "--name", "长" * 300, "--reason", "x"), "太长"),
        (("Q022", "--reason", "没有改"), "nothing_changed"),
        (("Q005", "--with", "t-linjiang", "--reason", "x"), "negative_list"),
        (("Q022", "--support", "x", "--reason", "x", "--from", "f003"), "wentichi passing list"),
    ],
)
def test_what_is_wrong_is_named(cli: Cli, what: tuple[str, ...], said: str) -> None:
    wrong = cli("duty", "propose", *what)
    assert (wrong.status, said in wrong.err) == (2, True)


def test_nothing_returned_is_nothing_mined(cli: Cli) -> None:
    assert cli("duty", "mined", "--json").json == {"items": []}
    assert cli("duty", "mined").out.startswith("没有")


@pytest.mark.parametrize(("now", "then"), [("2026.1", "2026.2"), ("2026.9", "2026.10"), ("v3-试行", "v4-试行")])
def test_the_next_version_is_one_higher(now: str, then: str) -> None:
    assert next_version(now) == then


def test_a_version_without_a_number_asks_for_one() -> None:
    with pytest.raises(ContractError, match="--version"):
        next_version("试行")


def test_every_word_has_its_chinese() -> None:
    assert set(STATE) == set(ProposalState)
    fields: Any = DutyLine.model_fields
    assert set(fields) == set(FIELD)
