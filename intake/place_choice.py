"""Which place the names of a report mean: the candidates of each, narrowed by what stands beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from city.pack import CityPack
from intake.gazetteer import Entry
from intake.place_key import Mention
from intake.place_slips import CONFIDENCE, SHOWN
from language.places import PlaceKind as Kind
from schemas.findings import Evidence
from schemas.words import EvidenceKind

BY_NAME: Final = 0.9
BY_CONTEXT: Final = 0.85
AGAINST_TEXT: Final = 0.7
BY_NEIGHBOUR: Final = 0.7
PART_OF_A_NAME: Final = 0.6
CONTRADICTED: Final = 0.5

KEPT: Final = 8
"""Candidates that are kept as evidence."""


@dataclass(slots=True)
class Answer:
    """The deepest area that is certain. path: codes from the city down, "" = none; settled: a place or community as spelt."""

    path: str = ""
    confidence: float = 0.0
    grid: str | None = None
    evidence: list[Evidence] = field(default_factory=list)
    settled: bool = False


@dataclass(frozen=True, slots=True)
class _Chosen:
    entry: Entry
    confidence: float
    mention: Mention


class PlaceChoice:
    """Built once from a pack."""

    def __init__(self, pack: CityPack) -> None:
        self._districts = {code: district.name if (district := pack.district_of(code)) else "" for code in pack.areas}

    def of(self, fields: Sequence[list[Mention]]) -> Answer:
        """By the names in address, title and text, in this order of trust."""
        named = [hits for found in fields if (hits := [m for m in found if m.hit])]
        if not named:
            return Answer()
        around = [m for found in fields for m in found]
        foremost = self._resolve(named[0], around)
        if foremost.path and len({m.name for hits in named for m in hits}) > 1:
            rest = self._resolve([m for hits in named for m in hits], around)
            if rest.confidence > CONTRADICTED and agree(rest.path, foremost.path):
                foremost = max(foremost, rest, key=lambda one: (len(one.path), one.confidence))
            else:
                foremost.confidence = min(foremost.confidence, AGAINST_TEXT)
        return foremost

    def _resolve(self, named: list[Mention], around: list[Mention]) -> Answer:
        """The finest area on which these names agree, each read in the light of what is named around it."""
        chosen: list[_Chosen] = []
        unsure: list[Entry] = []
        for mention in named:
            one = self._choose(mention, around)
            if one is None:
                unsure += mention.hit.entries if mention.hit else ()
            elif not (one.entry.short and one.entry.kind is None and chosen):
                chosen.append(one)
        if len(chosen) > 1 and any(one.mention.hit and one.mention.hit.slip for one in chosen):
            spelt = [one for one in chosen if one.mention.hit and not one.mention.hit.slip]
            chosen = [one for one in chosen if one in spelt or all(agree(one.entry.path, other.entry.path) for other in spelt)]
        if not chosen:
            path = common(e.path for e in unsure)
            return Answer(path, CONTRADICTED if path else 0.0, None, self._candidates(unsure))
        finest = max(chosen, key=lambda one: one.entry.path.count("/"))
        against = [one.entry for one in chosen if not agree(one.entry.path, finest.entry.path)]
        if against:
            path = common((finest.entry.path, *(e.path for e in against)))
            return Answer(path, CONTRADICTED, None, self._candidates([finest.entry, *against]))
        settled = finest.confidence >= BY_CONTEXT and (finest.entry.kind is not None or finest.entry.path.count("/") > 4)
        return Answer(finest.entry.path, finest.confidence, finest.entry.grid, [_evidence(finest)], settled)

    def _choose(self, mention: Mention, around: list[Mention]) -> _Chosen | None:
        """None when the name stands for several places and nothing tells which."""
        if mention.hit is None:
            return None
        entries: Sequence[Entry] = mention.hit.entries
        most = CONFIDENCE[mention.hit.slip] if mention.hit.slip else PART_OF_A_NAME if mention.part else BY_NAME
        paths = {e.path for e in entries}
        if len(paths) > 1:
            outer = min(entries, key=lambda e: len(e.path))
            if all(path.startswith(outer.path) for path in paths):
                return _Chosen(replace(outer, grid=None), most, mention)
            entries, sure = _told_apart(mention, entries, around)
            if len({e.path for e in entries}) != 1:
                return None
            most = min(most, sure)
        entry = entries[0]
        if len({e.grid for e in entries}) > 1:
            entry = replace(entry, grid=None)
        return _Chosen(entry, most, mention)

    def _candidates(self, entries: Iterable[Entry]) -> list[Evidence]:
        """Every place that it may be, by district and name. The weights are their confidence and sum up to CONTRADICTED."""
        distinct = {e.path + e.name: e for e in entries}
        weight = round(CONTRADICTED / (len(distinct) or 1), 3)
        return [
            Evidence(kind=EvidenceKind.PLACE_NAME, ref=e.area, word=f"{self._districts[e.area]}{e.name}", weight=weight)
            for e in list(distinct.values())[:KEPT]
        ]


def _told_apart(mention: Mention, entries: Sequence[Entry], around: list[Mention]) -> tuple[Sequence[Entry], float]:
    """Those that agree with the areas named around, else with the road that is met, else those nearest to a place around."""
    context = [e.path for e in _single(around) if e.kind is None]
    near = [e for e in entries if any(agree(e.path, path) for path in context)]
    if near:
        return near, BY_CONTEXT
    meeting = [e.path for m in _met_by(mention, around) if m.hit for e in m.hit.entries]
    near = [e for e in entries if any(agree(e.path, path) for path in meeting)]
    if near:
        return near, BY_CONTEXT
    beside = [e.path for e in _single(around) if e.kind is not None]
    depths = {e.path: max((common((e.path, path)).count("/") for path in beside), default=0) for e in entries}
    deepest = max(depths.values())
    return [e for e in entries if depths[e.path] == deepest] if deepest > 2 else entries, BY_NEIGHBOUR


def _single(around: list[Mention]) -> list[Entry]:
    """The names around that mean one place, as they are spelt."""
    return [m.hit.entries[0] for m in around if m.hit and not m.hit.slip and len(m.hit.entries) == 1]


def _met_by(mention: Mention, around: list[Mention]) -> list[Mention]:
    """The other roads of the crossing that the road stands in."""
    spans = [m for m in around if m.kind is Kind.CROSSING and m.start <= mention.start and mention.end <= m.end]
    inside = [m for m in around if m.hit and m is not mention and any(s.start <= m.start and m.end <= s.end for s in spans)]
    return [m for m in inside if m.name != mention.name]


def _evidence(chosen: _Chosen) -> Evidence:
    """A misspelt name says how it was read; the caller's own spelling is no evidence, it travels sealed."""
    entry, slip = chosen.entry, chosen.mention.hit.slip if chosen.mention.hit else None
    if slip is None:
        return Evidence(kind=EvidenceKind.PLACE_NAME, ref=entry.area, word=entry.name, weight=0.5 if entry.short else 1.0)
    word = f"{entry.name}({SHOWN[slip]})"
    return Evidence(kind=EvidenceKind.PLACE_NAME, ref=entry.area, word=word, weight=CONFIDENCE[slip])


def agree(one: str, other: str) -> bool:
    """Whether one path leads on from the other."""
    return one.startswith(other) or other.startswith(one)


def common(paths: Iterable[str]) -> str:
    """The deepest path above all of these."""
    split = [path.strip("/").split("/") for path in paths]
    shared: list[str] = []
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return f"/{'/'.join(shared)}/" if shared else ""
