"""Units of the city: from lists of units and from the base; kind, area and line from the name where no column says them."""

import re
from collections import defaultdict
from typing import Final

from city.importing.areas import AreaBook, bare_area, short_area
from city.importing.codes import Codes, is_topic, made_code
from city.importing.day_text import parse_days
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import Field, Kind
from city.importing.text import parts
from city.importing.unit_names import Known, UnitNames, stem_of
from city.importing.work import Row, Work
from city.layout import PackFile
from city.records import TerritorialPattern
from city.terms import AreaLevel, UnitKind

TERRITORY: Final = "属地"
"""The line of all grassroots offices: by it 属地街道 and 所在社区 are found."""
_GRASSROOTS: Final = (
    (re.compile(r"(?:社区|村|居)(?:居民|村民)?委员会$|[居村]委会$|社区$|村$"), UnitKind.COMMUNITY),
    (re.compile(r"(?:街道|镇|乡)(?:办事处|人民政府|政府)?$|街道办$"), UnitKind.TOWNSHIP),
    (re.compile(r"(?:区|县|市)(?:人民)?政府$"), UnitKind.DISTRICT_GOVERNMENT),
)
_COMPANY: Final = re.compile(r"公司$|集团$|(?:供电|自来水|燃气|热力|供水|供热)(?:局|所|站)$")
_KINDS: Final = (
    (re.compile("市直|市级|市属部门|市局"), UnitKind.CITY_DEPARTMENT),
    (re.compile("区县政府|县区政府|区政府|县政府"), UnitKind.DISTRICT_GOVERNMENT),
    (re.compile("区县|县区|区级|县级|区直|县直"), UnitKind.DISTRICT_DEPARTMENT),
    (re.compile("乡镇|镇街|街道|街镇"), UnitKind.TOWNSHIP),
    (re.compile("社区|村居|村"), UnitKind.COMMUNITY),
    (re.compile("公共事业|公用|企业|国企|水电气|公共服务"), UnitKind.PUBLIC_UTILITY),
)
_PREFIX: Final = {
    UnitKind.CITY_DEPARTMENT: "c-",
    UnitKind.DISTRICT_GOVERNMENT: "g-",
    UnitKind.DISTRICT_DEPARTMENT: "d-",
    UnitKind.TOWNSHIP: "t-",
    UnitKind.COMMUNITY: "v-",
    UnitKind.PUBLIC_UTILITY: "p-",
}
_LEVEL: Final = {
    UnitKind.CITY_DEPARTMENT: AreaLevel.CITY,
    UnitKind.DISTRICT_GOVERNMENT: AreaLevel.DISTRICT,
    UnitKind.DISTRICT_DEPARTMENT: AreaLevel.DISTRICT,
    UnitKind.TOWNSHIP: AreaLevel.STREET,
    UnitKind.COMMUNITY: AreaLevel.COMMUNITY,
    UnitKind.PUBLIC_UTILITY: AreaLevel.CITY,
}


