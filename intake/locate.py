"""Where a report's matter is: by grid code, by coordinates, by names, in this order of trust.

Confidence of the area: 1.0 grid code; 0.95 coordinates; 0.9 names that agree and stand for one place; 0.85 a name of several
places told apart by the district or street beside it; 0.7 the address or title against the rest of the text; 0.5 a coarser area,
because names or coordinates contradict each other or one name stands for several places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from city.pack import CityPack
from city.terms import AreaLevel
from intake.gazetteer import Entry, Gazetteer
from intake.place_key import Mention, mentions, place_key
from language.normalise import fold
from language.places import PlaceKind as Kind
from language.places import place_expressions
from schemas.errors import ContractError
from schemas.findings import Evidence, Place
from schemas.reports import GridReport, ReportData
from schemas.words import EvidenceKind

READ: Final = 240
"""Characters of a field that are read for places: people say early where it is."""

BY_GRID: Final = 1.0
BY_COORDINATES: Final = 0.95
BY_NAME: Final = 0.9
BY_CONTEXT: Final = 0.85
AGAINST_TEXT: Final = 0.7
CONTRADICTED: Final = 0.5


@dataclass(slots=True)
class Located:
    """What intake knows of the place. place_names and place_key are words and travel sealed; `place` is codes only."""

    place: Place
    place_key: str = ""
    place_names: list[str] = field(default_factory=list)
    lon: float | None = None
    lat: float | None = None

    @property
    def area(self) -> str | None:
        return self.place.area


@dataclass(slots=True)
class _Answer:
    path: str = ""
    confidence: float = 0.0
    grid: str | None = None
    evidence: list[Evidence] = field(default_factory=list)


class Locator:
    """Built once from a pack."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._gazetteer = Gazetteer(pack)
        self._districts = {code: pack.district_of(code) for code in pack.areas}

    def locate(self, data: ReportData, address: str, title: str, text: str) -> Located:
        """address, title and text are the clean ones. Raises ContractError when a grid report names a grid the pack has not."""
        fields = [self._mentions(words) for words in (address, title, text)]
        names = list(dict.fromkeys(m.name for found in fields for m in found))[:50]
        answer = self._by_grid(data) or self._by_point(data, fields) or self._by_names(fields)
        codes = [code for code in answer.path.split("/") if code]
        area = codes[-1] if codes else None
        district = self._districts[area] if area else None
        named = next((m.name for found in fields for m in found if m.kind is Kind.DISTRICT and m.hit is None), "")
        place = Place(area=area, grid=answer.grid, confidence=answer.confidence, evidence=answer.evidence)
        return Located(
            place=place,
            place_key=place_key(fields, district.name if district else named),
            place_names=names,
            lon=data.location.lon if data.location else None,
            lat=data.location.lat if data.location else None,
        )

    def _mentions(self, words: str) -> list[Mention]:
        if not words:
            return []
        folded = fold(words[:READ])
        return mentions(place_expressions(folded), self._gazetteer.hits(folded))

    def _by_grid(self, data: ReportData) -> _Answer | None:
        if not data.grid:
            return None
        grid = self._pack.grids.get(data.grid)
        if grid is None:
            if isinstance(data, GridReport):
                raise ContractError("data.grid", "本市配置包中没有这个网格编码", "请核对编码,或先更新配置包的网格表再重推")
            return None
        evidence = [Evidence(kind=EvidenceKind.GRID_CODE, ref=grid.code, word=grid.name, weight=1.0)]
        return _Answer(self._pack.areas[grid.community].path, BY_GRID, grid.code, evidence)

    def _by_point(self, data: ReportData, fields: Sequence[list[Mention]]) -> _Answer | None:
        if data.location is None:
            return None
        grid = self._pack.grid_at(data.location.lon, data.location.lat)
        if grid is None:
            named = self._by_names(fields)
            named.evidence.append(Evidence(kind=EvidenceKind.COORDINATES, word="坐标不在本市网格内"))
            return named
        answer = _Answer(self._pack.areas[grid.community].path, BY_COORDINATES, grid.code)
        answer.evidence.append(Evidence(kind=EvidenceKind.COORDINATES, ref=grid.code, word=grid.name, weight=1.0))
        named = self._by_names(fields)
        if named.path and not _agree(named.path, answer.path):
            answer = _Answer(_common((named.path, answer.path)), CONTRADICTED, None, answer.evidence + named.evidence)
        return self._below_city(answer)

    def _by_names(self, fields: Sequence[list[Mention]]) -> _Answer:
        address, title, text = ([m for m in found if m.hit] for found in fields)
        foremost = self._resolve(address or title or text, [*address, *title, *text])
        if foremost.path and (address or title):
            rest = self._resolve([*address, *title, *text], [*address, *title, *text])
            if rest.confidence > CONTRADICTED and _agree(rest.path, foremost.path):
                foremost = max(foremost, rest, key=lambda one: len(one.path))
            else:
                foremost.confidence = min(foremost.confidence, AGAINST_TEXT)
        return self._below_city(foremost)

    def _resolve(self, named: list[Mention], around: list[Mention]) -> _Answer:
        """The finest area on which these mentions agree, each read in the light of the areas named around it."""
        context = [e.path for m in around if m.hit for e in m.hit.entries if e.kind is None and len(m.hit.entries) == 1]
        chosen: list[tuple[Entry, bool]] = []
        unsure: list[Entry] = []
        for mention in named:
            entries = mention.hit.entries if mention.hit else ()
            if len({e.path for e in entries}) > 1:
                near = [e for e in entries if any(_agree(e.path, path) for path in context)]
                if len({e.path for e in near}) == 1:
                    chosen.append((near[0], True))
                else:
                    unsure += near or entries
            elif not (entries[0].short and entries[0].kind is None and chosen):
                chosen.append((entries[0], False))
        if not chosen:
            path = _common(e.path for e in unsure)
            return _Answer(path, CONTRADICTED if path else 0.0, None, _evidence(unsure[:3]))
        finest, by_context = max(chosen, key=lambda one: one[0].path.count("/"))
        against = [e for e, _ in chosen if not _agree(e.path, finest.path)]
        if against:
            path = _common((finest.path, *(e.path for e in against)))
            return _Answer(path, CONTRADICTED, None, _evidence([finest, *against[:3]]))
        return _Answer(finest.path, BY_CONTEXT if by_context else BY_NAME, finest.grid, _evidence([finest]))

    def _below_city(self, answer: _Answer) -> _Answer:
        """The whole city is no place."""
        codes = [code for code in answer.path.split("/") if code]
        if not codes or self._pack.areas[codes[-1]].level is AreaLevel.CITY:
            return _Answer("", 0.0, None, answer.evidence)
        return answer


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _common(paths: Iterable[str]) -> str:
    """The deepest path above all of these."""
    split = [path.strip("/").split("/") for path in paths]
    shared: list[str] = []
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return f"/{'/'.join(shared)}/" if shared else ""


def _evidence(entries: Iterable[Entry]) -> list[Evidence]:
    return [Evidence(kind=EvidenceKind.PLACE_NAME, ref=e.area, word=e.name, weight=0.5 if e.short else 1.0) for e in entries]
