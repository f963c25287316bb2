"""pack.yaml: the pack's name, version, day of effect, zone, and the figures of its policy."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from city.document import Node, read_document
from city.draft import Header
from city.fault import Fault, Severity
from city.layout import PackFile
from city.records import Figure, Policy

KEYS = ("name", "version", "effective", "zone", "policy")
# Each figure with the range outside of which it cannot be meant.
FIGURES: dict[str, tuple[float, float]] = {
    "match_window_hours": (1, 24 * 366),
    "near_text_threshold": (0.01, 1),
    "future_tolerance_minutes": (1, 24 * 60),
    "max_text_length": (100, 1_000_000),
}


def read_header(folder: Path, faults: list[Fault]) -> Header | None:
    """None, with the faults added, when any of it is missing or wrong."""
    file = PackFile.PACK
    root = read_document(folder, file, faults)
    if root is None:
        return None
    if not isinstance(root.value, dict):
        faults.append(Fault(file, root.line, "", "内容不是“键: 值”", f"应有的键：{'、'.join(KEYS)}"))
        return None
    for key, node in root.value.items():
        if key not in KEYS:
            remedy = f"可用的键：{'、'.join(KEYS)}"
            faults.append(Fault(file, node.line, key, "不认识的键，已忽略", remedy, Severity.WARNING))
    name, version = _text(root, "name", faults), _text(root, "version", faults)
    effective, zone, policy = _effective(root, faults), _zone(root, faults), _policy(root, faults)
    if not name or not version or effective is None or zone is None or policy is None:
        return None
    return Header(name, version, effective, zone, policy)


def _text(root: Node, key: str, faults: list[Fault]) -> str | None:
    node = root.get(key)
    if node is None or not isinstance(node.value, str) or not node.value:
        faults.append(Fault(PackFile.PACK, (node or root).line, key, "缺少或不是文字", f"请填写 {key}"))
        return None
    return node.value


def _effective(root: Node, faults: list[Fault]) -> date | None:
    text = _text(root, "effective", faults)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        line = root.value["effective"].line if isinstance(root.value, dict) else root.line
        faults.append(Fault(PackFile.PACK, line, "effective", f"“{text}”不是日期", "请按 2026-01-31 的写法填写"))
        return None


def _zone(root: Node, faults: list[Fault]) -> ZoneInfo | None:
    text = _text(root, "zone", faults)
    if text is None:
        return None
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        line = root.value["zone"].line if isinstance(root.value, dict) else root.line
        faults.append(Fault(PackFile.PACK, line, "zone", f"“{text}”不是时区", "中国的城市填 Asia/Shanghai"))
        return None


def _policy(root: Node, faults: list[Fault]) -> Policy | None:
    node = root.get("policy")
    if node is None or not isinstance(node.value, dict):
        remedy = f"请填写 {'、'.join(FIGURES)}，各有 value 和 source"
        faults.append(Fault(PackFile.PACK, (node or root).line, "policy", "缺少或写法不对", remedy))
        return None
    for key, entry in node.value.items():
        if key not in FIGURES:
            remedy = f"可用的键：{'、'.join(FIGURES)}"
            faults.append(Fault(PackFile.PACK, entry.line, f"policy.{key}", "不认识的键，已忽略", remedy, Severity.WARNING))
    figures = {key: _figure(node, key, faults) for key in FIGURES}
    sound = {key: figure for key, figure in figures.items() if figure is not None}
    return Policy(**sound) if len(sound) == len(FIGURES) else None


def _figure(policy: Node, key: str, faults: list[Fault]) -> Figure | None:
    low, high = FIGURES[key]
    node = policy.get(key)
    value, source = (node.get("value"), node.get("source")) if node else (None, None)
    line = (value or node or policy).line
    try:
        number = float(value.value) if value and isinstance(value.value, str) else None
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        message = f"缺少 value，或不是 {low:g} 到 {high:g} 之间的数"
        faults.append(Fault(PackFile.PACK, line, f"policy.{key}", message, "请填写 value"))
        return None
    if source is None or not isinstance(source.value, str) or not source.value:
        faults.append(Fault(PackFile.PACK, line, f"policy.{key}", "没有写明依据", "请在 source 中写明依据"))
        return None
    return Figure(number, source.value)
