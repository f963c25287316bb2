"""One row of each file to the record it stands for; None when a cell is not what it should be (the fault is noted)."""

from city.cells import Cells
from city.draft import LimitRule
from city.records import (
    Area,
    Camera,
    CameraRule,
    Category,
    DutyItem,
    Grid,
    Limit,
    MatchWindow,
    PlaceName,
    RiskWord,
    Slot,
    Unit,
    Worker,
)
from city.terms import (
    AreaLevel,
    CameraView,
    Clock,
    GridKind,
    LimitUnit,
    ListKind,
    PlaceKind,
    RequestKind,
    TownshipRole,
    UnitKind,
    Urgency,
    WorkerLevel,
)


def category(cells: Cells) -> Category | None:
    code, name, parent = cells.code("code"), cells.text("name"), cells.maybe("parent")
    aliases, words = cells.parts("aliases"), cells.parts("words")
    return Category(code, name, parent, 0, aliases, words, "") if cells.sound else None


def area(cells: Cells) -> Area | None:
    code, name, level = cells.code("code"), cells.text("name"), cells.term("level", AreaLevel)
    parent, aliases = cells.maybe("parent"), cells.parts("aliases")
    return Area(code, name, level, parent, aliases, "") if cells.sound and level else None


def unit(cells: Cells) -> Unit | None:
    code, name, kind, parent = (
        cells.topic("code"),
        cells.text("name"),
        cells.term("kind", UnitKind),
        cells.maybe("parent"),
    )
    area, line, aliases = cells.text("area"), cells.text("line"), cells.parts("aliases")
    successor, abolished = cells.maybe("successor"), cells.day("abolished")
    if not cells.sound or kind is None:
        return None
    return Unit(code, name, kind, parent, area, line, aliases, successor, abolished)


def duty_item(cells: Cells) -> DutyItem | None:
    code, name, categories = cells.code("code"), cells.text("name"), cells.parts("categories")
    lead, cooperators = cells.text("lead"), cells.parts("cooperators")
    role, kind = cells.term("township_role", TownshipRole), cells.term("list_kind", ListKind)
    legal_basis, words, version = cells.text("legal_basis"), cells.parts("words"), cells.text("version")
    does, support = cells.maybe("grassroots_does") or "", cells.maybe("support") or ""
    if not cells.sound or role is None or kind is None:
        return None
    return DutyItem(code, name, categories, lead, cooperators, role, kind, legal_basis, words, version, does, support)


def grid(cells: Cells) -> Grid | None:
    code, name, kind = cells.code("code"), cells.text("name"), cells.term("kind", GridKind)
    community, worker, polygon = cells.text("community"), cells.text("worker_unit"), cells.text("polygon")
    if not cells.sound or kind is None:
        return None
    return Grid(code, name, kind, community, polygon, worker, 0.0, 0.0)


def place(cells: Cells) -> PlaceName | None:
    name, kind, aliases = cells.text("name"), cells.term("kind", PlaceKind), cells.parts("aliases")
    area, grid, lon, lat = cells.text("area"), cells.maybe("grid"), cells.degrees("lon"), cells.degrees("lat")
    if not cells.sound or kind is None:
        return None
    return PlaceName(name, kind, aliases, area, grid, lon, lat, None)


def worker(cells: Cells) -> Worker | None:
    code, level, unit = cells.post("code"), cells.term("level", WorkerLevel), cells.text("unit")
    grid, area, upper = cells.maybe("grid"), cells.maybe("area"), cells.maybe("upper")
    return Worker(code, level, grid, area, upper, unit) if cells.sound and level else None


def camera(cells: Cells) -> Camera | None:
    device, name, grid, unit = cells.device("device"), cells.text("name"), cells.text("grid"), cells.text("unit")
    lon, lat, faces = cells.coordinate("lon"), cells.coordinate("lat"), cells.term("faces", CameraView)
    return Camera(device, name, grid, lon, lat, unit, faces) if cells.sound and faces else None


def risk_word(cells: Cells) -> RiskWord | None:
    word, kind, urgency = cells.text("word"), cells.text("kind"), cells.term("urgency", Urgency)
    return RiskWord(word, kind, urgency) if cells.sound and urgency else None


def slot(cells: Cells) -> Slot | None:
    number, code, name = cells.whole("number"), cells.code("code"), cells.text("name")
    area, retired = cells.maybe("area"), cells.day("retired")
    return Slot(number, code, name, area, retired) if cells.sound else None


def limit_rule(cells: Cells) -> LimitRule | None:
    clock, urgency, category = cells.term("clock", Clock), cells.term("urgency", Urgency), cells.maybe("category")
    kind = cells.maybe_term("type", RequestKind)
    amount, unit, source = cells.whole("amount"), cells.term("unit", LimitUnit), cells.text("source")
    if not cells.sound or clock is None or urgency is None or unit is None:
        return None
    return LimitRule(clock, urgency, category, kind, Limit(amount, unit, source))


def match_window(cells: Cells) -> MatchWindow | None:
    category, hours, source = cells.text("category"), cells.whole("hours"), cells.text("source")
    return MatchWindow(category, hours, source) if cells.sound else None


def camera_class(cells: Cells) -> tuple[str, str] | None:
    label, category = cells.text("label"), cells.text("category")
    return (label, category) if cells.sound else None


def camera_rule(cells: Cells) -> CameraRule | None:
    rule = CameraRule(
        label=cells.text("label"),
        confirm=cells.share("confirm"),
        dwell_seconds=cells.count("dwell_seconds"),
        cooldown_minutes=cells.count("cooldown_minutes"),
        clear_minutes=cells.whole("clear_minutes"),
        overlap=cells.share("overlap"),
        source=cells.text("source"),
    )
    return rule if cells.sound else None


def saying(cells: Cells) -> tuple[str, str] | None:
    text, category = cells.text("text"), cells.text("category")
    return (text, category) if cells.sound else None


def grid_event(cells: Cells) -> tuple[str, str] | None:
    event, category = cells.text("type"), cells.text("category")
    return (event, category) if cells.sound else None
