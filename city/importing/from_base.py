"""What the workbooks do not say: taken from the pack given as a base, or left out; each said in a line."""

from dataclasses import replace
from typing import Any, Final

import yaml

from city.handling_entries import handling_document
from city.importing.areas import AreaBook
from city.importing.calendar_sheet import CalendarYears
from city.importing.categories import CategoryBook
from city.importing.findings import Rule, Spot
from city.importing.grids import GridList
from city.importing.headings import Kind
from city.importing.limits import LimitTable
from city.importing.work import Row, Work
from city.layout import LAYOUTS, PackFile
from city.terms import AreaLevel

_BY_CATEGORY: Final = (PackFile.MATCH_WINDOWS, PackFile.CAMERA_CLASSES, PackFile.GRID_EVENTS, PackFile.SAYINGS)
"""Files of which each row is for a category: they hold where the category is still there."""
_OWN: Final = {
    PackFile.GRIDS: Kind.GRIDS,
    PackFile.PLACES: Kind.PLACES,
    PackFile.DUTY: Kind.DUTY,
    PackFile.WORKERS: Kind.POSTS,
    PackFile.CAMERAS: Kind.CAMERAS,
}
"""Files that a table of this kind takes the place of, as a whole."""
_PLACELESS: Final = ({"number": "1", "code": "none", "name": "地点不明"}, {"number": "2", "code": "city", "name": "全市"})


