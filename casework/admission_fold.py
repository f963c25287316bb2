"""The fold of an admission task: what its events made of it."""

from collections.abc import Callable
from typing import Any, Final

from casework.timers import put
from schemas import admission as adm
from schemas import events as ev
from schemas.admission import AdmissionTask, TaskKind, TaskPart, TaskState, TaskVerdict


def _submitted(task: AdmissionTask, event: adm.TaskSubmitted) -> None:
    task.kind, task.title, task.department = event.kind, event.title, event.department
    task.units, task.townships = list(event.units), list(event.townships)
    task.clarity, task.duty_item, task.on_list = event.clarity, event.duty_item, event.on_list
    task.problem, task.consulted, task.due = event.problem, event.consulted, event.due
    task.submitted, task.submitter, task.policy = event.at, event.actor.id, event.policy
    task.times += 1
    task.state = TaskState.GRANTED if event.on_list else TaskState.SUBMITTED
    task.verdict = TaskVerdict.GRANTED if event.on_list else None
    task.decided = event.at if event.on_list else None
    task.reviewer, task.note, task.parts = "", "", []
    put(task, event.timers)


def _reviewed(task: AdmissionTask, event: adm.TaskReviewed) -> None:
    task.state, task.verdict = TaskState(event.verdict.value), event.verdict
    task.decided, task.reviewer, task.note = event.at, event.actor.id, event.note
    put(task, event.timers)


def _dispatched(task: AdmissionTask, event: adm.TaskDispatched) -> None:
    task.parts += [
        TaskPart(
            unit=unit,
            township=event.township,
            dispatched=event.at,
            received=event.at if unit == event.township else None,
        )
        for unit in event.units
    ]
    _derive(task)
    put(task, event.timers)


def _received(task: AdmissionTask, event: adm.TaskReceived) -> None:
    for part in task.parts:
        if part.unit == event.unit:
            part.received = event.at
    _derive(task)
    put(task, event.timers)


def _derive(task: AdmissionTask) -> None:
    """Received once every township has dispatched and everybody has received."""
    everywhere = {part.township for part in task.parts} >= set(task.townships)
    done = everywhere and all(part.received is not None for part in task.parts)
    task.state = TaskState.RECEIVED if done else TaskState.DISPATCHED


def _returned(task: AdmissionTask, event: adm.TaskReturned) -> None:
    task.state, task.note = TaskState.RETURNED, event.note
    task.returned += 1
    put(task, event.timers)


def _withdrawn(task: AdmissionTask, event: adm.TaskWithdrawn) -> None:
    task.state, task.note = TaskState.WITHDRAWN, event.note
    put(task, event.timers)


def _reported(task: AdmissionTask, event: adm.BypassReported) -> None:
    task.kind, task.state, task.bypass = TaskKind.BYPASS, TaskState.OBJECTED, event.bypass.model_copy()
    task.submitted, task.submitter, task.policy = event.at, event.actor.id, event.policy
    put(task, event.timers)


def _judged(task: AdmissionTask, event: adm.BypassJudged) -> None:
    task.state = TaskState.UPHELD if event.upheld else TaskState.DISMISSED
    task.decided, task.reviewer, task.note = event.at, event.actor.id, event.note
    put(task, event.timers)


def _expired(task: AdmissionTask, event: ev.ClockExpired) -> None:
    for timer in task.timers:
        if (timer.clock, timer.due, timer.of) == (event.clock, event.due, event.of):
            timer.expired = True
    put(task, event.timers)


ADMISSION_FOLDS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "TaskSubmitted": _submitted,
    "TaskReviewed": _reviewed,
    "TaskDispatched": _dispatched,
    "TaskReceived": _received,
    "TaskReturned": _returned,
    "TaskWithdrawn": _withdrawn,
    "BypassReported": _reported,
    "BypassJudged": _judged,
    "ClockExpired": _expired,
}
