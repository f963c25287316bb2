"""Matters: what citizens complain about, in their own words, whatever a city calls it.

A matter has patterns; a pattern has slots, all of which must be filled near one another, in any order and with anything between.
The lexicon's notation, one matter a line: `name: a|b + c|d ; e|f ; ~g + h`. `;` separates patterns, `+` slots, `|` the terms of a
slot, `$name` stands for a group of terms, `~` marks a weak pattern, `! x|y` at its end a term that must not stand near.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from language.normalise import fold

WINDOW: Final = 14
"""Characters that may stand between the slots of a pattern, in all."""

NEAR: Final = 10
"""How far from the other slots a term of one character counts."""

MANY: Final = 12
"""Places of one slot that are tried."""

STRONG: Final = 1.0
WEAK: Final = 0.45
ALONE: Final = {2: 0.5, 3: 0.75}
"""A term of so many characters that fills a pattern by itself names a topic rather than what is wrong with it."""

BY_CHARACTER: Final = 0.75
"""A slot filled by one character only."""

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
    """A pattern found from `start` to `end`; weight: the pattern's, less where little of it was found."""

    pattern: Pattern
    start: int
    end: int
    weight: float


class MatterFinder:
    """Finds the patterns whose terms a scan found."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        alone: defaultdict[str, list[int]] = defaultdict(list)
        parts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, pattern in enumerate(self.patterns):
            for index, slot in enumerate(pattern.slots):
                for term in slot.terms:
                    if len(pattern.slots) == 1:
                        alone[term].append(number)
                    else:
                        parts[term].append((number, 1 << index))
        self._alone = {term: tuple(numbers) for term, numbers in alone.items()}
        self._parts = {term: tuple(found) for term, found in parts.items()}
        self._enough = tuple(map(_enough, self.patterns))
        self.terms = frozenset(alone) | frozenset(parts) | {term for one in self.patterns for term in one.without.terms}

    def find(self, text: str, positions: Positions) -> list[Match]:
        """At most one match of a pattern: the first that nothing near it voids. positions: a scan of `text` for `terms`."""
        found: list[Match] = []
        for number in self._candidates(text, positions):
            pattern = self.patterns[number]
            spans, worth = _spans(pattern, text, positions)
            for start, end in spans:
                if not _voided(pattern.without, text, positions, (start, end)):
                    if len(pattern.slots) == 1:
                        worth = ALONE.get(end - start, 1.0)
                    found.append(Match(pattern, start, end, pattern.weight * worth))
                    break
        return found

    def _candidates(self, text: str, positions: Positions) -> list[int]:
        """Patterns of which every slot has a term, or a character, somewhere in the text."""
        filled: dict[int, int] = {}
        found: set[int] = set()
        parts, alone = self._parts, self._alone
        for term in positions:
            for number, bit in parts.get(term, ()):
                filled[number] = filled.get(number, 0) | bit
            if term in alone:
                found.update(alone[term])
        letters = set(text)
        for number, bits in filled.items():
            beside = self._enough[number].get(bits)
            if beside is not None and (not beside or not beside.isdisjoint(letters)):
                found.add(number)
        return sorted(found)


def _enough(pattern: Pattern) -> dict[int, frozenset[str]]:
    """Which slots filled by terms are enough: all (then nothing else is asked), or all but one that has characters."""
    whole = (1 << len(pattern.slots)) - 1
    one_missing = {whole ^ (1 << at): slot.characters for at, slot in enumerate(pattern.slots) if slot.characters}
    return {**one_missing, whole: frozenset()}


def _spans(pattern: Pattern, text: str, positions: Positions) -> tuple[list[Span], float]:
    """Where the pattern stands, in text order, and what that is worth."""
    filled = [
        [(start, start + len(term)) for term in slot.terms & positions.keys() for start in positions[term]]
        for slot in pattern.slots
    ]
    if len(filled) == 1:
        return sorted(filled[0]), 1.0
    together = _together(filled) if all(filled) else []
    if together:
        return sorted(together), 1.0
    for index, slot in enumerate(pattern.slots):
        others = [spans for at, spans in enumerate(filled) if at != index]
        if slot.characters and all(others):
            around = others[0] if len(others) == 1 else _together(others)
            beside = [span for span in around if _stands_beside(slot.characters, text, span)]
            if beside:
                return sorted(beside), BY_CHARACTER
    return [], 0.0


def _stands_beside(characters: frozenset[str], text: str, span: Span) -> bool:
    before, after = text[max(0, span[0] - NEAR) : span[0]], text[span[1] : span[1] + NEAR]
    return not (characters.isdisjoint(before) and characters.isdisjoint(after))


def _together(slots: list[list[Span]]) -> list[Span]:
    """Every choice of one span of each slot that lies within the window."""
    found = [(start, end, end - start) for start, end in slots[0][:MANY]]
    for slot in slots[1:]:
        found = [
            (min(start, s), max(end, e), covered + e - s)
            for start, end, covered in found
            for s, e in slot[:MANY]
            if max(end, e) - min(start, s) <= covered + e - s + WINDOW
        ]
    return [(start, end) for start, end, _ in found]


def _voided(without: Slot, text: str, positions: Positions, span: Span) -> bool:
    low, high = span[0] - WINDOW, span[1] + WINDOW
    for term in without.terms & positions.keys():
        for start in positions[term]:
            if low <= start <= high:
                return True
    return bool(without.characters) and not without.characters.isdisjoint(text[max(0, span[0] - NEAR) : span[1] + NEAR])


def entries(text: str) -> Iterator[tuple[str, str]]:
    """(name, body) of every `name: body` of a lexicon; a line that begins with a space goes on with the one above.

    Raises ValueError, naming the line, for what is not written so.
    """
    for line in text.replace("\n ", " ").splitlines():
        if line.strip():
            name, colon, body = line.partition(":")
            if not colon or not name.strip():
                raise ValueError(f"a matter is written `name: patterns`, not {line[:60]!r}")
            yield name.strip(), body


def read_lexicon(text: str, groups: Mapping[str, str]) -> list[Pattern]:
    """The patterns of a lexicon in the notation above. Raises ValueError for what is not."""
    return [
        _pattern(name, written.strip(), groups) for name, body in entries(text) for written in body.split(";") if written.strip()
    ]


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
