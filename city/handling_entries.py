"""The rules of handling one by one: as lines for people, and as the content of a handling.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from city.handling import USUAL, Escalation, Ground, Handling
from city.handling_figures import FIGURES
from city.records import Figure
from city.terms import Term

LISTS: Final[Mapping[str, str]] = {
    "returns": "退单理由",
    "declines": "不受理",
    "exclusions": "不计入考核",
    "hand_overs": "转交",
    "reply_blocks": "答复不过关",
}
"""The closed lists of Handling by field, as people call them."""


@dataclass(frozen=True, slots=True)
class HandlingEntry:
    """One rule. key: by which two packs' rules are compared. value: as it is said to people."""

    key: str
    name: str
    value: str
    source: str

    @property
    def usual(self) -> bool:
        """Whether the pack leaves this to the product."""
        return self.source == USUAL


def handling_entries(handling: Handling) -> tuple[HandlingEntry, ...]:
    return tuple(_entries(handling))


def _entries(handling: Handling) -> Iterator[HandlingEntry]:
    for name, rule in FIGURES.items():
        figure: Figure = getattr(handling, name)
        yield HandlingEntry(name, rule.label, f"{figure.value:g}", figure.source)
    yield HandlingEntry("fallback", "都不接时由谁兜底", handling.fallback.label, handling.fallback_source)
    yield HandlingEntry("ladder", "先走网格阶梯的事项", handling.ladder.label, handling.ladder_source)
    for level, hours in handling.ladder_hours.items():
        yield HandlingEntry(f"ladder_hours/{level}", f"{level.label}网格岗位的小时数", f"{hours.value:g}", hours.source)
    for step in handling.escalations:
        yield HandlingEntry(f"escalations/{step.level}", f"第{step.level}级升级", _said(step), step.source)
    for field, title in LISTS.items():
        grounds: Mapping[Term, Ground] = getattr(handling, field)
        for term, ground in grounds.items():
            yield HandlingEntry(f"{field}/{term}", f"{title}:{term.label}", ground.path, ground.source)
    yield HandlingEntry("monitoring", "监测点", "、".join(handling.monitoring), handling.monitoring_source)


def _said(step: Escalation) -> str:
    days = step.working_days
    when = f"到期前{-days}个工作日" if days < 0 else f"逾期{days}个工作日" if days else "到期当天"
    return f"{when}告知{step.to}"


def handling_document(handling: Handling) -> dict[str, Any]:
    """What a handling.yaml says that gives these rules; what is the product's usual is left out, empty when all of it is."""
    figures = {name: _figure(getattr(handling, name)) for name in FIGURES if getattr(handling, name).source != USUAL}
    hours = {level.label: _figure(figure) for level, figure in handling.ladder_hours.items() if figure.source != USUAL}
    steps = [
        {"level": step.level, "working_days": step.working_days, "to": step.to, "source": step.source}
        for step in handling.escalations
        if step.source != USUAL
    ]
    content: dict[str, Any] = {"figures": figures}
    if handling.fallback_source != USUAL:
        content["fallback"] = {"value": handling.fallback.label, "source": handling.fallback_source}
    if handling.ladder_source != USUAL:
        content["ladder"] = {"value": handling.ladder.label, "source": handling.ladder_source}
    content |= {"ladder_hours": hours, "escalations": steps}
    for field in LISTS:
        grounds: Mapping[Term, Ground] = getattr(handling, field)
        content[field] = {term.label: _ground(ground) for term, ground in grounds.items() if ground.source != USUAL}
    if handling.monitoring_source != USUAL:
        content["monitoring"] = {"areas": list(handling.monitoring), "source": handling.monitoring_source}
    return {key: said for key, said in content.items() if said}


def _figure(figure: Figure) -> dict[str, Any]:
    value = int(figure.value) if figure.value == int(figure.value) else figure.value
    return {"value": value, "source": figure.source}


def _ground(ground: Ground) -> dict[str, str]:
    return {"path": ground.path, "source": ground.source} if ground.path else {"source": ground.source}
