"""From the files of a pack to a draft: each row to a record, or to faults with its line. Reading never raises."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from city.cells import Cells
from city.draft import Draft, LimitRule, Sheet
from city.fault import Fault
from city.geometry import Polygons
from city.layout import LAYOUTS, PackFile
from city.read_calendar import read_calendar
from city.read_header import read_header
from city.records import Area, CameraRule, Category, DutyItem, Grid, Limit, MatchWindow, PlaceName, RiskWord, Slot, Unit
from city.table import Table, read_table
from city.terms import (
    AreaLevel,
    Clock,
    GridKind,
    LimitUnit,
    ListKind,
    PlaceKind,
    TownshipRole,
    UnitKind,
    Urgency,
)
from city.tree import codes_of, paths

RecordT = TypeVar("RecordT")


def read(folder: Path) -> Draft:
    """Read a pack folder. Everything wrong with a file or a row in itself is in the draft's `faults`."""
    faults: list[Fault] = []
    header = read_header(folder, faults)
    calendar = read_calendar(folder, header.zone if header else None, faults)
    areas = _tree(_sheet(folder, PackFile.AREAS, _area, faults), faults)
    categories = _tree(_sheet(folder, PackFile.CATEGORIES, _category, faults), faults)
    grids, polygons = _with_polygons(_sheet(folder, PackFile.GRIDS, _grid, faults), faults)
    return Draft(
        header=header,
        calendar=calendar,
        categories=categories,
        areas=areas,
        units=_sheet(folder, PackFile.UNITS, _unit, faults),
        duty=_sheet(folder, PackFile.DUTY, _duty_item, faults),
        grids=grids,
        polygons=polygons,
        places=_sheet(folder, PackFile.PLACES, _place, faults),
        high_risk=_sheet(folder, PackFile.HIGH_RISK, _risk_word, faults),
        slots=_sheet(folder, PackFile.SLOTS, _slot, faults),
        limits=_sheet(folder, PackFile.LIMITS, _limit_rule, faults),
        match_windows=_sheet(folder, PackFile.MATCH_WINDOWS, _match_window, faults),
        camera_classes=_sheet(folder, PackFile.CAMERA_CLASSES, _camera_class, faults),
        camera_rules=_sheet(folder, PackFile.CAMERA_RULES, _camera_rule, faults),
        grid_events=_sheet(folder, PackFile.GRID_EVENTS, _grid_event, faults),
        sayings=_sheet(folder, PackFile.SAYINGS, _saying, faults),
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
    drawn = Polygons([grid.polygon for grid in sheet.records()])
    sound: list[tuple[int, Grid]] = []
    for index, (line, grid) in enumerate(sheet):
        wrong = drawn.fault(index)
        if wrong:
            faults.append(Fault(sheet.file, line, "polygon", f"网格“{grid.code}”：{wrong}", "请重新导出该网格的边界"))
            continue
        lon, lat = drawn.inner_point(index)
        sound.append((line, replace(grid, lon=lon, lat=lat)))
    polygons = drawn if len(sound) == len(sheet) else Polygons([grid.polygon for _, grid in sound])
    return Sheet(sheet.file, sound, sheet.keys), polygons


def _category(cells: Cells) -> Category | None:
    code, name, parent = cells.code("code"), cells.text("name"), cells.maybe("parent")
    aliases, words = cells.parts("aliases"), cells.parts("words")
    return Category(code, name, parent, 0, aliases, words, "") if cells.sound else None


def _area(cells: Cells) -> Area | None:
    code, name, level = cells.code("code"), cells.text("name"), cells.term("level", AreaLevel)
    parent, aliases = cells.maybe("parent"), cells.parts("aliases")
    return Area(code, name, level, parent, aliases, "") if cells.sound and level else None


def _unit(cells: Cells) -> Unit | None:
    code, name, kind, parent = (
        cells.topic("code"),
        cells.text("name"),
        cells.term("kind", UnitKind),
        cells.maybe("parent"),
    )
    area, line, aliases = cells.text("area"), cells.text("line"), cells.parts("aliases")
    successor, abolished = cells.maybe("successor"), cells.day("abolished")
    if not cells.sound or kind is None:
        return None
    return Unit(code, name, kind, parent, area, line, aliases, successor, abolished)


def _duty_item(cells: Cells) -> DutyItem | None:
    code, name, categories = cells.code("code"), cells.text("name"), cells.parts("categories")
    lead, cooperators = cells.text("lead"), cells.parts("cooperators")
    role, kind = cells.term("township_role", TownshipRole), cells.term("list_kind", ListKind)
    legal_basis, words, version = cells.text("legal_basis"), cells.parts("words"), cells.text("version")
    if not cells.sound or role is None or kind is None:
        return None
    return DutyItem(code, name, categories, lead, cooperators, role, kind, legal_basis, words, version)


def _grid(cells: Cells) -> Grid | None:
    code, name, kind = cells.code("code"), cells.text("name"), cells.term("kind", GridKind)
    community, worker, polygon = cells.text("community"), cells.text("worker_unit"), cells.text("polygon")
    if not cells.sound or kind is None:
        return None
    return Grid(code, name, kind, community, polygon, worker, 0.0, 0.0)


def _place(cells: Cells) -> PlaceName | None:
    name, kind, aliases = cells.text("name"), cells.term("kind", PlaceKind), cells.parts("aliases")
    area, grid, lon, lat = cells.text("area"), cells.maybe("grid"), cells.degrees("lon"), cells.degrees("lat")
    if not cells.sound or kind is None:
        return None
    return PlaceName(name, kind, aliases, area, grid, lon, lat, None)


def _risk_word(cells: Cells) -> RiskWord | None:
    word, kind, urgency = cells.text("word"), cells.text("kind"), cells.term("urgency", Urgency)
    return RiskWord(word, kind, urgency) if cells.sound and urgency else None


def _slot(cells: Cells) -> Slot | None:
    number, code, name = cells.whole("number"), cells.code("code"), cells.text("name")
    area, retired = cells.maybe("area"), cells.day("retired")
    return Slot(number, code, name, area, retired) if cells.sound else None


def _limit_rule(cells: Cells) -> LimitRule | None:
    clock, urgency, category = cells.term("clock", Clock), cells.term("urgency", Urgency), cells.maybe("category")
    amount, unit, source = cells.whole("amount"), cells.term("unit", LimitUnit), cells.text("source")
    if not cells.sound or clock is None or urgency is None or unit is None:
        return None
    return LimitRule(clock, urgency, category, Limit(amount, unit, source))


def _match_window(cells: Cells) -> MatchWindow | None:
    category, hours, source = cells.text("category"), cells.whole("hours"), cells.text("source")
    return MatchWindow(category, hours, source) if cells.sound else None


def _camera_class(cells: Cells) -> tuple[str, str] | None:
    label, category = cells.text("label"), cells.text("category")
    return (label, category) if cells.sound else None


def _camera_rule(cells: Cells) -> CameraRule | None:
    rule = CameraRule(
        label=cells.text("label"),
        confirm=cells.share("confirm"),
        dwell_seconds=cells.count("dwell_seconds"),
        cooldown_minutes=cells.count("cooldown_minutes"),
        clear_minutes=cells.whole("clear_minutes"),
        overlap=cells.share("overlap"),
        source=cells.text("source"),
    )
    return rule if cells.sound else None


def _saying(cells: Cells) -> tuple[str, str] | None:
    text, category = cells.text("text"), cells.text("category")
    return (text, category) if cells.sound else None


def _grid_event(cells: Cells) -> tuple[str, str] | None:
    event, category = cells.text("type"), cells.text("category")
    return (event, category) if cells.sound else None
