"""Traditional characters and their simplified forms, one character to one character, made from the OpenCC package.

Only frequent characters (Big5 level 1) that are not in GB 2312 themselves and whose simplified form is: so a simplified
text is never changed (乾, 著, 瞭 stay as they are). Words are not looked at: 頭髮 gives 头发, but 乾淨 gives 乾净.
"""

from itertools import chain
from typing import Final

from opencc import OpenCC


def _in(charset: str, character: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _frequent_traditional() -> list[str]:
    """Big5 level 1: lead bytes A4 to C6."""
    codes = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in chain(range(0x40, 0x7F), range(0xA1, 0xFF)))
    characters = (code.decode("big5", "ignore") for code in codes)
    return [character for character in characters if len(character) == 1 and not _in("gb2312", character)]


def _table() -> dict[str, str]:
    traditional = _frequent_traditional()
    simplified = OpenCC("t2s").convert("\n".join(traditional)).split("\n")
    pairs = zip(traditional, simplified, strict=True)
    table = {old: new for old, new in pairs if old != new and len(new) == 1 and _in("gb2312", new)}
    return {old: new for old, new in table.items() if new not in table}


SIMPLIFIED_FORM: Final[dict[str, str]] = _table()
"""Traditional character -> simplified character. No value is a key."""
