"""A unit's part, returns and their review, whistles, the ladder: each command from the line to what is shown."""

import pytest

from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

GAS, LAMPS, POLICE = "p-gongshui", "yunxi-chengguan", "yunxi-gongan"


def said(cli: Cli, name: str) -> list[str]:
    return [event["said"] for event in cli("show", name, "--json").json["timeline"]]


def test_a_unit_notes_that_it_spoke_with_the_caller(handled: Cli) -> None:
    handled("progress", "a1", "sign", "--unit", GAS)
    assert "没有联系上" in handled("contact", "a1", "--as-unit", GAS, "--not-reached").out
    handled("contact", "a1", "--as-unit", GAS, "--way", "上门", "--note", "已见面", "--by", "张工")
    assert said(handled, "a1")[-1] == "示例市自来水有限公司 上门联系上了来件人:已见面"
    assert handled("show", "a1", "--json").json["assignments"][0]["state"] == "contacted"
    assert "请从中选一个:电话(phone)" in handled("contact", "a1", "--as-unit", GAS, "--way", "飞鸽").err
    assert "没有派给本单位" in handled("contact", "a1", "--as-unit", "c-yibao").err
    assert "没有单位" in handled("contact", "a1", "--as-unit", "nobody").err
    assert "缺少 --as-unit" in handled("contact", "a1").err


def test_a_return_is_decided_by_a_neutral_reviewer(handled: Cli) -> None:
    asked = ("return", "a1", "--as-unit", GAS, "--reason", "职责不符")
    assert "字段 --note" in handled(*asked).err
    assert "请从中选一个:属地不符(wrong_place)" in handled("return", "a1", "--as-unit", GAS, "--reason", "懒", "--note", "x").err
    assert handled(*asked, "--suggest", "yunxi-shuiwu", "--note", "管网归区里", "--json").json["state"] == "return_asked"
    decide = ("review", "return", "a1", "--verdict")
    assert "坐席不能做这一步" in handled(*decide, "refused", "--note", "x", "--role", "clerk").err
    assert "改派要说明派给谁" in handled(*decide, "redispatched").err
    assert "不派单" in handled(*decide, "会商", "--lead", GAS).err
    assert handled(*decide, "redispatched", "--lead", "yunxi-shuiwu", "--note", "同意").status == 0
    shown = handled("show", "a1", "--json").json
    one = shown["returns"][0]
    assert (one["reason"], one["note"], one["verdict"], shown["lead"]) == (
        "not_our_duty", "管网归区里", "redispatched", "yunxi-shuiwu",
    )  # fmt: skip
    assert "forbidden_state" in handled(*decide, "refused", "--note", "x").err


def test_what_the_conference_fixed_cannot_be_returned(handled: Cli) -> None:
    handled("return", "a1", "--as-unit", GAS, "--reason", "权属不清", "--note", "未移交")
    assert handled("review", "return", "a1", "--verdict", "会商", "--json").json["state"] == "conference"
    assert "字段 --minutes" in handled("review", "joint", "a1", "--lead", "yunxi-shuiwu", "--minutes", " ").err
    joint = ("review", "joint", "a1", "--lead", "yunxi-shuiwu", "--minutes", "水务局牵头", "--with", GAS, "--ask", f"{GAS}=抢修")
    assert handled(*joint).status == 0
    assert "会商有了结果:水务局牵头" in said(handled, "a1")
    final = handled("return", "a1", "--as-unit", "yunxi-shuiwu", "--reason", "职责不符", "--note", "x")
    assert "会商或兜底确定的派单不得退回" in final.err
    assert "不得再退" in handled("show", "a1").out
    assert "不得再退" in handled("subscribe", "--unit", "yunxi-shuiwu").out


def test_the_grassroots_objects_and_the_reviewer_takes_it_away(handled: Cli) -> None:
    assert "not_grassroots" in handled("object", "a1", "--as-unit", GAS).err
    assert handled("object", "a1", "--as-unit", "v-990102002001", "--note", "不该社区办").status == 0
    assert "没有说明审核结果" in handled("review", "objection", "a1", 1).err
    assert "nothing_asked" in handled("review", "objection", "a1", 7, "--uphold").err
    handled("review", "objection", "a1", 1, "--uphold")
    shown = handled("show", "a1", "--json").json
    assert (shown["objections"][0]["upheld"], shown["objections"][0]["note"]) == (True, "不该社区办")
    assert shown["assignments"][1]["state"] == "withdrawn"


