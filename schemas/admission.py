"""准入: what a department wants of the grassroots goes through one gate (荆门, seed rows 2.1-2.4 and 2.8), and 一键投诉 against
what went past it.

Texts stand plain: officials write them, about work and never about a caller, and every unit that has a part in the task must be
able to read them without a problem's key. Whoever makes a command masks them first (language.mask).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.aggregate import Aggregate
from schemas.base import Record, Utc
from schemas.command_base import OfAggregate
from schemas.event_base import OfHandling
from schemas.handling import Clarity

LONGEST_TEXT = 2000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class TaskKind(StrEnum):
    """What is asked of the grassroots: work, data or forms (报表准入, row 2.8), or nothing: a complaint that something was."""

    TASK = "task"
    DATA_REQUEST = "data_request"
    BYPASS = "bypass"


class TaskState(StrEnum):
    """Where a task stands; the three last are of a complaint."""

    SUBMITTED = "submitted"
    GRANTED = "granted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    RETURNED = "returned"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class TaskVerdict(StrEnum):
    """准许, 不予, 暂缓 (seed row 0.10)."""

    GRANTED = "granted"
    REFUSED = "refused"
    DEFERRED = "deferred"


class BypassKind(StrEnum):
    """What is wrong with what came down: it never stood on the platform, or it asks more than the list does."""

    PAST_PLATFORM = "past_platform"
    EXCEEDS_LIST = "exceeds_list"


class TaskPart(Record):
    """A village's or community's part, or the township's own, where it does the work itself."""

    unit: str
    township: str
    dispatched: Utc
    received: Utc | None = None


class Bypass(Record):
    """一键投诉 (row 2.3). task: the admission task that it is about, "" for what never stood on the platform."""

    by: str
    against: str
    kind: BypassKind
    note: str
    task: str = ""


class AdmissionTask(Aggregate):
    """One task that a department wants done by the grassroots of one district, or one complaint. Version 0 = not submitted
    yet."""

    kind: TaskKind = TaskKind.TASK
    state: TaskState = TaskState.SUBMITTED
    title: str = ""
    department: str = ""
    units: list[str] = Field(default=[], description="townships and villages that are asked")
    townships: list[str] = Field(default=[], description="those of the units, and above them, which dispatch it")
    clarity: Clarity | None = None
    duty_item: str | None = None
    on_list: bool = Field(default=False, description="the list already names the township: no review")
    problem: str | None = None
    consulted: bool = Field(default=False, description="the department asked the grassroots for its opinion before")
    due: Utc | None = Field(default=None, description="when the department wants it done")
    submitted: Utc | None = None
    submitter: str = Field(default="", description="who submitted it last; judges nothing of it")
    times: int = Field(default=0, description="how often it was submitted")
    returned: int = Field(default=0, description="how often it came back because the demand was not clear")
    verdict: TaskVerdict | None = None
    decided: Utc | None = None
    reviewer: str = Field(default="", description="empty where the list decided")
    note: str = Field(default="", description="what was said with the last decision or return")
    parts: list[TaskPart] = []
    bypass: Bypass | None = None
    policy: str = Field(default="", description="pack version whose list decided last")

    @property
    def concerns(self) -> frozenset[str]:
        """Units that may see it."""
        named = {self.department, *self.units, *self.townships, *(part.unit for part in self.parts)}
        if self.bypass is not None:
            named |= {self.bypass.by, self.bypass.against}
        return frozenset(named - {""})


class SubmitTask(OfAggregate):
    """部门提交. Also once more, changed, what was deferred or returned."""

    type: Literal["SubmitTask"] = "SubmitTask"
    kind: Literal[TaskKind.TASK, TaskKind.DATA_REQUEST] = TaskKind.TASK
    title: Text
    units: list[str] = Field(min_length=1, max_length=1000)
    clarity: Clarity
    duty_item: str | None = None
    problem: str | None = None
    consulted: bool = False
    due: Utc | None = None


class ReviewTask(OfAggregate):
    """社会工作部审核: somebody who is neither the department nor the submitter."""

    type: Literal["ReviewTask"] = "ReviewTask"
    verdict: TaskVerdict
    note: Text


class DispatchTask(OfAggregate):
    """乡镇(街道)派发, to villages and communities of its own; naming itself, it does the work itself."""

    type: Literal["DispatchTask"] = "DispatchTask"
    units: list[str] = Field(min_length=1, max_length=1000)


class ReceiveTask(OfAggregate):
    """村(社区)接收."""

    type: Literal["ReceiveTask"] = "ReceiveTask"


class ReturnTask(OfAggregate):
    """退回: 要求不清晰. note: what is not clear."""

    type: Literal["ReturnTask"] = "ReturnTask"
    note: Text


class WithdrawTask(OfAggregate):
    """The department takes it back."""

    type: Literal["WithdrawTask"] = "WithdrawTask"
    note: str = Field(default="", max_length=LONGEST_TEXT)


class ReportBypass(OfAggregate):
    """一键投诉 of a grassroots unit."""

    type: Literal["ReportBypass"] = "ReportBypass"
    by: str
    against: str
    kind: BypassKind = BypassKind.PAST_PLATFORM
    note: Text
    task: str = ""

    @model_validator(mode="after")
    def _two_units(self) -> Self:
        if self.by == self.against:
            raise ValueError("against 不能是投诉单位自己,请写把任务派下来的单位")
        return self


class JudgeBypass(OfAggregate):
    """A neutral reviewer's decision on a complaint."""

    type: Literal["JudgeBypass"] = "JudgeBypass"
    upheld: bool
    note: Text


AdmissionCommand = SubmitTask | ReviewTask | DispatchTask | ReceiveTask | ReturnTask | WithdrawTask | ReportBypass | JudgeBypass


class TaskSubmitted(OfHandling):
    """on_list: the list names the township, so that it is granted with this."""

    type: Literal["TaskSubmitted"] = "TaskSubmitted"
    kind: TaskKind
    title: str
    department: str
    units: list[str]
    townships: list[str]
    clarity: Clarity
    duty_item: str | None = None
    on_list: bool = False
    problem: str | None = None
    consulted: bool = False
    due: Utc | None = None


class TaskReviewed(OfHandling):
    type: Literal["TaskReviewed"] = "TaskReviewed"
    verdict: TaskVerdict
    note: str


class TaskDispatched(OfHandling):
    type: Literal["TaskDispatched"] = "TaskDispatched"
    township: str
    units: list[str]


class TaskReceived(OfHandling):
    type: Literal["TaskReceived"] = "TaskReceived"
    unit: str


class TaskReturned(OfHandling):
    """by: the township, "" for the reviewer."""

    type: Literal["TaskReturned"] = "TaskReturned"
    by: str = ""
    note: str


class TaskWithdrawn(OfHandling):
    type: Literal["TaskWithdrawn"] = "TaskWithdrawn"
    note: str = ""


class BypassReported(OfHandling):
    type: Literal["BypassReported"] = "BypassReported"
    bypass: Bypass


class BypassJudged(OfHandling):
    type: Literal["BypassJudged"] = "BypassJudged"
    upheld: bool
    note: str


AdmissionEvent = (
    TaskSubmitted | TaskReviewed | TaskDispatched | TaskReceived | TaskReturned | TaskWithdrawn | BypassReported | BypassJudged
)
