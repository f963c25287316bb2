"""What of a report stands in SQLite's full-text index: every letter and digit of its folded texts, each as one token.

A phrase of such tokens is a substring, so words of any length are found, whatever a segmenter would have made of them.
"""

import hashlib
from typing import Final

from pool.indexed_text import segments
from schemas.documents import ReportContent

BOUNDARY: Final = "\ue000"
"""A token between text, address and places, so that no phrase runs across. No text or query holds it: `characters` drops
what is for private use."""


def indexed(content: ReportContent) -> tuple[str, str]:
    """(title, body) as tokens joined by spaces; deterministic, since deleting an index row means giving them again."""
    title, body = segments(content)
    return " ".join(title), f" {BOUNDARY} ".join(" ".join(segment) for segment in body)


def words_hash(content: ReportContent | None) -> int:
    """64 bits that change when the indexed text does; 0 when there is none."""
    if content is None:
        return 0
    joined = "\0".join((content.title, content.text, content.address, *content.places))
    digest = hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1
