"""Category, candidate units and urgency from the city pack alone, before any model is trained.

A category's score adds what its own phrases and the lexicon's matters find in the text; the title counts more than the body, the
beginning of the body more than its end, so that greetings, histories and signatures do not drown the matter.
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from heapq import nsmallest
from typing import Final, Protocol

from city.pack import CityPack
from classifiers.aside import Aside, outside
from classifiers.duty import DutyList
from classifiers.lexicon import cues, matters
from classifiers.likeness import likeness_of
from classifiers.matters import Match, MatterFinder
from classifiers.profile import Profile
from classifiers.request_type import RequestTypeReader
from classifiers.scan import TermScanner
from classifiers.urgency import RiskWords
from language.normalise import fold
from schemas.findings import CategoryProposal, Evidence, Findings, Place, UrgencyFinding
from schemas.words import Basis, EvidenceKind

IN_TITLE: Final = 1.2
BODY: Final = ((150, 1.0), (300, 0.7))
"""(characters into the body, weight up to there); nothing beyond the last is read."""

MORE: Final = 0.25
"""What a second pattern of the same matter adds, as a share of its weight."""

FOR_CUE: Final = 0.4
"""A word that only one matter's patterns have, found without the pattern; shared words count their share."""

STRETCH: Final = 90
"""Characters within which cues support one another."""

SHARING: Final = 1.0
"""A cue of n matters counts n ** -SHARING for each."""

COMMON: Final = 8
"""A word that hints at more matters than this hints at none."""

MOST_CUES: Final = 3.3
"""Score that the cues of one matter add at most."""

FOR_LIKENESS: Final = 3.0
"""What the whole likeness to the pack's words and sayings adds, if one category had all of it."""

LEAST_SHARE: Final = 0.05
"""Share of the likeness below which it says nothing."""

FOR_PHRASE: Final = 0.6
FOR_SHORT: Final = 0.42
"""A phrase of the pack found in the text, against a matter found in it; less for one of two characters."""

HINTED: Final = {EvidenceKind.CATEGORY_NAME: 2.0, EvidenceKind.DEVICE_CLASS: 2.0, EvidenceKind.EVENT_TYPE: 0.5}
"""What the sender's own code, a camera's class and a grid event's type add to their category."""

SHOWN: Final = 3
"""Grounds of a category that are shown as its evidence."""

LEAST: Final = 0.2
"""Score below which nothing is proposed."""

BACKGROUND: Final = 1.2
"""Score that an unnamed other category always has: little evidence gives little confidence."""

CLEAR: Final = 0.46
"""Confidence from which a category counts as clear, if the likeness names it too. Its price: docs/first-decisions.md."""


class Hints(Protocol):
    """What the sender says of the matter beside its words."""

    @property
    def category(self) -> str | None: ...
    @property
    def alarm_class(self) -> str | None: ...
    @property
    def event_type(self) -> str | None: ...


