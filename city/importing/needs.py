"""What each kind of table must have to be one: the closed set. headings.py says by which headings a column is known."""

from dataclasses import dataclass
from typing import Final

from city.importing.headings import LEVELS, Field, Kind


@dataclass(frozen=True, slots=True)
class Need:
    """A table is of a kind when it has all of one of `any_of` and nothing of `none_of`. `signs` count double."""

    any_of: tuple[frozenset[Field], ...]
    signs: frozenset[Field]
    none_of: frozenset[Field] = frozenset()


def _sets(*groups: tuple[Field, ...]) -> tuple[frozenset[Field], ...]:
    return tuple(frozenset(group) for group in groups)


_F = Field
_WHERE: Final = (_F.GRID, _F.NAME, _F.AREA, _F.COMMUNITY, _F.COMMUNITY_CODE, _F.STREET, _F.STREET_CODE)
"""Where a post is. A bare 级别 is one of posts only with their unit or their people beside it."""
NEEDS: Final[dict[Kind, Need]] = {
    Kind.DUTY: Need(
        _sets((_F.LEAD, _F.NAME), (_F.LEAD, _F.CATEGORY), (_F.LEAD, _F.LEVEL_1)), frozenset((_F.LEAD, _F.COOPERATORS, _F.NAME))
    ),
    Kind.CATEGORIES: Need(
        _sets(
            (_F.LEVEL_1, _F.LEVEL_2), (_F.LEVEL_1, _F.LEVEL_3), (_F.LEVEL_1, _F.NAME), (_F.NAME, _F.CODE), (_F.NAME, _F.PARENT)
        ),
        frozenset((*LEVELS, _F.NAME, _F.WORDS)),
    ),
    Kind.UNITS: Need(
        _sets((_F.NAME, _F.KIND), (_F.NAME, _F.ALIASES), (_F.NAME, _F.CODE), (_F.NAME, _F.AREA), (_F.NAME, _F.PARENT)),
        frozenset((_F.NAME, _F.ABOLISHED, _F.SUCCESSOR, _F.LINE)),
    ),
    Kind.GRIDS: Need(_sets((_F.CODE, _F.NAME), (_F.NAME, _F.COMMUNITY), (_F.NAME, _F.POLYGON)), frozenset((_F.NAME, _F.POLYGON))),
    Kind.PLACES: Need(
        _sets((_F.NAME, _F.COMMUNITY), (_F.NAME, _F.STREET), (_F.NAME, _F.DISTRICT), (_F.NAME, _F.AREA), (_F.NAME, _F.GRID)),
        frozenset((_F.NAME, _F.GRID)),
    ),
    Kind.AREAS: Need(
        _sets((_F.DISTRICT, _F.STREET), (_F.STREET, _F.COMMUNITY), (_F.CODE, _F.NAME), (_F.NAME, _F.PARENT)),
        frozenset((_F.CODE, _F.NAME)),
    ),
    Kind.CALENDAR: Need(_sets((_F.DAY, _F.KIND), (_F.NAME, _F.SPAN), (_F.DAY, _F.NAME)), frozenset((_F.DAY, _F.SPAN, _F.WORKED))),
    Kind.LIMITS: Need(
        _sets((_F.LIMIT, _F.CLOCK), (_F.LIMIT, _F.URGENCY), (_F.LIMIT, _F.CATEGORY), (_F.LIMIT, _F.KIND)),
        frozenset((_F.LIMIT, _F.CLOCK, _F.URGENCY)),
    ),
    Kind.CAMERAS: Need(
        _sets((_F.CODE, _F.NAME, _F.LON), (_F.CODE, _F.NAME, _F.LAT), (_F.CODE, _F.NAME, _F.POINT), (_F.CODE, _F.NAME, _F.GRID)),
        frozenset((_F.CODE, _F.NAME, _F.FACES)),
    ),
    Kind.POSTS: Need(
        _sets(
            *((_F.POST, where) for where in _WHERE),
            *((_F.KIND, grid, beside) for grid in (_F.GRID, _F.NAME) for beside in (_F.UNIT, _F.PERSONAL)),
            *((_F.KIND, area, _F.UNIT, _F.PERSONAL) for area in (_F.COMMUNITY, _F.STREET)),
        ),
        frozenset((_F.POST, _F.CODE, _F.UPPER)),
        none_of=frozenset((_F.POLYGON,)),
    ),
}
