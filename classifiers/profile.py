"""What each category of a pack speaks of: its own phrases, and through them the matters of the lexicon.

Built once from a pack. A matter belongs to the categories whose phrases speak of it, most to the one that does so most.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from city.pack import CityPack
from classifiers.lexicon import matters
from classifiers.scan import TermScanner
from language.normalise import fold
from schemas.words import EvidenceKind

FOR_NAME: Final = 1.0
FOR_WORD: Final = 0.8
FOR_DUTY_NAME: Final = 0.6
SHARPEN: Final = 1.5
"""A category with half as many phrases of a matter as the leading one gets 0.5 ** SHARPEN of it."""

LONGEST_PHRASE: Final = 16
MOST_LINKED: Final = 16
"""Categories that a matter leads to, the strongest: in a tree of thousands a matter of hundreds of them tells none apart."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the pack. share: 1 where only this category has it, less the more others have it too."""

    text: str
    category: str
    kind: EvidenceKind
    ref: str
    share: float


@dataclass(frozen=True, slots=True)
class Link:
    """A matter's part in a category, and the pack's phrase that speaks of it: the evidence to show."""

    category: str
    weight: float
    phrase: Phrase


class Profile:
    """`phrases`; `numbers`: where each phrase's text stands among them; `links` by matter."""

    def __init__(self, pack: CityPack) -> None:
        self.phrases = _phrases(pack)
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, phrase in enumerate(self.phrases):
            numbers[phrase.text].append(number)
        self.numbers = {text: tuple(found) for text, found in numbers.items()}
        self.links = _links(self.phrases)


def _phrases(pack: CityPack) -> tuple[Phrase, ...]:
    wanted: list[tuple[str, str, EvidenceKind, str]] = []
    leaves = pack.leaves()
    for category in leaves:
        written = [(name, EvidenceKind.CATEGORY_NAME) for name in (category.name, *category.aliases)]
        written += [(word, EvidenceKind.CATEGORY_WORD) for word in category.words]
        wanted += [(fold(text), category.code, kind, category.code) for text, kind in written]
    for item in pack.duty_items.values():
        if len(item.categories) == 1 and item.categories[0] in pack.categories and not pack.children(item.categories[0]):
            wanted.append((fold(item.name), item.categories[0], EvidenceKind.DUTY_WORD, item.code))
    distinct = {(text, code): (text, code, kind, ref) for text, code, kind, ref in reversed(wanted) if len(text) >= 2}
    spread = _spread({(text, code) for text, code in distinct})
    return tuple(
        Phrase(text, code, kind, ref, 1 / spread[text])
        for text, code, kind, ref in reversed(distinct.values())
        if len(text) <= LONGEST_PHRASE
    )


def _spread(pairs: set[tuple[str, str]]) -> dict[str, float]:
    """In how many categories' phrases each phrase stands."""
    scanner = TermScanner(text for text, _ in pairs)
    where: defaultdict[str, set[str]] = defaultdict(set)
    for text, code in pairs:
        for term in scanner.scan(text):
            where[term].add(code)
    return {text: float(len(codes)) for text, codes in where.items()}


def _links(phrases: tuple[Phrase, ...]) -> dict[str, tuple[Link, ...]]:
    finder = matters()
    scanner = TermScanner(finder.terms)
    strength: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    shown: dict[tuple[str, str], Phrase] = {}
    for phrase in phrases:
        worth = {EvidenceKind.CATEGORY_NAME: FOR_NAME, EvidenceKind.CATEGORY_WORD: FOR_WORD}.get(phrase.kind, FOR_DUTY_NAME)
        found = finder.find(phrase.text, scanner.scan(phrase.text))
        best: dict[str, float] = dict.fromkeys((match.pattern.matter for match in found), 0.0)
        for match in found:
            best[match.pattern.matter] = max(best[match.pattern.matter], match.weight)
        for matter, weight in best.items():
            strength[matter][phrase.category] += worth * weight / len(best)
            shown.setdefault((matter, phrase.category), phrase)
    links: dict[str, tuple[Link, ...]] = {}
    for matter, by_category in strength.items():
        top = max(by_category.values())
        if top < 0.5:
            continue
        kept = [(code, (part / top) ** SHARPEN) for code, part in sorted(by_category.items(), key=lambda one: -one[1])]
        del kept[MOST_LINKED:]
        links[matter] = tuple(Link(code, weight, shown[matter, code]) for code, weight in kept if weight >= 0.05)
    return links
