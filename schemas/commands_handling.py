"""Commands of handling, from dispatch to the look back. Texts of people are sealed with the problem's key: `text`, `note`,
`asked`, `notes`, `clarity`, `minutes`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Utc
from schemas.command_base import OfProblem
from schemas.handling import Clarity, Proposal
from schemas.replies import ReplyFindings
from schemas.words import (
    DeclineReason,
    ExclusionReason,
    HandOverTo,
    RecheckOutcome,
    ReturnReason,
    SupervisionReason,
    Verdict,
    Way,
    Wish,
)

Mark = Annotated[int, Field(ge=1, le=5)]
"""1 worst to 5 best (好差评: 非常不满意 to 非常满意)."""


# the office's own hands


class Assign(OfProblem):
    """A person dispatches, or dispatches anew. `notes`: unit -> what is asked of it. clarity: where anything goes to the
    grassroots."""

    type: Literal["Assign"] = "Assign"
    lead: str
    cooperators: list[str] = []
    category: str | None = None
    duty_item: str | None = None
    notes: dict[str, str] = {}
    clarity: Clarity | None = None


class AnswerDirectly(OfProblem):
    """直办: answered while it is taken. knowledge: "id@version" of the item used, "" where none was."""

    type: Literal["AnswerDirectly"] = "AnswerDirectly"
    text: str = Field(min_length=1)
    knowledge: str = ""


class Decline(OfProblem):
    """不受理: the reason, and the lawful path that the caller is told."""

    type: Literal["Decline"] = "Decline"
    reason: DeclineReason
    text: str = Field(min_length=1)


class HandOver(OfProblem):
    """To another line of the state, under the number by which that took it."""

    type: Literal["HandOver"] = "HandOver"
    to: HandOverTo
    number: str = Field(min_length=1, max_length=100)
    note: str = ""


class Recall(OfProblem):
    """The dispatcher takes the problem back from everybody; it waits for a person."""

    type: Literal["Recall"] = "Recall"
    note: str = Field(min_length=1)


class Recategorise(OfProblem):
    """The category was wrong: route again, run the clocks again, teach the model."""

    type: Literal["Recategorise"] = "Recategorise"
    category: str


class Succeed(OfProblem):
    """A unit was abolished: its open parts go to its successor by the pack."""

    type: Literal["Succeed"] = "Succeed"
    unit: str


class Note(OfProblem):
    """An inner remark. It moves no clock."""

    type: Literal["Note"] = "Note"
    text: str = Field(min_length=1)


# a unit's part


class Sign(OfProblem):
    """A unit takes its assignment."""

    type: Literal["Sign"] = "Sign"


class Contact(OfProblem):
    """The unit spoke with the caller, or tried to."""

    type: Literal["Contact"] = "Contact"
    reached: bool
    way: Way = Way.PHONE
    note: str = ""


class Reply(OfProblem):
    """A unit says what it did; `text` is for the caller, `note` for the office. findings: of the check, made where the command
    is."""

    type: Literal["Reply"] = "Reply"
    text: str = Field(min_length=1)
    note: str = ""
    findings: ReplyFindings | None = None


class AddCooperators(OfProblem):
    """The lead or a clerk asks more units in. notes: unit -> what is asked of it."""

    type: Literal["AddCooperators"] = "AddCooperators"
    notes: dict[str, str] = Field(min_length=1)
    clarity: Clarity | None = None
    admission: str = Field(default="", description="the admission task that let an off-list matter through")


class AskReturn(OfProblem):
    """The lead gives the problem back, with a reason of the closed list, and names who should have it."""

    type: Literal["AskReturn"] = "AskReturn"
    reason: ReturnReason
    suggested: str | None = None
    note: str = Field(min_length=1)


class DecideReturn(OfProblem):
    """A neutral reviewer decides. lead and what belongs to it: for `redispatched` and `fallback`; of a fallback the pack names
    the unit where none is given."""

    type: Literal["DecideReturn"] = "DecideReturn"
    verdict: Verdict
    note: str = ""
    lead: str | None = None
    cooperators: list[str] = []
    duty_item: str | None = None
    category: str | None = None
    notes: dict[str, str] = {}
    clarity: Clarity | None = None


class DecideJointly(OfProblem):
    """What the conference fixed (会商): who leads, who cooperates, with minutes. It cannot be returned any more."""

    type: Literal["DecideJointly"] = "DecideJointly"
    minutes: str = Field(min_length=1)
    lead: str
    cooperators: list[str] = []
    duty_item: str | None = None
    category: str | None = None
    notes: dict[str, str] = {}
    clarity: Clarity | None = None


class Object(OfProblem):
    """一键投诉: a grassroots unit says that this should not have come down to it."""

    type: Literal["Object"] = "Object"
    note: str = ""


class DecideObjection(OfProblem):
    """The neutral reviewer's decision on one objection."""

    type: Literal["DecideObjection"] = "DecideObjection"
    number: int = Field(ge=1)
    upheld: bool
    note: str = ""


