"""subscribe and progress: a unit's side."""

from tests.console.conftest import Cli


def test_each_subscriber_goes_on_where_it_stopped(pushed: Cli) -> None:
    unit = ("--unit", "p-gongshui", "--json")
    assert len(pushed("subscribe", *unit).lines) == 1
    assert pushed("subscribe", *unit).lines == []
    assert len(pushed("subscribe", *unit, "--as", "second").lines) == 1
    assert len(pushed("subscribe", *unit, "--from-start").lines) == 1
    pushed("progress", "a1", "sign", "--unit", "p-gongshui")
    (view,) = pushed("subscribe", *unit).lines
    assert view["view"]["assignment"] == "signed"


def test_a_view_names_no_caller(pushed: Cli) -> None:
    said = pushed("subscribe", "--unit", "p-gongshui", "--json").out
    assert "caller" not in said
    assert "u1" not in said


def test_a_unit_signs_and_replies_by_problem_or_order_number(pushed: Cli) -> None:
    number = pushed("show", "a1", "--json").json["order_number"]
    assert "已签收" in pushed("progress", number, "sign", "--unit", "示例市自来水有限公司").out
    assert pushed("progress", number, "reply", "--unit", "p-gongshui", "--text", "已修好,电话13800138000").status == 0
    shown = pushed("show", "a1", "--json").json
    assert shown["state"] == "replied"
    assert shown["assignments"][0]["reply"].startswith("已修好")
    assert "13800138000" not in pushed("show", "a1").out


def test_a_unit_acts_only_on_what_is_its_own(pushed: Cli) -> None:
    refused = pushed("progress", "a1", "sign", "--unit", "c-yibao")
    assert refused.status == 2
    assert "没有派给本单位" in refused.err
    assert pushed("progress", "a1", "sign", "--unit", "nobody").status == 2
    assert pushed("progress", "a1", "reply", "--unit", "p-gongshui").status == 2


def test_the_same_key_counts_once(pushed: Cli) -> None:
    for _ in range(2):
        assert pushed("progress", "a1", "sign", "--unit", "p-gongshui", "--id", "k").status == 0
    kinds = [event["type"] for event in pushed("show", "a1", "--json").json["timeline"]]
    assert kinds.count("AssignmentSigned") == 1


def test_progress_on_a_problem_that_is_not_known_yet_is_kept(pushed: Cli) -> None:
    kept = pushed("progress", "p003-0123456789abcdef01234567", "sign", "--unit", "p-gongshui", "--json").json
    assert kept["status"] == "parked"
    assert pushed("stats", "--json").json["problems"] == 3
