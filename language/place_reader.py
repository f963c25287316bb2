"""Reads a text from sign to sign (路, 区, 栋, 号 …) and collects the place expressions that end there."""

import re
from typing import Final

from language import place_words as words
from language.normalise import fold
from language.numerals import with_digits
from language.place_expression import PlaceExpression, PlaceKind
from language.place_names import name_begin

_NUMBERED: Final = frozenset((PlaceKind.NUMBER, PlaceKind.BUILDING, PlaceKind.UNIT, PlaceKind.ROOM, PlaceKind.GRID))
_JOINABLE: Final = frozenset((PlaceKind.ROAD, PlaceKind.COMMUNITY, PlaceKind.ESTATE, PlaceKind.LANDMARK))
"""What a following ending turns into a longer name: 桂花路 + 小学, 新月花园 + 小区."""

_WIDE: Final = frozenset((PlaceKind.DISTRICT, PlaceKind.TOWN, PlaceKind.ROAD))

_TWO_CHARACTERS: Final = frozenset((PlaceKind.COMMUNITY, PlaceKind.ROAD))
"""Kinds whose names have two characters or more before the ending, as far as a reader can be sure."""

_NO_ROAD: Final = frozenset(("小区", "社区", "公寓", "学校", "小学", "中学", "超市", "宿舍", "酒店", "市场", "楼盘", "医院"))
"""A 路 or 街 right behind these is not part of a longer name."""

_LONGEST_NAME: Final = {
    PlaceKind.DISTRICT: 4,
    PlaceKind.TOWN: 4,
    PlaceKind.COMMUNITY: 5,
    PlaceKind.ROAD: 5,
    PlaceKind.ESTATE: 8,
    PlaceKind.LANDMARK: 9,
}
"""Characters before the ending."""


_KIND_OF: Final = {ending: PlaceKind(kind) for kind, endings in words.ENDINGS.items() for ending in endings}
_LENGTHS: Final = {
    last: tuple(sorted({len(ending) for ending in _KIND_OF if ending[-1] == last}, reverse=True))
    for last in {ending[-1] for ending in _KIND_OF}
}
"""How long the endings are that end with a character, the longest first."""

_WEAK_LAST: Final = frozenset(word[-1] for word in words.WEAK_ESTATE_ENDINGS)
_ALL_ENDINGS: Final = _KIND_OF.keys() | words.WEAK_ESTATE_ENDINGS
_NUMBER_SIGNS: Final = frozenset("栋幢座楼元室房号格期")
_SIGNS: Final = frozenset("区县市") | {ending for ending in _ALL_ENDINGS if len(ending) == 1}
"""Characters at which a name may end, whatever stands before."""
_LAST_TWO: Final = frozenset(ending[-2:] for ending in _ALL_ENDINGS)
_HIT: Final = re.compile(f"[{''.join(sorted(_NUMBER_SIGNS | _SIGNS | {two[-1] for two in _LAST_TWO}))}]")
_ARABIC: Final = frozenset("0123456789０１２３４５６７８９")
_CHINESE: Final = frozenset("一二三四五六七八九十两")
_NUMERIC: Final = _ARABIC | _CHINESE | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-#")
_ROOM_AFTER: Final = re.compile(r"[ \-—－]?[0-9０-９]{3,4}(?:室|号房|房|户|号)?(?![0-9０-９栋幢座年元户个人万])")
_RESIDENTS: Final = re.compile("业主|住户|楼盘|物业|小区|项目|[一二三四五六七八九0-9]期")
_AT_HOME: Final = re.compile(
    "门口|[东南西北大后]门|附近|旁边|对面|车库|开发商|商铺|商住|高层|房屋|房子|楼顶|外墙|电梯|停水|停电|停气|规划|交房"
)
"""Behind the longer of the weak endings (国际, 世家) these show an estate as well."""
_GRID_CODE: Final = re.compile(r"网格(?:编?码|编?号)?[:：为是]?\s?([A-Za-z0-9][A-Za-z0-9\-]{5,23})")


def _names_nothing(name: str, before_ending: str) -> bool:
    if name in words.NO_NAME or name[-2:] in words.NEVER_A_NAME or before_ending in words.GENERIC:
        return True
    return name[-1] == "路" and before_ending.isdecimal()  # a bus line


