"""What an import has in hand: the tables that were recognised, the pack that was given as a base, and the rows made so far."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from city.importing.entries import Entry, entries
from city.importing.findings import Findings, Spot
from city.importing.headings import Field, Kind
from city.importing.mapping import Mapping
from city.importing.recognise import Recognised
from city.layout import LAYOUTS, PackFile
from city.pack import CityPack, load_pack
from city.terms import AreaLevel

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. city: the city's name; without one that of the base. version, effective: of the new pack."""

    workbooks: Sequence[Path]
    out: Path
    effective: date
    base: Path | None = None
    city: str = ""
    version: str = ""
    mapping: Path | None = None


class Base:
    """The pack from which comes what the workbooks do not say. Of another city only what is no city's own is taken."""

    def __init__(self, folder: Path, city: str) -> None:
        """Raises PackError for a pack that is not sound."""
        self.folder = folder
        self.pack: CityPack = load_pack(folder)
        self.same_city = not city or city == self.pack.name

    def rows(self, file: PackFile) -> list[Row]:
        try:
            with (self.folder / file).open(encoding="utf-8-sig", newline="") as source:
                found = [{name.strip(): (cell or "").strip() for name, cell in row.items()} for row in csv.DictReader(source)]
        except FileNotFoundError:
            return []
        return [row for row in found if any(row.values())]

    def own_rows(self, file: PackFile) -> list[Row]:
        """Rows that are the city's own: none of another city's pack."""
        return self.rows(file) if self.same_city else []


class PackRows:
    """Rows of one file of the pack, each with the cells that it was made from."""

    def __init__(self, file: PackFile) -> None:
        self.file = file
        self.rows: list[Row] = []
        self.origins: list[dict[str, Spot]] = []

    def add(self, row: Row, origins: dict[str, Spot] | None = None) -> None:
        """Columns that the row does not name stay empty. origins: column -> cell; "" for the whole row."""
        self.rows.append({name: row.get(name, "") for name in LAYOUTS[self.file].known})
        self.origins.append(origins or {})

    def origin(self, line: int, column: str) -> Spot | None:
        """The cell behind a line of the written file, which has its header on line 1."""
        if not 2 <= line < len(self.rows) + 2:
            return None
        known = self.origins[line - 2]
        return known.get(column) or known.get("")

    def write(self, folder: Path) -> None:
        """An optional column that nothing stands in is left out."""
        layout = LAYOUTS[self.file]
        columns = layout.columns + tuple(name for name in layout.optional if any(row[name] for row in self.rows))
        with (folder / self.file).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)


@dataclass
class Work:
    """One import. The books of areas, units and categories are filled in this order, each with what the earlier ones know."""

    order: Order
    city: str
    base: Base | None
    mapping: Mapping
    findings: Findings
    tables: list[Recognised]
    made: dict[PackFile, PackRows] = field(default_factory=dict)

    def rows(self, file: PackFile) -> PackRows:
        return self.made.setdefault(file, PackRows(file))

    def entries(self, *kinds: Kind) -> list[Entry]:
        return [entry for kind in kinds for entry in self._by_kind.get(kind, [])]

    def has(self, *kinds: Kind) -> bool:
        return any(table.kind in kinds for table in self.tables)

    @cached_property
    def _by_kind(self) -> dict[Kind, list[Entry]]:
        found: dict[Kind, list[Entry]] = {}
        for table in self.tables:
            found.setdefault(table.kind, []).extend(entries(table, self.findings))
        return found

    def base_rows(self, file: PackFile) -> list[Row]:
        """Rows of the base where it is the same city's."""
        return self.base.own_rows(file) if self.base else []


AREA_FIELDS = {
    AreaLevel.DISTRICT: (Field.DISTRICT, Field.DISTRICT_CODE),
    AreaLevel.STREET: (Field.STREET, Field.STREET_CODE),
    AreaLevel.COMMUNITY: (Field.COMMUNITY, Field.COMMUNITY_CODE),
}
