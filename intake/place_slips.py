"""The pack's names in a text that does not spell them right: by their sound, or with one slip of the finger.

Both are look-ups. A name is kept under its sound (`language.place_sound`) and under what is left of it when one character is
taken out: what is left of the written form is the same when two neighbours are changed round, one is left out or one is wrong.
Nothing here is asked for where the name itself stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import add
from typing import Final

from intake.gazetteer import Entry, Hit, Slip
from language.place_sound import sounded
from language.place_words import ENDINGS

READ_CLOSELY: Final = 40
"""Characters of a field that are read for misspelt names."""

CONFIDENCE: Final = {Slip.SOUND: 0.8, Slip.SWAPPED: 0.75, Slip.LEFT_OUT: 0.65, Slip.WRONG: 0.6}
"""At most; below what may dispatch as sure. A place that is really called so may be missing in the pack."""

SHOWN: Final = {Slip.SOUND: "同音字", Slip.SWAPPED: "两字颠倒", Slip.LEFT_OUT: "漏一字", Slip.WRONG: "错一字"}

_TELLS_APART: Final = frozenset("一二三四五六七八九十东西南北中上下前后左右内外新老大小")
"""第三中学 is not a slip of 第一中学, nor 南桥小学 of 北桥小学: such a character is never the wrong one or the one left out."""

_LEADS_IN: Final = frozenset("称说在到住区县镇乡村")
"""What may stand before a misspelt name of three characters; behind others three sounds are too easily met (水带黄泥汤)."""

_LONGEST: Final = 16


class Slips:
    """Built once from the names of a pack, folded. About 1.2 KB a name; 50,000 names take 2 s."""

    def __init__(self, names: Mapping[str, tuple[Entry, ...]]) -> None:
        self._entries = {name: entries for name, entries in names.items() if 3 <= len(name) <= _LONGEST}
        by_sound: defaultdict[str, list[str]] = defaultdict(list)
        shortened: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._entries:
            by_sound[sounded(name)].append(name)
            if len(name) >= 4:
                for left in {name[:at] + name[at + 1 :] for at in range(1, len(name))}:
                    shortened[left].append(name)
        self._by_sound, self._sound_lengths = dict(by_sound), _lengths((heard[:2], len(heard)) for heard in by_sound)
        self._shortened = {left: tuple(found) for left, found in shortened.items()}
        self._lengths = _lengths((head, len(name)) for name in self._entries for head in _beginnings(name))
        self._heads = frozenset((*self._sound_lengths, *(sounded(head) for head in self._lengths)))

    def hits(self, text: str) -> list[Hit]:
        """The misspelt names at the beginning of a folded text, in text order and apart; the surest, then the longest counts."""
        text = text[:READ_CLOSELY]
        heard, heads = sounded(text), self._heads
        found: list[Hit] = []
        for start in [at for at, head in enumerate(map(add, heard, heard[1:])) if head in heads]:
            hit = self._same_sound(text, heard, start) or self._one_slip(text, start)
            if hit:
                found.append(hit)
        if len(found) < 2:
            return found
        kept: list[Hit] = []
        for hit in sorted(found, key=lambda h: (-_confidence(h), h.start - h.end, h.start)):
            if all(hit.end <= other.start or other.end <= hit.start for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda h: h.start)

    def _same_sound(self, text: str, heard: str, start: int) -> Hit | None:
        """Of names of one sound those that are nearest to what is written."""
        for length in self._sound_lengths.get(heard[start : start + 2], ()):
            names = self._by_sound.get(heard[start : start + length])
            written = text[start : start + length]
            if names and written not in self._entries and (len(written) > 3 or _stands_apart(text, start)):
                least = min(_differing(name, written) for name in names)
                if least <= (1 if len(written) == 3 else 2):
                    alike = [name for name in names if _differing(name, written) == least]
                    return self._hit(start, written, alike, Slip.SOUND)
        return None

    def _one_slip(self, text: str, start: int) -> Hit | None:
        for length in self._lengths.get(text[start : start + 2], ()):
            hit = self._slip_at(text, start, length)
            if hit:
                return hit
        return None

    def _slip_at(self, text: str, start: int, length: int) -> Hit | None:
        """A name of that many characters, written there with one slip."""
        written = text[start : start + length]
        if written in self._entries:
            return None
        found: defaultdict[Slip, list[str]] = defaultdict(list)
        for cut in range(len(written)):
            for name in self._shortened.get(written[:cut] + written[cut + 1 :], ()):
                slip = _slip(name, written)
                if slip:
                    found[slip].append(name)
        for slip in (Slip.SWAPPED, Slip.WRONG):
            if slip in found:
                return self._hit(start, written, found[slip], slip)
        written = written[: length - 1]
        names = [name for name in self._shortened.get(written, ()) if _may_lack(name, written)]
        return self._hit(start, written, names, Slip.LEFT_OUT) if names and written not in self._entries else None

    def _hit(self, start: int, written: str, names: Iterable[str], slip: Slip) -> Hit:
        entries = dict.fromkeys(entry for name in names for entry in self._entries[name])
        return Hit(start, start + len(written), tuple(entries), slip)


def _stands_apart(text: str, start: int) -> bool:
    return start == 0 or not text[start - 1].isalpha() or text[start - 1] in _LEADS_IN


def _lengths(forms: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """The lengths by the first two characters, the longest first."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for head, length in forms:
        found[head].add(length)
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


def _beginnings(name: str) -> set[str]:
    """How the name may begin when it is written with a slip: right, or with its second character changed round or left out."""
    return {name[:2], name[0] + name[2], name[1] + name[0]} if len(name) >= 4 else set()


def _differing(name: str, written: str) -> int:
    return sum(one != other for one, other in zip(name, written, strict=True))


def _slip(name: str, written: str) -> Slip | None:
    """Which one slip makes `written` of the name, both of one length; None when it takes more, or makes another place of it."""
    if len(name) != len(written):
        return None
    at = [index for index, (one, other) in enumerate(zip(name, written, strict=True)) if one != other]
    if len(at) == 2 and at[1] == at[0] + 1 and name[at[0]] == written[at[1]] and name[at[1]] == written[at[0]]:
        return Slip.SWAPPED
    own = _own_part(name)
    sure = len(at) == 1 and own >= 4 and 2 <= at[0] < own and not _TELLS_APART & {name[at[0]], written[at[0]]}
    return Slip.WRONG if sure else None


def _may_lack(name: str, written: str) -> bool:
    """Whether what is missing in `written` is easily left out: not the end, not what tells the name from its neighbours."""
    at = next((index for index, (one, other) in enumerate(zip(name, written, strict=False)) if one != other), len(written))
    return len(name) >= 5 and len(written) == len(name) - 1 and at < len(written) and name[at] not in _TELLS_APART


def _own_part(name: str) -> int:
    """How many characters stand before the ending that says what sort of place it is."""
    return len(name) - max((len(ending) for ending in _SORTS if name.endswith(ending)), default=0)


_SORTS: Final = tuple(ending for endings in ENDINGS.values() for ending in endings)


def _confidence(hit: Hit) -> float:
    return CONFIDENCE[hit.slip] if hit.slip else 1.0
