"""`wentichi tasks`: from the department to the village, and the complaint, as people type it."""

import re

import pytest

from casework.admission_fold import ADMISSION_FOLDS
from console.admission_told import BYPASS, KIND, STATE, TOLD, VERDICT
from schemas.admission import BypassKind, TaskKind, TaskState, TaskVerdict
from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

SUPPORT = "水务局提供沙袋和夜间联系人"
CLEAR = ("--does", "水务局负责抽排积水和检修泵站", "--grassroots", "社区劝离停在低处的车辆", "--support", SUPPORT)
WISH = ("--department", "yunxi-shuiwu", "--to", "临江街道办事处", "--title", "汛期劝离低处车辆", *CLEAR)
VILLAGE = "v-990102001001"


def submit(cli: Cli, *more: str) -> str:
    told = cli("tasks", "submit", *WISH, *more, "--json")
    assert told.status == 0, told.err
    return str(told.json["task"]["id"])


def state(cli: Cli, task: str) -> str:
    return str(cli("tasks", "show", task, "--json").json["state"])


def test_off_the_list_it_goes_from_the_department_through_review_to_the_village(cli: Cli) -> None:
    task = submit(cli, "--consulted", "--due", "2026-07-01")
    assert state(cli, task) == "submitted"
    early = cli("tasks", "dispatch", task, "--to", VILLAGE, "--as", "t-linjiang")
    assert (early.status, "forbidden_state" in early.err) == (2, True)
    assert "准许" in cli("tasks", "review", task, "准许", "--note", "同意").out
    assert cli("tasks", "dispatch", task, "--to", VILLAGE, "--as", "t-linjiang").status == 0
    assert cli("tasks", "receive", task, "--as", VILLAGE).status == 0
    assert state(cli, task) == "received"
    shown = cli("tasks", "show", task).out
    for words in ("云溪区水务局", "清单之外", "社区劝离停在低处的车辆", "审核:准许", "已接收"):
        assert words in shown


def test_on_the_list_it_needs_no_review_and_the_negative_list_blocks(cli: Cli) -> None:
    assert state(cli, submit(cli, "--duty-item", "Q022")) == "granted"
    blocked = cli("tasks", "submit", *WISH, "--duty-item", "Q005")
    assert (blocked.status, "negative_list" in blocked.err) == (2, True)


def test_what_is_not_clear_is_named_before_it_is_sent(cli: Cli) -> None:
    for place, option in ((1, "--does"), (3, "--grassroots"), (5, "--support")):
        said = list(CLEAR)
        said[place] = "配合配合配合配合"
        wrong = cli("tasks", "submit", *WISH[:6], *said)
        assert (wrong.status, f"字段 {option}" in wrong.err) == (2, True)
    assert cli("tasks", "list").out.startswith("没有")


def test_a_returned_task_is_submitted_again_under_its_number(cli: Cli) -> None:
    task = submit(cli)
    assert cli("tasks", "return", task, "--note", "哪几条路没有写明", "--as", "reviewer", "--by", "审").status == 0
    assert submit(cli, "--task", task) == task
    shown = cli("tasks", "show", task, "--json").json
    assert (shown["state"], shown["returned"], shown["times"]) == ("submitted", 1, 2)
    assert cli("tasks", "withdraw", task, "--as", "yunxi-shuiwu").status == 0
    assert state(cli, task) == "withdrawn"


def test_the_same_key_submits_once(cli: Cli) -> None:
    assert submit(cli, "--id", "k1") == submit(cli, "--id", "k1")
    assert len(cli("tasks", "list", "--json").json["tasks"]) == 1


def test_a_complaint_is_reported_and_judged(cli: Cli) -> None:
    told = cli("tasks", "object", "--against", "yunxi-shuiwu", "--note", "在群里直接布置填表", "--as", VILLAGE, "--json").json
    task = told["task"]["id"]
    assert "云溪区水务局" in cli("tasks", "show", task).out
    assert cli("tasks", "review", task, "准许", "--note", "看过").status == 2
    own = cli("tasks", "review", task, "不成立", "--note", "看过", "--unit", "yunxi-shuiwu")
    assert (own.status, "judges_own" in own.err) == (2, True)
    assert "投诉成立" in cli("tasks", "review", task, "成立", "--note", "属实").out
    nobody = cli("tasks", "object", "--against", VILLAGE, "--note", "无", "--as", VILLAGE)
    assert (nobody.status, "--as" in nobody.err) == (2, True)


def test_units_see_what_concerns_them(cli: Cli) -> None:
    task = submit(cli)
    for viewer, seen in (("yunxi-shuiwu", True), ("t-linjiang", True), ("yunxi-gongan", False)):
        shown = [one["id"] for one in cli("tasks", "list", "--viewer", viewer, "--json").json["tasks"]]
        assert (task in shown) is seen
    assert cli("tasks", "list", "--state", "granted").out.startswith("没有准许,待派发的")
    assert task in cli("tasks", "list", "--state", "submitted").out


def test_phone_numbers_do_not_stand_in_a_task(cli: Cli) -> None:
    task = submit(cli, "--title", "请联系13800138000办理")
    assert not re.search(r"1380013\d{4}", cli("tasks", "show", task, "--json").out)


def test_pool_and_log_agree_and_a_rebuild_changes_nothing(cli: Cli) -> None:
    task = submit(cli)
    cli("tasks", "review", task, "暂缓", "--note", "再议")
    before = cli("tasks", "show", task, "--json").json
    assert cli("pool", "reconcile", "--json").json["drift"] == 0
    assert cli("pool", "rebuild").status == 0
    assert cli("tasks", "show", task, "--json").json == before
    assert cli("audit", "verify").status == 0


def test_what_is_not_there_is_said_with_a_remedy(cli: Cli) -> None:
    for name in ("t003-" + "0" * 24, "x", "p003-" + "0" * 24):
        wrong = cli("tasks", "show", name)
        assert (wrong.status, "wentichi tasks list" in wrong.err) == (2, True)
    task = submit(cli)
    assert "--as" in cli("tasks", "receive", task, "--as", " ").err
    assert "结论" in cli("tasks", "review", task, "好", "--note", "x").err
    assert "--note" in cli("tasks", "review", task, "准许", "--note", " ").err


def test_every_word_and_event_has_its_chinese() -> None:
    assert set(STATE) == set(TaskState)
    assert set(KIND) == set(TaskKind)
    assert set(BYPASS) == set(BypassKind)
    assert set(VERDICT) == set(TaskVerdict)
    assert set(ADMISSION_FOLDS) == TOLD
