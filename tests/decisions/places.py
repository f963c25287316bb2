"""Ways in which people say where something is, each with the area that a person would understand."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from shapely import Point, from_wkt

from city.pack import CityPack
from city.records import Grid, PlaceName
from city.terms import AreaLevel
from city.terms import PlaceKind as Kind

KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "e": (Kind.ESTATE,),
    "r": (Kind.ROAD, Kind.BRIDGE, Kind.STATION),
    "s": (Kind.SCHOOL,),
    "h": (Kind.HOSPITAL,),
    "m": (Kind.MARKET, Kind.MALL),
    "v": (Kind.VILLAGE,),
    "w": (Kind.RIVER,),
    "p": (Kind.PARK, Kind.SQUARE),
    "b": (Kind.FACTORY, Kind.OFFICE),
}
UNKNOWN: Final = ("翡翠天悦", "盛世名门小区", "东方御景", "老粮库家属楼", "凯旋国际", "教师新村", "红星二期", "天鹅堡")
"""Names that no list of the sample city has."""
OUTSIDE: Final = {"lon": 104.21, "lat": 38.02}


@dataclass(frozen=True, slots=True)
class Wording:
    """words: how the place is said; home: one lives there. area: what a person understands, None when nobody could say."""

    words: str = ""
    area: str | None = None
    kind: str = "none"
    home: bool = False
    grid: str | None = None
    location: dict[str, float] | None = None


class Places:
    """Draws wordings; the same Random gives the same."""

    def __init__(self, pack: CityPack, random: Random) -> None:
        self._pack = pack
        self._random = random
        self._places = sorted({p for found in pack.place_names.values() for p in found}, key=lambda p: (p.name, p.area))
        self._villages = [a for a in pack.areas.values() if a.level is AreaLevel.COMMUNITY and a.name.endswith("村")]

    def draw(self, kinds: str) -> Wording:
        letters = [k for k in kinds.replace(",", "") if k != "n"]
        chance = self._random.random()
        if not letters or chance < (0.45 if "n" in kinds else 0.06):
            return self._coarse() if self._random.random() < (0.7 if "n" in kinds else 0.35) else Wording()
        if chance < 0.5 and "n" in kinds:
            letters = ["e"]
        rare: tuple[tuple[float, Callable[[], Wording]], ...] = (
            (0.05, self._unknown),
            (0.04, self.by_point),
            (0.03, self.by_grid),
        )
        roll = self._random.random()
        for share, draw in rare:
            roll -= share
            if roll < 0:
                return draw()
        letter = self._random.choice(letters)
        if letter == "v" and self._random.random() < 0.7:
            return self._village()
        if letter == "e" and self._random.random() < 0.15:
            return self._house_number()
        if letter == "r" and self._random.random() < 0.15:
            return self._crossing()
        return self._named(letter)

    def by_point(self) -> Wording:
        """Coordinates inside a grid, once in thirty outside the city."""
        if self._random.random() < 1 / 30:
            return Wording(kind="coordinates_outside", location=OUTSIDE)
        shape = from_wkt(self._grid().polygon)
        west, south, east, north = shape.bounds
        while True:
            lon, lat = self._random.uniform(west, east), self._random.uniform(south, north)
            if shape.contains(Point(lon, lat)):
                break
        lon, lat = round(lon, 6), round(lat, 6)
        at = self._pack.grid_at(lon, lat)
        return Wording(area=at.community if at else None, kind="coordinates", location={"lon": lon, "lat": lat})

    def by_grid(self) -> Wording:
        grid = self._grid()
        return Wording(area=grid.community, kind="grid", grid=grid.code)

    def _grid(self) -> Grid:
        return self._random.choice(list(self._pack.grids.values()))

    def _named(self, letter: str) -> Wording:
        place = self._random.choice([p for p in self._places if p.kind in KINDS[letter]])
        name = self._random.choice([place.name, place.name, *place.aliases])
        area: str | None = place.area
        kind = place.kind.value
        before = self._around(place)
        if self._ambiguous(name):
            if self._random.random() < 0.4:
                before = ""
                area = None
                kind = "ambiguous"
            else:
                before = before or self._above(place, AreaLevel.DISTRICT)
                kind = "told_apart"
        return Wording(before + name + self._detail(letter), area, kind, letter in "ev")

    def _ambiguous(self, name: str) -> bool:
        places = {p.area for p in self._pack.place_names.get(name, ())}
        return len(places | {a.code for a in self._pack.area_names.get(name, ())}) > 1

    def _around(self, place: PlaceName) -> str:
        roll = self._random.random()
        if roll < 0.6:
            return ""
        if roll < 0.75:
            return self._above(place, AreaLevel.DISTRICT)
        street = self._above(place, AreaLevel.STREET)
        return street if roll < 0.87 else self._above(place, AreaLevel.DISTRICT) + street

    def _above(self, place: PlaceName, level: AreaLevel) -> str:
        area = self._pack.area_at(place.area, level)
        return area.name if area else ""

    def _detail(self, letter: str) -> str:
        number = self._random.randint(1, 28)
        if letter == "e":
            flat = f"{number}号楼{self._random.randint(1, 4)}单元{self._random.randint(1, 18)}0{self._random.randint(1, 4)}"
            return self._random.choice(
                ["", "", f"{number}号楼", f"{number}栋", "东门", f"{number}#楼下", flat, f"{number}幢二单元", "大门口"]
            )
        if letter == "r":
            return self._random.choice(["", f"{number * 7}号门前", "中段", f"与{number}号院之间", "北侧", "往西一百米"])
        return self._random.choice(["", "门口", "附近", "旁边", "后面", "对面"])

    def _house_number(self) -> Wording:
        road = self._road()
        return Wording(
            f"{self._around(road)}{road.name}{self._random.randint(3, 260)}号院{self._random.randint(1, 9)}楼",
            road.area,
            "house",
            True,
        )

    def _crossing(self) -> Wording:
        road = self._road()
        same = [
            p for p in self._places if p.kind is Kind.ROAD and p.area == road.area and p != road and not self._ambiguous(p.name)
        ]
        if not same:
            return Wording(f"{road.name}丁字路口", road.area, "crossing")
        between = self._random.choice(["与", "和", "/"])
        return Wording(f"{road.name}{between}{self._random.choice(same).name}交叉口", road.area, "crossing")

    def _road(self) -> PlaceName:
        return self._random.choice([p for p in self._places if p.kind is Kind.ROAD and not self._ambiguous(p.name)])

    def _village(self) -> Wording:
        area = self._random.choice(self._villages)
        above = self._pack.areas[area.parent or ""].name if self._random.random() < 0.5 else ""
        return Wording(
            above + area.name + self._random.choice(["", "三组", "二队", "村东头", "五组"]), area.code, "village_area", True
        )

    def _coarse(self) -> Wording:
        """A level of the territory; once in ten the whole city."""
        if self._random.random() < 0.1:
            city = next(a for a in self._pack.areas.values() if a.level is AreaLevel.CITY)
            return Wording(self._random.choice(["全市", city.name]), city.code, "city")
        level = self._random.choice([AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY])
        area = self._random.choice([a for a in self._pack.areas.values() if a.level is level])
        known = None if len(self._pack.area_names[area.name]) > 1 else area.code
        return Wording(area.name, known, level.value, home=level is AreaLevel.COMMUNITY)

    def _unknown(self) -> Wording:
        name = f"{self._random.choice(UNKNOWN)}{self._random.choice(['', '3号楼', '12栋', '南门'])}"
        if self._random.random() < 0.5:
            return Wording(name, None, "unknown_name", True)
        district = self._random.choice([a for a in self._pack.areas.values() if a.level is AreaLevel.DISTRICT])
        return Wording(district.name + name, district.code, "unknown_name_in_district", True)
