"""Polygons asked all at once say what each of them would say alone."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box, from_wkt

from city.geometry import OVERLAP_SHARE, Polygons

CORNERS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4))


def rectangle(west: int, south: int, width: int, height: int) -> Polygon:
    return box(100 + west / 100, 38 + south / 100, 100 + (west + width) / 100, 38 + (south + height) / 100)


@given(st.lists(CORNERS.map(lambda corners: rectangle(*corners)), max_size=9))
def test_overlaps_are_the_pairs_that_share_ground(shapes: list[Polygon]) -> None:
    shared = {
        (low, high)
        for (low, one), (high, other) in combinations(enumerate(shapes), 2)
        if one.intersection(other).area > OVERLAP_SHARE * min(one.area, other.area)
    }
    assert set(Polygons([shape.wkt for shape in shapes]).overlaps()) == shared


@given(st.lists(CORNERS.map(lambda corners: rectangle(*corners)), max_size=9), st.floats(99.9, 100.2), st.floats(37.9, 38.2))
def test_a_point_is_held_by_those_that_are_found_round_it(shapes: list[Polygon], lon: float, lat: float) -> None:
    polygons = Polygons([shape.wkt for shape in shapes])
    everyone = range(len(shapes))
    held = polygons.hold(everyone, [lon] * len(shapes), [lat] * len(shapes))
    assert polygons.at(lon, lat) == tuple(index for index in everyone if held[index])


def test_a_multipolygon_overlaps_with_any_of_its_parts() -> None:
    two = "MULTIPOLYGON (((100 38, 101 38, 101 39, 100 39, 100 38)), ((105 38, 106 38, 106 39, 105 39, 105 38)))"
    assert Polygons([two, box(105.5, 38.5, 107, 40).wkt, box(101, 38, 102, 39).wkt]).overlaps() == [(0, 1)]


def test_faults_name_the_unsound_ones_and_the_others_stay() -> None:
    sound = rectangle(0, 0, 1, 1)
    polygons = Polygons(["一块地", sound.wkt, "POLYGON EMPTY", "POINT (105 38)", "POLYGON ((1 1, 2 1, 2 2, 1 1))"])
    faults = polygons.faults()
    assert [(index, fault[:4]) for index, fault in faults.items()] == [
        (0, "不是 W"),
        (2, "多边形没"),
        (3, "不是 W"),
        (4, "坐标不在"),
    ]
    ((lon, lat),) = polygons.without(set(faults)).inner_points()
    assert from_wkt(f"POINT ({lon} {lat})").within(sound)


def test_a_pack_without_grids_holds_no_point() -> None:
    none = Polygons([])
    assert (none.faults(), none.inner_points(), none.overlaps(), none.at(105, 38)) == ({}, [], [], ())
