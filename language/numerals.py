"""Chinese numerals: 三 -> 3, 十二 -> 12, 二〇一九 -> 2019, 两千三 -> 2300, and back."""

import re
from typing import Final

DIGITS: Final[dict[str, int]] = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    **{c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{"〇": 0, "○": 0, "幺": 1, "两": 2, "兩": 2, "貳": 2, "叄": 3, "陸": 6},
}
"""One character, one digit. 幺 is how 1 is said in telephone numbers."""

_UNITS: Final[dict[str, int]] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE: Final[dict[str, int]] = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SHORT: Final[dict[str, str]] = {"廿": "二十", "卅": "三十"}

NUMERAL: Final = "[" + "".join([*DIGITS, *_UNITS, *_LARGE, *_SHORT]) + "]"
"""Pattern of one character of a Chinese numeral."""

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
    if not numeral:
        return None
    if all(c in DIGITS for c in numeral):
        return int(numeral.translate(_DIGIT_OF))
    total = section = 0
    digit: int | None = None
    last_unit = 1
    for c in numeral:
        if c in DIGITS:
            if digit:  # 一二百
                return None
            digit = DIGITS[c]
            if digit == 0:
                last_unit = 1
        elif c in _UNITS:
            if digit == 0 and last_unit != 1:
                return None
            section += (1 if digit is None or digit == 0 else digit) * _UNITS[c]
            last_unit, digit = _UNITS[c], None
        elif c in _LARGE:
            section += digit or 0
            if section == 0 and total == 0:
                return None
            if _LARGE[c] > total or section:
                total = (total + section) * _LARGE[c] if _LARGE[c] > total > 0 else total + section * _LARGE[c]
            section, last_unit, digit = 0, _LARGE[c], None
        else:
            return None
    if digit:
        section += digit * (last_unit // 10 if last_unit > 1 and numeral[-2] not in "零〇○" else 1)
        if last_unit == 10:  # 二十三 is 23: below ten there is no lower unit
            section += 0
    return total + section


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
    """The text with every Chinese numeral in it written in digits: 三栋十二单元 -> 3栋12单元. For names of buildings, units, rooms
    and the like only: in free text 一 and 两 are mostly no numbers."""

    def written(match: re.Match[str]) -> str:
        value = number(match.group())
        return match.group() if value is None else str(value)

    return _RUN.sub(written, text)
