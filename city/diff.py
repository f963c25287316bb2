"""What changed from one pack to the next, and what that means for problems that are open on the day of the change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from city.handling_entries import handling_entries
from city.pack import CityPack
from city.records import DutyItem, TerritorialPattern, Unit
from city.terms import RequestKind, Term


class Part(StrEnum):
    """The parts of a pack that are compared, by their Chinese name."""

    POLICY = "配置"
    HANDLING = "办理规则"
    CATEGORIES = "类别"
    AREAS = "地区"
    UNITS = "单位"
    DUTY = "权责事项"
    LIMITS = "时限"
    MATCH_WINDOWS = "并单时窗"
    GRIDS = "网格"
    PLACES = "地名"
    WORKERS = "网格岗位"
    CAMERAS = "摄像头"
    SLOTS = "归口分区"
    RISK_WORDS = "高风险词"
    CAMERA_CLASSES = "摄像头类别"
    CAMERA_RULES = "摄像头规则"
    GRID_EVENTS = "网格事件类型"
    SAYINGS = "说法"
    CALENDAR = "日历"


_DERIVED: Final = frozenset(("path", "district", "lon", "lat", "version"))
"""Fields that follow from others, or that every new version changes. Of places lon and lat are their own."""

Table = Mapping[str, tuple[str, dict[str, Any]]]
"""Key -> (name for people, what is compared by field)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that came, went or changed. fields: name -> (before, after); empty for what came or went."""

    part: Part
    key: str
    name: str
    what: str
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class LeadChange:
    """A duty item or a category whose matter has another lead now. before, after: names for people, in order."""

    key: str
    name: str
    categories: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackDiff:
    """abolished: units closed in the new pack that were not in the old, each with who takes over (None: nobody in office)."""

    used: CityPack
    new: CityPack
    changes: tuple[Change, ...]
    abolished: tuple[tuple[Unit, Unit | None], ...]
    leads: tuple[LeadChange, ...]
    lost_duty: tuple[str, ...]
    lost_categories: tuple[str, ...]

    def of(self, part: Part, what: str) -> tuple[Change, ...]:
        """what: 新增, 删去 or 修改."""
        return tuple(change for change in self.changes if change.part is part and change.what == what)


ADDED, REMOVED, CHANGED = "新增", "删去", "修改"


def diff_packs(used: CityPack, new: CityPack) -> PackDiff:
    """`lost_duty`: categories that are in both and had a duty item, and have none now: their problems wait for a person."""
    changes = [change for part, read in _READERS.items() for change in _compare(part, read(used), read(new))]
    closed = [unit for code, unit in new.units.items() if unit.abolished and _in_office(used.units.get(code))]
    both = [code for code in used.categories if code in new.categories]
    return PackDiff(
        used=used,
        new=new,
        changes=tuple(changes),
        abolished=tuple((unit, new.acting_unit(unit.code)) for unit in closed),
        leads=tuple(_leads(used, new, both)),
        lost_duty=tuple(code for code in both if used.duty_items_for(code) and not new.duty_items_for(code)),
        lost_categories=tuple(code for code in used.categories if code not in new.categories),
    )


def _in_office(unit: Unit | None) -> bool:
    return unit is not None and unit.abolished is None


def _compare(part: Part, before: Table, after: Table) -> Iterable[Change]:
    for key, (name, content) in after.items():
        if key not in before:
            yield Change(part, key, name, ADDED, {})
        elif before[key][1] != content:
            old = before[key][1]
            names = [field for field in {**old, **content} if old.get(field) != content.get(field)]
            yield Change(part, key, name, CHANGED, {field: (old.get(field), content.get(field)) for field in names})
    for key, (name, _) in before.items():
        if key not in after:
            yield Change(part, key, name, REMOVED, {})


def _leads(used: CityPack, new: CityPack, both: list[str]) -> Iterable[LeadChange]:
    """Items whose own lead is another one; then categories whose leads differ because items came or went."""
    told: set[str] = set()
    for code, item in used.duty_items.items():
        now = new.duty_items.get(code)
        if now is not None and _acting(used, item) != _acting(new, now):
            told.update(item.categories)
            yield LeadChange(code, now.name, now.categories, (lead_name(used, item.lead),), (lead_name(new, now.lead),))
    for code in both:
        before, after = used.duty_items_for(code), new.duty_items_for(code)
        if code in told or not before or not after:
            continue
        if {_acting(used, item) for item in before} != {_acting(new, item) for item in after}:
            name = new.categories[code].name
            yield LeadChange(code, name, (code,), _names(used, before), _names(new, after))


def _acting(pack: CityPack, item: DutyItem) -> str:
    """Who leads: of an abolished unit, who took over."""
    unit = pack.acting_unit(item.lead)
    return unit.code if unit else item.lead


def _names(pack: CityPack, items: Iterable[DutyItem]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lead_name(pack, item.lead) for item in items))


def lead_name(pack: CityPack, lead: str) -> str:
    """A lead as people say it: the unit in office, or 所在区县(住房建设)."""
    pattern = TerritorialPattern.parse(lead)
    if pattern is not None:
        return pattern.shown
    unit = pack.acting_unit(lead)
    return unit.name if unit else lead


# each part as a table


def _records(records: Iterable[Any], key: Callable[[Any], str], name: Callable[[Any], str], *, points: bool = False) -> Table:
    """points: lon and lat are compared, too."""
    left_out = _DERIVED - {"lon", "lat"} if points else _DERIVED
    return {
        key(record): (name(record), {f.name: _plain(getattr(record, f.name)) for f in fields(record) if f.name not in left_out})
        for record in records
    }


def _plain(value: Any) -> Any:
    return value.label if isinstance(value, Term) else list(value) if isinstance(value, tuple) else value


def _coded(records: Mapping[str, Any]) -> Table:
    return _records(records.values(), lambda one: one.code, lambda one: one.name)


def _policy(pack: CityPack) -> Table:
    figures = {f.name: getattr(pack.policy, f.name) for f in fields(pack.policy)}
    table: dict[str, tuple[str, dict[str, Any]]] = {
        name: (name, {"value": figure.value, "source": figure.source}) for name, figure in figures.items()
    }
    return table | {"zone": ("zone", {"value": pack.calendar.zone.key})}


def _limits(pack: CityPack) -> Table:
    table = {}
    for (clock, urgency, category, kind), limit in pack.limits.items():
        whose = pack.categories[category].name if category and category in pack.categories else "全部类别"
        said = {"limit": f"{limit.amount}{limit.unit.label}", "source": limit.source}
        key, name = f"{clock}/{urgency}/{category or ''}", f"{clock.label}/{urgency.label}/{whose}"
        if kind is not None:
            key, name = f"{key}/{kind}", f"{name}/{RequestKind(kind).label}"
        table[key] = (name, said)
    return table


def _handling(pack: CityPack) -> Table:
    return {one.key: (one.name, {"value": one.value, "source": one.source}) for one in handling_entries(pack.handling)}


def _places(pack: CityPack) -> Table:
    places = {id(place): place for found in pack.place_names.values() for place in found}
    return _records(places.values(), lambda one: f"{one.area}/{one.name}", lambda one: one.name, points=True)


def _calendar(pack: CityPack) -> Table:
    calendar = pack.calendar
    hours = [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in calendar.working_hours]
    table: dict[str, tuple[str, dict[str, Any]]] = {"working_hours": ("工作时间", {"value": hours})}
    for year, source in calendar.years.items():
        holidays = {day.isoformat(): name for day, name in calendar.holidays.items() if day.year == year}
        worked = sorted(day.isoformat() for day in calendar.make_up_days if day.year == year)
        said = {"source": source, "holidays": holidays, "make_up_days": worked, "provisional": year in calendar.provisional}
        table[str(year)] = (f"{year}年", said)
    return table


def _categories_of(mapping: Iterable[tuple[str, Any]], field: str = "category") -> Table:
    return {key: (key, {field: value}) for key, value in mapping}


_READERS: Final[dict[Part, Callable[[CityPack], Table]]] = {
    Part.POLICY: _policy,
    Part.HANDLING: _handling,
    Part.CATEGORIES: lambda pack: _coded(pack.categories),
    Part.AREAS: lambda pack: _coded(pack.areas),
    Part.UNITS: lambda pack: _coded(pack.units),
    Part.DUTY: lambda pack: _coded(pack.duty_items),
    Part.LIMITS: _limits,
    Part.MATCH_WINDOWS: lambda pack: _categories_of(pack.match_windows.items(), "hours"),
    Part.GRIDS: lambda pack: _coded(pack.grids),
    Part.PLACES: _places,
    Part.WORKERS: lambda pack: _records(pack.workers.values(), lambda one: one.code, lambda one: one.code),
    Part.CAMERAS: lambda pack: _records(pack.cameras.values(), lambda one: one.device, lambda one: one.name, points=True),
    Part.SLOTS: lambda pack: _coded(pack.slots),
    Part.RISK_WORDS: lambda pack: _records(pack.risk_words, lambda one: one.word, lambda one: one.word),
    Part.CAMERA_CLASSES: lambda pack: _categories_of(pack.camera_classes.items()),
    Part.CAMERA_RULES: lambda pack: _records(pack.camera_rules.values(), lambda one: one.label, lambda one: one.label),
    Part.GRID_EVENTS: lambda pack: _categories_of(pack.grid_events.items()),
    Part.SAYINGS: lambda pack: _categories_of(pack.sayings),
    Part.CALENDAR: _calendar,
}
