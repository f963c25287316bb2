"""Small charts in letters, for a terminal of any width."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from console.terminal import plain_table

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_HEIGHTS: Final = "▁▂▃▄▅▆▇█"


def bar(value: float, most: float, width: int = 24) -> str:
    """A bar in eighths of a character; something is never nothing."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, round(value / most * width * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def bars(values: Mapping[str, float], *, style: str = "cyan", width: int = 24) -> Table:
    """Name, number, bar; in the order given."""
    table = plain_table("", "", "")
    table.show_header = False
    table.columns[1].justify = "right"
    most = max(values.values(), default=0)
    for name, value in values.items():
        table.add_row(name, f"{value:,.0f}", Text(bar(value, most, width), style=style))
    return table


def spark(values: Sequence[float]) -> str:
    """One column a value."""
    most = max(values, default=0)
    return "".join(_HEIGHTS[min(7, int(value / most * 7.99))] if most and value else " " for value in values)
