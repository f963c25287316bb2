"""The areas of the city: from tables of areas, from the columns of other tables, from the names of offices, from the base."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from city.importing.codes import Codes, free_number
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import AREA_CODES, AREA_LEVELS, Field, Kind
from city.importing.text import parts
from city.importing.work import Work
from city.layout import PackFile
from city.terms import AreaLevel

_OFFICE: Final = re.compile(r"(?:街道)?办事处$|街道办$|(?:人民)?政府$|(?:居民|村民)委员会$|[居村]委会$|党群服务中心$")
_TAIL: Final = {
    AreaLevel.CITY: re.compile("市$"),
    AreaLevel.DISTRICT: re.compile("(?:新区|区|县|市)$"),
    AreaLevel.STREET: re.compile("(?:街道|镇|乡)$"),
    AreaLevel.COMMUNITY: re.compile("(?:社区|村)$"),
}
_LEVELS: Final = (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY)
_DIGITS: Final = (6, 9, 12)
"""Digits of a code of districts, streets, communities (统计用区划代码)."""


def bare_area(name: str) -> str:
    """临江街道办事处 = 临江街道, 望江社区居民委员会 = 望江社区."""
    without = _OFFICE.sub("", name)
    return without + "街道" if name.endswith(("街道办事处", "街道办")) and not without.endswith("街道") else without


def short_area(name: str, level: AreaLevel) -> str:
    """临江街道 = 临江."""
    short = _TAIL[level].sub("", bare_area(name))
    return short if len(short) > 1 else bare_area(name)


class AreaBook:
    """Areas by code, looked up by name within an area above."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.levels: dict[str, AreaLevel] = {}
        self.names: dict[str, str] = {}
        self.above: dict[str, str] = {}
        self._by_name: defaultdict[tuple[AreaLevel, str], list[str]] = defaultdict(list)
        for row in work.base_rows(PackFile.AREAS):
            level = AreaLevel.from_label(row["level"])
            if level is not None:
                self._add(level, row["code"], row["name"], row["parent"], row["aliases"], None)
        self._read_tables()

    @property
    def city(self) -> str:
        return next(code for code, level in self.levels.items() if level is AreaLevel.CITY)

    def of_level(self, level: AreaLevel) -> list[str]:
        return [code for code, found in self.levels.items() if found is level]

    def round(self, code: str, level: AreaLevel) -> str | None:
        """The area of that level round this one."""
        at: str | None = code
        while at and self.levels[at] is not level:
            at = self.above.get(at) or None
        return at

    def find(self, name: str, level: AreaLevel, within: str = "") -> list[str]:
        """Codes of the areas that are called so, inside `within` if that is said."""
        found = self._by_name.get((level, bare_area(name))) or self._by_name.get((level, short_area(name, level)), [])
        return [code for code in dict.fromkeys(found) if not within or self._inside(code, within)]

    def named(self, entry: Entry, *, make: bool) -> str | None:
        """The finest area that the row's columns name (区县, 镇街, 村社区); None with a finding when they do not fit together."""
        within = self.city
        for level, names, codes in zip(_LEVELS, AREA_LEVELS, AREA_CODES, strict=True):
            value = entry.first(names)
            if value is None:
                continue
            found = self.find(value.name, level, within) or self._by_code(value, level)
            if not found and make and self._can_hold(within, level):
                code = entry.first(codes)
                within = self.add(level, value.name, within, code.name if code else "", value.spot)
                continue
            if len(found) != 1:
                self._unknown(value, level, found)
                return None
            within = found[0]
        return within if within != self.city else None

    def add(self, level: AreaLevel, name: str, parent: str, code: str, spot: Spot) -> str:
        """A new area; without a code it gets the next free one below its parent."""
        if not code or code in self.levels:
            stem = parent[:4] if level is AreaLevel.DISTRICT else parent
            code = free_number(self.levels, stem, 2 if level is AreaLevel.DISTRICT else 3)
            message = f"{level.label}“{bare_area(name)}”没有编码,按“{code}”导入"
            self._work.findings.guess(spot, Rule.AREA, message, "请核对;最好给出一张行政区划表(名称、区划代码)")
        self._add(level, code, bare_area(name), parent, "", spot)
        return code

    def _add(self, level: AreaLevel, code: str, name: str, parent: str, aliases: str, spot: Spot | None) -> None:
        self.levels[code], self.names[code], self.above[code] = level, name, parent
        for known in dict.fromkeys((name, short_area(name, level), *aliases.split(";"))):
            if known:
                self._by_name[level, known].append(code)
        row = {"code": code, "name": name, "level": level.label, "parent": parent, "aliases": aliases}
        self._work.rows(PackFile.AREAS).add(row, {"": spot} if spot else None)

    def _inside(self, code: str, within: str) -> bool:
        return within in (code, *(self.round(code, level) for level in (AreaLevel.CITY, *_LEVELS)))

    def _can_hold(self, within: str, level: AreaLevel) -> bool:
        """Whether a new area of this level can lie right below: only below the level next to it."""
        return tuple(AreaLevel).index(level) == tuple(AreaLevel).index(self.levels[within]) + 1

    def _by_code(self, value: Value, level: AreaLevel) -> list[str]:
        return [value.name] if self.levels.get(value.name) is level else []

    def _unknown(self, value: Value, level: AreaLevel, found: Sequence[str]) -> None:
        said = f"有 {len(found)} 个“{value.name}”" if found else f"没有叫“{value.name}”的{level.label}"
        remedy = "请补上所属区县、镇街的列,或改用编码" if found else "请核对名称,或在行政区划表中增加"
        self._work.findings.fault(value.spot, Rule.AREA, said, remedy)

    # tables of areas, and codes that stand in the codes of grids

    def _read_tables(self) -> None:
        work = self._work
        coded, listed = _coded(work.entries(Kind.AREAS)), work.entries(Kind.AREAS, Kind.GRIDS)
        prefixes = _prefixes(work)
        if not self.of_level(AreaLevel.CITY):
            self._add_city(coded, prefixes)
        for value, entry in sorted(coded, key=lambda one: (len(one[0].name), one[0].name)):
            self._add_coded(value, entry)
        for entry in listed:
            if set(AREA_LEVELS) & entry.values.keys():
                self._add_path(entry, prefixes)

    def _add_city(self, coded: list[tuple[Value, Entry]], prefixes: dict[tuple[str, ...], str]) -> None:
        """With the code of its own row (990000), else with what most districts' codes begin with."""
        own = next(((v.name, e) for v, e in coded if len(v.name) == _DIGITS[0] and v.name.endswith("00")), None)
        if own is not None:
            code, entry = own
            aliases = ";".join(parts(entry.name(Field.ALIASES)))
            self._add(AreaLevel.CITY, code, self._work.city, "", aliases, entry.spot(Field.CODE))
            return
        districts = [code for path, code in prefixes.items() if len(path) == 1] + [v.name for v, _ in coded if len(v.name) == 6]
        heads = Counter(code[:4] for code in districts if code[:4].isdecimal())
        code = heads.most_common(1)[0][0] + "00" if heads else "000000"
        self._add(AreaLevel.CITY, code, self._work.city, "", "", None)

    def _add_coded(self, value: Value, entry: Entry) -> None:
        """A row 区划代码 | 名称: the code's length is its level, its beginning the area above."""
        code, name = value.name, entry.name(Field.NAME)
        if code in self.levels or not name:
            return
        length = next((digits for digits in _DIGITS if code.isdecimal() and code.rstrip("0") and len(code) == digits), 0)
        if not length:
            remedy = "请按 6 位区县、9 位镇街、12 位村社区填写"
            self._work.findings.fault(value.spot, Rule.AREA, f"区划代码“{code}”看不出是哪一级", remedy)
            return
        level = _LEVELS[_DIGITS.index(length)]
        if level is AreaLevel.DISTRICT and code.endswith("00"):
            return  # the city itself
        parent = self.city if level is AreaLevel.DISTRICT else code[: length - 3]
        if parent not in self.levels:
            self._work.findings.fault(value.spot, Rule.AREA, f"“{name}”({code})的上级 {parent} 不在表中", "请补上上级区划")
            return
        self._add(level, code, bare_area(name), parent, ";".join(parts(entry.name(Field.ALIASES))), value.spot)

    def _add_path(self, entry: Entry, prefixes: dict[tuple[str, ...], str]) -> None:
        """Make what a row 区县 | 镇街 | 村社区 names, as far as it goes down without a gap."""
        within = self.city
        path: tuple[str, ...] = ()
        for level, names, codes in zip(_LEVELS, AREA_LEVELS, AREA_CODES, strict=True):
            value = entry.first(names)
            if value is None:
                if within != self.city:
                    return
                continue
            path = (*path, bare_area(value.name))
            found = self.find(value.name, level, within)
            if not found and self._can_hold(within, level):
                code = entry.first(codes)
                found = [self.add(level, value.name, within, code.name if code else prefixes.get(path, ""), value.spot)]
            if len(found) != 1:
                return  # named by whoever needs it
            within = found[0]


