"""Two versions of the sample pack compared: what changed, who leads now, what is left without a duty item."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from city import CityPack, load_pack, sample_city
from city.diff import PackDiff, Part, diff_packs, lead_name
from city.layout import PackFile

Row = dict[str, str]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> PackDiff:
    folder = tmp_path_factory.mktemp("packs") / "next"
    shutil.copytree(sample_city(), folder)
    rewrite(folder, PackFile.UNITS, "c-shangwu", lambda row: row.update(successor="c-shijian", abolished="2026-05-01"))
    rewrite(folder, PackFile.DUTY, "Q001", None)
    rewrite(folder, PackFile.DUTY, "Q002", lambda row: row.update(lead="c-shuiwu"))
    rewrite(folder, PackFile.DUTY, "Q003", lambda row: row.update(version="2026.2"))
    rewrite(folder, PackFile.CATEGORIES, "010102", lambda row: row.update(words="水压小"))
    rewrite(folder, PackFile.LIMITS, "签收", lambda row: row.update(amount="6"))
    rewrite(folder, PackFile.SAYINGS, None, None)
    return diff_packs(load_pack(sample_city()), load_pack(folder))


def rewrite(folder: Path, file: PackFile, key: str | None, how: Callable[[Row], None] | None) -> None:
    """Change the first row with this key (the first row of all for None), or drop it."""
    with (folder / file).open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    row = next(row for row in rows if key is None or next(iter(row.values())) == key)
    if how is None:
        rows.remove(row)
    else:
        how(row)
    with (folder / file).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_pack_does_not_differ_from_itself(pack: CityPack) -> None:
    same = diff_packs(pack, load_pack(sample_city()))
    assert (same.changes, same.abolished, same.leads, same.lost_duty, same.lost_categories) == ((), (), (), (), ())


def test_each_change_is_named_with_what_it_was_before(changed: PackDiff) -> None:
    counted = {(change.part, change.what): change.key for change in changed.changes}
    assert set(counted) == {
        (Part.UNITS, "修改"), (Part.DUTY, "删去"), (Part.DUTY, "修改"), (Part.CATEGORIES, "修改"), (Part.LIMITS, "修改"),
        (Part.SAYINGS, "删去"),
    }  # fmt: skip
    assert counted[Part.DUTY, "修改"] == "Q002"  # the version of a line that says the same is no change
    (limit,) = changed.of(Part.LIMITS, "修改")
    assert limit.name == "签收/一般/全部类别"
    assert limit.fields["limit"] == ("4工作小时", "6工作小时")


def test_a_closed_unit_is_named_with_who_takes_over(changed: PackDiff) -> None:
    assert [(unit.code, after.code if after else None) for unit, after in changed.abolished] == [("c-shangwu", "c-shijian")]


def test_items_that_change_lead_are_named_also_where_only_the_unit_was_closed(changed: PackDiff) -> None:
    leads = {one.key: (one.before, one.after) for one in changed.leads}
    assert leads["Q002"] == (("示例市自来水有限公司",), ("示例市水务局",))
    inherited = {item.code for item in changed.used.duty_items.values() if item.lead == "c-shangwu"}
    assert inherited
    assert {key for key, said in leads.items() if said[1] == ("示例市市场监督管理局",)} == inherited


def test_a_category_without_a_duty_item_waits_for_a_person(changed: PackDiff) -> None:
    assert changed.lost_duty == ("010101",)


def test_a_territorial_lead_is_said_with_its_level(pack: CityPack) -> None:
    assert lead_name(pack, "line:城市管理@district") == "所在区县(城市管理)"
