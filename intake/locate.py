"""Where a report's matter is: by grid code, by coordinates, by the camera that saw it, by names, in this order of trust.

Confidence of the area: 1.0 grid code; 0.95 coordinates or a camera of the city's register; the rest by names
(`intake.place_choice`): 0.9 names that agree and stand for one place; 0.85 a name of several places told apart by the area or the
crossing it is named with; at most 0.8 a misspelt name (`intake.place_slips`); 0.7 told apart by another place in the text, or the
address against the text; 0.6 a part of a longer name; 0.5 a coarser area, because names or coordinates contradict each other or
one name stands for several places.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from city.pack import CityPack
from city.records import Camera
from city.terms import AreaLevel
from intake.gazetteer import Gazetteer, Hit
from intake.place_choice import CONTRADICTED, Answer, PlaceChoice, agree, common
from intake.place_key import Mention, mentions, place_key
from intake.place_slips import Slips
from language.normalise import fold
from language.places import PlaceExpression, place_expressions
from language.places import PlaceKind as Kind
from schemas.errors import ContractError
from schemas.findings import Evidence, Place
from schemas.reports import CameraAlert, GridReport, ReportData
from schemas.words import EvidenceKind

READ: Final = 240
"""Characters of a field that are read for places: people say early where it is."""

BY_GRID: Final = 1.0
BY_COORDINATES: Final = 0.95
BY_CAMERA: Final = 0.95


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


class _Field(NamedTuple):
    """A field of a report, read: its folded beginning, and what is found there."""

    words: str
    expressions: list[PlaceExpression]
    hits: list[Hit]


class Locator:
    """Built once from a pack."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._gazetteer = Gazetteer(pack)
        self._slips = Slips(self._gazetteer.names)
        self._choice = PlaceChoice(pack)
        self._districts = {code: pack.district_of(code) for code in pack.areas}

    def locate(self, data: ReportData, address: str, title: str, text: str) -> Located:
        """address, title and text are the clean ones. Raises ContractError when a grid report names a grid the pack has not."""
        read = [self._read(words) for words in (address, title, text)]
        fields = [mentions(one.expressions, one.hits) for one in read]
        camera = self._pack.cameras.get(data.device) if isinstance(data, CameraAlert) and data.location is None else None
        answer = self._by_grid(data) or self._by_point(data, fields) or self._by_camera(camera)
        if answer is None:
            answer = self._choice.of(fields)
            if not answer.settled or self._may_be_part(read):
                answer, fields = self._misspelt(read, fields, answer)
            answer = self._below_city(answer)
        codes = [code for code in answer.path.split("/") if code]
        area = codes[-1] if codes else None
        district = self._districts[area] if area else None
        named = next((m.name for found in fields for m in found if m.kind is Kind.DISTRICT and m.hit is None), "")
        point = data.location or (camera if answer.grid and camera and camera.grid == answer.grid else None)
        place = Place(area=area, grid=answer.grid, confidence=answer.confidence, evidence=answer.evidence)
        return Located(
            place=place,
            place_key=place_key(fields, district.name if district else named),
            place_names=_names(read, fields),
            lon=point.lon if point else None,
            lat=point.lat if point else None,
        )

    def _read(self, words: str) -> _Field:
        if not words:
            return _Field("", [], [])
        folded = fold(words[:READ])
        return _Field(folded, place_expressions(folded), self._gazetteer.hits(folded))

    def _may_be_part(self, read: Sequence[_Field]) -> bool:
        """Whether a name stands there that may be all that is spelt right of a longer one."""
        parts = self._gazetteer.parts
        for words, _, hits in read:
            for start, end, *_ in hits:
                if words[start:end] in parts and (words[end : end + 1].isalpha() or words[max(start - 1, 0) : start].isalpha()):
                    return True
        return False

    def _misspelt(
        self, read: Sequence[_Field], fields: list[list[Mention]], answer: Answer
    ) -> tuple[Answer, list[list[Mention]]]:
        """The same with the names that are nearly there, where these say more."""
        found = [_joined(one.hits, self._slips.hits(one.words)) if one.words else [] for one in read]
        if not any(hit.slip for hits in found for hit in hits):
            return answer, fields
        fields = [mentions(one.expressions, hits) for one, hits in zip(read, found, strict=True)]
        return self._choice.of(fields), fields

    def _by_grid(self, data: ReportData) -> Answer | None:
        if not data.grid:
            return None
        grid = self._pack.grids.get(data.grid)
        if grid is None:
            if isinstance(data, GridReport):
                raise ContractError("data.grid", "本市配置包中没有这个网格编码", "请核对编码,或先更新配置包的网格表再重推")
            return None
        evidence = [Evidence(kind=EvidenceKind.GRID_CODE, ref=grid.code, word=grid.name, weight=1.0)]
        return Answer(self._pack.areas[grid.community].path, BY_GRID, grid.code, evidence)

    def _by_point(self, data: ReportData, fields: Sequence[list[Mention]]) -> Answer | None:
        if data.location is None:
            return None
        grid = self._pack.grid_at(data.location.lon, data.location.lat)
        if grid is None:
            named = self._below_city(self._choice.of(fields))
            named.evidence.append(Evidence(kind=EvidenceKind.COORDINATES, word="坐标不在本市网格内"))
            return named
        answer = Answer(self._pack.areas[grid.community].path, BY_COORDINATES, grid.code)
        answer.evidence.append(Evidence(kind=EvidenceKind.COORDINATES, ref=grid.code, word=grid.name, weight=1.0))
        named = self._choice.of(fields)
        if named.path and not agree(named.path, answer.path):
            answer = Answer(common((named.path, answer.path)), CONTRADICTED, None, answer.evidence + named.evidence)
        return self._below_city(answer)

    def _by_camera(self, camera: Camera | None) -> Answer | None:
        """What is in the picture is where the camera stands, whatever its text says."""
        if camera is None:
            return None
        evidence = [Evidence(kind=EvidenceKind.CAMERA, ref=camera.device, word=camera.name, weight=1.0)]
        return Answer(self._pack.areas[self._pack.grids[camera.grid].community].path, BY_CAMERA, camera.grid, evidence)

    def _below_city(self, answer: Answer) -> Answer:
        """The whole city is no place."""
        codes = [code for code in answer.path.split("/") if code]
        if not codes or self._pack.areas[codes[-1]].level is AreaLevel.CITY:
            return Answer("", 0.0, None, answer.evidence)
        return answer


