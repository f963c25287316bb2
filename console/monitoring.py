"""`wentichi monitoring`: the monitoring points (监测点) against the whole city, and what there still has to be checked."""

import math
from collections.abc import Mapping
from typing import Any, Final

from city.pack import CityPack
from console.case_rows import HEADS, case_json, day, place_row
from console.figure_words import figure, span_of, value_json
from console.figures import Since, Until
from console.found import area_of
from console.opening import open_pool_home
from console.terminal import Json, plain_table, print_json, screen
from pool.conditions import And, AtLeast, Condition, Is, Not
from pool.figures import Order
from pool.formulas import formulas
from pool.measures import Measure, Value
from pool.scope import ALL, Scope

COMPARED: Final = (
    Measure.RECEIVED, Measure.ON_TIME, Measure.FIRST_RIGHT, Measure.RETURNED, Measure.RESPONSE, Measure.SOLVED,
    Measure.SATISFIED,
)  # fmt: skip
WORSE_ABOVE: Final = frozenset({Measure.RETURNED})
"""Shares of which more is worse."""
FEWEST: Final = 10
"""Below so many no share of a point is compared."""
ERRORS: Final = 2.0
"""Standard errors of the city's share from which a point counts as out of line: by chance one point in twenty and more."""
LIMIT: Final = 1000
TO_CHECK: Final[Condition] = And((Is("closed"), Not(AtLeast("rechecks", 1))))


def monitoring(since: Since = "", until: Until = "", as_json: Json = False) -> None:
    """各监测点的指标与全市比较,明显偏差的标 !;并列出监测点已办结、还没有由人核查的问题(监测点逐件核查)。"""
    with open_pool_home() as home:
        pack, span = home.pack, span_of(home.pack, since, until)
        defined = formulas(pack.handling)
        asked = [defined[measure] for measure in COMPARED]
        city = home.search.measures(asked, ALL, None, span.since, span.until)[""]
        points: dict[str, Mapping[Measure, Value]] = {}
        paths = {code: pack.areas[code].path for code in pack.handling.monitoring if code in pack.areas}
        for code, path in paths.items():
            points[code] = home.search.measures(asked, Scope(area_paths=frozenset({path})), None, span.since, span.until)[""]
        everywhere = Scope(area_paths=frozenset(paths.values()))
        waiting = home.search.cases(TO_CHECK, everywhere, Order("closed", falling=False), limit=LIMIT)
    if as_json:
        print_json({
            "city": {measure.value: value_json(defined[measure], value) for measure, value in city.items()},
            "points": {code: _point(pack, code, values, city) for code, values in points.items()},
            "to_check": [case_json(pack, one) for one in waiting],
        })  # fmt: skip
        return
    console = screen()
    if not points:
        console.print("配置包没有设监测点;请在 handling.yaml 的 monitoring 里写明", style="yellow")
        return
    table = plain_table("监测点", *(one.name for one in asked))
    table.add_row("全市", *(figure(defined[m], city[m]) for m in COMPARED), style="bold")
    for code, values in points.items():
        table.add_row(area_of(pack, code), *(_cell(m, values[m], city[m], figure(defined[m], values[m])) for m in COMPARED))
    console.print(table)
    console.print(f"待逐件核查 {len(waiting):,} 件", style="bold")
    listed = plain_table(*HEADS, "办结日期")
    for one in waiting:
        listed.add_row(*place_row(pack, one), day(pack, one.closed))
    if waiting:
        console.print(listed)


def out_of_line(measure: Measure, point: Value, city: Value) -> bool:
    """Is the point's share worse than the city's by more than chance makes likely? Normal approximation; counts are not
    compared."""
    if point.ratio is None or city.ratio is None or (point.of or 0) < FEWEST:
        return False
    error = math.sqrt(city.ratio * (1 - city.ratio) / (point.of or 1))
    worse = point.ratio - city.ratio if measure in WORSE_ABOVE else city.ratio - point.ratio
    return worse > ERRORS * error


def _cell(measure: Measure, point: Value, city: Value, shown: str) -> str:
    return f"{shown} !" if out_of_line(measure, point, city) else shown


def _point(pack: CityPack, code: str, values: Mapping[Measure, Value], city: Mapping[Measure, Value]) -> dict[str, Any]:
    defined = formulas(pack.handling)
    figures = {measure.value: value_json(defined[measure], value) for measure, value in values.items()}
    out = [measure.value for measure, value in values.items() if out_of_line(measure, value, city[measure])]
    return {"name": area_of(pack, code), "figures": figures, "out_of_line": out}
