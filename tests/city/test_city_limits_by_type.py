"""Limits by kind of request, the usual limits of clocks that a pack does not set, and how both come out of workbooks."""

import csv
from pathlib import Path
from typing import Any

import pytest
from breaking import append, expect, rewrite
from import_runs import book, imported, said, table

from city import CityPack, Clock, LimitUnit, RequestKind, Urgency, check_pack, load_pack, sample_city
from city.diff import Part, diff_packs
from city.handling import USUAL
from city.importing import Imported, Weight
from city.layout import PackFile
from city.usual_limits import REQUIRED_CLOCKS, USUAL_LIMITS
from schemas.words import RequestType

HANDLE = (Clock.HANDLE, Urgency.NORMAL)
HEADER = "clock,urgency,category,type,amount,unit,source"
WATER, OUTAGE, PRESSURE = "0101", "010101", "010102"
REPAIRS = "040306"
"""A matter with more days than the general limit, and fewer for questions and proposals."""


def with_limits(folder: Path, *lines: str) -> CityPack:
    """The pack with general limits of one hour and these beside them."""
    general = [f"{clock.label},{urgency.label},,,1,小时,试验" for clock in REQUIRED_CLOCKS for urgency in Urgency]
    (folder / "limits.csv").write_text("\n".join([HEADER, *general, *lines]) + "\n", "utf-8")
    return load_pack(folder)


def test_kinds_of_requests_are_those_of_the_reports() -> None:
    assert [kind.value for kind in RequestKind] == [kind.value for kind in RequestType]
    assert len({kind.label for kind in RequestKind}) == len(RequestKind)


@pytest.mark.parametrize(
    ("lines", "amount"),
    [
        (["办理,一般,010101,咨询,2,小时,试验", "办理,一般,010101,,3,小时,试验"], 2),
        (["办理,一般,010101,,3,小时,试验", "办理,一般,0101,咨询,4,小时,试验"], 3),
        (["办理,一般,0101,咨询,4,小时,试验", "办理,一般,0101,,5,小时,试验"], 4),
        (["办理,一般,0101,,5,小时,试验", "办理,一般,,咨询,6,小时,试验"], 5),
        (["办理,一般,,咨询,6,小时,试验", "办理,一般,,投诉,7,小时,试验"], 6),
        (["办理,一般,,投诉,7,小时,试验", "办理,紧急,010101,咨询,8,小时,试验"], 1),
    ],
)
def test_the_nearest_category_comes_first_and_at_each_the_kind(folder: Path, lines: list[str], amount: int) -> None:
    assert with_limits(folder, *lines).limit(*HANDLE, OUTAGE, RequestType.CONSULT).amount == amount


def test_a_request_without_a_kind_or_of_an_unknown_one_has_the_limit_of_all(folder: Path) -> None:
    changed = with_limits(folder, "办理,一般,,咨询,6,小时,试验", "办理,一般,0101,求助,9,小时,试验")
    for kind in (None, "", "rumour"):
        assert changed.limit(*HANDLE, OUTAGE, kind).amount == 1
    assert changed.limit(*HANDLE, OUTAGE, "help").amount == 9
    assert changed.limit(*HANDLE, None, "consult").amount == 6


