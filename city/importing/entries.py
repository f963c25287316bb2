"""The rows of a table as entries, with everything that is no row of data left out and named."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from city.importing.findings import Findings, Rule, Spot
from city.importing.headings import LEVELS, Field, Kind
from city.importing.recognise import Column, Recognised
from city.importing.text import is_nothing, one_line
from city.importing.workbook import SheetCells, Stored
from language.normalise import fold

_REMARK: Final = re.compile(r"备?注[:\d一二三四五]|说明|填表|填报|制表|审核|联系人|联系电话|日期:|合计|总计|小计|共计|[*※]")
_TOTAL: Final = re.compile("合计|总计|小计|共计")


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell holds for a column. `text` may have several lines; `name` is the same on one line, without blanks."""

    text: str
    spot: Spot
    column: Column
    stored: Stored

    @property
    def name(self) -> str:
        return one_line(self.text)

    @property
    def sentence(self) -> str:
        """On one line with its blanks."""
        return " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. A field that several columns hold has its values from left to right; blank ones are left out."""

    table: Recognised
    row: int
    values: dict[Field, list[Value]]

    def first(self, field: Field) -> Value | None:
        found = self.values.get(field)
        return found[0] if found else None

    def name(self, field: Field) -> str:
        """The first value on one line; empty when the row has none."""
        found = self.first(field)
        return found.name if found else ""

    def spot(self, field: Field) -> Spot:
        """The cell of this field, blank or not; the row's first cell where the table has no such column."""
        columns = self.table.columns_of(field) or self.table.columns[:1]
        return self.table.sheet.spot(self.row, columns[0].number)

    def source(self) -> str:
        """Where the row comes from, for the columns of a pack that name a source."""
        return f"{self.table.sheet.workbook}【{self.table.sheet.name}】"


def entries(table: Recognised, findings: Findings) -> list[Entry]:
    """The rows of data. Hidden rows, section titles, repeated headers, totals and notes under the table are left out."""
    kept: list[Entry] = []
    hidden: list[int] = []
    remarks: list[int] = []
    for row in range(table.first_row, table.last_row + 1):
        filled = _filled(table.sheet, row)
        if not filled:
            continue
        if row in table.sheet.hidden_rows and not table.take_hidden:
            hidden.append(row)
        elif _is_remark(table, row, filled):
            remarks.append(row)
        else:
            kept.append(_entry(table, row, findings))
    _name_left_out(table, hidden, remarks, findings)
    _name_personal(table, findings)
    return _filled_down(table, [entry for entry in kept if entry.values], findings)


def _columns(table: Recognised) -> list[Column]:
    return [c for c in table.columns if c.field not in (None, Field.NOT_TAKEN, Field.PERSONAL)]


def _filled(sheet: SheetCells, row: int) -> list[int]:
    """Columns in which the row has anything, an error value too."""
    columns = range(1, sheet.last_column + 1)
    return [c for c in columns if (cell := sheet.cell(row, c)).text or cell.stored is Stored.LOST]


def _is_remark(table: Recognised, row: int, filled: Sequence[int]) -> bool:
    """A title across the table, a note, a total, or the header once more."""
    sheet = table.sheet
    own = sorted({sheet.anchor(row, column) for column in filled})
    texts = [fold(one_line(sheet.text(*anchor))) for anchor in own]
    if len(own) == 1 and (sheet.width(*own[0]) > 1 or own[0][1] not in {column.number for column in _columns(table)}):
        return True
    if all(_REMARK.match(text) for text in texts) or _TOTAL.fullmatch(texts[0]):
        return True
    named = [column for column in table.columns if sheet.text(row, column.number)]
    return len(named) > 1 and all(one_line(sheet.text(row, c.number)) in c.heading.split("/") for c in named)


def _entry(table: Recognised, row: int, findings: Findings) -> Entry:
    values: dict[Field, list[Value]] = {}
    for column in _columns(table):
        cell = table.sheet.cell(row, column.number)
        spot = table.sheet.spot(row, column.number)
        if cell.stored is Stored.LOST:
            said = f"公式结果是错误值 {cell.text}" if cell.text else "公式没有保存的结果"
            findings.fault(spot, Rule.VALUE, said, "请在 Excel 中把公式粘贴为数值后保存")
        elif not is_nothing(cell.text) and column.field is not None:
            values.setdefault(column.field, []).append(Value(cell.text, spot, column, cell.stored))
    if values:
        for field, text in table.fill.items():
            spot = table.sheet.spot(row, 1)
            values.setdefault(field, [Value(text, spot, Column(0, "对照文件", field), Stored.TEXT)])
    return Entry(table, row, values)


def _name_left_out(table: Recognised, hidden: Sequence[int], remarks: Sequence[int], findings: Findings) -> None:
    for first, last in _runs(hidden):
        remedy = "要导入请先取消隐藏或筛选,或在对照文件中给这张表写 hidden: 导入"
        findings.guess(_rows(table, first, last), Rule.HIDDEN, f"隐藏的 {last - first + 1} 行未导入", remedy)
    for first, last in _runs(remarks):
        findings.note(_rows(table, first, last), Rule.SHEET, "小标题、合计或表下的说明,不是数据,未导入")


def _rows(table: Recognised, first: int, last: int) -> Spot:
    return Spot(table.sheet.workbook, table.sheet.name, f"第{first}行" if first == last else f"第{first}至{last}行")


def _name_personal(table: Recognised, findings: Findings) -> None:
    for column in table.columns_of(Field.PERSONAL):
        spot = table.sheet.spot(table.header[1], column.number)
        findings.note(spot, Rule.PERSONAL, f"“{column.heading}”是个人信息,配置包里不存,未导入")


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rows that follow each other, as (first, last)."""
    start = end = 0
    for row in rows:
        if start and row == end + 1:
            end = row
            continue
        if start:
            yield start, end
        start = end = row
    if start:
        yield start, end


def _filled_down(table: Recognised, kept: list[Entry], findings: Findings) -> list[Entry]:
    """A level above the finest that was left blank below its first row is that of the row above (一级 | 二级 written once)."""
    levels = [level for level in LEVELS if table.columns_of(level)]
    finest = Field.NAME if Field.NAME in table.fields and table.kind is Kind.CATEGORIES else (levels[-1] if levels else None)
    for number, level in enumerate(levels):
        if level is finest:
            continue
        finer = [one for one in (*levels[number + 1 :], finest) if one]
        filled: list[int] = []
        above: Entry | None = None
        for entry in kept:
            if level in entry.values:
                above = entry
            elif above is not None and any(one in entry.values for one in finer) and _same_branch(entry, above, levels[:number]):
                entry.values[level] = above.values[level]
                filled.append(entry.row)
        letter = table.columns_of(level)[0].letter
        for first, last in _runs(filled):
            cells = f"{letter}{first}" if first == last else f"{letter}{first}:{letter}{last}"
            where = Spot(table.sheet.workbook, table.sheet.name, cells)
            findings.guess(where, Rule.CATEGORY, f"“{level}”留空,按上一行理解", "若不是同一类,请把分类填上;最好合并单元格")
    return kept


def _same_branch(entry: Entry, above: Entry, coarser: Sequence[Field]) -> bool:
    return all(entry.name(level) == above.name(level) for level in coarser)
