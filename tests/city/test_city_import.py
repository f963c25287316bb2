"""From office workbooks to a pack: what is planted is named by cell, and nothing else is called wrong."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_books import CATEGORY_FAULTS, CITY, CITY_FAULTS, DUTY_FAULTS, category_book, city_book, duty_book, square
from import_runs import DAY, book, imported, said, table

from city import LimitUnit, PackError, load_pack, sample_city
from city.importing import REPORT, Imported, Kind, Order, Weight, import_pack, plan
from city.importing.day_text import parse_days
from city.importing.limit_text import LimitText, parse_limit
from city.importing.text import parts, tidy
from city.layout import LAYOUTS, PackFile
from language.numerals import chinese
from schemas.errors import ContractError

PLANTED = {"category": CATEGORY_FAULTS, "duty": DUTY_FAULTS, "city": CITY_FAULTS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("books")
    books = [category_book(folder), duty_book(folder), city_book(folder)]
    return import_pack(Order(books, folder / "pack", DAY, base=sample_city(), city=CITY, version="2026.1"))


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_every_planted_fault_is_named_by_sheet_and_cell(made: Imported, planted: dict[str, str]) -> None:
    faults = said(made, Weight.FAULT)
    assert {cell: part for cell, part in planted.items() if part not in faults.get(cell, "")} == {}


def test_nothing_else_is_called_a_fault(made: Imported) -> None:
    assert set(said(made, Weight.FAULT)) == {cell for planted in PLANTED.values() for cell in planted}
    assert all(finding.remedy for finding in made.findings if finding.weight is not Weight.NOTE)


def test_every_guess_is_named_by_its_cell(made: Imported) -> None:
    guesses = said(made, Weight.GUESS)
    assert "隐藏的 1 行未导入" in guesses["事项分类.xlsx【2026版】第10行"]
    assert "“10102”按“010102”导入" in guesses["事项分类.xlsx【2026版】E5"]
    assert "“市综执局”按“云海市城市管理和综合行政执法局”导入" in guesses["权责清单.xlsx【派单目录】D7"]
    assert "相近" in guesses["权责清单.xlsx【派单目录】E7"]
    assert "按分类“环境卫生/噪声/施工噪声”理解" in guesses["权责清单.xlsx【派单目录】C11"]
    assert "“天”按自然日计" in guesses["权责清单.xlsx【派单目录】H8"]
    assert "坐标先写了纬度" in guesses["基础信息.xlsx【Sheet3】E4"]


def test_what_was_taken_is_a_sound_pack(made: Imported) -> None:
    assert made.usable
    pack = load_pack(made.folder)
    assert (pack.name, pack.version, pack.effective) == (CITY, "2026.1", DAY)
    assert pack.categories["010201"].words == ("井盖丢了", "井盖坏了")
    assert [category.name for category in pack.ancestors("010102")] == ["供水", "市政公用"]
    items = {item.name: item for item in pack.duty_items.values()}
    assert set(items) == {"停水抢修", "水压保障", "井盖维护", "垃圾清运", "施工噪声查处"}
    assert items["停水抢修"].cooperators == ("line:属地@street",)
    assert items["水压保障"].cooperators == ("line:住房和城乡建设@district", items["井盖维护"].lead)
    assert items["垃圾清运"].lead == "line:城市管理和综合行政执法@district"
    assert set(pack.grids) == {"980102001001001", "980102001001002", "980103001001001"}
    assert (
        pack.resolve("line:住房和城乡建设@district", pack.grids["980103001001001"].community)
        == pack.unit_names["西山区住房和城乡建设局"][0]
    )
    assert not pack.calendar.is_working_day(date(2026, 2, 20))
    assert pack.calendar.is_working_day(date(2026, 2, 14))


def test_the_report_beside_the_pack_lists_everything(made: Imported) -> None:
    with (made.folder / REPORT).open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == len(made.findings)
    assert rows[0]["轻重"] == "错误"


def test_the_same_workbooks_always_give_the_same_bytes(made: Imported, tmp_path: Path) -> None:
    books = [category_book(tmp_path), duty_book(tmp_path), city_book(tmp_path)]
    again = imported(tmp_path, *books)
    for file in PackFile:
        if (made.folder / file).exists():
            assert (again.folder / file).read_bytes() == (made.folder / file).read_bytes(), file


def test_a_plan_names_kind_header_and_columns_and_writes_nothing(tmp_path: Path) -> None:
    sheets, findings = plan([duty_book(tmp_path)], None)
    assert list(findings) == []
    (sheet,) = sheets
    assert sheet.table is not None
    assert (sheet.table.kind, sheet.table.header) == (Kind.DUTY, (2, 3))
    assert [column.heading for column in sheet.table.columns][3:5] == ["主办单位/牵头", "主办单位/配合"]
    assert [one.name for one in tmp_path.iterdir()] == ["权责清单.xlsx"]


HEADINGS: dict[PackFile, str] = {
    PackFile.AREAS: "code=区划代码 name=区划名称 parent=上级代码 aliases=别名",
    PackFile.CATEGORIES: "code=分类编码 name=分类名称 parent=上级编码 aliases=别名 words=常见说法",
    PackFile.UNITS: "code=单位编码 name=单位名称 kind=单位性质 parent=上级单位 area=所属区域 line=条线 aliases=简称 "
    "successor=承接单位 abolished=撤销日期",
    PackFile.DUTY: "code=事项编码 name=事项名称 categories=对应分类 lead=主办单位 cooperators=协办单位 "
    "township_role=乡镇(街道)职责 list_kind=清单类型 legal_basis=法律依据 words=关键词 "
    "grassroots_does=镇街做什么 support=部门给什么支持",
    PackFile.GRIDS: "code=网格编码 name=网格名称 kind=网格类型 community=社区编码 worker_unit=所属单位 polygon=边界",
    PackFile.PLACES: "name=地名 kind=地名类型 aliases=别名 area=所属区域 grid=网格编码 lon=经度 lat=纬度",
    PackFile.LIMITS: "clock=环节 urgency=紧急程度 category=适用分类 type=诉求类型 amount=办理时限 source=依据",
    PackFile.WORKERS: "code=岗位编码 level=岗位级别 grid=网格编码 area=所属区域 upper=上级岗位编码 unit=所属单位",
    PackFile.CAMERAS: "device=设备编码 name=点位名称 grid=网格编码 lon=经度 lat=纬度 unit=权属单位 faces=监控场所",
}


def test_a_pack_written_into_a_workbook_comes_back_as_it_was(tmp_path: Path) -> None:
    sheets = {}
    for file, pairs in HEADINGS.items():
        headings = dict(pair.split("=") for pair in pairs.split())
        rows = table(sample_city(), file)
        for row in rows:
            row["amount"] = f"{row['amount']}个{row['unit']}" if file is PackFile.LIMITS else ""
        sheets[f"表{len(sheets)}"] = [list(headings.values()), *([row[column] or None for column in headings] for row in rows)]
    back = imported(tmp_path, book(tmp_path, "全部.xlsx", sheets), city="")
    assert [finding for finding in back.findings if finding.weight is not Weight.NOTE] == []
    for file in LAYOUTS:
        whole = {tuple(sorted(row.items())) for row in table(sample_city(), file)}
        assert {tuple(sorted(row.items())) for row in table(back.folder, file)} == whole, file


def test_what_the_check_of_the_pack_finds_is_named_by_cell(tmp_path: Path) -> None:
    grids = [
        ["网格编码", "网格名称", "区县", "街道", "社区", "边界"],
        ["980102001001001", "一", "东湖区", "翠湖街道", "滨湖社区", square(0)],
        ["980102001001002", "二", "东湖区", "翠湖街道", "滨湖社区", square(0)],
    ]
    units = [["单位名称", "单位性质", "所属区县"], ["翠湖街道办事处", "乡镇街道", "东湖区"]]
    back = imported(tmp_path, book(tmp_path, "网格.xlsx", {"单位": units, "网格": grids}))
    assert not back.usable
    assert "重叠" in said(back, Weight.FAULT)["网格.xlsx【网格】F3"]


def test_a_mapping_file_says_what_was_not_recognised(tmp_path: Path) -> None:
    duty = [["工作台账"], ["谁办", "办什么", "哪一类"], ["城管队", "清运垃圾", "停水"], ["老部门", "修路灯", "停水"]]
    units = [["单位名称", "单位性质"], ["云海市城市管理局", "市直部门"]]
    path = book(tmp_path, "台账.xlsx", {"台账": duty, "单位": units})
    mapping = tmp_path / "对照.yaml"
    mapping.write_text(
        "sheets:\n  台账.xlsx【台账】:\n    kind: 权责清单\n    header: 2\n    last: 3\n"
        "    columns: {A: 主办单位, 办什么: 名称, 哪一类: 对应分类}\n    fill: {法律依据: 《城市市容和环境卫生管理条例》}\n"
        "units:\n  城管队: 云海市城市管理局\n",
        "utf-8",
    )
    before = imported(tmp_path, path)
    assert table(before.folder, PackFile.DUTY) == []
    after = imported(tmp_path, path, mapping=mapping)
    assert said(after, Weight.FAULT) == {}
    (item,) = load_pack(after.folder).duty_items.values()
    assert (item.name, item.legal_basis) == ("清运垃圾", "《城市市容和环境卫生管理条例》")
    assert load_pack(after.folder).units[item.lead].name == "云海市城市管理局"


def test_a_fault_in_the_mapping_file_is_named_by_its_line(tmp_path: Path) -> None:
    mapping = tmp_path / "对照.yaml"
    mapping.write_text("sheets:\n  派单目录:\n    kind: 清单\n    columns: {A: 主管}\n    colour: red\n", "utf-8")
    _, findings = plan([duty_book(tmp_path)], mapping)
    assert {str(finding.spot) for finding in findings} == {"对照.yaml第3行", "对照.yaml第4行", "对照.yaml第5行"}


def test_the_next_years_list_keeps_the_codes_of_the_last(tmp_path: Path) -> None:
    sample = load_pack(sample_city())
    tree = [["一级分类", "二级分类", "三级分类"], ["市政公用", "供水", "停水"], ["市政公用", "供水", "消火栓漏水"]]
    units = [["单位名称", "单位性质", "撤销日期", "承接单位"], ["示例市商务局", "市直部门", "2026-05-01", "市市监局"]]
    back = imported(tmp_path, book(tmp_path, "新.xlsx", {"分类": tree, "单位": units}), city="", version="")
    pack = load_pack(back.folder)
    assert (pack.name, pack.version) == (sample.name, "2026.2")
    assert pack.categories["010101"].name == "停水"
    assert {category.code for category in pack.categories.values()} - set(sample.categories) != set()
    assert set(pack.units) == set(sample.units)
    assert pack.units["c-shangwu"].successor == "c-shijian"
    assert pack.slots == sample.slots
    assert "单位名录里没有" in said(back, Weight.NOTE)["原配置包"]


def test_a_column_of_marks_and_a_tree_inside_the_duty_list(tmp_path: Path) -> None:
    duty = [
        ["大类", "小类", "牵头部门", "镇街职责", None, "设定依据"],
        [None, None, None, "主责", "配合", None],
        ["环境卫生", "暴露垃圾", "市城管局", None, "√", "《条例》"],
        [None, "乱贴小广告", "属地镇街", "√", None, "《条例》"],
        [None, "乱泼污水", "市城管局", "√", "√", "《条例》"],
    ]
    units = [
        ["单位名称", "所属区县", "单位编码"],
        ["云海市城市管理局", None, "001"],
        ["翠湖街道办事处", "东湖区", 2],
        ["示例", "东湖区", "城管"],
    ]
    areas = [["区县", "镇街", "社区"], ["东湖区", "翠湖街道", "滨湖社区"]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"a": duty, "b": units, "c": areas}))
    assert set(said(back, Weight.FAULT)) == {"表.xlsx【a】E5"}
    guesses = said(back, Weight.GUESS)
    assert "“一级”留空" in guesses["表.xlsx【a】A4:A5"]
    assert "“2”按“002”导入" in guesses["表.xlsx【b】C3"]
    assert "不能用作主题名" in guesses["表.xlsx【b】C4"]
    assert "没有单位性质" in guesses["表.xlsx【b】A2"]
    roles = {row["name"]: (row["lead"], row["township_role"]) for row in table(back.folder, PackFile.DUTY)}
    assert roles == {"暴露垃圾": ("001", "配合"), "乱贴小广告": ("line:属地@street", "主责")}
    assert [row["name"] for row in table(back.folder, PackFile.CATEGORIES)] == ["环境卫生", "暴露垃圾", "乱贴小广告", "乱泼污水"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old or locked", b"a,b\n"])
def test_what_is_no_workbook_is_named_and_nothing_is_raised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "清单.xlsx"
    path.write_bytes(content)
    sheets, findings = plan([path, tmp_path / "没有.xlsx"], None)
    assert sheets == []
    assert [str(finding.spot) for finding in findings] == ["清单.xlsx", "没有.xlsx"]


def test_codes_longer_than_a_number_holds_are_called_lost(tmp_path: Path) -> None:
    grids = [["网格编码", "网格名称", "社区"], [98010200100100123, "一", "滨湖社区"]]
    back = imported(tmp_path, book(tmp_path, "网格.xlsx", {"网格": grids}))
    assert "末几位已经丢失" in said(back, Weight.FAULT)["网格.xlsx【网格】A2"]


def test_a_folder_that_somebody_keeps_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "units.csv").write_text("手工维护", "utf-8")
    with pytest.raises(ContractError, match="不会覆盖"):
        imported(tmp_path, duty_book(tmp_path))
    assert (tmp_path / "pack" / "units.csv").read_text("utf-8") == "手工维护"


def test_a_base_must_be_sound_and_the_city_must_be_known(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ContractError, match="不知道是哪座城市"):
        imported(tmp_path / "a", duty_book(tmp_path), base=None, city="")
    (folder / "units.csv").unlink()
    with pytest.raises(PackError):
        imported(tmp_path / "b", duty_book(tmp_path), base=folder)


def test_without_a_base_what_is_missing_is_said_and_the_check_judges(tmp_path: Path) -> None:
    back = imported(tmp_path, category_book(tmp_path), base=None)
    assert not back.usable
    notes = said(back, Weight.NOTE)
    assert "policy 留空" in notes["pack.yaml"]
    assert "也没有可用的原配置包" in notes["units.csv"]
    assert load_faults(back.folder) != []


def load_faults(folder: Path) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_pack(folder)
    return [str(fault) for fault in raised.value.faults]


TABLES = [
    "一级分类 二级分类 三级分类 编码 关键词",
    "分类编码 分类名称 上级编码",
    "事项名称 事项分类 主办单位 协办单位 乡镇街道职责 法律依据 办理时限",
    "单位名称 简称 单位性质 所属区县 撤销日期 承接单位 单位编码",
    "网格编码 网格名称 社区 街道 区县 边界 所属单位",
    "小区名称 社区 网格编码 经度 纬度 类型",
    "节日 放假时间 调休上班",
    "环节 紧急程度 时限 事项分类",
    "设备编码 点位名称 经度 纬度 权属单位 网格编码 监控场所",
    "岗位级别 街道 社区 网格编码 所属单位 岗位编码 上级岗位编码",
]
ODD: list[Any] = [
    None, None, "停水", "供水", "０１", 1, 10101, 1.5, True, date(2026, 1, 1), "=A1", "#REF!", "市城管局",
    "住建局、城管局", "无", "√", "当日", "5个工作日", "10月1日至8日", "东湖区", "滨湖社区", "翠湖街道办事处", "105.1,38.1",
    "38,105;38,105.1;38.1,105.1", "注:说明", "合计", "line:属地@street", "区县部门", 980102001001001, 1e20, "2.1E+14",
    "配合做好", "县(市、区)", "长" * 200, "甲\n乙", "三级", 2, "一级网格长", "98010200001320000001", 105.0005, 38.0005,
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(TABLES), st.lists(st.lists(st.sampled_from(ODD), max_size=8), max_size=6)), max_size=3))
@settings(max_examples=40, deadline=None)
def test_whatever_the_cells_hold_the_import_ends_with_findings(
    tmp_path_factory: pytest.TempPathFactory, tables: list[tuple[str, list[list[Any]]]]
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    sheets = {f"表{number}": [heads.split(), *rows] for number, (heads, rows) in enumerate(tables)} or {"空": []}
    back = imported(folder, book(folder, "怪.xlsx", sheets), base=None)
    assert all(str(finding) for finding in back.findings)


UNITS: dict[LimitUnit, list[str]] = {
    LimitUnit.WORKING_DAY: ["个工作日", "工作日", "个工作日内办结"],
    LimitUnit.HOUR: ["小时", "个小时", "小时内", "h"],
    LimitUnit.WORKING_HOUR: ["个工作小时", "工作小时以内"],
    LimitUnit.NATURAL_DAY: ["个自然日", "自然日之内完成"],
}
BEFORE = ["", "不超过", "自受理之日起", "应在"]


@given(
    st.integers(1, 9999),
    st.sampled_from([(unit, word) for unit, words in UNITS.items() for word in words]),
    st.sampled_from(BEFORE),
    st.sampled_from([str, chinese, lambda n: str(n).translate({48 + d: 0xFF10 + d for d in range(10)})]),
)
def test_a_limit_means_what_was_written(
    amount: int, unit: tuple[LimitUnit, str], before: str, written: Callable[[int], str]
) -> None:
    assert parse_limit(tidy(f"{before}{written(amount)}{unit[1]}")) == LimitText(amount, unit[0], "")


@given(st.text(alphabet="0123456789一二三十半个工作日小时天周分钟月内(),、。-~至 hH", max_size=20))
@settings(max_examples=300)
def test_a_limit_of_any_text_is_whole_and_positive_or_refused_with_a_reason(text: str) -> None:
    limit = parse_limit(tidy(text))
    assert limit if isinstance(limit, str) else limit.amount >= 1


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 20))
def test_days_come_back_as_written(first: date, more: int) -> None:
    last = date.fromordinal(first.toordinal() + more)
    expected = [date.fromordinal(first.toordinal() + n) for n in range(more + 1)]
    assert parse_days(f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日", None) == expected
    assert parse_days(f"{first}", None) == [first]


@given(st.text(alphabet="0123456789年月日至、-/.( 周六)放假春节", max_size=24))
def test_no_text_is_too_odd_for_days(text: str) -> None:
    assert parse_days(text, 2026)


@given(st.lists(st.text(alphabet="甲乙丙丁局委(),", min_size=1, max_size=5), max_size=4))
def test_a_list_in_a_cell_has_no_empty_and_no_double_part(names: list[str]) -> None:
    found = parts("、".join(names))
    assert len(found) == len(set(found))
    assert all(found)
