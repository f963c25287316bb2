"""Places and cameras: in areas and grids that exist, and their points inside those grids."""

from collections.abc import Sequence
from typing import NamedTuple

from city.draft import Draft
from city.fault import Fault, Severity
from city.layout import PackFile


class _Point(NamedTuple):
    line: int
    grid: str
    lon: float
    lat: float


def check_places(draft: Draft, faults: list[Fault]) -> None:
    file = draft.places.file
    points: list[_Point] = []
    for line, place in draft.places:
        if not draft.areas.knows(place.area):
            message = f"区域“{place.area}”不存在"
            faults.append(Fault(file, line, "area", message, "请改正编码，或先在 areas.csv 中增加"))
        if place.grid and not draft.grids.knows(place.grid):
            faults.append(Fault(file, line, "grid", f"网格“{place.grid}”不存在", "请改正网格编码"))
        if (place.lon is None) != (place.lat is None):
            faults.append(Fault(file, line, "lon", "经度和纬度只填了一个", "请两个都填，或都不填"))
        elif place.grid and place.lon is not None and place.lat is not None:
            points.append(_Point(line, place.grid, place.lon, place.lat))
    _check_inside(draft, file, points, faults)


def check_cameras(draft: Draft, faults: list[Fault]) -> None:
    file = draft.cameras.file
    abolished = {unit.code for unit in draft.units.records() if unit.abolished}
    for line, camera in draft.cameras:
        if not draft.grids.knows(camera.grid):
            message = f"网格“{camera.grid}”不存在"
            faults.append(Fault(file, line, "grid", message, "请改正网格编码，或先在 grids.csv 中增加"))
        if not draft.units.knows(camera.unit):
            message = f"权属单位“{camera.unit}”不存在"
            faults.append(Fault(file, line, "unit", message, "请改正编码，或先在 units.csv 中增加"))
        elif camera.unit in abolished:
            message = f"权属单位“{camera.unit}”已撤销"
            faults.append(Fault(file, line, "unit", message, "请改为承接单位的编码", Severity.WARNING))
    points = [_Point(line, camera.grid, camera.lon, camera.lat) for line, camera in draft.cameras]
    _check_inside(draft, file, points, faults)


def _check_inside(draft: Draft, file: PackFile, points: Sequence[_Point], faults: list[Fault]) -> None:
    """A warning only: a point is often some metres off, across the border."""
    grids = draft.grids.records()
    order = {grid.code: index for index, grid in enumerate(grids)}
    known = [point for point in points if point.grid in order]
    held = draft.polygons.hold(
        [order[point.grid] for point in known], [point.lon for point in known], [point.lat for point in known]
    )
    for point, inside in zip(known, held, strict=True):
        if not inside:
            holders = draft.polygons.at(point.lon, point.lat)
            where = f"而在“{grids[holders[0]].code}”内" if holders else "也不在别的网格内"
            message = f"坐标不在网格“{point.grid}”内，{where}"
            faults.append(Fault(file, point.line, "grid", message, "请核对坐标和网格", Severity.WARNING))
