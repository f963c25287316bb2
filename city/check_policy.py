"""Slots, limits and monitored areas: the numbers by which work is kept and timed, and where all of it is looked at."""

from city.draft import Draft
from city.fault import Fault
from city.records import Slot
from city.terms import AreaLevel, Clock, Urgency
from city.usual_limits import REQUIRED_CLOCKS

PLACELESS_SLOTS = ("none", "city")


def check_slots(draft: Draft, faults: list[Fault]) -> None:
    """One slot per district, one `none`, one `city`; a number is given once and for all."""
    file = draft.slots.file
    numbers: dict[int, int] = {}
    districts: dict[str, int] = {}
    for line, slot in draft.slots:
        if slot.number in numbers:
            message = f"分区号 {slot.number} 与第 {numbers[slot.number]} 行重复"
            faults.append(Fault(file, line, "number", message, "分区号永不重复使用，请取一个从未用过的号"))
        numbers.setdefault(slot.number, line)
        if slot.code in PLACELESS_SLOTS:
            if slot.area or slot.retired:
                message = f"分区“{slot.code}”不对应区县，也不能停用"
                faults.append(Fault(file, line, "area", message, "请把 area 和 retired 留空"))
        elif slot.retired is None:
            _check_district_slot(draft, line, slot, districts, faults)
    if draft.slots.keys is not None:
        _check_no_slot_missing(draft, districts, faults)


def _check_district_slot(draft: Draft, line: int, slot: Slot, districts: dict[str, int], faults: list[Fault]) -> None:
    file = draft.slots.file
    if slot.area is None:
        message = f"分区“{slot.code}”没有对应的区县"
        faults.append(Fault(file, line, "area", message, "请填区县编码；只有 none 和 city 留空"))
        return
    levels = {area.code: area.level for area in draft.areas.records()}
    if not draft.areas.knows(slot.area) or levels.get(slot.area, AreaLevel.DISTRICT) is not AreaLevel.DISTRICT:
        message = f"“{slot.area}”不是 areas.csv 中的区县"
        faults.append(Fault(file, line, "area", message, "请填区县编码；区县已撤销的填 retired"))
    if slot.area in districts:
        message = f"区县“{slot.area}”在第 {districts[slot.area]} 行已有分区"
        faults.append(Fault(file, line, "area", message, "每个区县只有一个在用的分区"))
    districts.setdefault(slot.area, line)


def _check_no_slot_missing(draft: Draft, districts: dict[str, int], faults: list[Fault]) -> None:
    file = draft.slots.file
    codes = {slot.code for slot in draft.slots.records()}
    missing = [code for code in PLACELESS_SLOTS if code not in codes]
    faults.extend(Fault(file, 0, "code", f"缺少分区“{code}”", f"请增加一行，code 为 {code}") for code in missing)
    for area in draft.areas.records():
        if area.level is AreaLevel.DISTRICT and area.code not in districts:
            message = f"区县“{area.name}”（{area.code}）没有分区"
            faults.append(Fault(file, 0, "area", message, "请为它增加一行，取一个从未用过的分区号"))


def check_limits(draft: Draft, faults: list[Fault]) -> None:
    """A general limit for every clock that has no usual one and every urgency, each stated once."""
    file = draft.limits.file
    given: dict[tuple[Clock, Urgency, str | None, str | None], int] = {}
    for line, rule in draft.limits:
        key = (rule.clock, rule.urgency, rule.category, rule.kind)
        if key in given:
            shown = f"{rule.clock.label}／{rule.urgency.label}／{rule.category or '全部分类'}"
            shown += f"／{rule.kind.label}" if rule.kind else ""
            faults.append(Fault(file, line, "clock", f"“{shown}”与第 {given[key]} 行重复", "请只保留一行"))
        given.setdefault(key, line)
    if draft.limits.keys is None:
        return
    for clock in REQUIRED_CLOCKS:
        for urgency in Urgency:
            if (clock, urgency, None, None) not in given:
                message = f"缺少“{clock.label}／{urgency.label}”的通用时限"
                faults.append(Fault(file, 0, "clock", message, "请增加一行，category 和 type 留空"))


def check_monitoring(draft: Draft, faults: list[Fault]) -> None:
    """Every monitored area exists and is named once."""
    seen: set[str] = set()
    for line, code in draft.monitoring:
        if not draft.areas.knows(code):
            message = f"区域“{code}”不存在"
            faults.append(Fault(draft.monitoring.file, line, "monitoring.areas", message, "请改正编码，或先在 areas.csv 中增加"))
        elif code in seen:
            faults.append(Fault(draft.monitoring.file, line, "monitoring.areas", f"“{code}”写了不止一次", "请只保留一个"))
        seen.add(code)
