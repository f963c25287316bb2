"""Reports and questions for the benchmark of search.

Clauses are drawn from the tokenizer's dictionary by frequency, so that some words stand in every text and most in few, as in
letters; the few clauses of the pipeline's benchmark alone would make every word common. They measure speed, never quality.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, Final

import jieba

from city.pack import CityPack
from console.bench.texts import rows
from language.tokenise import tokenise
from pool.query import Facet, Filters, Query, Sort
from schemas.documents import ReportContent, ReportDocument
from schemas.identity import problem_id, report_id
from schemas.problem import Problem
from schemas.state import State
from schemas.words import Channel, Mode, ProblemState, Urgency

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
SHORTEST, LONGEST = 200, 900
LENGTHS: Final = (1, 2, 3, 4, 6)
DECK: Final = 1_000_000
FACETS: Final = (Facet.CATEGORY, Facet.STATE, Facet.AREA)
AREA: Final = "/d1/"
"""A twelfth of all reports."""

Question = tuple[Query, tuple[Facet, ...]]


class Side(StrEnum):
    """Who is asked. OURS: the port. RAW: what a user would write without this application, one field of words cut once by the
    same tokenizer, found where all of them stand. PHRASE: the same, with the parts of a word side by side; so it finds nearly
    what the port finds, and RAW more. All with the same page, order, exact total, filter and facets."""

    OURS = "ours"
    RAW = "raw"
    PHRASE = "phrase"


def reports(pack: CityPack, count: int, seed: int) -> Iterator[ReportDocument]:
    """The same seed gives the same reports; each of a problem of its own."""
    dice = random.Random(seed)
    for number, (_, row) in enumerate(islice(rows(pack, seed, START), count)):
        yield _report(dice, number, row)


def _report(dice: random.Random, number: int, row: dict[str, Any]) -> ReportDocument:
    source_id, title = str(row["id"]), str(row["title"])
    district, town = dice.randrange(12), dice.randrange(10)
    top, middle, leaf = (f"{dice.randrange(1, most):02d}" for most in (20, 9, 9))
    units = [f"u{unit:03d}" for unit in dice.sample(range(300), dice.randint(1, 2))]
    at = START + timedelta(seconds=number * 100, microseconds=dice.randrange(1_000_000))
    return ReportDocument(
        id=report_id("bench", source_id), version=1, problem=problem_id(1, source_id), order_number=f"order-{source_id}", slot=1,
        channel=dice.choice(list(Channel)), mode=Mode.LIVE, time=at, received=at, state=dice.choice(list(ProblemState)),
        urgency=dice.choice(list(Urgency)),
        category=top + middle + leaf, category_path=f"/{top}/{top}{middle}/{top}{middle}{leaf}/",
        area=f"d{district}t{town}", area_path=f"/d{district}/d{district}t{town}/", lead=units[0], units=units,
        content=ReportContent(
            source="bench", source_id=source_id, title=title, text=_text(dice, str(row["text"])), address=title[:8],
            lon=120 + dice.random() / 2, lat=30 + dice.random() / 2,
        ),
    )  # fmt: skip


def _text(dice: random.Random, begun: str) -> str:
    words = _deck()
    parts = [begun[:100]]
    missing = dice.randint(SHORTEST, LONGEST) - len(parts[0])
    while missing > 0:
        clause = "".join(dice.choices(words, k=dice.randint(4, 9)))
        parts.append(clause)
        missing -= len(clause) + 1
    return ",".join(parts) + "。"


@cache
def _deck() -> list[str]:
    """Han words of at most four characters, each as often as its frequency says: quicker to draw from than by weight."""
    with jieba.get_dict_file() as file:
        lines = [line.decode("utf-8").split(" ") for line in file]
    found = {line[0]: int(line[1]) for line in lines if len(line[0]) <= 4 and _han(line[0])}
    return random.Random(1).choices(list(found), list(found.values()), k=DECK)


def questions(pack: CityPack, count: int, seed: int) -> dict[str, list[Question]]:
    """`count` of every kind, in words that stand in the reports."""
    words = _words(pack, count, seed)
    pairs = [f"{one} {other}" for one, other in zip(words[2], reversed(words[2]), strict=True)]
    kinds = {f"word_{length}": [_newest(word) for word in words[length]] for length in LENGTHS}
    kinds["two_words_filter_three_facets"] = [(Query(pair, Filters(area_path=AREA), Sort.NEWEST), FACETS) for pair in pairs]
    kinds["all_newest_first"] = [_newest("")] * count
    kinds["relevance"] = [(Query(text, sort=Sort.RELEVANCE), ()) for text in [*words[2], *words[4], *pairs][::3]]
    return kinds


def _newest(word: str) -> Question:
    return Query(word, sort=Sort.NEWEST), ()


def _words(pack: CityPack, count: int, seed: int) -> dict[int, list[str]]:
    """Runs of whole words, by their length: what people look for begins and ends where a word does."""
    dice = random.Random(seed)
    texts = [report.content.text for report in reports(pack, 500, seed) if report.content]
    found: dict[int, list[str]] = {length: [] for length in LENGTHS}
    while any(len(words) < count for words in found.values()):
        tokens = tokenise(dice.choice(texts))
        begin = dice.randrange(len(tokens))
        word = "".join(tokens[begin : begin + dice.randint(1, 3)])
        if len(word) in found and len(found[len(word)]) < count and _han(word):
            found[len(word)].append(word)
    return found


def _han(word: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in word)


def states_of(documents: Sequence[ReportDocument]) -> list[State]:
    """The problems that the reports are of."""
    return [
        Problem(id=report.problem, slot=report.slot, version=1, state=report.state, order_number=report.order_number)
        for report in documents
    ]


def raw_fields(document: ReportDocument) -> dict[str, Any]:
    """What the raw query filters, sorts and counts by."""
    return {
        "time": int(document.time.timestamp() * 1000),
        "category": document.category,
        "state": document.state.value,
        "area": document.area,
        "district": document.area_path[: document.area_path.index("/", 1) + 1],
    }


def raw_terms(text: str, *, together: bool) -> list[str]:
    """What the raw query looks for: every token of the text, or every word as its tokens joined by spaces."""
    return [" ".join(tokenise(word)) for word in text.split()] if together else tokenise(text)


def raw_words(document: ReportDocument) -> str:
    """The one field of words of the raw query, joined by spaces."""
    content = document.content
    return " ".join(tokenise(f"{content.title}\n{content.text}\n{content.address}")) if content else ""
