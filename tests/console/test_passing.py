"""`wentichi passing`: a scan of the pool, the evidence on the screen, a person's judgement."""

from datetime import UTC, datetime
from typing import Any

import pytest

from city import load_pack, sample_city
from console.passing_told import KIND, ROLE, STATE, TOLD, told
from schemas.passing import BuckKind, Evidence, Fact, FindingState
from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

UNIT, OTHER = "p-gongshui", "yunxi-shuiwu"


@pytest.fixture
def passed(pushed: Cli) -> Cli:
    """The pool of three problems, one of which its lead left to its cooperator and then answered with two words."""
    said = pushed("assign", "a1", "--lead", UNIT, "--with", OTHER, "--note", f"{OTHER}=请查看水压", "--json")
    assert said.status == 0, said.err
    for unit in (OTHER, UNIT):
        for step in (("sign",), ("reply", "--text", "已到梧桐苑5号楼查看,更换阀门后恢复供水。")):
            done = pushed("progress", "a1", *step, "--unit", unit)
            assert done.status == 0, done.err
    return pushed


def scan(cli: Cli, *more: str) -> Any:
    result = cli("passing", "scan", *more, "--json")
    assert result.status == 0, result.err
    return result.json


def only(cli: Cli) -> Any:
    (finding,) = cli("passing", "list", "--json").json["findings"]
    return finding


def test_a_scan_finds_it_once_and_the_screen_shows_the_evidence_step_by_step(passed: Cli) -> None:
    first = scan(passed)
    assert (first["new"], first["kinds"]["absent_lead"]) == (1, 1)
    again = scan(passed)
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert scan(passed, "--problem", "a2")["unchanged"] == 0
    finding = only(passed)
    assert (finding["kind"], finding["units"], finding["state"]) == ("absent_lead", [UNIT], "suspected")
    shown = passed("passing", "show", finding["id"]).out
    for words in ("甩手掌柜", "待判定", "协办的云溪区水务局办理", "自己没有办理记录"):
        assert words in shown
    assert finding["id"] in passed("passing", "list", "--state", "suspected", "--kind", "absent_lead").out
    assert passed("passing", "list", "--kind", "ping_pong").out.startswith("没有")


def test_a_person_judges_who_is_of_none_of_the_units(passed: Cli) -> None:
    scan(passed)
    name = only(passed)["id"]
    assert "结论" in passed("passing", "judge", name, "也许", "--note", "x").err
    assert "--note" in passed("passing", "judge", name, "属实", "--note", " ").err
    own = passed("passing", "judge", name, "不属实", "--note", "没有", "--unit", UNIT)
    assert (own.status, "judges_own" in own.err) == (2, True)
    assert passed("passing", "list", "--viewer", UNIT, "--json").json["findings"] == []
    proposal = passed("duty", "propose", "Q001", "--support", "水务局派人到场", "--reason", "边界", "--from", name, "--json").json
    said = passed("passing", "judge", name, "属实", "--note", "核实过", "--proposal", proposal["proposal"]["id"])
    assert (said.status, "属实" in said.out) == (0, True)
    assert only(passed)["proposal"] == proposal["proposal"]["id"]
    assert len(passed("passing", "list", "--viewer", UNIT, "--json").json["findings"]) == 1
    twice = passed("passing", "judge", name, "属实", "--note", "再判")
    assert (twice.status, "forbidden_state" in twice.err) == (2, True)


def test_what_is_not_there_is_said_with_a_remedy(cli: Cli) -> None:
    assert "wentichi passing list" in cli("passing", "show", "f003-" + "0" * 24).err
    assert cli("passing", "scan").out.startswith("查了 0 件")


def test_pool_and_log_agree_and_a_rebuild_changes_nothing(passed: Cli) -> None:
    scan(passed)
    before = only(passed)
    assert passed("pool", "reconcile", "--json").json["drift"] == 0
    assert passed("pool", "rebuild").status == 0
    assert only(passed) == before
    assert passed("audit", "verify").status == 0


def test_every_word_has_its_chinese_and_every_line_its_sentence() -> None:
    assert set(KIND) == set(BuckKind)
    assert set(STATE) == set(FindingState)
    assert set(Fact) == TOLD
    pack = load_pack(sample_city())
    facts: dict[str, str | int] = {"unit": UNIT, "units": f"{UNIT}、{OTHER}", "to": OTHER, "item": "Q001"}
    facts |= {"minutes": 3, "count": 2}
    for fact in Fact:
        for role in ROLE:
            line = Evidence(version=1, at=datetime(2026, 5, 6, tzinfo=UTC), fact=fact, facts=facts | {"role": role})
            said = told(pack, line)
            assert "示例市自来水有限公司" in said
            assert "\n" not in said
