"""Limits that hold where a pack's limits.csv does not set them: for the clocks that came after the first packs were made."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from city.handling import USUAL
from city.records import Limit
from city.terms import Clock, LimitUnit, Urgency

_HOUR, _DAY = LimitUnit.HOUR, LimitUnit.WORKING_DAY
_USUAL: Final[Mapping[Clock, tuple[tuple[int, LimitUnit], ...]]] = {  # by urgency: normal, urgent, critical
    Clock.DISPATCH: ((4, LimitUnit.WORKING_HOUR), (1, _HOUR), (1, _HOUR)),
    Clock.COOPERATE: ((3, _DAY), (12, _HOUR), (2, _HOUR)),
    Clock.CHECK: ((1, _DAY), (4, _HOUR), (2, _HOUR)),
    Clock.CALLBACK: ((2, _DAY), (24, _HOUR), (24, _HOUR)),
    Clock.REDO: ((3, _DAY), (24, _HOUR), (4, _HOUR)),
    Clock.CONFERENCE: ((3, _DAY), (24, _HOUR), (4, _HOUR)),
    Clock.SUPPLEMENT: ((5, LimitUnit.NATURAL_DAY), (2, LimitUnit.NATURAL_DAY), (24, _HOUR)),
    Clock.WHISTLE_ANSWER: ((4, LimitUnit.WORKING_HOUR), (1, _HOUR), (1, _HOUR)),
    Clock.WHISTLE_ARRIVE: ((24, _HOUR), (4, _HOUR), (2, _HOUR)),
    Clock.SUPERVISE: ((3, _DAY), (24, _HOUR), (4, _HOUR)),
    Clock.ADMISSION: ((3, _DAY), (1, _DAY), (4, _HOUR)),
    Clock.ARCHIVE: ((90, LimitUnit.NATURAL_DAY),) * 3,
}
USUAL_LIMITS: Final[Mapping[tuple[Clock, Urgency], Limit]] = MappingProxyType(
    {
        (clock, urgency): Limit(amount, unit, USUAL)
        for clock, limits in _USUAL.items()
        for urgency, (amount, unit) in zip(Urgency, limits, strict=True)
    }
)
REQUIRED_CLOCKS: Final = tuple(clock for clock in Clock if clock not in _USUAL)
"""Those that every limits.csv sets in general; every other clock has a usual limit."""
