"""From a city office's workbooks to the folder of a pack: recognise, read, match, write, check, and name every cell in doubt."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from city.check import check_pack
from city.fault import Fault, Severity
from city.importing.areas import AreaBook
from city.importing.calendar_sheet import CalendarYears
from city.importing.cameras import CameraList
from city.importing.categories import CategoryBook
from city.importing.duty import DutyList
from city.importing.findings import Finding, Findings, Rule, Spot, Weight
from city.importing.from_base import FromBase
from city.importing.grids import GridList, PlaceList
from city.importing.headings import Kind
from city.importing.limits import LimitTable
from city.importing.mapping import Mapping, field_for, read_mapping
from city.importing.posts import PostList
from city.importing.recognise import Recognised, recognise
from city.importing.units import UnitBook
from city.importing.work import Base, Order, PackRows, Work
from city.importing.workbook import SheetCells, read_workbook
from city.layout import PackFile
from schemas.errors import ContractError

REPORT: Final = "导入报告.csv"
"""Beside the pack's files: everything found, for a person with a spreadsheet. No file of the pack."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet was taken for; `table` None: for nothing."""

    cells: SheetCells
    table: Recognised | None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """`counts`: rows by file of the pack. The pack can be used when `usable`: nothing in it is wrong, whatever was left out."""

    folder: Path
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    usable: bool


def plan(workbooks: Sequence[Path], mapping: Path | None) -> tuple[list[Sheet], Findings]:
    """What each sheet is recognised as. Writes nothing."""
    findings = Findings()
    said = read_mapping(mapping, findings)
    sheets = [_sheet(cells, said) for path in workbooks for cells in read_workbook(path, findings)]
    for sheet in sheets:
        if sheet.table is None and not sheet.left_out and sheet.cells.last_row:
            remedy = f"可认的表:{'、'.join(kind.label for kind in Kind)};可在对照文件中写明 kind、header 和 columns"
            findings.note(sheet.cells.whole(), Rule.SHEET, "认不出是什么表,未导入", remedy)
    return sheets, findings


def import_pack(order: Order) -> Imported:
    """Make the pack folder. Raises PackError for a base that is not sound, ContractError for a folder that is not ours."""
    _must_be_ours(order.out)
    base = Base(order.base, order.city) if order.base else None
    sheets, findings = plan(order.workbooks, order.mapping)
    city = order.city or (base.pack.name if base else "")
    if not city:
        raise ContractError("--city", "不知道是哪座城市", "请写 --city 城市名,或用 --base 给出本市原来的配置包")
    tables = [sheet.table for sheet in sheets if sheet.table is not None]
    work = Work(order, city, base, read_mapping(order.mapping, Findings()), findings, tables)
    _make(work)
    order.out.mkdir(parents=True, exist_ok=True)
    for made in work.made.values():
        made.write(order.out)
    faults = check_pack(order.out)
    for fault in faults:
        _name(fault, work)
    counts = {file.value: len(made.rows) for file, made in work.made.items()}
    _write_report(order.out, list(findings))
    usable = not any(fault.severity is Severity.ERROR for fault in faults)
    return Imported(order.out, tuple(sheets), tuple(findings), counts, usable)


def _must_be_ours(folder: Path) -> None:
    """Never write over a folder that somebody keeps by hand."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / REPORT).is_file())):
        raise ContractError("--out", f"{folder} 里有别的文件,不会覆盖", "请另选一个文件夹,或先清空它")
    for file in PackFile:
        (folder / file).unlink(missing_ok=True)


def _sheet(cells: SheetCells, mapping: Mapping) -> Sheet:
    rule = mapping.rule_of(cells)
    if rule.left_out:
        return Sheet(cells, None, left_out=True)
    table = recognise(cells, rule.kind, rule.header)
    if table is None:
        return Sheet(cells, None)
    columns = tuple(replace(one, field=field_for(rule, one.number, one.heading) or one.field) for one in table.columns)
    return Sheet(cells, replace(table, columns=columns, last=rule.last, take_hidden=rule.take_hidden, fill=rule.fill))


def _make(work: Work) -> None:
    """Each book with what the earlier ones know."""
    rest = FromBase(work)
    areas = AreaBook(work)
    units = UnitBook(work, areas)
    categories = CategoryBook(work)
    DutyList(work, units, categories, rest.version)
    grids = GridList(work, areas, units)
    PlaceList(work, areas, grids)
    CameraList(work, grids, units)
    PostList(work, areas, grids, units)
    limits = LimitTable(work, categories)
    rest.add(areas, categories, grids, limits)
    rest.write_calendar(CalendarYears(work))


# what the check of the pack says, told by cell


def _name(fault: Fault, work: Work) -> None:
    made: PackRows | None = next((rows for file, rows in work.made.items() if file == fault.file), None)
    spot = (made.origin(fault.line, fault.field) if made else None) or Spot(
        fault.file, "", f":{fault.line}" if fault.line else ""
    )
    say = work.findings.fault if fault.severity is Severity.ERROR else work.findings.note
    say(spot, Rule.FIT, fault.message, fault.remedy)


def _write_report(folder: Path, found: list[Finding]) -> None:
    with (folder / REPORT).open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("轻重", "工作簿", "工作表", "单元格", "规则", "说明", "怎么办", "相近的名称"))
        for one in sorted(found, key=lambda one: list(Weight).index(one.weight)):
            near = "、".join(f"{name}({score:.2f})" for name, score in one.candidates)
            spot = one.spot
            writer.writerow(
                (one.weight.label, spot.workbook, spot.sheet, spot.cell, one.rule.value, one.message, one.remedy, near)
            )
