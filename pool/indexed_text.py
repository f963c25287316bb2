"""Which words of a report can be searched, as folded letters and digits; the same for every back end."""

import hashlib
from functools import cache

from language.tokenise import characters
from schemas.documents import ReportContent


def segments(content: ReportContent) -> tuple[list[str], list[list[str]]]:
    """(the title's characters, those of text, address and every place): no phrase runs from one segment into the next."""
    body = [content.text, *(part for part in (content.address, *content.places) if part)]
    return characters(content.title), [characters(part) for part in body]


@cache
def characters_fingerprint() -> str:
    """Changes when a character of the basic plane would be indexed otherwise: other folding, other Unicode tables."""
    plane = "".join(chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000)
    return hashlib.blake2b("".join(characters(plane)).encode(), digest_size=8).hexdigest()
