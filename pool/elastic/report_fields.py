"""A report document as the source of the reports index: the narrow fields, the indexed words, the whole document.

Words are indexed as overlapping pairs of characters, each segment (title, text, address, every place) a value of its own:
柳岸小区 stands as 柳岸 岸小 小区. So a word of two characters is one term and a longer one a phrase of pairs; each finds exactly
the segments that contain it. Phrases of single characters would do the same with longer lists to walk, since a pair is rarer than
either of its characters. Which characters occur at all stands in a field of its own, for words of one character.

The title stands TITLE_COUNTS times, so that one field says what is found and how well: a title counts as on SQLite.
"""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any, Final

from pool.elastic.sources import with_doc
from pool.indexed_text import segments
from pool.sqlite.rows import encoder, micros
from schemas.documents import ReportContent, ReportDocument

_json = encoder(ReportDocument)
TITLE_COUNTS: Final = 4


def bigrams(characters: Sequence[str]) -> str:
    """Overlapping pairs joined by spaces; none of a single character."""
    return " ".join(map("".join, pairwise(characters)))


def query_terms(word: str) -> list[str]:
    """The terms of `body` that stand one after the other wherever this word of two `characters` or more stands."""
    return [word[at : at + 2] for at in range(len(word) - 1)]


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
        "body": [bigrams(title)] * TITLE_COUNTS + [bigrams(segment) for segment in body],
        "characters": " ".join([*[*dict.fromkeys(title)] * TITLE_COUNTS, *dict.fromkeys(chain.from_iterable(body))]),
    }
    if content.lon is not None and content.lat is not None:
        fields["point"] = {"lon": content.lon, "lat": content.lat}
    return fields
