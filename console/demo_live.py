"""The played day while it runs: clock, counts and what has just been decided."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from console.charts import bar
from console.found import category_of, title_of, unit_of
from console.labels import CHANNEL
from console.terminal import plain_table
from pool.query import Query, Sort
from pool.scope import ALL
from schemas.words import Channel
from streams.local.home import Home

Seen = Callable[[datetime, int], None]
NEWEST: Final = 6
WIDTH: Final = 26


@contextmanager
def display(console: Console, home: Home, total: int, *, quiet: bool) -> Iterator[Seen]:
    """On a terminal a picture that changes; without one a plain line every few hours."""
    if quiet:
        yield lambda _at, _lines: None
    elif console.is_terminal:
        with Live(console=console, transient=True, refresh_per_second=12) as live:
            yield lambda at, lines: live.update(_picture(home, home.pack.calendar.local(at), lines, total))
    else:
        told: set[int] = set()

        def tell(at: datetime, lines: int) -> None:
            local = home.pack.calendar.local(at)
            if local.hour % 4 == 0 and local.hour not in told:
                told.add(local.hour)
                console.print(f"  {local:%H:%M}  已收 {lines} 条")

        yield tell


def _picture(home: Home, at: datetime, lines: int, total: int) -> Group:
    found: Any = home.search.stats(ALL)
    clock, count = (f" {at:%H:%M} ", "bold white on blue"), f"  已收 {lines:,}/{total:,} 条  "
    head = Text.assemble(clock, count, (bar(lines, total, 40), "blue"))
    return Group(head, Text(""), _channels(found), Text(""), Text("刚刚", style="bold"), _newest(home))


def _channels(found: Any) -> Table:
    by_channel = found["by_channel"]
    most = max([*by_channel.values(), 1])
    table = plain_table("", "", "", "")
    table.show_header = False
    table.columns[1].justify = "right"
    beside = (
        f"问题 {found['problems']:,}",
        f"告警 {found['alarms']['seen']:,},只作观察 {found['alarms']['observed']:,}",
        f"等人确认 {found['alarms']['unconfirmed']:,}",
        f"死信 {found['dead_letters']:,}",
    )
    for channel, said in zip(Channel, beside, strict=True):
        number = by_channel.get(channel.value, 0)
        table.add_row(CHANNEL[channel], f"{number:,}", Text(bar(number, most, WIDTH), style="cyan"), Text(said, style="dim"))
    return table


def _newest(home: Home) -> Table:
    table = plain_table("", "", "")
    table.show_header = False
    for hit in home.search.search(Query(sort=Sort.NEWEST, limit=NEWEST), ALL).hits:
        report = hit.report
        lead = unit_of(home.pack, report.lead) if report.lead else "等人定"
        style = "green" if report.lead else "yellow"
        category = category_of(home.pack, report.category) if report.category else ""
        table.add_row(title_of(report, 26), category, Text(lead, style=style))
    return table
