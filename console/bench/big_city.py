"""A city pack as big as cities have them (3,329 categories, 5,198 duty items, 66,623 grids, 641 units), made by the program.

The same sizes give the same pack. Names and numbers are invented and the coordinates lie in a desert; what is real, the titles of
laws and the calendar, is taken from the built-in sample, and so are the words and limits that do not depend on the city.
"""

import csv
import math
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from city.layout import LAYOUTS, PackFile
from city.sample import sample_city
from console.bench.big_city_words import DOMAINS, FAULTS, FIRST, PLACE_KINDS, QUALIFIERS, SECOND
from schemas.errors import ContractError

CITY: Final = "980000"
DISTRICTS: Final = 4
DISTRICT_LINES: Final = 11
UTILITIES: Final = ("供水", "供电", "燃气", "供热")
STREET_SHARE: Final = 17 / 641
SPECIAL_EVERY: Final = 23
"""One grid in so many is 专属 (seed row 4.10: 2,939 of 66,623)."""
PLACES_EACH: Final = 20
"""Names of places in a community."""
WEST, NORTH, STEP = 104.0, 39.2, 0.002
"""Degrees: the corner of the city and the side of a grid, some 200 m."""
_LINES: Final = tuple(dict.fromkeys(line for line, _ in DOMAINS.values()))
_DEPARTMENTS: Final = len(_LINES) + len(UTILITIES) + DISTRICT_LINES * DISTRICTS


@dataclass(frozen=True)
class BigCity:
    """How many of each: leaves of the category tree, duty items, grids, units."""

    categories: int = 3329
    duty: int = 5198
    grids: int = 66_623
    units: int = 641

    @property
    def streets(self) -> int:
        return max(DISTRICTS, round(self.units * STREET_SHARE))

    @property
    def communities(self) -> int:
        return self.units - _DEPARTMENTS - self.streets


def big_city(folder: Path, size: BigCity) -> Path:
    """Writes the pack into `folder`, which must not be there yet; returns it. Raises ContractError for sizes that fit no city."""
    if size.communities < size.streets or size.grids < size.communities or size.duty < size.categories or size.categories < 1:
        rule = f"单位至少 {_DEPARTMENTS + 2 * DISTRICTS} 个,网格不少于村社区,权责事项不少于类别"
        raise ContractError("--categories/--duty/--grids/--units", "这样的数目凑不成一座城市", rule)
    folder.mkdir(parents=True)
    leaves = list(_leaves(size.categories))
    write = _writer(folder)
    write(PackFile.CATEGORIES, _categories(leaves))
    write(PackFile.AREAS, _areas(size))
    write(PackFile.UNITS, _units(size))
    write(PackFile.DUTY, _duty(leaves, size.duty))
    write(PackFile.GRIDS, _grids(size))
    write(PackFile.PLACES, _places(size))
    write(PackFile.SLOTS, _slots())
    _from_the_sample(folder, write, leaves)
    return folder


def _writer(folder: Path) -> Callable[[PackFile, Iterable[Iterable[str]]], None]:
    def write(file: PackFile, rows: Iterable[Iterable[str]]) -> None:
        with (folder / file).open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(LAYOUTS[file].columns)
            writer.writerows(rows)

    return write


# categories and duty


@dataclass(frozen=True)
class _Leaf:
    domain: int
    thing: int
    number: int
    line: str
    name: str
    words: tuple[str, ...]

    @property
    def code(self) -> str:
        return f"{self.domain + 1:02d}{self.thing + 1:02d}{self.number + 1:03d}"


