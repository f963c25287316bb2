"""Cameras and posts from office workbooks: what is planted is named by cell, no person is read, the base fills up."""

from pathlib import Path
from typing import Any

import pytest
from import_books import CITY_FAULTS, DEVICE, PERSONS, STREET_FAULTS, city_book, square, street_book
from import_runs import GRIDS, book, imported, said, small_city, table

from city import CameraView, Severity, WorkerLevel, check_pack, load_pack, sample_city
from city.importing import REPORT, Imported, Kind, Weight, plan
from city.layout import PackFile

COMMUNITY, STREET = "980102001001", "980102001"
CAMERA_HEADS = ["设备编码", "点位名称", "经度", "纬度", "权属单位"]
POST_HEADS = ["岗位级别", "镇街", "社区", "网格编码", "所属单位", "岗位编码", "上级岗位编码"]
SAMPLE_GRID, SAMPLE_COMMUNITY = "990102001001001", "990102001001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("street")
    return imported(folder, city_book(folder), street_book(folder))


@pytest.mark.parametrize(("cell", "part"), STREET_FAULTS.items(), ids=STREET_FAULTS)
def test_every_planted_fault_is_named_by_sheet_and_cell(made: Imported, cell: str, part: str) -> None:
    assert part in said(made, Weight.FAULT).get(cell, "")


def test_nothing_else_is_called_a_fault(made: Imported) -> None:
    assert set(said(made, Weight.FAULT)) == {*STREET_FAULTS, *CITY_FAULTS}
    assert all(finding.remedy for finding in made.findings if finding.weight is not Weight.NOTE)


def test_sound_rows_become_cameras(made: Imported) -> None:
    cameras = load_pack(made.folder).cameras
    assert [code.removeprefix(DEVICE) for code in cameras] == ["01", "02", "10"]
    first, second, third = cameras.values()
    police = load_pack(made.folder).unit_names["云海市公安局"][0].code
    assert (first.name, first.grid, first.unit, first.faces) == ("滨湖东门", GRIDS[0], police, CameraView.GATE)
    assert (second.lon, second.grid, second.unit, second.faces) == (105.0015, GRIDS[1], police, CameraView.STREET)
    assert third.faces is CameraView.STREET


def test_what_was_guessed_of_a_camera_is_named(made: Imported) -> None:
    guesses, notes = said(made, Weight.GUESS), said(made, Weight.NOTE)
    assert "“路面”按“街面”导入" in guesses["街面.xlsx【点位】H4"]
    assert "“天上”按“街面”导入" in guesses["街面.xlsx【点位】H12"]
    assert "“市综执局”按“云海市城市管理和综合行政执法局”导入" in guesses["街面.xlsx【点位】F12"]
    assert "坐标先写了纬度" in guesses["街面.xlsx【点位】D13"]
    assert f"不在网格“{GRIDS[0]}”内，而在“{GRIDS[1]}”内" in notes["街面.xlsx【点位】G12"]
    assert "1 个摄像机没有写网格编码" in notes["街面.xlsx【点位】"]


def test_sound_rows_become_posts_with_codes_made_from_their_place(made: Imported) -> None:
    pack = load_pack(made.folder)
    street = pack.unit_names["翠湖街道办事处"][0].code
    grids = [f"w-{code}" for code in GRIDS]
    assert list(pack.workers) == [f"w-{STREET}", f"w-{COMMUNITY}", *grids]
    assert [(post.level, post.unit) for post in pack.ladder(GRIDS[0])] == [(level, street) for level in WorkerLevel]
    assert {pack.workers[code].upper for code in grids} == {f"w-{COMMUNITY}"}


def test_what_was_understood_of_the_posts_is_said_once_for_the_table(made: Imported) -> None:
    notes = said(made, Weight.NOTE)["街面.xlsx【名册】"]
    assert "3 个岗位没有写上级岗位" in notes
    assert "2 个岗位没有写所属单位" in notes
    assert "1 行与前面的行是同一岗位" in notes
    guesses = said(made, Weight.GUESS)
    assert "“网格员”按“三级”导入" in guesses["街面.xlsx【名册】B6"]
    assert "“翠湖街道”按“翠湖街道办事处”导入" in guesses["街面.xlsx【名册】G4"]


def test_columns_of_persons_are_named_and_never_read(made: Imported) -> None:
    notes = said(made, Weight.NOTE)
    for cell in ("【点位】I2", "【名册】H1", "【名册】I1"):
        assert "是个人信息" in notes[f"街面.xlsx{cell}"]
    written = "".join(file.read_text("utf-8-sig") for file in made.folder.iterdir())
    assert [person for person in PERSONS if person in written] == []


def test_the_pack_that_was_made_is_sound(made: Imported) -> None:
    assert made.usable
    assert (made.counts["cameras.csv"], made.counts["workers.csv"]) == (3, 4)
    assert (made.folder / REPORT).is_file()
    (fault,) = [fault for fault in check_pack(made.folder) if fault.file in (PackFile.WORKERS, PackFile.CAMERAS) and fault.line]
    assert (fault.field, fault.severity) == ("grid", Severity.WARNING)


