"""Each rule of a city pack, broken once in a copy of the sample: the fault names the file and the line."""

import csv
from pathlib import Path

import pytest
from breaking import Row, append, expect, line_of, rewrite, set_cell
from hypothesis import given, settings
from hypothesis import strategies as st

from city import PackError, Severity, check_pack, load_pack, sample_city
from city.handling import USUAL_HANDLING
from city.layout import LAYOUTS, PackFile

OPTIONAL = {
    PackFile.HANDLING,
    PackFile.CAMERA_RULES,
    PackFile.GRID_EVENTS,
    PackFile.SAYINGS,
    PackFile.WORKERS,
    PackFile.CAMERAS,
}


def test_the_sample_pack_has_no_faults_and_warns_only_of_the_year_not_announced() -> None:
    found = [(fault.file, fault.field, fault.severity) for fault in check_pack(sample_city())]
    assert found == [("calendar.yaml", "years.2027.provisional", Severity.WARNING)]


@pytest.mark.parametrize(
    ("file", "line", "field", "value", "part"),
    [
        ("categories.csv", 5, "parent", "77", "不存在"),
        ("categories.csv", 5, "code", "", "不能为空"),
        ("categories.csv", 5, "code", "01/02", "不能用的字符"),
        ("categories.csv", 5, "words", "停水;停水", "不止一次"),
        ("areas.csv", 3, "parent", "nowhere", "不存在"),
        ("areas.csv", 3, "parent", "", "只有市没有上级"),
        ("areas.csv", 3, "level", "镇街", "层级"),
        ("areas.csv", 3, "level", "省", "不是可用的取值"),
        ("units.csv", 2, "kind", "公司", "不是可用的取值"),
        ("units.csv", 2, "code", "城管", "主题名"),
        ("units.csv", 2, "parent", "nobody", "不存在"),
        ("units.csv", 2, "area", "nowhere", "不存在"),
        ("units.csv", 2, "area", "990102", "服务"),
        ("units.csv", 2, "abolished", "2026-02-30", "不是日期"),
        ("duty.csv", 2, "categories", "", "没有对应任何分类"),
        ("duty.csv", 2, "categories", "999999", "不存在"),
        ("duty.csv", 2, "lead", "", "不能为空"),
        ("duty.csv", 2, "lead", "nobody", "不存在"),
        ("duty.csv", 2, "lead", "p-gongshui;p-ranqi", "不止一个主办"),
        ("duty.csv", 2, "lead", "line:城市管理@planet", "写法不对"),
        ("duty.csv", 2, "lead", "line:航天@district", "找不到单位"),
        ("duty.csv", 2, "cooperators", "nobody", "不存在"),
        ("duty.csv", 2, "cooperators", "p-gongshui", "又列为协办"),
        ("duty.csv", 2, "legal_basis", "", "不能为空"),
        ("duty.csv", 2, "township_role", "兜底", "不是可用的取值"),
        ("grids.csv", 2, "community", "nowhere", "不存在"),
        ("grids.csv", 2, "community", "990102", "不是村社区"),
        ("grids.csv", 2, "worker_unit", "nobody", "不存在"),
        ("grids.csv", 2, "polygon", "一块地", "WKT"),
        ("grids.csv", 2, "polygon", "POINT (105 38.9)", "WKT"),
        ("grids.csv", 2, "polygon", "POLYGON EMPTY", "没有面积"),
        ("grids.csv", 2, "polygon", "POLYGON ((105 38, 105.1 38.1, 105.1 38, 105 38.1, 105 38))", "自相交"),
        ("grids.csv", 2, "polygon", "POLYGON ((38 105, 38.1 105, 38.1 105.1, 38 105))", "中国范围"),
        ("places.csv", 2, "area", "nowhere", "不存在"),
        ("places.csv", 2, "grid", "nowhere", "不存在"),
        ("places.csv", 2, "lon", "", "只填了一个"),
        ("places.csv", 2, "lon", "东经", "不是经纬度"),
        ("places.csv", 2, "lat", "nan", "不是经纬度"),
        ("high_risk.csv", 2, "urgency", "加急", "不是可用的取值"),
        ("slots.csv", 4, "number", "0", "大于零"),
        ("slots.csv", 4, "area", "", "没有对应的区县"),
        ("slots.csv", 4, "area", "990102001", "不是 areas.csv 中的区县"),
        ("slots.csv", 2, "area", "990102", "不对应区县"),
        ("limits.csv", 2, "amount", "0", "大于零"),
        ("limits.csv", 2, "amount", "-3", "大于零"),
        ("limits.csv", 2, "amount", "²", "大于零"),
        ("limits.csv", 2, "source", "", "不能为空"),
        ("limits.csv", 2, "unit", "周", "不是可用的取值"),
        ("limits.csv", 2, "category", "999999", "不存在"),
        ("match_windows.csv", 2, "category", "999999", "不存在"),
        ("match_windows.csv", 2, "hours", "一天", "大于零"),
        ("camera_classes.csv", 2, "category", "999999", "不存在"),
        ("grid_events.csv", 2, "category", "999999", "不存在"),
        ("sayings.csv", 2, "category", "999999", "不存在"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(folder: Path, file: str, line: int, field: str, value: str, part: str) -> None:
    set_cell(folder, file, line, field, value)
    expect(folder, file, line, field, part)
    with pytest.raises(PackError) as raised:
        load_pack(folder)
    assert any((fault.file, fault.line) == (file, line) for fault in raised.value.faults)
    assert "未加载" in str(raised.value)


@pytest.mark.parametrize(
    "file", ["areas.csv", "categories.csv", "units.csv", "duty.csv", "grids.csv", "workers.csv", "slots.csv"]
)
def test_a_code_is_given_once(folder: Path, file: str) -> None:
    rows = (folder / file).read_text(encoding="utf-8").splitlines()
    line = append(folder, file, rows[1])
    expect(folder, file, line, "code", "与第 2 行重复")


def test_a_slot_number_is_given_once(folder: Path) -> None:
    line = append(folder, "slots.csv", "3,old,旧城区,,2020-01-01")
    expect(folder, "slots.csv", line, "number", "与第 4 行重复")


def test_a_district_without_a_slot_is_a_fault_of_the_file(folder: Path) -> None:
    rewrite(folder, "slots.csv", lambda rows: rows.pop())
    expect(folder, "slots.csv", 0, "area", "棠湾区")


def test_a_district_has_one_slot(folder: Path) -> None:
    line = append(folder, "slots.csv", "9,yunxi-2,云溪区二,990102,")
    expect(folder, "slots.csv", line, "area", "已有分区")


@pytest.mark.parametrize("code", ["none", "city"])
def test_the_slots_without_a_place_must_be_there(folder: Path, code: str) -> None:
    def drop(rows: list[Row]) -> None:
        rows[:] = [row for row in rows if row["code"] != code]

    rewrite(folder, "slots.csv", drop)
    expect(folder, "slots.csv", 0, "code", code)


@pytest.mark.parametrize("file", ["categories.csv", "areas.csv", "units.csv"])
def test_parents_do_not_go_in_circles(folder: Path, file: str) -> None:
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    set_cell(folder, file, 2, "parent", rows[1]["code"])
    set_cell(folder, file, 3, "parent", rows[0]["code"])
    expect(folder, file, 2, "parent", "绕了一圈")
    expect(folder, file, 3, "parent", "绕了一圈")


def test_a_department_matter_never_has_a_grassroots_lead(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "name", "生活垃圾清运")
    set_cell(folder, "duty.csv", line, "cooperators", "")
    set_cell(folder, "duty.csv", line, "lead", "line:属地@street")
    expect(folder, "duty.csv", line, "lead", "主办却是基层单位")


def test_a_department_matter_never_names_one_township_as_lead_either(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "name", "生活垃圾清运")
    set_cell(folder, "duty.csv", line, "lead", "t-linjiang")
    expect(folder, "duty.csv", line, "lead", "主办却是基层单位")


def test_a_negative_list_matter_never_has_a_township_lead(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "list_kind", "负面")
    set_cell(folder, "duty.csv", line, "township_role", "主责")
    set_cell(folder, "duty.csv", line, "lead", "line:属地@street")
    expect(folder, "duty.csv", line, "lead", "负面清单")


def test_a_negative_list_matter_asks_no_help_of_the_grassroots(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "list_kind", "负面")
    set_cell(folder, "duty.csv", line, "cooperators", "line:属地@street")
    expect(folder, "duty.csv", line, "cooperators", "要求基层配合")


def test_a_township_without_a_role_is_no_cooperator(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "township_role", "配合")
    set_cell(folder, "duty.csv", line, "township_role", "无")
    expect(folder, "duty.csv", line, "cooperators", "协办中却有基层单位")


def test_a_township_with_the_main_role_is_the_lead(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "township_role", "配合")
    set_cell(folder, "duty.csv", line, "township_role", "主责")
    expect(folder, "duty.csv", line, "township_role", "主办却是职能部门")


def test_a_line_has_one_unit_in_an_area(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "lead", "line:城市管理@district")
    append(folder, "units.csv", "yunxi-zhifa,云溪区执法队,区县部门,,990102,城市管理,,,")
    expect(folder, "duty.csv", line, "lead", "不止一个单位")


def test_a_district_without_the_unit_is_a_warning_only(folder: Path) -> None:
    line = line_of(folder, "duty.csv", "lead", "line:城市管理@district")
    unit = line_of(folder, "units.csv", "code", "qinghe-chengguan")
    set_cell(folder, "units.csv", unit, "line", "别的")
    expect(folder, "duty.csv", line, "lead", "青禾县没有单位", Severity.WARNING)
    loaded = load_pack(folder)
    assert loaded.warnings
    assert loaded.resolve("line:城市管理@district", "990121") is None


def test_an_abolished_unit_names_a_successor_that_exists(folder: Path) -> None:
    line = line_of(folder, "units.csv", "code", "c-guihua")
    set_cell(folder, "units.csv", line, "successor", "nobody")
    expect(folder, "units.csv", line, "successor", "不存在")
    set_cell(folder, "units.csv", line, "successor", "")
    expect(folder, "units.csv", line, "successor", "没有写明承接单位")
    set_cell(folder, "units.csv", line, "successor", "c-guihua")
    expect(folder, "units.csv", line, "successor", "绕了一圈")


def test_a_successor_without_a_day_of_abolition_is_a_fault(folder: Path) -> None:
    line = line_of(folder, "units.csv", "code", "c-guihua")
    set_cell(folder, "units.csv", line, "abolished", "")
    expect(folder, "units.csv", line, "abolished", "没有撤销日期")


def test_two_grids_do_not_cover_the_same_ground(folder: Path) -> None:
    with (folder / "grids.csv").open(encoding="utf-8", newline="") as stream:
        polygon = next(csv.DictReader(stream))["polygon"]
    set_cell(folder, "grids.csv", 3, "polygon", polygon)
    expect(folder, "grids.csv", 3, "polygon", "（第 2 行）重叠")


def test_a_place_outside_its_grid_is_a_warning(folder: Path) -> None:
    set_cell(folder, "places.csv", 2, "lon", "105.9")
    expect(folder, "places.csv", 2, "grid", "不在网格", Severity.WARNING)


def test_every_clock_has_a_limit_for_every_urgency(folder: Path) -> None:
    rewrite(folder, "limits.csv", lambda rows: rows.pop(0))
    expect(folder, "limits.csv", 0, "clock", "签收／一般")


def test_a_limit_is_given_once(folder: Path) -> None:
    line = append(folder, "limits.csv", "签收,一般,,,9,小时,试验")
    expect(folder, "limits.csv", line, "clock", "与第 2 行重复")


@pytest.mark.parametrize("file", sorted(PackFile))
def test_a_missing_file_is_a_fault_and_only_that(folder: Path, file: PackFile) -> None:
    (folder / file).unlink()
    faults = check_pack(folder)
    if file in OPTIONAL:
        assert faults == check_pack(sample_city())
        pack = load_pack(folder)
        empty = {} in (pack.grid_events, pack.workers, pack.cameras, pack.camera_rules)
        assert empty or pack.sayings == () or pack.handling == USUAL_HANDLING
        return
    errors = [(fault.file, fault.line, fault.message) for fault in faults if fault.severity is Severity.ERROR]
    assert errors == [(file, 0, "缺少文件")]
    with pytest.raises(PackError):
        load_pack(folder)


@pytest.mark.parametrize("file", sorted(PackFile))
def test_bytes_that_are_not_utf_8_are_named_with_their_line(folder: Path, file: PackFile) -> None:
    path = folder / file
    lines = path.read_bytes().split(b"\n")
    lines.insert(2, "编码".encode("gbk"))
    path.write_bytes(b"\n".join(lines))
    expect(folder, file, 3, "", "不是 UTF-8")


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    path = folder / "areas.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_pack(folder) == check_pack(sample_city())


@pytest.mark.parametrize("file", sorted(LAYOUTS))
def test_a_row_with_too_few_columns_is_a_fault(folder: Path, file: PackFile) -> None:
    line = append(folder, file, "x")
    expect(folder, file, line, "", "这一行有 1 列")


@pytest.mark.parametrize("file", sorted(LAYOUTS))
def test_an_unknown_column_is_a_warning_a_doubled_or_missing_one_an_error(folder: Path, file: PackFile) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines()
    first = LAYOUTS[file].columns[0]
    path.write_text("\n".join([f"{lines[0]},colour"]), encoding="utf-8")
    expect(folder, file, 1, "colour", "不认识的列", Severity.WARNING)
    path.write_text(f"{lines[0]},{first}\n", encoding="utf-8")
    expect(folder, file, 1, first, "不止一次")
    path.write_text(lines[0].replace(first, "other", 1), encoding="utf-8")
    expect(folder, file, 1, first, "缺少这一列")
    path.write_text("", encoding="utf-8")
    expect(folder, file, 1, "", "没有表头")


def test_an_open_quotation_mark_is_named_where_it_opens(folder: Path) -> None:
    line = append(folder, "areas.csv", '990102999,"没有关上')
    expect(folder, "areas.csv", line, "", "CSV 格式有误")


def test_a_row_over_several_lines_keeps_the_later_line_numbers_right(folder: Path) -> None:
    path = folder / "high_risk.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1:1] = ['"新词","两行', '的说明",紧急', "坏词,说明,加急"]
    path.write_text("\n".join(lines), encoding="utf-8")
    expect(folder, "high_risk.csv", 4, "urgency", "加急")


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "part"),
    [
        ("calendar.yaml", "2026-02-17", "2026-02-30", "years.2026.holidays", "不是真实存在的日期"),
        ("calendar.yaml", "- 2026-02-14", "- 2025-02-14", "years.2026.make_up_days", "不在 2026 年"),
        ("calendar.yaml", "- 2026-02-14", "- 2026-02-17", "years.2026.make_up_days", "既放假又上班"),
        ("calendar.yaml", "- 2026-02-14", "- 2026-02-12", "years.2026.make_up_days", "不是周末"),
        ("calendar.yaml", "provisional: true", "provisional: 是", "years.2027.provisional", "true 或 false"),
        ("calendar.yaml", '["08:30", "12:00"]', '["12:00", "08:30"]', "working_hours", "颠倒"),
        ("calendar.yaml", '["08:30", "12:00"]', '["早上", "12:00"]', "working_hours", "不是一段时间"),
        ("pack.yaml", "Asia/Shanghai", "Mars/Base", "zone", "不是时区"),
        ("pack.yaml", "2026-01-01", "2026-13-01", "effective", "不是日期"),
        ("pack.yaml", "name: 示例市", "name: []", "name", "缺少"),
        ("pack.yaml", "value: 0.8", "value: 8", "policy.near_text_threshold", "之间的数"),
        ("pack.yaml", "value: 72", "value: 三天", "policy.match_window_hours", "之间的数"),
        ("pack.yaml", "version: ", "name: 又一个\nversion: ", "name", "写了两次"),
    ],
)
def test_a_wrong_value_in_yaml_is_named_with_its_line(folder: Path, file: str, old: str, new: str, field: str, part: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    expect(folder, file, line, field, part)


def test_every_figure_and_every_year_has_a_source(folder: Path) -> None:
    for file, field in (("pack.yaml", "policy."), ("calendar.yaml", "years.")):
        path = folder / file
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(line for line in lines if "source:" not in line), encoding="utf-8")
        assert any(fault.file == file and fault.field.startswith(field) for fault in check_pack(folder))


def test_broken_yaml_is_named_with_its_line(folder: Path) -> None:
    for text, part in (("name: [示例市\n", "YAML 格式有误"), ("a: &x 1\nb: *x\n", "锚点"), ("- 1\n", "键: 值")):
        (folder / "pack.yaml").write_text(text, encoding="utf-8")
        assert any(part in fault.message and fault.line for fault in check_pack(folder))


def test_yaml_that_nests_without_end_is_a_fault(folder: Path) -> None:
    (folder / "pack.yaml").write_text("[" * 5000, encoding="utf-8")
    assert any(fault.file == "pack.yaml" for fault in check_pack(folder))


def test_a_folder_that_is_not_there_is_a_list_of_missing_files(tmp_path: Path) -> None:
    faults = check_pack(tmp_path / "nowhere")
    assert {fault.file for fault in faults} == set(PackFile) - OPTIONAL


@settings(max_examples=60, deadline=None)
@given(file=st.sampled_from(sorted(PackFile)), junk=st.binary(max_size=300), keep=st.integers(0, 3))
def test_no_content_whatever_makes_the_check_fail(
    tmp_path_factory: pytest.TempPathFactory, file: PackFile, junk: bytes, keep: int
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for name in PackFile:
        content = (sample_city() / name).read_bytes()
        if name is file:
            content = b"\n".join([*content.split(b"\n")[:keep], junk])
        (folder / name).write_bytes(content)
    for fault in check_pack(folder):
        assert fault.message
        assert fault.remedy
        assert fault.line >= 0
