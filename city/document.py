"""YAML files of a pack as nodes that know their line. Every scalar stays text: what it means is for the reader to say,
so that `no`, `1e3` or a date never turn into something the person did not write."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from city.fault import Fault
from city.table import read_text


@dataclass(frozen=True, slots=True)
class Node:
    """A text, a list or a mapping, and the line it begins on."""

    line: int
    value: "str | list[Node] | dict[str, Node]"

    def get(self, key: str) -> "Node | None":
        """The node under `key`; None when this node is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None


def read_document(folder: Path, file: str, faults: list[Fault], *, required: bool = True) -> Node | None:
    """Read one YAML file; None, with the fault added, when it cannot be read. A missing one is a fault only when `required`."""
    text = read_text(folder, file, required, faults)
    if text is None:
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            faults.append(Fault(file, 1, "", "文件是空的", "请按 FORMAT.md 填写"))
            return None
        return _node(root, file, faults, set())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(Fault(file, line, "", f"YAML 格式有误（{error.problem}）", "请检查缩进、冒号后的空格和引号"))
    except (yaml.YAMLError, ValueError) as error:
        faults.append(Fault(file, 1, "", f"YAML 格式有误（{error}）", "请检查文件中是否有不可见的控制字符"))
    except RecursionError:
        faults.append(Fault(file, 1, "", "嵌套层数过深", "配置包的 YAML 不超过四层，请按 FORMAT.md 改写"))
    return None


def _node(node: yaml.Node, file: str, faults: list[Fault], seen: set[int]) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen:
        faults.append(Fault(file, line, "", "用了 YAML 的锚点和引用", "请把被引用的内容直接写出来"))
        return Node(line, "")
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Node(line, str(node.value).strip())
    if isinstance(node, yaml.SequenceNode):
        return Node(line, [_node(item, file, faults, seen) for item in node.value])
    entries: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Fault(file, key_line, "", "键不是文字", "请用简单的文字作键"))
            continue
        key = str(key_node.value).strip()
        if key in entries:
            faults.append(Fault(file, key_line, key, "同一个键写了两次", "请只保留一个"))
            continue
        value = _node(value_node, file, faults, seen)
        entries[key] = Node(key_line, value.value)
    return Node(line, entries)
