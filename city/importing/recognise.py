"""What kind of table a sheet holds, by its headings alone: title rows above, several header rows, any order of columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from city.importing.headings import Field, Kind, field_of
from city.importing.needs import NEEDS
from city.importing.text import one_line, squashed, without_brackets
from city.importing.workbook import SheetCells, column_letter

LOOKED_AT: Final = 40
"""Rows from the top among which a header is looked for."""
DEEPEST: Final = 3
"""Rows that a header has at most."""
LONGEST: Final = 30
"""Characters of a heading; what is longer is a sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what it holds; `heading` as people read it, upper rows first: 主办单位/牵头."""

    number: int
    heading: str
    field: Field | None

    @property
    def letter(self) -> str:
        return column_letter(self.number)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A sheet as a table of one kind. Rows of data go from below the header to `last`, if that is said, else to the end."""

    sheet: SheetCells
    kind: Kind
    header: tuple[int, int]
    columns: tuple[Column, ...]
    last: int | None = None
    take_hidden: bool = False
    fill: Mapping[Field, str] = field(default_factory=dict)

    def columns_of(self, wanted: Field) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.field is wanted)

    @property
    def fields(self) -> frozenset[Field]:
        return frozenset(column.field for column in self.columns if column.field is not None) | self.fill.keys()

    @property
    def first_row(self) -> int:
        return self.header[1] + 1

    @property
    def last_row(self) -> int:
        return min(self.last or self.sheet.last_row, self.sheet.last_row)

    def title(self) -> str:
        """What stands above the header."""
        above = (
            self.sheet.text(row, column) for row in range(1, self.header[0]) for column in range(1, self.sheet.last_column + 1)
        )
        return " ".join(dict.fromkeys(text for text in above if text))


def recognise(sheet: SheetCells, kind: Kind | None = None, header: tuple[int, int] | None = None) -> Recognised | None:
    """The best reading of a sheet; None when no row looks like the header of a kind. kind, header: what a person said."""
    best: tuple[float, int, int] | None = None
    found: Recognised | None = None
    blocks = [header] if header else list(_blocks(sheet))
    for first, last in blocks:
        labels = _labels(sheet, first, last)
        for candidate in [kind] if kind else list(NEEDS):
            columns = tuple(_column(candidate, number, texts) for number, texts in labels.items())
            score = _score(candidate, columns, asked=kind is not None)
            rank = (score, first - last, -first)
            if score and (best is None or rank > best):
                best, found = rank, Recognised(sheet, candidate, (first, last), columns)
    return _with_upper_rows(found) if found else None


def _with_upper_rows(found: Recognised) -> Recognised:
    """Headings merged downwards into the header row begin higher: the rows between belong to the header too."""
    sheet, (first, last) = found.sheet, found.header
    top = min(sheet.anchor(first, column.number)[0] for column in found.columns)
    if top == first:
        return found
    columns = tuple(_column(found.kind, number, texts) for number, texts in _labels(sheet, top, last).items())
    return replace(found, header=(top, last), columns=columns)


def _blocks(sheet: SheetCells) -> Iterator[tuple[int, int]]:
    """Rows that can be a header: one with several short texts, and rows below it as long as they divide its groups."""
    for first in range(1, min(sheet.last_row, LOOKED_AT) + 1):
        if len({sheet.anchor(first, column) for column in _filled(sheet, first)}) < 2:
            continue
        last = first
        yield first, last
        while last - first < DEEPEST - 1 and last < sheet.last_row and _divides(sheet, last):
            last += 1
            yield first, last


def _filled(sheet: SheetCells, row: int) -> list[int]:
    return [column for column in range(1, sheet.last_column + 1) if sheet.text(row, column)]


def _divides(sheet: SheetCells, upper: int) -> bool:
    """Whether the next row only names parts of what this row holds together, by merging or by leaving cells blank beside it."""
    divided = False
    for column in range(1, sheet.last_column + 1):
        below, above = sheet.anchor(upper + 1, column), sheet.anchor(upper, column)
        text = sheet.text(*below)
        if below[0] <= upper or not text:
            continue  # merged downwards, or blank
        if len(text) > LONGEST or text.replace(".", "").isdigit():
            return False
        beside = column < sheet.last_column and not sheet.text(upper, column + 1) and bool(sheet.text(upper + 1, column + 1))
        grouped = sheet.width(*above) > 1 or not sheet.text(*above) or beside
        if not grouped:
            return False
        divided = True
    return divided


def _labels(sheet: SheetCells, first: int, last: int) -> dict[int, list[str]]:
    """Of each column its different header texts, from the top. A blank cell belongs to the group on its left."""
    labels: dict[int, list[str]] = {}
    for column in range(1, sheet.last_column + 1):
        texts: list[str] = []
        for row in range(first, last + 1):
            text = one_line(sheet.text(row, column))
            if not text and row < last and sheet.text(row + 1, column):
                text = labels.get(column - 1, [""])[0]
            if text and text not in texts:
                texts.append(text)
        if texts:
            labels[column] = texts
    return labels


def _column(kind: Kind, number: int, texts: list[str]) -> Column:
    lower, upper = texts[-1], "".join(texts[:-1][-1:])
    for said in (upper + lower, lower, upper):
        for form in (said, without_brackets(said)):
            found = field_of(kind, squashed(form)) if len(form) <= LONGEST else None
            if found is not None:
                return Column(number, "/".join(texts), found)
    return Column(number, "/".join(texts), None)


def _score(kind: Kind, columns: tuple[Column, ...], *, asked: bool) -> float:
    """How well the columns fit; 0 when what the kind needs is not there. asked: a person named the kind, any column will do."""
    fields = {column.field for column in columns if column.field is not None}
    need = NEEDS[kind]
    if not asked and (fields & need.none_of or not any(group <= fields for group in need.any_of)):
        return 0.0
    known = fields - {Field.NOT_TAKEN, Field.PERSONAL}
    return len(known) + len(known & need.signs) - 0.1 * sum(column.field is None for column in columns)
