"""Each event of a camera's watch as a Chinese sentence."""

from collections.abc import Callable
from typing import Any, Final

from city.pack import CityPack
from schemas import events as ev


def _placed(pack: CityPack, event: ev.WatchPlaced) -> str:
    area = pack.areas.get(event.area or "")
    category = pack.categories.get(event.category or "")
    said = f"摄像头 {event.device} 盯“{event.alarm_class}”"
    return said + (f",在{area.name}" if area else "") + (f",类别 {category.name}" if category else "")


def _alarm(event: ev.AlarmEvent) -> str:
    return f"第 {event.number} 处,把握 {event.score:.0%}"


_TELL: Final[dict[str, Callable[[CityPack, Any], str]]] = {
    "WatchPlaced": _placed,
    "AlarmObserved": lambda _pack, event: f"看到:{_alarm(event)};不另立来件",
    "AlarmHeld": lambda _pack, event: f"待人确认:{_alarm(event)}",
    "AlarmOpened": lambda _pack, event: f"立来件 {event.report}:{_alarm(event)}",
    "AlarmCorrected": lambda _pack, event: f"来源更正了第 {event.number} 处的告警 {event.record.report}",
    "AlarmConfirmed": lambda _pack, event: f"人已确认第 {event.number} 处,立来件 {event.report}",
    "AlarmDismissed": lambda _pack, event: f"人已确认第 {event.number} 处是误报",
    "TracksCleared": lambda _pack, event: f"第 {'、'.join(map(str, event.numbers))} 处不再有告警,已解除",
}
TOLD: Final = frozenset(_TELL)


def sentence(pack: CityPack, event: Any) -> str:
    """One sentence, no line break."""
    return _TELL[event.type](pack, event)
