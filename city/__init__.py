"""The city pack: a folder with a city's own data, checked, versioned and looked up. FORMAT.md describes the folder.

pack = load_pack(sample_city())
item = pack.duty_items_for(category)[0]
lead = pack.resolve(item.lead, area)
"""

from city.calendar import Calendar
from city.check import check_pack
from city.fault import Fault, PackError, Severity
from city.handling import Handling
from city.pack import CITY_SLOT, NO_PLACE_SLOT, CityPack, load_pack
from city.records import (
    Area,
    Camera,
    Category,
    DutyItem,
    Figure,
    Grid,
    Limit,
    PlaceName,
    Policy,
    RiskWord,
    Slot,
    TerritorialPattern,
    Unit,
    Worker,
)
from city.sample import sample_city
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
from city.upgrade import check_upgrade

__all__ = [
    "CITY_SLOT",
    "NO_PLACE_SLOT",
    "Area",
    "AreaLevel",
    "Calendar",
    "Camera",
    "CameraView",
    "Category",
    "CityPack",
    "Clock",
    "DutyItem",
    "Fault",
    "Figure",
    "Grid",
    "GridKind",
    "Handling",
    "Limit",
    "LimitUnit",
    "ListKind",
    "PackError",
    "PlaceKind",
    "PlaceName",
    "Policy",
    "RequestKind",
    "RiskWord",
    "Severity",
    "Slot",
    "TerritorialPattern",
    "TownshipRole",
    "Unit",
    "UnitKind",
    "Urgency",
    "Worker",
    "WorkerLevel",
    "check_pack",
    "check_upgrade",
    "load_pack",
    "sample_city",
]
