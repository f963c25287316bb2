"""The office's own hands, the check of replies, the key list, looks back, and the queue that says what waits for whom."""

import pytest

from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

ANSWER = "今日已更换阀门并恢复供水,原因是阀门老化,物业已张贴说明。"


def timeline(cli: Cli, name: str) -> list[str]:
    return [event["said"] for event in cli("show", name, "--json").json["timeline"]]


def test_what_is_answered_while_it_is_taken_is_closed_with_its_knowledge(handled: Cli) -> None:
    written = handled(
        "knowledge", "write", "--question", "这件事该找哪里", "--answer", "请到办事大厅三号窗口。", "--source", "办事指南",
        "--unit", "c-minzheng", "--as", "supervisor", "--until", "长期", "--json",
    ).json  # fmt: skip
    item = written["aggregate"]
    done = handled("answer", "a4", "--knowledge", item, "--by", "王坐席", "--json").json
    assert (done["state"], done["turn"][:6]) == ("closed", "坐席 回访(")
    shown = handled("show", "a4", "--json").json
    assert (shown["ending"], shown["ended_by"]) == ("answered", f"{item}@1")
    assert f"直接答复(依据知识 {item}@1):请到办事大厅三号窗口。" in timeline(handled, "a4")
    handled("note", "a1", "--text", "下一件")  # what the answer asked of the item is worked with the next command
    assert handled("knowledge", "show", item, "--json").json["used"] == 1


def test_an_answer_needs_words_a_known_item_and_a_problem_nobody_has(handled: Cli) -> None:
    assert "字段 --text:不能为空" in handled("answer", "a4").err
    assert "没有知识" in handled("answer", "a4", "--knowledge", "k002-0123456789abcdef01234567").err
    assert "forbidden_state" in handled("answer", "a1", "--text", "好的").err


def test_who_is_declined_hears_the_lawful_path_of_the_pack(handled: Cli) -> None:
    assert "请从中选一个" in handled("decline", "a4", "--reason", "不想办").err
    done = handled("decline", "a4", "--reason", "不属于本行政区域")
    assert "不予受理(不属于本行政区域)" in done.out
    assert "请拨打事发地区号加12345" in timeline(handled, "a4")[-2]
    assert handled("show", "a4", "--json").json["ending"] == "not_accepted"


def test_what_is_handed_over_keeps_the_others_number(handled: Cli) -> None:
    assert "--number" in handled("hand-over", "a1", "--to", "110", "--number", " ").err
    assert handled("hand-over", "a1", "--to", "110", "--number", "J-77", "--note", "有人打架").status == 0
    assert handled("show", "a1", "--json").json["ended_by"] == "police J-77"
    assert "转有关专线、部门:110,对方编号 J-77" in handled("show", "a1").out


def test_a_recalled_problem_waits_and_a_new_category_routes_it_again(handled: Cli) -> None:
    assert "字段 --note" in handled("recall", "a1").err
    assert handled("recall", "a1", "--note", "派错了", "--json").json["state"] == "waiting"
    assert "派单人收回" in handled("show", "a1").out
    again = handled("recategorise", "a1", "--category", "水压不足", "--json").json
    assert (again["state"], again["turn"].split(" ")[0]) == ("dispatched", "示例市自来水有限公司")
    assert "same_category" in handled("recategorise", "a1", "--category", "010102").err
    assert "没有类别" in handled("recategorise", "a1", "--category", "没有").err


def test_a_remark_is_masked_and_moves_no_clock(handled: Cli) -> None:
    before = handled("show", "a1", "--json").json["timers"]
    handled("note", "a1", "--text", "来电人13900001111下午在家")
    handled("note", "a1", "--text", "已约明日到场", "--as-unit", "p-gongshui")
    office, unit = timeline(handled, "a1")[-2:]
    assert office == "备注:来电人[电话]下午在家"
    assert unit == "备注:已约明日到场"
    assert handled("show", "a1", "--json").json["timers"] == before
    assert handled("note", "a1", "--text", " ").status == 2


def test_the_grassroots_is_only_asked_with_all_three_clarities(handled: Cli) -> None:
    handled("recall", "a3", "--note", "重派")
    down = ("assign", "a3", "--lead", "yunxi-zhujian", "--with", "t-nanqiao", "--ask", "t-nanqiao=先劝说", "--duty-item", "Q050")
    clear = ("--clear-department", "派员执法", "--clear-grassroots", "登记噪声时段")
    assert "三个明确须同时写全" in handled(*down, *clear).err
    assert handled(*down, *clear, "--clear-support", "指定民警联系").status == 0
    part = handled("show", "a3", "--json").json["assignments"][-1]
    assert part["clarity"] == {"department": "派员执法", "grassroots": "登记噪声时段", "support": "指定民警联系"}
    assert "支持 指定民警联系" in handled("show", "a3").out
    assert "给的支持:指定民警联系" in handled("subscribe", "--unit", "t-nanqiao").out


