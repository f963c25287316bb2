"""Imports of small workbooks, and what they said and wrote."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from import_books import CITY, rows_from, square
from openpyxl import Workbook

from city import sample_city
from city.importing import Imported, Order, Weight, import_pack
from city.layout import PackFile

DAY = date(2026, 6, 1)
GRIDS = ("980102001001001", "980102001001002")
"""The grids of `small_city`, both in one community."""


def said(made: Imported, weight: Weight) -> dict[str, str]:
    found: dict[str, str] = {}
    for finding in made.findings:
        if finding.weight is weight:
            found[str(finding.spot)] = found.get(str(finding.spot), "") + finding.message
    return found


def table(folder: Path, file: PackFile) -> list[dict[str, str]]:
    with (folder / file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def book(folder: Path, name: str, sheets: dict[str, list[list[Any]]]) -> Path:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        rows_from(made.create_sheet(title), 1, rows)
    made.save(folder / name)
    return folder / name


def imported(folder: Path, *books: Path, **changes: Any) -> Imported:
    order = {"base": sample_city(), "city": CITY, "version": "2026.1"} | changes
    return import_pack(Order(books, folder / "pack", DAY, **order))


def small_city(folder: Path, title: str, rows: list[list[Any]], **changes: Any) -> Imported:
    """One more sheet beside a street, a community and two grids."""
    grids = [["网格编码", "网格名称", "区县", "街道", "社区", "边界"]]
    grids += [[code, f"{at}网格", "东湖区", "翠湖街道", "滨湖社区", square(at)] for at, code in enumerate(GRIDS)]
    units = [["单位编码", "单位名称", "单位性质", "所属区县"], ["jie", "翠湖街道办事处", "乡镇街道", "东湖区"]]
    units += [["gong", "云海市公安局", "市直部门"], ["cheng", "云海市城市管理局", "市直部门"]]
    units += [["qu", "东湖区城市管理局", "区县部门", "东湖区"]]
    return imported(folder, book(folder, "表.xlsx", {"网格": grids, "单位": units, title: rows}), **changes)