# cameras


def test_of_several_codes_and_units_the_cameras_own_are_taken(tmp_path: Path) -> None:
    heads = ["设备编号", "国标编码", "监控点名称", "经纬度", "建设单位", "权属单位", "安装位置类型"]
    row = ["SXJ-7", f"{DEVICE}01", "湖边", "105.0005,38.0005", "云海市公安局", "云海市城市管理局", "室内"]
    (camera,) = table(small_city(tmp_path, "监控", [heads, row]).folder, PackFile.CAMERAS)
    assert (camera["device"], camera["unit"], camera["faces"]) == (f"{DEVICE}01", "cheng", "室内")


def test_without_a_column_of_views_all_cameras_face_the_street_and_it_is_said_once(tmp_path: Path) -> None:
    rows = [[f"{DEVICE}{n:02}", f"点{n}", 105.0005, 38.0005, "云海市公安局"] for n in range(3)]
    back = small_city(tmp_path, "监控", [CAMERA_HEADS, *rows])
    assert "3 个摄像机都按“街面”导入" in said(back, Weight.GUESS)["表.xlsx【监控】"]
    assert {camera["faces"] for camera in table(back.folder, PackFile.CAMERAS)} == {"街面"}


def test_what_offices_call_a_view_is_one_of_the_packs(tmp_path: Path) -> None:
    views = {"路口": "路口", "道路交叉口": "路口", "小区大门": "出入口", "河道": "水面", "水库": "水面", "高空瞭望": "高点"}
    views |= {"建筑施工": "工地", "电梯轿厢": "室内", "办事大厅": "室内", "背街小巷": "街面", "东南": "街面"}
    rows = [[f"{DEVICE}{n:02}", "湖边", 105.0005, 38.0005, "云海市公安局", word] for n, word in enumerate(views)]
    back = small_city(tmp_path, "监控", [[*CAMERA_HEADS, "监控场所"], *rows])
    assert [camera["faces"] for camera in table(back.folder, PackFile.CAMERAS)] == list(views.values())
    guessed = {f"表.xlsx【监控】F{row}" for row, (word, view) in enumerate(views.items(), start=2) if word != view}
    assert set(said(back, Weight.GUESS)) == guessed


def test_a_wrong_cell_of_a_camera_is_a_fault_and_the_row_is_left_out(tmp_path: Path) -> None:
    sound: list[Any] = [f"{DEVICE}01", "湖边", 105.0005, 38.0005, "云海市公安局"]
    wrong: list[tuple[dict[int, Any], str, str]] = [
        ({2: 0, 3: 0}, "C", "没有坐标"),
        ({2: "东经105度"}, "C", "不是经度和纬度"),
        ({3: None}, "C", "不是经度和纬度"),
        ({4: None}, "E", "没有权属单位"),
        ({4: "区城管局"}, "E", "“区城管局”没有写明是哪一个单位"),
        ({0: "9801 0200001320000001"}, "A", "不能用的字符"),
        ({0: "9.80102E+19"}, "A", "是科学记数法"),
    ]
    rows = [[changes.get(column, value) for column, value in enumerate(sound)] for changes, _, _ in wrong]
    back = small_city(tmp_path, "监控", [CAMERA_HEADS, *rows])
    assert table(back.folder, PackFile.CAMERAS) == []
    faults = said(back, Weight.FAULT)
    assert len(faults) == len(wrong)
    for row, (_, column, part) in enumerate(wrong, start=2):
        assert part in faults[f"表.xlsx【监控】{column}{row}"]


def test_a_camera_whose_community_is_not_that_of_its_grid_is_a_guess(tmp_path: Path) -> None:
    grids = [["网格编码", "网格名称", "区县", "街道", "社区", "边界"]]
    grids += [[GRIDS[0], "一", "东湖区", "翠湖街道", "滨湖社区", square(0)]]
    grids += [["980102001002001", "二", "东湖区", "翠湖街道", "望湖社区", square(1)]]
    units = [["单位名称", "单位性质", "所属区县"], ["翠湖街道办事处", "乡镇街道", "东湖区"]]
    cameras = [["社区", *CAMERA_HEADS], ["望湖社区", f"{DEVICE}01", "湖边", 105.0005, 38.0005, "翠湖街道办事处"]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"网格": grids, "单位": units, "监控": cameras}))
    assert "属于“滨湖社区”,表中写的是“望湖社区”" in said(back, Weight.GUESS)["表.xlsx【监控】A2"]
    assert [camera["grid"] for camera in table(back.folder, PackFile.CAMERAS)] == [GRIDS[0]]


def test_without_grids_a_camera_is_in_none_and_nothing_is_raised(tmp_path: Path) -> None:
    cameras = [CAMERA_HEADS, [f"{DEVICE}01", "湖边", 105.0005, 38.0005, "云海市公安局"]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"监控": cameras}), base=None)
    assert "坐标不在任何网格内" in said(back, Weight.FAULT)["表.xlsx【监控】C2"]


