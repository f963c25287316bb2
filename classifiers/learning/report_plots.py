"""The drawings of an evaluation as inline SVG: no script, no font, nothing from outside; every text is escaped.

All axes are in per cent and say so. Colours differ in lightness too, for paper and for eyes that tell few colours apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from classifiers.learning.evaluate import Bin, PromiseCheck
from classifiers.learning.measure import ClassFigures, Confusion
from classifiers.learning.promise import Point

MODEL: Final = "#1f5a99"
PROMISE: Final = "#b03a2e"
PALE: Final = "#b9cde3"
GRID: Final = "#e3e7ec"
INK: Final = "#2a3440"
QUIET: Final = "#6b7785"

BARS: Final = 20
"""Labels that are drawn as bars."""
SQUARE: Final = 12
"""Labels of the drawn table of confusions."""
FEW: Final = 10
"""Rows below which a point is drawn hollow."""
LONGEST: Final = 13
"""Characters of a label that are drawn; the whole stands in its tool tip and in the tables."""


@dataclass(frozen=True)
class _Frame:
    """A drawing area with its axes; x, y run from `low` to `high`, both 0..1."""

    left: float
    top: float
    width: float
    height: float
    low: tuple[float, float]
    high: tuple[float, float] = (1.0, 1.0)

    def x(self, value: float) -> float:
        return self.left + (value - self.low[0]) / (self.high[0] - self.low[0]) * self.width

    def y(self, value: float) -> float:
        return self.top + self.height - (value - self.low[1]) / (self.high[1] - self.low[1]) * self.height

    def axes(self, across: str, up: str) -> str:
        bottom = self.top + self.height
        found = []
        for value in _ticks(self.low[1], self.high[1]):
            found.append(_line(self.left, self.y(value), self.left + self.width, self.y(value), GRID))
            found.append(_text(self.left - 6, self.y(value) + 4, _percent(value), QUIET, anchor="end"))
        for value in _ticks(self.low[0], self.high[0]):
            found.append(_line(self.x(value), bottom, self.x(value), bottom + 4, QUIET))
            found.append(_text(self.x(value), bottom + 17, _percent(value), QUIET, anchor="middle"))
        found.append(_line(self.left, bottom, self.left + self.width, bottom, QUIET))
        found.append(_text(self.left + self.width / 2, bottom + 36, across, INK, anchor="middle"))
        found.append(_text(self.left, self.top - 10, up, INK))
        return "".join(found)


def coverage_plot(curve: Sequence[Point], check: PromiseCheck, rows: int) -> str:
    """Accuracy of the surest rows against their share, the promise, and where the model's own threshold lies on it."""
    steady = [point for point in curve if point.coverage * rows >= min(20, rows)] or list(curve)
    own = [] if check.accuracy is None else [check.accuracy]
    lowest = min(check.promise, *own, *(point.accuracy for point in steady))
    frame = _Frame(52, 30, 410, 250, (0.0, max(0.0, _floor(lowest - 0.01))))
    path = " ".join(f"{frame.x(point.coverage):.1f},{frame.y(point.accuracy):.1f}" for point in steady)
    height = frame.y(check.promise)
    found = [
        frame.axes("由模型独自决定的来件,占全部(%)", "其中判断正确的(%)"),
        _line(frame.left, height, frame.left + frame.width, height, PROMISE, dash=True),
        _text(frame.left + 4, height - 5, f"承诺 {_percent(check.promise)}%", PROMISE),
        f'<polyline points="{path}" fill="none" stroke="{MODEL}" stroke-width="2"/>',
    ]
    if check.accuracy is not None and check.lower is not None and check.upper is not None:
        at = frame.x(check.accepted / rows)
        top, bottom = frame.y(check.upper), frame.y(max(check.lower, frame.low[1]))
        found += [_line(at, top, at, bottom, MODEL, width=1.5), _dot(at, frame.y(check.accuracy), MODEL, 5)]
        anchor, beside = ("end", at - 9) if check.accepted > rows * 0.6 else ("start", at + 9)
        said = f"模型的阈值:放手 {_percent(check.accepted / rows)}%"
        found.append(_text(beside, frame.y(check.accuracy) + 16, said, MODEL, anchor=anchor))
    return _svg(490, 330, "".join(found), "覆盖率与准确率")


def reliability_plot(bins: Sequence[Bin]) -> str:
    """Accuracy against confidence, with 90 % intervals; below, how many rows have that confidence."""
    frame = _Frame(52, 30, 410, 250, (0.0, 0.0))
    found = [
        frame.axes("模型给出的置信度(%)", "实际判断正确的(%)"),
        _line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), QUIET, dash=True),
        _text(frame.x(1), frame.top - 10, "虚线:恰如其分", QUIET, anchor="end"),
    ]
    most = max((one.rows for one in bins), default=1)
    for one in bins:
        left, right = frame.x(one.start) + 2, frame.x(one.end) - 2
        tall = 46 * one.rows / most
        title = f"置信度 {_percent(one.start)}% 至 {_percent(one.end)}%:{one.rows:,} 行,正确 {_percent(one.accuracy)}%"
        found.append(
            f'<rect x="{left:.1f}" y="{frame.y(0) - tall:.1f}" width="{right - left:.1f}" height="{tall:.1f}" fill="{PALE}">'
            f"<title>{escape(title)}</title></rect>"
        )
        at = frame.x(one.confidence)
        found.append(_line(at, frame.y(one.lower), at, frame.y(one.upper), MODEL, width=1.5))
        found.append(_dot(at, frame.y(one.accuracy), MODEL, 4.5, full=one.rows >= FEW))
    return _svg(490, 330, "".join(found), "置信度与实际准确率")


