"""A report document as the source of the reports index: the narrow fields, the indexed words, the whole document.

Words are indexed as overlapping pairs of characters, each segment (title; text, address, every place) a value of its own:
柳岸小区 stands as 柳岸 岸小 小区 区. So a word of two characters is one term, a longer one a phrase of pairs, and one character
a prefix of terms; each finds exactly the segments that contain it. Single characters would do the same with longer lists to walk,
since a pair is rarer than either of its characters.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pool.elastic.sources import with_doc
from pool.indexed_text import segments
from pool.sqlite.rows import encoder, micros
from schemas.documents import ReportContent, ReportDocument

_json = encoder(ReportDocument)


def bigrams(characters: Sequence[str]) -> str:
    """Overlapping pairs joined by spaces, and the last character alone, so that it too begins a term."""
    return " ".join([*map("".join, pairwise(characters)), *characters[-1:]])


def query_terms(word: str) -> list[str]:
    """The terms that stand one after the other wherever this word (of `characters`) stands; of one character: the prefix."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def ancestors(path: str) -> list[str]:
    """`/01/0102/` -> [`/01/`, `/01/0102/`]; none of an empty path."""
    return [path[: at + 1] for at in range(1, len(path)) if path[at] == "/"]


def source_of(document: ReportDocument) -> bytes:
    """The line that goes into a bulk request."""
    time = micros(document.time)
    fields: dict[str, Any] = {
        "id": document.id,
        "problem": document.problem,
        "version": document.version,
        "slot": document.slot,
        "time": time,
        "day": time // 1000,
        "state": document.state,
        "channel": document.channel,
        "mode": document.mode,
        "urgency": document.urgency,
        "basis": document.basis,
        "category": document.category,
        "category_paths": ancestors(document.category_path),
        "area": document.area,
        "area_paths": ancestors(document.area_path),
        "lead": document.lead,
        "units": document.units,
        "caller": document.caller,
        "matter": document.matter,
        "place_key": "",
        "simhash": 0,
    }
    if document.content is not None:
        fields |= _of_content(document.content)
    return with_doc(fields, _json(document))


def _of_content(content: ReportContent) -> dict[str, Any]:
    title, body = segments(content)
    fields: dict[str, Any] = {
        "source": content.source,
        "source_id": content.source_id,
        "place_key": content.place_key,
        "simhash": content.simhash,
        "title": bigrams(title),
        "body": [bigrams(segment) for segment in body],
    }
    if content.lon is not None and content.lat is not None:
        fields["point"] = {"lon": content.lon, "lat": content.lat}
    return fields
