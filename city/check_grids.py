"""Grids: each in one community, with a worker's unit, and no two over the same ground."""

from city.draft import Draft
from city.fault import Fault
from city.terms import AreaLevel


def check_grids(draft: Draft, faults: list[Fault]) -> None:
    file = draft.grids.file
    levels = {area.code: area.level for area in draft.areas.records()}
    for line, grid in draft.grids:
        if not draft.areas.knows(grid.community):
            message = f"村社区“{grid.community}”不存在"
            faults.append(Fault(file, line, "community", message, "请改正编码，或先在 areas.csv 中增加"))
        elif levels.get(grid.community, AreaLevel.COMMUNITY) is not AreaLevel.COMMUNITY:
            message = f"“{grid.community}”不是村社区"
            faults.append(Fault(file, line, "community", message, "每个网格只属于一个村或社区，请填其编码"))
        if not draft.units.knows(grid.worker_unit):
            message = f"网格员所属单位“{grid.worker_unit}”不存在"
            faults.append(Fault(file, line, "worker_unit", message, "请改正编码，或先在 units.csv 中增加"))
    entries = list(draft.grids)
    for lower, higher in draft.polygons.overlaps():
        other, (line, grid) = entries[lower][1], entries[higher]
        message = f"网格“{grid.code}”与“{other.code}”（第 {entries[lower][0]} 行）重叠"
        faults.append(Fault(file, line, "polygon", message, "相邻网格只能共用边界，请改正其中一个的边界"))