def class_bars(classes: Sequence[ClassFigures]) -> str:
    """F1 of the given labels as bars, precision and recall as marks on them."""
    step, left, width = 24, 190, 430
    tall = step * len(classes)
    found = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = left + width * value
        found.append(_line(at, 24, at, 28 + tall, GRID))
        found.append(_text(at, 46 + tall, _percent(value), QUIET, anchor="middle"))
    for place, one in enumerate(classes):
        top = 30 + place * step
        found.append(_text(left - 8, top + 13, _short(one.label), INK, anchor="end", title=one.label))
        found.append(f'<rect x="{left}" y="{top}" width="{max(1.0, width * one.f1):.1f}" height="16" fill="{PALE}"/>')
        for value, colour in ((one.precision, MODEL), (one.recall, PROMISE)):
            found.append(_line(left + width * value, top, left + width * value, top + 16, colour, width=2.5))
        found.append(_text(left + width + 12, top + 13, f"{one.support:,} 行", QUIET))
    legend = [
        f'<rect x="{left}" y="4" width="14" height="12" fill="{PALE}"/>', _text(left + 20, 15, "F1", INK),
        _line(left + 62, 4, left + 62, 16, MODEL, width=2.5), _text(left + 70, 15, "精确率(判成它的里面对的)", INK),
        _line(left + 252, 4, left + 252, 16, PROMISE, width=2.5), _text(left + 260, 15, "召回率(本是它的里面找到的)", INK),
    ]  # fmt: skip
    found.append(_text(left + width / 2, 66 + tall, "各指标(%)", INK, anchor="middle"))
    return _svg(700, 76 + tall, "".join([*legend, *found]), "各类别的精确率、召回率与 F1")


def confusion_square(confusions: Sequence[Confusion]) -> str:
    """The labels that are confused most, truth down, answer across; the darker the more rows."""
    labels = _most_confused(confusions)
    counts = {(one.truth, one.answer): one.count for one in confusions if one.truth in labels and one.answer in labels}
    most = max(counts.values(), default=1)
    cell, left, top = 40, 190, 150
    found = [_text(left - 8, top - 10, "应为 ↓   判为 →", QUIET, anchor="end")]
    for place, label in enumerate(labels):
        middle = left + place * cell + cell / 2
        found.append(_text(middle + 4, top - 8, _short(label), INK, title=label, turned=True))
        found.append(_text(left - 8, top + place * cell + 25, _short(label), INK, anchor="end", title=label))
    for down, truth in enumerate(labels):
        for across, answer in enumerate(labels):
            x, y, count = left + across * cell, top + down * cell, counts.get((truth, answer), 0)
            colour = "#f4f6f8" if truth == answer else _shade(count / most)
            title = escape(f"应为 {truth},判为 {answer}:{count:,} 行")
            found.append(
                f'<rect x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" fill="{colour}"><title>{title}</title></rect>'
            )
            if count:
                ink = "#fff" if count / most > 0.55 else INK
                found.append(_text(x + cell / 2 - 1, y + 24, f"{count:,}", ink, anchor="middle"))
    size = cell * len(labels)
    return _svg(left + size + 110, top + size + 10, "".join(found), "最常混淆的类别")


def _most_confused(confusions: Sequence[Confusion]) -> list[str]:
    involved: dict[str, int] = {}
    for one in confusions:
        for label in (one.truth, one.answer):
            involved[label] = involved.get(label, 0) + one.count
    return sorted(involved, key=lambda label: (-involved[label], label))[:SQUARE]


def _shade(share: float) -> str:
    """White to the model's blue."""
    parts = (round(255 - (255 - int(MODEL[at : at + 2], 16)) * share) for at in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _floor(value: float) -> float:
    """Down to a line of the grid that leaves few empty ones."""
    step = 0.02 if value > 0.9 else 0.05 if value > 0.75 else 0.1
    return int(value / step + 1e-9) * step


def _ticks(low: float, high: float) -> Iterator[float]:
    span = high - low
    step = next(one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if span / one <= 6.01)
    value = low
    while value <= high + 1e-9:
        yield value
        value += step


def _percent(value: float) -> str:
    return f"{100 * value:.4g}"


def _short(label: str) -> str:
    """The end of a path tells it apart from its neighbours."""
    return label if len(label) <= LONGEST else "…" + label[1 - LONGEST :]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: bool = False) -> str:
    dashes = ' stroke-dasharray="6 4"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"{dashes}/>'
    )


def _dot(x: float, y: float, colour: str, radius: float, *, full: bool = True) -> str:
    inside, edge = (colour, "#fff") if full else ("#fff", colour)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{inside}" stroke="{edge}" stroke-width="1.5"/>'


def _text(
    x: float, y: float, text: str, colour: str, *, anchor: str = "start", title: str = "", turned: bool = False
) -> str:
    turn = f' transform="rotate(-50 {x:.1f} {y:.1f})"' if turned else ""
    tip = f"<title>{escape(title)}</title>" if title else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}"{turn}>{tip}{escape(text)}</text>'


def _svg(width: float, height: float, inside: str, name: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" aria-label="{escape(name)}" '
        f'font-size="12.5">{inside}</svg>'
    )