def _leaves(count: int) -> Iterator[_Leaf]:
    """Spread over all things: each thing gets its faults in turn, then the next qualifier."""
    things = [(d, t, line, thing) for d, (line, all_) in enumerate(DOMAINS.values()) for t, thing in enumerate(all_.split())]
    if count > len(things) * len(FAULTS) * len(QUALIFIERS):
        raise ContractError("--categories", f"最多 {len(things) * len(FAULTS) * len(QUALIFIERS)} 个类别", "请填小一些的数")
    for index in range(count):
        number, at = divmod(index, len(things))
        domain, place, line, thing = things[at]
        qualifier = QUALIFIERS[number // len(FAULTS)]
        fault, said = FAULTS[(number + place) % len(FAULTS)]
        whole = qualifier + thing
        yield _Leaf(domain, place, number, line, whole + fault, tuple(phrase.format(whole) for phrase in said.split()))


def _categories(leaves: list[_Leaf]) -> Iterator[list[str]]:
    used = {(leaf.domain, leaf.thing) for leaf in leaves}
    for d, (domain, (_, things)) in enumerate(DOMAINS.items()):
        if any(at == d for at, _ in used):
            yield [f"{d + 1:02d}", domain, "", "", ""]
        for t, thing in enumerate(things.split()):
            if (d, t) in used:
                yield [f"{d + 1:02d}{t + 1:02d}", thing, f"{d + 1:02d}", "", ""]
    for leaf in leaves:
        yield [leaf.code, leaf.name, leaf.code[:4], "", ";".join(leaf.words)]


def _duty(leaves: list[_Leaf], count: int) -> Iterator[list[str]]:
    """An item for every leaf, then a second one (and a third …) for the first of them, told apart by words of their own."""
    laws = [row["legal_basis"] for row in _sample(PackFile.DUTY)]
    for index in range(count):
        again, at = divmod(index, len(leaves))
        leaf = leaves[at]
        district = leaf.line in _LINES[:DISTRICT_LINES] and index % 3 > 0
        lead = f"line:{leaf.line}@district" if district else f"c-{_LINES.index(leaf.line):02d}"
        if leaf.domain < 3 and again == 0 and index % 5 == 0:
            lead = f"p-{leaf.domain}"
        helps = index % 4 == 0
        name = leaf.name + ("处置" if not again else f"第{again + 1}类处置")
        words = ";".join(f"{where}{leaf.words[0]}" for where in (("村里", "厂区里", "工地上")[:again]))
        yield [
            f"Q{index + 1:05d}", name, leaf.code, lead, "line:属地@community" if helps else "", "配合" if helps else "无",
            "履职", laws[index % len(laws)], words, "2026.1",
        ]  # fmt: skip


# areas, units, grids, places


def _name(index: int) -> str:
    """Two characters; 2,350 different ones, then three."""
    first, second = index % len(FIRST), index // len(FIRST) + index
    more = index // (len(FIRST) * len(SECOND))
    return FIRST[first] + SECOND[second % len(SECOND)] + (SECOND[more % len(SECOND)] if more else "")


def _street_of(size: BigCity, community: int) -> int:
    return community * size.streets // size.communities


def _district_code(district: int) -> str:
    return f"9801{district + 2:02d}"


def _street_code(size: BigCity, street: int) -> str:
    return f"{_district_code(street * DISTRICTS // size.streets)}{street + 1:03d}"


def _community_code(size: BigCity, community: int) -> str:
    return f"{_street_code(size, _street_of(size, community))}{community + 1:03d}"


def _areas(size: BigCity) -> Iterator[list[str]]:
    yield [CITY, "示例大市", "市", "", ""]
    yield from ([_district_code(d), f"{name}区", "区县", CITY, name] for d, name in enumerate(("东陵", "西陵", "南陵", "北陵")))
    for street in range(size.streets):
        code = _street_code(size, street)
        yield [code, f"{_name(3000 + street)}街道", "镇街", code[:6], ""]
    for community in range(size.communities):
        code = _community_code(size, community)
        yield [code, _name(community) + "社区", "村社区", _street_code(size, _street_of(size, community)), ""]


def _units(size: BigCity) -> Iterator[list[str]]:
    for number, line in enumerate(_LINES):
        yield [f"c-{number:02d}", f"示例大市{line}局", "市直部门", "", CITY, line, f"市{line}局", "", ""]
    for number, name in enumerate(UTILITIES):
        yield [f"p-{number}", f"示例大市{name}公司", "公共事业", "", CITY, name, f"{name}公司", "", ""]
    for d, district in enumerate(("东陵区", "西陵区", "南陵区", "北陵区")):
        for number, line in enumerate(_LINES[:DISTRICT_LINES]):
            above = f"c-{number:02d}"
            yield [f"d-{d}-{number:02d}", f"{district}{line}局", "区县部门", above, _district_code(d), line, "", "", ""]
    for street in range(size.streets):
        code = _street_code(size, street)
        yield [f"t-{code}", f"{_name(3000 + street)}街道办事处", "乡镇街道", "", code, "属地", "", "", ""]
    for community in range(size.communities):
        code = _community_code(size, community)
        yield [f"v-{code}", f"{_name(community)}社区居民委员会", "村社区", f"t-{code[:9]}", code, "属地", "", "", ""]


def _community_of(size: BigCity, grid: int) -> int:
    return grid * size.communities // size.grids


def _grids(size: BigCity) -> Iterator[list[str]]:
    """Cells of one lattice whose corners and sides are bent, so that neighbours share borders and none is a square."""
    across = math.isqrt(size.grids - 1) + 1
    serial = 0
    for grid in range(size.grids):
        community = _community_of(size, grid)
        serial = serial + 1 if grid and community == _community_of(size, grid - 1) else 1
        code = _community_code(size, community)
        kind = "专属" if grid % SPECIAL_EVERY == 0 else "综合"
        name = f"{_name(community)}社区第{serial}网格"
        yield [f"{code}{serial:03d}", name, kind, code, f"v-{code}", _polygon(*divmod(grid, across))]


def _polygon(row: int, column: int) -> str:
    corners = ((0, 0), (2, 0), (2, 2), (0, 2))
    ring = []
    for (x, y), (following_x, following_y) in zip(corners, corners[1:] + corners[:1], strict=True):
        ring.append((2 * column + x, 2 * row + y))
        ring.append((2 * column + (x + following_x) // 2, 2 * row + (y + following_y) // 2))
    points = [_point(x, y) for x, y in (*ring, ring[0])]
    return f"POLYGON (({', '.join(points)}))"


def _point(x: int, y: int) -> str:
    """A corner or the middle of a side of the lattice, bent by at most a tenth of a side: the same for all who share it."""
    bend = (x * 7919 + y * 104_729) % 211 / 211 - 0.5, (x * 6101 + y * 32_452_843) % 199 / 199 - 0.5
    return f"{WEST + STEP * (x / 2 + bend[0] / 5):.6f} {NORTH - STEP * (y / 2 + bend[1] / 5):.6f}"


def _places(size: BigCity) -> Iterator[list[str]]:
    across = math.isqrt(size.grids - 1) + 1
    first = [0] * size.communities
    for grid in range(size.grids - 1, -1, -1):
        first[_community_of(size, grid)] = grid
    for community, start in enumerate(first):
        code = _community_code(size, community)
        count = (first[community + 1] if community + 1 < size.communities else size.grids) - start
        for number in range(PLACES_EACH):
            own = number * count // PLACES_EACH
            row, column = divmod(start + own, across)
            kind, tail = PLACE_KINDS[number % len(PLACE_KINDS)]
            lon, lat = WEST + STEP * (column + 0.5), NORTH - STEP * (row + 0.5)
            yield [_name(community * 7 + number * 131) + tail, kind, "", code, f"{code}{own + 1:03d}", f"{lon:.6f}", f"{lat:.6f}"]


def _slots() -> Iterator[list[str]]:
    yield ["1", "none", "地点不明", "", ""]
    yield ["2", "city", "全市", "", ""]
    yield from ([str(d + 3), f"d{d + 1}", f"第{d + 1}区", _district_code(d), ""] for d in range(DISTRICTS))


# what does not depend on the city


def _from_the_sample(folder: Path, write: Callable[[PackFile, Iterable[Iterable[str]]], None], leaves: list[_Leaf]) -> None:
    header = yaml.safe_load((sample_city() / PackFile.PACK).read_text("utf-8"))
    header["name"], header["effective"] = "示例大市", header["effective"].isoformat()
    (folder / PackFile.PACK).write_text(yaml.safe_dump(header, allow_unicode=True, sort_keys=False), "utf-8")
    for file in (PackFile.CALENDAR, PackFile.HIGH_RISK):
        shutil.copyfile(sample_city() / file, folder / file)
    limits = [row for row in _sample(PackFile.LIMITS) if not row["category"] and not row["type"]]
    write(PackFile.LIMITS, ([row[name] for name in LAYOUTS[PackFile.LIMITS].columns] for row in limits))
    write(PackFile.MATCH_WINDOWS, ())
    for file in (PackFile.CAMERA_CLASSES, PackFile.GRID_EVENTS):
        labels = [next(iter(row.values())) for row in _sample(file)]
        write(file, ([label, leaves[number * 5 % len(leaves)].code] for number, label in enumerate(labels)))


def _sample(file: PackFile) -> list[dict[str, str]]:
    with (sample_city() / file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
