"""The ladder of grid workers, and each of its rules broken once."""

from pathlib import Path

import pytest
from breaking import append, expect, line_of, rewrite, set_cell

from city import CityPack, Severity, WorkerLevel, check_pack, load_pack

FILE = "workers.csv"
GRID, COMMUNITY, STREET = "990102001001001", "990102001001", "990102001"


def test_a_matter_goes_up_from_the_grid_to_the_community_to_the_street(pack: CityPack) -> None:
    posts = pack.ladder(GRID)
    assert [post.level for post in posts] == list(WorkerLevel)
    assert [post.code for post in posts] == [f"w-{GRID}", f"w-{COMMUNITY}", f"w-{STREET}"]
    assert [post.unit for post in posts] == [f"v-{COMMUNITY}", f"v-{COMMUNITY}", "t-linjiang"]


def test_every_grid_of_the_sample_has_the_whole_ladder_in_its_own_street(pack: CityPack) -> None:
    for grid in pack.grids.values():
        first, second, third = pack.ladder(grid.code)
        assert (first.grid, first.unit) == (grid.code, grid.worker_unit)
        assert (second.area, third.area) == (grid.community, pack.areas[grid.community].parent)


def test_a_second_level_may_lead_only_some_grids_of_a_community(pack: CityPack) -> None:
    leaders: dict[str, set[str | None]] = {}
    for worker in pack.workers.values():
        if worker.level is WorkerLevel.GRID:
            leaders.setdefault(pack.grids[worker.grid or ""].community, set()).add(worker.upper)
    assert {len(codes) for codes in leaders.values()} == {1, 2}


def test_no_post_of_the_sample_names_a_person(pack: CityPack) -> None:
    assert all(worker.code == f"w-{worker.code[2:]}" and worker.code.isascii() for worker in pack.workers.values())


def test_a_grid_without_a_worker_is_a_warning_and_begins_one_rung_higher(folder: Path) -> None:
    rewrite(folder, FILE, lambda rows: rows.remove(next(row for row in rows if row["code"] == f"w-{GRID}")))
    expect(folder, FILE, 0, "grid", f"1 个网格没有三级网格员：{GRID}", Severity.WARNING)
    loaded = load_pack(folder)
    assert [post.code for post in loaded.ladder(GRID)] == [f"w-{COMMUNITY}", f"w-{STREET}"]


def test_without_workers_there_is_no_ladder_and_no_fault(folder: Path) -> None:
    (folder / FILE).unlink()
    loaded = load_pack(folder)
    assert loaded.ladder(GRID) == ()
    assert loaded.workers == {}


def test_what_the_pack_does_not_know_has_no_ladder(pack: CityPack) -> None:
    assert pack.ladder("nowhere") == ()


@pytest.mark.parametrize(
    ("code", "field", "value", "part"),
    [
        (f"w-{GRID}", "code", "王某某", "不能用作岗位代码"),
        (f"w-{GRID}", "code", "w-13800000000", "不能用作岗位代码"),
        (f"w-{GRID}", "level", "四级", "不是可用的取值"),
        (f"w-{GRID}", "grid", "", "没有网格"),
        (f"w-{GRID}", "grid", "nowhere", "不存在"),
        (f"w-{GRID}", "grid", "990102001002001", f"上一级“w-{COMMUNITY}”在“{COMMUNITY}”，不管“990102001002”"),
        (f"w-{GRID}", "area", COMMUNITY, "填了区域"),
        (f"w-{GRID}", "upper", "", "没有上一级"),
        (f"w-{GRID}", "upper", "w-nobody", "不存在"),
        (f"w-{GRID}", "upper", f"w-{STREET}", "是一级，应为二级"),
        (f"w-{GRID}", "unit", "nobody", "不存在"),
        (f"w-{COMMUNITY}", "area", "", "没有填所在的村社区"),
        (f"w-{COMMUNITY}", "area", "nowhere", "不存在"),
        (f"w-{COMMUNITY}", "area", STREET, "不是村社区"),
        (f"w-{COMMUNITY}", "grid", GRID, "却填了网格"),
        (f"w-{COMMUNITY}", "upper", "w-990102002", "在“990102002”，不管“990102001”"),
        (f"w-{STREET}", "area", COMMUNITY, "不是镇街"),
        (f"w-{STREET}", "upper", f"w-{COMMUNITY}", "填了上一级"),
    ],
)
def test_a_wrong_cell_is_an_error_with_its_line(folder: Path, code: str, field: str, value: str, part: str) -> None:
    line = line_of(folder, FILE, "code", code)
    set_cell(folder, FILE, line, field, value)
    at = "upper" if "不管" in part else field
    expect(folder, FILE, line, at, part)


def test_a_unit_that_was_abolished_is_a_warning(folder: Path) -> None:
    line = line_of(folder, FILE, "code", f"w-{STREET}")
    set_cell(folder, FILE, line, "unit", "c-guihua")
    expect(folder, FILE, line, "unit", "已撤销", Severity.WARNING)


def test_a_broken_post_is_not_reported_again_by_those_below_it(folder: Path) -> None:
    line = line_of(folder, FILE, "code", f"w-{COMMUNITY}")
    set_cell(folder, FILE, line, "level", "四级")
    assert [fault.line for fault in check_pack(folder) if fault.file == FILE] == [line]


def test_two_may_walk_one_grid_and_the_first_is_asked_first(folder: Path) -> None:
    append(folder, FILE, f"w-{GRID}-b,三级,{GRID},,w-{COMMUNITY},v-{COMMUNITY}")
    assert load_pack(folder).ladder(GRID)[0].code == f"w-{GRID}"
