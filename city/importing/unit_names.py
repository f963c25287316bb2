"""Which unit a written name means: 城管局, 市综执局, 区住建, 云溪区城管, 属地街道. Levels and places in a name are read.

A name for the offices of every district, street or community (区住建局, 属地镇街) becomes a territorial pattern, as the duty list
of a city means it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from city.importing.areas import AreaBook, short_area
from city.importing.names import How, Match, abbreviates, closest
from city.importing.text import without_brackets
from city.records import TerritorialPattern
from city.terms import AreaLevel, UnitKind
from language.normalise import fold

_ORGAN: Final = re.compile(
    "(?:街道办事处|办事处|人民政府|居民委员会|村民委员会|居委会|村委会|管理委员会|管委会|委员会|办公室|"
    "集团有限公司|股份有限公司|有限责任公司|有限公司|集团公司|总公司|分公司|公司|集团|支队|大队|总队|中心|分局|局|厅|委|办|处|所|站|队)$"
)
_COMPANY: Final = re.compile("(?:公司|集团)$")
_BRANCH: Final = re.compile(r"(.+局)(.{1,6}?)分局$")
_TERRITORY: Final = (
    (
        re.compile(
            r"(?:属地|所在|辖区|事发地|各|相关)*(?:的)?(?:乡镇街道?|镇街道?|街道乡镇|街道|乡镇|镇办|街镇)(?:办事处|办|政府|人民政府)?|属地|属地单位"
        ),
        AreaLevel.STREET,
    ),
    (
        re.compile(r"(?:属地|所在|辖区|事发地|各|相关)*(?:的)?(?:村社区|社区村|村居|村居社区|社区|村|村委会|居委会|社区居委会)"),
        AreaLevel.COMMUNITY,
    ),
    (re.compile(r"(?:属地|所在|辖区|事发地|各|相关)*(?:的)?(?:区县市|县市区|区县|县区|区|县)(?:人民)?政府"), AreaLevel.DISTRICT),
)
_DISTRICT_MARK: Final = re.compile(r"^(?:各|属地|所在|相关)?(?:区县市|县市区|区县|县区|区|县)级?(?!域)")
_CITY_MARK: Final = re.compile("^(?:本市|全市|市级|市直|市)")
_MARKED: Final = {
    AreaLevel.CITY: (UnitKind.CITY_DEPARTMENT, UnitKind.PUBLIC_UTILITY),
    AreaLevel.DISTRICT: (UnitKind.DISTRICT_DEPARTMENT,),
}
_GRASSROOTS: Final = {
    AreaLevel.STREET: UnitKind.TOWNSHIP,
    AreaLevel.COMMUNITY: UnitKind.COMMUNITY,
    AreaLevel.DISTRICT: UnitKind.DISTRICT_GOVERNMENT,
}


@dataclass(frozen=True, slots=True)
class Known:
    """A unit as names are compared with it. `stem`: its name without place and kind of office (住房和城乡建设)."""

    code: str
    name: str
    kind: UnitKind
    area: str
    line: str
    aliases: tuple[str, ...]
    stem: str


_Reading = tuple[list[Known], str, AreaLevel | None, str]
"""Units that can be meant, the stem of the name, the level that it says, what is in doubt."""


def stem_of(name: str, place: Iterable[str]) -> str:
    """The matter in a unit's name. place: names of the areas it may begin with, longest first."""
    bare = without_brackets(name)
    branch = _BRANCH.fullmatch(bare)
    if branch is not None:
        bare = branch.group(1)
    for area in place:
        at = bare.find(area)
        if at >= 0 and (at == 0 or bare[:at].endswith(("总局", "部"))) and len(bare) > at + len(area) + 1:
            bare = bare[at + len(area) :]
            break
    if bare != "人民政府":
        bare = bare.removeprefix("人民政府")
    return _ORGAN.sub("", bare) or bare


