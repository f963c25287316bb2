import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing import Pipe
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city import (
    AreaLevel,
    CityPack,
    Clock,
    GridKind,
    LimitUnit,
    ListKind,
    TownshipRole,
    Urgency,
    check_upgrade,
    load_pack,
    sample_city,
)
from city.tree import paths

PACK = load_pack(sample_city())
WANGJIANG = "990102001001"


def code_of(name: str) -> str:
    return PACK.category_names[name][0].code


def test_the_sample_loads_in_half_a_second() -> None:
    """Of processor time: the machine may be busy with others."""
    start = time.process_time()
    load_pack(sample_city())
    assert time.process_time() - start < 0.5


def test_the_sample_is_a_city_of_a_plausible_size(pack: CityPack) -> None:
    by_level = {level: sum(category.level == level for category in pack.categories.values()) for level in (1, 2, 3)}
    assert by_level[1] >= 12
    assert by_level[2] >= 38
    assert by_level[3] >= 110
    assert len(pack.duty_items) >= 140
    assert len(pack.risk_words) >= 60


def test_every_leaf_of_the_sample_has_words_people_say(pack: CityPack) -> None:
    assert [leaf.name for leaf in pack.leaves() if len(leaf.words) < 14] == []
    assert {code for _, code in pack.sayings} == {leaf.code for leaf in pack.leaves()}


def test_the_sample_leaves_some_leaves_to_a_person(pack: CityPack) -> None:
    uncovered = {leaf.name for leaf in pack.leaves() if not pack.duty_items_for(leaf.code)}
    assert {"房屋渗漏", "火情", "动物疫病与野生动物", "热线与办理评价"} <= uncovered
    assert len(uncovered) < 30
    two = [leaf for leaf in pack.leaves() if len({item.lead for item in pack.duty_items_for(leaf.code)}) > 1]
    assert len(two) >= 5


def test_a_path_leads_from_the_root_to_the_category(pack: CityPack) -> None:
    leaf = code_of("停水")
    category = pack.category(leaf)
    assert category is not None
    assert category.path == f"/{leaf[:2]}/{leaf[:4]}/{leaf}/"
    assert [above.code for above in pack.ancestors(leaf)] == [leaf[:4], leaf[:2]]
    assert category in pack.subtree(leaf[:2])
    assert pack.subtree(leaf) == (category,)
    assert next(iter(pack.children(None))).name == "市政公用"


def test_what_the_pack_does_not_know_is_no_error(pack: CityPack) -> None:
    assert pack.category("x") is None
    assert pack.unit("x") is None
    assert pack.subtree("x") == ()
    assert pack.ancestors("x") == ()
    assert pack.duty_items_for("x") == ()
    assert pack.area_ancestors("x") == ()
    assert pack.district_of("x") is None
    assert pack.resolve("line:城市管理@district", "x") is None
    assert pack.resolve("x", None) is None
    assert pack.slot_of("x").code == "none"
    assert pack.slot_numbered(99) is None
    assert pack.match_window_hours("x") == pack.match_window_hours(None) == 72
    assert pack.limit(Clock.HANDLE, Urgency.NORMAL, "x") == pack.limit(Clock.HANDLE, Urgency.NORMAL)


def test_duty_items_of_the_leaf_come_before_those_of_its_branch(pack: CityPack) -> None:
    items = pack.duty_items_for(code_of("燃气泄漏"))
    assert [item.name for item in items] == ["燃气泄漏抢修", "燃气安全隐患巡查督促"]


def test_a_pattern_means_the_unit_round_the_place(pack: CityPack) -> None:
    for area in (WANGJIANG, WANGJIANG[:9], WANGJIANG[:6]):
        unit = pack.resolve("line:城市管理@district", area)
        assert unit is not None
        assert unit.name == "云溪区城市管理局"
    street = pack.resolve("line:属地@street", WANGJIANG)
    assert street is not None
    assert street.grassroots


def test_a_place_not_known_finely_enough_means_nobody(pack: CityPack) -> None:
    assert pack.resolve("line:属地@street", WANGJIANG[:6]) is None
    assert pack.resolve("line:城市管理@district", "990000") is None
    assert pack.resolve("line:城市管理@district", None) is None


