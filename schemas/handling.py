"""What handling leaves on a problem beside its assignments. Texts of people are sealed with the problem's key, marked so."""

from typing import Literal

from pydantic import Field

from schemas.base import Record, Utc
from schemas.words import (
    Clock,
    ExclusionReason,
    HopEnd,
    PauseReason,
    RecheckOutcome,
    ReturnReason,
    SupervisionReason,
    Verdict,
    Wish,
)


class TimerChange(Record):
    """A timer as an event sets it; due None takes it away."""

    clock: Clock
    due: Utc | None
    of: str = ""


class Clarity(Record):
    """三个明确 (荆门, seed row 2.2): sealed when a person wrote it, plain when it stands so in the duty list."""

    department: str = Field(min_length=1, description="what the department does")
    grassroots: str = Field(min_length=1, description="what the grassroots does")
    support: str = Field(min_length=1, description="what support the department gives")


class Proposal(Record):
    """The machine's dispatch, kept while the ladder tries first."""

    unit: str
    cooperators: list[str] = []
    duty_item: str
    basis: str


class Return(Record):
    """One wish of the lead to give the problem back. note: sealed."""

    unit: str
    reason: ReturnReason
    at: Utc
    suggested: str | None = None
    note: str = ""
    verdict: Verdict | None = None
    decided: Utc | None = None
    by: str = ""


class Pause(Record):
    """The clock of handling stands from start to end; it survives whatever happens to limits and units."""

    start: Utc
    end: Utc | None = None
    why: PauseReason


class Extension(Record):
    """Granted time, as amount and unit were then (a limit unit of the pack)."""

    amount: int
    unit: str
    at: Utc
    by: str


class Application(Record):
    """A wish of the lead that another person grants. amount: of an extension or a suspension, in the unit of
    the pack's limit. reason: of an exclusion. note: sealed."""

    wish: Wish
    unit: str
    at: Utc
    amount: int = 0
    reason: ExclusionReason | None = None
    note: str = ""
    granted: bool | None = None
    decided: Utc | None = None
    by: str = ""


class Whistle(Record):
    """吹哨报到, in either direction (泰顺, seed row 1.3). number: of the problem, from 1. asked, outcome: sealed.
    mark_*: 1..5, each side of the other."""

    number: int
    by: str
    to: str
    at: Utc
    asked: str
    answered: Utc | None = None
    coming: bool | None = None
    arrived: Utc | None = None
    ended: Utc | None = None
    outcome: str = ""
    late: list[Literal["answer", "arrival"]] = []
    mark_of_summoned: int | None = None
    mark_of_whistler: int | None = None


class Hop(Record):
    """One post of the grid's ladder. note: sealed."""

    post: str
    level: str
    since: Utc
    due: Utc
    ended: Utc | None = None
    end: HopEnd | None = None
    note: str = ""


class Objection(Record):
    """一键投诉 of a grassroots unit against what was pushed down to it (荆门, seed row 2.3), for a neutral reviewer. note:
    sealed."""

    number: int
    unit: str
    at: Utc
    note: str = ""
    upheld: bool | None = None
    decided: Utc | None = None
    by: str = ""


class Card(Record):
    """A card on the order, never on a person (诸暨, seed row 0.4). due: the due time that it warns of or that passed."""

    colour: Literal["yellow", "red"]
    unit: str | None
    at: Utc
    due: Utc


class Supervision(Record):
    """The problem is on the key list (督办). due: when the unit must report. note: sealed."""

    reason: SupervisionReason
    since: Utc
    by: str
    due: Utc | None = None
    note: str = ""


class Recheck(Record):
    """A look back after closing, by another unit than the one that handled it. note: sealed."""

    checker: str | None
    asked: Utc
    done: Utc | None = None
    outcome: RecheckOutcome | None = None
    by: str = ""
    note: str = ""


class UnitRating(Record):
    """After joint work one unit rates another, 1..5 (seed rows 1.3, 4.16)."""

    by: str
    of: str
    mark: int
    at: Utc
