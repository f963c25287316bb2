"""One row read cell by cell: each value of the type its column asks for, or a fault with the line it stands on."""

import math
import re
from datetime import date
from typing import TypeVar

from city.fault import Fault
from city.table import Row
from city.terms import Term

LIST_SEPARATOR = ";"
TOPIC = re.compile("[A-Za-z0-9-]{1,100}")
FORBIDDEN_IN_CODES = "/;:@"
LONGEST_NUMBER = 6  # no limit of a city is longer, and sums of dates stay within what a date can be

TermT = TypeVar("TermT", bound=Term)


class Cells:
    """Reads the cells of one row. After the last read, `sound` tells whether every cell was what it should be.

    A value that was not comes back empty (or None); no record may be built from it.
    """

    def __init__(self, file: str, row: Row, faults: list[Fault]) -> None:
        self._file = file
        self._row = row
        self._faults = faults
        self.sound = True

    @property
    def line(self) -> int:
        return self._row.line

    def text(self, field: str) -> str:
        """A text that must not be empty."""
        value = self._row.cells[field]
        if not value:
            self._fault(field, "不能为空", "请填写")
        return value

    def code(self, field: str) -> str:
        """A text that names something: not empty, and without what lists, paths and patterns are written with."""
        value = self.text(field)
        if any(mark in FORBIDDEN_IN_CODES or mark.isspace() for mark in value):
            self._fault(field, f"编码“{value}”中有不能用的字符", f"编码中不能有空格和 {' '.join(FORBIDDEN_IN_CODES)}")
        return value

    def topic(self, field: str) -> str:
        """A code that a topic is named after (dispatch.<unit>): ASCII letters, digits and hyphens, at most 100."""
        value = self.text(field)
        if value and not TOPIC.fullmatch(value):
            self._fault(field, f"编码“{value}”不能用作主题名", "只能用英文字母、数字和连字符，不超过 100 个")
        return value

    def maybe(self, field: str) -> str | None:
        return self._row.cells[field] or None

    def parts(self, field: str) -> tuple[str, ...]:
        """A list separated by half-width semicolons; a part that is written twice is a fault."""
        parts = tuple(part for raw in self._row.cells[field].split(LIST_SEPARATOR) if (part := raw.strip()))
        for part in sorted({part for part in parts if parts.count(part) > 1}):
            self._fault(field, f"“{part}”写了不止一次", "请只保留一个")
        return parts

    def term(self, field: str, terms: type[TermT]) -> TermT | None:
        value = self._row.cells[field]
        term = terms.from_label(value)
        if term is None:
            self._fault(field, f"“{value}”不是可用的取值", f"可用的取值：{terms.labels()}")
        return term

    def whole(self, field: str) -> int:
        """A whole number above zero."""
        value = self._row.cells[field]
        if value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER and int(value) > 0:
            return int(value)
        self._fault(field, f"“{value}”不是大于零的整数", "请填大于零的整数")
        return 0

    def count(self, field: str) -> int:
        """A whole number, zero too."""
        return 0 if self._row.cells[field] == "0" else self.whole(field)

    def share(self, field: str) -> float:
        """A number from 0 to 1."""
        value = self._row.cells[field]
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 1:
            self._fault(field, f"“{value}”不是 0 到 1 之间的小数", "请填 0 到 1 之间的小数，如 0.5")
            return 0.0
        return number

    def degrees(self, field: str) -> float | None:
        """A coordinate, None when the cell is empty."""
        value = self._row.cells[field]
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self._fault(field, f"“{value}”不是经纬度", "请填以度为单位的小数，如 123.4567")
            return None
        return number

    def day(self, field: str) -> date | None:
        """A date, None when the cell is empty."""
        value = self._row.cells[field]
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self._fault(field, f"“{value}”不是日期", "请按 2026-01-31 的写法填写真实存在的日期")
            return None

    def _fault(self, field: str, message: str, remedy: str) -> None:
        self.sound = False
        self._faults.append(Fault(self._file, self._row.line, field, message, remedy))
