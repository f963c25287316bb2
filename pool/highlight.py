"""Where in a text as written the words of a query stand."""

from collections.abc import Sequence
from functools import lru_cache

from language.tokenise import characters
from schemas.documents import ReportContent


def highlights(content: ReportContent, words: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """(start, end) offsets in `title` and `text`, ascending, overlaps joined; fields without a find are left out.

    words: as `search_words` gives them.
    """
    found = {name: spans(text, words) for name, text in (("title", content.title), ("text", content.text))}
    return {name: marked for name, marked in found.items() if marked}


def spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Folding works character by character but changes lengths, so every folded character remembers where it came from."""
    folded: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        letters = _letters(character)
        folded.append(letters)
        origin.extend([position] * len(letters))
    joined = "".join(folded)
    found = []
    for word in words:
        start = joined.find(word)
        while start >= 0:
            found.append((origin[start], origin[start + len(word) - 1] + 1))
            start = joined.find(word, start + 1)
    return _joined(sorted(found))


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=16_384)
def _letters(character: str) -> str:
    return "".join(characters(character))
