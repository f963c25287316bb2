"""One spelling for what people write in many ways.

`fold` is for comparing and searching, `strip_controls` for text that will be shown.
"""

import re
import unicodedata
from typing import Final

from language.traditional import SIMPLIFIED_FORM

_INVISIBLE: Final = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF),
    (0xE0000, 0xE007F),
)  # fmt: skip
"""Code points that show nothing: C0/C1 controls, soft hyphen, zero-width characters, bidi marks and overrides,
blank fillers, lone surrogates (they cannot be encoded), tags. White space is not among them."""

_VARIATION_SELECTORS: Final = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Choose a glyph, so they stay in shown text (emoji need them) and go when folding."""

_NEWLINES: Final = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)

_COMPATIBLE: Final = ((0x20, 0x33FF), (0xA640, 0xA7FF), (0xF900, 0xFAFF), (0xFE10, 0xFE6F), (0xFF00, 0xFFEF))
"""Where a compatibility or upper-case form can stand that citizens' messages hold (not the mathematical alphabets)."""


def _members(ranges: tuple[tuple[int, int], ...]) -> list[int]:
    return [code for first, last in ranges for code in range(first, last + 1)]


def _fold_character(character: str) -> str:
    """The fixed point of compatibility form, lower case and simplified form of one character."""
    while True:
        folded = "".join(SIMPLIFIED_FORM.get(c, c) for c in unicodedata.normalize("NFKC", character).lower())
        if folded == character:
            return folded
        character = folded


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in _members(_COMPATIBLE):
        folded = _fold_character(chr(code))
        if folded != chr(code):
            table[code] = folded
    for code in range(0x2460, 0x2474):  # ① to ⑳ as ⑴: bare digits would run into a number beside them
        table[code] = f"({code - 0x245F})"
    table.update({ord(old): _fold_character(new) for old, new in SIMPLIFIED_FORM.items()})
    table.update(dict.fromkeys(_members(_INVISIBLE + _VARIATION_SELECTORS), None))
    white = (0x09, *_NEWLINES, *range(0x1C, 0x20), 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
    table.update(dict.fromkeys(white, " "))
    for code, new in table.items():  # a value that holds a removed or white character must be final as well
        if new:
            table[code] = "".join(table.get(ord(c), c) or "" for c in new)
    return table


_FOLD: Final = str.maketrans(_fold_table())
_SHOWN: Final = str.maketrans(dict.fromkeys(_members(_INVISIBLE)) | dict.fromkeys(_NEWLINES, "\n") | {0x09: " "})
_INVISIBLE_CLASS: Final = re.compile(
    "[\t" + "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in _INVISIBLE) + "\x0b-\r\x85\u2028\u2029]"
)
_SPACES: Final = re.compile(" {2,}")


def fold(text: str) -> str:
    """The searchable form of a text, on one line and not for display.

    Full width and other compatibility forms become ordinary ones character by character (NFKC without composition;
    ① becomes (1)), Latin letters lower case, frequent traditional characters simplified (`language.traditional`), what
    cannot be seen goes, every run of white space is one space, none at the ends. Lengths may change.
    `fold(fold(x)) == fold(x)`.
    """
    folded = text.translate(_FOLD)
    if "  " in folded:
        folded = _SPACES.sub(" ", folded)
    return folded.strip(" ")


def strip_controls(text: str) -> str:
    """A text that is safe to show: without controls, bidi overrides, zero-width characters and lone surrogates.

    Every line end becomes a newline, a tab a space; all else stays. HTML is not looked at: screens escape it.
    """
    if _INVISIBLE_CLASS.search(text) is None:
        return text
    return text.replace("\r\n", "\n").translate(_SHOWN)
