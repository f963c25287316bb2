"""推诿线索 (邹城, seed rows 3.2 and 3.3): what the log of one problem looks like, as a suspicion with its evidence, which a
person confirms or dismisses. Nothing follows from a finding by itself.

Evidence is made of event versions, times, unit codes and numbers, never of words that people wrote. A reviewer's note stands
plain: it is about units; whoever makes the command masks it first (language.mask).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.aggregate import Aggregate
from schemas.base import Record, Utc
from schemas.command_base import OfAggregate
from schemas.event_base import OfHandling

LONGEST_TEXT = 2000


class BuckKind(StrEnum):
    """The four kinds of row 3.2, in its order."""

    HANDED_DOWN = "handed_down"
    MERE_RELAY = "mere_relay"
    ABSENT_LEAD = "absent_lead"
    PING_PONG = "ping_pong"


class FindingState(StrEnum):
    """Where a finding stands."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Fact(StrEnum):
    """What one line of evidence says; the Chinese sentence for each is in console.passing."""

    BROUGHT_IN = "brought_in"
    SUGGESTED = "suggested"
    MADE_LEAD = "made_lead"
    GRASSROOTS_ALONE = "grassroots_alone"
    TOOK_OVER = "took_over"
    PASSED_ON = "passed_on"
    ACTED = "acted"
    REPLIED_AFTER = "replied_after"
    REPLIED_WITHOUT = "replied_without"
    CLOSED_WITHOUT = "closed_without"
    CAME_TO = "came_to"
    GAVE_BACK = "gave_back"
    CAME_AGAIN = "came_again"


class Evidence(Record):
    """One line: the event, its time, what it shows. facts: unit codes ("unit", "units", "to"), a duty item ("item"), the
    township's role by it ("role"), "minutes" or a "count"."""

    version: int
    at: Utc
    fact: Fact
    facts: dict[str, str | int] = {}


class BuckFinding(Aggregate):
    """One kind of passing the buck in one problem. score: how strongly the log shows it, 0..1; no probability."""

    problem: str = ""
    kind: BuckKind = BuckKind.HANDED_DOWN
    state: FindingState = FindingState.SUSPECTED
    units: list[str] = Field(default=[], description="who is suspected of it")
    evidence: list[Evidence] = []
    score: float = 0.0
    raised: Utc | None = None
    seen: int = Field(default=0, description="how often the evidence was found anew or otherwise")
    judge: str = ""
    judged: Utc | None = None
    note: str = ""
    proposal: str | None = Field(default=None, description="the proposal to change the duty list that came of it")
    policy: str = Field(default="", description="pack version whose list and figures it was found by")

    @property
    def concerns(self) -> frozenset[str]:
        """Units that may see it: a suspicion is for those who judge it, a confirmed finding also for whom it names."""
        return frozenset(self.units) if self.state is FindingState.CONFIRMED else frozenset()


class RaiseFinding(OfAggregate):
    """A scan found this in a problem's log. The same kind again brings newer evidence and makes no second finding."""

    type: Literal["RaiseFinding"] = "RaiseFinding"
    problem: str
    kind: BuckKind
    units: list[str] = Field(min_length=1)
    evidence: list[Evidence] = Field(min_length=1)
    score: float = Field(ge=0, le=1)


class JudgeFinding(OfAggregate):
    """A person who belongs to none of the units has looked. proposal: id of the proposal that follows from it."""

    type: Literal["JudgeFinding"] = "JudgeFinding"
    confirmed: bool
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    proposal: str | None = None


PassingCommand = RaiseFinding | JudgeFinding


class FindingRaised(OfHandling):
    """reopened: something happened after it was dismissed."""

    type: Literal["FindingRaised"] = "FindingRaised"
    problem: str
    kind: BuckKind
    units: list[str]
    evidence: list[Evidence]
    score: float
    reopened: bool = False


class FindingJudged(OfHandling):
    type: Literal["FindingJudged"] = "FindingJudged"
    confirmed: bool
    note: str
    proposal: str | None = None


PassingEvent = FindingRaised | FindingJudged
