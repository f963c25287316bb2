"""The only place that knows shapely: polygons of grids, which one a point lies in, which ones overlap.

All coordinates are WGS-84 degrees, longitude first.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

# Longitude and latitude of China with its seas; a polygon outside of it has its axes swapped or is in another unit.
CHINA = (73.0, 3.0, 136.0, 54.0)
# Two neighbours drawn by hand share a border within some metres; more than this share of the smaller one is an overlap.
OVERLAP_SHARE = 0.01


class Polygons:
    """Polygons in the order given; text that is no polygon stays as a gap, so that indexes keep their meaning."""

    __slots__ = ("_shapes", "_tree")

    def __init__(self, texts: Sequence[str]) -> None:
        self._shapes: Any = shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")
        self._tree: Any = None

    def fault(self, index: int) -> str | None:
        """What is wrong with one polygon, in Chinese; None if nothing is."""
        shape = self._shapes[index]
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            return "不是 WKT 的 POLYGON 或 MULTIPOLYGON"
        if shape.is_empty:
            return "多边形没有面积"
        west, south, east, north = shape.bounds
        if west < CHINA[0] or south < CHINA[1] or east > CHINA[2] or north > CHINA[3]:
            return "坐标不在中国范围内，应为先经度后纬度、单位为度"
        if not shape.is_valid:
            return f"多边形自相交或不闭合（{shapely.is_valid_reason(shape)}）"
        if not shape.area > 0:
            return "多边形没有面积"
        return None

    def inner_point(self, index: int) -> tuple[float, float]:
        """A point (lon, lat) that surely lies inside a sound polygon."""
        point = self._shapes[index].representative_point()
        return float(point.x), float(point.y)

    def at(self, lon: float, lat: float) -> tuple[int, ...]:
        """Indexes of the polygons that hold or touch the point, ascending."""
        found = self._index().query(shapely.Point(lon, lat), predicate="intersects")
        return tuple(sorted(int(index) for index in found))

    def covers(self, index: int, lon: float, lat: float) -> bool:
        return bool(self._shapes[index].intersects(shapely.Point(lon, lat)))

    def overlaps(self) -> list[tuple[int, int]]:
        """Pairs (lower, higher index) that share more than OVERLAP_SHARE of the smaller one. All must be sound."""
        left, right = self._index().query(self._shapes)
        once = left < right
        left, right = left[once], right[once]
        shared = shapely.area(shapely.intersection(self._shapes[left], self._shapes[right]))
        smaller = np.minimum(shapely.area(self._shapes[left]), shapely.area(self._shapes[right]))
        too_much = shared > OVERLAP_SHARE * smaller
        return sorted(zip(left[too_much].tolist(), right[too_much].tolist(), strict=True))

    def _index(self) -> Any:
        if self._tree is None:
            self._tree = shapely.STRtree(self._shapes)
        return self._tree
