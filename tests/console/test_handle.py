"""assign, close, merge, split and their undo: waited for to the end of the whole protocol."""

from tests.console.conftest import Cli


def problem_of(cli: Cli, name: str) -> str:
    return str(cli("show", name, "--json").json["id"])


def test_a_clerk_assigns_anew_and_units_learn_of_it(pushed: Cli) -> None:
    both = ("--lead", "云溪区水务局", "--with", "yunxi-chengguan")
    assert "协办单位要做什么没有说明" in pushed("assign", "a1", *both).err
    done = pushed("assign", "a1", *both, "--ask", "yunxi-chengguan=到场维持秩序", "--by", "王坐席")
    assert done.status == 0
    assert "主办 云溪区水务局,协办 云溪区城市管理局" in done.out
    shown = pushed("show", "a1", "--json").json
    assert (shown["lead"], shown["basis"]) == ("yunxi-shuiwu", "person")
    (view,) = pushed("subscribe", "--unit", "yunxi-shuiwu", "--json").lines
    assert view["view"]["part"] == "lead"
    withdrawn = pushed("subscribe", "--unit", "p-gongshui", "--json").lines[-1]
    assert withdrawn["view"]["withdrawn"] is True


def test_what_is_asked_of_a_unit_is_masked_and_reaches_only_that_unit(pushed: Cli) -> None:
    note = "yunxi-chengguan=今天到场,联系13900001111"
    pushed("assign", "a1", "--lead", "yunxi-shuiwu", "--with", "yunxi-chengguan", "--note", note)
    (view,) = pushed("subscribe", "--unit", "yunxi-chengguan", "--json").lines[-1:]
    assert "今天到场" in view["view"]["asked"]
    assert "13900001111" not in view["view"]["asked"]
    (lead,) = pushed("subscribe", "--unit", "yunxi-shuiwu", "--json").lines
    assert lead["view"]["asked"] == ""


def test_the_law_holds_for_people_too(pushed: Cli) -> None:
    refused = pushed("assign", "a1", "--lead", "t-beiyuan")
    assert refused.status == 2
    assert "国办函〔2025〕66号" in refused.err
    assert pushed("assign", "a1", "--lead", "没有").status == 2
    for wrong in (("--note", "c-yibao=x"), ("--note", "x"), ("--duty-item", "Q9"), ("--category", "没有")):
        assert pushed("assign", "a1", "--lead", "yunxi-shuiwu", *wrong).status == 2


def test_only_what_was_replied_is_closed(pushed: Cli) -> None:
    assert pushed("close", "a1").status == 2
    pushed("progress", "a1", "reply", "--unit", "p-gongshui", "--text", "已修好")
    assert pushed("check", "a1", "--pass").status == 0
    assert pushed("close", "a1", "--reason", "已回访", "--json").json["state"] == "closed"
    assert "办结:已回访" in pushed("show", "a1").out


def test_a_retry_with_the_same_key_is_done_once(pushed: Cli) -> None:
    for _ in range(2):
        assert pushed("assign", "a1", "--lead", "yunxi-shuiwu", "--id", "k1").status == 0
    kinds = [event["type"] for event in pushed("show", "a1", "--json").json["timeline"]]
    assert kinds.count("Dispatched") == 2  # the first dispatch of its own, and this one


def test_merge_and_its_undo_end_before_the_command_does(pushed: Cli) -> None:
    source, target = problem_of(pushed, "a2"), problem_of(pushed, "a1")
    merged = pushed("merge", source, "--into", target, "--json").json
    assert (merged["state"], merged["target"]) == ("merged", target)
    assert len(pushed("show", target, "--json").json["reports"]) == 2
    assert problem_of(pushed, "a2") == target
    assert pushed("stats", "--json").json["problems"] == 2
    undone = pushed("unmerge", source, "--json").json
    assert undone["state"] == "dispatched"
    assert problem_of(pushed, "a2") == source


def test_a_merge_that_is_not_possible_says_why(pushed: Cli) -> None:
    pushed("progress", "a1", "reply", "--unit", "p-gongshui", "--text", "已修好")
    pushed("close", "a1")
    refused = pushed("merge", "a2", "--into", "a1")
    assert refused.status == 2
    assert "目标问题已办结" in refused.err
    assert pushed("show", "a2", "--json").json["state"] == "dispatched"
    assert "不能把问题并入它自己" in pushed("merge", "a2", "--into", "a2").err
    assert pushed("unmerge", "a2").status == 2


def test_split_and_its_undo_end_before_the_command_does(pushed: Cli) -> None:
    target = problem_of(pushed, "a1")
    pushed("merge", "a2", "--into", "a1")
    parted = pushed("split", target, "--report", "a2", "--json").json
    assert problem_of(pushed, "a2") == parted["target"] != target
    assert pushed("show", "a2", "--json").json["state"] == "waiting"
    assert "等人派单" in pushed("show", "a2").out
    assert pushed("unsplit", "a2").status == 0
    assert problem_of(pushed, "a2") == target
    assert pushed("split", target, "--report", "a1", "--report", "a2").status == 2
    assert pushed("split", target, "--report", "a3").status == 2


def test_what_a_unit_does_on_a_merged_problem_reaches_the_root(pushed: Cli) -> None:
    source, target = problem_of(pushed, "a2"), problem_of(pushed, "a1")
    pushed("merge", source, "--into", target)
    signed = pushed("progress", source, "sign", "--unit", "云溪区城市管理局", "--json").json
    assert (signed["status"], signed["aggregate"]) == ("applied", target)
