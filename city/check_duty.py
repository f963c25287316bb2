"""Rules of the duty list; above all, no department's matter goes to the grassroots (国办函〔2025〕66号 (五))."""

from typing import NamedTuple

from city.draft import Draft
from city.fault import Fault, Severity
from city.records import Area, DutyItem, TerritorialPattern, Unit
from city.terms import AreaLevel, ListKind, TownshipRole


def check_duty(draft: Draft, faults: list[Fault]) -> None:
    _DutyCheck(draft, faults).run()


class _Territory(NamedTuple):
    """Of a pattern: areas that several units share, each with their names, and the areas without a unit, for people."""

    shared: tuple[tuple[str, str], ...]
    missing: str


def _territory(meant: list[Unit], areas: list[Area]) -> _Territory:
    names: dict[str, list[str]] = {}
    for unit in meant:
        names.setdefault(unit.area, []).append(unit.name)
    shared = tuple((area, "、".join(found)) for area, found in sorted(names.items()) if len(found) > 1)
    missing = [area.name for area in areas if area.code not in names]
    return _Territory(shared, "、".join(missing[:5]) + ("等地" if len(missing) > 5 else ""))


class _DutyCheck:
    def __init__(self, draft: Draft, faults: list[Fault]) -> None:
        self._draft = draft
        self._faults = faults
        self._line = 0
        self._units = {unit.code: unit for unit in draft.units.records()}
        self._by_line: dict[tuple[str, AreaLevel], list[Unit]] = {}
        self._of_level: dict[AreaLevel, list[Area]] = {level: [] for level in AreaLevel}
        self._territories: dict[TerritorialPattern, _Territory] = {}
        levels = {area.code: area.level for area in draft.areas.records()}
        for area in draft.areas.records():
            self._of_level[area.level].append(area)
        for unit in self._units.values():
            if unit.abolished is None and unit.area in levels:
                self._by_line.setdefault((unit.line, levels[unit.area]), []).append(unit)

    def run(self) -> None:
        for line, item in self._draft.duty:
            self._line = line
            self._check_categories(item)
            if ";" in item.lead:
                message = f"“{item.name}”写了不止一个主办"
                self._fault("lead", message, "每个事项只有一个主办，其余填到 cooperators")
                continue
            leads = self._meant("lead", item.lead)
            cooperators = [unit for pattern in item.cooperators for unit in self._meant("cooperators", pattern)]
            if item.lead in item.cooperators:
                self._fault("cooperators", "主办又列为协办", "请从协办中删去主办单位")
            self._check_township(item, leads, cooperators)

    def _fault(self, field: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        self._faults.append(Fault(self._draft.duty.file, self._line, field, message, remedy, severity))

    def _check_categories(self, item: DutyItem) -> None:
        if not item.categories:
            self._fault("categories", f"“{item.name}”没有对应任何分类，永远不会被用到", "请填写分类编码")
        for code in item.categories:
            if not self._draft.categories.knows(code):
                self._fault("categories", f"分类“{code}”不存在", "请改正编码，或先在 categories.csv 中增加")

    def _meant(self, field: str, pattern: str) -> list[Unit]:
        """The units a pattern can mean somewhere in the city."""
        territorial = TerritorialPattern.parse(pattern)
        if territorial is not None:
            return self._meant_by_line(field, pattern, territorial)
        unit = self._units.get(pattern)
        if pattern.startswith("line:"):
            remedy = f"请按 line:城市管理@district 的写法，@ 后为 {'、'.join(AreaLevel)} 之一"
            self._fault(field, f"“{pattern}”的写法不对", remedy)
        elif not self._draft.units.knows(pattern):
            self._fault(field, f"单位“{pattern}”不存在", "请改正编码，或先在 units.csv 中增加")
        elif unit and unit.abolished:
            message = f"单位“{pattern}”已撤销，将由承接单位办理"
            self._fault(field, message, "请改为承接单位的编码", Severity.WARNING)
        return [unit] if unit else []

    def _meant_by_line(self, field: str, pattern: str, territorial: TerritorialPattern) -> list[Unit]:
        meant = self._by_line.get((territorial.line, territorial.level), [])
        if self._draft.units.keys is None or self._draft.areas.keys is None:
            return meant
        if not meant:
            message = f"“{pattern}”在任何地方都找不到单位"
            self._fault(field, message, "请核对条线名称和层级，或在 units.csv 中增加单位")
            return []
        territory = self._territories.get(territorial)
        if territory is None:
            territory = self._territories[territorial] = _territory(meant, self._of_level[territorial.level])
        for area, names in territory.shared:
            message = f"“{pattern}”在“{area}”对应不止一个单位：{names}"
            self._fault(field, message, "同一区域、同一条线只应有一个单位，请区分条线")
        if territory.missing:
            remedy = "这些地方的诉求将由人工派单，请核对"
            self._fault(field, f"“{pattern}”在{territory.missing}没有单位", remedy, Severity.WARNING)
        return meant

    def _check_township(self, item: DutyItem, leads: list[Unit], cooperators: list[Unit]) -> None:
        leading = any(unit.grassroots for unit in leads)
        helping = any(unit.grassroots for unit in cooperators)
        role = item.township_role
        if item.list_kind is ListKind.NEGATIVE:
            if leading or role is TownshipRole.LEAD:
                message = f"负面清单事项“{item.name}”由基层主办"
                self._fault("lead", message, "负面清单事项不得交给基层，请改由职能部门主办")
            elif helping or role is TownshipRole.SUPPORT:
                message = f"负面清单事项“{item.name}”要求基层配合"
                self._fault("cooperators", message, "请删去基层单位，乡镇角色填“无”")
            elif item.grassroots_does:
                message = f"负面清单事项“{item.name}”写了基层做什么"
                self._fault("grassroots_does", message, "负面清单事项不得交给基层，请清空这一格")
            return
        if leading and role is not TownshipRole.LEAD:
            message = f"“{item.name}”的乡镇角色是“{role.label}”，主办却是基层单位"
            remedy = "应由职能部门办理的不得分派给基层（国办函〔2025〕66号（五）），请改由职能部门主办"
            self._fault("lead", message, remedy)
        if leads and not leading and role is TownshipRole.LEAD:
            message = f"“{item.name}”的乡镇角色是“主责”，主办却是职能部门"
            self._fault("township_role", message, "请把乡镇角色改为“配合”或“无”")
        if helping and role is TownshipRole.NONE:
            message = f"“{item.name}”的乡镇角色是“无”，协办中却有基层单位"
            self._fault("cooperators", message, "请改为“配合”，或删去该协办单位")
        if item.grassroots_does and role is TownshipRole.NONE:
            message = f"“{item.name}”的乡镇角色是“无”，却写了基层做什么"
            self._fault("grassroots_does", message, "请把乡镇角色改为“配合”，或清空这一格")
