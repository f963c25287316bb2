"""Posts of the grid ladder from lists of grid workers: codes, the posts above, and each fault named by its cell."""

from pathlib import Path
from typing import Any

import pytest
from import_books import square
from import_runs import GRIDS, book, imported, said, small_city, table

from city.importing import REPORT, Weight
from city.layout import PackFile

STREET = "980102001"
POST_HEADS = ["岗位级别", "镇街", "社区", "网格编码", "所属单位", "岗位编码", "上级岗位编码"]
LADDER: list[list[Any]] = [
    ["一级", "翠湖街道", None, None, "翠湖街道办事处", "J1"],
    ["二级", "翠湖街道", "滨湖社区", None, "翠湖街道办事处", "S1", "J1"],
    ["二级", "翠湖街道", "滨湖社区", None, "翠湖街道办事处", "S2", "J1"],
    ["三级", "翠湖街道", "滨湖社区", GRIDS[0], "翠湖街道办事处", "W1", "S1"],
    ["三级", "翠湖街道", "滨湖社区", GRIDS[1], "翠湖街道办事处", "W2", "S2"],
]


def test_codes_and_posts_above_that_are_written_are_taken(tmp_path: Path) -> None:
    back = small_city(tmp_path, "岗位", [POST_HEADS, *LADDER])
    assert said(back, Weight.FAULT) == {}
    uppers = {post["code"]: post["upper"] for post in table(back.folder, PackFile.WORKERS)}
    assert uppers == {"J1": "", "S1": "J1", "S2": "J1", "W1": "S1", "W2": "S2"}


@pytest.mark.parametrize(
    ("row", "column", "value", "cell", "part"),
    [
        (3, 6, None, "G5", "“滨湖社区”有 2 个二级岗位(S1、S2),不知道归哪一个"),
        (3, 6, "J1", "G5", "上级岗位“J1”不是“滨湖社区”的二级岗位"),
        (3, 6, "某甲", "G5", "上级岗位不能用"),
        (3, 5, "13800000000", "F5", "岗位编码不能用"),
        (3, 5, 13800000000, "F5", "岗位编码不能用"),
        (3, 5, "990102199001010015", "F5", "岗位编码不能用"),
        (3, 5, 990102199001010000, "F5", "岗位编码不能用"),
        (3, 5, "S1", "F5", "已用于 A3 的岗位"),
        (3, 4, "没有的局", "E5", "认不出单位“没有的局”"),
        (2, 2, "无名社区", "C4", "没有叫“无名社区”的村社区"),
        (0, 0, "四级", "A2", "看不出是哪一级"),
    ],
)
def test_a_wrong_cell_of_a_post_is_a_fault_and_shows_no_person(
    tmp_path: Path, row: int, column: int, value: Any, cell: str, part: str
) -> None:
    rows = [[*one, *[None] * (7 - len(one))] for one in LADDER]
    rows[row][column] = value
    back = small_city(tmp_path, "岗位", [POST_HEADS, *rows])
    assert part in said(back, Weight.FAULT)[f"表.xlsx【岗位】{cell}"]
    report = (back.folder / REPORT).read_text("utf-8-sig")
    assert "某甲" not in report
    assert "13800000000" not in report
    assert "19900101" not in report
    assert back.usable


def test_a_post_without_the_one_above_is_a_fault_with_a_remedy(tmp_path: Path) -> None:
    back = small_city(tmp_path, "岗位", [POST_HEADS, LADDER[0], ["三级", None, None, GRIDS[0]]])
    (fault,) = [finding for finding in back.findings if finding.weight is Weight.FAULT]
    assert str(fault.spot) == "表.xlsx【岗位】G3"
    assert fault.message == "“滨湖社区”没有二级岗位,三级岗位没有上一级"
    assert fault.remedy == "请增加“滨湖社区”的二级岗位一行(姓名可以不填)"
    assert [post["code"] for post in table(back.folder, PackFile.WORKERS)] == ["J1"]


def test_grids_of_one_name_are_told_apart_by_their_community(tmp_path: Path) -> None:
    grids = [["网格编码", "网格名称", "区县", "街道", "社区", "边界"]]
    codes = {"滨湖社区": GRIDS[0], "望湖社区": "980102001002001"}
    grids += [[code, "第一网格", "东湖区", "翠湖街道", name, square(at)] for at, (name, code) in enumerate(codes.items())]
    units = [["单位名称", "单位性质", "所属区县"], ["翠湖街道办事处", "乡镇街道", "东湖区"]]
    posts = [["岗位级别", "镇街", "社区", "网格"], ["一级", "翠湖街道"], *(["二级", None, name] for name in codes)]
    posts += [["三级", None, "望湖社区", "第一网格"], ["三级", None, None, "第一网格"], ["三级", None, None, GRIDS[0]]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"网格": grids, "单位": units, "岗位": posts}))
    assert said(back, Weight.FAULT) == {"表.xlsx【岗位】D6": "有 2 个叫“第一网格”的网格"}
    taken = [post["grid"] for post in table(back.folder, PackFile.WORKERS) if post["grid"]]
    assert taken == [codes["望湖社区"], codes["滨湖社区"]]


def test_one_level_for_a_whole_sheet_stands_in_the_mapping_file(tmp_path: Path) -> None:
    mapping = tmp_path / "对照.yaml"
    mapping.write_text("sheets:\n  街:\n    kind: 网格岗位\n    fill: {岗位: 一级}\n", "utf-8")
    back = small_city(tmp_path, "街", [["镇街", "姓名"], ["翠湖街道", "某甲"]], mapping=mapping)
    assert said(back, Weight.FAULT) == {}
    assert [post["code"] for post in table(back.folder, PackFile.WORKERS)] == [f"w-{STREET}"]
