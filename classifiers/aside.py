"""Words that only say where: the name of an estate, a school's gate, beside the bus stop. They are not the matter.

A place's name is full of other matters' words (水泥厂家属院, 公园路, 书院小学门口), so what a scan finds inside them does not count.
"""

import re
from collections.abc import Mapping
from typing import Final

from city.pack import CityPack
from city.terms import AreaLevel, PlaceKind
from language.normalise import fold

_ONLY_PLACES: Final = frozenset(
    (PlaceKind.ESTATE, PlaceKind.ROAD, PlaceKind.VILLAGE, PlaceKind.STATION, PlaceKind.FACTORY, PlaceKind.OFFICE, PlaceKind.OTHER)
)
"""Kinds whose names say nothing of the matter. A park, a school, a hospital, a river may well be what it is about."""

_BESIDE: Final = re.compile(
    r"(?:公园|广场|小学|中学|学校|[一二三四]中|大学|医院|卫生院|公厕|公共厕所|公交站|公交站台|车站|地铁口|地铁站|幼儿园|商场|超市|市场|银行|加油站"
    r"|酒店|派出所|政府|居委会|集市|药店|网吧|驿站|售楼处|大厦|饭店|食堂|红绿灯|养老院|快递站|电影院)"
    r"的?(?:[正南北东西大后侧前]门|门口|门前|门外|边上|旁边|旁|附近|对面|后面|后头|前面|背后|[东南西北]侧|周边|出口|隔壁|一带|斜对面|楼下|后身|跟前|这边"
    r"|那边|拐角|围墙|外面|往[东南西北]|到(?!了))"
)
"""A landmark with a word of position behind it."""


class Aside:
    """Built once from a pack; `names` are to be scanned for together with all other terms."""

    def __init__(self, pack: CityPack) -> None:
        places = {fold(name) for name, found in pack.place_names.items() if any(p.kind in _ONLY_PLACES for p in found)}
        areas = {fold(name) for name, found in pack.area_names.items() if any(a.level is not AreaLevel.CITY for a in found)}
        self.names = frozenset(name for name in places | areas if len(name) >= 2)

    def without(self, text: str, positions: Mapping[str, list[int]]) -> dict[str, list[int]]:
        """The positions of a scan that do not lie inside a place."""
        spans = [match.span() for match in _BESIDE.finditer(text)]
        for name in self.names & positions.keys():
            spans += [(start, start + len(name)) for start in positions[name]]
        if not spans:
            return dict(positions)
        kept: dict[str, list[int]] = {}
        for term, starts in positions.items():
            length = len(term)
            free = [s for s in starts if not any(low <= s and s + length <= high for low, high in spans)]
            if free:
                kept[term] = free
        return kept
