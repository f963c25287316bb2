"""handling.yaml: the rules by which a city handles problems. The file and everything in it may be left out (city/handling.py)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from city.document import Node, read_document
from city.draft import Sheet
from city.fault import Fault, Severity
from city.handling import (
    USUAL_HANDLING,
    BlockingFault,
    DeclineReason,
    Escalation,
    ExclusionReason,
    Fallback,
    Ground,
    Handling,
    HandOverTo,
    LadderUse,
    ReturnReason,
)
from city.handling_figures import ESCALATION_DAYS, ESCALATION_LEVELS, FIGURES, LADDER_HOURS, WEIGHTS
from city.layout import PackFile
from city.records import Figure
from city.terms import Term, WorkerLevel

TermT = TypeVar("TermT", bound=Term)
_LISTS: Final[Mapping[str, type[Term]]] = {
    "returns": ReturnReason,
    "declines": DeclineReason,
    "exclusions": ExclusionReason,
    "hand_overs": HandOverTo,
    "reply_blocks": BlockingFault,
}


def read_handling(folder: Path, faults: list[Fault]) -> tuple[Handling, Sheet[str]]:
    """The rules, and the monitored areas with their lines. What is wrong is a fault, and the usual value in its place."""
    root = read_document(folder, PackFile.HANDLING, faults, required=False)
    reader = _Reader(faults)
    given = reader.read(root) if root is not None else {}
    sheet = Sheet(PackFile.HANDLING, reader.monitored, None)
    return replace(USUAL_HANDLING, **given), sheet


class _Reader:
    """Reads key by key; `monitored` are the lines and codes of the monitored areas."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self.monitored: list[tuple[int, str]] = []

    def read(self, root: Node) -> dict[str, Any]:
        """The fields of Handling that the file sets."""
        readers: dict[str, Callable[[Node], dict[str, Any]]] = {
            "figures": self._figures,
            "fallback": lambda node: self._choice(node, "fallback", Fallback),
            "ladder": lambda node: self._choice(node, "ladder", LadderUse),
            "ladder_hours": self._ladder_hours,
            "escalations": self._escalations,
            **{key: self._grounds_of(key, terms) for key, terms in _LISTS.items()},
            "monitoring": self._monitoring,
        }
        given: dict[str, Any] = {}
        for key, node in self._entries(root, "", readers):
            given |= readers[key](node)
        return given

    # what every key is read with

    def _fault(self, node: Node, field: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        self._faults.append(Fault(PackFile.HANDLING, node.line, field, message, remedy, severity))

    def _entries(self, node: Node, field: str, known: Iterable[str]) -> list[tuple[str, Node]]:
        """The entries of a mapping whose keys are known; others are a warning."""
        names = tuple(known)
        if not isinstance(node.value, dict):
            self._fault(node, field, "内容不是“键: 值”", f"可用的键：{'、'.join(names)}")
            return []
        for key, entry in node.value.items():
            if key not in names:
                path = f"{field}.{key}" if field else key
                self._fault(entry, path, "不认识的键，已忽略", f"可用的键：{'、'.join(names)}", Severity.WARNING)
        return [(key, entry) for key, entry in node.value.items() if key in names]

    def _terms(self, node: Node, field: str, terms: type[TermT], kind: str) -> list[tuple[TermT, Node]]:
        """The entries of a mapping whose keys are the labels of terms; none, and any other key, is an error."""
        if not isinstance(node.value, dict) or not node.value:
            self._fault(node, field, "没有写任何一项", f"请从 {terms.labels()} 中选写，或删去 {field}，全部用产品默认")
            return []
        found = []
        for label, entry in node.value.items():
            term = terms.from_label(label)
            if term is None:
                self._fault(entry, f"{field}.{label}", f"没有“{label}”这一{kind}", f"可用的：{terms.labels()}")
            else:
                found.append((term, entry))
        return found

    def _text(self, node: Node, field: str, key: str, message: str, remedy: str) -> str:
        """The text under `key`; "" with the fault added when there is none."""
        found = node.get(key)
        if found is not None and isinstance(found.value, str) and found.value:
            return found.value
        self._fault(found or node, field, message, remedy)
        return ""

    def _source(self, node: Node, field: str) -> str:
        return self._text(node, field, "source", "没有写明依据", "请在 source 中写明依据，没有的写“本市约定，无上位规定”")

    def _number(self, node: Node, field: str, key: str, low: float, high: float, *, whole: bool) -> float | None:
        found = node.get(key)
        try:
            number = float(found.value) if found is not None and isinstance(found.value, str) else None
        except ValueError:
            number = None
        if number is None or not low <= number <= high or (whole and not number.is_integer()):
            message = f"缺少 {key}，或不是 {low:g} 到 {high:g} 之间的{'整数' if whole else '数'}"
            self._fault(found or node, field, message, f"请填写 {key}")
            return None
        return number

    def _figure(self, node: Node, field: str, low: float, high: float, *, whole: bool) -> Figure | None:
        self._entries(node, field, ("value", "source"))
        if not isinstance(node.value, dict):
            return None
        number = self._number(node, field, "value", low, high, whole=whole)
        source = self._source(node, field)
        return Figure(number, source) if number is not None and source else None

    # the keys

    def _figures(self, node: Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, entry in self._entries(node, "figures", FIGURES):
            rule = FIGURES[name]
            figure = self._figure(entry, f"figures.{name}", rule.low, rule.high, whole=rule.whole)
            if figure is not None:
                found[name] = figure
        self._check_weights(node, found)
        return found

    def _check_weights(self, node: Node, found: Mapping[str, Figure]) -> None:
        total = sum((found.get(name) or getattr(USUAL_HANDLING, name)).value for name in WEIGHTS)
        first = next((entry for name in WEIGHTS if (entry := node.get(name)) is not None), None)
        if first is not None and abs(total - 1) > 1e-6:
            message = f"{'、'.join(WEIGHTS)} 之和是 {total:g}，应为 1"
            self._fault(first, "figures.weight", message, "请三个都写，使其和为 1；没有写的按产品默认计")

    def _choice(self, node: Node, key: str, terms: type[TermT]) -> dict[str, Any]:
        self._entries(node, key, ("value", "source"))
        if not isinstance(node.value, dict):
            return {}
        label = self._text(node, key, "value", "缺少 value", f"可用的取值：{terms.labels()}")
        term = terms.from_label(label)
        if label and term is None:
            self._fault(node.get("value") or node, key, f"“{label}”不是可用的取值", f"可用的取值：{terms.labels()}")
        source = self._source(node, key)
        return {key: term, f"{key}_source": source} if term is not None and source else {}

    def _ladder_hours(self, node: Node) -> dict[str, Any]:
        hours = dict(USUAL_HANDLING.ladder_hours)
        for level, entry in self._terms(node, "ladder_hours", WorkerLevel, "级网格岗位"):
            field = f"ladder_hours.{level.label}"
            figure = self._figure(entry, field, LADDER_HOURS.low, LADDER_HOURS.high, whole=False)
            if figure is not None and figure.value <= 0:
                self._fault(entry, field, "时限不大于 0", "请填大于 0 的小时数")
            elif figure is not None:
                hours[level] = figure
        return {"ladder_hours": hours}

    def _escalations(self, node: Node) -> dict[str, Any]:
        if not isinstance(node.value, list) or not node.value:
            remedy = "请逐级写 level、working_days、to、source，或删去 escalations，用产品默认"
            self._fault(node, "escalations", "没有写任何一级", remedy)
            return {}
        found: list[Escalation] = []
        for number, entry in enumerate(node.value, start=1):
            step = self._escalation(entry, f"escalations.{number}")
            if step is None:
                continue
            if found and (step.level <= found[-1].level or step.working_days <= found[-1].working_days):
                message = "级别或天数没有比上一级大"
                self._fault(entry, f"escalations.{number}", message, "请按级别从低到高写，level 和 working_days 逐级增大")
            found.append(step)
        return {"escalations": tuple(found)}

    def _escalation(self, node: Node, field: str) -> Escalation | None:
        self._entries(node, field, ("level", "working_days", "to", "source"))
        if not isinstance(node.value, dict):
            return None
        level = self._number(node, field, "level", *ESCALATION_LEVELS, whole=True)
        days = self._number(node, field, "working_days", *ESCALATION_DAYS, whole=True)
        to = self._text(node, field, "to", "没有写明通知谁", "请在 to 中写明通知谁，如“热线主管部门”")
        source = self._source(node, field)
        return Escalation(int(level), int(days), to, source) if level is not None and days is not None and to and source else None

    def _grounds_of(self, key: str, terms: type[Term]) -> Callable[[Node], dict[str, Any]]:
        def read(node: Node) -> dict[str, Any]:
            found: dict[Term, Ground] = {}
            for term, entry in self._terms(node, key, terms, "项"):
                field = f"{key}.{term.label}"
                self._entries(entry, field, ("source", "path"))
                path = entry.get("path")
                said = path.value if path is not None and isinstance(path.value, str) else ""
                source = self._source(entry, field) if isinstance(entry.value, dict) else ""
                found[term] = Ground(source, said)
            return {key: found}

        return read

    def _monitoring(self, node: Node) -> dict[str, Any]:
        self._entries(node, "monitoring", ("areas", "source"))
        if not isinstance(node.value, dict):
            return {}
        source, areas = self._source(node, "monitoring"), node.get("areas")
        listed = areas.value if areas is not None and isinstance(areas.value, list) else None
        if listed is None:
            self._fault(areas or node, "monitoring.areas", "缺少 areas，或不是列表", "请逐行写区域编码，每行以“- ”开头")
            return {}
        for entry in listed:
            if isinstance(entry.value, str) and entry.value:
                self.monitored.append((entry.line, entry.value))
            else:
                self._fault(entry, "monitoring.areas", "不是区域编码", "请填 areas.csv 中的编码")
        return {"monitoring": tuple(code for _, code in self.monitored), "monitoring_source": source}
