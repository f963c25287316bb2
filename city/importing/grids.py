"""Grids and places: codes, the community each lies in, borders and points in whatever way offices write them."""

import re
from typing import Final

from city.importing.areas import AreaBook
from city.importing.codes import Codes, free_number
from city.importing.entries import Entry, Value
from city.importing.findings import Findings, Rule, Spot
from city.importing.headings import AREA_LEVELS, Field, Kind
from city.importing.text import parts
from city.importing.units import UnitBook
from city.importing.work import Work
from city.layout import PackFile
from city.terms import AreaLevel, GridKind, PlaceKind
from language.normalise import fold

_NUMBER: Final = r"-?\d{1,3}(?:\.\d+)?"
_PAIR: Final = re.compile(rf"({_NUMBER})[,\s]\s*({_NUMBER})")
_BESIDE: Final = re.compile(r"[\[\](){}\s;|,、]|[东北]?[经纬]度?:?")
_WKT: Final = re.compile(r"\s*(?:SRID=\d+;)?((?:MULTI)?POLYGON\s*\(.*\))\s*", re.IGNORECASE | re.DOTALL)
_PLACE_TAILS: Final = (
    (re.compile("(?:小区|花园|家园|公寓|家属院|新村|苑|庭|府|公馆|雅居|华庭|名居)$"), PlaceKind.ESTATE),
    (re.compile("(?:路|街|大道|巷|弄|胡同|国道|省道|高速)$"), PlaceKind.ROAD),
    (re.compile("(?:小学|中学|大学|学院|学校|幼儿园)$"), PlaceKind.SCHOOL),
    (re.compile("(?:医院|卫生院|卫生服务中心|诊所)$"), PlaceKind.HOSPITAL),
    (re.compile("(?:市场|集市)$"), PlaceKind.MARKET),
    (re.compile("(?:商场|广场购物中心|百货|超市|购物中心)$"), PlaceKind.MALL),
    (re.compile("公园$"), PlaceKind.PARK),
    (re.compile("广场$"), PlaceKind.SQUARE),
    (re.compile("(?:站|地铁口|码头)$"), PlaceKind.STATION),
    (re.compile("(?:村|屯|庄)$"), PlaceKind.VILLAGE),
    (re.compile("(?:河|湖|江|渠|水库|溪)$"), PlaceKind.RIVER),
    (re.compile("桥$"), PlaceKind.BRIDGE),
    (re.compile("(?:厂|公司|工业园)$"), PlaceKind.FACTORY),
    (re.compile("(?:局|委员会|政府|法院|检察院|派出所)$"), PlaceKind.OFFICE),
)


