"""One row read cell by cell: each value of the type its column asks for, or a fault with the line it stands on."""

import math
from datetime import date

from city.fault import Fault
from city.table import Row
from city.terms import Term

LIST_SEPARATOR = ";"


class Cells:
    """Reads the cells of `row`. After the last read, `sound` tells whether every cell was what it should be;
    a value that was not is replaced by an empty one, and a record must not be built from it."""

    def __init__(self, file: str, row: Row, faults: list[Fault]) -> None:
        self._file = file
        self._row = row
        self._faults = faults
        self.sound = True

    def text(self, field: str) -> str:
        """A text that must not be empty."""
        value = self._row.cells[field]
        if not value:
            self._fault(field, "不能为空", "请填写")
        return value

    def code(self, field: str) -> str:
        """A text that names something: not empty, and without what lists, paths and patterns are written with."""
        value = self.text(field)
        if any(mark in value for mark in "/;:@ \t\n"):
            self._fault(field, f"编码“{value}”中有不能用的字符", "编码中不能有空格、换行和 / ; : @")
        return value

    def maybe(self, field: str) -> str | None:
        return self._row.cells[field] or None

    def list(self, field: str) -> tuple[str, ...]:
        """A list separated by half-width semicolons; empty parts do not count, a repeated one is a fault."""
        parts = tuple(part for raw in self._row.cells[field].split(LIST_SEPARATOR) if (part := raw.strip()))
        for part in {part for part in parts if parts.count(part) > 1}:
            self._fault(field, f"“{part}”写了不止一次", "请只保留一个")
        return parts

    def term[T: Term](self, field: str, terms: type[T], default: T) -> T:  # type: ignore[valid-type]
        raise NotImplementedError
