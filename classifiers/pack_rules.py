"""Category, candidate units and urgency from the city pack alone, before any model is trained.

A category's score adds what its own phrases and the lexicon's matters find in the text; the title counts more than the body, the
beginning of the body more than its end, so that greetings, histories and signatures do not drown the matter.
"""

from collections import defaultdict
from collections.abc import Container
from typing import Final, Protocol

from city.pack import CityPack
from classifiers.aside import Aside
from classifiers.duty import DutyList
from classifiers.lexicon import cues, matters
from classifiers.matters import Match, MatterFinder
from classifiers.profile import Phrase, Profile
from classifiers.scan import TermScanner
from classifiers.urgency import RiskWords
from language.normalise import fold
from schemas.findings import CategoryProposal, Evidence, Findings, Place
from schemas.words import Basis, Channel, EvidenceKind

IN_TITLE: Final = 1.2
BODY: Final = ((150, 1.0), (400, 0.7), (800, 0.5))
"""(characters into the body, weight up to there); nothing beyond the last is read."""

MORE: Final = 0.4
"""What a second pattern of the same matter adds, as a share of its weight."""

FOR_CUE: Final = 0.55
"""A word that only one matter's patterns have, found without the pattern; shared words count their share."""

ONE_CHARACTER: Final = 0.4
"""A cue of one character against a longer one: it stands in unrelated words too."""

COMMON: Final = 8
"""A word that hints at more matters than this hints at none."""

MOST_CUES: Final = 6.0
"""Cues of one matter that count, in words of its own."""

FOR_PHRASE: Final = 0.6
"""A phrase of the pack found in the text, against a matter found in it."""

HINTED: Final = {EvidenceKind.CATEGORY_NAME: 2.0, EvidenceKind.DEVICE_CLASS: 2.0, EvidenceKind.EVENT_TYPE: 0.5}
"""What the sender's own code, a camera's class and a grid event's type add to their category."""

BACKGROUND: Final = 0.7
"""Score that an unnamed other category always has: little evidence gives little confidence."""

CLEAR: Final = 0.55
"""Confidence from which a category counts as clear. Set on tests/classifiers/dev_reports.jsonl by cross-validation."""


class Hints(Protocol):
    """What the sender says of the matter beside its words."""

    @property
    def category(self) -> str | None: ...
    @property
    def alarm_class(self) -> str | None: ...
    @property
    def event_type(self) -> str | None: ...


class _Tally:
    """Scores of the categories for one text, and what each rests on: (kind, reference, the pack's word) -> weight."""

    __slots__ = ("grounds", "scores")

    def __init__(self) -> None:
        self.scores: dict[str, float] = {}
        self.grounds: defaultdict[str, dict[tuple[EvidenceKind, str, str], float]] = defaultdict(dict)

    def add(self, category: str, weight: float, kind: EvidenceKind, ref: str, word: str) -> None:
        self.scores[category] = self.scores.get(category, 0.0) + weight
        grounds = self.grounds[category]
        grounds[kind, ref, word] = grounds.get((kind, ref, word), 0.0) + weight

    def evidence(self, category: str) -> list[Evidence]:
        """The five strongest grounds."""
        strongest = sorted(self.grounds[category].items(), key=lambda one: -one[1])[:5]
        return [
            Evidence.model_construct(kind=kind, ref=ref, word=word, weight=round(weight, 3))
            for (kind, ref, word), weight in strongest
        ]


