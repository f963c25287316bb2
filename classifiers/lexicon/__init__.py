"""What citizens say, grouped by matter. Written for this project; knows no city, no code and no unit.

A line per matter in the notation of `classifiers.matters`. A city's categories meet these matters through their own names and
words: a category is about the matters that its words speak of.
"""

from functools import cache

from classifiers.lexicon.cues_home import CUES_HOME
from classifiers.lexicon.cues_people import CUES_PEOPLE
from classifiers.lexicon.cues_safety import CUES_SAFETY
from classifiers.lexicon.cues_town import CUES_TOWN
from classifiers.lexicon.cues_trade import CUES_TRADE
from classifiers.lexicon.dwelling import DWELLING
from classifiers.lexicon.groups import GROUPS
from classifiers.lexicon.law_and_order import LAW_AND_ORDER
from classifiers.lexicon.market import MARKET
from classifiers.lexicon.nature import NATURE
from classifiers.lexicon.people import PEOPLE
from classifiers.lexicon.settings import SETTINGS
from classifiers.lexicon.streets import STREETS
from classifiers.lexicon.traffic import TRAFFIC
from classifiers.lexicon.utilities import UTILITIES
from classifiers.lexicon.village import VILLAGE
from classifiers.matters import MatterFinder, Pattern, entries, read_lexicon
from language.normalise import fold


@cache
def matters() -> MatterFinder:
    """The finder of all matters."""
    return MatterFinder(_read(UTILITIES, STREETS, NATURE, DWELLING, TRAFFIC, LAW_AND_ORDER, PEOPLE, MARKET, VILLAGE))


@cache
def settings() -> MatterFinder:
    """The finder of settings: whose ground it is on, which decides between two duty items of one category."""
    return MatterFinder(_read(SETTINGS))


def _read(*texts: str) -> list[Pattern]:
    return [pattern for text in texts for pattern in read_lexicon(text, GROUPS)]


@cache
def cues() -> dict[str, frozenset[str]]:
    """Matter -> words that hint at it."""
    return {
        name: frozenset(fold(word) for word in body.split("|") if word.strip())
        for name, body in entries("\n".join((CUES_TOWN, CUES_HOME, CUES_SAFETY, CUES_PEOPLE, CUES_TRADE)))
    }
