"""One string for one place, so that reports of the same place can be matched without a list that knows it.

`<district or "">|<name>|<building>|<unit>`, e.g. `河东区|阳光花园|3栋|2单元`; a road only with its house number, a crossing
with its roads in order. Empty when all that is known is coarser: districts, streets, a whole road.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from city.terms import PlaceKind as PackKind
from intake.gazetteer import Hit
from language.places import PlaceExpression
from language.places import PlaceKind as Kind

_BUILDING: Final = re.compile(r"(?:号楼|[栋幢座]|#楼?|号)$")
_SEPARATORS: Final = re.compile("[与和、及/—跟同-]")

_KIND: Final = {PackKind.ROAD: Kind.ROAD, PackKind.ESTATE: Kind.ESTATE, PackKind.VILLAGE: Kind.ESTATE}
"""Places of the pack as expressions; all others are landmarks."""


_SAME_PLACE: Final = frozenset(("小区", "楼盘", "公交站", "地铁站"))
"""Behind a name these name the same place, or what stands at it."""
_OF_A_VILLAGE: Final = frozenset(("村", "进村"))


class Mention(NamedTuple):
    """A place in one field of a report: by the pack's list (`hit`), or only by how it reads. part: of a longer name."""

    kind: Kind
    name: str
    start: int
    end: int
    hit: Hit | None = None
    part: bool = False


def mentions(expressions: Sequence[PlaceExpression], hits: list[Hit]) -> list[Mention]:
    """Both finds of one folded text joined, in text order. Where they overlap the pack's name counts, unless the expression goes
    on behind it: 阳光花园小学 is not 阳光花园. Where it begins before it (新月客运站), the name is marked as a part of it."""
    if not hits:
        return [Mention(one.kind, one.normal, one.start, one.end) for one in expressions]
    kept: list[Mention] = []
    for hit in hits:
        start, end, entry = hit.start, hit.end, hit.entries[0]
        part = False
        for one in expressions:
            if one.start < end and start < one.end and one.kind is not Kind.CROSSING and not hit.slip:
                added = one.name[end - one.end :] if one.end > end else ""
                if added and _is_another(one.kind, entry.kind, added):
                    break
                before = one.start < start and not _is_named(one.start, start, hits)
                part = part or (entry.kind is not None and (before or (added != "" and added not in _SAME_PLACE)))
        else:
            kind = Kind.DISTRICT if entry.kind is None else _KIND.get(entry.kind, Kind.LANDMARK)
            kept.append(Mention(kind, entry.name, start, end, hit, part))
    free = [
        Mention(one.kind, one.normal, one.start, one.end)
        for one in expressions
        if one.kind is Kind.CROSSING or not any(h.start < one.end and one.start < h.end for h in kept)
    ]
    return sorted((*kept, *free), key=_by_place) if free else kept


def _by_place(mention: Mention) -> tuple[int, int]:
    return mention.start, mention.end


def _is_another(read: Kind, kind: PackKind | None, added: str) -> bool:
    """Whether what an expression adds behind a name of the pack makes another place of it. A shop or school that is named after
    a road stands there, and 路 behind an estate is more often 路面 or 路边 than a road."""
    if added in _SAME_PLACE or added == "路" or kind is PackKind.ROAD or (kind is PackKind.VILLAGE and added in _OF_A_VILLAGE):
        return False
    return kind is not None or read in (Kind.ESTATE, Kind.LANDMARK, Kind.ROAD)


def _is_named(start: int, end: int, hits: list[Hit]) -> bool:
    """Whether a name fills that stretch, as 云溪 does in 云溪人民医院."""
    return any(hit.start <= start and hit.end >= end for hit in hits)


def place_key(fields: Iterable[list[Mention]], district: str) -> str:
    """The key of the first place, in the order of the fields, that is fine enough. district: its name, or what it is called."""
    for found in fields:
        for index, one in enumerate(found):
            key = _key_at(found, index, one)
            if key:
                return f"{district}|{key}"
    return ""


def _key_at(found: list[Mention], index: int, one: Mention) -> str:
    if one.kind is Kind.CROSSING:
        roads = sorted(part for part in _SEPARATORS.split(one.name) if part)
        return "×".join(roads) if len(roads) > 1 else ""
    if one.kind in (Kind.ESTATE, Kind.LANDMARK):
        name = one.name
        if name.endswith("小区") and len(name) >= 4:
            name = name[:-2]
        return "|".join((name, *_inside(found, index)))
    if one.kind in (Kind.ROAD, Kind.COMMUNITY):
        inside = _inside(found, index)
        return "|".join((one.name, *inside)) if inside else ""
    return ""


def _inside(found: list[Mention], index: int) -> list[str]:
    """Number, building and unit that follow the name without another name between, each in one spelling."""
    parts: list[str] = []
    end = found[index].end
    for after in found[index + 1 :]:
        if after.start - end > 2:
            break
        if after.kind is Kind.BUILDING:
            parts.append(_BUILDING.sub("", after.name) + "栋")
        elif after.kind in (Kind.NUMBER, Kind.UNIT):
            parts.append(after.name)
        elif after.kind is not Kind.CROSSING:
            break
        end = after.end
    return parts
