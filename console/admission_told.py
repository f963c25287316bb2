"""Admission in Chinese: states and kinds, and each event as a sentence."""

from collections.abc import Callable
from typing import Any, Final

from city.pack import CityPack
from console.found import unit_of
from schemas import admission as adm
from schemas.admission import BypassKind, TaskKind, TaskState, TaskVerdict

STATE: Final = {
    TaskState.SUBMITTED: "待审核",
    TaskState.GRANTED: "准许,待派发",
    TaskState.REFUSED: "不予",
    TaskState.DEFERRED: "暂缓",
    TaskState.RETURNED: "退回:要求不清晰",
    TaskState.DISPATCHED: "已派发",
    TaskState.RECEIVED: "已接收",
    TaskState.WITHDRAWN: "已撤回",
    TaskState.OBJECTED: "投诉,待审定",
    TaskState.UPHELD: "投诉成立",
    TaskState.DISMISSED: "投诉不成立",
}
KIND: Final = {TaskKind.TASK: "任务", TaskKind.DATA_REQUEST: "报数填表", TaskKind.BYPASS: "一键投诉"}
BYPASS: Final = {BypassKind.PAST_PLATFORM: "越过平台派任务", BypassKind.EXCEEDS_LIST: "任务超出清单"}
VERDICT: Final = {TaskVerdict.GRANTED: "准许", TaskVerdict.REFUSED: "不予", TaskVerdict.DEFERRED: "暂缓"}


def _units(pack: CityPack, units: list[str]) -> str:
    return "、".join(unit_of(pack, unit) for unit in units)


def _submitted(pack: CityPack, event: adm.TaskSubmitted) -> str:
    said = f"{unit_of(pack, event.department)}提交“{event.title}”,要{_units(pack, event.units)}做"
    return said + (";清单内,直接准入" if event.on_list else ";等审核") + (",事先征求过意见" if event.consulted else "")


def _reported(pack: CityPack, event: adm.BypassReported) -> str:
    bypass = event.bypass
    about = f"(事项 {bypass.task})" if bypass.task else ""
    return f"{unit_of(pack, bypass.by)}投诉{unit_of(pack, bypass.against)}{BYPASS[bypass.kind]}{about}:{bypass.note}"


def _returned(pack: CityPack, event: adm.TaskReturned) -> str:
    return f"{unit_of(pack, event.by) if event.by else '审核人'}退回,要求不清晰:{event.note}"


_TELL: Final[dict[str, Callable[[CityPack, Any], str]]] = {
    "TaskSubmitted": _submitted,
    "TaskReviewed": lambda _pack, event: f"审核:{VERDICT[event.verdict]}。{event.note}",
    "TaskDispatched": lambda pack, event: f"{unit_of(pack, event.township)}派发给{_units(pack, event.units)}",
    "TaskReceived": lambda pack, event: f"{unit_of(pack, event.unit)}已接收",
    "TaskReturned": _returned,
    "TaskWithdrawn": lambda _pack, event: "部门撤回" + (f":{event.note}" if event.note else ""),
    "BypassReported": _reported,
    "BypassJudged": lambda _pack, event: f"投诉{'成立' if event.upheld else '不成立'}:{event.note}",
    "ClockExpired": lambda _pack, _event: "审核超过限期",
}
TOLD: Final = frozenset(_TELL)


def sentence(pack: CityPack, event: Any) -> str:
    """One sentence, no line break."""
    return _TELL[event.type](pack, event)
