"""Place expressions in free text: what reads like the name of a district, road, estate …, without a list.

A name is found by how it ends (`language.place_words.ENDINGS`); where it begins is decided by the tokenizer's
boundaries and by words that cannot stand in a name. What the names mean in a city is the city pack's business.
"""

import re
from collections.abc import Iterator
from typing import Final

from language.normalise import fold
from language.place_expression import PlaceExpression, PlaceKind
from language.place_reader import PlaceReader

__all__ = ["READ_CHARACTERS", "PlaceExpression", "PlaceKind", "place_expressions"]

READ_CHARACTERS: Final = 1500
"""Only this much of a text is read: where something is, people say early."""

_CROSS_JOIN: Final = frozenset(("与", "和", "、", "及", "/", "-", "跟", "—", "同"))
_CROSS_AFTER: Final = re.compile("的?(?:交叉|交汇|交界|交接|相交|路口|十字|丁字|[TＴ]字|红绿灯|口(?![岸碑径味号腔述头]))")
_ROAD_MOUTH: Final = re.compile("(?:的?(?:十字|丁字|红绿灯|交叉)?路口|口(?![岸碑径味号腔述头]))")


def _crossings(text: str, found: list[PlaceExpression]) -> Iterator[PlaceExpression]:
    previous: PlaceExpression | None = None
    for one in found:
        if one.kind is PlaceKind.ROAD:
            start = one.start
            after = _ROAD_MOUTH.match(text, one.end)
            if previous and text[previous.end : one.start] in _CROSS_JOIN:
                start = previous.start
                after = _CROSS_AFTER.match(text, one.end)
            if after:
                name = text[start : one.end]
                yield PlaceExpression(PlaceKind.CROSSING, name, start, one.end, fold(name))
            previous = one
        else:
            previous = None


def place_expressions(text: str) -> list[PlaceExpression]:
    """The place expressions in the first `READ_CHARACTERS` characters, in text order and apart.

    阳光花园三栋二单元 gives an estate, a building and a unit that touch. Only a CROSSING overlaps: it
    comes right after the road or roads it spans.
    """
    reader = PlaceReader(text[:READ_CHARACTERS])
    reader.read()
    crossings = list(_crossings(text, reader.found))
    if not crossings:
        return reader.found
    return sorted((*reader.found, *crossings), key=lambda one: (one.end, one.kind is PlaceKind.CROSSING))
