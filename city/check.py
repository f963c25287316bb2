"""Whether the files of a pack fit together. One pass finds everything; nothing here raises, whatever the files hold."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from city.check_duty import check_duty
from city.check_grids import check_grids
from city.check_points import check_cameras, check_places
from city.check_policy import check_limits, check_monitoring, check_slots
from city.check_workers import check_workers
from city.draft import Draft, Sheet
from city.fault import Fault
from city.read import read
from city.records import OTHER_CLASSES
from city.terms import AreaLevel, UnitKind

RecordT = TypeVar("RecordT")


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


AREA_ORDER = tuple(AreaLevel)
# Which area a unit of each kind serves; a public utility may serve the whole city or a district.
SERVED = {
    UnitKind.CITY_DEPARTMENT: (AreaLevel.CITY,),
    UnitKind.DISTRICT_GOVERNMENT: (AreaLevel.DISTRICT,),
    UnitKind.DISTRICT_DEPARTMENT: (AreaLevel.DISTRICT,),
    UnitKind.TOWNSHIP: (AreaLevel.STREET,),
    UnitKind.COMMUNITY: (AreaLevel.COMMUNITY,),
    UnitKind.PUBLIC_UTILITY: (AreaLevel.CITY, AreaLevel.DISTRICT),
}


def check_pack(folder: Path) -> list[Fault]:
    """Every fault of a pack folder, by file and line; empty when the pack is sound. Never raises for what it reads."""
    return check_draft(read(folder))


def check_draft(draft: Draft) -> list[Fault]:
    """The faults of reading and those of fitting together, by file and line."""
    faults = list(draft.faults)
    for check in (
        _check_unique,
        _check_areas,
        _check_categories,
        _check_units,
        _check_mappings,
        _check_cameras,
        check_duty,
        check_grids,
        check_places,
        check_workers,
        check_cameras,
        check_slots,
        check_limits,
        check_monitoring,
    ):
        check(draft, faults)
    return sorted(set(faults))


def _check_unique(draft: Draft, faults: list[Fault]) -> None:
    coded: tuple[Sheet[_Coded], ...] = (
        draft.categories,
        draft.areas,
        draft.units,
        draft.duty,
        draft.grids,
        draft.workers,
        draft.slots,
    )
    for sheet in coded:
        _unique(sheet, "code", lambda record: record.code, faults)
    _unique(draft.cameras, "device", lambda camera: camera.device, faults)
    _unique(draft.high_risk, "word", lambda risk: risk.word, faults)
    _unique(draft.match_windows, "category", lambda window: window.category, faults)
    _unique(draft.camera_classes, "label", lambda entry: entry[0], faults)
    _unique(draft.camera_rules, "label", lambda rule: rule.label, faults)
    _unique(draft.grid_events, "type", lambda entry: entry[0], faults)
    _unique(draft.sayings, "text", lambda entry: entry[0], faults)
    _unique(draft.places, "name", lambda place: f"{place.area} {place.name}", faults)


def _unique(sheet: Sheet[RecordT], field: str, key: Callable[[RecordT], str], faults: list[Fault]) -> None:
    first: dict[str, int] = {}
    for line, record in sheet:
        value = key(record)
        if value in first:
            message = f"“{value}”与第 {first[value]} 行重复"
            faults.append(Fault(sheet.file, line, field, message, "请改用别的编码，或删去其中一行"))
        first.setdefault(value, line)


def _check_cameras(draft: Draft, faults: list[Fault]) -> None:
    for line, rule in draft.camera_rules:
        if rule.label != OTHER_CLASSES and not draft.camera_classes.knows(rule.label):
            message = f"“{rule.label}”不是 camera_classes.csv 里的类别"
            faults.append(Fault(draft.camera_rules.file, line, "label", message, f"请改正，或用 {OTHER_CLASSES} 表示其余各类"))


def _check_areas(draft: Draft, faults: list[Fault]) -> None:
    levels = {area.code: area.level for area in draft.areas.records()}
    cities = [(line, area) for line, area in draft.areas if area.level is AreaLevel.CITY]
    if draft.areas.keys is not None and not cities:
        faults.append(Fault(draft.areas.file, 0, "level", "没有市一级的区域", "请增加一行，层级为“市”"))
    for line, area in cities[1:]:
        faults.append(Fault(draft.areas.file, line, "level", f"“{area.code}”是第二个市", "一个配置包只有一个市"))
    for line, area in draft.areas:
        if area.parent is None:
            if area.level is not AreaLevel.CITY:
                faults.append(Fault(draft.areas.file, line, "parent", "只有市没有上级", "请填写上级区域的编码"))
        elif not draft.areas.knows(area.parent):
            message = f"上级“{area.parent}”不存在"
            faults.append(Fault(draft.areas.file, line, "parent", message, "请改正编码，或先增加上级区域"))
        elif area.parent in levels and AREA_ORDER.index(levels[area.parent]) != AREA_ORDER.index(area.level) - 1:
            message = f"层级是“{area.level.label}”，上级却是“{levels[area.parent].label}”"
            faults.append(Fault(draft.areas.file, line, "level", message, "层级应依次为市、区县、镇街、村社区"))


def _check_categories(draft: Draft, faults: list[Fault]) -> None:
    if draft.categories.keys is not None and not len(draft.categories):
        faults.append(Fault(draft.categories.file, 0, "", "没有任何分类", "请至少填写一个分类"))
    siblings: dict[tuple[str | None, str], int] = {}
    for line, category in draft.categories:
        if category.parent and not draft.categories.knows(category.parent):
            message = f"上级“{category.parent}”不存在"
            faults.append(Fault(draft.categories.file, line, "parent", message, "请改正编码，或先增加上级分类"))
        key = (category.parent, category.name)
        if key in siblings:
            message = f"同一上级下已有“{category.name}”（第 {siblings[key]} 行）"
            faults.append(Fault(draft.categories.file, line, "name", message, "请改名，或把两类合为一类"))
        siblings.setdefault(key, line)


def _check_units(draft: Draft, faults: list[Fault]) -> None:
    file = draft.units.file
    levels = {area.code: area.level for area in draft.areas.records()}
    above = {unit.code: unit.parent for unit in draft.units.records()}
    for line, unit in draft.units:
        if unit.parent and not draft.units.knows(unit.parent):
            faults.append(Fault(file, line, "parent", f"上级单位“{unit.parent}”不存在", "请改正编码，或先增加上级单位"))
        if _circles(unit.code, above):
            faults.append(Fault(file, line, "parent", f"“{unit.code}”的上级绕了一圈又回到自己", "请改正上级单位"))
        if not draft.areas.knows(unit.area):
            faults.append(Fault(file, line, "area", f"区域“{unit.area}”不存在", "请改正编码，或先在 areas.csv 中增加"))
        elif unit.area in levels and levels[unit.area] not in SERVED[unit.kind]:
            message = f"“{unit.kind.label}”不会只服务于一个“{levels[unit.area].label}”"
            faults.append(Fault(file, line, "area", message, "请核对单位类别和服务区域的层级"))
    _check_successors(draft, faults)


def _check_successors(draft: Draft, faults: list[Fault]) -> None:
    file = draft.units.file
    following = {unit.code: unit.successor for unit in draft.units.records()}
    for line, unit in draft.units:
        if unit.successor and not unit.abolished:
            faults.append(Fault(file, line, "abolished", "有承接单位却没有撤销日期", "请填写撤销日期，或删去承接单位"))
        if unit.abolished and not unit.successor:
            message = f"“{unit.name}”已撤销，没有写明承接单位"
            faults.append(Fault(file, line, "successor", message, "请填写承接其职责的单位编码"))
        elif unit.successor and not draft.units.knows(unit.successor):
            faults.append(Fault(file, line, "successor", f"承接单位“{unit.successor}”不存在", "请改正单位编码"))
        elif _circles(unit.code, following):
            faults.append(Fault(file, line, "successor", "承接单位绕了一圈又回到自己", "请填写仍在履职的单位"))


def _circles(start: str, following: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    code = following.get(start)
    while code is not None and code not in seen:
        if code == start:
            return True
        seen.add(code)
        code = following.get(code)
    return False


def _check_mappings(draft: Draft, faults: list[Fault]) -> None:
    targets: Iterable[tuple[str, int, str]] = (
        *((draft.camera_classes.file, line, category) for line, (_, category) in draft.camera_classes),
        *((draft.grid_events.file, line, category) for line, (_, category) in draft.grid_events),
        *((draft.sayings.file, line, category) for line, (_, category) in draft.sayings),
        *((draft.match_windows.file, line, window.category) for line, window in draft.match_windows),
        *((draft.limits.file, line, rule.category) for line, rule in draft.limits if rule.category),
    )
    for file, line, category in targets:
        if not draft.categories.knows(category):
            message, remedy = f"分类“{category}”不存在", "请改正编码，或先在 categories.csv 中增加"
            faults.append(Fault(file, line, "category", message, remedy))
