"""Personal data in free text: found however they are written, and replaced by what kind they were.

Recall comes before precision where a number could be a person's; amounts, dates, house numbers and public
service lines (12345, 110, 96xxx, 400/800) stay. No digit of what is found is kept.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from language.normalise import fold
from language.numerals import DIGITS


class PersonalData(StrEnum):
    """The kinds that are masked."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    IDENTITY = "identity"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    WECHAT = "wechat"
    QQ = "qq"


PLACEHOLDER: Final[dict[PersonalData, str]] = {
    PersonalData.MOBILE: "[电话]",
    PersonalData.LANDLINE: "[电话]",
    PersonalData.IDENTITY: "[身份证号]",
    PersonalData.BANK_CARD: "[银行卡号]",
    PersonalData.PLATE: "[车牌]",
    PersonalData.EMAIL: "[邮箱]",
    PersonalData.WECHAT: "[微信号]",
    PersonalData.QQ: "[QQ号]",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One find; `start` and `end` are positions in the original text."""

    kind: PersonalData
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """The masked text and what was found, in text order, without overlaps."""

    text: str
    found: tuple[Found, ...]


_CHINESE_DIGITS: Final = "".join(DIGITS).replace("两", "").replace("兩", "")
_HIDDEN: Final = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_GAP: Final = rf"\s\u2010-\u2015\u2212\uff0d\uff0e\u00b7\u2022_.,*()（）~～/\-{_HIDDEN}"

_CANDIDATE: Final = re.compile(
    rf"[0-9０-９{_CHINESE_DIGITS}](?:[{_GAP}]{{0,4}}[0-9０-９{_CHINESE_DIGITS}]){{6}}"
    rf"|[@＠]|[微薇威][信❤]|[VvＶｖ]信|[QqＱｑ][{_HIDDEN}]?[QqＱｑ]|[VvＶｖ][XxＸｘ]|[Ww]e[Cc]hat|企鹅号"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][\s·•.\-]{0,2}[A-Za-zＡ-Ｚａ-ｚ]"
)
"""What a text must hold before anything else is tried; most texts hold nothing of it."""


def _same_length_table() -> dict[int, str]:
    """Full width to half width, every dash to -, every white space or hidden character to a space: one for one."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFF0D, 0xFF5E, 0x7E, 0x5F), "-")
    hidden = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xAD, 0xFEFF)
    white = (0x09, 0x0A, 0x0D, 0xA0, 0x3000, *range(0x2000, 0x200B), 0x202F)
    table |= dict.fromkeys((*hidden, *white), " ")
    return table | dict.fromkeys((0xB7, 0x2022, 0xFF0E), ".")


_PLAIN: Final = _same_length_table()
_SPOKEN: Final = {ord(c): str(i) for c, i in DIGITS.items() if c in _CHINESE_DIGITS}

_DONE: Final = "\x00"
"""Stands for every character that is already masked: no digit, no gap."""

_G: Final = r"[ .\-]{0,3}"
_LONG: Final = re.compile(r"[0-9](?:[ .\-()/]{0,7}[0-9]){9}")
"""Ten digits: the least that a number needs which no word before it names."""

