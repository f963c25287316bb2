"""Words that only say where: the name of an estate, a school's gate, beside the bus stop. They are not the matter.

A place's name is full of other matters' words (水泥厂家属院, 公园路, 书院小学门口), so what a scan finds inside them does not count.
"""

from collections.abc import Mapping
from typing import Final

from city.pack import CityPack
from city.terms import AreaLevel, PlaceKind
from language.normalise import fold

_ONLY_PLACES: Final = frozenset(
    (PlaceKind.ESTATE, PlaceKind.ROAD, PlaceKind.VILLAGE, PlaceKind.STATION, PlaceKind.FACTORY, PlaceKind.OFFICE, PlaceKind.OTHER)
)
"""Kinds whose names say nothing of the matter. A park, a school, a hospital, a river may well be what it is about."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LANDMARKS: Final = _words(
    "公园 广场 小学 中学 学校 一中 二中 三中 四中 大学 医院 卫生院 公厕 公共厕所 公交站 公交站台 车站 地铁口 地铁站 幼儿园 商场 超市 市场 银行 加油站 酒店 "
    "派出所 政府 居委会 集市 药店 网吧 驿站 售楼处 大厦 饭店 食堂 红绿灯 养老院 快递站 电影院"
)
_POSITIONS: Final = tuple(
    _words(
        "正门 南门 北门 东门 西门 大门 后门 侧门 前门 门口 门前 门外 边上 旁边 旁 附近 对面 后面 后头 前面 背后 东侧 西侧 南侧 北侧 周边 出口 隔壁 一带 "
        "斜对面 楼下 后身 跟前 这边 那边 拐角 围墙 外面 往东 往西 往南 往北"
    )
)
"""What, right behind a landmark, makes it only a place: 小学门口, 公园旁."""


class Aside:
    """Built once from a pack; `terms` are to be scanned for together with all other terms."""

    def __init__(self, pack: CityPack) -> None:
        places = {fold(name) for name, found in pack.place_names.items() if any(p.kind in _ONLY_PLACES for p in found)}
        areas = {fold(name) for name, found in pack.area_names.items() if any(a.level is not AreaLevel.CITY for a in found)}
        self._names = frozenset(name for name in places | areas if len(name) >= 2)
        self.terms = self._names | _LANDMARKS

    def without(self, text: str, positions: Mapping[str, list[int]]) -> dict[str, list[int]]:
        """The positions of a scan that do not lie inside a place."""
        spans: list[tuple[int, int]] = []
        for term in self.terms & positions.keys():
            ends = [(start, start + len(term)) for start in positions[term]]
            if term in self._names:
                spans += ends
            else:
                spans += [(start, end + 2) for start, end in ends if text.startswith(_POSITIONS, end)]
        if not spans:
            return dict(positions)
        kept: dict[str, list[int]] = {}
        for term, starts in positions.items():
            length = len(term)
            free = [s for s in starts if not any(low <= s and s + length <= high for low, high in spans)]
            if free:
                kept[term] = free
        return kept
