"""Grid workers: each post on its level, and the posts above it, up to the one of the street (seed rows 4.5 and 4.10)."""

from city.draft import Draft
from city.fault import Fault, Severity
from city.records import Worker
from city.terms import AreaLevel, WorkerLevel

ABOVE = {WorkerLevel.GRID: WorkerLevel.COMMUNITY, WorkerLevel.COMMUNITY: WorkerLevel.STREET, WorkerLevel.STREET: None}
# The level of the area that a post's `area` names; a 三级 has a grid instead.
SERVED = {WorkerLevel.COMMUNITY: AreaLevel.COMMUNITY, WorkerLevel.STREET: AreaLevel.STREET}
SHOWN = 5


def check_workers(draft: Draft, faults: list[Fault]) -> None:
    _WorkerCheck(draft, faults).run()


class _WorkerCheck:
    def __init__(self, draft: Draft, faults: list[Fault]) -> None:
        self._draft = draft
        self._faults = faults
        self._line = 0
        self._workers = {worker.code: worker for worker in draft.workers.records()}
        self._areas = {area.code: area for area in draft.areas.records()}
        self._units = {unit.code: unit for unit in draft.units.records()}
        self._community = {grid.code: grid.community for grid in draft.grids.records()}

    def run(self) -> None:
        for line, worker in self._draft.workers:
            self._line = line
            if worker.level is WorkerLevel.GRID:
                self._check_grid(worker)
            else:
                self._check_area(worker, SERVED[worker.level])
            self._check_unit(worker)
            self._check_upper(worker, ABOVE[worker.level])
        if len(self._draft.workers):
            self._check_no_grid_without()

    def _fault(self, field: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        self._faults.append(Fault(self._draft.workers.file, self._line, field, message, remedy, severity))

    def _check_grid(self, worker: Worker) -> None:
        if worker.area:
            self._fault("area", f"三级网格员“{worker.code}”填了区域", "三级网格员只填 grid，区域由网格得出，请清空 area")
        if not worker.grid:
            self._fault("grid", f"三级网格员“{worker.code}”没有网格", "请填写他所负责的网格编码")
        elif not self._draft.grids.knows(worker.grid):
            self._fault("grid", f"网格“{worker.grid}”不存在", "请改正网格编码，或先在 grids.csv 中增加")

    def _check_area(self, worker: Worker, level: AreaLevel) -> None:
        if worker.grid:
            message = f"“{worker.code}”是{worker.level.label}，却填了网格"
            self._fault("grid", message, "只有三级网格员填 grid；二级所带的网格由三级的 upper 得出，请清空")
        if not worker.area:
            self._fault("area", f"“{worker.code}”没有填所在的{level.label}", f"请填写{level.label}的编码")
        elif not self._draft.areas.knows(worker.area):
            self._fault("area", f"区域“{worker.area}”不存在", "请改正编码，或先在 areas.csv 中增加")
        elif worker.area in self._areas and self._areas[worker.area].level is not level:
            message = f"“{worker.area}”不是{level.label}"
            self._fault("area", message, f"{worker.level.label}的 area 填{level.label}的编码")

    def _check_unit(self, worker: Worker) -> None:
        unit = self._units.get(worker.unit)
        if not self._draft.units.knows(worker.unit):
            self._fault("unit", f"所属单位“{worker.unit}”不存在", "请改正编码，或先在 units.csv 中增加")
        elif unit and unit.abolished:
            self._fault("unit", f"所属单位“{worker.unit}”已撤销", "请改为承接单位的编码", Severity.WARNING)

    def _check_upper(self, worker: Worker, level: WorkerLevel | None) -> None:
        if level is None:
            if worker.upper:
                message = f"一级网格长“{worker.code}”填了上一级"
                self._fault("upper", message, "一级之上是权责清单中的部门，请清空 upper")
            return
        if not worker.upper:
            self._fault("upper", f"“{worker.code}”没有上一级", f"请填写{level.label}的岗位代码")
            return
        upper = self._workers.get(worker.upper)
        if not self._draft.workers.knows(worker.upper):
            self._fault("upper", f"上一级“{worker.upper}”不存在", "请改正代码，或先增加上一级")
        elif upper and upper.level is not level:
            message = f"“{worker.code}”的上一级“{worker.upper}”是{upper.level.label}，应为{level.label}"
            self._fault("upper", message, "网格员逐级上报：三级、二级、一级")
        elif upper and upper.area and self._home(worker) not in (None, upper.area):
            message = f"上一级“{worker.upper}”在“{upper.area}”，不管“{self._home(worker)}”"
            self._fault("upper", message, "三级和二级应在同一村社区，二级和一级应在同一镇街")

    def _home(self, worker: Worker) -> str | None:
        """The area that the post right above must have; None when it is not known."""
        if worker.level is WorkerLevel.GRID:
            return self._community.get(worker.grid or "")
        area = self._areas.get(worker.area or "")
        return area.parent if area else None

    def _check_no_grid_without(self) -> None:
        walked = {worker.grid for worker in self._workers.values()}
        missing = [grid.code for grid in self._draft.grids.records() if grid.code not in walked]
        if missing:
            self._line = 0
            shown = "、".join(missing[:SHOWN]) + ("等" if len(missing) > SHOWN else "")
            message = f"{len(missing)} 个网格没有三级网格员：{shown}"
            self._fault("grid", message, "请为这些网格配三级网格员；没有的由二级网格员处置", Severity.WARNING)
