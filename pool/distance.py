"""Distances on the ground."""

import math
from typing import Final

_EARTH_M: Final = 6_371_008.8
"""Mean radius, metres."""


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great circle (haversine), metres; degrees in."""
    low, high = math.radians(lat), math.radians(other_lat)
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2 * math.cos(low) * math.cos(high)
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, math.sin((high - low) / 2) ** 2 + across)))


def box_around(lon: float, lat: float, radius: float) -> tuple[float, float, float, float]:
    """(west, south, east, north) that surely holds the circle; the whole width where it touches a pole or the date line."""
    high = math.degrees(radius / _EARTH_M) * 1.001 + 1e-9
    south, north = lat - high, lat + high
    if south <= -89 or north >= 89:
        return -180.0, south, 180.0, north
    wide = high / math.cos(math.radians(max(abs(south), abs(north))))
    if lon - wide < -180 or lon + wide > 180:
        return -180.0, south, 180.0, north
    return lon - wide, south, lon + wide, north
