"""Findings of passing the buck in Chinese: kinds, states, and each line of evidence as a sentence."""

from collections.abc import Callable
from typing import Any, Final

from casework.passing_signs import OFF_LIST
from city.pack import CityPack
from console.found import unit_of
from schemas.passing import BuckKind, Evidence, Fact, FindingState

KIND: Final = {
    BuckKind.HANDED_DOWN: "推给基层",
    BuckKind.MERE_RELAY: "文件中转站",
    BuckKind.ABSENT_LEAD: "甩手掌柜",
    BuckKind.PING_PONG: "踢皮球",
}
STATE: Final = {FindingState.SUSPECTED: "待判定", FindingState.CONFIRMED: "属实", FindingState.DISMISSED: "不属实"}
ROLE: Final = {
    OFF_LIST: "不在清单上",
    "none": "清单上镇街没有职责",
    "negative": "列入负面清单",
    "support": "清单上镇街只是配合",
    "lead": "清单上由镇街主责",
}


def _unit(pack: CityPack, facts: dict[str, Any], name: str = "unit") -> str:
    return "、".join(unit_of(pack, code) for code in str(facts.get(name, "")).split("、"))


def _item(facts: dict[str, Any]) -> str:
    return f"(事项 {facts['item']},{ROLE[facts['role']]})" if facts.get("item") else f"({ROLE[facts['role']]})"


def _given(pack: CityPack, facts: dict[str, Any]) -> str:
    to = f",说该由{_unit(pack, facts, 'to')}办" if facts.get("to") else ""
    return f"{_unit(pack, facts)}退单,全程第 {facts['count']} 次{to}"


_TELL: Final[dict[Fact, Callable[[CityPack, dict[str, Any]], str]]] = {
    Fact.BROUGHT_IN: lambda pack, f: f"{_unit(pack, f)}要{_unit(pack, f, 'units')}协办{_item(f)}",
    Fact.SUGGESTED: lambda pack, f: f"{_unit(pack, f)}退单,要改派{_unit(pack, f, 'to')}主办{_item(f)}",
    Fact.MADE_LEAD: lambda pack, f: f"派给{_unit(pack, f)}主办{_item(f)}",
    Fact.GRASSROOTS_ALONE: lambda pack, f: f"实际办理的只有基层:{_unit(pack, f)}",
    Fact.TOOK_OVER: lambda pack, f: f"{_unit(pack, f)}接到",
    Fact.PASSED_ON: lambda pack, f: f"{_unit(pack, f)}接到 {f['minutes']} 分钟就转给{_unit(pack, f, 'units')}",
    Fact.ACTED: lambda pack, f: f"协办的{_unit(pack, f)}办理",
    Fact.REPLIED_AFTER: lambda pack, f: f"{_unit(pack, f)}自己没有办理记录,在别人办理 {f['minutes']} 分钟后答复",
    Fact.REPLIED_WITHOUT: lambda pack, f: f"{_unit(pack, f)}自己没有办理记录就答复",
    Fact.CLOSED_WITHOUT: lambda pack, f: f"办结时{_unit(pack, f)}没有办理记录,也没有答复",
    Fact.CAME_TO: lambda pack, f: f"派给{_unit(pack, f)}",
    Fact.GAVE_BACK: _given,
    Fact.CAME_AGAIN: lambda pack, f: f"又派回{_unit(pack, f)}",
}
TOLD: Final = frozenset(_TELL)


def told(pack: CityPack, line: Evidence) -> str:
    """One sentence, no line break."""
    return _TELL[line.fact](pack, line.facts)