class GridList:
    """Writes the grids; `codes` are those that were taken, each with its community."""

    def __init__(self, work: Work, areas: AreaBook, units: UnitBook) -> None:
        self._work = work
        self._areas = areas
        self._units = units
        self._base = {row["code"]: row for row in work.base_rows(PackFile.GRIDS)}
        self.codes: dict[str, str] = {}
        self._spots: dict[str, Spot] = {}
        listed = work.entries(Kind.GRIDS)
        read = Codes((value for entry in listed for value in entry.values.get(Field.CODE, [])), work.findings)
        for entry in listed:
            self._read(entry, read)
        if not listed:
            self.codes = {code: row["community"] for code, row in self._base.items()}

    def _read(self, entry: Entry, read: Codes) -> None:
        findings = self._work.findings
        value = entry.first(Field.CODE)
        code = read.read(value) if value else ""
        if value is not None and not code:
            return
        if code in self.codes:
            message = f"网格编码“{code}”与 {self._spots[code].cell} 重复"
            findings.fault(entry.spot(Field.CODE), Rule.REPEATED, message, "请改正编码,或删去其中一行")
            return
        community = self._community(entry, code)
        polygon = self._polygon(entry, code)
        worker = self._worker(entry, community) if community else None
        if community is None or polygon is None or worker is None:
            return
        if not code:
            code = free_number(self.codes, community, 3)
            findings.guess(entry.spot(Field.NAME), Rule.CODE, f"没有网格编码,按“{code}”导入", "请补上网格编码")
        self.codes[code], self._spots[code] = community, entry.spot(Field.CODE)
        row = {
            "code": code,
            "name": entry.name(Field.NAME) or code,
            "kind": self._kind(entry).label,
            "community": community,
            "worker_unit": worker,
            "polygon": polygon,
        }
        columns = {
            "code": Field.CODE,
            "name": Field.NAME,
            "kind": Field.KIND,
            "community": Field.COMMUNITY,
            "polygon": Field.POLYGON,
        }
        spots = {column: entry.spot(field) for column, field in columns.items() if field in entry.values}
        self._work.rows(PackFile.GRIDS).add(row, spots | {"": entry.spot(Field.CODE)})

    def _community(self, entry: Entry, code: str) -> str | None:
        if Field.COMMUNITY in entry.values or Field.COMMUNITY_CODE in entry.values:
            given = entry.name(Field.COMMUNITY_CODE)
            found = given if self._areas.levels.get(given) is AreaLevel.COMMUNITY else self._areas.named(entry, make=False)
            if found and self._areas.levels[found] is not AreaLevel.COMMUNITY:
                message, remedy = "没有写明社区", "每个网格属于一个村或社区,请填写"
                self._work.findings.fault(entry.spot(Field.COMMUNITY), Rule.AREA, message, remedy)
                return None
            return found
        for found in (code[:12], self._base.get(code, {}).get("community", "")):
            if self._areas.levels.get(found) is AreaLevel.COMMUNITY:
                message = f"没有写明社区,按网格编码归入“{self._areas.names[found]}”"
                self._work.findings.guess(entry.spot(Field.COMMUNITY), Rule.AREA, message, "请填写所属社区")
                return found
        self._work.findings.fault(entry.spot(Field.COMMUNITY), Rule.AREA, "不知道网格属于哪个社区", "请填写所属社区")
        return None

    def _worker(self, entry: Entry, community: str) -> str | None:
        value = entry.first(Field.WORKER)
        if value is not None:
            match = self._units.names.match(value.name)
            if match.found is not None and not match.found.startswith("line:"):
                if not match.sure:
                    said = f"“{value.name}”按“{self._units.shown(match.found)}”导入({match.how})"
                    self._work.findings.guess(value.spot, Rule.UNIT, said, "请核对;最好改用单位全名", match.candidates)
                return match.found
            self._work.findings.fault(value.spot, Rule.UNIT, f"认不出单位“{value.name}”", "请改用单位全名", match.candidates)
            return None
        found = self._units.of_area(community)
        if found is None:
            name = self._areas.names[community]
            message = f"“{name}”没有村社区或乡镇街道的单位,网格员无处归属"
            remedy = "请在单位名录中增加居委会或街道办,或增加“所属单位”一列"
            self._work.findings.fault(entry.spot(Field.COMMUNITY), Rule.UNIT, message, remedy)
        return found

    def _kind(self, entry: Entry) -> GridKind:
        said = entry.name(Field.KIND)
        if said and not any(word in said for word in ("专属", "专业", "专项", "综合", "基础", "一般", "普通")):
            message = f"网格类型“{said}”认不出,按“综合”导入"
            self._work.findings.guess(entry.spot(Field.KIND), Rule.VALUE, message, f"请填 {GridKind.labels()}")
        return GridKind.SPECIAL if any(word in said for word in ("专属", "专业", "专项")) else GridKind.GENERAL

    def _polygon(self, entry: Entry, code: str) -> str | None:
        value = entry.first(Field.POLYGON)
        if value is None:
            known = self._base.get(code, {}).get("polygon")
            if known is None:
                remedy = "请从网格系统导出边界(WKT,或“经度,纬度;经度,纬度;…”),填入“边界”一列"
                self._work.findings.fault(entry.spot(Field.POLYGON), Rule.PLACE, "没有网格边界", remedy)
            return known
        drawn = read_polygon(value, self._work.findings)
        if drawn is None:
            remedy = "请写成 WKT 的 POLYGON((…)),或“经度,纬度;经度,纬度;…”,至少三点"
            self._work.findings.fault(value.spot, Rule.PLACE, "边界看不懂", remedy)
        return drawn


def read_polygon(value: Value, findings: Findings) -> str | None:
    """WKT as it is, else a ring of points; None when it is neither."""
    wkt = _WKT.fullmatch(value.text.replace("\n", " "))
    if wkt is not None:
        return " ".join(wkt.group(1).split())
    text = fold(value.text)
    rest = _BESIDE.sub("", _PAIR.sub("", text))
    points = [(float(one), float(other)) for one, other in _PAIR.findall(text)]
    if rest or len(set(points)) < 3:
        return None
    if all(lat > lon for lon, lat in points):
        findings.guess(value.spot, Rule.PLACE, "坐标先写了纬度,已调换", "请按先经度、后纬度填写")
        points = [(lon, lat) for lat, lon in points]
    if points[0] != points[-1]:
        points.append(points[0])
    return "POLYGON ((" + ", ".join(f"{lon:.6f} {lat:.6f}" for lon, lat in points) + "))"


