"""Which files a city pack consists of and which columns each has: the closed set. FORMAT.md explains them to people."""

from dataclasses import dataclass
from enum import StrEnum


class PackFile(StrEnum):
    PACK = "pack.yaml"
    CALENDAR = "calendar.yaml"
    HANDLING = "handling.yaml"
    CATEGORIES = "categories.csv"
    AREAS = "areas.csv"
    UNITS = "units.csv"
    DUTY = "duty.csv"
    GRIDS = "grids.csv"
    PLACES = "places.csv"
    WORKERS = "workers.csv"
    CAMERAS = "cameras.csv"
    HIGH_RISK = "high_risk.csv"
    SLOTS = "slots.csv"
    LIMITS = "limits.csv"
    MATCH_WINDOWS = "match_windows.csv"
    CAMERA_CLASSES = "camera_classes.csv"
    CAMERA_RULES = "camera_rules.csv"
    GRID_EVENTS = "grid_events.csv"
    SAYINGS = "sayings.csv"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one CSV file; the first is the key. A file that is not `required` may be missing, and so may a column that
    is `optional`: it came later than the first packs."""

    file: PackFile
    columns: tuple[str, ...]
    required: bool = True
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.columns + self.optional


LAYOUTS: dict[PackFile, Layout] = {
    layout.file: layout
    for layout in (
        Layout(PackFile.CATEGORIES, ("code", "name", "parent", "aliases", "words")),
        Layout(PackFile.AREAS, ("code", "name", "level", "parent", "aliases")),
        Layout(
            PackFile.UNITS,
            ("code", "name", "kind", "parent", "area", "line", "aliases", "successor", "abolished"),
        ),
        Layout(
            PackFile.DUTY,
            (
                "code",
                "name",
                "categories",
                "lead",
                "cooperators",
                "township_role",
                "list_kind",
                "legal_basis",
                "words",
                "version",
            ),
            optional=("grassroots_does", "support"),
        ),
        Layout(PackFile.GRIDS, ("code", "name", "kind", "community", "worker_unit", "polygon")),
        Layout(PackFile.PLACES, ("name", "kind", "aliases", "area", "grid", "lon", "lat")),
        Layout(PackFile.WORKERS, ("code", "level", "grid", "area", "upper", "unit"), required=False),
        Layout(PackFile.CAMERAS, ("device", "name", "grid", "lon", "lat", "unit", "faces"), required=False),
        Layout(PackFile.HIGH_RISK, ("word", "kind", "urgency")),
        Layout(PackFile.SLOTS, ("number", "code", "name", "area", "retired")),
        Layout(PackFile.LIMITS, ("clock", "urgency", "category", "amount", "unit", "source"), optional=("type",)),
        Layout(PackFile.MATCH_WINDOWS, ("category", "hours", "source")),
        Layout(PackFile.CAMERA_CLASSES, ("label", "category")),
        Layout(
            PackFile.CAMERA_RULES,
            ("label", "confirm", "dwell_seconds", "cooldown_minutes", "clear_minutes", "overlap", "source"),
            required=False,
        ),
        Layout(PackFile.GRID_EVENTS, ("type", "category"), required=False),
        Layout(PackFile.SAYINGS, ("text", "category"), required=False),
    )
}
