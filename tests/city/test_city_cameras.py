"""The register of cameras, and each of its rules broken once."""

from pathlib import Path

import pytest
from breaking import append, expect, set_cell

from city import CameraView, CityPack, Severity, load_pack

FILE = "cameras.csv"


def test_a_camera_is_found_by_its_device_code(pack: CityPack) -> None:
    camera = pack.cameras["99000000001320000001"]
    assert (camera.name, camera.grid, camera.faces) == ("幸福小区东门", "990102001003002", CameraView.GATE)
    assert "34020000001320000001" not in pack.cameras


def test_the_sample_has_cameras_of_every_view_in_every_street(pack: CityPack) -> None:
    assert len(pack.cameras) >= 300
    assert {camera.faces for camera in pack.cameras.values()} == set(CameraView)
    assert {camera.grid[:9] for camera in pack.cameras.values()} == {grid[:9] for grid in pack.grids}


def test_every_camera_of_the_sample_stands_in_its_grid(pack: CityPack) -> None:
    for camera in pack.cameras.values():
        found = pack.grid_at(camera.lon, camera.lat)
        assert found is not None
        assert found.code == camera.grid, camera


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("device", "", "不能为空"),
        ("device", "9901020000132000001", "不是 20 位数字"),
        ("device", "9901020000132000001x", "不是 20 位数字"),
        ("device", "９９０１０２００００１３２００００００１", "不是 20 位数字"),
        ("device", "99010200001180000001", "第 11 至 13 位是 118，不是摄像机"),
        ("name", "", "不能为空"),
        ("grid", "", "不能为空"),
        ("grid", "nowhere", "不存在"),
        ("lon", "", "不能为空"),
        ("lat", "北纬", "不是经纬度"),
        ("unit", "nobody", "不存在"),
        ("faces", "天空", "不是可用的取值"),
    ],
)
def test_a_wrong_cell_is_an_error_with_its_line(folder: Path, field: str, value: str, part: str) -> None:
    set_cell(folder, FILE, 2, field, value)
    expect(folder, FILE, 2, field, part)


def test_a_device_code_is_given_once(folder: Path) -> None:
    line = append(folder, FILE, (folder / FILE).read_text(encoding="utf-8").splitlines()[1])
    expect(folder, FILE, line, "device", "与第 2 行重复")


@pytest.mark.parametrize(
    ("lon", "part"), [("105.0286", "而在“990102001003001”内"), ("105.9", "也不在别的网格内"), ("105.040783", "")]
)
def test_a_camera_outside_its_grid_is_a_warning_that_says_where_it_is(folder: Path, lon: str, part: str) -> None:
    set_cell(folder, FILE, 2, "lon", lon)
    if part:
        expect(folder, FILE, 2, "grid", part, Severity.WARNING)
    else:
        assert load_pack(folder).cameras["99000000001320000001"].lon == float(lon)


def test_an_owner_that_was_abolished_is_a_warning(folder: Path) -> None:
    set_cell(folder, FILE, 2, "unit", "c-guihua")
    expect(folder, FILE, 2, "unit", "已撤销", Severity.WARNING)