def test_a_unit_of_the_city_needs_no_place(pack: CityPack) -> None:
    for pattern in ("line:供水@city", "p-gongshui"):
        unit = pack.resolve(pattern, None)
        assert unit is not None
        assert unit.code == "p-gongshui"


def test_an_abolished_unit_is_known_but_its_successor_acts(pack: CityPack) -> None:
    old = pack.unit("c-guihua")
    assert old is not None
    assert old.abolished == date(2019, 3, 1)
    acting = pack.resolve("c-guihua", None)
    assert acting is not None
    assert acting.code == "c-ziran"
    assert pack.resolve("line:规划@city", None) is None


def test_no_departments_matter_of_the_sample_goes_to_the_grassroots_anywhere(pack: CityPack) -> None:
    for item in pack.duty_items.values():
        for area in pack.areas:
            lead = pack.resolve(item.lead, area)
            if lead is not None and lead.grassroots:
                assert item.township_role is TownshipRole.LEAD
                assert item.list_kind is not ListKind.NEGATIVE


def test_every_lead_of_the_sample_is_found_in_every_community(pack: CityPack) -> None:
    communities = [area.code for area in pack.areas.values() if area.level is AreaLevel.COMMUNITY]
    assert len(communities) == 120
    for item in pack.duty_items.values():
        assert all(pack.resolve(item.lead, area) for area in communities), item.name


def test_a_grid_is_found_by_any_point_in_it(pack: CityPack) -> None:
    for grid in pack.grids.values():
        assert pack.grid_at(grid.lon, grid.lat) == grid
    assert pack.grid_at(0, 0) is None
    assert {grid.kind for grid in pack.grids.values()} == set(GridKind)


@given(st.floats(104.96, 105.27), st.floats(38.87, 39.03))
def test_the_grids_leave_no_gap_inside_the_city(lon: float, lat: float) -> None:
    assert PACK.grid_at(lon, lat) is not None


def test_a_name_may_stand_for_several_places(pack: CityPack) -> None:
    found = pack.place_names["和平路"]
    assert {place.district for place in found} == {"990102", "990103"}
    assert {area.parent for area in pack.area_names["和平社区"]} == {"990102003", "990103002"}
    assert pack.place_names["望江苑"][0].name == "望江花园"


def test_places_lie_in_their_grids(pack: CityPack) -> None:
    for found in pack.place_names.values():
        for place in found:
            if place.grid and place.lon is not None and place.lat is not None:
                grid = pack.grid_at(place.lon, place.lat)
                assert grid is not None
                assert grid.code == place.grid
                assert grid.community == place.area


def test_a_slot_is_the_districts_or_the_one_for_no_place(pack: CityPack) -> None:
    assert pack.slot_of(WANGJIANG).code == pack.slot_of("990102").code == "yunxi"
    assert pack.slot_of(None).code == pack.slot_of("990000").code == "none"
    assert pack.slots["city"].number == 2
    assert pack.slot_numbered(3) == pack.slots["yunxi"]


def test_the_nearest_limit_holds(pack: CityPack) -> None:
    general = pack.limit(Clock.HANDLE, Urgency.NORMAL, code_of("井盖缺损"))
    assert (general.amount, general.unit) == (5, LimitUnit.WORKING_DAY)
    assert "山东" in general.source
    assert pack.limit(Clock.HANDLE, Urgency.NORMAL, code_of("停水")).unit is LimitUnit.HOUR
    assert pack.limit(Clock.HANDLE, Urgency.NORMAL, code_of("水费争议")).unit is LimitUnit.WORKING_DAY
    assert pack.limit(Clock.HANDLE, Urgency.CRITICAL, code_of("停水")).amount == 2


def test_the_nearest_match_window_holds(pack: CityPack) -> None:
    assert pack.match_window_hours(code_of("停水")) == 24
    assert pack.match_window_hours(code_of("烂尾楼")) == 720
    assert pack.match_window_hours(code_of("油烟")) == 72


