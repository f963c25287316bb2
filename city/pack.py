"""The city pack in use: everything looked up, nothing computed twice. A new version is a new object."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from city import lookups
from city.calendar import Calendar
from city.check import check_draft
from city.draft import Draft, Header
from city.fault import Fault, PackError, Severity
from city.geometry import Polygons
from city.handling import Handling
from city.read import read
from city.records import (
    OTHER_CLASSES,
    USUAL_CAMERA_RULE,
    Area,
    Camera,
    CameraRule,
    Category,
    DutyItem,
    Grid,
    Limit,
    PlaceName,
    Policy,
    RiskWord,
    Slot,
    TerritorialPattern,
    Unit,
    Worker,
)
from city.terms import AreaLevel, Clock, GridKind, Urgency
from city.tree import codes_of
from city.usual_limits import USUAL_LIMITS

NO_PLACE_SLOT = "none"
CITY_SLOT = "city"


@dataclass(frozen=True, slots=True, eq=False)
class CityPack:
    """A checked pack. Mappings keep the order of the files and are never written to; lookups are O(1) or O(depth).

    A code the pack does not have gives None, an empty tuple or what holds for an unknown place, never an error:
    decisions made under an older version may name codes that this version no longer has.
    """

    name: str
    version: str
    effective: date
    fingerprint: str
    warnings: tuple[Fault, ...]
    calendar: Calendar
    policy: Policy
    categories: Mapping[str, Category]
    areas: Mapping[str, Area]
    units: Mapping[str, Unit]
    duty_items: Mapping[str, DutyItem]
    grids: Mapping[str, Grid]
    workers: Mapping[str, Worker]
    cameras: Mapping[str, Camera]
    slots: Mapping[str, Slot]
    category_names: Mapping[str, tuple[Category, ...]]
    area_names: Mapping[str, tuple[Area, ...]]
    unit_names: Mapping[str, tuple[Unit, ...]]
    place_names: Mapping[str, tuple[PlaceName, ...]]
    risk_words: tuple[RiskWord, ...]
    camera_classes: Mapping[str, str]
    camera_rules: Mapping[str, CameraRule]
    grid_events: Mapping[str, str]
    sayings: tuple[tuple[str, str], ...]
    limits: Mapping[tuple[Clock, Urgency, str | None, str | None], Limit]
    match_windows: Mapping[str, int]
    handling: Handling
    _children: Mapping[str | None, tuple[str, ...]]
    _duty_by_category: Mapping[str, tuple[DutyItem, ...]]
    _unit_by_line: Mapping[tuple[str, str], str]
    _city: Area
    _slot_by_district: Mapping[str, Slot]
    _slot_by_number: Mapping[int, Slot]
    _grid_order: tuple[Grid, ...]
    _polygons: Polygons
    _post_of_grid: Mapping[str, Worker]
    _post_of_area: Mapping[str, Worker]

    def camera_rule(self, label: str) -> CameraRule:
        """How alarms of this class are taken: its own rule, else the one for all others, else the product's."""
        return self.camera_rules.get(label) or self.camera_rules.get(OTHER_CLASSES, USUAL_CAMERA_RULE)

    def category(self, code: str) -> Category | None:
        return self.categories.get(code)

    def subtree(self, code: str) -> tuple[Category, ...]:
        """The category and everything below it, depth first; empty when the pack has no such code."""
        if code not in self.categories:
            return ()
        found: list[Category] = []
        waiting = [code]
        while waiting:
            at = waiting.pop()
            found.append(self.categories[at])
            waiting.extend(reversed(self._children.get(at, ())))
        return tuple(found)

    def children(self, code: str | None) -> tuple[Category, ...]:
        """The categories right below; those of level 1 for None."""
        return tuple(self.categories[child] for child in self._children.get(code, ()))

    def leaves(self) -> tuple[Category, ...]:
        return tuple(category for code, category in self.categories.items() if not self._children.get(code))

    def ancestors(self, code: str) -> tuple[Category, ...]:
        """From the parent up to level 1; empty when the pack has no such code."""
        category = self.categories.get(code)
        return tuple(self.categories[above] for above in reversed(codes_of(category.path)[:-1])) if category else ()

    def unit(self, code: str) -> Unit | None:
        return self.units.get(code)

    def acting_unit(self, code: str) -> Unit | None:
        """The unit itself, or who took over from it, or None when nobody did or the pack has no such code."""
        unit = self.units.get(code)
        while unit is not None and unit.abolished is not None:
            unit = self.units.get(unit.successor) if unit.successor else None
        return unit

    def duty_items_for(self, category: str) -> tuple[DutyItem, ...]:
        """Duty items of the category and of its ancestors, nearest level first, then in the order of the list."""
        return self._duty_by_category.get(category, ())

    def resolve(self, pattern: str, area: str | None) -> Unit | None:
        """Which unit a lead or cooperator of a duty item means at a place.

        `pattern` is a unit code or a territorial pattern, `area` the finest area known. None when the place is not
        known finely enough, or when there is no such unit, or more than one. Never an abolished unit.
        """
        territorial = TerritorialPattern.parse(pattern)
        if territorial is None:
            return self.acting_unit(pattern)
        served = self.area_at(area, territorial.level)
        code = self._unit_by_line.get((territorial.line, served.code)) if served else None
        return self.units[code] if code else None

    def area_at(self, area: str | None, level: AreaLevel) -> Area | None:
        """The area of that level round `area`; the city itself is known even without a place."""
        known = self.areas.get(area) if area else None
        if known is None:
            return self._city if level is AreaLevel.CITY else None
        return next((self.areas[code] for code in codes_of(known.path) if self.areas[code].level is level), None)

    def area_ancestors(self, area: str) -> tuple[Area, ...]:
        """From the parent up to the city; empty when the pack has no such code."""
        known = self.areas.get(area)
        return tuple(self.areas[above] for above in reversed(codes_of(known.path)[:-1])) if known else ()

    def district_of(self, area: str | None) -> Area | None:
        return self.area_at(area, AreaLevel.DISTRICT)

    def grid_at(self, lon: float, lat: float) -> Grid | None:
        """The grid the point lies in. On a border the 专属 one, then the first of the file."""
        found = [self._grid_order[index] for index in self._polygons.at(lon, lat)]
        return min(found, key=lambda grid: grid.kind is GridKind.GENERAL) if found else None

    def ladder(self, grid: str) -> tuple[Worker, ...]:
        """The posts that a matter of the grid goes up, 三级 first; above the last are the departments of the duty list.

        A grid without a 三级 begins with the 二级 of its community, else with the 一级 of its street. Empty when there is none.
        """
        known = self.grids.get(grid)
        areas = reversed(codes_of(self.areas[known.community].path)) if known else ()
        post = self._post_of_grid.get(grid) if known else None
        post = post or next((self._post_of_area[area] for area in areas if area in self._post_of_area), None)
        posts: list[Worker] = []
        while post is not None:
            posts.append(post)
            post = self.workers.get(post.upper) if post.upper else None
        return tuple(posts)

    def slot_of(self, area: str | None) -> Slot:
        """The slot of the district round `area`; the slot `none` when the place or its district is not known."""
        district = self.district_of(area)
        return self._slot_by_district[district.code] if district else self.slots[NO_PLACE_SLOT]

    def slot_of_camera(self, device: str) -> Slot:
        """The slot of the district where the camera stands, by the register, else by the first six digits of its code (GB/T 28181
        annex D: the administrative area), so that all alarms of a camera meet in one place whatever their texts say."""
        camera = self.cameras.get(device)
        return self.slot_of(self.grids[camera.grid].community if camera else device[:6])

    def slot_numbered(self, number: int) -> Slot | None:
        return self._slot_by_number.get(number)

    def limit(self, clock: Clock, urgency: Urgency, category: str | None = None, kind: str | None = None) -> Limit:
        """The nearest limit: of the category, of its ancestors, then the general one; at each of them that of the kind of request
        (a value of RequestKind) before the one for all kinds. Where the pack sets none, the product's usual one."""
        known = self.categories.get(category) if category else None
        for code in (*reversed(codes_of(known.path) if known else ()), None):
            own = self.limits.get((clock, urgency, code, kind)) or self.limits.get((clock, urgency, code, None))
            if own is not None:
                return own
        return USUAL_LIMITS[clock, urgency]

    def match_window_hours(self, category: str | None) -> int:
        """How many hours apart two reports of the category may be and still be the same incident."""
        known = self.categories.get(category) if category else None
        for code in reversed(codes_of(known.path)) if known else ():
            if code in self.match_windows:
                return self.match_windows[code]
        return int(self.policy.match_window_hours.value)