_MOBILE: Final = rf"(?:(?:\+|00)?{_G}86\)?{_G}|0)?1{_G}[3-9](?:{_G}[0-9]){{9}}"
_AREA: Final = rf"\(?0{_G}(?:10|2[0-9]|[3-9]{_G}[0-9]{_G}[0-9])\)?"
_LANDLINE: Final = rf"{_AREA}[ .\-/]{{0,3}}[2-8](?:{_G}[0-9]){{6,7}}(?:(?:-| ?转 ?)[0-9]{{1,5}})?"
_IDENTITY: Final = rf"[1-9](?:{_G}[0-9]){{16}}{_G}[0-9Xx]"
_OLD_IDENTITY: Final = rf"[1-9](?:{_G}[0-9]){{14}}"
_BANK_CARD: Final = rf"[3-69](?:{_G}[0-9]){{15,18}}"
_NAMED_CARD: Final = rf"(?:卡号|账号|帐号|账户|帐户|银行卡)[^0-9\x00]{{0,8}}([0-9](?:{_G}[0-9]){{11,18}})"
_LOCAL: Final = (
    r"(?:电话|座机|联系方式|联系号码|致电|拨打|TEL|Tel|tel)[^0-9\x00]{0,6}"
    r"((?!400|800)[2-8][0-9]{2,3}[ -]?[0-9]{4})"
)
_PLATE: Final = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ .\-]{0,2}[A-HJ-NP-Za-hj-np-z][ .\-]{0,2}"
    r"(?=[A-Za-z .\-]{0,5}[0-9])(?:(?:[A-Ka-k][ .\-]?[A-Ha-hJ-Nj-nP-Zp-z0-9][ .\-]?[0-9]{4}|[0-9]{5}[ .\-]?[A-Ka-k])"
    r"|(?:[A-HJ-NP-Za-hj-np-z0-9][ .\-]?){4}(?:[A-HJ-NP-Za-hj-np-z0-9]|[挂学警港澳]))(?![A-Za-z0-9])"
)
_EMAIL: Final = r"[A-Za-z0-9][A-Za-z0-9._%+\-]* ?@ ?[A-Za-z0-9\-]+(?: ?\. ?[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
_NAMED: Final = r"(?:[ ]*(?:号码?|ID|id|账号|帐号))?(?:[ ]*(?:是|为|叫|加|同号|同))?[ ]*[:(]?[ ]*"
_WECHAT: Final = (
    rf"(?:[微薇威][信❤]|[Vv]信|[Ww]e[Cc]hat|[Vv][Xx]){_NAMED}"
    r"((?=[A-Za-z_\-]*[0-9])[A-Za-z0-9][A-Za-z0-9_\-]{4,19}|(?<=[:是为])[A-Za-z][A-Za-z0-9_\-]{5,19})(?![A-Za-z0-9])"
)
_QQ: Final = rf"(?:[Qq] ?[Qq]|企鹅号?)(?:群|邮箱)?{_NAMED}([1-9](?:{_G}[0-9]){{4,11}})(?![0-9])"

