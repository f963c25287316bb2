"""CSV files of a pack as rows that know their line. Reading never raises: what is wrong becomes a fault."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from city.fault import Fault, Severity
from city.layout import Layout


class Row(NamedTuple):
    """The cells of one line by column name, stripped of white space; `line` is where the row begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` holds what can be read. `keys` holds the first cell of every row, of broken ones too, so that one broken
    row is not reported again by all that refer to it; None when the file itself could not be read."""

    file: str
    rows: tuple[Row, ...]
    keys: frozenset[str] | None


def read_text(folder: Path, file: str, required: bool, faults: list[Fault]) -> str | None:
    """The file as text, None if there is nothing to read. Bytes that are not UTF-8 are a fault with their line."""
    try:
        content = (folder / file).read_bytes()
    except FileNotFoundError:
        if required:
            faults.append(Fault(file, 0, "", "缺少文件", f"请在配置包目录中补上 {file}，格式见 FORMAT.md"))
        return None
    except OSError as error:
        faults.append(Fault(file, 0, "", f"文件读不出来：{error.strerror}", "请检查路径是不是文件、有没有读取权限"))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        faults.append(Fault(file, line, "", "不是 UTF-8 编码", "请把文件另存为 UTF-8 编码（不要用 GBK）"))
        return content.decode("utf-8-sig", errors="replace")


def read_table(folder: Path, layout: Layout, faults: list[Fault]) -> Table:
    """Read one CSV file after its layout, adding to `faults` whatever does not fit it."""
    text = read_text(folder, layout.file, layout.required, faults)
    if text is None:
        return Table(layout.file, (), None if layout.required else frozenset())
    lines = _lines(text, layout.file, faults)
    first = next(lines, None)
    if first is None:
        faults.append(Fault(layout.file, 1, "", "文件是空的，没有表头", f"第一行应为：{','.join(layout.columns)}"))
        return Table(layout.file, (), None)
    header = [cell.strip() for cell in first[1]]
    if not _header_fits(header, first[0], layout, faults):
        return Table(layout.file, (), None)
    left_out = {name: "" for name in layout.optional if name not in header}
    rows: list[Row] = []
    keys: set[str] = set()
    key = header.index(layout.columns[0])
    for line, cells in lines:
        if key < len(cells):
            keys.add(cells[key].strip())
        if len(cells) != len(header):
            message = f"这一行有 {len(cells)} 列，表头有 {len(header)} 列"
            faults.append(Fault(layout.file, line, "", message, "请补齐或删去多出的列；值中有逗号时用英文双引号括起来"))
            continue
        rows.append(Row(line, left_out | {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
    return Table(layout.file, tuple(rows), frozenset(keys))


def _lines(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(file, begin, "", f"CSV 格式有误（{error}）", "请检查这一行的双引号是否成对"))
            return
        if any(cell.strip() for cell in cells):
            yield begin, cells


def _header_fits(header: list[str], line: int, layout: Layout, faults: list[Fault]) -> bool:
    fits = True
    for name, count in Counter(header).items():
        if count > 1:
            faults.append(Fault(layout.file, line, name, "表头中这一列出现了不止一次", "请只保留一列"))
            fits = False
        if name not in layout.known:
            message, remedy = "不认识的列，已忽略", f"可用的列：{','.join(layout.known)}"
            faults.append(Fault(layout.file, line, name, message, remedy, Severity.WARNING))
    for name in layout.columns:
        if name not in header:
            faults.append(Fault(layout.file, line, name, "表头缺少这一列", f"应有的列：{','.join(layout.columns)}"))
            fits = False
    return fits
