"""The knowledge base from the table to the call: written, approved, found, doubted, settled."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from console import knowledge_told
from console.opening import open_local_home
from console.written import sealed_for
from pool.answers import FRESH, AnswerDesk
from pool.query import Query
from pool.scope import ALL, NOTHING
from schemas.commands_handling import AnswerDirectly
from schemas.identity import command_id
from schemas.knowledge import Knowledge
from schemas.knowledge_events import KnowledgeEvent
from schemas.words import Clock, KnowledgeState, Role
from streams.local.session import Session
from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

CATEGORY = "020102"
HEADS = "问题,答案,来源,负责单位,有效期至,类别,编号\n"
ROWS = (
    "社会保障卡丢失怎么补办?,带身份证到社保窗口挂失后补卡。,社保卡办理指南,市人社局,长期,,A1\n"
    "供暖温度不达标如何退费?,供热单位入户测温后按日退费。,供热用热办法,市住建局,2099-03-15,,A2\n"
    "停水通知在哪里看?,供水公司提前二十四小时公告。,供水服务承诺,p-gongshui,2099/12/31,,\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: str = ROWS, heads: str = HEADS, encoding: str = "utf-8-sig") -> Path:
        path = tmp_path / "knowledge.csv"
        path.write_bytes((heads + rows).encode(encoding))
        return path

    return write


@pytest.fixture
def stocked(cli: Cli, table: Callable[..., Path]) -> Cli:
    assert cli("knowledge", "import", table(), "--as", "supervisor").status == 0
    return cli


def items(cli: Cli, *asked: str) -> list[Any]:
    return list(cli("knowledge", "list", *asked, "--json").json["items"])


def found(cli: Cli, text: str) -> list[Any]:
    """With a category given, so that no classifier is built."""
    return list(cli("knowledge", "find", text, "--category", CATEGORY, "--json").json["answers"])


def named(cli: Cli, word: str) -> str:
    (item,) = (item for item in items(cli) if word in item["question"])
    return str(item["id"])


def test_a_table_becomes_items_and_the_same_table_again_changes_nothing(cli: Cli, table: Callable[..., Path]) -> None:
    told = cli("knowledge", "import", table(encoding="gb18030"), "--as", "supervisor", "--json").json
    assert told == {"rows": 3, "taken": 3, "waiting": 0, "refused": []}
    before = items(cli)
    assert {(item["state"], item["version"]) for item in before} == {("valid", 1)}
    cli("knowledge", "import", table(), "--as", "supervisor")
    assert items(cli) == before
    changed = ROWS.replace("按日退费", "按月退费").replace("供暖温度不达标如何退费", "供暖不热怎么退费")
    cli("knowledge", "import", table(changed), "--as", "supervisor")
    assert len(items(cli)) == 3
    assert [item["edition"] for item in items(cli) if "供暖" in item["question"]] == [2]


def test_what_a_clerk_imports_waits_and_callers_are_not_told_of_it(cli: Cli, table: Callable[..., Path]) -> None:
    assert cli("knowledge", "import", table(), "--json").json["waiting"] == 3
    assert found(cli, "停水通知") == []
    name = named(cli, "停水")
    assert cli("knowledge", "approve", name, "--as", "p-gongshui").status == 0
    assert [one["knowledge"] for one in found(cli, "停水通知")] == [f"{name}@1"]
    assert cli("knowledge", "approve", named(cli, "供暖"), "--as", "p-gongshui").status == 2


@pytest.mark.parametrize(
    ("rows", "heads", "said"),
    [
        (ROWS, "问,答\n", "表头缺少 问题"),
        ("问,答,来源,没有的局,,,\n", HEADS, "第 2 行"),
        (ROWS + "问,答,来源,市住建局,去年,,\n", HEADS, "第 5 行"),
        (ROWS + "问,,来源,市住建局,,,\n", HEADS, "答案"),
        (ROWS + ROWS, HEADS, "与第 2 行是同一条"),
        ("问,答,来源,市住建局,,没有的类别,\n", HEADS, "没有的类别"),
        (f"问,{'答' * 5001},来源,市住建局,,,\n", HEADS, "过长"),
    ],
)
def test_a_table_with_a_fault_is_not_imported_at_all(
    cli: Cli, table: Callable[..., Path], rows: str, heads: str, said: str
) -> None:
    result = cli("knowledge", "import", table(rows, heads), "--as", "supervisor")
    assert (result.status, said in result.err, result.err.count("\n")) == (2, True, 1)
    assert items(cli) == []


def test_a_row_that_casework_refuses_is_named_and_the_rest_stands(cli: Cli, table: Callable[..., Path]) -> None:
    result = cli("knowledge", "import", table(ROWS.replace("2099-03-15", "2020-03-15")), "--as", "supervisor")
    assert (result.status, "第 3 行未导入:有效期已过" in result.out) == (2, True)
    assert len(items(cli)) == 2


@pytest.mark.parametrize(
    ("said", "word"),
    [("我社保卡丢了想补办社会保障卡", "社会保障卡"), ("家里供暖温度太低,要求退费", "供暖"), ("今天停水没看到通知", "停水")],
)
def test_the_answer_to_what_the_caller_says_comes_first(stocked: Cli, said: str, word: str) -> None:
    best = found(stocked, said)[0]
    assert word in best["question"]
    assert best["words"]
    shown = stocked("knowledge", "find", said, "--category", CATEGORY).out
    assert best["answer"] in shown
    assert "负责单位" in shown


def test_what_nothing_answers_is_said(stocked: Cli) -> None:
    assert "没有合适的答案" in stocked("knowledge", "find", "火星移民", "--category", CATEGORY).out


def test_of_equals_the_item_of_the_category_that_intake_proposes_comes_first(cli: Cli, table: Callable[..., Path]) -> None:
    rows = "路面垃圾多久清扫?,每天两次。,规范,市城管局,,,B1\n路面垃圾多久清扫?,每天两次。,规范,市城管局,,020102,B2\n"
    cli("knowledge", "import", table(rows), "--as", "supervisor")
    told = cli("knowledge", "find", "马路上垃圾没人清扫,道路保洁不到位", "--json").json
    assert told["category"] == "020102"
    assert len(told["answers"]) == 2
    best, other = ((one["knowledge"], one["score"]) for one in told["answers"])
    (item,) = (item for item in items(cli) if item["categories"])
    assert best[0] == f"{item['id']}@1"
    assert best[1] > other[1]


def test_an_item_is_written_changed_and_every_edition_is_shown(cli: Cli) -> None:
    words = ("--question", "办居住证要什么材料?", "--answer", "身份证和租房合同。", "--source", "办理指南", "--unit", "市公安局")
    name = cli("knowledge", "write", *words, "--as", "市公安局", "--json").json["aggregate"]
    changed = cli("knowledge", "write", "--item", name, "--answer", "身份证。", "--by", "王").out
    assert changed.strip().endswith("待负责单位或督办审核")
    assert "待审核的第 2 版" in cli("knowledge", "show", name).out
    assert found(cli, "居住证材料")[0]["answer"] == "身份证和租房合同。"
    assert cli("knowledge", "approve", name).status == 0
    assert found(cli, "居住证材料")[0]["answer"] == "身份证。"
    told = cli("knowledge", "show", name, "--json").json
    assert [kept["answer"] for kept in told["editions"]] == ["身份证和租房合同。"]
    assert [event["said"][:4] for event in told["events"]] == ["写入并生", "写入待审", "审核通过"]


def test_a_wrong_answer_is_shown_with_a_warning_until_it_is_settled(stocked: Cli) -> None:
    name = named(stocked, "停水")
    assert stocked("knowledge", "wrong", name, "--note", "已改为四十八小时", "--by", "刘").status == 0
    assert stocked("knowledge", "list", "--state", "doubted", "--json").json["items"][0]["id"] == name
    assert found(stocked, "停水通知")[0]["warning"] == "有 1 条纠错待处理"
    assert "存疑" in stocked("knowledge", "find", "停水通知", "--category", CATEGORY).out
    assert stocked("knowledge", "settle", name, 1, "--right", "--note", "无误", "--as", "clerk").status == 2
    assert stocked("knowledge", "settle", name, 1, "--corrected", "--note", "已更正").status == 0
    assert not found(stocked, "停水通知")[0]["doubted"]


def test_what_is_withdrawn_is_found_no_more(stocked: Cli) -> None:
    name = named(stocked, "停水")
    assert stocked("knowledge", "withdraw", name, "--note", "办法废止").status == 0
    assert found(stocked, "停水通知") == []
    assert stocked("knowledge", "wrong", name, "--note", "x").status == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "k999-" + "0" * 24), "knowledge list"),
        (("show", "p003-" + "0" * 24), "knowledge list"),
        (("show", "x"), "knowledge list"),
        (("withdraw", "k", "--note", "x"), "knowledge list"),
        (("write", "--question", "问"), "不能为空"),
        (("write", "--question", "问", "--unit", "没有的局"), "没有单位"),
        (("list", "--state", "lost"), "只能是"),
    ],
)
def test_a_wrong_use_is_one_chinese_line(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    result = cli("knowledge", *arguments)
    assert (result.status, said in result.err, result.err.count("\n")) == (2, True, 1)


def test_a_note_must_be_given(stocked: Cli) -> None:
    assert "--note" in stocked("knowledge", "wrong", named(stocked, "停水")).err


def test_numbers_of_persons_are_masked_before_they_are_sent(cli: Cli, home: Path) -> None:
    words = ("--question", "找谁办?", "--answer", "找王工 13800138000", "--source", "x", "--unit", "市公安局")
    assert cli("knowledge", "write", *words, "--as", "supervisor").status == 0
    for file in home.glob("pool.db*"):
        assert b"13800138000" not in file.read_bytes()


def test_an_index_in_use_follows_what_is_written_and_never_shows_what_was_withdrawn(stocked: Cli, home: Path) -> None:
    moment = [0.0]
    with open_local_home(home) as opened:
        desk = AnswerDesk(opened.search, opened.store.states, lambda: moment[0])
        (answer, *_) = desk.find("停水通知", ALL)
        assert desk.find("停水通知", NOTHING) == []
        name, unit = answer.item.id, answer.item.unit
    stocked("knowledge", "withdraw", name, "--note", "x")
    words = ("--question", "燃气怎么报修?", "--answer", "打燃气公司热线。", "--source", "x", "--unit", unit)
    stocked("knowledge", "write", *words, "--as", "supervisor")
    with open_local_home(home) as opened:
        desk._search, desk._states = opened.search, opened.store.states
        assert desk.find("停水通知", ALL) == []
        assert desk.find("燃气报修", ALL) == []
        moment[0] = FRESH
        assert [one.item.answer for one in desk.find("燃气报修", ALL)] == ["打燃气公司热线。"]


def test_who_answers_with_an_item_is_counted_and_the_last_day_is_a_timer_of_the_pool(
    stocked: Cli, jsonl: Callable[..., Path], home: Path
) -> None:
    row = {"id": "q1", "user": "u1", "title": "咨询", "time": "2026-05-06T08:00:00", "text": "想了解一下,谢谢。"}
    stocked("push", jsonl([row]), "--channel", "message")
    name = named(stocked, "供暖")
    with open_local_home(home) as opened, Session(opened) as session:
        (report,) = opened.search.search(Query(), ALL).hits
        problem = report.report.problem
        clerk = {"id": "王", "role": Role.CLERK}
        fields = {"slot": int(problem[1:4]), "at": opened.clock.now(), "actor": clerk, "problem": problem}
        answer = AnswerDirectly.model_validate(
            fields | {"id": command_id("answer"), "text": sealed_for(opened, problem, "按日退费"), "knowledge": f"{name}@1"}
        )
        for _ in range(2):
            assert [outcome.status for outcome in session.submit(answer)] == ["applied"]
        session.work(lambda: False, drain=True)
        item = opened.store.states([name])[name]
        assert isinstance(item, Knowledge)
        assert (item.used, item.used_in) == (1, [problem])
        assert item.timers[0].clock is Clock.CHECK
        assert (name, item.timers[0]) in opened.store.due(datetime(2099, 3, 15, 16, tzinfo=UTC), 100)


def test_every_state_and_event_has_its_chinese() -> None:
    assert set(knowledge_told.KNOWLEDGE) == set(KnowledgeState)
    assert {kind.model_fields["type"].default for kind in get_args(KnowledgeEvent)} == knowledge_told.TOLD


def test_a_rebuilt_pool_has_the_same_knowledge_and_its_chains_hold(stocked: Cli) -> None:
    stocked("knowledge", "wrong", named(stocked, "停水"), "--note", "不对")
    stocked("knowledge", "write", "--item", named(stocked, "供暖"), "--answer", "改过的。")
    before = items(stocked)
    assert stocked("audit", "verify").status == 0
    assert stocked("pool", "rebuild").status == 0
    assert items(stocked) == before
    assert stocked("pool", "reconcile").status == 0
