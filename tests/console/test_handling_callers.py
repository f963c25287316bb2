"""What callers say: urged, supplemented, taken back, called back; and the phone list, whose numbers need a reason."""

import json
from pathlib import Path

import pytest

from tests.console.conftest import Cli

pytestmark = pytest.mark.slow

ANSWER = "今日已更换阀门并恢复供水,原因是阀门老化,物业已张贴说明。"


@pytest.fixture
def answered(handled: Cli) -> Cli:
    """a1 and a2 are answered; the caller of a2 asks for secrecy."""
    for name, unit in (("a1", "p-gongshui"), ("a2", "yunxi-chengguan")):
        handled("progress", name, "reply", "--unit", unit, "--text", ANSWER)
        assert handled("check", name, "--pass").status == 0
    return handled


def test_urging_counts_and_in_the_end_somebody_looks_after_it(handled: Cli) -> None:
    for _ in range(3):
        assert handled("urge", "a1").status == 0
    shown = handled("show", "a1", "--json").json
    assert (shown["callers"][0]["urged"], shown["supervision"]["reason"]) == (3, "urged")
    assert "催办 3 次" in handled("show", "a1").out
    assert handled("urge", "nothing").status == 2


def test_what_the_caller_adds_is_masked_and_ends_the_wait(handled: Cli) -> None:
    handled("progress", "a1", "sign", "--unit", "p-gongshui")
    handled("wait-caller", "a1", "--as-unit", "p-gongshui", "--note", "缺门牌")
    assert "字段 --text" in handled("supplement", "a1", "--text", "").err
    assert handled("supplement", "a1", "--text", "5号楼,电话13900001111", "--json").json["state"] == "in_progress"
    said = [event["said"] for event in handled("show", "a1", "--json").json["timeline"]]
    assert "来件 a1 补充:5号楼,电话[电话]" in said


def test_with_the_last_report_taken_back_the_problem_ends(handled: Cli) -> None:
    target = handled("show", "a1", "--json").json["id"]
    handled("merge", "a2", "--into", target)
    assert "请写来件编号" in handled("withdraw", target).err
    assert handled("withdraw", "a2", "--json").json["state"] == "dispatched"
    assert "caller_gone" in handled("withdraw", "a2").err
    assert handled("withdraw", "a1", "--json").json["state"] == "closed"
    assert handled("show", "a1", "--json").json["ending"] == "withdrawn"


def test_the_phone_list_shows_numbers_only_with_a_reason_and_logs_it(answered: Cli) -> None:
    listed = answered("callbacks", "--json").json
    assert sorted(one["source_id"] for one in listed["callbacks"]) == ["a1", "a2"]
    assert "contact" not in listed["callbacks"][0]
    assert "查看联系方式必须说明理由" in answered("callbacks", "--contact").err
    open_one = answered("callbacks", "--contact", "--reason", "回访", "--by", "王坐席").out
    assert "13800138000" in open_one
    assert "13900139000" not in open_one
    assert "要求保密,没有显示" in open_one
    assert "13900139000" in answered("callbacks", "--contact", "--reason", "核实", "--secret").out
    assert answered("callbacks", "--limit", 1, "--json").json["total"] == 2


def test_who_was_called_leaves_the_list_and_an_unsatisfied_caller_gets_a_redo(answered: Cli) -> None:
    assert "须记下评价或是否解决" in answered("callback", "a1").err
    assert "没有联系上就没有评价" in answered("callback", "a1", "--not-reached", "--rating", 5).err
    assert "不得大于 5" in answered("callback", "a1", "--rating", 6).err
    answered("callback", "a2", "--not-reached")
    assert answered("callback", "a2", "--rating", 5, "--solved", "--contacted", "--json").json["state"] == "checked"
    assert [one["source_id"] for one in answered("callbacks", "--json").json["callbacks"]] == ["a1"]
    done = answered("callback", "a1", "--rating", 1, "--not-solved", "--text", "还是没水", "--json").json
    assert (done["state"], done["turn"][:10]) == ("in_progress", "示例市自来水有限公司")
    caller = answered("show", "a2", "--json").json["callers"][0]
    assert (caller["calls"], caller["rating"], caller["solved"], caller["contacted"]) == (2, 5, True, True)
    assert "重办:来件人不满意或没有解决" in answered("show", "a1").out


def test_the_same_key_calls_back_once(answered: Cli) -> None:
    for _ in range(2):
        answered("callback", "a2", "--rating", 4, "--id", "k")
    assert answered("show", "a2", "--json").json["callers"][0]["calls"] == 1


def test_callers_are_asked_by_message_and_their_answers_count_once(answered: Cli, tmp_path: Path) -> None:
    sent, back = tmp_path / "messages.jsonl", tmp_path / "answers.jsonl"
    assert "取用联系方式必须说明理由" in answered("callback-messages", "--out", sent, "--reason", " ").err
    done = answered("callback-messages", "--out", sent, "--reason", "回访", "--link", "https://example.cn/r/", "--json").json
    lines = [json.loads(line) for line in sent.read_text().splitlines()]
    assert (done["written"], len(lines), sent.stat().st_mode & 0o777) == (2, 2, 0o600)
    tokens = {line["contact"]["phone"]: line["token"] for line in lines}
    assert all(line["token"] in line["text"] for line in lines)
    mine = {"token": tokens["13800138000"], "rating": 5, "solved": True}
    forged = {"token": tokens["13800138000"][:-1] + "x", "rating": 1}
    empty = {"token": tokens["13900139000"]}
    back.write_text("\n".join(json.dumps(one) for one in (mine, forged, empty, {"rating": 5})) + "\nno json\n")
    took = answered("callback-answers", back, "--json").json
    assert (took["taken"], [one["line"] for one in took["refused"]]) == (1, [2, 3, 4, 5])
    assert "令牌不对" in took["refused"][0]["message"]
    assert answered("callback-answers", back, "--json").json["taken"] == 1
    caller = answered("show", "a1", "--json").json["callers"][0]
    assert (caller["calls"], caller["rating"], caller["solved"]) == (1, 5, True)


def test_a_message_of_before_a_redo_rates_nothing_any_more(answered: Cli, tmp_path: Path) -> None:
    sent, back = tmp_path / "messages.jsonl", tmp_path / "answers.jsonl"
    answered("callback-messages", "--out", sent, "--reason", "回访")
    lines = [json.loads(line) for line in sent.read_text().splitlines()]
    token = next(line["token"] for line in lines if line["contact"]["phone"] == "13800138000")
    answered("callback", "a1", "--rating", 1, "--not-solved")
    back.write_text(json.dumps({"token": token, "rating": 5}))
    assert "已经重办过" in answered("callback-answers", back, "--json").json["refused"][0]["message"]