class PlaceList:
    """Writes the names of places."""

    def __init__(self, work: Work, areas: AreaBook, grids: GridList) -> None:
        self._work = work
        self._areas = areas
        self._grids = grids
        self._seen: dict[tuple[str, str], Spot] = {}
        listed = work.entries(Kind.PLACES)
        self._codes = Codes((value for entry in listed for value in entry.values.get(Field.GRID, [])), work.findings)
        for entry in listed:
            self._read(entry)

    def _read(self, entry: Entry) -> None:
        name, findings = entry.name(Field.NAME), self._work.findings
        if not name:
            findings.fault(entry.spot(Field.NAME), Rule.NAME, "名称为空", "请填写,或删去这一行")
            return
        grid = self._grid(entry)
        area = self._area(entry, grid)
        lon, lat, sound = self._point(entry)
        if area is None or grid is None or not sound:
            return
        if (area, name) in self._seen:
            message = f"“{name}”与 {self._seen[area, name].cell} 在同一区域重复"
            findings.fault(entry.spot(Field.NAME), Rule.REPEATED, message, "请删去其中一行,或写明各自的社区")
            return
        self._seen[area, name] = entry.spot(Field.NAME)
        aliases = dict.fromkeys(
            part for value in entry.values.get(Field.ALIASES, []) for part in parts(value.text) if part != name
        )
        row = {"name": name, "kind": self._kind(entry, name).label, "aliases": ";".join(aliases), "area": area, "grid": grid}
        spots = {"": entry.spot(Field.NAME), "lon": entry.spot(Field.LON), "grid": entry.spot(Field.GRID)}
        self._work.rows(PackFile.PLACES).add(row | {"lon": lon, "lat": lat}, spots)

    def _grid(self, entry: Entry) -> str | None:
        """The grid's code, "" where none is given, None where there is no such grid."""
        value = entry.first(Field.GRID)
        if value is None:
            return ""
        code = self._codes.read(value)
        if code and code not in self._grids.codes:
            self._work.findings.fault(value.spot, Rule.CODE, f"没有编码为“{code}”的网格", "请核对网格编码,或先导入网格")
            return None
        return code or None

    def _area(self, entry: Entry, grid: str | None) -> str | None:
        if set(AREA_LEVELS) & entry.values.keys():
            return self._areas.named(entry, make=False)
        value = entry.first(Field.AREA)
        if value is not None:
            if value.name in self._areas.levels:
                return value.name
            for level in reversed(AreaLevel):
                found = self._areas.find(value.name, level)
                if len(found) == 1:
                    return found[0]
            self._work.findings.fault(
                value.spot, Rule.AREA, f"没有叫“{value.name}”的区域,或不止一个", "请分列填写区县、镇街、社区"
            )
            return None
        if grid:
            return self._grids.codes[grid]
        self._work.findings.fault(entry.spot(Field.NAME), Rule.AREA, "不知道在哪个区域", "请填写区县、镇街、社区,或网格编码")
        return None

    def _point(self, entry: Entry) -> tuple[str, str, bool]:
        """(lon, lat, sound) as the pack writes them; empty where none is given."""
        lon, lat, both = entry.first(Field.LON), entry.first(Field.LAT), entry.first(Field.POINT)
        pair = _PAIR.fullmatch(fold(both.text)) if both else None
        texts = pair.groups() if pair else (lon.name if lon else "", lat.name if lat else "")
        if not any(texts) and both is None:
            return "", "", True
        where = next((value.spot for value in (both, lon, lat) if value), entry.spot(Field.NAME))
        if not all(re.fullmatch(_NUMBER, text) for text in texts):
            said = both.name if both else "、".join(texts)
            self._work.findings.fault(where, Rule.PLACE, f"“{said}”不是经度和纬度", "请填以度为单位的小数,经度、纬度都要填")
            return "", "", False
        one, other = (float(text) for text in texts)
        if other > one:
            self._work.findings.guess(where, Rule.PLACE, "坐标先写了纬度,已调换", "请按先经度、后纬度填写")
            one, other = other, one
        return f"{one:.6f}", f"{other:.6f}", True

    def _kind(self, entry: Entry, name: str) -> PlaceKind:
        said = entry.name(Field.KIND)
        heading = entry.table.columns_of(Field.NAME)[0].heading
        for text in (said, heading.removesuffix("名称")):
            known = PlaceKind.from_label(text) or next((kind for kind in PlaceKind if text and kind.label in text), None)
            if known is not None:
                return known
        known = next((kind for pattern, kind in _PLACE_TAILS if pattern.search(name)), None)
        if known is None or said:
            kind = known or PlaceKind.OTHER
            message = f"“{said or name}”是哪种地方看不出,按“{kind.label}”导入"
            self._work.findings.guess(entry.spot(Field.KIND), Rule.VALUE, message, f"可用的类型:{PlaceKind.labels()}")
        return known or PlaceKind.OTHER
