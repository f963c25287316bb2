from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.places import READ_CHARACTERS, PlaceKind, place_expressions


def found(text: str) -> list[tuple[PlaceKind, str]]:
    return [(one.kind, one.name) for one in place_expressions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("投诉A3区桂花路的夜宵摊", [(PlaceKind.DISTRICT, "A3区"), (PlaceKind.ROAD, "桂花路")]),
        (
            "A市A7县青石镇有人烧垃圾",
            [(PlaceKind.DISTRICT, "A市"), (PlaceKind.DISTRICT, "A7县"), (PlaceKind.TOWN, "青石镇")],
        ),
        ("位于青山区红旗街道", [(PlaceKind.DISTRICT, "青山区"), (PlaceKind.TOWN, "红旗街道")]),
        ("我们是荷塘社区的居民", [(PlaceKind.COMMUNITY, "荷塘社区")]),
        ("柳塘铺村村民反映", [(PlaceKind.COMMUNITY, "柳塘铺村")]),
        ("家住阳光花园小区", [(PlaceKind.ESTATE, "阳光花园小区")]),
        ("桂花路138号门口", [(PlaceKind.ROAD, "桂花路"), (PlaceKind.NUMBER, "138号")]),
        ("请问滨河公园什么时候开放", [(PlaceKind.LANDMARK, "滨河公园")]),
        ("桂花路小学门口很堵", [(PlaceKind.LANDMARK, "桂花路小学")]),
        ("在和平路上", [(PlaceKind.ROAD, "和平路")]),
        ("五一路和解放西路都堵", [(PlaceKind.ROAD, "五一路"), (PlaceKind.ROAD, "解放西路")]),
        ("新月花园二期停水", [(PlaceKind.ESTATE, "新月花园二期")]),
        ("第12网格", [(PlaceKind.GRID, "第12网格")]),
        ("网格编号：430102001003的路灯", [(PlaceKind.GRID, "430102001003")]),
    ],
)
def test_a_place_is_found_with_its_kind_and_nothing_around_it(text: str, expected: list[tuple[PlaceKind, str]]) -> None:
    assert found(text) == expected


def test_estate_building_unit_and_room_stay_apart_and_touch() -> None:
    text = "阳光花园三栋二单元501室漏水"
    places = place_expressions(text)
    assert [one.kind for one in places] == [PlaceKind.ESTATE, PlaceKind.BUILDING, PlaceKind.UNIT, PlaceKind.ROOM]
    assert [one.normal for one in places] == ["阳光花园", "3栋", "2单元", "501室"]
    assert all(left.end == right.start for left, right in pairwise(places))


def test_an_estate_without_an_ending_is_known_by_the_building_behind_it() -> None:
    assert found("投诉云水天成15栋的噪音") == [(PlaceKind.ESTATE, "云水天成"), (PlaceKind.BUILDING, "15栋")]


def test_two_roads_that_meet_are_a_crossing_beside_the_roads() -> None:
    assert found("青石路与桂花路交叉口") == [
        (PlaceKind.ROAD, "青石路"),
        (PlaceKind.ROAD, "桂花路"),
        (PlaceKind.CROSSING, "青石路与桂花路"),
    ]
    assert found("到桂花路路口") == [(PlaceKind.ROAD, "桂花路"), (PlaceKind.CROSSING, "桂花路")]


@pytest.mark.parametrize(
    "text",
    [
        "小区门口的道路和马路都坏了",
        "本小区、我们小区、该小区、老旧小区",
        "社区和街道办事处都不管",
        "全市城区地区我区市民市场监管",
        "该路一路铁路网络思路套路电路走路",
        "希望政府修路，让村民有路可走",
        "学校、医院、菜市场、公园都没有",
        "两栋楼和三座桥",
        "12月3号晚上",
        "这条街上的大型超市",
        "农村的村民家乡城镇",
        "",
    ],
)
def test_words_that_name_no_place_are_left_out(text: str) -> None:
    assert found(text) == []


@given(st.text(alphabet="在我们青石桂花路街区县市镇村小园苑城栋座单元号楼室房期网格与和口1２三A-— ，", max_size=60))
def test_every_find_is_the_text_at_its_place_and_in_order(text: str) -> None:
    places = place_expressions(text)
    for one in places:
        assert text[one.start : one.end] == one.name
        assert one.name
        assert one.normal
    apart = [one for one in places if one.kind is not PlaceKind.CROSSING]
    assert all(left.end <= right.start for left, right in pairwise(apart))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert found("，" * READ_CHARACTERS + "桂花路") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("来电人称阳光花园漏水", [(PlaceKind.ESTATE, "阳光花园")]),
        ("A3区云水国际门口堵车", [(PlaceKind.DISTRICT, "A3区"), (PlaceKind.ESTATE, "云水国际")]),
        ("高新区云水花园漏水", [(PlaceKind.ESTATE, "云水花园")]),
        ("青石镇红星砖厂乱倒垃圾", [(PlaceKind.TOWN, "青石镇"), (PlaceKind.LANDMARK, "红星砖厂")]),
    ],
)
def test_a_name_begins_after_the_words_that_lead_to_it(text: str, expected: list[tuple[PlaceKind, str]]) -> None:
    assert found(text) == expected