class UnitNames:
    """Looks up names among the units that are in office."""

    def __init__(self, units: Iterable[Known], areas: AreaBook, said: dict[str, str]) -> None:
        """said: names that a mapping file explains."""
        self._units = list(units)
        self._areas = areas
        self._said = {fold(name): meant for name, meant in said.items()}
        self._by_name: defaultdict[str, list[Known]] = defaultdict(list)
        self._by_alias: defaultdict[str, list[Known]] = defaultdict(list)
        for unit in self._units:
            self._by_name[fold(unit.name)].append(unit)
            self._by_name[fold(unit.code)].append(unit)
            for alias in unit.aliases:
                self._by_alias[fold(alias)].append(unit)
        self._districts = _district_names(areas)
        self._cities = _city_names(areas)

    def match(self, written: str) -> Match[str]:
        """A unit's code or a territorial pattern, and how it was found."""
        if TerritorialPattern.parse(written) is not None:
            return Match(How.EXACT, written)
        name = fold(written).replace(" ", "")
        meant = self._said.get(name)
        if meant is not None:
            return self._explained(meant)
        for known, how in ((self._by_name, How.EXACT), (self._by_alias, How.ALIAS)):
            found = known.get(name, [])
            if len(found) == 1:
                return Match(how, found[0].code)
            if found:
                return Match(How.NOT, None, tuple((f"{unit.name}({unit.code})", 1.0) for unit in found))
        bare = without_brackets(name)
        if bare != name and bare:
            inner = self.match(bare)
            return Match(inner.how, inner.found, inner.candidates, inner.doubt or "括号里的话未计入") if inner.found else inner
        return self._territory(name) or self._by_area(name) or self._by_form(name)

    def pattern(self, level: AreaLevel) -> str | None:
        """`line:…@…` for the grassroots (or governments) of this level, when they all have one line."""
        lines = {unit.line for unit in self._units if unit.kind is _GRASSROOTS[level]}
        return f"line:{lines.pop()}@{level}" if len(lines) == 1 else None

    def _explained(self, meant: str) -> Match[str]:
        if TerritorialPattern.parse(meant) is not None:
            return Match(How.SAID, meant)
        found = self._by_name.get(fold(meant), [])
        return Match(How.SAID, found[0].code) if len(found) == 1 else Match(How.NOT, None, ((meant, 0.0),))

    def _territory(self, name: str) -> Match[str] | None:
        plain = re.sub(r"[、,()/和及]", "", name)
        for said, level in _TERRITORY:
            if said.fullmatch(plain):
                pattern = self.pattern(level)
                return Match(How.FORM, pattern, ((f"各地的{_GRASSROOTS[level].label}", 1.0),)) if pattern else None
        return None

    def _by_area(self, name: str) -> Match[str] | None:
        """临江街道: the office of that street."""
        for level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
            codes = self._areas.find(name, level)
            offices = [u for u in self._units if u.area in codes and u.kind is _GRASSROOTS[level]]
            if len(offices) == 1 and name.startswith(fold(self._areas.names[offices[0].area])):
                return Match(How.FORM, offices[0].code, ((offices[0].name, 1.0),))
        return None

    def _by_form(self, name: str) -> Match[str]:
        """First as it stands, then without a mark of level or place in front; last by likeness."""
        readings = self._readings(name)
        for every, stem, level, doubt in readings:
            candidates = _same_sort(name, every)
            fitting = [unit for unit in candidates if unit.stem == stem] or [u for u in candidates if abbreviates(stem, u.stem)]
            match = self._chosen(fitting, level, doubt)
            if match is not None:
                return match
        best: Match[str] = Match(How.NOT)
        for candidates, stem, level, doubt in sorted(readings, key=lambda reading: reading[3] != ""):  # what says its level first
            near = closest(stem, _distinct(candidates, level), lambda unit: unit.stem, lambda unit: unit.name)
            if near.found is not None:
                pattern = self._for_level(near.found, level)
                if pattern is not None:
                    return Match(How.LIKE, pattern, near.candidates, doubt)
            if not best.candidates:
                best = Match(How.NOT, None, near.candidates)
        return best

    def _readings(self, name: str) -> list[_Reading]:
        for district, code in self._districts:
            if name.startswith(district) and len(name) > len(district) + 1:
                inside = [unit for unit in self._units if self._areas.round(unit.area, AreaLevel.DISTRICT) == code]
                return [(inside, stem_of(name[len(district) :], ()), None, "")]
        city = self._of(AreaLevel.CITY)
        districts = self._of(AreaLevel.DISTRICT)
        whole = stem_of(name, ())
        for called in self._cities:
            if name.startswith(called) and len(name) > len(called) + 1:
                return [(city, stem_of(name[len(called) :], ()), AreaLevel.CITY, "")]
        readings: list[_Reading] = [
            (city, whole, AreaLevel.CITY, "没有写明市、区,按市直部门理解"),
            (districts, whole, AreaLevel.DISTRICT, "没有写明市、区,按各区县的部门理解"),
        ]
        for mark, units, level in ((_CITY_MARK, city, AreaLevel.CITY), (_DISTRICT_MARK, districts, AreaLevel.DISTRICT)):
            rest = mark.sub("", name)
            if rest != name and len(rest) > 1:
                readings.append((units, stem_of(rest, ()), level, ""))
        if name.endswith("分局"):
            readings.insert(0, (districts, whole, AreaLevel.DISTRICT, ""))
        return readings

    def _of(self, level: AreaLevel) -> list[Known]:
        return [unit for unit in self._units if unit.kind in _MARKED[level]]

    def _chosen(self, fitting: list[Known], level: AreaLevel | None, doubt: str) -> Match[str] | None:
        one = _distinct(fitting, level)
        if len(one) != 1:
            return None
        found = self._for_level(one[0], level)
        return Match(How.FORM, found, ((one[0].name, 1.0),), doubt) if found else None

    def _for_level(self, unit: Known, level: AreaLevel | None) -> str | None:
        """The unit; for 区住建局, which names no district, the pattern of its line."""
        return f"line:{unit.line}@{AreaLevel.DISTRICT}" if level is AreaLevel.DISTRICT else unit.code


def _same_sort(name: str, units: list[Known]) -> list[Known]:
    """A company is no office and an office no company, where the name says which it is."""
    if not _ORGAN.search(name):
        return units
    company = bool(_COMPANY.search(name))
    return [unit for unit in units if bool(_COMPANY.search(unit.name)) == company]


def _distinct(units: list[Known], level: AreaLevel | None) -> list[Known]:
    """One for each line where every district has its own."""
    return list({unit.line: unit for unit in units}.values()) if level is AreaLevel.DISTRICT else units


def _district_names(areas: AreaBook) -> list[tuple[str, str]]:
    named = []
    for code in areas.of_level(AreaLevel.DISTRICT):
        named += [(fold(areas.names[code]), code), (fold(short_area(areas.names[code], AreaLevel.DISTRICT)), code)]
    return sorted(set(named), key=lambda one: (-len(one[0]), one[0]))


def _city_names(areas: AreaBook) -> list[str]:
    """The city's whole name only: the short one may begin another word."""
    return [fold(areas.names[areas.city])]