class FromBase:
    """Fills up what the books have not made."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._base = work.base
        self.version = self._version()

    def add(self, areas: AreaBook, categories: CategoryBook, grids: GridList, limits: LimitTable) -> None:
        self._categories = categories
        for file in (PackFile.UNITS, PackFile.CATEGORIES):
            self._add(file, [])
        self._add_limits(limits)
        for file in _BY_CATEGORY:
            self._add_by_category(file)
        self._add(PackFile.HIGH_RISK, self._base.rows(PackFile.HIGH_RISK) if self._base else [])
        classes = {"*", *(row["label"] for row in self._work.rows(PackFile.CAMERA_CLASSES).rows)}
        rules = self._base.rows(PackFile.CAMERA_RULES) if self._base else []
        self._add(PackFile.CAMERA_RULES, [row for row in rules if row["label"] in classes])
        for file, kind in _OWN.items():
            if self._work.has(kind):
                self._work.rows(file)
            elif file in (PackFile.WORKERS, PackFile.CAMERAS):
                self._add(file, self._in_grids(file, grids))
            else:
                self._add(file, [row for one in self._work.base_rows(file) if (row := self._still_fits(file, one, areas, grids))])
        self._add_slots(areas)
        self._write_header()
        self._write_handling(areas)

    def _version(self) -> str:
        """The one asked for, else the base's with its last number raised, else 1."""
        if self._work.order.version:
            return self._work.order.version
        known = self._base.pack.version if self._base and self._base.same_city else "0"
        head = known.rstrip("0123456789")
        version = f"{head}{int(known[len(head) :] or 0) + 1}"
        self._note(PackFile.PACK, f"没有给出版本号,记为 {version}", "可用 --version 写明")
        return version

    def _note(self, file: PackFile, message: str, remedy: str = "") -> None:
        self._work.findings.note(Spot(file), Rule.SOURCE, message, remedy)

    def _add(self, file: PackFile, rows: list[Row], why: str = "工作簿没有提供") -> None:
        for row in rows:
            self._work.rows(file).add(row)
        if rows and self._base:
            self._note(file, f"{why},取自原配置包 {self._base.pack.name} {self._base.pack.version}({len(rows)} 行)")
        elif LAYOUTS[file].required and not self._work.rows(file).rows:
            self._note(file, "工作簿没有提供,也没有可用的原配置包,留空", "请在工作簿中增加,或用 --base 给出配置包")

    def _still(self, code: str) -> str | None:
        """The category's code now: the same where the tree is the base's, else where its path or its name has gone to."""
        return code if self._categories.from_base else self._categories.moved(code)

    def _still_fits(self, file: PackFile, row: Row, areas: AreaBook, grids: GridList) -> Row | None:
        """A row of the base as it is now; None where what it rests on is gone."""
        if file is PackFile.DUTY:
            found = [code for one in row["categories"].split(";") if (code := self._still(one))]
            return row | {"categories": ";".join(dict.fromkeys(found))} if found else None
        if file is PackFile.PLACES:
            return row | {"grid": row["grid"] if row["grid"] in grids.codes else ""} if row["area"] in areas.levels else None
        return row

    def _in_grids(self, file: PackFile, grids: GridList) -> list[Row]:
        """Posts of grid workers and cameras whose grid is still there; a post above which nothing is left goes too."""
        known = self._work.base_rows(file)
        rows = [row for row in known if not row["grid"] or row["grid"] in grids.codes]
        while file is PackFile.WORKERS:
            codes = {row["code"] for row in rows}
            kept = [row for row in rows if not row["upper"] or row["upper"] in codes]
            if len(kept) == len(rows):
                break
            rows = kept
        if len(rows) < len(known):
            message = f"原配置包的 {len(known) - len(rows)} 行所在的网格不在新的网格中,未取"
            self._note(file, message, "需要的请在工作簿中给出")
        return rows

    def _add_limits(self, limits: LimitTable) -> None:
        rows = []
        for row in self._base.rows(PackFile.LIMITS) if self._base else []:
            code = self._still(row["category"]) if row["category"] else ""
            if code is not None and not limits.says(row | {"category": code}):
                rows.append(row | {"category": code})
        self._add(PackFile.LIMITS, rows, "工作簿没有写的时限")

    def _add_by_category(self, file: PackFile) -> None:
        known = self._base.rows(file) if self._base else []
        kept = [row | {"category": code} for row in known if (code := self._still(row["category"]))]
        self._add(file, kept)
        if len(kept) < len(known):
            message = f"原配置包的 {len(known) - len(kept)} 行所指的分类不在新的分类中,未取"
            self._note(file, message, "需要的请在新配置包中补上")

    def _add_slots(self, areas: AreaBook) -> None:
        """The base's slots stay as they are; each district that has none gets the next number."""
        made = self._work.rows(PackFile.SLOTS)
        for row in self._work.base_rows(PackFile.SLOTS) or _PLACELESS:
            made.add(row)
        served = {row["area"] for row in made.rows}
        for code in areas.of_level(AreaLevel.DISTRICT):
            if code not in served:
                number = max(int(row["number"]) for row in made.rows) + 1
                made.add({"number": str(number), "code": f"d{code}", "name": areas.names[code], "area": code})
                self._note(PackFile.SLOTS, f"“{areas.names[code]}”新设归口分区 {number}", "分区号一经使用不再更改")

    def _write_header(self) -> None:
        effective = self._work.order.effective
        policy: dict[str, Any] = {}
        zone = "Asia/Shanghai"
        if self._base:
            known = self._base.pack
            if self._base.same_city:
                effective = max(effective, known.effective)
            figures = ((name, getattr(known.policy, name)) for name in known.policy.__dataclass_fields__)
            policy = {name: {"value": _plain(figure.value), "source": figure.source} for name, figure in figures}
            zone = known.calendar.zone.key
        else:
            self._note(PackFile.PACK, "没有原配置包,policy 留空", "请用 --base,或照 city/FORMAT.md 填写 policy")
        header = {"name": self._work.city, "version": self.version, "effective": effective.isoformat(), "zone": zone}
        self._write(PackFile.PACK, header | {"policy": policy})

    def _write_handling(self, areas: AreaBook) -> None:
        """The base's rules, without the monitored areas that are no more. Nothing where they are the product's own."""
        if self._base is None:
            return
        rules = self._base.pack.handling
        kept = tuple(code for code in rules.monitoring if code in areas.levels)
        if len(kept) < len(rules.monitoring):
            message = f"原配置包的 {len(rules.monitoring) - len(kept)} 个监测点不在新的区划中,未取"
            self._note(PackFile.HANDLING, message, "需要的请在 handling.yaml 中补上")
        content = handling_document(replace(rules, monitoring=kept))
        if content:
            self._write(PackFile.HANDLING, content)
            self._note(PackFile.HANDLING, f"办理规则取自原配置包 {self._base.pack.name} {self._base.pack.version}", "请核对")

    def write_calendar(self, years: CalendarYears) -> None:
        """The years of the workbooks take the place of the base's."""
        known: dict[str, Any] = {}
        hours: list[list[str]] = []
        said = years.as_yaml()
        if self._base:
            calendar = self._base.pack.calendar
            hours = [[opens.strftime("%H:%M"), closes.strftime("%H:%M")] for opens, closes in calendar.working_hours]
            for year, source in calendar.years.items():
                holidays = {day.isoformat(): name for day, name in calendar.holidays.items() if day.year == year}
                worked = sorted(day.isoformat() for day in calendar.make_up_days if day.year == year)
                known[str(year)] = {"source": source, "holidays": holidays, "make_up_days": worked}
                if year in calendar.provisional:
                    known[str(year)]["provisional"] = True
            self._note(PackFile.CALENDAR, "工作时间" + ("和没有提供的年份" if said else "和各年放假安排") + ",取自原配置包")
        else:
            self._note(PackFile.CALENDAR, "没有原配置包,工作时间留空", "请用 --base,或照 city/FORMAT.md 填写")
        known |= {str(year): found for year, found in said.items()}
        self._write(PackFile.CALENDAR, {"working_hours": hours, "years": known})

    def _write(self, file: PackFile, content: dict[str, Any]) -> None:
        self._work.order.out.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (self._work.order.out / file).write_text(text, "utf-8")


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value
