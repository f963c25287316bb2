"""What stands in a report beside its matter: where it is, who writes, how long it has been going on, what is asked of the office.

A place's name is full of other matters' words (水泥厂家属院, 公园路, 书院小学门口), and so is a plea (单位领导都有意见,
跑过街道). What a scan finds inside them does not count.
"""

from collections.abc import Mapping, Sequence
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
    "公园 广场 小学 中学 学校 一中 二中 三中 四中 大学 医院 卫生院 公厕 公共厕所 公交站 公交站台 车站 地铁口 地铁站 幼儿园 "
    "商场 超市 市场 银行 加油站 酒店 派出所 政府 居委会 集市 药店 网吧 驿站 售楼处 大厦 饭店 食堂 红绿灯 养老院 快递站 "
    "电影院"
)
_POSITIONS: Final = tuple(
    _words(
        "正门 南门 北门 东门 西门 大门 后门 侧门 前门 门口 门前 门外 边上 旁边 旁 附近 对面 后面 后头 前面 背后 东侧 西侧 "
        "南侧 北侧 周边 出口 隔壁 一带 斜对面 楼下 后身 跟前 这边 那边 拐角 围墙 外面 往东 往西 往南 往北"
    )
)
"""What, right behind a landmark, makes it only a place: 小学门口, 公园旁."""


_PLEAS: Final = _words(
    "尊敬 您好 你好 各位领导 领导好 领导您 领导辛苦 普通市民 老百姓 写这封信 写信 冒昧 打扰 百忙 敬礼 此致 谢谢 感谢 恳请 "
    "恳求 拜托 望尽快 请尽快 希望尽快 尽快处理 尽快解决 早日解决 予以解决 给予答复 明确的答复 给个答复 给个说法 说句公道 "
    "为民做主 互相推诿 推来推去 归哪个部门 哪个部门管 归谁管 谁来管 不归自己 不归他 问了一圈 有关部门 相关部门 跑过社区 "
    "跑过街道 客客气气 没有下文 经办人 姓什么 拖到现在 拖了这么久 反映过 反映多次 多次反映 已转办 然后就没有 打过电话 "
    "都说已 耗不起 老伴身体 儿女都 儿女不在 打得慢 不会打字 说得不清 请多包涵 见谅 要考试 请了好几次 请假 单位领导 "
    "都有意见 有意见 愿意出头 隔壁城市 别的城市 站出来 解释一句 来电人 来电反映 市民来电 居民来电 群众来电 来电称 市民称 "
    "居民称 的居民 其家住 今天路过 地方在 诉求内容 网格员报 巡查发现 走访发现 市民反映 需回电 请回电 请求保密 要求保密 "
    "要求回复 联系方式 联系电话 常年在外 听家人 今年六十 今年七十 岁数大 上有老 下有小 不容易 没有办法 实在没 能不能有人 "
    "管一管 查一查 调查处理 核实处理 落款 一位居民 一位普通"
)
"""What shows that a clause speaks of the caller, of the complaint's own history or of the office, not of the matter."""

_ENDS: Final = frozenset(",。!?;:()[]<>、…~ \n\"'")


class Aside:
    """Built once from a pack; `terms` are to be scanned for together with all other terms."""

    def __init__(self, pack: CityPack) -> None:
        places = {fold(name) for name, found in pack.place_names.items() if any(p.kind in _ONLY_PLACES for p in found)}
        areas = {fold(name) for name, found in pack.area_names.items() if any(a.level is not AreaLevel.CITY for a in found)}
        self._names = frozenset(name for name in places | areas if len(name) >= 2)
        self.terms = self._names | _LANDMARKS | _PLEAS

    def spans(self, text: str, positions: Mapping[str, list[int]]) -> list[tuple[int, int]]:
        """Where places and pleas stand in the text; positions: a scan of it for `terms`."""
        spans: list[tuple[int, int]] = []
        for term in self.terms.intersection(positions):  # takes the time of the positions; & with their keys that of all terms
            ends = [(start, start + len(term)) for start in positions[term]]
            if term in self._names:
                spans += ends
            elif term in _PLEAS:
                spans += [_clause(text, start, end) for start, end in ends]
            else:
                spans += [(start, end + 2) for start, end in ends if text.startswith(_POSITIONS, end)]
        return spans


def outside(positions: Mapping[str, list[int]], spans: Sequence[tuple[int, int]]) -> dict[str, list[int]]:
    """The positions of a scan that do not lie inside one of the spans."""
    if not spans:
        return dict(positions)
    covered = bytearray(max(high for _, high in spans))
    for low, high in spans:
        covered[low:high] = b"\1" * (high - low)
    covered += b"\0"
    end = len(covered) - 1
    kept: dict[str, list[int]] = {}
    for term, starts in positions.items():
        length = len(term)
        free = [s for s in starts if s + length > end or covered.find(0, s, s + length) >= 0]
        if free:
            kept[term] = free
    return kept


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """From the mark before text[start:end] to the mark after it."""
    while start > 0 and text[start - 1] not in _ENDS:
        start -= 1
    while end < len(text) and text[end] not in _ENDS:
        end += 1
    return start, end