def load_pack(folder: Path) -> CityPack:
    """Read and check a pack folder. PackError with every fault found when any of them is an error."""
    if folder.exists() and not folder.is_dir():
        raise PackError(folder, [Fault(folder.name, 0, "", "这是一个文件，不是文件夹", "请指向放着 pack.yaml 的文件夹")])
    draft = read(folder)
    faults = check_draft(draft)
    errors = any(fault.severity is Severity.ERROR for fault in faults)
    if errors or draft.header is None or draft.calendar is None:
        raise PackError(folder, faults)
    return _build(draft, draft.header, draft.calendar, tuple(faults))


def _build(draft: Draft, header: Header, calendar: Calendar, warnings: tuple[Fault, ...]) -> CityPack:
    categories = lookups.by_code(draft.categories.records())
    areas = lookups.by_code(draft.areas.records())
    units = lookups.by_code(draft.units.records())
    districts = {
        code: next((above for above in codes_of(area.path) if areas[above].level is AreaLevel.DISTRICT), None)
        for code, area in areas.items()
    }
    places = [replace(place, district=districts[place.area]) for place in draft.places.records()]
    slots = lookups.by_code(draft.slots.records())
    workers = lookups.by_code(draft.workers.records())
    post_of_grid, post_of_area = lookups.first_posts(workers.values())
    return CityPack(
        name=header.name,
        version=header.version,
        effective=header.effective,
        fingerprint=draft.fingerprint,
        warnings=warnings,
        calendar=calendar,
        policy=header.policy,
        categories=categories,
        areas=areas,
        units=units,
        duty_items=lookups.by_code(draft.duty.records()),
        grids=lookups.by_code(draft.grids.records()),
        workers=workers,
        cameras={camera.device: camera for camera in draft.cameras.records()},
        slots=slots,
        category_names=lookups.by_name(categories.values()),
        area_names=lookups.by_name(areas.values()),
        unit_names=lookups.by_name(units.values()),
        place_names=lookups.by_name(places),
        risk_words=draft.high_risk.records(),
        camera_classes=dict(draft.camera_classes.records()),
        camera_rules={rule.label: rule for rule in draft.camera_rules.records()},
        grid_events=dict(draft.grid_events.records()),
        sayings=tuple(draft.sayings.records()),
        limits=lookups.limits(draft.limits.records()),
        match_windows={window.category: window.hours for window in draft.match_windows.records()},
        handling=draft.handling,
        _children=lookups.children(categories),
        _duty_by_category=lookups.duty_by_category(categories, draft.duty.records()),
        _unit_by_line=lookups.unit_by_line(units),
        _city=next(area for area in areas.values() if area.level is AreaLevel.CITY),
        _slot_by_number={slot.number: slot for slot in slots.values()},
        _slot_by_district={slot.area: slot for slot in slots.values() if slot.area and slot.retired is None},
        _grid_order=draft.grids.records(),
        _polygons=draft.polygons,
        _post_of_grid=post_of_grid,
        _post_of_area=post_of_area,
    )
