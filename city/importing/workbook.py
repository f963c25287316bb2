"""The only place that knows openpyxl: a workbook as sheets of cells with text, merged areas spread over what they cover."""

import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from city.importing.findings import Findings, Rule, Spot
from city.importing.text import tidy

LARGEST_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number: a longer code that was typed as one has lost its end."""
_ZEROS: Final = re.compile("0{2,20}")
_ERROR: Final = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")


class Stored(StrEnum):
    """How the cell holds its value. LOST: a formula without a saved result, or an error value."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is tidied; of a date it is 2026-01-31."""

    text: str
    stored: Stored = Stored.TEXT


BLANK: Final = Cell("")


class SheetCells:
    """The cells of one sheet, rows and columns from 1. What lies in a merged area has the value of its first cell."""

    def __init__(self, workbook: str, name: str, cells: dict[tuple[int, int], Cell]) -> None:
        self.workbook = workbook
        self.name = name
        self.hidden_rows: frozenset[int] = frozenset()
        self._cells = cells
        self._anchors: dict[tuple[int, int], tuple[int, int]] = {}
        self._widths: dict[tuple[int, int], int] = {}
        self.last_row = max((row for row, _ in cells), default=0)
        self.last_column = max((column for _, column in cells), default=0)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Spread the first cell of a merged area, as far as the sheet holds anything."""
        for row in range(top, min(bottom, self.last_row) + 1):
            for column in range(left, min(right, self.last_column) + 1):
                self._anchors[row, column] = (top, left)
        self._widths[top, left] = min(right, self.last_column) - left + 1

    def cell(self, row: int, column: int) -> Cell:
        return self._cells.get(self.anchor(row, column), BLANK)

    def text(self, row: int, column: int) -> str:
        return self.cell(row, column).text

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """Where the value stands: the first cell of the merged area, or the cell itself."""
        return self._anchors.get((row, column), (row, column))

    def width(self, row: int, column: int) -> int:
        """Columns of the merged area that the cell lies in; 1 outside of one."""
        return self._widths.get(self.anchor(row, column), 1)

    def spot(self, row: int, column: int) -> Spot:
        """The cell where a person would put the value right."""
        return Spot(self.workbook, self.name, cell_name(*self.anchor(row, column)))

    def whole(self) -> Spot:
        return Spot(self.workbook, self.name)


def cell_name(row: int, column: int) -> str:
    return f"{column_letter(column)}{row}"


def column_letter(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The other way round; 0 for what is no column."""
    if not re.fullmatch("[A-Za-z]{1,3}", letters):
        return 0
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def read_workbook(path: Path, findings: Findings) -> list[SheetCells]:
    """The sheets that can be seen, in order. What cannot be read is a finding."""
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second that only an import pays

    spot = Spot(path.name)
    try:
        book = load_workbook(path)
    except FileNotFoundError:
        findings.fault(spot, Rule.BOOK, "没有这个文件", "请检查路径")
        return []
    except (zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        said = "不是 .xlsx 工作簿,或者加了密" if _is_foreign(path, error) else f"读不出来({error})"
        findings.fault(spot, Rule.BOOK, said, "请用 Excel 或 WPS 打开,去掉密码,另存为“Excel 工作簿(.xlsx)”")
        return []
    values = _saved_results(path, book)
    sheets = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            findings.note(Spot(path.name, sheet.title), Rule.SHEET, "隐藏的工作表,未导入", "要导入请先取消隐藏")
            continue
        sheets.append(_sheet(path.name, sheet, values[sheet.title] if values else None))
    return sheets


def _is_foreign(path: Path, error: Exception) -> bool:
    return isinstance(error, zipfile.BadZipFile) or path.suffix.lower() != ".xlsx" or "not a zip" in str(error)


def _saved_results(path: Path, book: Any) -> Any:
    """The workbook with the results that Excel saved beside its formulas; None when there are no formulas."""
    from openpyxl import load_workbook  # noqa: PLC0415 - see read_workbook

    formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in _own_cells(sheet))
    return load_workbook(path, data_only=True) if formulas else None


def _own_cells(sheet: Any) -> Any:
    """The cells that the file holds. Going through rows and columns instead would make a million of them where a whole column
    has a colour."""
    return sheet._cells.values()


def _sheet(workbook: str, sheet: Any, results: Any) -> SheetCells:
    cells = {}
    for cell in _own_cells(sheet):
        found = _cell(cell, results)
        if found is not None:
            cells[cell.row, cell.column] = found
    made = SheetCells(workbook, sheet.title, cells)
    for area in sheet.merged_cells.ranges:
        made.merge(area.min_row, area.min_col, area.max_row, area.max_col)
    made.hidden_rows = frozenset(row for row, shape in sheet.row_dimensions.items() if shape.hidden)
    return made


def _cell(cell: Any, results: Any) -> Cell | None:
    value = cell.value
    if cell.data_type == "f":
        value = results[cell.coordinate].value if results else None
        if value is None:
            return Cell("", Stored.LOST)
    if cell.data_type == "e" or (isinstance(value, str) and _ERROR.fullmatch(value)):
        return Cell(str(value), Stored.LOST)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(_written(value, str(cell.number_format)), Stored.NUMBER)
    if isinstance(value, datetime | date):
        return Cell((value.date() if isinstance(value, datetime) else value).isoformat(), Stored.DATE)
    text = tidy("" if value is None else value.strftime("%H:%M") if isinstance(value, time) else str(value))
    return Cell(text) if text else None


def _written(value: float, form: str) -> str:
    """As the cell shows it where its format fills up with zeros, else in full."""
    if value == int(value):
        digits = str(int(value))
        return digits.zfill(len(form)) if _ZEROS.fullmatch(form) else digits
    return f"{value:.10g}"