class PlaceReader:
    """Reads one text from left to right; `found` are the expressions so far, `floor` where the last one ended."""

    __slots__ = ("floor", "found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[PlaceExpression] = []
        self.floor = 0

    def add(self, kind: PlaceKind, start: int, end: int) -> None:
        name = self.text[start:end]
        normal = fold(name)
        if kind in _NUMBERED or normal[-1:] == "期":
            normal = with_digits(normal).replace("#", "栋" if kind is PlaceKind.BUILDING else "#")
        self.found.append(PlaceExpression(kind, name, start, end, normal))
        self.floor = end

    def touches(self, position: int) -> PlaceKind | None:
        """The kind of the expression that ends right before the position (one space allowed)."""
        if self.found and (self.floor == position or (self.floor == position - 1 and self.text[position - 1] == " ")):
            return self.found[-1].kind
        return None

    def begin(self, ending: int, end: int, longest: int) -> int:
        """Where the name begins whose ending is text[ending:end]; `ending` when there is none."""
        return name_begin(self.text, self.floor, ending, end, longest)

    def named(self, ending: str, kind: PlaceKind, end: int) -> None:
        """Tries a name of that ending."""
        text = self.text
        ending_start = end - len(ending)
        if ending_start < self.floor:
            return
        excluded = text[end : end + 1] in words.NOT_BEFORE.get(ending, ())
        if self.floor == ending_start and self.found and self.lengthens(self.found[-1], kind):
            if not excluded:
                last = self.found.pop()
                self.floor = last.start
                begin = self.begin(ending_start, end, _LONGEST_NAME[kind])
                self.add(kind, begin if begin < ending_start else last.start, end)
            return
        begin = self.begin(ending_start, end, _LONGEST_NAME[kind])
        length = ending_start - begin
        if excluded and (text[end] not in words.NAME_MAY_PRECEDE or length < 2):
            return
        if length == 1 and (text[begin] in words.NO_SHORT_NAME or len(ending) > 1 or kind in _TWO_CHARACTERS):
            return
        if length and not _names_nothing(text[begin:end], text[begin:ending_start]):
            self.add(kind, begin, end)

    @staticmethod
    def lengthens(last: PlaceExpression, kind: PlaceKind) -> bool:
        """Whether an ending right behind `last` makes one longer name with it, of that kind (桂花路小学)."""
        if kind is PlaceKind.ROAD:
            return last.kind in _JOINABLE and last.kind is not PlaceKind.ROAD and last.name[-2:] not in _NO_ROAD
        return last.kind in _JOINABLE

    def district(self, end: int) -> None:
        text, last = self.text, end - 1
        if self.in_estate(last) and text[last] == "区":
            self.add(PlaceKind.ESTATE, self.found.pop().start, end)
            return
        before = text[last - 1 : last]
        if before.isascii() and before.isalnum():
            start = last - 1
            while start > self.floor and last - start < 3 and text[start - 1].isascii() and text[start - 1].isalnum():
                start -= 1
            code = text[start:last]
            if code[0].isupper() and (code[1:].isdecimal() or (len(code) == 1 and text[last] != "区")):
                self.add(PlaceKind.DISTRICT, start, end)
            return
        if text[end - 2 : end] in words.NEVER_A_DISTRICT or text[end : end + 1] in words.DISTRICT_NOT_BEFORE:
            return
        begin = self.begin(last, end, _LONGEST_NAME[PlaceKind.DISTRICT])
        name = text[begin:end]
        if last - begin not in (2, 3) or not name.isalpha() or text[last - 1] in _CHINESE:
            return
        if name in words.DISTRICT_NO_NAME or (len(name) == 4 and name[1:] in words.DISTRICT_NO_NAME):
            return
        if name[-2:] not in words.DISTRICT_NO_NAME or len(name) == 3:
            self.add(PlaceKind.DISTRICT, begin, end)

    def in_estate(self, position: int) -> bool:
        """Whether only one or two signs of a number or letter stand between an estate and the position."""
        if not self.found or not self.floor < position <= self.floor + 2:
            return False
        return self.found[-1].kind is PlaceKind.ESTATE and all(c in _NUMERIC for c in self.text[self.floor : position])

    def number_before(self, end: int) -> int:
        """Where the number begins that ends at `end`; `end` when there is none."""
        start, lowest = end, max(self.floor, end - 6)
        while start > lowest and self.text[start - 1] in _NUMERIC:
            start -= 1
        while start < end and self.text[start] in "-#":
            start += 1
        return start

    def building(self, sign: str, end: int) -> None:
        text = self.text
        start = self.number_before(end - len(sign))
        number = text[start : end - len(sign)]
        if not number or (number.isascii() and number.isalpha() and len(number) > 1):
            return
        counted = number[0] in _CHINESE and (sign == "座" or number in ("一", "两"))
        if self.touches(start) is None:
            if counted:
                return
            begin = self.begin(start, start, 8)
            if start - begin >= 2 and text[begin:start] not in words.NO_NAME and text[begin:start].isalnum():
                self.add(PlaceKind.ESTATE, begin, start)
        self.add(PlaceKind.BUILDING, start, end)
        self.room_after(end)

    def room_after(self, end: int) -> None:
        room = _ROOM_AFTER.match(self.text, end)
        if room:
            start = room.start() + (room.group()[0] in " -—－")
            self.add(PlaceKind.ROOM, start, room.end())

    def unit(self, end: int) -> None:
        if self.text[end - 2 : end] == "单元":
            start = self.number_before(end - 2)
            if start < end - 2:
                self.add(PlaceKind.UNIT, start, end)
                self.room_after(end)

    def grid(self, end: int) -> None:
        text = self.text
        if text[end - 2 : end] != "网格":
            return
        code = _GRID_CODE.match(text, end - 2)
        if code and any(c in _ARABIC for c in code.group(1)):
            self.add(PlaceKind.GRID, code.start(1), code.end(1))
            return
        stop = end - 3 if text[end - 3 : end - 2] == "号" else end - 2
        start = self.number_before(stop)
        if start < stop:
            self.add(PlaceKind.GRID, start - (text[start - 1 : start] == "第"), end)

    def numbered(self, sign: str, end: int) -> None:
        """号, 室, 房 and 期 after a number."""
        start = self.number_before(end - 1)
        if start == end - 1:
            return
        before = self.touches(start)
        if sign == "期":
            self.phase(start, end, before)
        elif sign != "号":
            if end - start >= 4 and self.text[start] in _ARABIC:
                self.add(PlaceKind.ROOM, start, end)
        elif self.text[end : end + 1] not in words.NOT_AFTER_NUMBER:
            if before in (PlaceKind.BUILDING, PlaceKind.UNIT):
                self.add(PlaceKind.ROOM, start, end)
            elif before in _JOINABLE:
                self.add(PlaceKind.NUMBER, start, end)

    def phase(self, start: int, end: int, before: PlaceKind | None) -> None:
        if before is PlaceKind.ESTATE and self.floor == start:
            last = self.found.pop()
            self.add(PlaceKind.ESTATE, last.start, end)
        elif before is None and end - start == 2:
            begin = self.begin(start, start, 8)
            if start - begin >= 2 and self.text[begin:start] not in words.NO_NAME:
                self.add(PlaceKind.ESTATE, begin, end)

    def weak_estate(self, end: int) -> None:
        text = self.text
        long = text[end - 2 : end] in words.WEAK_ESTATE_ENDINGS
        if not long and text[end - 1] not in words.WEAK_ESTATE_ENDINGS:
            return
        sure = _RESIDENTS.match(text, end) is not None or (long and _AT_HOME.match(text, end) is not None)
        if not sure and text[end : end + 1].isalnum() and text[end] != "的":
            return
        begin = self.begin(end, end, 8)
        if end - begin < 3 or text[begin:end] in words.NO_NAME:
            return
        listed = text[begin - 1 : begin] == "、" and self.touches(begin - 1) is PlaceKind.ESTATE
        if sure or listed or self.touches(begin) in _WIDE:
            self.add(PlaceKind.ESTATE, begin, end)

    def read(self) -> None:
        text = self.text
        for hit in _HIT.finditer(text):
            end = hit.end()
            sign = hit.group()
            if end <= self.floor:
                continue
            if sign in _NUMBER_SIGNS:
                self.sign(sign, end)
            elif sign in _SIGNS or text[end - 2 : end] in _LAST_TWO:
                self.ending(sign, end)

    def sign(self, sign: str, end: int) -> None:
        """Looks at the sign of a number that stands at `end - 1`."""
        if sign in "栋幢座":
            self.building(sign, end)
        elif sign in "号室房期":
            self.numbered(sign, end)
        elif sign == "元":
            self.unit(end)
        elif sign == "格":
            self.grid(end)
        elif self.text[end - 3 : end].endswith("号楼"):
            self.building("号楼", end)
        else:
            self.ending(sign, end)

    def ending(self, sign: str, end: int) -> None:
        """The longest ending that stands there counts, also when it gives no name."""
        for length in _LENGTHS.get(sign, ()):
            found = self.text[max(0, end - length) : end]
            kind = _KIND_OF.get(found)
            if kind:
                self.named(found, kind, end)
                return
        if sign in "区县市":
            self.district(end)
        elif sign in _WEAK_LAST:
            self.weak_estate(end)
