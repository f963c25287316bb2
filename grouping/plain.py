"""The plain matcher: same caller and same text, or same place, same category and near-same text, within the window.

Precision first: a wrong merge loses a citizen's case. An index holds only fingerprints; what it proposes is verified on the
texts themselves. The index is a cache: filled from the pool when a slot arrives, dropped when it leaves.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from language.normalise import fold
from language.similar import alike, hamming, shingles
from language.tokenise import NO_LETTER

MAX_VERIFIED = 4
"""Texts compared for one report, those with the nearest fingerprints first."""
MAX_HAMMING = 16
"""Bits of 64 that two fingerprints may differ in before the texts are not even compared: two texts of which four fifths of the
tokens are the same differ in about 10 (angle over π), unrelated ones in about 32."""
MIN_TEXT = 6
"""Letters and digits below which a text says too little to be called the same."""
_64_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the matcher knows of a report. `live` reports and history are never matched with each other."""

    report: str
    live: bool
    time: datetime
    caller: str | None
    category: str | None
    place_key: str
    simhash: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report that may be of the same incident. reason: the rule's name; score: likeness of the texts, 0..1."""

    report: str
    reason: str
    score: float


@dataclass(slots=True)
class _Shelf:
    """Reports of one key by time."""

    times: list[float]
    prints: list[Fingerprint]

    def put(self, item: Fingerprint) -> None:
        at = item.time.timestamp()
        place = bisect_left(self.times, at)
        self.times.insert(place, at)
        self.prints.insert(place, item)

    def near(self, time: datetime, window_hours: float) -> list[Fingerprint]:
        at = time.timestamp()
        first = bisect_left(self.times, at - window_hours * 3600)
        last = bisect_left(self.times, at + window_hours * 3600 + 0.001)
        found = self.prints[first:last]
        return sorted(found, key=lambda item: (abs((item.time - time).total_seconds()), item.report))


class PlainMatcher:
    """window_hours: category -> hours (of the pack); near: likeness from which texts are near-same (of the pack)."""

    def __init__(self, window_hours: Callable[[str | None], float], near: float) -> None:
        self._window_hours = window_hours
        self._near = near
        self._shelves: dict[tuple[object, ...], _Shelf] = defaultdict(lambda: _Shelf([], []))
        self._known: dict[str, Fingerprint] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, report: str) -> bool:
        return report in self._known

    def put(self, item: Fingerprint) -> None:
        """Index a report; again with other features (a revision) takes the place of the first."""
        if item.report in self._known:
            self.remove(item.report)
        self._known[item.report] = item
        for key in _keys(item):
            self._shelves[key].put(item)

    def fill(self, items: Iterable[Fingerprint]) -> None:
        """Index what is not known yet."""
        for item in items:
            if item.report not in self._known:
                self.put(item)

    def remove(self, report: str) -> None:
        """Forget a report (erased); unknown ones are passed over."""
        item = self._known.pop(report, None)
        if item is None:
            return
        for key in _keys(item):
            shelf = self._shelves[key]
            place = shelf.prints.index(item)
            del shelf.prints[place], shelf.times[place]
            if not shelf.prints:
                del self._shelves[key]

    def candidates(self, item: Fingerprint, text: str, text_of: Callable[[str], str | None]) -> Iterator[Candidate]:
        """Best rule first, nearest fingerprint and then time first, each report once.

        text_of: a report's words, or None when they are gone.
        """
        if len(NO_LETTER.sub("", fold(text))) < MIN_TEXT:
            return
        window = self._window_hours(item.category)
        scores: dict[str, float] = {}
        own: frozenset[int] = frozenset()
        proposed = {item.report}
        for key in _keys(item):
            shelf = self._shelves.get(key)
            if shelf is None:
                continue
            same_caller = key[0] == "caller"
            near = [other for other in shelf.near(item.time, window) if _apart(item, other) <= MAX_HAMMING]
            for other in sorted(near, key=lambda other: _apart(item, other)):
                if other.report in proposed:
                    continue
                if other.report not in scores:
                    if len(scores) == MAX_VERIFIED:
                        return
                    words = text_of(other.report)
                    own = own or shingles(text)
                    scores[other.report] = alike(own, shingles(words)) if words else 0.0
                score = scores[other.report]
                if score >= (1.0 if same_caller else self._near):
                    proposed.add(other.report)
                    reason = "same_caller_same_text" if same_caller else "same_place_category_near_text"
                    yield Candidate(other.report, reason, score)


def _apart(one: Fingerprint, other: Fingerprint) -> int:
    """Bits in which two fingerprints differ; stores hold them signed, so only 64 bits count."""
    return hamming(one.simhash & _64_BITS, other.simhash & _64_BITS)


def _keys(item: Fingerprint) -> list[tuple[object, ...]]:
    keys: list[tuple[object, ...]] = []
    if item.caller is not None:
        keys.append(("caller", item.live, item.caller, item.simhash & _64_BITS))
    if item.place_key and item.category:
        keys.append(("place", item.live, item.place_key, item.category))
    return keys
