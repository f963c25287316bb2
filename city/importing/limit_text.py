"""How long something may take, as people write it: 5个工作日, 24小时, 2小时内, 三十日, 不超过15个工作日(可延长)."""

import re
from typing import Final, NamedTuple

from city.terms import LimitUnit
from language.normalise import fold
from language.numerals import NUMERAL, number

_AMOUNT: Final = rf"(\d+(?:\.\d+)?|{NUMERAL}+|半)"
_UNITS: Final[tuple[tuple[str, LimitUnit, int], ...]] = (
    ("个?工作日|个?工作天", LimitUnit.WORKING_DAY, 1),
    ("个?工作小时|个?工作时", LimitUnit.WORKING_HOUR, 1),
    ("个?自然日|个?日历日|个?自然天", LimitUnit.NATURAL_DAY, 1),
    ("个?小时|个?钟头|时|hours?|hrs?|h", LimitUnit.HOUR, 1),
    ("天|日", LimitUnit.NATURAL_DAY, 1),
    ("个?星期|周", LimitUnit.NATURAL_DAY, 7),
)
"""What follows the number, the unit, and how many of it; the longer words first."""
_LIMIT: Final = re.compile(
    _AMOUNT + r"\s*(?:(" + ")|(".join(said for said, _, _ in _UNITS) + r")|(分钟|min|个?月|年))", re.IGNORECASE
)
_EXTRA: Final = re.compile(r"\([^)]*\)|(?:可|经批准)?(?:适当)?延长.*|特殊情况.*|复杂.*|最长.*")
_ROUND_THE: Final = re.compile(
    r"(?:自?(?:受理|接单|签收|收到|派单|接到|立案)?(?:之日)?起?|应?在?|须?于?|原则上|不超过|不得超过|最迟|≤|<)*"
)
_BEHIND: Final = re.compile(
    r"(?:以?内|之内)?(?:办结|完成|处置|办理|答复|回复|反馈|签收|响应|联系|处理|解决|到场|到达现场)*(?:完毕)?[。.;]?"
)
LARGEST: Final = 999_999


class LimitText(NamedTuple):
    """`doubt`: what was not said clearly and how it was understood, in Chinese; empty when it was clear."""

    amount: int
    unit: LimitUnit
    doubt: str


def parse_limit(text: str, unit: LimitUnit | None = None) -> LimitText | str:
    """The limit, or why it cannot be taken, in Chinese. unit: what the heading says, for a cell that is a mere number."""
    said = fold(text).replace(" ", "")
    if unit is not None and re.fullmatch(r"\d+(?:\.0+)?", said):
        return _whole(float(said), unit, "")
    main = _EXTRA.sub("", said)
    found = list(_LIMIT.finditer(main))
    if not found:
        return "看不出是多长时间"
    if len(found) > 1:
        return "写了不止一个时限"
    (match,) = found
    doubts = []
    if main != said:
        doubts.append("括号里的话或延长的规定未计入")
    before, behind = main[: match.start()], main[match.end() :]
    if re.search(r"\d[—~至到-]$", before):
        return "写的是一个范围"
    if not _ROUND_THE.fullmatch(before) or not _BEHIND.fullmatch(behind):
        doubts.append(f"只取“{match.group()}”")
    return _amount(match, doubts)


def _amount(match: re.Match[str], doubts: list[str]) -> LimitText | str:
    digits, *units, other = match.groups()
    value = 0.5 if digits == "半" else float(digits) if digits[0].isdigit() else number(digits)
    if value is None:
        return "数目看不懂"
    if other is not None:
        if other.lower() in ("分钟", "min") and value >= 60 and value % 60 == 0:
            return _whole(value / 60, LimitUnit.HOUR, ";".join(doubts))
        return f"不能用“{other}”作单位"
    at = next(number for number, said in enumerate(units) if said is not None)
    _, unit, times = _UNITS[at]
    if units[at] in ("天", "日"):
        doubts.append(f"“{units[at]}”按自然日计")
    elif times > 1:
        doubts.append(f"一周按 {times} 个自然日计")
    return _whole(value * times, unit, ";".join(doubts))


def _whole(value: float, unit: LimitUnit, doubt: str) -> LimitText | str:
    if value != int(value) or not 1 <= value <= LARGEST:
        return f"{value:g} 不是 1 以上的整数"
    return LimitText(int(value), unit, doubt)


def unit_in(heading: str) -> LimitUnit | None:
    """The unit that a heading names: 办理时限(工作日)."""
    for said, unit, times in _UNITS:
        if times == 1 and re.search(rf"[(/:位](?:{said})\)?$", fold(heading).replace(" ", "")):
            return unit
    return None
