"""示例市 is large and confusing enough to try things on, and its ground is parted without a seam."""

from itertools import combinations

import pytest
import shapely

from city import AreaLevel, CityPack, GridKind, PlaceKind, UnitKind

CONFUSED = [
    ("望江花园", "旺江花园"),
    ("望江公园", "旺江公园"),
    ("书院小区", "书苑小区"),
    ("书院小学", "书苑小学"),
    ("南屏小学", "南坪小学"),
    ("锦绣名都", "锦秀茗都"),
    ("怡景苑", "宜景苑"),
    ("御景湾", "誉景湾"),
    ("明珠花园", "名珠花园"),
    ("康居里", "康聚里"),
    ("鸿福里", "宏福里"),
    ("茂林新村", "茂霖新村"),
    ("栗坝小学", "粟坝小学"),
]
"""Names that sound or look alike: what is misheard on the telephone, or mistyped."""


def test_it_has_the_size_of_a_small_city(pack: CityPack) -> None:
    by_level = {level: sum(area.level is level for area in pack.areas.values()) for level in AreaLevel}
    assert by_level == {AreaLevel.CITY: 1, AreaLevel.DISTRICT: 4, AreaLevel.STREET: 20, AreaLevel.COMMUNITY: 120}
    assert len(pack.grids) == 1500
    assert 90 <= sum(grid.kind is GridKind.SPECIAL for grid in pack.grids.values()) <= 110
    places = {(place.name, place.area): place for found in pack.place_names.values() for place in found}
    assert len(places) >= 600
    assert {place.kind for place in places.values()} == set(PlaceKind)
    assert sum(bool(place.aliases) for place in places.values()) >= 200
    assert sum(place.grid is not None for place in places.values()) >= 500


def test_every_street_and_every_community_has_its_unit_and_every_community_its_grids(pack: CityPack) -> None:
    served = {unit.area for unit in pack.units.values() if unit.kind in (UnitKind.TOWNSHIP, UnitKind.COMMUNITY)}
    assert served == {area.code for area in pack.areas.values() if area.level in (AreaLevel.STREET, AreaLevel.COMMUNITY)}
    assert {grid.community for grid in pack.grids.values()} <= served


def test_the_grids_share_borders_and_never_ground(pack: CityPack) -> None:
    """Stricter than the check, which allows borders drawn by hand: here every edge inside the city has exactly two sides."""
    shapes = shapely.from_wkt([grid.polygon for grid in pack.grids.values()])
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert (whole.geom_type, len(whole.interiors)) == ("Polygon", 0)


@pytest.mark.parametrize("digits", [9, 12])
def test_a_community_and_a_street_are_one_piece_of_ground(pack: CityPack, digits: int) -> None:
    parts: dict[str, list[str]] = {}
    for grid in pack.grids.values():
        parts.setdefault(grid.community[:digits], []).append(grid.polygon)
    for code, polygons in parts.items():
        assert shapely.coverage_union_all(shapely.from_wkt(polygons)).geom_type == "Polygon", code


@pytest.mark.parametrize(("one", "other"), CONFUSED)
def test_names_that_are_confused_mean_places_far_apart(pack: CityPack, one: str, other: str) -> None:
    (first,), (second,) = pack.place_names[one], pack.place_names[other]
    assert len(one) == len(other)
    assert one != other
    assert first.area[:9] != second.area[:9]


@pytest.mark.parametrize(
    ("name", "meanings"),
    [
        ("和平小区", 3),
        ("幸福小区", 4),
        ("阳光花园", 3),
        ("人民路", 4),
        ("环城路", 3),
        ("建设路", 3),
        ("团结路", 3),
        ("中心小学", 6),
    ],
)
def test_one_name_means_places_in_several_streets(pack: CityPack, name: str, meanings: int) -> None:
    found = pack.place_names[name]
    assert len(found) == meanings
    assert all(one.area != other.area for one, other in combinations(found, 2))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("育英", {PlaceKind.ESTATE, PlaceKind.SCHOOL}),
        ("银燕", {PlaceKind.ESTATE, PlaceKind.SCHOOL}),
        ("马家营", {PlaceKind.VILLAGE, PlaceKind.ROAD}),
        ("三里桥", {PlaceKind.BRIDGE, PlaceKind.VILLAGE}),
    ],
)
def test_one_name_means_places_of_different_kinds(pack: CityPack, name: str, kinds: set[PlaceKind]) -> None:
    assert {place.kind for place in pack.place_names[name]} == kinds
