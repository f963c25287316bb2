"""`wentichi work-list`: a line department's open problems by place and matter (条线工作清单, seed row 0.5 of 诸暨)."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from casework.facts import Facts
from city.pack import CityPack
from console import paper
from console.case_rows import case_json, day, state
from console.figure_words import EMPTY
from console.figures import HtmlFile
from console.found import area_of, category_of, unit_of
from console.opening import known_unit, open_pool_home
from console.terminal import Json, plain_table, print_json, screen
from pool.conditions import And, Condition, Equals, Is, Or
from pool.ports import Search
from pool.repeats import SPANS, every_case, repeats
from pool.scope import ALL
from schemas.errors import ContractError, NotFound
from streams.clock import Clock

HEADS = ("地点", "事项", "工单号", "主办单位", "办理期限", "逾期", "又发生", "现状")


def work_list(
    unit: Annotated[str, typer.Argument(metavar="单位", help="主管部门的编码或全名;或用 --line")] = "",
    *,
    line: Annotated[str, typer.Option("--line", metavar="条线", help="条线名,如 城市管理:这条线上所有单位")] = "",
    html: HtmlFile = None,
    as_json: Json = False,
) -> None:
    """未办结的问题按地点、事项排列,写明期限;又发生:同一来件人或同一网格的同类事项办结后90日内又来,数字为相隔天数。"""
    with open_pool_home() as home:
        pack = home.pack
        units, whose = _owners(pack, unit, line)
        found, again = _open(home.search, home.clock, units)
    rows = [_row(pack, one, again) for one in sorted(found, key=lambda one: _place(pack, one))]
    if html is not None:
        _write(html, pack, whose, rows)
    if as_json:
        print_json({"whose": whose, "units": sorted(units), "cases": [_json(pack, one, again) for one in found]})
    elif html is None:
        console, table = screen(), plain_table(*HEADS)
        console.print(f"{whose}:未办结 {len(rows):,} 件", style="bold")
        for row in rows:
            table.add_row(*row)
        if rows:
            console.print(table)


def _owners(pack: CityPack, unit: str, line: str) -> tuple[frozenset[str], str]:
    """Codes of units that lead, and what they are called together. Raises ContractError, NotFound."""
    if bool(unit) is bool(line):
        raise ContractError("单位", "须给出单位或 --line 之一", "例如 wentichi work-list --line 城市管理")
    if unit:
        code = known_unit(pack, unit)
        return frozenset({code}), unit_of(pack, code)
    codes = frozenset(one.code for one in pack.units.values() if one.line == line)
    if not codes:
        lines = "、".join(sorted({one.line for one in pack.units.values() if one.line}))
        raise NotFound(f"城市配置包里没有条线 “{line[:40]}”;有:{lines}")
    return codes, f"{line}条线"


def _open(search: Search, clock: Clock, units: Iterable[str]) -> tuple[list[Facts], dict[str, int]]:
    """(open problems that these units lead, problem -> days after the one before it was closed)."""
    led: Condition = And((Is("open"), Or(tuple(Equals("lead", code) for code in sorted(units)))))
    found = list(every_case(search, led, ALL))
    now, span = clock.now(), timedelta(days=SPANS[-1])
    open_now = {one.problem for one in found}
    again: dict[str, int] = {}
    for one in repeats(search, ALL, now - span, now + timedelta(days=1)).returns:
        if one.later.problem in open_now:
            again[one.later.problem] = min(one.days, again.get(one.later.problem, one.days))
    return found, again


def _place(pack: CityPack, one: Facts) -> tuple[str, str, bool, int, str]:
    """By place, matter, due time; what has none (paused, or replied) last."""
    return area_of(pack, one.area), category_of(pack, one.category), one.due is None, one.due or 0, one.problem


def _row(pack: CityPack, one: Facts, again: dict[str, int]) -> list[str]:
    return [
        area_of(pack, one.area) or "不明", category_of(pack, one.category), one.order_number, unit_of(pack, one.lead),
        day(pack, one.due) or EMPTY, "逾期" if one.overdue else "", str(again.get(one.problem, "")), state(one),
    ]  # fmt: skip


def _json(pack: CityPack, one: Facts, again: dict[str, int]) -> dict[str, Any]:
    return case_json(pack, one) | {"repeat_of_days": again.get(one.problem)}


def _write(file: Path, pack: CityPack, whose: str, rows: list[list[str]]) -> None:
    parts = [paper.paragraph(f"未办结 {len(rows):,} 件。"), paper.table(HEADS, rows, (6,), "没有未办结的问题。")]
    paper.write(file, paper.page("条线工作清单", f"{pack.name} · {whose}", parts))
    screen().print(f"已写入 {file}")
