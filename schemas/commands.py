"""Commands: a wish to change one aggregate, by an actor with a role.

`at` is set once where the command is made; casework reads no clock. `problem` is the aggregate; AddReport has none,
casework finds it by claim and match inside the slot.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from schemas import commands_handling as handling
from schemas.admission import AdmissionCommand
from schemas.base import Utc
from schemas.command_base import Actor, CommandBase, OfAggregate, OfProblem
from schemas.commands_handling import Assign, Close, Reply, Sign
from schemas.findings import Findings
from schemas.handling import Extension, Pause, Return
from schemas.identity import slot_of
from schemas.knowledge import KnowledgeCommand
from schemas.passing import PassingCommand
from schemas.problem import Assignment, Member
from schemas.proposals import ProposalCommand
from schemas.report_record import ReportRecord
from schemas.watch import Alarm
from schemas.words import Clock, Mode


class AddReport(CommandBase):
    """Take this report into the pool: a redelivery follows its claim, else it joins its incident, else it founds a problem."""

    type: Literal["AddReport"] = "AddReport"
    record: ReportRecord


class ReviseReport(OfProblem):
    """The sender corrected a report that this problem holds."""

    type: Literal["ReviseReport"] = "ReviseReport"
    record: ReportRecord


class MakeLive(OfProblem):
    """A report that was history was pushed live."""

    type: Literal["MakeLive"] = "MakeLive"
    report: str
    findings: Findings


class EraseReport(OfProblem):
    """Personal data of one report goes; its place in the count stays."""

    type: Literal["EraseReport"] = "EraseReport"
    report: str


class FireTimer(CommandBase):
    """A timer of any aggregate ran out; void unless the state still holds this due time."""

    type: Literal["FireTimer"] = "FireTimer"
    aggregate: str
    clock: Clock
    due: Utc
    of: str = ""

    @model_validator(mode="after")
    def _in_its_slot(self) -> Self:
        if slot_of(self.aggregate) != self.slot:
            raise ValueError(f"slot 须为编号里的归口分区 {slot_of(self.aggregate)}")
        return self


class Merge(OfProblem):
    """A person says that `problem` is the same incident as `target`."""

    type: Literal["Merge"] = "Merge"
    target: str


class Unmerge(OfProblem):
    """Undo of a merge, asked of the merged source."""

    type: Literal["Unmerge"] = "Unmerge"


class Split(OfProblem):
    """These reports are another incident: they leave for a problem of their own."""

    type: Literal["Split"] = "Split"
    reports: list[str] = Field(min_length=1)


class Unsplit(OfProblem):
    """Undo of a split, asked of the problem that was split off: its reports go back."""

    type: Literal["Unsplit"] = "Unsplit"


class Absorb(OfProblem):
    """Asked of a merge's target: take the source's members, units and clock."""

    type: Literal["Absorb"] = "Absorb"
    source: str
    source_mode: Mode
    members: list[Member]
    assignments: list[Assignment]
    first_dispatch: Utc | None = None
    basis: str = ""
    category: str | None = None
    duty_item: str | None = None
    absorbed: list[str] = []
    unsplit: bool = False
    pauses: list[Pause] = []
    paused_until: Utc | None = Field(default=None, description="when the pause that is on ends by itself")
    extensions: list[Extension] = []
    returns: list[Return] = []


class AbsorbAnswer(OfProblem):
    """To the source: absorbed by `root`, or refused with a code."""

    type: Literal["AbsorbAnswer"] = "AbsorbAnswer"
    root: str
    accepted: bool
    code: str = ""


class ReturnMembers(OfProblem):
    """To the root (and through what lies between): the source takes its members back."""

    type: Literal["ReturnMembers"] = "ReturnMembers"
    source: str
    reports: list[str]
    absorbed: list[str] = Field(default=[], description="problems that the source had absorbed; they go with it")
    gone: list[str] = Field(default=[], description="reports of these that were split off on the way so far")


class MembersReturned(OfProblem):
    """To the source of an undone merge: your members as they are now. gone: reports that were split off meanwhile."""

    type: Literal["MembersReturned"] = "MembersReturned"
    root: str
    members: list[Member]
    gone: list[str] = []


class Found(OfProblem):
    """To a new problem: take these members, split off from `source`."""

    type: Literal["Found"] = "Found"
    source: str
    mode: Mode
    members: list[Member]
    category: str | None = None
    area: str | None = None
    grid: str | None = None


class FoundAnswer(OfProblem):
    """To the source of a split: the new problem has its members."""

    type: Literal["FoundAnswer"] = "FoundAnswer"
    target: str


class OfWatch(CommandBase):
    """A command to a camera's watch, in the slot where that lives."""

    watch: str

    @model_validator(mode="after")
    def _in_its_slot(self) -> Self:
        if not self.watch.startswith("w") or slot_of(self.watch) != self.slot:
            raise ValueError("watch 须为监看编号,slot 须为编号里的归口分区")
        return self


class SeeAlarm(OfWatch):
    """A camera's alarm: it opens a report, waits for a person, or is one more sight of what is known."""

    type: Literal["SeeAlarm"] = "SeeAlarm"
    alarm: Alarm
    record: ReportRecord


class ConfirmAlarm(OfWatch):
    """A person has looked: the thing is there. Its report is opened."""

    type: Literal["ConfirmAlarm"] = "ConfirmAlarm"
    track: int


class DismissAlarm(OfWatch):
    """A person has looked: nothing is there, or nothing to act on."""

    type: Literal["DismissAlarm"] = "DismissAlarm"
    track: int


def aggregate_of(command: "CommandBase") -> str | None:
    """Which aggregate the command is for; None for AddReport, whose problem casework finds."""
    if isinstance(command, OfProblem):
        return command.problem
    if isinstance(command, OfWatch):
        return command.watch
    return command.aggregate if isinstance(command, FireTimer | OfAggregate) else None


Command = Annotated[
    AddReport
    | ReviseReport
    | MakeLive
    | handling.OfHandling
    | EraseReport
    | FireTimer
    | Merge
    | Unmerge
    | Split
    | Unsplit
    | Absorb
    | AbsorbAnswer
    | ReturnMembers
    | MembersReturned
    | Found
    | FoundAnswer
    | SeeAlarm
    | ConfirmAlarm
    | DismissAlarm
    | KnowledgeCommand
    | AdmissionCommand
    | PassingCommand
    | ProposalCommand,
    Field(discriminator="type"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
"""Reads any command; raises pydantic.ValidationError."""

__all__ = [
    "COMMAND",
    "Absorb",
    "AbsorbAnswer",
    "Actor",
    "AddReport",
    "Assign",
    "Close",
    "Command",
    "CommandBase",
    "ConfirmAlarm",
    "DismissAlarm",
    "EraseReport",
    "FireTimer",
    "Found",
    "FoundAnswer",
    "MakeLive",
    "MembersReturned",
    "Merge",
    "OfProblem",
    "OfWatch",
    "Reply",
    "ReturnMembers",
    "ReviseReport",
    "SeeAlarm",
    "Sign",
    "Split",
    "Unmerge",
    "Unsplit",
    "aggregate_of",
]
