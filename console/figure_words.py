"""Figures in words and columns: how a value is written, what a group is called, which figures stand side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from city.pack import CityPack
from console import paper
from console.asking import moment
from console.found import area_of, category_of, unit_of
from console.labels import CHANNEL
from console.opening import known_area, known_unit
from pool.figures import Figures, grade, summary
from pool.measures import Formula, Group, Measure, Unit, Value
from pool.scope import ALL, Scope
from schemas.errors import ContractError
from schemas.words import Channel

SIDE_BY_SIDE: Final = (
    Measure.RECEIVED,
    Measure.CLOSING,
    Measure.ON_TIME,
    Measure.OPEN_OVERDUE,
    Measure.SIGNED_IN_TIME,
    Measure.FIRST_RIGHT,
    Measure.RETURNED,
    Measure.RESPONSE,
    Measure.SOLVED,
    Measure.SATISFIED,
)
"""What is set against each other by unit, area, category."""
NONE_OF_THEM: Final = {Group.UNIT: "尚无主办单位", Group.AREA: "地点不明", Group.CATEGORY: "类别不明", Group.CHANNEL: "不明"}
GROUP: Final = {Group.UNIT: "单位", Group.AREA: "地区", Group.CATEGORY: "类别", Group.MONTH: "月份", Group.CHANNEL: "渠道"}
EMPTY: Final = "—"


@dataclass(frozen=True, slots=True)
class Span:
    """[since, until), both maybe open."""

    since: datetime | None
    until: datetime | None

    def words(self, pack: CityPack) -> str:
        begin = pack.calendar.local(self.since).strftime("%Y年%m月%d日 %H:%M") if self.since else "最早"
        end = pack.calendar.local(self.until).strftime("%Y年%m月%d日 %H:%M") if self.until else "现在"
        return f"{begin} 至 {end}"


def span_of(pack: CityPack, since: str, until: str) -> Span:
    """Raises ContractError: no time, or the end before the beginning."""
    span = Span(moment(pack, "--since", since), moment(pack, "--until", until, end=True))
    if span.since is not None and span.until is not None and span.since >= span.until:
        raise ContractError("--until", "不晚于 --since", "请把结束日期写在开始日期之后")
    return span


def scope_named(pack: CityPack, unit: str, area: str) -> tuple[Scope, str]:
    """(scope, what it is called). Raises ContractError when both are given, NotFound."""
    if unit and area:
        raise ContractError("--area", "与 --unit 不能同时用", "请只给一个")
    if unit:
        code = known_unit(pack, unit)
        return Scope(units=frozenset({code})), unit_of(pack, code)
    if area:
        code = known_area(pack, area)
        return Scope(area_paths=frozenset({pack.areas[code].path})), area_of(pack, code)
    return ALL, "全市"


def figure(formula: Formula, value: Value) -> str:
    """As people read it: 96.3%, 1,204, 1.4; a dash where there is nothing to divide by."""
    if formula.denominator is None:
        return f"{value.count:,}"
    ratio = value.ratio
    if ratio is None:
        return EMPTY
    return f"{100 * ratio:.1f}%" if formula.unit is Unit.SHARE else f"{ratio * formula.scale:.2f}"


def behind(formula: Formula, value: Value) -> str:
    """What it is made of."""
    if formula.denominator is None or formula.scale != 1.0:
        return ""
    return f"{value.count:,} ÷ {value.of:,}"


def value_json(formula: Formula, value: Value) -> dict[str, Any]:
    ratio = value.ratio
    return {
        "name": formula.name,
        "unit": formula.unit.value,
        "count": value.count,
        "of": value.of,
        "value": value.count if formula.denominator is None else None if ratio is None else ratio * formula.scale,
        "left_out": value.left_out,
    }


def group_name(pack: CityPack, group: Group, code: str) -> str:
    if not code:
        return NONE_OF_THEM.get(group, "")
    match group:
        case Group.UNIT:
            return unit_of(pack, code)
        case Group.AREA:
            return area_of(pack, code)
        case Group.CATEGORY:
            return category_of(pack, code)
        case Group.CHANNEL:
            return CHANNEL[Channel(code)]
        case Group.MONTH:
            return code


def kind_of_group(pack: CityPack, group: Group, code: str) -> str:
    """The class within which units are set side by side (分类考核); "" for all other groups."""
    unit = pack.units.get(code) if group is Group.UNIT else None
    return unit.kind.label if unit else ""


def group_rows(
    pack: CityPack, formulas: Mapping[Measure, Formula], group: Group, figures: Figures
) -> tuple[list[str], list[list[str]]]:
    """(heads, rows). Units by class and code, never by how well they do: 国办函〔2025〕66号, 不片面追求排名."""
    units = group is Group.UNIT
    heads = [GROUP[group], *(["类别"] if units else []), *(formulas[m].name for m in SIDE_BY_SIDE), "综合", "等次"]
    rows = []
    for code in sorted(figures, key=lambda code: (not code, kind_of_group(pack, group, code), code)):
        values = figures[code]
        total = summary(values, pack.handling)
        row = [group_name(pack, group, code), *([kind_of_group(pack, group, code) or EMPTY] if units else [])]
        row += [figure(formulas[m], values[m]) for m in SIDE_BY_SIDE]
        rows.append([*row, EMPTY if total is None else f"{total:.1f}", grade(values, pack.handling) if code else EMPTY])
    return heads, rows


def group_tables(pack: CityPack, formulas: Mapping[Measure, Formula], group: Group, figures: Figures) -> Iterator[str]:
    """The same on paper; units of one class in a table of their own."""
    heads, rows = group_rows(pack, formulas, group, figures)
    if group is not Group.UNIT:
        yield paper.table(heads, rows, range(1, len(heads) - 1), wide=True)
        return
    for kind, ones in groupby(rows, key=lambda row: row[1]):
        yield paper.subheading(NONE_OF_THEM[group] if kind == EMPTY else kind)
        yield paper.table([heads[0], *heads[2:]], [[row[0], *row[2:]] for row in ones], range(1, len(heads) - 2), wide=True)


def measure_rows(formulas: Mapping[Measure, Formula], values: Mapping[Measure, Value]) -> list[Sequence[str]]:
    """Name, figure, what it is made of, how many were left out, formula."""
    rows: list[Sequence[str]] = []
    for measure, value in values.items():
        formula = formulas[measure]
        left_out = f"{value.left_out:,}" if value.left_out else ""
        rows.append([formula.name, figure(formula, value), behind(formula, value), left_out, formula.words])
    return rows
