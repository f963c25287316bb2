"""calendar.yaml: working hours, and per year the notice, the holidays and the make-up working days."""

from datetime import date, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from city.calendar import Calendar
from city.document import Node, read_document
from city.fault import Fault, Severity
from city.layout import PackFile

FILE = PackFile.CALENDAR
SATURDAY = 5
YES, NO = "true", "false"


class _Years(NamedTuple):
    """What has been read so far, of all years."""

    notices: dict[int, str]
    provisional: set[int]
    holidays: dict[date, str]
    make_up_days: set[date]


def read_calendar(folder: Path, zone: ZoneInfo | None, faults: list[Fault]) -> Calendar | None:
    """None, with the faults added, when any of it is missing or wrong, or when the zone is not known."""
    root = read_document(folder, FILE, faults)
    if root is None:
        return None
    before = len(faults)
    hours = _working_hours(root, faults)
    read = _Years({}, set(), {}, set())
    announced = root.get("years")
    if announced is None or not isinstance(announced.value, dict):
        line = (announced or root).line
        faults.append(Fault(FILE, line, "years", "缺少年份", "请按年份填写 source、holidays、make_up_days"))
    else:
        for year, node in announced.value.items():
            _read_year(year, node, read, faults)
    if zone is None or any(fault.severity is Severity.ERROR for fault in faults[before:]):
        return None
    return Calendar(zone, hours, read.notices, read.holidays, frozenset(read.make_up_days), frozenset(read.provisional))


def _working_hours(root: Node, faults: list[Fault]) -> tuple[tuple[time, time], ...]:
    node = root.get("working_hours")
    spans: list[tuple[time, time]] = []
    for span in node.value if node and isinstance(node.value, list) else []:
        texts = [end.value for end in span.value] if isinstance(span.value, list) else []
        try:
            begin, end = (time.fromisoformat(text) for text in texts if isinstance(text, str))
        except ValueError:
            faults.append(Fault(FILE, span.line, "working_hours", "不是一段时间", '请按 ["08:30", "12:00"] 的写法填写'))
            return ()
        if not (spans[-1][1] if spans else time.min) <= begin < end or begin.tzinfo or end.tzinfo:
            faults.append(Fault(FILE, span.line, "working_hours", "时间段颠倒或重叠", "请从早到晚依次填写"))
            return ()
        spans.append((begin, end))
    if not spans:
        faults.append(Fault(FILE, (node or root).line, "working_hours", "缺少工作时间", "请至少填写一段"))
    return tuple(spans)


def _read_year(year: str, node: Node, read: _Years, faults: list[Fault]) -> None:
    field = f"years.{year}"
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        faults.append(Fault(FILE, node.line, field, f"“{year}”不是年份", "请填四位年份"))
        return
    source = node.get("source")
    if source is None or not isinstance(source.value, str) or not source.value:
        faults.append(Fault(FILE, node.line, f"{field}.source", "没有写明放假通知", "请写明国务院办公厅通知的文号"))
        return
    read.notices[int(year)] = source.value
    if _is_provisional(year, node, source.value, faults):
        read.provisional.add(int(year))
    _read_holidays(field, node, int(year), read.holidays, faults)
    worked = node.get("make_up_days")
    if worked is not None and not isinstance(worked.value, list):
        faults.append(Fault(FILE, worked.line, f"{field}.make_up_days", "应为日期的列表", "没有调休时请写 []"))
    for item in worked.value if worked and isinstance(worked.value, list) else []:
        text = item.value if isinstance(item.value, str) else ""
        day = _day(text, item.line, int(year), f"{field}.make_up_days", faults)
        if day is not None:
            _check_make_up_day(day, item.line, read.holidays, faults)
            read.make_up_days.add(day)


def _is_provisional(year: str, node: Node, source: str, faults: list[Fault]) -> bool:
    """Whether the notice has not been issued yet. That is a warning, so that nobody takes the year's due dates for sure."""
    said = node.get("provisional")
    if said is None or said.value == NO:
        return False
    field = f"years.{year}.provisional"
    if said.value != YES:
        faults.append(Fault(FILE, said.line, field, "不是 true 或 false", "通知发布之前填 true，之后删去这一行"))
        return False
    message = f"{year} 年的放假安排是暂定的（{source}），到期时间可能变动"
    remedy = "国务院办公厅的通知发布后，请换上通知的日期和文号，并删去 provisional"
    faults.append(Fault(FILE, said.line, field, message, remedy, Severity.WARNING))
    return True


def _read_holidays(field: str, node: Node, year: int, holidays: dict[date, str], faults: list[Fault]) -> None:
    named = node.get("holidays")
    if named is None or not isinstance(named.value, dict) or not named.value:
        faults.append(Fault(FILE, (named or node).line, f"{field}.holidays", "缺少放假日期", "请按“日期: 节名”填写"))
        return
    for text, holiday in named.value.items():
        day = _day(text, holiday.line, year, f"{field}.holidays", faults)
        if day is not None:
            holidays[day] = holiday.value if isinstance(holiday.value, str) else ""


def _check_make_up_day(day: date, line: int, holidays: dict[date, str], faults: list[Fault]) -> None:
    field = f"years.{day.year}.make_up_days"
    if day in holidays:
        faults.append(Fault(FILE, line, field, f"{day} 既放假又上班", "请只保留一处"))
    elif day.weekday() < SATURDAY:
        faults.append(Fault(FILE, line, field, f"{day} 不是周末，不用调休", "请核对通知"))


def _day(text: str, line: int, year: int, field: str, faults: list[Fault]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults.append(Fault(FILE, line, field, f"“{text}”不是真实存在的日期", "请按 2026-01-31 的写法填写"))
        return None
    if day.year != year:
        faults.append(Fault(FILE, line, field, f"{day} 不在 {year} 年", "请移到对应的年份下"))
        return None
    return day
