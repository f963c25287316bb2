"""Points and borders in whatever way offices write them: two columns, one, latitude first, WKT or a list of corners."""

import re
from typing import Final

from city.importing.entries import Entry, Value
from city.importing.findings import Findings, Rule, Spot
from city.importing.headings import Field
from language.normalise import fold

_NUMBER: Final = r"-?\d{1,3}(?:\.\d+)?"
_PAIR: Final = re.compile(rf"({_NUMBER})[,\s]\s*({_NUMBER})")
_BESIDE: Final = re.compile(r"[\[\](){}\s;|,、]|[东北]?[经纬]度?:?")
_WKT: Final = re.compile(r"\s*(?:SRID=\d+;)?((?:MULTI)?POLYGON\s*\(.*\))\s*", re.IGNORECASE | re.DOTALL)


def point_spot(entry: Entry) -> Spot:
    """The cell where the row's point stands or should stand."""
    columns = (Field.POINT, Field.LON, Field.LAT, Field.NAME)
    given = next((value.spot for field in columns[:3] if (value := entry.first(field))), None)
    return given or entry.spot(next((field for field in columns if entry.table.columns_of(field)), Field.NAME))


def read_point(entry: Entry, findings: Findings) -> tuple[str, str] | None:
    """(lon, lat) as the pack writes them; both empty where none is given, None with a fault where it is no point."""
    lon, lat, both = entry.first(Field.LON), entry.first(Field.LAT), entry.first(Field.POINT)
    pair = _PAIR.fullmatch(fold(both.text)) if both else None
    texts = pair.groups() if pair else (fold(lon.name) if lon else "", fold(lat.name) if lat else "")
    if not any(texts) and both is None:
        return "", ""
    where = point_spot(entry)
    if not all(re.fullmatch(_NUMBER, text) for text in texts):
        said = both.name if both else "、".join(texts)
        findings.fault(where, Rule.PLACE, f"“{said}”不是经度和纬度", "请填以度为单位的小数,经度、纬度都要填")
        return None
    one, other = (float(text) for text in texts)
    if other > one:
        findings.guess(where, Rule.PLACE, "坐标先写了纬度,已调换", "请按先经度、后纬度填写")
        one, other = other, one
    return f"{one:.6f}", f"{other:.6f}"


def read_polygon(value: Value, findings: Findings) -> str | None:
    """WKT as it is, else a ring of points; None when it is neither."""
    wkt = _WKT.fullmatch(value.text.replace("\n", " "))
    if wkt is not None:
        return " ".join(wkt.group(1).split())
    text = fold(value.text)
    rest = _BESIDE.sub("", _PAIR.sub("", text))
    points = [(float(one), float(other)) for one, other in _PAIR.findall(text)]
    if rest or len(set(points)) < 3:
        return None
    if all(lat > lon for lon, lat in points):
        findings.guess(value.spot, Rule.PLACE, "坐标先写了纬度,已调换", "请按先经度、后纬度填写")
        points = [(lon, lat) for lat, lon in points]
    if points[0] != points[-1]:
        points.append(points[0])
    return "POLYGON ((" + ", ".join(f"{lon:.6f} {lat:.6f}" for lon, lat in points) + "))"
