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

from language.normalise import fold

WINDOW: Final = 14
"""Characters that may stand between the slots of a pattern, in all."""

NEAR: Final = 10
"""How far from the other slots a term of one character counts."""

STRONG: Final = 1.0
WEAK: Final = 0.45

Positions = Mapping[str, list[int]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """Terms of two characters or more, which a scan finds, and single characters, looked for beside what it found."""

    terms: frozenset[str]
    characters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """without: what voids a match when it stands near it. At least one slot has terms."""

    matter: str
    slots: tuple[Slot, ...]
    without: Slot
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
            for index, slot in enumerate(pattern.slots):
                for term in slot.terms:
                    by_term[term].append((number, index))
        self._by_term = dict(by_term)
        self.terms = frozenset(self._by_term) | {term for pattern in self.patterns for term in pattern.without.terms}

    def find(self, text: str, positions: Positions) -> list[Match]:
        """At most one match of a pattern: the first that nothing near it voids. positions: a scan of `text` for `terms`."""
        filled: dict[int, dict[int, list[Span]]] = {}
        by_term = self._by_term
        for term, starts in positions.items():
            length = len(term)
            for number, index in by_term.get(term, ()):
                spans = filled.setdefault(number, {}).setdefault(index, [])
                spans.extend([(start, start + length) for start in starts])
        found: list[Match] = []
        for number, slots in filled.items():
            pattern = self.patterns[number]
            for span in _spans(pattern, slots, text):
                if not _voided(pattern.without, text, positions, span):
                    found.append(Match(pattern, *span))
                    break
        return found


def _spans(pattern: Pattern, filled: dict[int, list[Span]], text: str) -> list[Span]:
    """Where the pattern stands, in text order."""
    wanted = len(pattern.slots)
    if len(filled) == wanted:
        spans = filled[0] if wanted == 1 else _together(list(filled.values()))
        if spans:
            return sorted(spans)
    missing = [index for index in range(wanted) if index not in filled]
    for index, slot in enumerate(pattern.slots):
        if slot.characters and missing in ([], [index]) and wanted > 1:
            others = [spans for at, spans in filled.items() if at != index]
            around = others[0] if len(others) == 1 else _together(others)
            beside = [span for span in around if not slot.characters.isdisjoint(text[max(0, span[0] - NEAR) : span[0]])
                      or not slot.characters.isdisjoint(text[span[1] : span[1] + NEAR])]
            if beside:
                return sorted(beside)
    return []


def _together(slots: list[list[Span]]) -> list[Span]:
    """Every choice of one span of each slot that lies within the window."""
    found: list[Span] = []
    for spans in product(*(slot[:12] for slot in slots)):
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        if end - start <= sum(e - s for s, e in spans) + WINDOW:
            found.append((start, end))
    return found


def _voided(without: Slot, text: str, positions: Positions, span: Span) -> bool:
    low, high = span[0] - WINDOW, span[1] + WINDOW
    for term in without.terms:
        for start in positions.get(term, ()):
            if low <= start <= high:
                return True
    return bool(without.characters) and not without.characters.isdisjoint(text[max(0, span[0] - NEAR) : span[1] + NEAR])


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
    slots = tuple(_slot(_terms(slot, groups)) for slot in wanted.split("+"))
    if not any(slot.terms for slot in slots) or not all(slot.terms or slot.characters for slot in slots):
        raise ValueError(f"no slot may be empty, and one needs a term of two characters: {matter}: {written}")
    return Pattern(matter, slots, _slot(_terms(unwanted, groups)), WEAK if weak else STRONG)


def _slot(terms: frozenset[str]) -> Slot:
    characters = frozenset(term for term in terms if len(term) == 1)
    return Slot(terms - characters, characters)


def _terms(written: str, groups: Mapping[str, str]) -> frozenset[str]:
    terms: set[str] = set()
    for raw in written.split("|"):
        term = fold(raw)
        if term.startswith("$"):
            terms |= _terms(groups[term[1:]], groups)
        elif term:
            terms.add(term)
    return frozenset(terms)
