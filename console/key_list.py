"""`wentichi key-list`: the key supervision list (重点督办清单), and what became of those that were on it."""

from typing import Annotated

import typer

from console.case_rows import HEADS, case_json, day, mended, place_row, reason, state
from console.figure_words import EMPTY, scope_named
from console.figures import OfArea, OfUnit
from console.opening import open_pool_home
from console.terminal import Json, plain_table, print_json, screen
from pool.conditions import And, AtLeast, Is, Not
from pool.figures import Order

LIMIT = 1000


def key_list(
    *,
    ended: Annotated[bool, typer.Option("--ended", help="已经解除的,连同整改情况")] = False,
    unit: OfUnit = "",
    area: OfArea = "",
    as_json: Json = False,
) -> None:
    """在督办的问题,列入最早的在前;至多 1000 件。列入用 wentichi supervise,解除用 wentichi end-supervision。"""
    with open_pool_home() as home:
        pack = home.pack
        scope, whose = scope_named(pack, unit, area)
        if ended:
            condition = And((AtLeast("supervised", 1), Not(Is("supervision"))))
            found = home.search.cases(condition, scope, Order("settled"), limit=LIMIT)
        else:
            found = home.search.cases(Is("supervision"), scope, Order("supervised_since", falling=False), limit=LIMIT)
    if as_json:
        print_json([case_json(pack, one) | {"mended": mended(one)} for one in found])
        return
    console = screen()
    console.print(f"{whose}:{'此前督办' if ended else '在督办'} {len(found):,} 件", style="bold")
    table = plain_table(*HEADS, *(("整改情况", "办结日期") if ended else ("督办原因", "列入日期", "反馈期限", "现状")))
    for one in found:
        since, until = day(pack, one.supervised_since), day(pack, one.supervision_due) or EMPTY
        rest = [mended(one), day(pack, one.closed) or EMPTY] if ended else [reason(one), since, until, state(one)]
        table.add_row(*place_row(pack, one), *rest)
    if found:
        console.print(table)