def test_a_faulty_reply_is_sent_back_or_let_through_by_who_read_it(handled: Cli) -> None:
    assert handled("progress", "a1", "reply", "--unit", "p-gongshui", "--text", ANSWER).status == 0
    assert "没有说明审核结果" in handled("check", "a1").err
    assert "字段 --note" in handled("check", "a1", "--back").err
    assert "复核不能做这一步" in handled("check", "a1", "--pass", "--role", "reviewer").err
    assert handled("check", "a1", "--back", "--note", "没有说何时恢复", "--json").json["state"] == "in_progress"
    assert "重办:答复审核没有通过(不计入重办次数)" in timeline(handled, "a1")
    handled("progress", "a1", "reply", "--unit", "p-gongshui", "--text", ANSWER)
    assert "检查发现:没有联系来件人" in timeline(handled, "a1")[-1]
    assert handled("check", "a1", "--pass", "--json").json["state"] == "checked"
    assert handled("close", "a1", "--reason", "已告知", "--json").json["state"] == "closed"


def test_supervision_begins_and_ends_by_a_supervisor(handled: Cli) -> None:
    assert "已经过去" in handled("supervise", "a1", "--due", "2020-01-01").err
    handled("supervise", "a1", "--note", "反映多次", "--by", "李督办")
    shown = handled("show", "a1", "--json").json
    assert (shown["supervision"]["note"], shown["supervised"]) == ("反映多次", 1)
    assert "报督办结果" in shown["turn"]
    assert handled("end-supervision", "a1").status == 0
    assert "not_supervised" in handled("end-supervision", "a1").err


def test_a_look_back_that_finds_a_sham_is_done_again_under_supervision(handled: Cli) -> None:
    handled("progress", "a1", "reply", "--unit", "p-gongshui", "--text", ANSWER)
    handled("check", "a1", "--pass")
    handled("close", "a1")
    assert "no_recheck" in handled("recheck", "done", "a1", "--outcome", "真解决").err
    assert "checks_itself" in handled("recheck", "ask", "a1", "--checker", "p-gongshui").err
    assert "云溪区人民政府 回头看" in handled("recheck", "ask", "a1", "--checker", "yunxi-gov", "--json").json["turn"]
    assert handled("recheck", "done", "a1", "--outcome", "办了").status == 2
    done = handled("recheck", "done", "a1", "--outcome", "没有办", "--note", "还在漏", "--as-unit", "yunxi-gov", "--json").json
    assert done["state"] == "in_progress"
    shown = handled("show", "a1", "--json").json
    assert (shown["rechecks"][0]["outcome"], shown["rechecks"][0]["note"], shown["redo"]) == ("sham", "还在漏", 1)
    assert shown["supervision"]["reason"] == "sham"


def test_the_queue_says_what_waits_for_whom(handled: Cli) -> None:
    first = handled("queue", "--json").json
    assert [(one["task"], one["role"]) for one in first["waiting"]] == [("dispatch", "clerk")]
    assert first["waiting"][0]["due"]
    handled("return", "a1", "--as-unit", "p-gongshui", "--reason", "职责不符", "--note", "不归本单位")
    handled("progress", "a2", "reply", "--unit", "yunxi-chengguan", "--text", ANSWER)
    tasks = [one["task"] for one in handled("queue", "--json").json["waiting"]]
    assert sorted(tasks) == ["check", "dispatch", "return"]
    assert "审核退单(示例市自来水有限公司 申请)" in handled("queue", "--role", "reviewer").out
    replied = handled("show", "a2", "--json").json["id"]
    left = handled("queue", "--as-unit", "云溪区城市管理局", "--json").json["waiting"]
    assert replied not in {one["problem"] for one in left}
    (own,) = handled("queue", "--as-unit", "v-990102002001", "--json").json["waiting"]
    assert (own["task"], own["unit"]) == ("cooperate", "v-990102002001")
    (post,) = handled("queue", "--post", "w-990102001001001", "--json").json["waiting"]
    assert (post["task"], post["who"]) == ("ladder", "望江社区第一网格三级网格员")
    assert "没有等着办的" in handled("queue", "--late").out
    assert handled("queue", "--post", "nobody").status == 2
    assert handled("queue", "--post", "w-990102001001001", "--as-unit", "c-yibao").status == 2


@pytest.mark.parametrize(("command", "options"), [("note", ("--text", "x")), ("supervise", ())])
def test_the_same_key_counts_once(handled: Cli, command: str, options: tuple[str, ...]) -> None:
    versions = [handled(command, "a1", *options, "--id", "k1", "--json").json["version"] for _ in range(2)]
    assert versions[0] == versions[1]
