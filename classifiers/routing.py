"""Which unit: the duty list's candidates at the place, weighed with what past orders say.

The duty list comes first: only its units can be taken without a person (law 3). Past orders tell apart the units of several duty
items, and object where they are sure of another unit. What a city's units of one line of work have in common is the line;
which of them is meant, the place says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from city.pack import CityPack
from city.records import Unit
from classifiers.duty import Choice
from schemas.findings import Evidence, Place, UnitProposal
from schemas.words import Basis, EvidenceKind

OF_PAST: Final = 0.5
"""Share of past orders in a candidate's confidence, the rest is the duty list's."""
HARDLY: Final = 0.02
"""A unit that past orders give less than this is not what they would have done, so a person looks."""
SHOWN: Final = 5
LEAST: Final = 0.05
"""Confidence below which a unit that no duty item names is not shown."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the model of past orders says of one report. shares: 0..1 by unit, of the likeliest few; sure: the unit that holds the
    promise, if one does; version: of the model."""

    shares: Mapping[str, float]
    sure: str | None
    version: str


class Routing:
    """Built once from a pack."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._of_line: dict[tuple[str, str], list[str]] = {}
        for unit in pack.units.values():
            if unit.line and unit.abolished is None:
                self._of_line.setdefault((unit.line, self._level(unit)), []).append(unit.code)

    def choose(self, choices: Sequence[tuple[float, Choice]], place: Place, past: Past | None) -> Choice:
        """choices: (share of the category, its candidates), the best category first.

        The basis is the best category's, unless past orders decide between its duty items (ONE_DUTY_ITEM then) or object
        (UNITS_DISAGREE).
        """
        if not choices:
            return Choice([], Basis.NO_CATEGORY)
        by_duty = _weighed(choices)
        if past is None:
            return Choice(_shown([(share, 0.0, unit) for share, unit in by_duty], ""), choices[0][1].basis)
        shares = self._at(past.shares, place)
        named = {unit.unit for _, unit in by_duty}
        candidates = [
            ((1 - OF_PAST) * share + OF_PAST * shares.get(unit.unit, 0.0), shares.get(unit.unit, 0.0), unit)
            for share, unit in by_duty
        ]
        candidates += [
            (OF_PAST * share, share, UnitProposal(unit=code, duty_item="", confidence=0.0))
            for code, share in shares.items()
            if code not in named and OF_PAST * share >= LEAST
        ]
        sure = self._here(past.sure, place) if past.sure else None
        first, basis = self._chosen(choices[0][1], shares, sure)
        return Choice(_shown(candidates, past.version, first), basis)

    def _chosen(self, best: Choice, shares: Mapping[str, float], sure: str | None) -> tuple[str, Basis]:
        """(the unit that goes before all others or "", the basis)"""
        lawful = [unit.unit for unit in best.units]
        if best.basis is Basis.ONE_DUTY_ITEM and lawful:
            objects = (sure is not None and sure != lawful[0]) or (bool(shares) and shares.get(lawful[0], 0.0) < HARDLY)
            return lawful[0], Basis.UNITS_DISAGREE if objects else Basis.ONE_DUTY_ITEM
        if best.basis is Basis.SEVERAL_DUTY_ITEMS and sure in lawful and self._may_lead(best, sure):
            return sure, Basis.ONE_DUTY_ITEM
        return "", best.basis

    def _may_lead(self, best: Choice, code: str) -> bool:
        """The grassroots is never picked among several: its duty items are for a person to weigh (国办函〔2025〕66号)."""
        return not self._pack.units[code].grassroots and sum(unit.unit == code for unit in best.units) == 1

    def _at(self, shares: Mapping[str, float], place: Place) -> dict[str, float]:
        found: dict[str, float] = {}
        for code, share in shares.items():
            here = self._here(code, place)
            found[here] = found.get(here, 0.0) + share
        return found

    def _here(self, code: str, place: Place) -> str:
        """The unit of the same line that serves the place; the unit itself where there is no line of several or no sure place."""
        unit = self._pack.units[code]
        level = self._level(unit)
        if place.area is None or len(self._of_line.get((unit.line, level), ())) < 2:
            return code
        there = self._pack.resolve(f"line:{unit.line}@{level}", place.area)
        return there.code if there is not None else code

    def _level(self, unit: Unit) -> str:
        area = self._pack.areas.get(unit.area)
        return area.level.value if area else ""


def _weighed(choices: Sequence[tuple[float, Choice]]) -> list[tuple[float, UnitProposal]]:
    """Each unit once, with the sum of its shares over the categories; its duty item is that of the likeliest."""
    total = sum(share for share, _ in choices) or 1.0
    found: dict[str, tuple[float, UnitProposal]] = {}
    for share, choice in choices:
        of_units = sum(unit.confidence for unit in choice.units) or 1.0
        for unit in choice.units:
            part = share / total * unit.confidence / of_units
            held = found.get(unit.unit)
            found[unit.unit] = (held[0] + part, held[1]) if held else (part, unit)
    return list(found.values())


def _shown(candidates: list[tuple[float, float, UnitProposal]], version: str, first: str = "") -> list[UnitProposal]:
    """candidates: (confidence, share of past orders, unit). Best first, `first` before all others, past orders in the evidence.

    A unit that they name and the duty list does not is shown to a person, never taken without one.
    """
    ranked = sorted(candidates, key=lambda one: (one[2].unit != first, -one[0], one[2].unit))[:SHOWN]
    found = []
    for share, by_past, unit in ranked:
        changes: dict[str, object] = {"confidence": round(min(share, 1.0), 4)}
        if by_past >= LEAST:
            seen = Evidence(kind=EvidenceKind.MODEL, ref=f"department/{version}", weight=round(by_past, 4))
            changes["evidence"] = [*unit.evidence, seen]
        found.append(unit.model_copy(update=changes))
    return found
