"""Codes that a workbook left out or damaged: zeros that a number lost, and codes made from what is known, always the same."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from city.cells import FORBIDDEN, TOPIC
from city.importing.entries import Value
from city.importing.findings import Findings, Rule
from city.importing.workbook import LARGEST_EXACT, Stored


class Codes:
    """One column of codes: what was typed as a number gets back the zeros it lost, where the others show how long it must be.

    tree: codes of the levels of a tree, two digits a level, as cities write their categories.
    """

    def __init__(self, values: Iterable[Value], findings: Findings, *, tree: bool = False) -> None:
        self._findings = findings
        plain = [value for value in values if value.name.isdecimal()]
        self._texts = Counter(len(value.name) for value in plain if value.stored is not Stored.NUMBER)
        self._numbers = Counter(len(value.name) for value in plain if value.stored is Stored.NUMBER)
        self._tree = tree

    def read(self, value: Value) -> str:
        """The code of a cell; empty, with a finding, when it is damaged."""
        code = value.name
        if value.stored is not Stored.NUMBER:
            if re.fullmatch(r"\d\.\d+E\+\d+", code, re.IGNORECASE) or FORBIDDEN.search(code):
                said = "是科学记数法" if "+" in code else "中有不能用的字符(空格 / ; : @)"
                self._findings.fault(value.spot, Rule.CODE, f"编码“{code}”{said}", "请把单元格改为文本格式,重新填写编码")
                return ""
            return code
        if not code.isdecimal() or int(code) >= LARGEST_EXACT:
            said = "超过 15 位,按数字存放,末几位已经丢失" if code.isdecimal() else "带小数"
            self._findings.fault(value.spot, Rule.CODE, f"编码“{code}”{said}", "请把整列改为文本格式,重新填写编码")
            return ""
        width = self._width_for(len(code))
        if width == len(code):
            return code
        whole = code.zfill(width)
        message = f"编码按数字存放,前面的零丢了:“{code}”按“{whole}”导入"
        self._findings.guess(value.spot, Rule.CODE, message, "请核对;最好把整列改为文本格式")
        return whole

    def _width_for(self, length: int) -> int:
        """How long the code must have been: the next length that codes typed as text have, else an even one in a tree, else the
        usual one of the column; never more than two digits longer."""
        if self._texts:
            longer = [width for width in self._texts if length < width <= length + 2]
            return length if length in self._texts or not longer else min(longer)
        if self._tree:
            return length + length % 2
        usual = self._numbers.most_common(1)[0][0]
        return usual if length < usual <= length + 2 else length


def made_code(prefix: str, *names: str) -> str:
    """A code that the same names always get: the prefix and eight digits of their hash."""
    return prefix + hashlib.sha256("\0".join(names).encode()).hexdigest()[:8]


def free_number(taken: Iterable[str], prefix: str, width: int) -> str:
    """The first code prefix01, prefix02 … that is free; one digit more when all of that width are taken."""
    used = set(taken)
    number = 1
    while f"{prefix}{number:0{width}d}" in used:
        number += 1
    return f"{prefix}{number:0{width}d}"


def is_topic(code: str) -> bool:
    """Whether a unit may have this code (a topic is named after it)."""
    return TOPIC.fullmatch(code) is not None
