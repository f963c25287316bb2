"""What a city pack is made of. `path` is the chain of codes from the root: "/01/0102/010203/"."""

from dataclasses import dataclass
from datetime import date

from city.terms import (
    AreaLevel,
    CameraView,
    GridKind,
    LimitUnit,
    ListKind,
    PlaceKind,
    TownshipRole,
    UnitKind,
    Urgency,
    WorkerLevel,
)


@dataclass(frozen=True, slots=True)
class Category:
    """One node of the category tree. `words` are typical words and phrases, the way citizens say them."""

    code: str
    name: str
    parent: str | None
    level: int
    aliases: tuple[str, ...]
    words: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str
    level: AreaLevel
    parent: str | None
    aliases: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Unit:
    """Who can be given work. `area` is the code of the area it serves, `line` its 条线 ("城市管理", "供水").

    An abolished unit stays in the pack, because old problems name it; `successor` has taken over its work.
    """

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    area: str
    line: str
    aliases: tuple[str, ...]
    successor: str | None
    abolished: date | None

    @property
    def grassroots(self) -> bool:
        """基层 in the sense of 国办函〔2025〕66号 (五): township, street, village, community."""
        return self.kind in (UnitKind.TOWNSHIP, UnitKind.COMMUNITY)


@dataclass(frozen=True, slots=True)
class TerritorialPattern:
    """`line:城市管理@district`: the unit of this line that serves the area of this level round the place."""

    line: str
    level: AreaLevel

    @property
    def shown(self) -> str:
        """For people: 所在区县(城市管理)."""
        return f"所在{self.level.label}({self.line})"

    @classmethod
    def parse(cls, text: str) -> "TerritorialPattern | None":
        """None when the text is no territorial pattern (it is a unit code then, or wrong)."""
        head, colon, rest = text.partition(":")
        line, at, level = rest.rpartition("@")
        if head != "line" or not colon or not at or not line or level not in set(AreaLevel):
            return None
        return cls(line, AreaLevel(level))


@dataclass(frozen=True, slots=True)
class DutyItem:
    """One line of the duty list. `lead` and each of `cooperators` is a unit code or a territorial pattern.

    There is exactly one lead ("一件事情由一个部门办理", seed row 2.9). `legal_basis` is the title of a law in force. Of the three
    things that must be clear (三个明确, seed row 2.2) the name says what the department does, `grassroots_does` what the
    grassroots does and `support` what the department gives them for it; empty where the list does not say.
    """

    code: str
    name: str
    categories: tuple[str, ...]
    lead: str
    cooperators: tuple[str, ...]
    township_role: TownshipRole
    list_kind: ListKind
    legal_basis: str
    words: tuple[str, ...]
    version: str
    grassroots_does: str = ""
    support: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid belongs to exactly one community. `polygon` is WKT in lon/lat degrees; (lon, lat) a point inside it."""

    code: str
    name: str
    kind: GridKind
    community: str
    polygon: str
    worker_unit: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Worker:
    """A post on the ladder of grid workers, never a person: who holds it today is not the pack's business.

    `grid` is set for 三级 only, `area` for the others: the community of a 二级, the street of a 一级. `upper` is the code of
    the post right above, None for a 一级; the grids of a 二级 are those whose 三级 name it. The post acts for `unit`.
    """

    code: str
    level: WorkerLevel
    grid: str | None
    area: str | None
    upper: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Camera:
    """`device` is the code of GB/T 28181 annex D, rule A: 20 digits, the 11th to 13th say that it is a camera. `unit` owns it."""

    device: str
    name: str
    grid: str
    lon: float
    lat: float
    unit: str
    faces: CameraView


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name by which people give a place. `area` is as fine as the name allows: of a road perhaps only the street.

    The same name may stand for several places; `district` helps to tell them apart and is derived from `area`.
    """

    name: str
    kind: PlaceKind
    aliases: tuple[str, ...]
    area: str
    grid: str | None
    lon: float | None
    lat: float | None
    district: str | None


@dataclass(frozen=True, slots=True)
class RiskWord:
    """A word that raises the urgency of a report and asks for a second look (seed row 1.6)."""

    word: str
    kind: str
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Slot:
    """归口分区: where an aggregate lives. The number is never given again; a slot nobody uses any more is `retired`."""

    number: int
    code: str
    name: str
    area: str | None
    retired: date | None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take, and the rule that says so."""

    amount: int
    unit: LimitUnit
    source: str


@dataclass(frozen=True, slots=True)
class MatchWindow:
    """Two reports of this category (or below it) further apart than `hours` are not the same incident."""

    category: str
    hours: int
    source: str


@dataclass(frozen=True, slots=True)
class CameraRule:
    """When the alarms of a class are a report, and when only one more sight of what is known.

    confirm: score 0..1 below which a person looks first; dwell_seconds: how long the thing must stand there; cooldown_minutes:
    how long after its report the same thing opens no other; clear_minutes: without an alarm it counts as gone; overlap:
    intersection over union 0..1 from which two boxes show the same thing.
    """

    label: str
    confirm: float
    dwell_seconds: int
    cooldown_minutes: int
    clear_minutes: int
    overlap: float
    source: str


OTHER_CLASSES = "*"
"""Label of the rule for classes that have none of their own."""
USUAL_CAMERA_RULE = CameraRule(OTHER_CLASSES, 0.5, 0, 1440, 60, 0.3, "产品默认，配置包没有写明")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the pack's policy, with its source."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers that are the city's to choose.

    match_window_hours: default of the match windows. near_text_threshold: similarity in (0, 1] from which two texts
    count as near. future_tolerance_minutes: how far in the future a report's time may lie before it is refused (clocks
    differ). max_text_length: characters of a report's text; longer ones are a fault of the sender.
    """

    match_window_hours: Figure
    near_text_threshold: Figure
    future_tolerance_minutes: Figure
    max_text_length: Figure
