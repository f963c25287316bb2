"""What is asked of a store for figures, and what is made of its answer; nothing here knows a back end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from city.handling import Handling
from pool.conditions import COUNTS, MOMENTS, And, Condition, Is, Not, Total, Within
from pool.measures import Formula, Group, Measure, Value
from schemas.errors import ContractError

COLUMNS: Final[Mapping[Group, str]] = {
    Group.UNIT: "lead",
    Group.AREA: "area",
    Group.CATEGORY: "category",
    Group.CHANNEL: "channel",
}
"""The fact that a group goes by; months go by the anchor of each measure."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SHANGHAI: Final = timedelta(hours=8)
MOST_MONTHS: Final = 120

Figures = dict[str, dict[Measure, Value]]
"""Group ("" = none of them) -> figures."""


@dataclass(frozen=True, slots=True)
class Order:
    """By a moment or a count, ties by problem; who has no such moment comes last."""

    field: str
    falling: bool = True

    def __post_init__(self) -> None:
        if self.field not in MOMENTS | COUNTS:
            raise ValueError(f"no such moment or count: {self.field}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. totals: what to count, each once; parts: for each formula the places of numerator, denominator (None: it has
    none) and problems left out of the scores."""

    group: Group | None
    totals: tuple[Total, ...]
    parts: tuple[tuple[Formula, int, int | None, int], ...]


def ask(formulas: Sequence[Formula], group: Group | None, since: datetime | None, until: datetime | None) -> Asked:
    """Every total that the formulas need in [since, until), each once."""
    places: dict[Total, int] = {}
    limits = _micros(since), _micros(until)
    parts = []
    for formula in formulas:
        period: tuple[Condition, ...] = (Within(formula.anchor, *limits),)
        kept = (*period, Not(Is("excluded"))) if formula.scored else period

        def place(total: Total, more: tuple[Condition, ...]) -> int:
            return places.setdefault(Total(And((*more, total.where)), total.sums), len(places))

        above = place(formula.numerator, kept)
        below = place(formula.denominator, kept) if formula.denominator is not None else None
        left_out = place(Total(And((Is("excluded"), formula.of_all))), period) if formula.scored else -1
        parts.append((formula, above, below, left_out))
    return Asked(group, tuple(places), tuple(parts))


def figures_of(asked: Asked, counted: Mapping[str, Sequence[int]]) -> Figures:
    """counted: of every group the totals. A group in which nothing at all was counted is left out, but for the whole."""
    found: Figures = {}
    for group, totals in counted.items():
        if any(totals) or asked.group is None:
            found[group] = {
                formula.measure: Value(
                    int(totals[above]),
                    None if below is None else int(totals[below]),
                    int(totals[left_out]) if left_out >= 0 else 0,
                )
                for formula, above, below, left_out in asked.parts
            }
    return dict(sorted(found.items()))


def by_month(since: datetime | None, until: datetime | None, whole: Callable[[datetime, datetime], Figures]) -> Figures:
    """YYYY-MM in Asia/Shanghai -> figures of that part of the period. Raises ContractError without both ends, or for too long."""
    if since is None or until is None:
        raise ContractError("--by", "按月统计须有起止时间", "请加 --since 和 --until")
    found: Figures = {}
    begin = since
    while begin < until:
        local = (begin.astimezone(UTC) + _SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = (local + timedelta(days=32)).replace(day=1) - _SHANGHAI
        end = min(following, until)
        found[local.strftime("%Y-%m")] = whole(begin, end)[""]
        if len(found) > MOST_MONTHS:
            raise ContractError("--since", f"超过 {MOST_MONTHS} 个月", "请缩短起止时间")
        begin = end
    return found


def summary(figures: Mapping[Measure, Value], handling: Handling) -> float | None:
    """响应、解决、满意 by the city's weights, 0..100 (准格尔旗: 30/35/35). None where one of the three has nothing to divide by:
    a sum of less than three would be another figure under the same name."""
    weighed = (
        (Measure.RESPONSE, handling.weight_response.value),
        (Measure.SOLVED, handling.weight_solved.value),
        (Measure.SATISFIED, handling.weight_satisfied.value),
    )
    total = 0.0
    for measure, weight in weighed:
        ratio = figures[measure].ratio
        if ratio is None:
            return None
        total += weight * ratio
    return 100 * total / sum(weight for _, weight in weighed)


GRADES: Final = ((95.0, "优"), (85.0, "良"), (70.0, "中"), (0.0, "需改进"))
"""From which summary figure on. Grades, no ranking: 国办函〔2025〕66号, 不片面追求排名."""
FEWEST: Final = 10
"""Answers of callers below which no grade is given: one caller would move it by a grade."""


def grade(figures: Mapping[Measure, Value], handling: Handling) -> str:
    """A unit's grade; "样本不足" where too few callers have answered."""
    total = summary(figures, handling)
    answers = min(figures[measure].of or 0 for measure in (Measure.RESPONSE, Measure.SOLVED, Measure.SATISFIED))
    if total is None or answers < FEWEST:
        return "样本不足"
    return next(name for least, name in GRADES if total >= least)


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND
