"""Where things happen, and how people say it: exactly, roughly, wrongly, or not at all.

An expression keeps what a reader who knows the city could find by it (`area`), and whether anybody could (`findable`).
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from city.pack import CityPack
from city.records import PlaceName
from city.terms import AreaLevel, PlaceKind
from language.normalise import fold


class Said(StrEnum):
    """Kinds of place expressions."""

    BUILDING = "building"
    ESTATE = "estate"
    ALIAS = "alias"
    CROSSING = "crossing"
    BESIDE = "beside"
    ROAD_NUMBER = "road_number"
    COMMUNITY = "community"
    WITH_DISTRICT = "with_district"
    AMBIGUOUS = "ambiguous"
    HOMOPHONE = "homophone"
    MISTYPED = "mistyped"
    DISTRICT_ONLY = "district_only"
    NOWHERE = "nowhere"
    GRID = "grid"
    POINT = "point"


SHARES: dict[Said, float] = {
    Said.BUILDING: 26,
    Said.ESTATE: 12,
    Said.ALIAS: 7,
    Said.CROSSING: 8,
    Said.BESIDE: 12,
    Said.ROAD_NUMBER: 5,
    Said.COMMUNITY: 5,
    Said.WITH_DISTRICT: 6,
    Said.AMBIGUOUS: 3,
    Said.HOMOPHONE: 3,
    Said.MISTYPED: 3,
    Said.DISTRICT_ONLY: 3,
    Said.NOWHERE: 7,
}
"""How often each is used in calls and messages, of 100."""

_BESIDE = ("旁边", "对面", "门口", "后面", "南门外", "东侧", "附近", "西墙根", "往北一百米", "围墙边上")
_BUILDINGS = ("{n}号楼", "{n}栋", "{n}号楼{m}单元", "{n}栋{m}单元", "{n}-{m}-{k}", "{n}号楼{m}单元{k}室", "{n}幢")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an incident is. building: of an estate, 0 = none."""

    place: PlaceName
    building: int
    unit: int


@dataclass(frozen=True, slots=True)
class Expression:
    """text: as it stands in the report ("" = nothing). address: what the sender puts into the address field."""

    said: Said
    text: str
    area: str | None
    grid: str | None
    findable: bool


