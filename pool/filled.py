"""How much of a report's form intake fills in by itself (枣阳 "枣事早办": 智能填充), so that nobody types it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.documents import ReportDocument

FILLED: Final[Mapping[str, Callable[[ReportDocument], bool]]] = {
    "地区": lambda report: report.findings.place.area is not None,
    "网格": lambda report: report.findings.place.grid is not None,
    "类别": lambda report: bool(report.findings.categories),
    "主办单位": lambda report: bool(report.findings.units),
    "诉求类型": lambda report: report.findings.request_type is not None,
    "紧急程度": lambda report: bool(report.findings.urgency.evidence),
}
"""The fields of the form, each with what counts as filled: intake proposed something, and for urgency found a reason. That it is
right is another figure (the models' accuracy)."""


@dataclass(frozen=True, slots=True)
class Filling:
    """reports: how many were looked at; by_field: how many of them had the field filled."""

    reports: int
    by_field: Mapping[str, int]

    @property
    def share(self) -> float | None:
        """Fields filled ÷ fields in all."""
        return sum(self.by_field.values()) / (self.reports * len(FILLED)) if self.reports else None


def filling(reports: Iterable[ReportDocument]) -> Filling:
    """Erased reports have no words and still their findings; they count."""
    looked, by_field = 0, dict.fromkeys(FILLED, 0)
    for report in reports:
        looked += 1
        for name, is_filled in FILLED.items():
            by_field[name] += is_filled(report)
    return Filling(looked, by_field)
