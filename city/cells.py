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
FORBIDDEN = re.compile(rf"[{FORBIDDEN_IN_CODES}\s]")
MOBILE_NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
DEVICE = re.compile("[0-9]{20}")
CAMERA_TYPES = ("131", "132")  # GB/T 28181 annex D: 摄像机, 网络摄像机
LONGEST_NUMBER = 6  # no limit of a city is longer, and sums of dates stay within what a date can be

TermT = TypeVar("TermT", bound=Term)


class Cells:
    """Reads the cells of one row. After the last read, `sound` tells whether every cell was what it should be.

    A value that was not comes back empty (or None); no record may be built from it.
    """

    __slots__ = ("_faults", "_file", "_row", "sound")

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
        if FORBIDDEN.search(value):
            self._fault(field, f"编码“{value}”中有不能用的字符", f"编码中不能有空格和 {' '.join(FORBIDDEN_IN_CODES)}")
        return value

    def topic(self, field: str) -> str:
        """A code that a topic is named after (dispatch.<unit>): ASCII letters, digits and hyphens, at most 100."""
        value = self.text(field)
        if value and not TOPIC.fullmatch(value):
            self._fault(field, f"编码“{value}”不能用作主题名", "只能用英文字母、数字和连字符，不超过 100 个")
        return value

    def post(self, field: str) -> str:
        """The code of a post. Letters, digits and hyphens only and no mobile number: nobody is named by it."""
        value = self.text(field)
        if value and (not TOPIC.fullmatch(value) or MOBILE_NUMBER.search(value)):
            remedy = "只用英文字母、数字和连字符（如 w-990102001001001），不写姓名和手机号"
            self._fault(field, f"“{value}”不能用作岗位代码", remedy)
        return value

    def device(self, field: str) -> str:
        """The code of a camera after GB/T 28181 annex D, rule A: 20 digits, the 11th to 13th a camera's type."""
        value = self.text(field)
        if value and not DEVICE.fullmatch(value):
            self._fault(field, f"设备编码“{value}”不是 20 位数字", "请填 GB/T 28181 的 20 位设备编码")
        elif value and value[10:13] not in CAMERA_TYPES:
            message = f"设备编码“{value}”第 11 至 13 位是 {value[10:13]}，不是摄像机"
            self._fault(field, message, f"摄像机的类型编码是 {' 或 '.join(CAMERA_TYPES)}（GB/T 28181），请核对")
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

    def maybe_term(self, field: str, terms: type[TermT]) -> TermT | None:
        """None also when the cell is empty."""
        return self.term(field, terms) if self._row.cells[field] else None

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

    def coordinate(self, field: str) -> float:
        """A coordinate that must be there."""
        number = self.degrees(field) if self.text(field) else None
        return number if number is not None else math.nan

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
