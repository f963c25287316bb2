"""From the Excel workbooks that city offices have to the folder of a city pack. docs/packs.md tells how.

made = import_pack(Order([Path("权责清单.xlsx")], Path("pack"), effective=date(2026, 6, 1), base=Path("last-year")))
"""

from city.importing.findings import Finding, Findings, Rule, Spot, Weight
from city.importing.headings import Field, Kind
from city.importing.importer import REPORT, Imported, Sheet, import_pack, plan
from city.importing.work import Order

__all__ = [
    "REPORT",
    "Field",
    "Finding",
    "Findings",
    "Imported",
    "Kind",
    "Order",
    "Rule",
    "Sheet",
    "Spot",
    "Weight",
    "import_pack",
    "plan",
]
