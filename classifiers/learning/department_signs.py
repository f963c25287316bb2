"""The signs of an order: blocks of strings that a linear model may weigh, beside the n-grams of characters."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from classifiers.learning.department_keys import Keys, joined_keys
from classifiers.learning.department_words import Order

_CROSSED: Final = 150
"""Words of an order that are crossed with its addressee, district and scheme."""


class Sign(StrEnum):
    """A block of strings. The last three need a path. The columns stand in this order: what the same views see lies together."""

    WORD = "word"
    SCHEME = "scheme"
    ASKED = "asked"
    HEAD = "head"
    NAMED = "named"
    PLACE = "place"
    ANSWERED_BY = "answered_by"
    ASKED_CROSSED = "asked_crossed"
    HISTORY = "history"
    DISTRICT_CROSSED = "district_crossed"
    ASKED_IN_SCHEME = "asked_in_scheme"
    WORDS_IN_SCHEME = "words_in_scheme"
    PATH = "path"
    PATH_IN_SCHEME = "path_in_scheme"
    PATH_CROSSED = "path_crossed"


def signs_of(orders: Sequence[Order]) -> Mapping[Sign, Keys]:
    """The strings of every block; those of a missing path or scheme are empty."""
    many = len(orders)
    cut = [order.words for order in orders]
    words, first = Keys.of(cut), Keys.of([some[:_CROSSED] for some in cut])
    scheme = Keys.of([[order.scheme] if order.scheme else [] for order in orders])
    districts = Keys.of([order.districts[:2] or ("-",) for order in orders])
    ends = Keys.of([order.asked_ends or ["-"] for order in orders])
    asked = joined_keys([Keys.of([order.asked or ("-",) for order in orders]), Keys.runs([o.asked for o in orders], 2, 4)])
    heads = [[order.head] for order in orders]
    answered = [order.answered_by for order in orders]
    found = {
        Sign.WORD: joined_keys([words, words.pairs()]),
        Sign.SCHEME: scheme,
        Sign.ASKED: asked,
        Sign.HEAD: joined_keys([Keys.of(heads), Keys.runs(heads, 2, 3)]),
        Sign.NAMED: Keys.of([[part for one in order.named for part in (one, one[-4:], one[-3:])] for order in orders]),
        Sign.PLACE: Keys.of([order.places for order in orders]),
        Sign.ANSWERED_BY: joined_keys([Keys.of(answered), Keys.runs(answered, 2, 3)]),
        Sign.ASKED_CROSSED: ends.crossed(joined_keys([districts, first]), many),
        Sign.HISTORY: Keys.runs([[order.history] for order in orders], 2, 3),
        Sign.DISTRICT_CROSSED: districts.crossed(first, many),
        Sign.ASKED_IN_SCHEME: scheme.crossed(asked, many),
        Sign.WORDS_IN_SCHEME: scheme.crossed(first, many),
    }
    if any(order.has_path for order in orders):
        found |= _path_signs(orders, scheme, ends, districts)
    return found


def _path_signs(orders: Sequence[Order], scheme: Keys, ends: Keys, districts: Keys) -> dict[Sign, Keys]:
    """Prefixes of the path and each level alone, and both crossed with addressee and district."""
    many = len(orders)
    known = [order if order.has_path else None for order in orders]
    prefixes = [order.prefixes if order else [] for order in known]
    levels = [order.levels if order else [] for order in known]
    alone = Keys.of([[*some, order.lowest] if order else [] for order, some in zip(known, levels, strict=True)])
    letters = Keys.runs([["".join(order.path)] if order else [] for order in known], 2, 2)
    whole = joined_keys([Keys.of(prefixes), alone, letters])
    placed = Keys.of([[*some[2:], *names[1:]] for some, names in zip(prefixes, levels, strict=True)])
    crossed = [placed.crossed(districts, many), Keys.of([some[1:] for some in prefixes]).crossed(ends, many)]
    return {Sign.PATH: whole, Sign.PATH_IN_SCHEME: scheme.crossed(whole, many), Sign.PATH_CROSSED: joined_keys(crossed)}
