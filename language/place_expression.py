"""What a place expression is."""

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    """What a place expression names, from wide to narrow; crossings, landmarks and grid codes beside that."""

    DISTRICT = "district"
    TOWN = "town"
    COMMUNITY = "community"
    ROAD = "road"
    NUMBER = "number"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"
    ROOM = "room"
    CROSSING = "crossing"
    LANDMARK = "landmark"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class PlaceExpression:
    """One find: `text[start:end] == name`; `normal` is the folded name, numerals as digits in numbers (三栋 -> 3栋)."""

    kind: PlaceKind
    name: str
    start: int
    end: int
    normal: str
