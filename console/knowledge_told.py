"""A knowledge item in Chinese: its state, and each of its events as a sentence."""

from collections.abc import Callable
from typing import Any, Final

from city.pack import CityPack
from console.found import unit_of
from schemas import knowledge_events as ev
from schemas.knowledge import Knowledge
from schemas.words import KnowledgeState

KNOWLEDGE: Final = {
    KnowledgeState.DRAFT: "待审核",
    KnowledgeState.VALID: "有效",
    KnowledgeState.DOUBTED: "存疑",
    KnowledgeState.WITHDRAWN: "已停用",
}


def warning(item: Knowledge) -> str:
    """Why it is doubted; "" when it is not."""
    said = []
    if item.expired:
        said.append(f"有效期已过({item.valid_until})")
    if item.wrong:
        said.append(f"有 {len(item.wrong)} 条纠错待处理")
    return ",".join(said) if item.state is KnowledgeState.DOUBTED else ""


def _words(pack: CityPack, event: ev.WordedEvent) -> str:
    until = f",有效期至 {event.valid_until}" if event.valid_until else ",长期有效"
    return f"第 {event.edition} 版({unit_of(pack, event.unit)}{until})"


def _noted(note: str) -> str:
    return f":{note}" if note else ""


_TELL: Final[dict[str, Callable[[CityPack, Any], str]]] = {
    "KnowledgeWritten": lambda pack, event: f"写入并生效:{_words(pack, event)}",
    "KnowledgeDrafted": lambda pack, event: f"写入待审核:{_words(pack, event)}",
    "KnowledgeApproved": lambda _pack, event: f"审核通过第 {event.edition} 版{_noted(event.note)}",
    "KnowledgeDeclined": lambda _pack, event: f"审核未通过第 {event.edition} 版{_noted(event.note)}",
    "KnowledgeWithdrawn": lambda _pack, event: f"停用{_noted(event.note)}",
    "KnowledgeUsed": lambda _pack, event: f"用于答复问题 {event.problem}",
    "KnowledgeReportedWrong": lambda _pack, event: (
        f"第 {event.number} 条纠错{_noted(event.note)}" + (f"(问题 {event.problem})" if event.problem else "")
    ),
    "KnowledgeSettled": lambda _pack, event: (
        f"第 {event.number} 条纠错已处理,{'确有错误,已更正' if event.corrected else '核实无误'}{_noted(event.note)}"
    ),
    "KnowledgeExpired": lambda _pack, _event: "有效期已过,标为存疑",
}
TOLD: Final = frozenset(_TELL)


def sentence(pack: CityPack, event: Any) -> str:
    """One sentence, no line break."""
    return _TELL[event.type](pack, event)