class UnitBook:
    """The units by code; `names` looks them up."""

    def __init__(self, work: Work, areas: AreaBook) -> None:
        self._work = work
        self._areas = areas
        self._base: defaultdict[str, list[Row]] = defaultdict(list)
        for row in work.base_rows(PackFile.UNITS):
            self._base[row["name"]].append(row)
        self._lines = {self._stem(row["name"], row["area"]): row["line"] for rows in self._base.values() for row in rows}
        self._rows: dict[str, Row] = {}
        self._spots: dict[str, dict[str, Spot]] = {}
        self._seen: dict[tuple[str, str], Spot] = {}
        self._later: list[tuple[Entry, str]] = []
        listed = work.entries(Kind.UNITS)
        codes = Codes((value for entry in listed for value in entry.values.get(Field.CODE, [])), work.findings)
        for entry in listed:
            self._read(entry, codes)
        self._keep_the_base(bool(listed))
        self.names = self._names()
        for entry, code in self._later:
            self._relate(entry, code)
        self._offices: defaultdict[str, list[str]] = defaultdict(list)
        made = work.rows(PackFile.UNITS)
        for code, row in self._rows.items():
            made.add(row, self._spots.get(code))
            if row["kind"] in (UnitKind.TOWNSHIP.label, UnitKind.COMMUNITY.label) and not row["abolished"]:
                self._offices[row["area"]].append(code)

    def of_area(self, area: str) -> str | None:
        """The grassroots office of an area, or of the area above it."""
        for level in (AreaLevel.COMMUNITY, AreaLevel.STREET):
            found = self._offices.get(self._areas.round(area, level) or "", [])
            if len(found) == 1:
                return found[0]
        return None

    def named(self, value: Value) -> str | None:
        """The one unit that a cell names; None with a fault when it is not known or stands for the offices of many places."""
        match = self.names.match(value.name)
        if match.found is None or match.found.startswith("line:"):
            said = f"认不出单位“{value.name}”" if match.found is None else f"“{value.name}”没有写明是哪一个单位"
            self._work.findings.fault(value.spot, Rule.UNIT, said, "请改用单位全名或编码", match.candidates)
            return None
        if not match.sure:
            said = f"“{value.name}”按“{self.shown(match.found)}”导入({match.how})"
            self._work.findings.guess(value.spot, Rule.UNIT, said, "请核对;最好改用单位全名", match.candidates)
        return match.found

    def shown(self, found: str) -> str:
        """What a match means, for people: the unit's name, or 所在区县(住房建设)."""
        pattern = TerritorialPattern.parse(found)
        return pattern.shown if pattern else self._rows[found]["name"]

    def _read(self, entry: Entry, codes: Codes) -> None:
        name = entry.name(Field.NAME)
        if not name:
            self._work.findings.fault(entry.spot(Field.NAME), Rule.NAME, "单位名称为空", "请填写,或删去这一行")
            return
        known = self._base.get(name, [])
        base = known[0] if len(known) == 1 else {}
        kind = self._kind(entry, name, base or (known[0] if known else {}))
        area = self._area(entry, name, kind, base) if kind else None
        if kind is None or area is None:
            return
        base = next((row for row in known if row["area"] == area), base)
        if (name, area) in self._seen:
            first = self._seen[name, area].cell
            self._work.findings.fault(entry.spot(Field.NAME), Rule.REPEATED, f"“{name}”与 {first} 重复", "请删去其中一行")
            return
        self._seen[name, area] = entry.spot(Field.NAME)
        code = self._code(entry, codes, kind, area, base)
        if not code:
            return
        abolished = self._abolished(entry)
        if abolished is None:
            return
        self._rows[code] = {
            "code": code,
            "name": name,
            "kind": kind.label,
            "parent": base.get("parent", ""),
            "area": area,
            "line": entry.name(Field.LINE) or base.get("line") or self._line(name, kind, area),
            "aliases": ";".join(dict.fromkeys(self._aliases(entry, name, base))),
            "successor": base.get("successor", ""),
            "abolished": abolished or base.get("abolished", ""),
        }
        spots = {field: entry.spot(column) for field, column in _COLUMNS.items() if column in entry.values}
        self._spots[code] = spots | {"": entry.spot(Field.NAME)}
        if Field.PARENT in entry.values or Field.SUCCESSOR in entry.values or abolished:
            self._later.append((entry, code))

    def _kind(self, entry: Entry, name: str, base: Row) -> UnitKind | None:
        said = entry.name(Field.KIND)
        if said:
            kind = UnitKind.from_label(said) or next((kind for pattern, kind in _KINDS if pattern.search(said)), None)
            if kind is None:
                remedy = f"可用的取值:{UnitKind.labels()}"
                self._work.findings.fault(entry.spot(Field.KIND), Rule.VALUE, f"单位性质“{said}”认不出", remedy)
            return kind
        known = UnitKind.from_label(base["kind"]) if base else None
        if known is not None:
            return known
        kind = next((kind for pattern, kind in _GRASSROOTS if pattern.search(name)), None)
        if kind is None and _COMPANY.search(name):
            kind = UnitKind.PUBLIC_UTILITY
        if kind is None:
            kind = UnitKind.DISTRICT_DEPARTMENT if self._district_in(name, entry) else UnitKind.CITY_DEPARTMENT
        message = f"没有单位性质,从名称看“{name}”是{kind.label}"
        self._work.findings.guess(entry.spot(Field.NAME), Rule.UNIT, message, "请核对;最好增加“单位性质”一列")
        return kind

    def _area(self, entry: Entry, name: str, kind: UnitKind, base: Row) -> str | None:
        """The area it serves: as the column says, else the base, else the name."""
        level, areas = _LEVEL[kind], self._areas
        if level is AreaLevel.CITY:
            return areas.city
        said = entry.name(Field.AREA)
        found = ([said] if areas.levels.get(said) is level else areas.find(said, level)) if said else []
        if len(found) != 1:
            found = [base["area"]] if base.get("area") in areas.levels else self._area_in(name, level, entry)
        if len(found) == 1:
            return found[0]
        remedy = "请填写“所属区域”一列,或给出行政区划表"
        self._work.findings.fault(entry.spot(Field.AREA), Rule.AREA, f"不知道“{name}”属于哪个{level.label}", remedy)
        return None

    def _area_in(self, name: str, level: AreaLevel, entry: Entry) -> list[str]:
        """Areas that the name tells, inside the district or street of the column. A street that nobody has named yet is made."""
        areas = self._areas
        if level is AreaLevel.DISTRICT:
            district = self._district_in(name, entry)
            return [district] if district else []
        said = entry.name(Field.AREA)
        above = (areas.find(said, AreaLevel.DISTRICT) or areas.find(said, AreaLevel.STREET)) if said else []
        within = above[0] if len(above) == 1 else areas.city
        bare = bare_area(name)
        for code in areas.of_level(AreaLevel.DISTRICT):
            bare = bare.removeprefix(areas.names[code])
        found = areas.find(bare, level, within)
        if not found and level is AreaLevel.STREET and areas.levels[within] is AreaLevel.DISTRICT:
            return [areas.add(level, bare, within, "", entry.spot(Field.NAME))]
        return found

    def _district_in(self, name: str, entry: Entry) -> str | None:
        areas = self._areas
        said = areas.find(entry.name(Field.AREA), AreaLevel.DISTRICT) if Field.AREA in entry.values else []
        if len(said) == 1:
            return said[0]
        for code in areas.of_level(AreaLevel.DISTRICT):
            full, short = areas.names[code], short_area(areas.names[code], AreaLevel.DISTRICT)
            if name.startswith(full) or name.endswith((f"{full}分局", f"{short}分局")) or f"市{full}" in name:
                return code
        return None

    def _code(self, entry: Entry, codes: Codes, kind: UnitKind, area: str, base: Row) -> str:
        value = entry.first(Field.CODE)
        if value is not None:
            code = codes.read(value)
            if code and not is_topic(code):
                made = made_code(_PREFIX[kind], entry.name(Field.NAME))
                message = f"单位编码“{code}”不能用作主题名,改用“{made}”"
                self._work.findings.guess(value.spot, Rule.CODE, message, "单位编码只能用英文字母、数字和连字符")
                return made
            if code in self._rows:
                first = self._spots[code].get("code")
                message = f"单位编码“{code}”与 {first.cell if first else '上文'} 重复"
                self._work.findings.fault(value.spot, Rule.REPEATED, message, "请改用别的编码,或删去其中一行")
                return ""
            return code
        if base:
            return base["code"]
        if kind in (UnitKind.TOWNSHIP, UnitKind.COMMUNITY) and _PREFIX[kind] + area not in self._rows:
            return _PREFIX[kind] + area
        return made_code(_PREFIX[kind], entry.name(Field.NAME))

    def _line(self, name: str, kind: UnitKind, area: str) -> str:
        if kind in (UnitKind.TOWNSHIP, UnitKind.COMMUNITY, UnitKind.DISTRICT_GOVERNMENT):
            return TERRITORY
        stem = self._stem(name, area)
        return self._lines.get(stem, stem)

    def _stem(self, name: str, area: str) -> str:
        areas = self._areas
        above = [code for code in (areas.round(area, level) for level in AreaLevel) if code]
        shorts = [short_area(areas.names[code], AreaLevel.DISTRICT) for code in above if areas.levels[code] is AreaLevel.DISTRICT]
        return stem_of(name, [areas.names[code] for code in reversed(above)] + shorts)

    def _aliases(self, entry: Entry, name: str, base: Row) -> list[str]:
        written = [part for value in entry.values.get(Field.ALIASES, []) for part in parts(value.text)]
        return [alias for alias in [*written, *base.get("aliases", "").split(";")] if alias and alias != name]

    def _abolished(self, entry: Entry) -> str | None:
        """ "" for a unit in office, None for a date that is none."""
        value = entry.first(Field.ABOLISHED)
        if value is None:
            return ""
        days = parse_days(value.text, None)
        if isinstance(days, str) or len(days) != 1:
            message = f"撤销日期“{value.name}”不是一个日期"
            self._work.findings.fault(value.spot, Rule.DAY, message, "请按 2026-01-31 填写")
            return None
        return days[0].isoformat()

    def _relate(self, entry: Entry, code: str) -> None:
        """Parent and successor, once all units are known."""
        for field, column in ((Field.PARENT, "parent"), (Field.SUCCESSOR, "successor")):
            value = entry.first(field)
            if value is None:
                continue
            found = self.named(value)
            if found is not None:
                self._rows[code][column] = found

    def _keep_the_base(self, listed: bool) -> None:
        """Units of the base that no list names stay: old problems name them. An office is closed by a date and a successor."""
        for row in (row for rows in self._base.values() for row in rows):
            if (row["name"], row["area"]) in self._seen or row["code"] in self._rows:
                continue
            if listed and not row["abolished"]:
                message = f"单位名录里没有“{row['name']}”({row['code']}),沿用原配置包"
                self._work.findings.note(Spot("原配置包"), Rule.SOURCE, message, "已撤销的请写进名录,填撤销日期和承接单位")
            self._rows[row["code"]] = dict(row)

    def _names(self) -> UnitNames:
        known = []
        for code, row in self._rows.items():
            kind = UnitKind.from_label(row["kind"])
            if kind is not None and not row["abolished"]:
                aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
                known.append(
                    Known(code, row["name"], kind, row["area"], row["line"], aliases, self._stem(row["name"], row["area"]))
                )
        return UnitNames(known, self._areas, dict(self._work.mapping.units))


_COLUMNS: Final = {
    "code": Field.CODE,
    "name": Field.NAME,
    "kind": Field.KIND,
    "area": Field.AREA,
    "line": Field.LINE,
    "aliases": Field.ALIASES,
    "successor": Field.SUCCESSOR,
    "abolished": Field.ABOLISHED,
    "parent": Field.PARENT,
}
