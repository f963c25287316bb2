"""Matters: what citizens complain about, in their own words, whatever a city calls it.

A matter has patterns; a pattern has slots, all of which must be filled near one another, in any order and with anything between.
The lexicon's notation, one matter a line: `name: a|b + c|d ; e|f ; ~g + h`. `;` separates patterns, `+` slots, `|` the terms of a
slot, `$name` stands for a group of terms, `~` marks a weak pattern, `! x|y` at its end a term that must not stand near.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

WINDOW: Final = 14
"""Characters that may stand between the slots of a pattern, in all."""

STRONG: Final = 1.0
WEAK: Final = 0.45

Positions = Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """slots: terms of each slot; without: terms that void a match when they stand within the window."""

    matter: str
    slots: tuple[frozenset[str], ...]
    without: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found from `start` to `end`."""

    pattern: Pattern
    start: int
    end: int


class MatterFinder:
    """Finds the patterns whose terms a scan found."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        by_term: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, pattern in enumerate(self.patterns):
            for slot, terms in enumerate(pattern.slots):
                for term in terms:
                    by_term[term].append((number, slot))
        self._by_term = dict(by_term)
        self.terms = frozenset(self._by_term) | {term for pattern in self.patterns for term in pattern.without}

    def find(self, positions: Positions) -> list[Match]:
        """At most one match of a pattern: the first."""
        filled: dict[int, dict[int, list[tuple[int, int]]]] = {}
        by_term = self._by_term
        for term, starts in positions.items():
            for number, slot in by_term.get(term, ()):
                spans = filled.setdefault(number, {}).setdefault(slot, [])
                spans.extend((start, start + len(term)) for start in starts)
        found: list[Match] = []
        for number, slots in filled.items():
            pattern = self.patterns[number]
            if len(slots) == len(pattern.slots):
                span = _nearest(list(slots.values()))
                if span and not _voided(pattern, positions, span):
                    found.append(Match(pattern, *span))
        return found


def _nearest(slots: list[list[tuple[int, int]]]) -> tuple[int, int] | None:
    """The first choice of one span of each slot that lies within the window."""
    if len(slots) == 1:
        return min(slots[0])
    best: tuple[int, int] | None = None
    for spans in product(*(sorted(slot)[:8] for slot in slots)):
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        covered = sum(e - s for s, e in spans)
        if end - start <= covered + WINDOW and (best is None or start < best[0]):
            best = (start, end)
    return best


def _voided(pattern: Pattern, positions: Positions, span: tuple[int, int]) -> bool:
    return any(
        span[0] - WINDOW <= start <= span[1] + WINDOW for term in pattern.without for start in positions.get(term, ())
    )


def read_lexicon(text: str, groups: Mapping[str, str]) -> list[Pattern]:
    """The patterns of a lexicon in the notation above. Raises ValueError, naming the line, for what is not."""
    found: list[Pattern] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, body = line.partition(":")
        if not colon or not name.strip():
            raise ValueError(f"a matter is written `name: patterns`, not {line!r}")
        for written in body.split(";"):
            if written.strip():
                found.append(_pattern(name.strip(), written.strip(), groups))
    return found


def _pattern(matter: str, written: str, groups: Mapping[str, str]) -> Pattern:
    weak = written.startswith("~")
    wanted, _, unwanted = written.removeprefix("~").partition("!")
    slots = tuple(_terms(slot, groups) for slot in wanted.split("+"))
    if not all(slots) or any(len(term) < 2 for slot in slots for term in slot):
        raise ValueError(f"every slot needs terms of two characters or more: {matter}: {written}")
    return Pattern(matter, slots, _terms(unwanted, groups), WEAK if weak else STRONG)


def _terms(slot: str, groups: Mapping[str, str]) -> frozenset[str]:
    terms: set[str] = set()
    for raw in slot.split("|"):
        term = raw.strip()
        if term.startswith("$"):
            terms |= _terms(groups[term[1:]], groups)
        elif term:
            terms.add(term)
    return frozenset(terms)