def _coded(rows: list[Entry]) -> list[tuple[Value, Entry]]:
    return [(value, entry) for entry in rows if (value := entry.first(Field.CODE)) is not None and Field.NAME in entry.values]


def _prefixes(work: Work) -> dict[tuple[str, ...], str]:
    """Codes of areas as the 15 digits of their grids' codes begin (6 + 3 + 3 + 3), where all grids of an area agree."""
    rows = [entry for entry in work.entries(Kind.GRIDS) if set(AREA_LEVELS) <= entry.values.keys() and Field.CODE in entry.values]
    codes = Codes((entry.values[Field.CODE][0] for entry in rows), work.findings)
    seen: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for entry in rows:
        code = codes.read(entry.values[Field.CODE][0])
        if code.isdecimal() and len(code) >= 15:
            path = tuple(bare_area(entry.name(field)) for field in AREA_LEVELS)
            for depth, digits in enumerate(_DIGITS, start=1):
                seen[path[:depth]].add(code[:digits])
    agreed = {path: next(iter(found)) for path, found in seen.items() if len(found) == 1}
    used = Counter(agreed.values())
    return {path: code for path, code in agreed.items() if used[code] == 1 and (len(path) == 1 or _below(path, code, agreed))}


def _below(path: tuple[str, ...], code: str, agreed: dict[tuple[str, ...], str]) -> bool:
    above = agreed.get(path[:-1])
    return above is not None and code.startswith(above)
