"""The working calendar: a row for each day (日期 | 类型) or for each holiday (节日 | 放假时间 | 调休上班)."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from city.importing.day_text import parse_days, year_in
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import Field, Kind
from city.importing.recognise import Recognised
from city.importing.work import Work

SATURDAY: Final = 5
_NOTICE: Final = re.compile(r"国办发[^\s,，。;；()（）]*?〔\d{4}〕\d+号")
_FREE: Final = ("放假", "节假日", "法定", "休假", "假日")
_WORKED: Final = ("上班", "调休", "补班", "工作日", "是")


@dataclass(slots=True)
class _Year:
    source: str = ""
    holidays: dict[date, str] = field(default_factory=dict)
    make_up_days: dict[date, Spot] = field(default_factory=dict)


class CalendarYears:
    """The years that the workbooks say; `as_yaml` gives them as calendar.yaml has them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._years: defaultdict[int, _Year] = defaultdict(_Year)
        for entry in work.entries(Kind.CALENDAR):
            self._read(entry)
        self._check()

    def as_yaml(self) -> dict[int, dict[str, Any]]:
        return {
            year: {
                "source": found.source,
                "holidays": {day.isoformat(): name for day, name in sorted(found.holidays.items())},
                "make_up_days": [day.isoformat() for day in sorted(found.make_up_days)],
            }
            for year, found in sorted(self._years.items())
        }

    def _read(self, entry: Entry) -> None:
        said = entry.name(Field.YEAR)
        year = int(said[:4]) if said[:4].isdecimal() else self._year_of(entry.table)
        name = entry.name(Field.NAME)
        for value in entry.values.get(Field.SPAN, []):
            self._free(entry, value, year, name)
        for value in entry.values.get(Field.WORKED, []):
            self._work_on(entry, value, year)
        day = entry.first(Field.DAY)
        if day is None:
            return
        kind = entry.name(Field.KIND)
        if any(word in kind for word in _FREE) or (name and not kind):
            self._free(entry, day, year, name)
        elif any(word in kind for word in _WORKED) and kind not in ("休息日", "周末"):
            days = self._days(day, year)
            if "工作日" not in kind or any(one.weekday() >= SATURDAY for one in days):
                self._work_on(entry, day, year)

    def _year_of(self, table: Recognised) -> int | None:
        return year_in(table.title()) or year_in(table.sheet.name + "年") or year_in(table.sheet.workbook)

    def _days(self, value: Value, year: int | None) -> list[date]:
        days = parse_days(value.text, year)
        if isinstance(days, str):
            remedy = "请写成 2026-10-01,或“10月1日至8日”并在表题中写明年份"
            self._work.findings.fault(value.spot, Rule.DAY, f"“{value.name}”:{days}", remedy)
            return []
        return days

    def _free(self, entry: Entry, value: Value, year: int | None, name: str) -> None:
        for day in self._days(value, year):
            self._year(entry, day).holidays[day] = name or "放假"

    def _work_on(self, entry: Entry, value: Value, year: int | None) -> None:
        for day in self._days(value, year):
            if day.weekday() < SATURDAY:
                self._work.findings.fault(value.spot, Rule.DAY, f"{day} 不是周末,不用调休上班", "请核对放假通知")
            else:
                self._year(entry, day).make_up_days[day] = value.spot

    def _year(self, entry: Entry, day: date) -> _Year:
        found = self._years[day.year]
        if not found.source:
            sheet = entry.table.sheet
            texts = [
                sheet.text(row, column) for row in range(1, sheet.last_row + 1) for column in range(1, sheet.last_column + 1)
            ]
            notice = _NOTICE.search(" ".join((*texts, sheet.workbook)))
            found.source = f"国务院办公厅关于{day.year}年部分节假日安排的通知({notice.group()})" if notice else entry.source()
            if notice is None:
                message = f"{day.year} 年的日历没有写放假通知的文号,依据记为“{found.source}”"
                self._work.findings.guess(sheet.whole(), Rule.DAY, message, "请在表题或表下写上国务院办公厅通知的文号")
        return found

    def _check(self) -> None:
        for found in self._years.values():
            for day in sorted(found.holidays.keys() & found.make_up_days.keys()):
                message = f"{day} 既放假又上班,按放假导入"
                self._work.findings.fault(found.make_up_days[day], Rule.DAY, message, "请核对放假通知,只保留一处")
                del found.make_up_days[day]
