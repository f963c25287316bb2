"""A report is placed as finely as is sure, and no finer."""

import pytest

from city.pack import CityPack
from intake.locate import BY_CAMERA, BY_COORDINATES, BY_GRID, Located, Locator
from intake.place_choice import AGAINST_TEXT, BY_CONTEXT, BY_NAME, CONTRADICTED, PART_OF_A_NAME
from schemas.errors import ContractError
from schemas.reports import CameraAlert, GridReport, HotlineCall, Location
from schemas.words import EvidenceKind


@pytest.fixture(scope="session")
def locator(pack: CityPack) -> Locator:
    return Locator(pack)


def locate(locator: Locator, text: str = "", address: str = "", title: str = "", **data: object) -> Located:
    return locator.locate(HotlineCall.model_validate({"text": text or "灯", **data}), address, title, text)


def test_a_known_grid_code_is_certain(locator: Locator, pack: CityPack) -> None:
    grid = next(iter(pack.grids.values()))
    found = locate(locator, grid=grid.code)
    assert (found.area, found.place.grid, found.place.confidence) == (grid.community, grid.code, BY_GRID)


def test_an_unknown_grid_code_stops_only_a_grid_report(locator: Locator) -> None:
    assert locate(locator, "望江花园漏水", grid="nowhere").area is not None
    with pytest.raises(ContractError, match="网格"):
        locator.locate(GridReport(text="灯", grid="nowhere"), "", "", "灯")


def test_coordinates_give_the_grid_they_lie_in(locator: Locator, pack: CityPack) -> None:
    grid = next(iter(pack.grids.values()))
    found = locate(locator, location=Location(lon=grid.lon, lat=grid.lat))
    assert (found.area, found.place.grid, found.place.confidence) == (grid.community, grid.code, BY_COORDINATES)
    assert (found.lon, found.lat) == (grid.lon, grid.lat)


def test_coordinates_outside_the_city_are_kept_and_give_no_grid(locator: Locator) -> None:
    found = locate(locator, location=Location(lon=1.0, lat=1.0))
    assert (found.area, found.place.grid, found.lon) == (None, None, 1.0)
    assert [one.kind for one in found.place.evidence] == [EvidenceKind.COORDINATES]


def test_an_alarm_is_where_its_camera_stands(locator: Locator, pack: CityPack) -> None:
    camera = next(iter(pack.cameras.values()))
    sent: dict[str, object] = {"device": camera.device, "alarm_class": "垃圾满溢", "score": 0.9}
    found = locator.locate(CameraAlert.model_validate(sent), "", "", "望江花园垃圾满溢")
    assert (found.place.grid, found.place.confidence, found.lon) == (camera.grid, BY_CAMERA, camera.lon)
    assert [(one.kind, one.ref) for one in found.place.evidence] == [(EvidenceKind.CAMERA, camera.device)]
    other = locator.locate(CameraAlert.model_validate(sent | {"device": "x"}), "", "", "望江花园垃圾满溢")
    assert (other.area, other.lon) == ("990102001001", None)
    moved = locator.locate(CameraAlert.model_validate(sent | {"location": {"lon": 1.0, "lat": 1.0}}), "", "", "")
    assert (moved.place.grid, moved.lon) == (None, 1.0)


def test_coordinates_against_the_name_leave_what_both_share(locator: Locator, pack: CityPack) -> None:
    there = next(grid for grid in pack.grids.values() if grid.code.startswith("990103"))
    found = locate(locator, "望江花园漏水", location=Location(lon=there.lon, lat=there.lat))
    assert (found.area, found.place.grid) == (None, None)


@pytest.mark.parametrize("text", ["望江花园楼道漏水", "望江花园小区漏水", "在望江苑门口", "云溪区临江街道望江社区望江花园三栋"])
def test_a_name_or_alias_that_stands_for_one_place_is_found(locator: Locator, text: str) -> None:
    found = locate(locator, text)
    assert (found.area, found.place.confidence) == ("990102001001", BY_NAME)


def test_a_name_of_several_places_is_told_apart_by_what_stands_beside(locator: Locator) -> None:
    assert locate(locator, "和平小区漏水").area is None
    found = locate(locator, "柏川区和平小区漏水")
    assert (found.area, found.place.confidence) == ("990103002003", BY_CONTEXT)
    assert locate(locator, "和平小区漏水", address="云溪区南桥街道").area == "990102003003"


def test_two_places_give_the_area_around_both(locator: Locator) -> None:
    found = locate(locator, "从望江花园到书院小区都没水")
    assert (found.area, found.place.confidence) == ("990102001", CONTRADICTED)


def test_the_address_counts_more_than_the_text(locator: Locator) -> None:
    found = locate(locator, "以前住鼓楼小区,现在这里没水", address="望江花园")
    assert (found.area, found.place.confidence) == ("990102001001", AGAINST_TEXT)


def test_the_whole_city_is_no_place(locator: Locator) -> None:
    assert locate(locator, "示例市的路灯都不亮").area is None


