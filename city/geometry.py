"""The only place that knows shapely: polygons of grids, which one a point lies in, which ones overlap.

All coordinates are WGS-84 degrees, longitude first. Whatever is asked of all polygons is asked of them at once: one by one,
66,623 grids would take seconds.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely

# Longitude and latitude of China with its seas; a polygon outside of it has its axes swapped or is in another unit.
CHINA = (73.0, 3.0, 136.0, 54.0)
# Two neighbours drawn by hand share a border within some metres; more than this share of the smaller one is an overlap.
OVERLAP_SHARE = 0.01

_AREAL: Final = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))


class Polygons:
    """Polygons in the order given; text that is no polygon stays as a gap, so that indexes keep their meaning."""

    __slots__ = ("_shapes", "_tree")

    def __init__(self, texts: Sequence[str]) -> None:
        self._shapes: Any = shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")
        self._tree: Any = None

    def faults(self) -> dict[int, str]:
        """What is wrong with which polygon, in Chinese; empty when all are sound."""
        shapes = self._shapes
        areal = np.isin(shapely.get_type_id(shapes), _AREAL)
        west, south, east, north = shapely.bounds(shapes).T
        inside = (west >= CHINA[0]) & (south >= CHINA[1]) & (east <= CHINA[2]) & (north <= CHINA[3])
        sound = areal & inside & shapely.is_valid(shapes) & (shapely.area(shapes) > 0)
        return {int(index): _fault(shapes[index], bool(inside[index])) for index in np.flatnonzero(~sound)}

    def inner_points(self) -> list[tuple[float, float]]:
        """For each a point (lon, lat) that surely lies inside. All must be sound."""
        points = shapely.point_on_surface(self._shapes)
        return list(zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True))

    def without(self, indexes: set[int]) -> "Polygons":
        """The others, in the same order."""
        kept = Polygons(())
        kept._shapes = np.delete(self._shapes, sorted(indexes))
        return kept

    def at(self, lon: float, lat: float) -> tuple[int, ...]:
        """Indexes of the polygons that hold or touch the point, ascending."""
        found = self._index().query(shapely.Point(lon, lat), predicate="intersects")
        return tuple(sorted(int(index) for index in found))

    def hold(self, indexes: Sequence[int], lons: Sequence[float], lats: Sequence[float]) -> list[bool]:
        """Whether each of these polygons holds or touches the point given with it."""
        shapes = self._shapes[np.array(indexes, dtype=np.intp)]
        held: list[bool] = shapely.intersects_xy(shapes, np.array(lons), np.array(lats)).tolist()
        return held

    def overlaps(self) -> list[tuple[int, int]]:
        """Pairs (lower, higher index) that share more than OVERLAP_SHARE of the smaller one. All must be sound.

        Of two that overlap at least one has an edge that is no other's; only such pairs are cut with each other.
        """
        suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(self._shapes))
        left, right = self._index().query(self._shapes)
        once = (left < right) & (suspect[left] | suspect[right])
        left, right = left[once], right[once]
        shared = shapely.area(shapely.intersection(self._shapes[left], self._shapes[right]))
        smaller = np.minimum(shapely.area(self._shapes[left]), shapely.area(self._shapes[right]))
        too_much = shared > OVERLAP_SHARE * smaller
        return sorted(zip(left[too_much].tolist(), right[too_much].tolist(), strict=True))

    def _index(self) -> Any:
        if self._tree is None:
            self._tree = shapely.STRtree(self._shapes)
        return self._tree


def _fault(shape: Any, inside: bool) -> str:
    if shape is None or shapely.get_type_id(shape) not in _AREAL:
        return "不是 WKT 的 POLYGON 或 MULTIPOLYGON"
    if shape.is_empty:
        return "多边形没有面积"
    if not inside:
        return "坐标不在中国范围内，应为先经度后纬度、单位为度"
    if not shape.is_valid:
        return f"多边形自相交或不闭合（{shapely.is_valid_reason(shape)}）"
    return "多边形没有面积"