class Asked(Protocol):
    """One report as a classifier is asked about it; title and text are clean."""

    @property
    def report(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def place(self) -> Place: ...
    @property
    def hints(self) -> Hints: ...


_Ground = tuple[str, float, EvidenceKind, str, str]
"""Category, weight, and what it rests on: kind, reference, the pack's word."""


class PackClassifier:
    """Built once from a pack; `findings` has no state."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self.name = f"pack-rules/{pack.version}"
        self._matters = matters()
        self.profile = Profile(pack)
        self._cue_table = _cue_table(self._matters, self.profile.links)
        self._aside = Aside(pack)
        self._likeness = likeness_of(pack)
        self.duty = DutyList(pack)
        self.risk = RiskWords(pack)
        self.types = RequestTypeReader()
        self._scanner = TermScanner(
            self._matters.terms
            | self._cue_table.keys()
            | self.profile.numbers.keys()
            | self._aside.terms
            | self.duty.terms
            | self.risk.terms
            | self.types.terms
        )

    def findings(self, asked: Sequence[Asked]) -> list[Findings]:
        """Of each report, in order."""
        return [self.finding(one) for one in asked]

    def finding(self, asked: Asked) -> Findings:
        """The place is taken over and gives the territory of the units."""
        text, place, hints = asked.text, asked.place, asked.hints
        folded_title, words = read(asked.title, text)
        positions = self._scanner.scan(words)
        grounds = self._hinted(hints)
        aside = self._aside.spans(words, positions)
        told = hints.alarm_class is not None or hints.category is not None
        alike = [] if told else self._alike(words, aside)
        grounds += [
            (code, FOR_LIKENESS * share, EvidenceKind.LIKENESS, code, self._pack.categories[code].name)
            for code, share in alike
            if share >= LEAST_SHARE
        ]
        self._count(words, len(folded_title), outside(positions, aside), grounds)
        categories = _proposals(grounds)
        found = Findings(
            urgency=self.urgency(words, positions, text),
            place=place,
            request_type=self.types.finding(words, positions),
            basis=Basis.NO_CATEGORY,
            model=self.name,
        )
        if not categories:
            return found
        best = categories[0]
        choice = self.duty.choose(best.code, best.confidence, place, positions)
        agreed = not alike or alike[0][0] == best.code
        clear = best.confidence >= CLEAR and agreed
        basis = choice.basis if clear else Basis.UNSURE_CATEGORY
        return found.model_copy(update={"categories": categories, "units": choice.units, "basis": basis.value})

    def _alike(self, words: str, aside: Sequence[tuple[int, int]]) -> list[tuple[str, float]]:
        """The categories that the text is most like, with their shares of the likeness; empty when it says nothing known."""
        kept, last = [], 0
        for start, end in sorted(aside):
            if start > last:
                kept.append(words[last:start])
            last = max(last, end)
        kept.append(words[last:])
        return self._likeness.shares(" ".join(kept), 3)

    def urgency(self, words: str, positions: dict[str, list[int]], text: str) -> UrgencyFinding:
        """words, positions: what `read` gives, scanned; text: the whole body.

        A danger counts wherever it stands: of a long text the rest is read for it too."""
        if len(text) <= BODY[-1][0]:
            return self.risk.finding(words, positions)
        whole = f"{words}\n{fold(text)}"
        return self.risk.finding(whole, self.risk.scan(whole))

    def _count(self, words: str, title: int, positions: dict[str, list[int]], grounds: list[_Ground]) -> None:
        profile = self.profile
        scores = self._cues(positions, title)
        by_matter: dict[str, list[float]] = {}
        for match in self._matters.find(words, positions):
            by_matter.setdefault(match.pattern.matter, []).append(_weight(match, title))
        for matter, weights in by_matter.items():
            scores[matter] = scores.get(matter, 0.0) + _sum(weights)
        for matter, score in scores.items():
            for link in profile.links.get(matter, ()):
                phrase = link.phrase
                grounds.append((link.category, score * link.weight, phrase.kind, phrase.ref, phrase.text))
        by_category: dict[str, list[tuple[float, int]]] = {}
        for text in profile.numbers.keys() & positions.keys():
            weight = _place_weight(positions[text][0], title) * (FOR_SHORT if len(text) == 2 else FOR_PHRASE)
            for number in profile.numbers[text]:
                phrase = profile.phrases[number]
                by_category.setdefault(phrase.category, []).append((weight * phrase.share, number))
        for category, found in by_category.items():
            found.sort(reverse=True)
            for rank, (weight, number) in enumerate(found[:4]):
                phrase = profile.phrases[number]
                grounds.append((category, weight * (MORE if rank else 1.0), phrase.kind, phrase.ref, phrase.text))

    def _cues(self, positions: dict[str, list[int]], title: int) -> dict[str, float]:
        """Score of each matter by the cues that stand together: those within the best stretch of the text, and of the title."""
        at: dict[str, list[tuple[int, float]]] = {}
        table = self._cue_table
        for term in positions.keys() & table.keys():
            start = positions[term][0]
            weight = FOR_CUE * _place_weight(start, title)
            for matter, share in table[term]:
                at.setdefault(matter, []).append((start, share * weight))
        return {matter: min(_best_stretch(found), MOST_CUES) for matter, found in at.items()}

    def _hinted(self, hints: Hints) -> list[_Ground]:
        pack = self._pack
        given = (
            (EvidenceKind.CATEGORY_NAME, hints.category, hints.category),
            (EvidenceKind.DEVICE_CLASS, hints.alarm_class, pack.camera_classes.get(hints.alarm_class or "")),
            (EvidenceKind.EVENT_TYPE, hints.event_type, pack.grid_events.get(hints.event_type or "")),
        )
        return [
            (code, HINTED[kind], kind, code, pack.categories[code].name if kind is EvidenceKind.CATEGORY_NAME else word)
            for kind, word, code in given
            if word and code and code in pack.categories
        ]


def read(title: str, text: str) -> tuple[str, str]:
    """(title, title and as much of the body as is read), folded."""
    folded = fold(title)
    return folded, f"{folded}\n{fold(text[: 2 * BODY[-1][0]])[: BODY[-1][0]]}"


def _best_stretch(found: list[tuple[int, float]]) -> float:
    """The largest sum within STRETCH characters."""
    if len(found) == 1:
        return found[0][1]
    found.sort()
    best = total = 0.0
    first = 0
    for start, weight in found:
        total += weight
        while start - found[first][0] > STRETCH:
            total -= found[first][1]
            first += 1
        best = max(best, total)
    return best


def _cue_table(finder: MatterFinder, linked: Container[str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Word -> matters that it hints at, each with its worth; words of many matters say nothing and are left out."""
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
        term: tuple((matter, len(found) ** -SHARING) for matter in sorted(found))
        for term, found in table.items()
        if len(term) > 1 and len(found) <= COMMON
    }


def _weight(match: Match, title: int) -> float:
    return match.weight * _place_weight(match.start, title)


def _place_weight(start: int, title: int) -> float:
    if start < title:
        return IN_TITLE
    into = start - title - 1
    for end, weight in BODY:
        if into < end:
            return weight
    return 0.0


def _sum(weights: list[float]) -> float:
    best = max(weights)
    return best + MORE * min(sum(weights) - best, 2.0)


def _proposals(grounds: list[_Ground]) -> list[CategoryProposal]:
    by_category: defaultdict[str, list[_Ground]] = defaultdict(list)
    for ground in grounds:
        by_category[ground[0]].append(ground)
    scores = {category: sum(ground[1] for ground in own) for category, own in by_category.items()}
    ranked = nsmallest(3, scores.items(), key=lambda one: (-one[1], one[0]))
    if not ranked or ranked[0][1] < LEAST:
        return []
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    found: list[CategoryProposal] = []
    for rank, (code, score) in enumerate(ranked):
        confidence = score / (score + (ranked[0][1] if rank else second) + BACKGROUND)
        found.append(CategoryProposal(code=code, confidence=round(confidence, 4), evidence=_evidence(by_category[code])))
    return found


def _evidence(grounds: list[_Ground]) -> list[Evidence]:
    """The strongest of one category's grounds."""
    weights: dict[tuple[EvidenceKind, str, str], float] = {}
    for _, weight, kind, ref, word in grounds:
        weights[kind, ref, word] = weights.get((kind, ref, word), 0.0) + weight
    strongest = sorted(weights.items(), key=lambda one: -one[1])[:SHOWN]
    return [Evidence(kind=kind, ref=ref, word=word, weight=round(weight, 3)) for (kind, ref, word), weight in strongest]