def test_another_building_is_another_place(locator: Locator) -> None:
    keys = {
        locate(locator, text).place_key for text in ("望江花园3栋2单元漏水", "望江花园三栋二单元漏水", "望江花园小区3号楼2单元")
    }
    assert keys == {"云溪区|望江花园|3栋|2单元"}
    assert locate(locator, "望江花园4栋2单元漏水").place_key not in keys


def test_a_name_that_no_list_knows_still_has_a_key(locator: Locator) -> None:
    assert locate(locator, "玉兰花园5栋漏水").place_key == "|玉兰花园|5栋"


@pytest.mark.parametrize("text", ["书院路上灯不亮", "云溪区停水", "临江街道垃圾多", "灯不亮"])
def test_what_is_too_coarse_has_no_key(locator: Locator, text: str) -> None:
    assert locate(locator, text).place_key == ""


def test_a_house_number_makes_a_road_a_place(locator: Locator) -> None:
    assert locate(locator, "书院路88号门口").place_key == "云溪区|书院路|88号"


@pytest.mark.parametrize(
    ("written", "meant", "most", "how"),
    [
        ("望江花圆", "望江花园", 0.8, "同音字"),
        ("舒院小学", "书院小学", 0.8, "同音字"),
        ("航运属家院", "航运家属院", 0.75, "两字颠倒"),
        ("临江市菜场", "临江菜市场", 0.75, "两字颠倒"),
        ("盐仓物园", "盐仓物流园", 0.65, "漏一字"),
        ("新城实骓学校", "新城实验学校", 0.6, "错一字"),
    ],
)
def test_a_misspelt_name_is_read_with_less_confidence_and_says_how(
    locator: Locator, pack: CityPack, written: str, meant: str, most: float, how: str
) -> None:
    (place,) = pack.place_names[meant]
    found = locate(locator, f"{written}旁边的路灯不亮")
    assert (found.area, found.place.grid, found.place.confidence) == (place.area, place.grid, most)
    assert [one.word for one in found.place.evidence] == [f"{meant}({how})"]
    assert any(meant in name and written in name for name in found.place_names)
    assert written not in found.place.model_dump_json()


def test_the_same_place_has_one_key_however_it_is_spelt(locator: Locator) -> None:
    assert locate(locator, "望江花圆3栋漏水").place_key == locate(locator, "望江花园三栋漏水").place_key


@pytest.mark.parametrize(
    "text",
    ["市第四中学门口堵车", "铁西小区漏水", "从水龙头放出来的水带黄泥汤", "新城幼儿园收费高", "这个花园没人管"],
)
def test_what_tells_one_place_from_another_is_no_slip(locator: Locator, text: str) -> None:
    found = locate(locator, text)
    assert (found.place.grid, found.place.confidence) == (None, 0.0)


def test_a_name_that_stands_as_it_is_spelt_is_never_read_as_another(locator: Locator, pack: CityPack) -> None:
    for name, places in pack.place_names.items():
        if len(name) >= 3 and len({place.area for place in places}) == 1 and name not in pack.area_names:
            words = locate(locator, name).place.evidence
            assert not any("(" in one.word for one in words), name


def test_a_misspelt_name_counts_more_than_the_shorter_name_in_it(locator: Locator) -> None:
    assert locate(locator, "棠弯客运站没有候车亭").place.evidence[0].word == "棠湾客运站(同音字)"


def test_every_place_that_it_may_be_is_kept_with_its_district(locator: Locator) -> None:
    found = locate(locator, "和平小区漏水").place
    assert (found.area, found.grid) == (None, None)
    assert {"云溪区和平小区", "柏川区和平小区"} <= {one.word for one in found.evidence}
    assert sum(one.weight for one in found.evidence) == pytest.approx(CONTRADICTED, abs=0.01)


def test_a_name_of_several_places_is_told_apart_by_a_place_nearby(locator: Locator) -> None:
    found = locate(locator, "鼓楼广场往南的和平小区漏水")
    assert found.area is not None
    assert found.area.startswith("990103002")
    assert found.place.confidence <= AGAINST_TEXT


def test_a_road_of_several_streets_is_told_apart_by_the_road_it_meets(locator: Locator) -> None:
    assert locate(locator, "人民路路灯不亮").area is None
    found = locate(locator, "渡口路和人民路交叉口红绿灯不亮")
    assert (found.area, found.place.confidence) == ("990104001", BY_NAME)


def test_the_end_of_a_longer_name_is_not_sure(locator: Locator) -> None:
    found = locate(locator, "玉兰客运站没有候车亭").place
    assert found.confidence == PART_OF_A_NAME


@pytest.mark.parametrize("text", ["望江花园路面往外冒水", "后沟村口臭水沟没人清", "望江花园公交站没有灯"])
def test_what_stands_at_a_place_is_there(locator: Locator, text: str) -> None:
    assert locate(locator, text).area in ("990102001001", "990103101203")
