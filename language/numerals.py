"""Chinese numerals: 三 -> 3, 十二 -> 12, 二〇一九 -> 2019, 两千三 -> 2300, and back."""

import re
from typing import Final

DIGITS: Final[dict[str, int]] = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    **{c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0,
    "○": 0,
    "幺": 1,
    "两": 2,
    "兩": 2,
    "貳": 2,
    "叄": 3,
    "陸": 6,
}
"""One character, one digit. 幺 is how 1 is said in telephone numbers."""

_UNITS: Final = "十拾百佰千仟万萬亿億"
_SHORT: Final[dict[str, str]] = {"廿": "二十", "卅": "三十"}

NUMERAL: Final = "[" + "".join([*DIGITS, *_UNITS, *_SHORT]) + "]"
"""Pattern of one character of a Chinese numeral."""

_ZEROS: Final = "零〇○"
_ONE: Final = "[" + "".join(c for c, digit in DIGITS.items() if digit) + "]"
_SECTION: Final = re.compile(
    f"(?:[{_ZEROS}])?({_ONE}[千仟])?(?:[{_ZEROS}](?!$))?({_ONE}[百佰])?(?:[{_ZEROS}](?={_ONE}[十拾]))?"
    f"({_ONE}?[十拾])?([{_ZEROS}]?{_ONE})?"
)
_SECTIONS: Final = re.compile("(?:([^万萬亿億]+)[亿億])?(?:([^万萬亿億]+)[万萬])?([^万萬亿億]*)")
_RUN: Final = re.compile(NUMERAL + "+")
_DIGIT_OF: Final = str.maketrans({c: str(i) for c, i in DIGITS.items()})


def number(numeral: str) -> int | None:
    """The value of a whole Chinese numeral or of a run of digits (full width too); None when it is not one.

    Digits in a row are read one by one (二〇一九 = 2019). A digit after a unit without 零 counts the next lower unit
    (两千三 = 2300, 一万二 = 12000, 一百零三 = 103).
    """
    if numeral.isdecimal():
        return int(numeral)
    for short, long in _SHORT.items():
        numeral = numeral.replace(short, long)
    if numeral and all(c in DIGITS for c in numeral):
        return int(numeral.translate(_DIGIT_OF))
    match = _SECTIONS.fullmatch(numeral)
    if match is None or not numeral:
        return None
    total, unit_before = 0, 1
    for section, unit in zip(match.groups(), (10**8, 10**4, 1), strict=True):
        if section is None:
            continue
        value = _below_ten_thousand(section)
        if value is None or (value == 0 and unit > 1):
            return None
        total += value * unit
        if unit == 1 and len(section) == 1 and section not in _ZEROS and unit_before > 1:
            total += value * (unit_before // 10 - 1)
        unit_before = unit
    return total


def _below_ten_thousand(section: str) -> int | None:
    """一千零三 = 1003, 两百五 = 250, 十二 = 12, 零三 = 3; None for a wrong order."""
    if not section:
        return 0
    match = _SECTION.fullmatch(section)
    if match is None:
        return None
    thousands, hundreds, tens, ones = match.groups()
    value = 0
    for part, unit in ((thousands, 1000), (hundreds, 100), (tens, 10)):
        if part:
            value += (DIGITS[part[0]] if len(part) > 1 else 1) * unit
    if not ones:
        return value
    digit = DIGITS[ones[-1]]
    if section[-2:-1] in _ZEROS or tens or not (thousands or hundreds):
        return value + digit
    return value + digit * (10 if hundreds else 100)


def chinese(value: int) -> str:
    """How an integer from 0 to 9,999 is written in Chinese: 12 -> 十二, 103 -> 一百零三.

    Raises ValueError outside that range.
    """
    if not 0 <= value <= 9999:
        raise ValueError(f"chinese() writes 0 to 9999, not {value}")
    if value < 10:
        return "零一二三四五六七八九"[value]
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            written += ("零" if gap and written else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return written.removeprefix("一") if 10 <= value < 20 else written


def with_digits(text: str) -> str:
    """The text with every Chinese numeral in it written in digits: 三栋十二单元 -> 3栋12单元.

    For names of buildings, units, rooms and the like only: in free text 一 and 两 are mostly no numbers.
    """

    def written(match: re.Match[str]) -> str:
        value = number(match.group())
        return match.group() if value is None else str(value)

    return _RUN.sub(written, text)
