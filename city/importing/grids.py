"""Grids and places: codes, the community each lies in, borders and points."""

import re
from functools import cached_property
from typing import Final

from city.geometry import Polygons
from city.importing.areas import AreaBook
from city.importing.codes import Codes, free_number
from city.importing.coordinates import read_point, read_polygon
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import AREA_LEVELS, Field, Kind
from city.importing.text import parts
from city.importing.units import UnitBook
from city.importing.work import Row, Work
from city.layout import PackFile
from city.terms import AreaLevel, GridKind, PlaceKind

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
    """Writes the grids; `codes` are those that were taken, each with its community, `rows` all that is known of them."""

    def __init__(self, work: Work, areas: AreaBook, units: UnitBook) -> None:
        self._work = work
        self._areas = areas
        self._units = units
        self._base = {row["code"]: row for row in work.base_rows(PackFile.GRIDS)}
        self.codes: dict[str, str] = {}
        self.rows: dict[str, Row] = {}
        self._spots: dict[str, Spot] = {}
        listed = work.entries(Kind.GRIDS)
        read = Codes((value for entry in listed for value in entry.values.get(Field.CODE, [])), work.findings)
        for entry in listed:
            self._read(entry, read)
        if not listed:
            self.rows = self._base
            self.codes = {code: row["community"] for code, row in self._base.items()}

    def at(self, lon: float, lat: float) -> str | None:
        """The grid that the point lies in, as CityPack.grid_at finds it: on a border the 专属 one, then the first."""
        codes, polygons = self._drawn
        found = [codes[index] for index in polygons.at(lon, lat)]
        return min(found, key=lambda code: self.rows[code]["kind"] == GridKind.GENERAL.label, default=None)

    @cached_property
    def _drawn(self) -> tuple[list[str], Polygons]:
        """Codes and borders in the same order, without the borders that the check of the pack will refuse."""
        polygons = Polygons([row["polygon"] for row in self.rows.values()])
        unsound = set(polygons.faults())
        return [code for index, code in enumerate(self.rows) if index not in unsound], polygons.without(unsound)

    def coded(self, value: Value, codes: Codes) -> str | None:
        """The code in a cell; None with a fault where no grid has it."""
        code = codes.read(value)
        if code and code not in self.codes:
            self._work.findings.fault(value.spot, Rule.CODE, f"没有编码为“{code}”的网格", "请核对网格编码,或先导入网格")
            return None
        return code or None

    def doubt_community(self, entry: Entry, code: str) -> None:
        """Say so where the row names another community than that of its grid; the grid decides."""
        value = entry.first(Field.COMMUNITY)
        found = self._areas.find(value.name, AreaLevel.COMMUNITY) if value else []
        if value is not None and found and self.codes[code] not in found:
            message = f"网格“{code}”属于“{self._areas.names[self.codes[code]]}”,表中写的是“{value.name}”,按网格导入"
            self._work.findings.guess(value.spot, Rule.AREA, message, "请核对网格和社区")

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
        self.rows[code] = row
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
            return self._units.named(value)
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
        point = read_point(entry, self._work.findings)
        if area is None or grid is None or point is None:
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
        self._work.rows(PackFile.PLACES).add(row | {"lon": point[0], "lat": point[1]}, spots)

    def _grid(self, entry: Entry) -> str | None:
        """The grid's code, "" where none is given, None where there is no such grid."""
        value = entry.first(Field.GRID)
        if value is None:
            return ""
        return self._grids.coded(value, self._codes)

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
