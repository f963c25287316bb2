"""The pack's own names in a text: areas and places, by name, alias or short form, the longest first.

Short forms are derived where nothing else in the pack is called so: an estate without 小区, a street office as 街办. They are
marked, so that a full name outweighs them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from city.pack import CityPack
from city.records import Area, PlaceName
from city.terms import AreaLevel, PlaceKind
from language.normalise import fold

GENERIC_TAILS: Final = ("小区", "花园小区", "家属院", "农贸市场", "菜市场", "公园", "广场")
"""What people leave out at the end of a name; the rest must have 3 characters, so that it is still a name."""

NAME_GOES_ON: Final = frozenset("路街巷道村镇乡区县市苑园城里桥湾府庭校院站店厂馆楼局所")
"""After a short form: then it is the beginning of another name (和平 in 和平路)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning of a name. path: codes of the area from the city down; kind None: the name of an area itself."""

    name: str
    kind: PlaceKind | None
    area: str
    path: str
    grid: str | None
    short: bool
    lon: float | None = None
    lat: float | None = None


class Slip(StrEnum):
    """How a name was misspelt."""

    SOUND = "sound"
    SWAPPED = "swapped"
    LEFT_OUT = "left_out"
    WRONG = "wrong"


class Hit(NamedTuple):
    """A name at text[start:end] with all its meanings. slip: None when it stands there as the pack spells it."""

    start: int
    end: int
    entries: tuple[Entry, ...]
    slip: Slip | None = None


class Gazetteer:
    """Built once from a pack; `hits` reads a folded text at about 40 ns a character."""

    def __init__(self, pack: CityPack) -> None:
        full, short = _names(pack)
        for form, entries in short.items():
            if form not in full:
                full[form] = entries
        self._entries = {name: tuple(entries) for name, entries in full.items() if len(name) >= 2}
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._entries:
            lengths[name[:2]].add(len(name))
        self.parts = frozenset(_parts(self._entries))
        """Names with which another place's name begins or ends: 粮机厂 of 粮机厂家属院, 客运站 of 棠湾客运站."""
        self._firsts = frozenset(head[0] for head in lengths)
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    @property
    def names(self) -> Mapping[str, tuple[Entry, ...]]:
        """What the names mean, folded, short forms too."""
        return self._entries

    def hits(self, text: str) -> list[Hit]:
        """The names in a folded text, in text order, apart; where names overlap the one that begins first, then the longest."""
        found: list[Hit] = []
        lengths = self._lengths
        firsts = self._firsts
        starts = [at for at, first in enumerate(text) if first in firsts and text[at : at + 2] in lengths]
        floor = 0
        for start in starts:
            if start < floor:
                continue
            for length in lengths[text[start : start + 2]]:
                entries = self._entries.get(text[start : start + length])
                if entries and not (entries[0].short and text[start + length : start + length + 1] in NAME_GOES_ON):
                    found.append(Hit(start, start + length, entries))
                    floor = start + length
                    break
        return found


def _parts(entries: Mapping[str, tuple[Entry, ...]]) -> Iterator[str]:
    for name, found in entries.items():
        for cut in range(2, len(name) - 1):
            for part in (name[:cut], name[cut:]):
                if any(entry not in found for entry in entries.get(part, ())):
                    yield part


_Names = defaultdict[str, list[Entry]]


def _names(pack: CityPack) -> tuple[_Names, _Names]:
    """The full names, and the short forms derived from them."""
    full: _Names = defaultdict(list)
    short: _Names = defaultdict(list)
    for name, areas in pack.area_names.items():
        for area in areas:
            if area.level is AreaLevel.CITY:
                continue
            full[fold(name)].append(_area_entry(area, short=False))
            for form in _short_area_forms(fold(name), area.level):
                short[form].append(_area_entry(area, short=True))
    for name, places in pack.place_names.items():
        for place in places:
            path = pack.areas[place.area].path
            full[fold(name)].append(_place_entry(place, path, short=False))
            for form in _short_place_forms(fold(name)):
                short[form].append(_place_entry(place, path, short=True))
    return full, short


def _area_entry(area: Area, *, short: bool) -> Entry:
    return Entry(area.name, None, area.code, area.path, None, short)


def _place_entry(place: PlaceName, path: str, *, short: bool) -> Entry:
    return Entry(place.name, place.kind, place.area, path, place.grid, short, place.lon, place.lat)


def _short_area_forms(name: str, level: AreaLevel) -> list[str]:
    if level is AreaLevel.STREET and name.endswith("街道") and len(name) >= 4:
        return [name[:-1] + "办"]
    if level is AreaLevel.DISTRICT and len(name) >= 3 and name[-1] in "区县市":
        return [name[:-1]]
    if level is AreaLevel.COMMUNITY and name.endswith("社区") and len(name) >= 5:
        return [name[:-2]]
    return []


def _short_place_forms(name: str) -> list[str]:
    return [name.removesuffix(tail) for tail in GENERIC_TAILS if name.endswith(tail) and len(name) - len(tail) >= 3]
