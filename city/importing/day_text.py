"""Days as notices write them: 2026-10-01, 10月1日至8日, 2月14日(周六)、2月28日(周六)."""

import re
from datetime import date, timedelta
from typing import Final

from city.importing.text import parts
from language.normalise import fold

LONGEST: Final = 60
"""Days from the first to the last of one holiday; what is longer is a slip of the pen."""
_DAY: Final = r"(?:(?:(\d{4})[年./-])?(\d{1,2})[月./-])?(\d{1,2})日?"
_ONE: Final = re.compile(_DAY)
_SPAN: Final = re.compile(_DAY + r"(?:至|到|—+|-+|~)" + _DAY)
_ASIDE: Final = re.compile(r"\([^)]*\)|(?:周|星期|礼拜)[一二三四五六日天]|放假|调休|上班|补班|休息|正常|共计?\d+天|假期|[。.]$")


def parse_days(text: str, year: int | None) -> list[date] | str:
    """Every day that is meant, in order, or why it cannot be taken, in Chinese. year: where the text names none."""
    said = _ASIDE.sub("", fold(text.replace("\n", ";"))).replace("/", "-")
    days: list[date] = []
    month: int | None = None
    for part in parts(said):
        plain = part.replace(" ", "")
        span, one = _SPAN.fullmatch(plain), _ONE.fullmatch(plain)
        found = span or one
        if found is None:
            return f"“{part}”不是日期"
        groups = found.groups() if span else (*found.groups(), None, None, None)
        first = _date(groups[:3], year, month)
        if isinstance(first, str):
            return first
        last = _date(groups[3:], first.year, first.month) if span else first
        if isinstance(last, str):
            return last
        if span and last < first and groups[3] is None and groups[4] is not None:
            last = _date((str(first.year + 1), *groups[4:]), None, None)  # 12月31日至1月3日
            if isinstance(last, str):
                return last
        if not 0 <= (last - first).days <= LONGEST:
            return f"“{part}”的起止颠倒或超过 {LONGEST} 天"
        month = last.month
        days += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return days or "没有日期"


def _date(groups: tuple[str | None, ...], year: int | None, month: int | None) -> date | str:
    said_year, said_month, day = groups
    whole_year = int(said_year) if said_year else year
    whole_month = int(said_month) if said_month else month
    if whole_year is None or whole_month is None or day is None:
        return "没有写明年份" if whole_year is None else "没有写明月份"
    try:
        return date(whole_year, whole_month, int(day))
    except ValueError:
        return f"{whole_year} 年没有 {whole_month} 月 {day} 日"


def year_in(text: str) -> int | None:
    """The one year that a title names (2026年…放假安排); None for none or several."""
    found = {int(year) for year in re.findall(r"(?<!\d)(20\d{2})(?:年|$|\D)", text)}
    return found.pop() if len(found) == 1 else None