class Places:
    """Built once from a pack."""

    def __init__(self, pack: CityPack, homophones: dict[str, str]) -> None:
        self._pack = pack
        self._homophones = homophones
        self._by_kind: defaultdict[str, list[PlaceName]] = defaultdict(list)
        self._all: list[PlaceName] = []
        names = {fold(name) for name in (*pack.place_names, *pack.area_names)}
        self._names = names
        self._meanings: defaultdict[str, set[str]] = defaultdict(set)
        for name, found in pack.place_names.items():
            self._meanings[name] |= {place.area for place in found}
        for name, areas in pack.area_names.items():
            self._meanings[name] |= {area.code for area in areas}
        for place in dict.fromkeys(place for found in pack.place_names.values() for place in found):
            self._by_kind[place.kind.label].append(place)
            self._all.append(place)
        self._roads: defaultdict[str, list[PlaceName]] = defaultdict(list)
        for road in self._by_kind[PlaceKind.ROAD.label]:
            self._roads[road.area].append(road)

    def spot(self, dice: random.Random, kinds: Sequence[str]) -> Spot:
        """Some place of one of these kinds (the pack's words for them); of any, if the pack has none."""
        wanted = [place for kind in kinds for place in self._by_kind.get(kind, ())]
        place = dice.choice(wanted or self._all)
        homes = place.kind is PlaceKind.ESTATE
        return Spot(place, dice.randint(1, 28) if homes else 0, dice.randint(1, 4) if homes else 0)

    def express(self, dice: random.Random, spot: Spot, wanted: Said | None = None) -> Expression:
        """wanted: None = one of SHARES; where that cannot be said of this place, a plainer way is taken."""
        said = wanted or dice.choices(list(SHARES), list(SHARES.values()))[0]
        for way in (said, Said.BUILDING if spot.building else Said.BESIDE, Said.ESTATE):
            text = self._text(dice, spot, way)
            if text is not None:
                return self._expression(spot, way, text)
        return self._expression(spot, Said.ESTATE, spot.place.name)

    def _expression(self, spot: Spot, said: Said, text: str) -> Expression:
        place, pack = spot.place, self._pack
        if said is Said.NOWHERE:
            return Expression(said, "", None, None, findable=False)
        if said is Said.DISTRICT_ONLY:
            return Expression(said, text, place.district, None, findable=place.district is not None)
        if self._is_ambiguous(spot, said, text):
            return Expression(Said.AMBIGUOUS, text, place.area, None, findable=False)
        if said is Said.COMMUNITY:
            return Expression(said, text, place.area, None, findable=True)
        exact = said not in (Said.CROSSING,) and place.kind is not PlaceKind.ROAD
        community = pack.areas[place.area].level is AreaLevel.COMMUNITY
        return Expression(said, text, place.area, place.grid if exact and community else None, findable=True)

    def _is_ambiguous(self, spot: Spot, said: Said, text: str) -> bool:
        """Whether what is said stands for several places: an alias or community by itself, with a district by those in it."""
        if said in (Said.ALIAS, Said.COMMUNITY):
            return len(self._meanings[text]) > 1
        areas = self._meanings[spot.place.name]
        if said is Said.WITH_DISTRICT:
            return sum(self._district(code) == spot.place.district for code in areas) > 1
        return len(areas) > 1

    def _district(self, code: str) -> str | None:
        district = self._pack.district_of(code)
        return district.code if district else None

    def _text(self, dice: random.Random, spot: Spot, said: Said) -> str | None:
        """None where this cannot be said of the place."""
        place, pack = spot.place, self._pack
        road, community = place.kind is PlaceKind.ROAD, pack.areas[place.area].level is AreaLevel.COMMUNITY
        ways: dict[Said, Callable[[], str | None]] = {
            Said.NOWHERE: lambda: "",
            Said.BUILDING: lambda: place.name + self._building(dice, spot) if spot.building else None,
            Said.ALIAS: lambda: dice.choice(place.aliases) if place.aliases and not self._shared(place) else None,
            Said.CROSSING: lambda: self._crossing(dice, place),
            Said.BESIDE: lambda: None if road else place.name + dice.choice(_BESIDE),
            Said.ROAD_NUMBER: lambda: f"{place.name}{dice.randint(1, 320)}号" if road else None,
            Said.COMMUNITY: lambda: pack.areas[place.area].name if community else None,
            Said.WITH_DISTRICT: lambda: self._with_district(dice, spot),
            Said.DISTRICT_ONLY: lambda: pack.areas[place.district].name if place.district else None,
            Said.HOMOPHONE: lambda: self._sounding_alike(dice, place.name),
            Said.MISTYPED: lambda: self._mistyped(dice, place.name),
        }
        return ways.get(said, lambda: place.name)()

    def _with_district(self, dice: random.Random, spot: Spot) -> str | None:
        district = self._pack.areas.get(spot.place.district or "")
        building = self._building(dice, spot) if spot.building else ""
        return f"{district.name}{spot.place.name}{building}" if district else None

    def _shared(self, place: PlaceName) -> bool:
        return any(len(self._meanings[alias]) > 1 for alias in place.aliases)

    def _building(self, dice: random.Random, spot: Spot) -> str:
        return dice.choice(_BUILDINGS).format(n=spot.building, m=spot.unit, k=dice.randint(1, 18) * 100 + dice.randint(1, 4))

    def _crossing(self, dice: random.Random, place: PlaceName) -> str | None:
        """Two roads of the same street."""
        beside = [road for road in self._roads.get(place.area, ()) if road.name != place.name]
        if place.kind is not PlaceKind.ROAD or not beside:
            return None
        form = dice.choice(("{a}和{b}路口", "{a}与{b}交叉口", "{a}{b}路口", "{a}跟{b}十字路口"))
        return form.format(a=place.name, b=dice.choice(beside).name)

    def _sounding_alike(self, dice: random.Random, name: str) -> str | None:
        """One character by another of the same sound, where that is nobody else's name."""
        at = [index for index, letter in enumerate(name) if letter in self._homophones]
        dice.shuffle(at)
        for index in at:
            wrong = name[:index] + dice.choice(self._homophones[name[index]]) + name[index + 1 :]
            if fold(wrong) not in self._names:
                return wrong
        return None

    def _mistyped(self, dice: random.Random, name: str) -> str | None:
        """Two neighbours changed round, or one left out: only in names long enough to stay recognisable."""
        if len(name) < 5 or (name[-2:] in ("小区", "社区") and len(name) < 6):
            return None
        index = dice.randrange(1, len(name) - 2)
        swapped = name[:index] + name[index + 1] + name[index] + name[index + 2 :]
        left_out = name[:index] + name[index + 1 :]
        wrong = dice.choice((swapped, left_out))
        return wrong if wrong != name and fold(wrong) not in self._names else None
