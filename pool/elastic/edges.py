"""Circles and boxes, exact to the edge.

The server holds places rounded to about a centimetre and computes with another figure of the earth. It answers for what surely
lies inside and surely outside; what lies in the narrow band between is decided here, on the places as they were given.
"""

from dataclasses import dataclass
from typing import Any, Final

from pool.distance import metres
from pool.query import Filters

SLACK_M: Final = 1.0
"""More than the server's distances are ever wrong by: 40 cm at most by Lucene's SloppyMath, under 1 cm by the rounding."""
_SLACK_DEGREES: Final = 1e-6
_HALF_ROUND_M: Final = 20_050_000.0
"""More than any distance on earth."""


@dataclass(frozen=True, slots=True)
class Edge:
    """outer holds everything inside, inner nothing outside; None: nothing is so surely inside."""

    filters: Filters
    outer: dict[str, Any]
    inner: dict[str, Any] | None

    @classmethod
    def of(cls, filters: Filters) -> "Edge | None":
        """None when no place is asked for."""
        outer = [*_circle(filters, SLACK_M), *_box(filters, _SLACK_DEGREES)]
        if not outer:
            return None
        inner = [*_circle(filters, -SLACK_M), *_box(filters, -_SLACK_DEGREES)]
        return cls(filters, {"bool": {"filter": outer}}, {"bool": {"filter": inner}} if len(inner) == len(outer) else None)

    def band(self) -> list[dict[str, Any]]:
        """Conditions of what is still to be decided."""
        return [self.outer] if self.inner is None else [self.outer, {"bool": {"must_not": [self.inner]}}]

    def holds(self, lon: float, lat: float) -> bool:
        """The rule itself."""
        if self.filters.near is not None:
            middle_lon, middle_lat, radius = self.filters.near
            if metres(lon, lat, middle_lon, middle_lat) > radius:
                return False
        if self.filters.box is not None:
            west, south, east, north = self.filters.box
            return west <= lon <= east and south <= lat <= north
        return True


def _circle(filters: Filters, slack: float) -> list[dict[str, Any]]:
    if filters.near is None:
        return []
    lon, lat, radius = filters.near
    if radius + slack <= 0:
        return []
    return [{"geo_distance": {"distance": min(radius + slack, _HALF_ROUND_M), "point": [lon, lat]}}]


def _box(filters: Filters, slack: float) -> list[dict[str, Any]]:
    if filters.box is None:
        return []
    west, south, east, north = filters.box
    west, south = max(-180.0, west - slack), max(-90.0, south - slack)
    east, north = min(180.0, east + slack), min(90.0, north + slack)
    if west >= east or south >= north:
        return []
    return [{"geo_bounding_box": {"point": {"top_left": [west, north], "bottom_right": [east, south]}}}]