class PackClassifier:
    """Built once from a pack; `findings` has no state."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._model = f"pack-rules/{pack.version}"
        self._matters = matters()
        self._profile = Profile(pack)
        self._cue_table = _cue_table(self._matters, self._profile.links)
        self._aside = Aside(pack)
        self._duty = DutyList(pack)
        self._risk = RiskWords(pack)
        self._scanner = TermScanner(
            self._matters.terms | {t for t in self._cue_table if len(t) > 1} | self._profile.finder.terms | self._aside.names | self._duty.terms | self._risk.terms
        )

    def findings(self, channel: Channel, title: str, text: str, place: Place, hints: Hints) -> Findings:  # noqa: ARG002
        """title and text are clean. The place is taken over and gives the territory of the units."""
        folded_title = fold(title)
        body = fold(text[: 2 * BODY[-1][0]])[: BODY[-1][0]]
        words = f"{folded_title}\n{body}"
        positions = self._scanner.scan(words)
        tally = _Tally()
        self._count(words, len(folded_title), self._aside.without(words, positions), tally)
        self._count_hints(hints, tally)
        categories = _proposals(tally)
        urgency = self._risk.finding(words, positions)
        if not categories:
            return Findings(urgency=urgency, place=place, basis=Basis.NO_CATEGORY, model=self._model)
        best = categories[0]
        choice = self._duty.choose(best.code, best.confidence, place, words, positions)
        clear = best.confidence >= CLEAR
        return Findings(
            categories=categories,
            units=choice.units,
            urgency=urgency,
            place=place,
            basis=choice.basis if clear else Basis.UNSURE_CATEGORY,
            model=self._model,
        )

    def _count(self, words: str, title: int, positions: dict[str, list[int]], tally: _Tally) -> None:
        by_matter: defaultdict[str, list[float]] = defaultdict(list)
        for match in self._matters.find(words, positions):
            if match.pattern.matter in self._profile.links:
                by_matter[match.pattern.matter].append(_weight(match, title))
        hinted = self._cues(words, positions, title)
        for matter in by_matter.keys() | hinted.keys():
            score = _sum(by_matter[matter]) if matter in by_matter else 0.0
            score += FOR_CUE * min(hinted.get(matter, 0.0), MOST_CUES)
            for link in self._profile.links[matter]:
                phrase = link.phrase
                tally.add(link.category, score * link.weight, phrase.kind, phrase.ref, phrase.text)
        by_phrase: dict[str, tuple[float, Phrase]] = {}
        for match in self._profile.finder.find(words, positions):
            phrase = self._profile.phrases[int(match.pattern.matter)]
            weight = _weight(match, title) * phrase.share * (1.0 if len(phrase.text) > 2 else 0.7)
            if weight > by_phrase.get(match.pattern.matter, (0.0, phrase))[0]:
                by_phrase[match.pattern.matter] = (weight, phrase)
        by_category: defaultdict[str, list[tuple[float, Phrase]]] = defaultdict(list)
        for weight, phrase in by_phrase.values():
            by_category[phrase.category].append((weight, phrase))
        for category, found in by_category.items():
            found.sort(key=lambda one: -one[0])
            for rank, (weight, phrase) in enumerate(found[:4]):
                tally.add(category, FOR_PHRASE * weight * (MORE if rank else 1.0), phrase.kind, phrase.ref, phrase.text)

    def _cues(self, words: str, positions: dict[str, list[int]], title: int) -> dict[str, float]:
        found: dict[str, float] = {}
        table = self._cue_table
        for term in positions.keys() & table.keys():
            weight = _place_weight(positions[term][0], title)
            for matter, share in table[term]:
                found[matter] = found.get(matter, 0.0) + share * weight
        for character in table.keys() & set(words):
            for matter, share in table[character]:
                found[matter] = found.get(matter, 0.0) + share
        return found

    def _count_hints(self, hints: Hints, tally: _Tally) -> None:
        pack = self._pack
        given = (
            (EvidenceKind.CATEGORY_NAME, hints.category, hints.category),
            (EvidenceKind.DEVICE_CLASS, hints.alarm_class, pack.camera_classes.get(hints.alarm_class or "")),
            (EvidenceKind.EVENT_TYPE, hints.event_type, pack.grid_events.get(hints.event_type or "")),
        )
        for kind, word, code in given:
            if word and code in pack.categories:
                shown = pack.categories[code].name if kind is EvidenceKind.CATEGORY_NAME else word
                tally.add(code, HINTED[kind], kind, code, shown)


def _cue_table(finder: MatterFinder, linked: Container[str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Word -> matters that it hints at, each with its share; words of many matters say nothing and are left out."""
    table: defaultdict[str, set[str]] = defaultdict(set)
    for matter, words in cues().items():
        if matter in linked:
            for word in words:
                table[word].add(matter)
    for pattern in finder.patterns:
        if pattern.matter in linked:
            for slot in pattern.slots:
                for term in slot.terms:
                    table[term].add(pattern.matter)
    return {
        term: tuple((m, (1.0 if len(term) > 1 else ONE_CHARACTER) / len(found)) for m in sorted(found))
        for term, found in table.items()
        if len(found) <= COMMON
    }


def _weight(match: Match, title: int) -> float:
    return match.pattern.weight * _place_weight(match.start, title)


def _place_weight(start: int, title: int) -> float:
    if start < title:
        return IN_TITLE
    into = start - title - 1
    return next((weight for end, weight in BODY if into < end), 0.0)


def _sum(weights: list[float]) -> float:
    best = max(weights)
    return best + MORE * min(sum(weights) - best, 2.0)


def _proposals(tally: _Tally) -> list[CategoryProposal]:
    ranked = sorted(tally.scores.items(), key=lambda one: (-one[1], one[0]))[:3]
    if not ranked or ranked[0][1] < 0.2:
        return []
    top = [score for _, score in ranked] + [0.0, 0.0]
    found: list[CategoryProposal] = []
    for rank, (code, score) in enumerate(ranked):
        rival = top[1] if rank == 0 else top[0]
        confidence = round(score / (score + rival + BACKGROUND), 4)
        found.append(CategoryProposal.model_construct(code=code, confidence=confidence, evidence=tally.evidence(code)))
    return found
