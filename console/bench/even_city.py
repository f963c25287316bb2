"""A city pack for benchmarks: one district of the sample city eight times over, so that its slots get even load.

The sample city has a slot for each of four districts of different sizes. Here every place, unit and grid of one district stands
in each of the copies under a name of its own, and nothing of the other districts is left. Grid workers, cameras and the rules of
handling, which name areas, are left out.
"""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

from city.sample import sample_city

DISTRICT = "990102"
COPIES = "东南西北中前后左"
"""One district each; the character stands before every name."""
_NAMES = dict.fromkeys(("areas.csv", "units.csv", "places.csv"), ("name", "aliases")) | {"grids.csv": ("name",)}
_AREA = {"areas.csv": "code", "units.csv": "area", "grids.csv": "code", "places.csv": "area"}
_LEFT_OUT = ("workers.csv", "cameras.csv", "handling.yaml")
_WHOLE_CITY = "990000"


def even_city(folder: Path) -> Path:
    """Writes the pack into `folder`, which must not be there yet; returns it."""
    shutil.copytree(sample_city(), folder)
    for name in _LEFT_OUT:
        (folder / name).unlink()
    for name in _AREA:
        _rewrite(folder / name)
    slots = [["number", "code", "name", "area", "retired"], ["1", "none", "地点不明", "", ""], ["2", "city", "全市", "", ""]]
    slots += [[str(3 + copy), f"d{copy}", f"{mark}区", _code(copy), ""] for copy, mark in enumerate(COPIES)]
    with (folder / "slots.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(slots)
    return folder


def _code(copy: int) -> str:
    return f"99020{copy + 1}"


def _rewrite(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    kept = [row for row in rows if row[_AREA[file.name]] in ("", _WHOLE_CITY)]
    district = [row for row in rows if row[_AREA[file.name]].startswith(DISTRICT)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows([*kept, *_copies(file.name, district)])


def _copies(name: str, rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    for copy, mark in enumerate(COPIES):
        own = {row["code"]: _renamed(row["code"], copy) for row in rows if "code" in row}
        for row in rows:
            changed = {field: own.get(value, value.replace(DISTRICT, _code(copy))) for field, value in row.items()}
            if name == "grids.csv":
                changed["worker_unit"] = _renamed(row["worker_unit"], copy)
                changed["polygon"] = _moved(row["polygon"], copy)
            if name == "places.csv":
                changed["lon"] = f"{float(row['lon']) + copy:.6f}" if row["lon"] else ""
            for field in _NAMES[name]:
                changed[field] = ";".join(mark + part for part in row[field].split(";") if part)
            yield changed


def _renamed(code: str, copy: int) -> str:
    """The same code in another copy: areas and grids by number, units by the number in them or a letter behind."""
    return code.replace(DISTRICT, _code(copy)) if DISTRICT in code else f"{code}-{copy + 1}"


def _moved(polygon: str, copy: int) -> str:
    """Whole degrees to the east, beside each other."""
    head, _, tail = polygon.partition("((")
    points = (point.split() for point in tail.removesuffix("))").split(","))
    return f"{head}((" + ", ".join(f"{float(lon) + copy:.6f} {lat}" for lon, lat in points) + "))"
