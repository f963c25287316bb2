"""What people type into cells, brought into one form: widths, blanks, lists, marks."""

import re
from typing import Final

from language.normalise import fold, strip_controls

_WIDE: Final = {
    code: code - 0xFEE0 for low, high in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)) for code in range(low, high + 1)
}
_BLANK: Final = str.maketrans({"\u3000": " ", "\xa0": " ", "\t": " "})
_LOOSE: Final = re.compile(r"(?<![A-Za-z0-9]) +| +(?![A-Za-z0-9])")
_NUMBERING: Final = re.compile(r"(?:^|(?<=[\s;；。]))[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）.、．]\s*(?=[^\d\s])")
_SEPARATORS: Final = frozenset("、,，;；/／\n|")
_OPEN, _CLOSE = "(（[【〔《", ")）]】〕》"

NOTHING: Final = frozenset(("", "无", "/", "／", "\\", "-", "--", "—", "——", "暂无", "空", "不涉及", "N/A", "n/a"))
"""What people write into a cell that has nothing to say."""
TICKS: Final = frozenset(("√", "✓", "✔", "☑", "●", "■", "是", "Y", "y", "1"))
"""What people write into a cell for yes."""
CROSSES: Final = NOTHING | frozenset(("×", "✗", "✘", "否", "N", "n", "0", "○", "□"))


def tidy(text: str) -> str:
    """Full-width digits and letters become half-width, odd blanks ordinary ones, blank lines and outer blanks go; lines stay."""
    lines = strip_controls(text).translate(_WIDE).translate(_BLANK).split("\n")
    return "\n".join(line for raw in lines if (line := " ".join(raw.split())))


def one_line(text: str) -> str:
    """A tidied text as one name: line breaks and blanks go (城市 管理局), but for those between Latin letters or digits."""
    return _LOOSE.sub("", text.replace("\n", " "))


def is_nothing(text: str) -> bool:
    return one_line(text) in NOTHING


def parts(text: str) -> list[str]:
    """A list in one cell, separated by 、 , ; / | or line breaks outside of brackets; numbering and empty parts go."""
    found, part, depth = [], "", 0
    for character in _NUMBERING.sub("\n", text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        if character in _SEPARATORS and not depth:
            found.append(part)
            part = ""
        else:
            part += character
    found.append(part)
    return list(dict.fromkeys(name for one in found if (name := one_line(one).strip(" .。:：")) not in NOTHING))


def without_brackets(text: str) -> str:
    """住建局(物业科) = 住建局."""
    return re.sub(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]", "", text).strip()


def squashed(label: str) -> str:
    """A heading as it is compared: folded, without blanks, marks or brackets; what stands in brackets stays."""
    return re.sub(r"[\s*※:、,/()\[\]【】〔〕\"“”._-]", "", fold(label))