def test_cameras_and_grids_are_translated_into_categories(pack: CityPack) -> None:
    assert pack.camera_classes["机动车违停"] == code_of("机动车违停")
    assert pack.grid_events["飞线充电"] == code_of("电动车充电隐患")
    assert set(pack.camera_classes.values()) <= set(pack.categories)


def test_a_risk_word_carries_its_urgency(pack: CityPack) -> None:
    urgencies = {risk.word: risk.urgency for risk in pack.risk_words}
    assert urgencies["煤气味"] is Urgency.CRITICAL
    assert urgencies["堵消防通道"] is Urgency.URGENT


def test_a_legal_basis_is_a_title_and_nothing_more(pack: CityPack) -> None:
    for item in pack.duty_items.values():
        assert re.fullmatch("《[^》第]+》", item.legal_basis), item


def test_the_sample_holds_no_telephone_or_identity_number() -> None:
    for file in sample_city().iterdir():
        if file.name != "grids.csv":
            assert not re.search(r"(?<![\d.])1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)", file.read_text(encoding="utf-8"))


def test_a_fingerprint_changes_with_any_byte_of_the_pack_and_with_nothing_else(pack: CityPack, folder: Path) -> None:
    assert load_pack(folder).fingerprint == pack.fingerprint
    (folder / "notes.txt").write_text("不属于配置包", encoding="utf-8")
    assert load_pack(folder).fingerprint == pack.fingerprint
    with (folder / "areas.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert load_pack(folder).fingerprint != pack.fingerprint


def test_a_pack_can_be_sent_to_another_process(pack: CityPack) -> None:
    here, there = Pipe()
    with ThreadPoolExecutor(1) as other:  # more than a pipe holds at once
        other.submit(here.send, pack)
        copy = there.recv()
    assert copy.fingerprint == pack.fingerprint
    assert copy.grid_at(105.06, 38.94) == pack.grid_at(105.06, 38.94)
    assert copy.limit(Clock.SIGN, Urgency.URGENT).unit is LimitUnit.HOUR


def replace_in(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_pack_may_follow_itself(pack: CityPack) -> None:
    assert check_upgrade(pack, pack) == []


def test_a_new_version_may_not_give_a_slot_number_again(pack: CityPack, folder: Path) -> None:
    replace_in(folder, "pack.yaml", "2026.1", "2026.2")
    replace_in(folder, "slots.csv", "3,yunxi,", "7,yunxi,")
    faults = check_upgrade(pack, load_pack(folder))
    assert [fault.message for fault in faults] == ["分区 3（云溪区）不见了"]
    replace_in(folder, "slots.csv", "4,baichuan,", "3,baichuan,")
    assert any("永不重复使用" in fault.remedy for fault in check_upgrade(pack, load_pack(folder)))


def test_a_new_version_may_not_lose_a_unit_or_keep_the_old_number(pack: CityPack, folder: Path) -> None:
    replace_in(folder, "units.csv", "c-gongshang,", "c-gongshang-2,")
    replace_in(folder, "pack.yaml", "2026-01-01", "2025-01-01")
    faults = check_upgrade(pack, load_pack(folder))
    assert {(fault.file, fault.field) for fault in faults} == {
        ("units.csv", "code"),
        ("pack.yaml", "version"),
        ("pack.yaml", "effective"),
    }


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["a", "b", "c", "d", "e", "f", "z", None])))
def test_paths_of_any_rows_end_in_the_code_and_never_run_in_circles(parents: dict[str, str | None]) -> None:
    found, cyclic = paths(parents)
    assert set(found) == set(parents)
    for code, path in found.items():
        codes = path.strip("/").split("/")
        assert codes[-1] == code
        assert len(codes) == len(set(codes))
        if parents[code] in found and code not in cyclic and len(codes) > 1:
            assert found[parents[code] or ""] == "/" + "/".join(codes[:-1]) + "/"


def test_terms_are_known_by_their_chinese_word() -> None:
    assert Urgency.from_label("特急") is Urgency.CRITICAL
    assert Urgency.from_label("critical") is None
    assert Urgency("critical") is Urgency.CRITICAL
    with pytest.raises(ValueError, match="加急"):
        Urgency("加急")