_PROVINCES: Final = re.compile("1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_checksum_holds(number: str) -> bool:
    """GB 11643: the last of the 18 characters is the weighted sum of the others modulo 11, written 10X98765432."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn_holds(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2099
    except ValueError:
        return False


def _is_identity(written: str) -> bool:
    """18 characters with a real birth date, and a province code or a checksum that holds: a number typed with one wrong
    digit is still a person's. An order number that starts with a year (20…) has no province code."""
    number = re.sub(r"[^0-9Xx]", "", written)
    known = _PROVINCES.match(number) is not None
    return _is_date(number[6:14]) and (known or identity_checksum_holds(number))


def _is_old_identity(written: str) -> bool:
    """15 digits (before 1999): province, and the birth date without its century."""
    number = re.sub(r"[^0-9]", "", written)
    return _PROVINCES.match(number) is not None and _is_date("19" + number[6:12])


def _is_bank_card(written: str) -> bool:
    """16 to 19 digits that start like a card (3, 4, 5, 6, 9, never a year) and pass Luhn."""
    return _luhn_holds(re.sub(r"[^0-9]", "", written))


def _always(_: str) -> bool:
    return True


def _named(_: str) -> bool:
    """A word before the number says what it is."""
    return True


_Rule = tuple[PersonalData, re.Pattern[str], Callable[[str], bool]]


def _alone(pattern: str) -> re.Pattern[str]:
    """Not inside a longer run of digits."""
    return re.compile(rf"(?<![0-9])({pattern})(?![0-9])")


_WRITTEN: Final[tuple[_Rule, ...]] = (
    (PersonalData.EMAIL, re.compile(f"({_EMAIL})"), _always),
    (PersonalData.IDENTITY, _alone(_IDENTITY), _is_identity),
    (PersonalData.BANK_CARD, _alone(_BANK_CARD), _is_bank_card),
    (PersonalData.BANK_CARD, re.compile(_NAMED_CARD + "(?![0-9])"), _named),
    (PersonalData.IDENTITY, _alone(_OLD_IDENTITY), _is_old_identity),
    (PersonalData.MOBILE, _alone(_MOBILE), _always),
    (PersonalData.LANDLINE, _alone(_LANDLINE), _always),
    (PersonalData.LANDLINE, re.compile(_LOCAL + "(?![0-9])"), _named),
    (PersonalData.PLATE, re.compile(f"({_PLATE})"), _always),
    (PersonalData.WECHAT, re.compile(_WECHAT), _always),
    (PersonalData.QQ, re.compile(_QQ), _always),
)
"""In this order: what is longer and surer first."""

_SPOKEN_RULES: Final[tuple[_Rule, ...]] = (
    *_WRITTEN[1:],
    (PersonalData.IDENTITY, re.compile(f"({_IDENTITY})"), _is_identity),
    (PersonalData.MOBILE, re.compile(f"({_MOBILE})"), _always),
)
"""For text in which Chinese numerals have become digits. A name may end in a numeral (张三一三八…), so a number may
begin or end inside a run here; digits in other notation were dealt with before."""


_LONG_KINDS: Final = frozenset((PersonalData.MOBILE, PersonalData.LANDLINE, PersonalData.IDENTITY, PersonalData.BANK_CARD))


def _scan(plain: str, rules: tuple[_Rule, ...], found: list[Found]) -> str:
    """Adds finds; returns the text with them blanked out. Repeats until nothing is found, so masking is idempotent."""
    while True:
        before = len(found)
        long = _LONG.search(plain) is not None
        for kind, pattern, holds in rules:
            if not long and kind in _LONG_KINDS and holds is not _named:
                continue
            position = 0
            while match := pattern.search(plain, position):
                start, end = match.span(1)
                if not holds(match.group(1)):
                    position = match.start() + 1
                    continue
                found.append(Found(kind, start, end))
                plain = plain[:start] + _DONE * (end - start) + plain[end:]
                position = end
        if len(found) == before:
            return plain


_STANDING: Final = re.compile("|".join(re.escape(p) for p in sorted(set(PLACEHOLDER.values()))))
_SPOKEN_CANDIDATE: Final = re.compile(rf"[{_CHINESE_DIGITS}]")


def mask(text: str, shown: Collection[PersonalData] = ()) -> Masked:
    """The text with every find replaced by its `PLACEHOLDER`. `mask(mask(x).text).text == mask(x).text`.

    shown: kinds that stay, for texts in which they are an office's own (a published answer names the number to call).
    """
    if _CANDIDATE.search(text) is None:
        return Masked(text, ())
    plain = text.translate(_PLAIN)
    if "[" in plain:
        plain = _STANDING.sub(lambda m: _DONE * len(m.group()), plain)
    found: list[Found] = []
    plain = _scan(plain, _WRITTEN, found)
    if _SPOKEN_CANDIDATE.search(plain):
        spoken = plain.translate(_SPOKEN)
        if _CANDIDATE.search(spoken):
            _scan(spoken, _SPOKEN_RULES, found)
    found = [one for one in found if one.kind not in shown]
    if not found:
        return Masked(text, ())
    found.sort(key=lambda f: f.start)
    pieces: list[str] = []
    position = 0
    for one in found:
        pieces += (text[position : one.start], PLACEHOLDER[one.kind])
        position = one.end
    return Masked("".join((*pieces, text[position:])), tuple(found))


def mask_deep(value: object) -> object:
    """A JSON value with every string in it masked; keys of objects stay."""
    if isinstance(value, str):
        return mask(value).text
    if isinstance(value, dict):
        return {key: mask_deep(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mask_deep(inner) for inner in value]
    return value


_SERVICE: Final = re.compile(r"(?:400|800)[0-9]{7}|1[0-2][0-9]{1,4}|9[56][0-9]{3,4}")


def phone_digits(text: str) -> str | None:
    """The canonical digits of a telephone field, so that one telephone has one hash.

    11 digits of a mobile, or a landline with its area code (and 0) if given, without country code and extension.
    None when the field holds no such number, or a service line.
    """
    plain = fold(text).translate(_SPOKEN)
    digits = re.sub(r"[^0-9]", "", re.split(r"[转#]|分机|ext", plain)[0])
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) in (10, 11):
            digits = digits.removeprefix(prefix)
            if digits[0] != "0" and not re.fullmatch(r"1[3-9][0-9]{9}", digits):
                digits = "0" + digits
            break
    if re.fullmatch(r"01[3-9][0-9]{9}", digits):
        digits = digits[1:]
    if _SERVICE.fullmatch(digits):
        return None
    return digits if re.fullmatch(r"1[3-9][0-9]{9}|0[1-9][0-9]{8,10}|[2-8][0-9]{6,7}", digits) else None