# recognition


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        ("网格编码 网格名称 社区 街道 岗位级别 所属单位 姓名 电话", Kind.POSTS),
        ("序号 级别 镇街 社区 网格编码 所属单位 网格员姓名 联系电话", Kind.POSTS),
        ("镇街 社区 网格名称 网格员级别 姓名", Kind.POSTS),
        ("网格长级别 街道 社区 所属单位", Kind.POSTS),
        ("级别 街道 社区 所属单位 姓名 手机号", Kind.POSTS),
        ("网格编码 网格名称 街道 社区 网格类型 网格员 联系电话 边界", Kind.GRIDS),
        ("网格编码 网格名称 社区 所属单位 网格员姓名 电话", Kind.GRIDS),
        ("网格编码 网格名称 社区 级别 所属单位 网格员 边界坐标", Kind.GRIDS),
        ("网格编码 网格名称 社区 网格级别 网格长", Kind.GRIDS),
        ("区县 镇街 社区 级别", Kind.AREAS),
        ("单位名称 级别 所属区县 联系人", Kind.UNITS),
        ("设备编码 点位名称 区县 街道 社区 经度 纬度 权属单位", Kind.CAMERAS),
        ("监控点编号 监控点位名称 经纬度 管理单位 网格编码 朝向", Kind.CAMERAS),
        ("通道编码 通道名称 经度 纬度 所属单位 监控场所", Kind.CAMERAS),
        ("点位名称 点位类型 社区 街道 网格编码 经度 纬度", Kind.PLACES),
        ("小区名称 社区 网格编码 经纬度", Kind.PLACES),
        ("设备编码 设备名称 型号 数量", None),
    ],
)
def test_a_table_is_known_by_its_headings(tmp_path: Path, headings: str, kind: Kind | None) -> None:
    heads = headings.split()
    sheets, _ = plan([book(tmp_path, "表.xlsx", {"表": [heads, ["值"] * len(heads)]})], None)
    assert [sheet.table.kind if sheet.table else None for sheet in sheets] == [kind]


# the base


def test_of_the_same_city_cameras_and_posts_are_taken_over(tmp_path: Path) -> None:
    units = [["单位名称", "单位性质"], ["示例市商务局", "市直部门"]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"单位": units}), city="")
    sample = load_pack(sample_city())
    pack = load_pack(back.folder)
    assert (pack.workers, pack.cameras) == (sample.workers, sample.cameras)
    assert f"取自原配置包 示例市 {sample.version}({len(sample.cameras)} 行)" in said(back, Weight.NOTE)["cameras.csv"]


def test_tables_take_the_place_of_the_bases_as_a_whole_and_codes_go_on(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for file in sample_city().iterdir():
        text = file.read_text("utf-8")
        if file.name == PackFile.WORKERS:
            text = text.replace(f"w-{SAMPLE_GRID},", "old-7,")
        (base / file.name).write_text(text, "utf-8")
    camera = load_pack(base).cameras["99000000001320000001"]
    cameras = [CAMERA_HEADS, ["99000000001320000001", "改名的点", camera.lon, camera.lat, "yunxi-gongan"]]
    posts = [
        POST_HEADS[:4],
        ["一级", "临江街道"],
        ["二级", "临江街道", load_pack(base).areas[SAMPLE_COMMUNITY].name],
        ["三级", None, None, SAMPLE_GRID],
    ]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"监控": cameras, "岗位": posts}), city="", base=base)
    assert said(back, Weight.FAULT) == {}
    assert [row["name"] for row in table(back.folder, PackFile.CAMERAS)] == ["改名的点"]
    assert [row["grid"] for row in table(back.folder, PackFile.CAMERAS)] == [camera.grid]
    codes = [row["code"] for row in table(back.folder, PackFile.WORKERS)]
    assert codes == ["w-990102001", f"w-{SAMPLE_COMMUNITY}", "old-7"]


def test_of_another_city_neither_cameras_nor_posts_are_taken(tmp_path: Path) -> None:
    back = small_city(tmp_path, "空", [])
    pack = load_pack(back.folder)
    assert (pack.workers, pack.cameras) == ({}, {})


def test_what_the_base_has_in_grids_that_are_gone_is_left_out_and_said(tmp_path: Path) -> None:
    grid = load_pack(sample_city()).grids[SAMPLE_GRID]
    grids = [["网格编码", "网格名称", "社区编码", "边界"], [grid.code, grid.name, grid.community, grid.polygon]]
    back = imported(tmp_path, book(tmp_path, "表.xlsx", {"网格": grids}), city="")
    pack = load_pack(back.folder)
    assert {post.grid for post in pack.workers.values() if post.grid} == {SAMPLE_GRID}
    assert {camera.grid for camera in pack.cameras.values()} <= {SAMPLE_GRID}
    assert "所在的网格不在新的网格中,未取" in said(back, Weight.NOTE)["cameras.csv"]
