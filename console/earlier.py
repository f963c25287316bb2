"""What a caller reported before, for the person who looks at an unplaced report: where that was, and which reading it speaks for.

Intake does not use it: the place decides the slot, and the same words must land in the same slot whenever they are delivered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from city.pack import CityPack
from console.found import area_of
from pool.ports import Search
from pool.query import Facet, Filters, Query
from pool.scope import Scope
from schemas.documents import ReportDocument
from schemas.words import EvidenceKind

MOST: Final = 3
"""Places named."""


def earlier_areas(search: Search, report: ReportDocument, scope: Scope) -> dict[str, int]:
    """Area -> reports of the same caller that came before, "" for those without a place; empty for an unknown caller."""
    if not report.caller:
        return {}
    query = Query(filters=Filters(caller=report.caller, until=report.time))
    return dict(search.facets(query, [Facet.AREA], scope)[Facet.AREA])


def earlier_sentence(pack: CityPack, areas: Mapping[str, int], report: ReportDocument) -> str:
    """"" when the caller is new here."""
    total = sum(areas.values())
    if not total:
        return ""
    named = [f"{area_of(pack, area)} {number} 件" for area, number in areas.items() if area][:MOST]
    said = f"此前另有 {total} 件来件" + (f",在 {'、'.join(named)}" if named else ",地点都不明")
    spoken_for = candidate_for(pack, areas, report)
    if spoken_for:
        said += f";本件所说的地点有几处,其中 {area_of(pack, spoken_for)} 与此相合,请向来件人核实"
    return said


def candidate_for(pack: CityPack, areas: Mapping[str, int], report: ReportDocument) -> str | None:
    """The one reading of an ambiguous name that lies in the district where most of the caller's reports were."""
    if report.area is not None:
        return None
    named = (one.ref for one in report.findings.place.evidence if one.kind is EvidenceKind.PLACE_NAME)
    readings = [area for area in named if area in pack.areas]
    districts: Counter[str] = Counter()
    for area, number in areas.items():
        district = pack.district_of(area)
        if district is not None:
            districts[district.code] += number
    agreeing = _inside(pack, readings, districts.most_common(2))
    return agreeing[0] if len(agreeing) == 1 and len(readings) > 1 else None


def _inside(pack: CityPack, readings: Sequence[str], districts: Sequence[tuple[str, int]]) -> list[str]:
    """Two districts with as many reports each say nothing."""
    if not districts or (len(districts) > 1 and districts[0][1] == districts[1][1]):
        return []
    found = ((area, pack.district_of(area)) for area in dict.fromkeys(readings))
    return [area for area, district in found if district is not None and district.code == districts[0][0]]
