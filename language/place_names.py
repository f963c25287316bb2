"""Where the name of a place begins whose end is known."""

import re
from typing import Final

from language import place_words as words
from language.tokenise import cut_han

_COUNTING: Final = frozenset("一两二三四五六七八九十几多数半每")
_MEASURES: Final = frozenset("个条家所座片栋块些排间套户名位辆台层段处种次批年月天号")
_INNER: Final = re.compile(f".*[{words.INNER_STOP}]")


def _stops(token: str) -> bool:
    """Whether the token cannot be part of a name to its right."""
    if token in words.CANNOT_BEGIN:
        return True
    if token[0] in words.FUNCTION_CHARACTERS:
        return len(token) == 1 or token[0] not in words.MAY_HOLD
    return len(token) > 1 and token[0] in _COUNTING and token[1] in _MEASURES


def name_begin(text: str, floor: int, ending: int, end: int, longest: int) -> int:
    """Where the name begins whose ending is text[ending:end]; `ending` when nothing before it is a name.

    Not before `floor`, and at most `longest` characters before the ending. Generic words alone (大型超市) are no name.
    """
    start = ending
    lowest = max(floor, ending - longest - 3)
    while start > lowest and text[start - 1].isalnum():
        start -= 1
    if start == ending:
        return ending
    position = begin = end
    generic = True
    for token in reversed(cut_han(text[start:end])):
        position -= len(token)
        if position < ending:
            whole = position + len(token) <= ending
            if ending - position > longest:
                break
            if (whole or token[0] in words.FUNCTION_CHARACTERS) and _stops(token):
                if len(token) > 1 and token[0] in words.PREFIXES and token not in words.CANNOT_BEGIN:
                    begin, generic = position + 1, False
                break
            generic = generic and whole and token in words.GENERIC
        begin = position
    if generic or begin >= ending:
        return ending
    inner = _INNER.match(text, begin, ending)
    return inner.end() if inner else begin
