"""The mapping file (YAML) by which a person overrides what was recognised. docs/packs.md shows one."""

import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from city.document import Node, read_document
from city.fault import Fault
from city.importing.findings import Findings, Rule, Spot
from city.importing.headings import Field, Kind
from city.importing.workbook import SheetCells, column_number

NOT_TAKEN = "不导入"
_SHEET_KEYS = ("kind", "header", "last", "hidden", "columns", "fill")
_KEYS = ("sheets", "units", "categories")


@dataclass(frozen=True, slots=True)
class SheetRule:
    """What a person said of one sheet. `columns`: letter or heading -> field."""

    kind: Kind | None = None
    left_out: bool = False
    header: tuple[int, int] | None = None
    last: int | None = None
    take_hidden: bool = False
    columns: Dictionary[str, Field] = field(default_factory=dict)
    fill: Dictionary[Field, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """`units` and `categories`: a name as the workbooks write it -> code, full name or territorial pattern."""

    sheets: Dictionary[str, SheetRule] = field(default_factory=dict)
    units: Dictionary[str, str] = field(default_factory=dict)
    categories: Dictionary[str, str] = field(default_factory=dict)

    def rule_of(self, sheet: SheetCells) -> SheetRule:
        """The first rule whose name fits: 权责清单.xlsx【派单目录】 or 派单目录, with * for any characters."""
        names = (f"{sheet.workbook}【{sheet.name}】", sheet.name)
        return next((rule for key, rule in self.sheets.items() if any(fnmatchcase(name, key) for name in names)), SheetRule())


def read_mapping(path: Path | None, findings: Findings) -> Mapping:
    """The file as a mapping; what is wrong in it is a finding with its line, and left out."""
    if path is None:
        return Mapping()
    faults: list[Fault] = []
    root = read_document(path.parent, path.name, faults)
    reader = _Reader(path.name, findings)
    for fault in faults:
        reader.fault(fault.line, fault.message, fault.remedy)
    if root is None:
        return Mapping()
    entries = reader.entries(root, "对照文件", _KEYS)
    sheets = reader.entries(entries["sheets"], "sheets") if "sheets" in entries else {}
    return Mapping(
        sheets={name: reader.sheet(node) for name, node in sheets.items()},
        units=reader.names(entries.get("units"), "units"),
        categories=reader.names(entries.get("categories"), "categories"),
    )


class _Reader:
    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings

    def fault(self, line: int, message: str, remedy: str) -> None:
        self._findings.fault(Spot(self._file, "", f"第{line}行"), Rule.MAPPING, message, remedy)

    def entries(self, node: Node, what: str, allowed: tuple[str, ...] = ()) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self.fault(node.line, f"{what} 下应是“键: 值”", "请参照 docs/packs.md 改写")
            return {}
        for key, entry in node.value.items():
            if allowed and key not in allowed:
                self.fault(entry.line, f"不认识的键 {key}", f"可用的键:{'、'.join(allowed)}")
        return {key: entry for key, entry in node.value.items() if not allowed or key in allowed}

    def names(self, node: Node | None, what: str) -> dict[str, str]:
        found = self.entries(node, what) if node else {}
        return {name: entry.value for name, entry in found.items() if isinstance(entry.value, str)}

    def sheet(self, node: Node) -> SheetRule:
        entries = self.entries(node, "工作表", _SHEET_KEYS)
        said = {key: entry.value if isinstance(entry.value, str) else "" for key, entry in entries.items()}
        left_out = said.get("kind") == NOT_TAKEN
        columns = self.entries(entries["columns"], "columns") if "columns" in entries else {}
        fill = self.entries(entries["fill"], "fill") if "fill" in entries else {}
        return SheetRule(
            kind=None if left_out or "kind" not in said else self._kind(entries["kind"]),
            left_out=left_out,
            header=self._rows(entries["header"]) if "header" in entries else None,
            last=int(said["last"]) if said.get("last", "").isdecimal() else None,
            take_hidden="hidden" in said and said["hidden"] != NOT_TAKEN,
            columns={name: found for name, entry in columns.items() if (found := self._field(entry.value, entry.line))},
            fill={found: str(entry.value) for name, entry in fill.items() if (found := self._field(name, entry.line))},
        )

    def _kind(self, node: Node) -> Kind | None:
        found = next((kind for kind in Kind if node.value in (kind.value, kind.label)), None)
        if found is None:
            self.fault(node.line, f"没有“{node.value}”这种表", f"可用的有:{'、'.join(kind.label for kind in Kind)}、{NOT_TAKEN}")
        return found

    def _field(self, name: object, line: int) -> Field | None:
        found = next((one for one in Field if name == one.value), None)
        if found is None:
            self.fault(line, f"没有“{name}”这一列", f"可用的有:{'、'.join(Field)}")
        return found

    def _rows(self, node: Node) -> tuple[int, int] | None:
        match = re.fullmatch(r"(\d+)(?:\s*[-至]\s*(\d+))?", str(node.value))
        if match is None:
            self.fault(node.line, f"“{node.value}”不是表头的行号", "请写成 3 或 3-4")
            return None
        first, last = match.groups()
        return int(first), int(last or first)


def field_for(rule: SheetRule, number: int, heading: str) -> Field | None:
    """What the person said of a column, by its letter or by its heading (the whole one or its lowest row)."""
    for name, said in rule.columns.items():
        if column_number(name) == number or name in (heading, heading.rpartition("/")[2]):
            return said
    return None
