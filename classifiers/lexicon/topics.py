"""Topics of government work: how a tree of categories names them, and what people's letters about them say.

Written for this project from knowledge of the field: how the complaint categories of public letters and 12345 hotlines are
commonly divided. Knows no city and no tree. Notation, a topic a line, under the heading of its field:

    = field: names of the field in a tree
    topic: names in a tree|… > names to fall back on|… = !decisive word|*telling word|word|~weak word

A topic is looked for in a tree by its names, then by what it falls back on, last by its field's names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from classifiers.lexicon.topics_people import PEOPLE_TOPICS
from classifiers.lexicon.topics_state import STATE
from classifiers.lexicon.topics_town import TOWN
from classifiers.matters import entries
from language.normalise import fold

WEIGHTS: Final = {"!": 3.5, "*": 2.0, "~": 0.4}
"""Of words with that mark; without one 1."""


@dataclass(frozen=True, slots=True)
class Topic:
    """field: names of its field; chain: sets of names, the first that a tree has are its place there; words -> weight."""

    name: str
    field: frozenset[str]
    chain: tuple[frozenset[str], ...]
    words: dict[str, float]


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, in the order of the files."""
    return tuple(read_topics("\n".join((TOWN, PEOPLE_TOPICS, STATE))))


def read_topics(text: str) -> Iterator[Topic]:
    """Raises ValueError for what is not in the notation, a topic without a field, or a word of one character."""
    field: frozenset[str] | None = None
    for name, body in entries(text):
        if name.startswith("="):
            field = _names(body)
            continue
        chain, equals, words = body.partition("=")
        if field is None or not equals or not words.strip():
            raise ValueError(f"a topic stands under a field and is written `topic: names = words`: {name}")
        weighted = dict(map(_weighted, _parts(words)))
        if short := [word for word in weighted if len(word) < 2]:
            raise ValueError(f"a word has two characters at least: {name}: {short}")
        yield Topic(name, field, tuple(map(_names, chain.split(">"))), weighted)


def _parts(written: str) -> list[str]:
    return [part.strip() for part in written.split("|") if part.strip()]


def _names(written: str) -> frozenset[str]:
    return frozenset(map(fold, _parts(written)))


def _weighted(written: str) -> tuple[str, float]:
    weight = WEIGHTS.get(written[0])
    return (fold(written), 1.0) if weight is None else (fold(written[1:]), weight)
