"""From what is typed to what is asked: scopes, filters, times."""

from datetime import datetime, timedelta

from city.pack import CityPack
from console.opening import known_area, known_category, known_unit
from pool.query import Filters
from pool.scope import ALL, Scope
from schemas.errors import ContractError
from schemas.words import Channel, ProblemState, Urgency

LONGEST_NAME = 100
EXAMPLE_TIME = "例如 2026-05-01 或 2026-05-01T08:30"


def person(name: str) -> str:
    """Who acts, as it will stand in the events."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise ContractError("--by", f"须为 1 到 {LONGEST_NAME} 字", "请写姓名或工号")
    return name.strip()


def scope_of(pack: CityPack, unit: str) -> Scope:
    """What the named unit may see; the operator of an embedded pool, who names none, sees everything."""
    return Scope(units=frozenset({known_unit(pack, unit)})) if unit else ALL


def moment(pack: CityPack, name: str, text: str, *, end: bool = False) -> datetime | None:
    """A day or a time, the pack's own zone when none is given. `end`: a day means the whole of it."""
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ContractError(name, "看不懂的时间", EXAMPLE_TIME) from error
    if end and len(text.strip()) <= len("2026-05-01"):
        value += timedelta(days=1)
    return value if value.tzinfo else value.replace(tzinfo=pack.calendar.zone)


def numbers(name: str, text: str, count: int, example: str) -> tuple[float, ...] | None:
    """`count` numbers with commas between; None for nothing."""
    if not text:
        return None
    parts = text.replace(",", ",").split(",")
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        values = ()
    if len(values) != count:
        raise ContractError(name, f"应为 {count} 个数,以逗号分开", f"例如 {example}")
    return values


def filters(
    pack: CityPack,
    *,
    state: list[ProblemState],
    channel: list[Channel],
    urgency: list[Urgency],
    category: str,
    unit: str,
    area: str,
    since: str,
    until: str,
    near: str,
    box: str,
) -> Filters:
    """Raises ContractError and NotFound, naming what was typed."""
    circle = numbers("--near", near, 3, "105.07,38.94,500(经度,纬度,半径米)")
    corners = numbers("--box", box, 4, "105.0,38.9,105.1,39.0(西,南,东,北)")
    return Filters(
        states=frozenset(state),
        channels=frozenset(channel),
        urgencies=frozenset(urgency),
        category_path=pack.categories[known_category(pack, category)].path if category else "",
        area_path=pack.areas[known_area(pack, area)].path if area else "",
        unit=known_unit(pack, unit) if unit else "",
        since=moment(pack, "--since", since),
        until=moment(pack, "--until", until, end=True),
        near=(circle[0], circle[1], circle[2]) if circle else None,
        box=(corners[0], corners[1], corners[2], corners[3]) if corners else None,
    )
