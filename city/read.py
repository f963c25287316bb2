"""From the files of a pack to a draft: each row to a record, or to faults with its line. Reading never raises."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from city import rows
from city.cells import Cells
from city.draft import Draft, Sheet
from city.fault import Fault
from city.geometry import Polygons
from city.layout import LAYOUTS, PackFile
from city.read_calendar import read_calendar
from city.read_handling import read_handling
from city.read_header import read_header
from city.records import Area, Category, Grid
from city.table import Table, read_table
from city.tree import codes_of, paths

RecordT = TypeVar("RecordT")


def read(folder: Path) -> Draft:
    """Read a pack folder. Everything wrong with a file or a row in itself is in the draft's `faults`."""
    faults: list[Fault] = []
    header = read_header(folder, faults)
    calendar = read_calendar(folder, header.zone if header else None, faults)
    handling, monitoring = read_handling(folder, faults)
    areas = _tree(_sheet(folder, PackFile.AREAS, rows.area, faults), faults)
    categories = _tree(_sheet(folder, PackFile.CATEGORIES, rows.category, faults), faults)
    grids, polygons = _with_polygons(_sheet(folder, PackFile.GRIDS, rows.grid, faults), faults)
    return Draft(
        header=header,
        calendar=calendar,
        categories=categories,
        areas=areas,
        units=_sheet(folder, PackFile.UNITS, rows.unit, faults),
        duty=_sheet(folder, PackFile.DUTY, rows.duty_item, faults),
        grids=grids,
        polygons=polygons,
        places=_sheet(folder, PackFile.PLACES, rows.place, faults),
        workers=_sheet(folder, PackFile.WORKERS, rows.worker, faults),
        cameras=_sheet(folder, PackFile.CAMERAS, rows.camera, faults),
        high_risk=_sheet(folder, PackFile.HIGH_RISK, rows.risk_word, faults),
        slots=_sheet(folder, PackFile.SLOTS, rows.slot, faults),
        limits=_sheet(folder, PackFile.LIMITS, rows.limit_rule, faults),
        match_windows=_sheet(folder, PackFile.MATCH_WINDOWS, rows.match_window, faults),
        camera_classes=_sheet(folder, PackFile.CAMERA_CLASSES, rows.camera_class, faults),
        camera_rules=_sheet(folder, PackFile.CAMERA_RULES, rows.camera_rule, faults),
        grid_events=_sheet(folder, PackFile.GRID_EVENTS, rows.grid_event, faults),
        sayings=_sheet(folder, PackFile.SAYINGS, rows.saying, faults),
        handling=handling,
        monitoring=monitoring,
        fingerprint=fingerprint(folder),
        faults=tuple(faults),
    )


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and bytes of the pack's files. Other files in the folder do not count; a byte does."""
    digest = hashlib.sha256()
    for file in sorted(PackFile):
        try:
            content = (folder / file).read_bytes()
        except OSError:
            continue
        digest.update(f"{file}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _sheet(folder: Path, file: PackFile, parse: Callable[[Cells], RecordT | None], faults: list[Fault]) -> Sheet[RecordT]:
    table: Table = read_table(folder, LAYOUTS[file], faults)
    entries: list[tuple[int, RecordT]] = []
    for row in table.rows:
        record = parse(Cells(file, row, faults))
        if record is not None:
            entries.append((row.line, record))
    return Sheet(file, entries, table.keys)


TreeT = TypeVar("TreeT", Category, Area)


def _tree(sheet: Sheet[TreeT], faults: list[Fault]) -> Sheet[TreeT]:
    found, cyclic = paths({record.code: record.parent for record in sheet.records()})
    entries: list[tuple[int, TreeT]] = []
    for line, record in sheet:
        if record.code in cyclic:
            message = f"“{record.code}”的上级绕了一圈又回到自己"
            faults.append(Fault(sheet.file, line, "parent", message, "请改正上级编码，顶层的上级留空"))
        path = found[record.code]
        if isinstance(record, Category):
            entries.append((line, replace(record, path=path, level=len(codes_of(path)))))
        else:
            entries.append((line, replace(record, path=path)))
    return Sheet(sheet.file, entries, sheet.keys)


def _with_polygons(sheet: Sheet[Grid], faults: list[Fault]) -> tuple[Sheet[Grid], Polygons]:
    """The grids whose polygon is sound, each with a point inside it, and those polygons."""
    polygons = Polygons([grid.polygon for grid in sheet.records()])
    wrong = polygons.faults()
    for index, (line, grid) in enumerate(sheet):
        if index in wrong:
            message = f"网格“{grid.code}”：{wrong[index]}"
            faults.append(Fault(sheet.file, line, "polygon", message, "请重新导出该网格的边界"))
    if wrong:
        polygons = polygons.without(set(wrong))
    sound = (entry for index, entry in enumerate(sheet) if index not in wrong)
    placed = [
        (line, Grid(grid.code, grid.name, grid.kind, grid.community, grid.polygon, grid.worker_unit, lon, lat))
        for (line, grid), (lon, lat) in zip(sound, polygons.inner_points(), strict=True)
    ]
    return Sheet(sheet.file, placed, sheet.keys), polygons