def test_a_pack_without_the_column_of_kinds_holds_as_before(folder: Path, pack: CityPack) -> None:
    rows = [
        row for row in table(folder, PackFile.LIMITS) if not row["type"] and Clock.from_label(row["clock"]) in REQUIRED_CLOCKS
    ]
    with (folder / "limits.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [name for name in rows[0] if name != "type"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    assert check_pack(folder) == check_pack(sample_city())
    old = load_pack(folder)
    assert old.limit(*HANDLE, OUTAGE, "consult") == pack.limit(*HANDLE, OUTAGE)
    assert old.limit(Clock.CALLBACK, Urgency.URGENT).source == USUAL


def test_every_clock_has_a_limit_of_the_pack_or_of_the_product(folder: Path) -> None:
    bare = with_limits(folder)
    for clock in Clock:
        for urgency in Urgency:
            limit = bare.limit(clock, urgency, OUTAGE, "praise")
            assert limit.amount > 0
            assert (limit.source == USUAL) is (clock not in REQUIRED_CLOCKS)
    assert bare.limit(Clock.SUPPLEMENT, Urgency.CRITICAL) == USUAL_LIMITS[Clock.SUPPLEMENT, Urgency.CRITICAL]


def test_a_limit_of_the_pack_takes_the_place_of_the_usual_one(folder: Path) -> None:
    changed = with_limits(folder, "回访,一般,,,9,小时,试验", "回访,一般,0101,建议,5,小时,试验")
    assert changed.limit(Clock.CALLBACK, Urgency.NORMAL).amount == 9
    assert changed.limit(Clock.CALLBACK, Urgency.NORMAL, PRESSURE, "suggest").amount == 5
    assert changed.limit(Clock.CALLBACK, Urgency.URGENT) == USUAL_LIMITS[Clock.CALLBACK, Urgency.URGENT]


def test_a_kind_that_there_is_not_is_a_fault_with_the_kinds_that_there_are(folder: Path) -> None:
    line = append(folder, "limits.csv", "办理,一般,,抱怨,5,工作日,试验")
    expect(folder, "limits.csv", line, "type", "“抱怨”不是可用的取值")
    assert any("咨询、求助、投诉、举报、建议、表扬" in fault.remedy for fault in check_pack(folder))


def test_a_limit_of_a_kind_is_given_once_and_does_not_stand_for_all(folder: Path) -> None:
    lines = [append(folder, "limits.csv", "办理,一般,0101,投诉,5,工作日,试验") for _ in range(2)]
    expect(folder, "limits.csv", lines[1], "clock", f"“办理／一般／0101／投诉”与第 {lines[0]} 行重复")
    rewrite(folder, "limits.csv", lambda rows: rows.remove(next(row for row in rows if row["clock"] == "签收")))
    append(folder, "limits.csv", "签收,一般,,投诉,5,小时,试验")
    expect(folder, "limits.csv", 0, "clock", "缺少“签收／一般”的通用时限")


def test_the_sample_answers_questions_sooner_than_complaints_and_says_by_which_rule(pack: CityPack) -> None:
    general = pack.limit(*HANDLE)
    consult = pack.limit(*HANDLE, None, "consult")
    assert (consult.unit, general.unit) == (LimitUnit.WORKING_DAY,) * 2
    assert consult.amount < general.amount
    assert pack.limit(*HANDLE, None, "complaint") == general
    assert pack.limit(*HANDLE, REPAIRS, "suggest").amount < pack.limit(*HANDLE, REPAIRS, "help").amount
    assert pack.limit(*HANDLE, OUTAGE, "consult") == pack.limit(*HANDLE, OUTAGE)


def test_the_sample_sets_every_clock_with_a_source(pack: CityPack) -> None:
    for clock in Clock:
        for urgency in Urgency:
            assert pack.limit(clock, urgency).source not in ("", USUAL), (clock, urgency)


def test_a_difference_names_the_kind(folder: Path, pack: CityPack) -> None:
    def sooner(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["type"] == "咨询" and not row["category"])["amount"] = "1"

    rewrite(folder, "limits.csv", sooner)
    append(folder, "limits.csv", "办理,一般,0101,表扬,9,工作日,试验")
    found = diff_packs(pack, load_pack(folder))
    assert [change.name for change in found.of(Part.LIMITS, "修改")] == ["办理/一般/全部类别/咨询"]
    assert [change.name for change in found.of(Part.LIMITS, "新增")] == ["办理/一般/供水/表扬"]


# workbooks


def limits_of(folder: Path, rows: list[list[Any]]) -> tuple[Imported, dict[tuple[str, str, str], str]]:
    """What an import makes of one sheet of limits: (clock, category, kind) -> how long, of what the sheet itself said."""
    made = imported(folder, book(folder, "时限.xlsx", {"时限": rows}), city="")
    own = [row for row in table(made.folder, PackFile.LIMITS) if "时限.xlsx" in row["source"] and row["urgency"] == "一般"]
    return made, {(row["clock"], row["category"], row["type"]): row["amount"] + row["unit"] for row in own}


def test_a_column_of_kinds_is_taken_over(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["环节", "诉求类型", "适用分类", "办理时限"],
        ["办理", "咨询类", None, "1个工作日"],
        ["办理", "建议、表扬", "停水", "7个工作日"],
        ["办理", "投诉举报类", None, "10个工作日"],
        ["办理", "全部", None, "6个工作日"],
        ["办理", None, "水压不足", "8个工作日"],
    ]
    made, taken = limits_of(tmp_path, rows)
    assert said(made, Weight.FAULT) == {}
    assert taken == {
        ("办理", "", "咨询"): "1工作日",
        ("办理", OUTAGE, "建议"): "7工作日",
        ("办理", OUTAGE, "表扬"): "7工作日",
        ("办理", "", "投诉"): "10工作日",
        ("办理", "", "举报"): "10工作日",
        ("办理", "", ""): "6工作日",
        ("办理", PRESSURE, ""): "8工作日",
    }
    pack = load_pack(made.folder)
    assert pack.limit(*HANDLE, None, "denounce").amount == 10
    assert pack.limit(*HANDLE, OUTAGE, "praise").amount == 7


def test_kinds_alone_make_a_table_of_limits(tmp_path: Path) -> None:
    _, taken = limits_of(tmp_path, [["类型", "时限"], ["咨询", "1个工作日"], ["投诉", "9个工作日"]])
    assert taken == {("办理", "", "咨询"): "1工作日", ("办理", "", "投诉"): "9工作日"}


def test_a_column_of_kinds_that_names_matters_is_one_of_matters(tmp_path: Path) -> None:
    made, taken = limits_of(tmp_path, [["环节", "诉求类型", "时限"], ["办理", "停水", "3个工作日"]])
    assert taken == {("办理", OUTAGE, ""): "3工作日"}
    assert said(made, Weight.FAULT) == {}


def test_a_kind_that_there_is_not_is_named_by_its_cell(tmp_path: Path) -> None:
    rows = [
        ["环节", "类型", "适用分类", "时限"],
        ["办理", "抱怨", "停水", "3个工作日"],
        ["办理", "咨询或抱怨", "停水", "3个工作日"],
    ]
    made, taken = limits_of(tmp_path, rows)
    assert {cell: "没有“" in message for cell, message in said(made, Weight.FAULT).items()} == {
        "时限.xlsx【时限】B2": True,
        "时限.xlsx【时限】B3": True,
    }
    assert taken == {}


def test_the_same_kind_twice_with_other_days_is_a_fault(tmp_path: Path) -> None:
    rows = [["环节", "类型", "时限"], ["办理", "咨询", "3个工作日"], ["办理", "咨询", "4个工作日"], ["办理", "投诉", "4个工作日"]]
    made, taken = limits_of(tmp_path, rows)
    assert "不一致" in said(made, Weight.FAULT)["时限.xlsx【时限】C3"]
    assert taken == {("办理", "", "咨询"): "3工作日", ("办理", "", "投诉"): "4工作日"}


STEPS = {
    "派单时限": Clock.DISPATCH,
    "协办单位反馈": Clock.COOPERATE,
    "办结审核": Clock.CHECK,
    "电话回访": Clock.CALLBACK,
    "回头看": Clock.RECHECK,
    "重新办理": Clock.REDO,
    "专题会商": Clock.CONFERENCE,
    "补充材料": Clock.SUPPLEMENT,
    "吹哨响应": Clock.WHISTLE_ANSWER,
    "接哨到场": Clock.WHISTLE_ARRIVE,
    "督办办结": Clock.SUPERVISE,
    "事项准入": Clock.ADMISSION,
    "资料归档": Clock.ARCHIVE,
    "异议审核": Clock.REVIEW,
    "办结": Clock.HANDLE,
}
"""Steps by the words of office tables."""


def test_each_step_is_known_by_the_words_of_office_tables(tmp_path: Path) -> None:
    steps = [[step, "一般", f"{days}个工作日"] for days, step in enumerate(STEPS, start=1)]
    _, taken = limits_of(tmp_path, [["环节", "紧急程度", "时限"], *steps])
    assert taken == {(clock.label, "", ""): f"{days}工作日" for days, clock in enumerate(STEPS.values(), start=1)}
