"""Due times by the city's limits and working calendar, in UTC."""

from datetime import UTC, datetime

from city.pack import CityPack
from city.terms import Clock as LimitClock
from city.terms import Urgency as PackUrgency
from schemas.words import Urgency


def due(
    pack: CityPack,
    clock: LimitClock,
    start: datetime,
    urgency: Urgency = Urgency.NORMAL,
    category: str | None = None,
) -> datetime:
    """When the limit of this clock, running from `start`, is due; a limit of the category or its nearest ancestor goes first."""
    return pack.calendar.add(start, pack.limit(clock, PackUrgency(urgency.value), category)).astimezone(UTC)
