"""Pages for paper: HTML that stands alone (no scripts, nothing from outside), made for A4. Whatever comes in is text and
escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

from language.normalise import strip_controls
from schemas.errors import ContractError

_STYLE: Final = """
@page { size: A4; margin: 18mm 16mm 16mm 16mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 178mm; color: #111; background: #fff; font: 10.5pt/1.55 "Noto Serif CJK SC",
  "Source Han Serif SC", SimSun, "Songti SC", serif; }
h1 { font-size: 20pt; text-align: center; margin: 6mm 0 1mm; letter-spacing: .06em; color: #b00; }
h2 { font-size: 13pt; margin: 7mm 0 2mm; break-after: avoid; }
p { margin: 1.5mm 0; }
.under { text-align: center; border-bottom: 1.5pt solid #b00; padding-bottom: 2.5mm; margin-bottom: 4mm; }
.note { font-size: 9pt; color: #444; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; line-height: 1.4; margin: 2mm 0 3mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: .5pt solid #888; padding: .9mm 1.4mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f1ece6; font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
th:not(.n), td:not(.n) { min-width: 13mm; }
h3 { font-size: 10.5pt; margin: 3mm 0 1mm; break-after: avoid; }
table.wide { font-size: 8pt; }
table.wide th:first-child { width: 34mm; }
.totals { display: grid; grid-template-columns: repeat(5, 1fr); gap: 2mm; margin: 3mm 0; }
.totals div { border: .5pt solid #888; padding: 1.5mm 2mm; break-inside: avoid; }
.totals b { display: block; font-size: 14pt; line-height: 1.25; }
.totals span { font-size: 8.5pt; color: #444; }
@media screen { body { padding: 8mm; } }
"""
_WHOLE: Final = (
    '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{title}</title><style>{style}</style></head><body>\n{body}\n</body></html>\n"
)
Row = Sequence[str]


def page(title: str, under: str, parts: Iterable[str]) -> str:
    """parts: HTML as the functions here make it."""
    body = "\n".join([f"<h1>{text(title)}</h1>", f'<p class="under">{text(under)}</p>', *parts])
    return _WHOLE.format(title=text(title), style=_STYLE, body=body)


def text(words: str) -> str:
    """Text from anywhere as HTML."""
    return escape(" ".join(strip_controls(words).split()))


def heading(words: str) -> str:
    return f"<h2>{text(words)}</h2>"


def subheading(words: str) -> str:
    return f"<h3>{text(words)}</h3>"


def paragraph(words: str) -> str:
    return f"<p>{text(words)}</p>"


def note(words: str) -> str:
    return f'<p class="note">{text(words)}</p>'


def totals(figures: Iterable[tuple[str, str, str]]) -> str:
    """(name, figure, what stands behind it) in boxes."""
    boxes = (f"<div><span>{text(name)}</span><b>{text(figure)}</b><span>{text(of)}</span></div>" for name, figure, of in figures)
    return f'<div class="totals">{"".join(boxes)}</div>'


def table(
    heads: Row, rows: Sequence[Row], numbers: Iterable[int] = (), nothing: str = "本期没有。", *, wide: bool = False
) -> str:
    """numbers: columns set to the right. wide: many columns behind a name."""
    if not rows:
        return paragraph(nothing)
    right = set(numbers)

    def cells(row: Row, tag: str) -> str:
        kinds = (' class="n"' if place in right else "" for place in range(len(row)))
        return "".join(f"<{tag}{kind}>{text(cell)}</{tag}>" for kind, cell in zip(kinds, row, strict=True))

    body = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    kind = ' class="wide"' if wide else ""
    return f"<table{kind}><thead><tr>{cells(heads, 'th')}</tr></thead><tbody>\n{body}\n</tbody></table>"


def write(file: Path, html: str) -> None:
    """Raises ContractError where it cannot be written."""
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise ContractError("--html", f"写不了文件 {file}:{error.strerror}", "请换一个可写的路径") from error
