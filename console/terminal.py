"""Writing for people and for programs. Whatever comes from outside is text: no markup, no control characters."""

import sys
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from language.normalise import strip_controls

PIPE_WIDTH = 160
"""Columns when nobody's terminal says how many."""

Json = Annotated[bool, typer.Option("--json", help="给程序用:标准输出只有 JSON,没有颜色和进度")]


def screen() -> Console:
    """Standard output, made anew so that it follows redirection."""
    return _console(sys.stdout)


def aside() -> Console:
    """Standard error: progress and remarks, which never mix with what a program reads."""
    return _console(sys.stderr)


def _console(file: Any) -> Console:
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def print_json(value: Any) -> None:
    """One JSON document, or one line of a stream of them."""
    sys.stdout.write(orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)


def one_line(text: str, limit: int = 0) -> str:
    """Text from outside on one line; longer than `limit` characters is cut with an ellipsis."""
    flat = " ".join(strip_controls(text).split())
    return flat if not limit or len(flat) <= limit else flat[: limit - 1] + "…"


def paragraph(text: str) -> str:
    """Text from outside with its line breaks, nothing invisible."""
    return "\n".join(line.rstrip() for line in strip_controls(text).splitlines()).strip()


def plain_table(*headers: str) -> Table:
    """The house table: a rule under the heads and nothing more."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def marked(text: str, spans: list[tuple[int, int]]) -> Text:
    """Text with the found places marked. Spans are offsets of `text`."""
    shown = Text(text)
    for start, end in spans:
        shown.stylize("bold reverse", start, end)
    return shown


def indented(content: RenderableType, by: int = 2) -> Padding:
    """Set in from the left, with no trailing spaces of its own."""
    return Padding(content, (0, 0, 0, by), expand=False)