class Apply(OfProblem):
    """The lead applies for more time, for suspension, or that the problem is not scored. amount: see
    schemas.handling.Application."""

    type: Literal["Apply"] = "Apply"
    wish: Wish
    amount: int = Field(default=0, ge=0, le=1000)
    reason: ExclusionReason | None = None
    note: str = Field(min_length=1)


class DecideApplication(OfProblem):
    type: Literal["DecideApplication"] = "DecideApplication"
    wish: Wish
    granted: bool
    note: str = ""


class WaitForCaller(OfProblem):
    """The lead cannot go on without the caller; the clock of handling stands meanwhile."""

    type: Literal["WaitForCaller"] = "WaitForCaller"
    note: str = Field(min_length=1, description="what is missing")


class Resume(OfProblem):
    """The pause ends: work goes on."""

    type: Literal["Resume"] = "Resume"


# whistle and ladder


class BlowWhistle(OfProblem):
    """A unit that has a part summons others: township to departments or the other way round."""

    type: Literal["BlowWhistle"] = "BlowWhistle"
    to: str
    asked: str = Field(min_length=1)


class AnswerWhistle(OfProblem):
    type: Literal["AnswerWhistle"] = "AnswerWhistle"
    number: int = Field(ge=1)
    coming: bool
    note: str = ""


class Arrive(OfProblem):
    type: Literal["Arrive"] = "Arrive"
    number: int = Field(ge=1)


class EndWhistle(OfProblem):
    """Who whistled says how it ended and rates who came."""

    type: Literal["EndWhistle"] = "EndWhistle"
    number: int = Field(ge=1)
    outcome: str = Field(min_length=1)
    mark: Mark


class RateWhistle(OfProblem):
    """Who was summoned rates who whistled."""

    type: Literal["RateWhistle"] = "RateWhistle"
    number: int = Field(ge=1)
    mark: Mark


class SolvedHere(OfProblem):
    """A post of the ladder has solved it."""

    type: Literal["SolvedHere"] = "SolvedHere"
    text: str = Field(min_length=1)


class StepUp(OfProblem):
    """A post of the ladder passes it up; above the last one are the departments."""

    type: Literal["StepUp"] = "StepUp"
    note: str = ""


class ClimbFrom(OfProblem):
    """A clerk puts a waiting problem on the ladder of its grid. proposal: where the machine would dispatch it after."""

    type: Literal["ClimbFrom"] = "ClimbFrom"
    proposal: Proposal | None = None


# the caller


class Supplement(OfProblem):
    """What the caller adds; it ends the wait for him."""

    type: Literal["Supplement"] = "Supplement"
    report: str
    text: str = Field(min_length=1)


class Urge(OfProblem):
    """催办: the caller asks where it stays."""

    type: Literal["Urge"] = "Urge"
    report: str


class Withdraw(OfProblem):
    """The caller takes the report back."""

    type: Literal["Withdraw"] = "Withdraw"
    report: str


class Callback(OfProblem):
    """What a caller said after the answer. reached False: an attempt. rating: five levels."""

    type: Literal["Callback"] = "Callback"
    report: str
    way: Way = Way.PHONE
    reached: bool = True
    contacted: bool | None = None
    solved: bool | None = None
    rating: Mark | None = None
    text: str = ""


# the end, and after


class Check(OfProblem):
    """A person has read the reply: it may go to the caller, or goes back. With `passed` faults that were found are overruled."""

    type: Literal["Check"] = "Check"
    passed: bool
    note: str = ""


class Close(OfProblem):
    """A clerk closes what was replied."""

    type: Literal["Close"] = "Close"
    reason: str = ""


class Supervise(OfProblem):
    """督办: onto the key list. due: when the unit must report; else by the pack."""

    type: Literal["Supervise"] = "Supervise"
    reason: SupervisionReason = SupervisionReason.PERSON
    due: Utc | None = None
    note: str = ""


class EndSupervision(OfProblem):
    type: Literal["EndSupervision"] = "EndSupervision"
    note: str = ""


class AskRecheck(OfProblem):
    """回头看: somebody else than who handled it looks whether it stayed solved. checker: a unit; None = the office."""

    type: Literal["AskRecheck"] = "AskRecheck"
    checker: str | None = None


class Recheck(OfProblem):
    type: Literal["Recheck"] = "Recheck"
    outcome: RecheckOutcome
    note: str = ""


class RateUnit(OfProblem):
    """After joint work one unit rates another one that had a part."""

    type: Literal["RateUnit"] = "RateUnit"
    of: str
    mark: Mark


OfHandling = (
    Assign
    | AnswerDirectly
    | Decline
    | HandOver
    | Recall
    | Recategorise
    | Succeed
    | Note
    | Sign
    | Contact
    | Reply
    | AddCooperators
    | AskReturn
    | DecideReturn
    | DecideJointly
    | Object
    | DecideObjection
    | Apply
    | DecideApplication
    | WaitForCaller
    | Resume
    | BlowWhistle
    | AnswerWhistle
    | Arrive
    | EndWhistle
    | RateWhistle
    | SolvedHere
    | StepUp
    | ClimbFrom
    | Supplement
    | Urge
    | Withdraw
    | Callback
    | Check
    | Close
    | Supervise
    | EndSupervision
    | AskRecheck
    | Recheck
    | RateUnit
)
