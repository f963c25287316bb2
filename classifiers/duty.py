"""Candidate units of a category: its duty items, resolved by the place; and whether one of them may be taken without a person.

国办函〔2025〕66号 (五): clear duty is dispatched by the catalogue; a department's matter never goes to the grassroots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from city.pack import CityPack
from city.records import DutyItem, Unit
from city.terms import ListKind, TownshipRole
from classifiers.lexicon import settings
from classifiers.scan import TermScanner
from language.normalise import fold
from schemas.findings import Evidence, Place, UnitProposal
from schemas.words import Basis, EvidenceKind

CLEARLY: Final = 2.0
"""How many times as much as the next one a duty item's words must fit, to decide between two items of a category."""


@dataclass(frozen=True, slots=True)
class Choice:
    """units: best first. basis: ONE_DUTY_ITEM when the first may be taken, else why not."""

    units: list[UnitProposal]
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Fit:
    item: DutyItem
    score: float
    words: tuple[str, ...]


class DutyList:
    """Built once from a pack; `terms` are to be scanned for together with all others."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._finder = settings()
        self._nearest = {code: self._nearest_items(code) for code in pack.categories}
        self._words = {item.code: tuple(fold(word) for word in item.words) for item in pack.duty_items.values()}
        scanner = TermScanner(self._finder.terms)
        self._settings: dict[str, frozenset[str]] = {}
        for code, words in self._words.items():
            joined = "。".join(words)
            found = self._finder.find(joined, scanner.scan(joined))
            self._settings[code] = frozenset(match.pattern.matter for match in found)
        self._resolved: dict[tuple[str, str | None], Unit | None] = {}
        self.terms = frozenset(word for words in self._words.values() for word in words if len(word) >= 2) | self._finder.terms

    def _resolve(self, pattern: str, area: str | None) -> Unit | None:
        key = pattern, area
        if key not in self._resolved:
            self._resolved[key] = self._pack.resolve(pattern, area)
        return self._resolved[key]

    def _nearest_items(self, category: str) -> tuple[DutyItem, ...]:
        """The items of the category itself, else of the nearest category above that has any."""
        items = self._pack.duty_items_for(category)
        level = [category, *(above.code for above in self._pack.ancestors(category))]
        return next((own for code in level if (own := tuple(i for i in items if code in i.categories))), ())

    def choose(self, category: str, confidence: float, place: Place, positions: Mapping[str, list[int]]) -> Choice:
        """The candidates for one category. positions: a scan of the text for `terms`."""
        items = self._nearest.get(category, ())
        if not items:
            return Choice([], Basis.NO_DUTY_ITEM)
        fits = self._fits(items, positions)
        total = sum(fit.score for fit in fits) or 1.0
        units: list[UnitProposal] = []
        for fit in fits:
            lead = self._resolve(fit.item.lead, place.area)
            if lead is not None:
                share = fit.score / total if len(fits) > 1 and total else 1.0
                units.append(self._proposal(fit, lead, place, confidence * share))
        if len(fits) > 1 and not (fits[0].score >= 1 and fits[0].score >= CLEARLY * fits[1].score):
            return Choice(units, Basis.SEVERAL_DUTY_ITEMS)
        return Choice(units, self._basis(fits[0].item, place))

    def _basis(self, item: DutyItem, place: Place) -> Basis:
        lead = self._resolve(item.lead, place.area)
        if lead is None:
            return Basis.NO_TERRITORY
        if lead.grassroots and (item.township_role is not TownshipRole.LEAD or item.list_kind is ListKind.NEGATIVE):
            return Basis.GRASSROOTS_BLOCKED
        return Basis.ONE_DUTY_ITEM

    def _fits(self, items: tuple[DutyItem, ...], positions: Mapping[str, list[int]]) -> list[_Fit]:
        """Best first. An item's own words count 1 each, words of the same setting a half each, at most three of them."""
        if len(items) == 1:
            return [_Fit(items[0], 1.0, ())]
        fits: list[_Fit] = []
        around = self._around(positions)
        for item in items:
            own = tuple(word for word in self._words[item.code] if word in positions)
            beside = sum(min(around.get(setting, 0), 3) for setting in self._settings[item.code]) if self._words[item.code] else 0
            fits.append(_Fit(item, len(own) + 0.5 * beside, own))
        return sorted(fits, key=lambda fit: -fit.score)

    def _around(self, positions: Mapping[str, list[int]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for pattern in self._finder.patterns:
            counts[pattern.matter] = len(pattern.slots[0].terms & positions.keys())
        return counts

    def _proposal(self, fit: _Fit, lead: Unit, place: Place, confidence: float) -> UnitProposal:
        item = fit.item
        helpers = (self._resolve(pattern, place.area) for pattern in item.cooperators)
        evidence = [Evidence(kind=EvidenceKind.DUTY_ITEM, ref=item.code, word=item.name, weight=1.0)]
        evidence += [Evidence(kind=EvidenceKind.DUTY_WORD, ref=item.code, word=word, weight=1.0) for word in fit.words[:3]]
        if item.lead.startswith("line:"):
            evidence.append(Evidence(kind=EvidenceKind.TERRITORY, ref=place.area or "", word=lead.name, weight=place.confidence))
        return UnitProposal(
            unit=lead.code,
            cooperators=list(dict.fromkeys(unit.code for unit in helpers if unit and unit.code != lead.code)),
            duty_item=item.code,
            legal_basis=item.legal_basis,
            confidence=round(min(confidence, 1.0), 4),
            evidence=evidence,
        )