def _joined(exact: list[Hit], nearly: list[Hit]) -> list[Hit]:
    """Both, in text order and apart. A name as it is spelt stays, unless a longer one that is nearly there holds it whole. Where
    that begins with the name of an area, it means the places there."""
    kept, free = list(exact), []
    for hit in nearly:
        across = [other for other in kept if other.start < hit.end and hit.start < other.end]
        if any(other.start < hit.start or other.end > hit.end or other[:2] == hit[:2] for other in across):
            continue
        heads = [e.path for other in across if other.start == hit.start for e in other.entries if e.kind is None]
        entries = tuple(e for e in hit.entries if not heads or any(agree(e.path, path) for path in heads))
        if entries:
            kept = [other for other in kept if other not in across]
            free.append(hit._replace(entries=entries))
    return sorted((*kept, *free), key=lambda hit: hit.start)


def _names(read: Sequence[_Field], fields: Sequence[list[Mention]]) -> list[str]:
    """At most 50. A misspelt name brings the caller's spelling with it."""
    names: dict[str, None] = {}
    for one, found in zip(read, fields, strict=True):
        for m in found:
            names[m.name] = None
            if m.hit and m.hit.slip:
                names[f"{m.name}(原文“{one.words[m.start : m.end]}”)"] = None
    return list(names)[:50]
