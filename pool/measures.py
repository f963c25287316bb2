"""What a published figure is. The figures themselves: pool.formulas.

Problems that a reviewer has taken out of the scores (剔除) count in no score; how many those are is counted with each. A problem
belongs to its lead unit, and to the period in which the measure's own moment (`anchor`) lies.
"""

from dataclasses import dataclass
from enum import StrEnum

from pool.conditions import Condition, Total


class Unit(StrEnum):
    """share: 0..1. mean: per problem, caller, mark or part, as the formula says."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"


class Group(StrEnum):
    """By what figures are split: lead unit, area, category, month of the anchor (Asia/Shanghai), channel of the first report."""

    UNIT = "unit"
    AREA = "area"
    CATEGORY = "category"
    MONTH = "month"
    CHANNEL = "channel"


class Measure(StrEnum):
    """Each has one formula, in pool.formulas."""

    RECEIVED = "received"
    REPORTS = "reports"
    DISPATCHED = "dispatched"
    CLOSED = "closed"
    CLOSING = "closing"
    ON_TIME = "on_time"
    OPEN_OVERDUE = "open_overdue"
    HANDLING_HOURS = "handling_hours"
    SIGNED_IN_TIME = "signed_in_time"
    FIRST_RIGHT = "first_right"
    RETURNED = "returned"
    REDISPATCHES = "redispatches"
    REDONE = "redone"
    RESPONSE = "response"
    RESPONSE_SAID = "response_said"
    SOLVED = "solved"
    SATISFIED = "satisfied"
    URGED = "urged"
    SUPERVISED = "supervised"
    YELLOW = "yellow"
    RED = "red"
    RECHECKED = "rechecked"
    RECHECK_SOLVED = "recheck_solved"
    SHAM = "sham"
    MERGED_REPORTS = "merged_reports"
    UNASKED = "unasked"
    GRASSROOTS = "grassroots"
    OBJECTIONS = "objections"
    UPHELD = "upheld"
    WHISTLES = "whistles"
    WHISTLES_LATE = "whistles_late"
    MARKS_UP = "marks_up"
    MARKS_DOWN = "marks_down"
    MARKS_SUMMONED = "marks_summoned"
    MARKS_WHISTLER = "marks_whistler"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Formula:
    """numerator ÷ denominator, × scale for people; without a denominator the numerator itself.

    anchor: the moment that must lie in the period. scored: problems taken out of the scores are left out, and counted apart.
    words: the formula as people read it; source: rule or city.
    """

    measure: Measure
    name: str
    unit: Unit
    words: str
    source: str
    numerator: Total
    denominator: Total | None = None
    anchor: str = "registered"
    scored: bool = True
    scale: float = 1.0

    @property
    def of_all(self) -> Condition:
        """What the problems that this measure is about have in common."""
        return (self.denominator or self.numerator).where


@dataclass(frozen=True, slots=True)
class Value:
    """of: the denominator, None where there is none. left_out: problems that would count but are taken out of the scores."""

    count: int
    of: int | None = None
    left_out: int = 0

    @property
    def ratio(self) -> float | None:
        """None: there is nothing to divide by."""
        return self.count / self.of if self.of else None