def test_more_time_is_asked_by_the_lead_and_granted_by_others(handled: Cli) -> None:
    handled("progress", "a1", "sign", "--unit", GAS)
    apply = ("apply", "a1", "--as-unit", GAS, "--note", "待料")
    assert "要说明多久" in handled(*apply, "--wish", "延期").err
    assert "没有时间长短" in handled(*apply, "--wish", "剔除", "--amount", 3).err
    assert "只有剔除才选理由" in handled(*apply, "--wish", "挂账", "--amount", 3, "--reason", "恶意").err
    asked = handled(*apply, "--wish", "延期", "--amount", 2, "--json").json
    assert "已申请延期 2 工作日" in asked["said"]
    assert "审批申请(延期)" in asked["turn"]
    decide = ("review", "application", "a1", "--wish")
    assert "没有说明是否同意" in handled(*decide, "延期").err
    assert handled(*decide, "延期", "--grant", "--role", "clerk").status == 0
    handled(*apply, "--wish", "suspension", "--amount", 5)
    assert "needs_supervisor" in handled(*decide, "suspension", "--grant").err
    assert handled(*decide, "suspension", "--grant", "--role", "supervisor", "--json").json["state"] == "suspended"
    assert handled("resume", "a1", "--json").json["state"] == "in_progress"
    handled(*apply, "--wish", "剔除", "--reason", "客观不可解")
    handled(*decide, "剔除", "--grant")
    shown = handled("show", "a1", "--json").json
    assert (shown["excluded"], len(shown["extensions"]), len(shown["pauses"])) == ("impossible", 1, 1)
    assert "不计入考核:客观不可解" in handled("show", "a1").out


def test_the_clock_stands_while_the_caller_is_waited_for(handled: Cli) -> None:
    assert "forbidden_state" in handled("wait-caller", "a1", "--as-unit", GAS, "--note", "缺门牌").err
    handled("progress", "a1", "sign", "--unit", GAS)
    assert "字段 --note" in handled("wait-caller", "a1", "--as-unit", GAS).err
    assert handled("wait-caller", "a1", "--as-unit", GAS, "--note", "缺门牌", "--json").json["state"] == "awaiting_caller"
    assert "handle" not in {timer["clock"] for timer in handled("show", "a1", "--json").json["timers"]}
    assert handled("resume", "a1", "--as-unit", GAS, "--json").json["state"] == "in_progress"
    assert handled("resume", "a1").status == 2


def test_more_units_are_asked_in_and_told_what_to_do(handled: Cli) -> None:
    ask = ("cooperate", "a2", "--as-unit", LAMPS, "--ask")
    assert "应为 单位=要求" in handled(*ask, "yunxi-shuiwu").err
    assert handled(*ask, "yunxi-shuiwu=派抽水车").status == 0
    assert "asked_already" in handled(*ask, "yunxi-shuiwu=再派").err
    assert "三个明确须同时写全" in handled("cooperate", "a2", "--ask", "t-linjiang=看", "--clear-department", "x").err
    assert "要求云溪区水务局:派抽水车" in said(handled, "a2")[-1]


def test_a_whistle_is_blown_answered_and_rated_on_both_sides(handled: Cli) -> None:
    handled("progress", "a1", "sign", "--unit", GAS)
    blow = ("whistle", "blow", "a1", "--as-unit", GAS, "--to")
    assert "字段 --text" in handled(*blow, POLICE, "--text", " ").err
    assert "own_whistle" in handled(*blow, GAS, "--text", "x").err
    assert handled(*blow, POLICE, "--text", "来维持秩序", "--json").json["number"] == 1
    assert "没有说明来不来" in handled("whistle", "answer", "a1", 1, "--as-unit", POLICE).err
    seen = handled("subscribe", "--unit", POLICE).out
    assert "吹哨请来" in seen
    assert "示例市自来水有限公司 请本单位:来维持秩序" in seen
    assert handled("whistle", "answer", "a1", 1, "--as-unit", POLICE, "--coming").status == 0
    assert "no_whistle" in handled("whistle", "arrive", "a1", 9, "--as-unit", POLICE).err
    handled("whistle", "arrive", "a1", 1, "--as-unit", POLICE)
    assert "不得小于 1" in handled("whistle", "end", "a1", 1, "--as-unit", GAS, "--text", "x", "--mark", 0).err
    assert handled("whistle", "end", "a1", 1, "--as-unit", GAS, "--text", "现场已疏导", "--mark", 5).status == 0
    assert handled("whistle", "rate", "a1", 1, "--as-unit", POLICE, "--mark", 4).status == 0
    assert "asked_already" in handled("whistle", "rate", "a1", 1, "--as-unit", POLICE, "--mark", 4).err
    (one,) = handled("show", "a1", "--json").json["whistles"]
    assert (one["asked"], one["outcome"], one["mark_of_summoned"], one["mark_of_whistler"]) == ("来维持秩序", "现场已疏导", 5, 4)
    assert "吹哨报到" in handled("show", "a1").out


def test_units_that_worked_together_rate_each_other_once(handled: Cli) -> None:
    rate = ("rate", "a1", "--as-unit", "v-990102002001", "--of")
    assert "not_a_part" in handled(*rate, POLICE, "--mark", 4).err
    assert "已评价 示例市自来水有限公司:满意" in handled(*rate, GAS, "--mark", 4).out
    assert "asked_already" in handled(*rate, GAS, "--mark", 4).err


def test_a_grids_matter_goes_up_the_ladder_or_is_solved_on_it(handled: Cli) -> None:
    post = "w-990102001001001"
    assert handled("show", "g1", "--json").json["state"] == "on_ladder"
    assert "not_your_post" in handled("ladder", "up", "g1", "--post", "w-990102001").err
    assert "没有网格岗位" in handled("ladder", "up", "g1", "--post", "nobody").err
    up = handled("ladder", "up", "g1", "--post", post, "--note", "劝不住", "--json").json
    assert (up["state"], up["turn"].partition(" ")[0]) == ("on_ladder", "云溪区望江社区二级网格员")
    after = handled("show", "g1", "--json").json["ladder"]
    assert (after[0]["note"], after[0]["end"]) == ("劝不住", "up")
    assert "字段 --text" in handled("ladder", "solved", "g1", "--post", after[1]["post"], "--text", " ").err
    done = handled("ladder", "solved", "g1", "--post", after[1]["post"], "--text", "已扑灭", "--by", "岗上人", "--json").json
    assert done["state"] == "closed"
    assert "就地解决" in handled("show", "g1").out


def test_a_clerk_puts_a_waiting_problem_on_its_grids_ladder(handled: Cli) -> None:
    assert "forbidden_state" in handled("ladder", "start", "a1").err
    assert "no_ladder" in handled("ladder", "start", "a4").err
    handled("recall", "a1", "--note", "先让网格看")
    assert handled("ladder", "start", "a1", "--json").json["state"] == "on_ladder"


def test_what_a_part_does_on_a_merged_problem_reaches_the_root_and_can_be_read_there(handled: Cli) -> None:
    source = handled("show", "a2", "--json").json["id"]
    target = handled("show", "a1", "--json").json["id"]
    handled("merge", source, "--into", target)
    done = handled("note", source, "--text", "路灯同因停电", "--as-unit", LAMPS, "--json").json
    assert done["aggregate"] == target
    assert said(handled, target)[-1] == "备注:路灯同因停电"


def test_the_same_key_of_a_unit_counts_once(handled: Cli) -> None:
    handled("progress", "a1", "sign", "--unit", GAS)
    first = handled("contact", "a1", "--as-unit", GAS, "--id", "k", "--json").json
    assert handled("contact", "a1", "--as-unit", GAS, "--id", "k", "--json").json == first
