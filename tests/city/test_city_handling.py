"""handling.yaml: what it sets, what is left to the product, what is wrong with it; and the three things that must be clear."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from breaking import expect, line_of, set_cell
from import_runs import book, imported, said, small_city, table

from city import AreaLevel, CityPack, Severity, TownshipRole, check_pack, load_pack, sample_city
from city.diff import Part, diff_packs
from city.fault import Fault
from city.handling import (
    USUAL,
    USUAL_HANDLING,
    DeclineReason,
    ExclusionReason,
    Fallback,
    HandOverTo,
    LadderUse,
    ReturnReason,
)
from city.handling_entries import handling_document, handling_entries
from city.handling_figures import FIGURES, WEIGHTS
from city.importing import Weight
from city.layout import PackFile
from city.read_handling import read_handling
from city.records import Figure
from city.terms import WorkerLevel

FILE = PackFile.HANDLING
SAID = {"source": "试验"}


def rules(folder: Path, content: Any) -> list[Fault]:
    """Write these rules; returns what reading them finds wrong."""
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / FILE).write_text(text, "utf-8")
    faults: list[Fault] = []
    read_handling(folder, faults)
    return faults


def only(faults: list[Fault], field: str, part: str, severity: Severity = Severity.ERROR) -> Fault:
    """The one fault, which must name this field and say this, and what to do."""
    assert [(fault.file, fault.field, fault.severity) for fault in faults] == [(FILE, field, severity)], faults
    assert part in faults[0].message
    assert faults[0].remedy
    assert faults[0].line > 0
    return faults[0]


# what holds


def test_a_pack_without_the_file_has_the_usual_rules_and_no_fault_for_it(folder: Path, pack: CityPack) -> None:
    (folder / FILE).unlink()
    assert check_pack(folder) == check_pack(sample_city())
    bare = load_pack(folder)
    assert bare.handling == USUAL_HANDLING
    assert all(entry.usual for entry in handling_entries(bare.handling))
    assert bare.fingerprint != pack.fingerprint


def test_what_the_file_leaves_out_is_the_usual(tmp_path: Path) -> None:
    faults = rules(tmp_path, {"figures": {"returns_max": {"value": 5, **SAID}}, "ladder_hours": {"二级": {"value": 0.5, **SAID}}})
    assert faults == []
    handling, monitored = read_handling(tmp_path, [])
    assert handling.returns_max == Figure(5, "试验")
    assert handling.ladder_hours[WorkerLevel.COMMUNITY].value == 0.5
    assert handling.ladder_hours[WorkerLevel.GRID] == USUAL_HANDLING.ladder_hours[WorkerLevel.GRID]
    assert handling == dataclasses.replace(USUAL_HANDLING, returns_max=handling.returns_max, ladder_hours=handling.ladder_hours)
    assert monitored.records() == ()


def test_a_list_that_the_city_writes_is_the_whole_list(tmp_path: Path) -> None:
    assert rules(tmp_path, {"returns": {"信息不全": SAID}, "declines": {"没有具体诉求": {"path": "再次来电", **SAID}}}) == []
    handling, _ = read_handling(tmp_path, [])
    assert list(handling.returns) == [ReturnReason.INCOMPLETE]
    assert handling.declines[DeclineReason.NO_REQUEST].path == "再次来电"
    assert list(handling.exclusions) == list(ExclusionReason)


def test_every_figure_has_a_name_and_a_range_that_the_usual_value_lies_in() -> None:
    fields = [field.name for field in dataclasses.fields(USUAL_HANDLING)]
    assert {name for name in fields if isinstance(getattr(USUAL_HANDLING, name), Figure)} == set(FIGURES)
    assert all(rule.low <= getattr(USUAL_HANDLING, name).value <= rule.high for name, rule in FIGURES.items())
    assert sum(getattr(USUAL_HANDLING, name).value for name in WEIGHTS) == pytest.approx(1)


def test_rules_written_down_are_read_as_they_were(pack: CityPack, tmp_path: Path) -> None:
    assert rules(tmp_path, handling_document(pack.handling)) == []
    assert read_handling(tmp_path, [])[0] == pack.handling
    assert handling_document(USUAL_HANDLING) == {}


# the sample


def test_the_sample_sets_every_rule_with_a_source(pack: CityPack) -> None:
    entries = handling_entries(pack.handling)
    assert [entry.name for entry in entries if entry.usual or not entry.source] == []
    assert pack.handling.ladder is LadderUse.TOWNSHIP_DUTY
    assert pack.handling.fallback is Fallback.FIRST_LEAD
    assert [step.level for step in pack.handling.escalations] == [1, 2, 3, 4]
    assert set(pack.handling.returns) == set(ReturnReason)
    assert set(pack.handling.declines) == set(DeclineReason)
    assert set(pack.handling.exclusions) == set(ExclusionReason)
    assert set(pack.handling.hand_overs) == set(HandOverTo)


def test_whoever_is_declined_or_handed_over_is_told_the_lawful_way(pack: CityPack) -> None:
    grounds = [*pack.handling.declines.values(), *pack.handling.hand_overs.values()]
    assert all(ground.path for ground in grounds)
    told = pack.handling.declines[DeclineReason.LEGAL_PROCESS].path
    assert all(body in told for body in ("人民法院", "仲裁委员会", "行政复议机构", "信访部门"))
    emergency = pack.handling.declines[DeclineReason.EMERGENCY_LINE].path
    assert all(number in emergency for number in ("110", "119", "120"))


def test_the_sample_watches_31_communities_in_every_street(pack: CityPack) -> None:
    areas = [pack.areas[code] for code in pack.handling.monitoring]
    assert len(set(areas)) == len(areas) == 31
    assert {area.level for area in areas} == {AreaLevel.COMMUNITY}
    streets = {area.code for area in pack.areas.values() if area.level is AreaLevel.STREET}
    assert {area.parent for area in areas} == streets


# faults


@pytest.mark.parametrize(
    ("content", "field", "part"),
    [
        ({"figures": {"returns_max": {"value": 21, **SAID}}}, "figures.returns_max", "0 到 20 之间的整数"),
        ({"figures": {"returns_max": {"value": 2.5, **SAID}}}, "figures.returns_max", "整数"),
        ({"figures": {"returns_max": {"value": "nan", **SAID}}}, "figures.returns_max", "整数"),
        ({"figures": {"returns_max": {"value": "三", **SAID}}}, "figures.returns_max", "整数"),
        ({"figures": {"returns_max": {"value": [3], **SAID}}}, "figures.returns_max", "整数"),
        ({"figures": {"returns_max": SAID}}, "figures.returns_max", "缺少 value"),
        ({"figures": {"returns_max": {"value": 3}}}, "figures.returns_max", "没有写明依据"),
        ({"figures": {"returns_max": 3}}, "figures.returns_max", "键: 值"),
        ({"figures": {"satisfied_from": {"value": 0, **SAID}}}, "figures.satisfied_from", "1 到 5"),
        ({"figures": {"recheck_share": {"value": 5, **SAID}}}, "figures.recheck_share", "0 到 1"),
        ({"figures": {"weight_solved": {"value": 0.5, **SAID}}}, "figures.weight", "之和是 1.15"),
        ({"figures": []}, "figures", "键: 值"),
        ({"fallback": {"value": "市政府", **SAID}}, "fallback", "“市政府”不是可用的取值"),
        ({"fallback": SAID}, "fallback", "缺少 value"),
        ({"fallback": {"value": "牵头部门"}}, "fallback", "没有写明依据"),
        ({"fallback": "牵头部门"}, "fallback", "键: 值"),
        ({"ladder": {"value": "全部", **SAID}}, "ladder", "“全部”不是可用的取值"),
        ({"ladder_hours": {"三级": {"value": 0, **SAID}}}, "ladder_hours.三级", "不大于 0"),
        ({"ladder_hours": {"三级": {"value": -1, **SAID}}}, "ladder_hours.三级", "0 到 720"),
        ({"ladder_hours": {"四级": {"value": 1, **SAID}}}, "ladder_hours.四级", "没有“四级”"),
        ({"ladder_hours": {}}, "ladder_hours", "没有写任何一项"),
        ({"returns": {"心情不好": SAID}}, "returns.心情不好", "没有“心情不好”"),
        ({"returns": {"信息不全": {"path": "补充"}}}, "returns.信息不全", "没有写明依据"),
        ({"returns": {"信息不全": "试验"}}, "returns.信息不全", "键: 值"),
        ({"returns": {}}, "returns", "没有写任何一项"),
        ({"declines": {"信访": SAID}}, "declines.信访", "没有“信访”"),
        ({"exclusions": {"天气": SAID}}, "exclusions.天气", "没有“天气”"),
        ({"hand_overs": {"122": SAID}}, "hand_overs.122", "没有“122”"),
        ({"escalations": []}, "escalations", "没有写任何一级"),
        ({"escalations": ["承办单位"]}, "escalations.1", "键: 值"),
        ({"escalations": [{"level": 0, "working_days": 1, "to": "科长", **SAID}]}, "escalations.1", "缺少 level"),
        ({"escalations": [{"level": 1, "working_days": 1.5, "to": "科长", **SAID}]}, "escalations.1", "working_days"),
        ({"escalations": [{"level": 1, "working_days": 1, **SAID}]}, "escalations.1", "没有写明通知谁"),
        ({"escalations": [{"level": 1, "working_days": 1, "to": "科长"}]}, "escalations.1", "没有写明依据"),
        ({"monitoring": {"areas": ["1"]}}, "monitoring", "没有写明依据"),
        ({"monitoring": SAID}, "monitoring.areas", "缺少 areas"),
        ({"monitoring": {"areas": "1", **SAID}}, "monitoring.areas", "不是列表"),
        ({"monitoring": {"areas": [[]], **SAID}}, "monitoring.areas", "不是区域编码"),
        ([1], "", "键: 值"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, content: Any, field: str, part: str) -> None:
    only(rules(tmp_path, content), field, part)


@pytest.mark.parametrize(("levels", "days"), [((2, 1), (1, 2)), ((1, 1), (1, 2)), ((1, 2), (3, 3)), ((1, 2), (1, -1))])
def test_escalations_rise_in_level_and_in_days(tmp_path: Path, levels: tuple[int, int], days: tuple[int, int]) -> None:
    steps = [{"level": level, "working_days": day, "to": "科长", **SAID} for level, day in zip(levels, days, strict=True)]
    only(rules(tmp_path, {"escalations": steps}), "escalations.2", "没有比上一级大")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"figure": {}}, "figure"),
        ({"figures": {"returns": {"value": 3, **SAID}}}, "figures.returns"),
        ({"figures": {"returns_max": {"value": 3, "unit": "次", **SAID}}}, "figures.returns_max.unit"),
        ({"fallback": {"value": "牵头部门", "why": "x", **SAID}}, "fallback.why"),
        ({"returns": {"信息不全": {"hint": "x", **SAID}}}, "returns.信息不全.hint"),
        ({"escalations": [{"level": 1, "working_days": 1, "to": "科长", "by": "x", **SAID}]}, "escalations.1.by"),
        ({"monitoring": {"areas": [], "count": 0, **SAID}}, "monitoring.count"),
    ],
)
def test_an_unknown_key_is_a_warning_and_the_rest_holds(tmp_path: Path, content: Any, field: str) -> None:
    only(rules(tmp_path, content), field, "不认识的键", Severity.WARNING)


def test_a_wrong_reason_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    fault = only(rules(tmp_path, {"declines": {"不想办": SAID}}), "declines.不想办", "没有“不想办”")
    assert all(reason.label in fault.remedy for reason in DeclineReason)


def test_a_fault_stands_on_its_line(folder: Path) -> None:
    text = (folder / FILE).read_text("utf-8")
    line = text.splitlines().index('    - "990102001005"  # 白石矶社区') + 1
    rules(folder, text.replace('"990102001005"', '"990102001999"'))
    expect(folder, FILE, line, "monitoring.areas", "区域“990102001999”不存在")
    rules(folder, text.replace('"990102001005"', '"990102001003"'))
    expect(folder, FILE, line, "monitoring.areas", "写了不止一次")


def test_a_pack_with_a_wrong_rule_is_not_loaded_and_one_with_an_unknown_key_is(folder: Path) -> None:
    rules(folder, {"fallback": {"value": "市政府", **SAID}})
    assert any(fault.severity is Severity.ERROR for fault in check_pack(folder))
    rules(folder, {"fallbacks": {"value": "市政府", **SAID}})
    assert [fault.field for fault in load_pack(folder).warnings if fault.file == FILE] == ["fallbacks"]


# versions and imports


def test_a_difference_names_each_rule_that_changed(folder: Path, pack: CityPack) -> None:
    content = handling_document(pack.handling)
    content["figures"]["returns_max"] = {"value": 2, **SAID}
    content["monitoring"]["areas"].pop()
    del content["returns"]["重复工单"]
    rules(folder, content)
    found = diff_packs(pack, load_pack(folder))
    changed = {change.key: change for change in found.changes}
    assert {change.part for change in found.changes} == {Part.HANDLING}
    assert set(changed) == {"returns_max", "monitoring", "returns/repeated"}
    assert changed["returns_max"].fields["value"] == ("3", "2")
    assert changed["returns/repeated"].what == "删去"


def test_an_import_keeps_the_rules_of_its_base(tmp_path: Path, pack: CityPack) -> None:
    limits = [["环节", "紧急程度", "时限"], ["办理", "一般", "6个自然日"]]
    made = imported(tmp_path, book(tmp_path, "时限.xlsx", {"时限": limits}), city="")
    assert load_pack(made.folder).handling == pack.handling


def test_an_import_of_another_city_leaves_out_areas_that_it_has_not(tmp_path: Path, pack: CityPack) -> None:
    made = small_city(tmp_path, "地名", [["社区", "小区名称", "网格编码"], ["滨湖社区", "翠湖花园", "980102001001001"]])
    assert load_pack(made.folder).handling == dataclasses.replace(pack.handling, monitoring=())
    assert any("31 个监测点不在新的区划中" in finding.message for finding in made.findings)


# what the grassroots does, and what the department gives for it


def test_the_sample_says_what_the_grassroots_does_wherever_it_has_a_part(pack: CityPack) -> None:
    for item in pack.duty_items.values():
        assert bool(item.grassroots_does) is bool(item.support) is (item.township_role is not TownshipRole.NONE), item.code
    said_of = [item.grassroots_does for item in pack.duty_items.values() if item.grassroots_does]
    assert len(set(said_of)) == len(said_of)
    assert len({item.support for item in pack.duty_items.values()}) > 50


def test_an_old_duty_list_says_neither(folder: Path, pack: CityPack) -> None:
    rows = table(folder, PackFile.DUTY)
    columns = [name for name in rows[0] if name not in ("grassroots_does", "support")]
    lines = [",".join(columns), *(",".join(row[name] for name in columns) for row in rows)]
    (folder / PackFile.DUTY).write_text("\n".join(lines) + "\n", "utf-8")
    old = load_pack(folder)
    assert {item.grassroots_does + item.support for item in old.duty_items.values()} == {""}
    assert [item.lead for item in old.duty_items.values()] == [item.lead for item in pack.duty_items.values()]


@pytest.mark.parametrize(("kind", "part"), [("履职", "却写了基层做什么"), ("负面", "写了基层做什么")])
def test_where_the_township_has_no_part_nothing_is_asked_of_it(folder: Path, kind: str, part: str) -> None:
    line = line_of(folder, "duty.csv", "name", "供水压力保障")
    set_cell(folder, "duty.csv", line, "list_kind", kind)
    set_cell(folder, "duty.csv", line, "grassroots_does", "上门量水压")
    expect(folder, "duty.csv", line, "grassroots_does", part)


def duty_of(folder: Path, *rows: list[Any]) -> tuple[dict[str, tuple[str, str, str]], dict[str, str]]:
    """Role, what the grassroots does and what it is given, by item; and the guesses of the import."""
    made = imported(folder, book(folder, "清单.xlsx", {"清单": list(rows)}), city="")
    items = load_pack(made.folder).duty_items.values()
    taken = {item.name: (item.township_role.label, item.grassroots_does, item.support) for item in items}
    return taken, said(made, Weight.GUESS)


HEADS = ["事项名称", "对应分类", "主办单位", "法律依据"]
ITEM = ["水压检查", "水压不足", "示例市水务局", "《供水条例》"]


@pytest.mark.parametrize(
    ("does", "support"),
    [
        ("镇街做什么", "部门给什么支持"),
        ("配合事项", "支持措施"),
        ("基层具体职责", "部门支持"),
        ("乡镇(街道)配合内容", "保障措施"),
    ],
)
def test_both_are_taken_from_a_workbook(tmp_path: Path, does: str, support: str) -> None:
    taken, guesses = duty_of(tmp_path, [*HEADS, "镇街职责", does, support], [*ITEM, "配合", "逐户登记水压", "水务部门派人测压"])
    assert taken == {"水压检查": ("配合", "逐户登记水压", "水务部门派人测压")}
    assert guesses == {}


def test_without_a_column_of_roles_what_the_grassroots_does_is_help_and_a_guess(tmp_path: Path) -> None:
    other = ["停水公告", "停水", "示例市水务局", "《供水条例》", None]
    taken, guesses = duty_of(tmp_path, [*HEADS, "配合事项"], [*ITEM, "逐户登记水压"], other)
    assert taken == {"水压检查": ("配合", "逐户登记水压", ""), "停水公告": ("无", "", "")}
    assert list(guesses) == ["清单.xlsx【清单】E2"]
    assert "按“配合”导入" in guesses["清单.xlsx【清单】E2"]


@pytest.mark.parametrize(
    ("written", "role"), [("配合做好入户登记和水压测量", "配合"), ("逐户登记水压并上报异常", "配合"), ("无需承担任何工作", "无")]
)
def test_a_sentence_in_the_column_of_roles_is_kept_as_what_the_grassroots_does(tmp_path: Path, written: str, role: str) -> None:
    taken, guesses = duty_of(tmp_path, [*HEADS, "基层职责"], [*ITEM, written])
    assert taken == {"水压检查": (role, written if role == "配合" else "", "")}
    assert f"按“{role}”导入" in guesses["清单.xlsx【清单】E2"]


def test_the_base_s_sentences_stay_where_the_workbook_has_none(tmp_path: Path, pack: CityPack) -> None:
    item = next(item for item in pack.duty_items.values() if item.name == "占道经营查处")
    row = [item.name, "占道经营", "云溪区城市管理局", "《城市市容和环境卫生管理条例》", "配合"]
    taken, _ = duty_of(tmp_path, [*HEADS, "镇街职责"], row)
    assert taken == {item.name: ("配合", item.grassroots_does, item.support)}


def test_usual_rules_are_known_by_their_source() -> None:
    assert {entry.source for entry in handling_entries(USUAL_HANDLING)} == {USUAL}
