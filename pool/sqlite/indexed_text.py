"""What of a report stands in the full-text index: every letter and digit of its folded texts, each as one token.

A phrase of such tokens is a substring, so words of any length are found, whatever a segmenter would have made of them.
"""

import hashlib
from functools import cache
from typing import Final

from language.tokenise import characters
from schemas.documents import ReportContent

BOUNDARY: Final = "\ue000"
"""A token between text, address and places, so that no phrase runs across. No text or query holds it: `characters` drops
what is for private use."""


def indexed(content: ReportContent) -> tuple[str, str]:
    """(title, body) as tokens joined by spaces; deterministic, since deleting an index row means giving them again."""
    body = characters(content.text)
    for part in (content.address, *content.places):
        if part:
            body.append(BOUNDARY)
            body += characters(part)
    return " ".join(characters(content.title)), " ".join(body)


def words_hash(content: ReportContent | None) -> int:
    """64 bits that change when the indexed text does; 0 when there is none."""
    if content is None:
        return 0
    joined = "\0".join((content.title, content.text, content.address, *content.places))
    digest = hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


@cache
def characters_fingerprint() -> str:
    """Changes when a character of the basic plane would be indexed otherwise: other folding, other Unicode tables."""
    plane = "".join(chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000)
    return hashlib.blake2b("".join(characters(plane)).encode(), digest_size=8).hexdigest()
