"""A copy of the sample pack is broken in one place, and the fault must name that place."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from city import Severity, check_pack

Row = dict[str, str]


def rewrite(folder: Path, file: str, change: Callable[[list[Row]], object]) -> None:
    path = folder / file
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = list(rows[0])
    change(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")


def set_cell(folder: Path, file: str, line: int, field: str, value: str) -> None:
    """Change one cell; `line` as an editor counts."""

    def change(rows: list[Row]) -> None:
        rows[line - 2][field] = value

    rewrite(folder, file, change)


def line_of(folder: Path, file: str, field: str, value: str) -> int:
    with (folder / file).open(encoding="utf-8", newline="") as stream:
        return next(line for line, row in enumerate(csv.DictReader(stream), start=2) if row[field] == value)


def append(folder: Path, file: str, text: str) -> int:
    """Add a line; returns its number."""
    path = folder / file
    content = path.read_text(encoding="utf-8")
    path.write_text(content + text + "\n", encoding="utf-8")
    return content.count("\n") + 1


def expect(folder: Path, file: str, line: int, field: str, part: str, severity: Severity = Severity.ERROR) -> None:
    faults = check_pack(folder)
    assert any(
        (fault.file, fault.line, fault.field, fault.severity) == (file, line, field, severity) and part in fault.message
        for fault in faults
    ), "\n".join(map(str, faults))
    assert all(fault.remedy for fault in faults)
