"""A reply taken apart into clauses: what is courtesy, passing on, promise or referral, and what is left for the case itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from classifiers.replies.phrases import SUBSTANCE, Mark, marks_of_words, scanner
from language.normalise import fold
from language.tokenise import NO_LETTER

READ: Final = 4000
"""Characters of a reply, and of a request, that are read."""
SHOWN: Final = 4
SIGNATURE: Final = 20
"""Letters that a unit's name below a letter may have."""
UNITS: Final = frozenset("办局委府处会所队站社院部室心司厅校")
"""How such a name ends."""

TURNED: Final = "已转"
INTO: Final = frozenset("让移为正业换型变化租包")
"""What has become another's or another thing (已转让, 已转为) was not passed on."""
RECEIVED: Final = frozenset(("收到", "知道了", "好的"))
"""Whole clauses that say no more than that."""

_CLAUSE: Final = re.compile(r"[^,。!?;:…~\n]+")
_QUOTE: Final = re.compile(
    r"(?:关于|针对|对于|就|您|你|收到您|接到您).*(?:问题|诉求|建议|咨询|来信|留言|帖|情况|事宜|一事|信件)[的》”\"'】]*"
)
_FORMAL: Final = re.compile(r"(?:\d{2,4}[年./-]\d{1,2}[月./-]\d{1,2}日?\s*)|[《》“”\"'()\[\]【】<>]")
"""What says nothing by itself: the date below a letter, quotation marks."""
_FIGURE: Final = re.compile(
    r"\d(?:元|万|亿|米|公里|千米|平方|亩|户|人|家|台|套|%|岁|倍|小时|个工作日|个月|年内|路公交|号文|号令)"
    r"|〔\d{4}〕|\[\d{4}\]|第[\d一二三四五六七八九十百]+条|"
    r"\d月(?:份|底|初|\d+日[^\s])|\d年(?:底|初|内|\d+月(?:份|底|初|前|\d+日[^\s]))"
)
_ADDRESS: Final = re.compile(r"[“\"'「]?\s*[a-z][a-z0-9_]{3,}\s*[”\"'」]?")
"""A caller's name on a board."""


class Part(StrEnum):
    """What a clause is there for."""

    FORM = "form"
    """Greeting, receipt, thanks, the request named again, date and signature."""
    PASSED_ON = "passed_on"
    PROMISE = "promise"
    REFERRAL = "referral"
    SUBSTANCE = "substance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Clause:
    """part: why it stands there; text: its letters and digits, folded; words: those of `phrases` in it."""

    part: Part
    text: str
    words: tuple[str, ...]

    @property
    def letters(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """folded: the reply as it was read; clauses in order; marks: how often a word of each kind stands there."""

    folded: str
    clauses: tuple[Clause, ...]
    marks: dict[Mark, int]

    def letters(self, *parts: Part) -> int:
        """Letters and digits in clauses of these parts, of all without arguments."""
        return sum(clause.letters for clause in self.clauses if not parts or clause.part in parts)

    def words(self, *parts: Part) -> list[str]:
        """The first distinct words of `phrases` in clauses of these parts."""
        return _first(word for clause in self.clauses if clause.part in parts for word in clause.words)

    def words_of(self, mark: Mark) -> list[str]:
        """The first distinct words of that kind."""
        known = marks_of_words()
        return _first(word for clause in self.clauses for word in clause.words if known[word] is mark)


def _first(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))[:SHOWN]


def read_reply(reply: str) -> Reading:
    folded = fold(reply[:READ])
    known = marks_of_words()
    hits = sorted(
        (start, word)
        for word, starts in scanner().scan(folded).items()
        for start in starts
        if word != TURNED or folded[start + len(TURNED) : start + len(TURNED) + 1] not in INTO
    )
    figures = [match.start() for match in _FIGURE.finditer(folded)]
    clauses: list[Clause] = []
    marks: dict[Mark, int] = {}
    hit = figure = 0
    for match in _CLAUSE.finditer(folded):
        words: list[str] = []
        while hit < len(hits) and hits[hit][0] < match.end():
            words.append(hits[hit][1])
            hit += 1
        measured = figure < len(figures) and figures[figure] < match.end()
        while figure < len(figures) and figures[figure] < match.end():
            figure += 1
        for word in words:
            marks[known[word]] = marks.get(known[word], 0) + 1
        bare = NO_LETTER.sub("", _FORMAL.sub("", match[0]))
        if bare:
            clauses.append(Clause(_part(match[0], bare, words, measured=measured), bare, tuple(words)))
    return Reading(folded, _signed(clauses), marks)


def _part(clause: str, bare: str, words: Sequence[str], *, measured: bool) -> Part:
    kinds = {marks_of_words()[word] for word in words}
    if Mark.PASSED_ON in kinds:
        return Part.PASSED_ON
    clause = clause.strip()
    if Mark.PROMISE in kinds and not measured and kinds.isdisjoint(SUBSTANCE):
        return Part.PROMISE
    quoted = Mark.REFERRAL not in kinds and _QUOTE.fullmatch(clause)
    formal = Mark.COURTESY in kinds or quoted or _ADDRESS.fullmatch(clause)
    if formal and kinds.isdisjoint((Mark.FINDING, Mark.REFUSAL)):
        return Part.FORM
    if measured or not kinds.isdisjoint(SUBSTANCE):
        return Part.SUBSTANCE
    if Mark.REFERRAL in kinds:
        return Part.REFERRAL
    return Part.FORM if len(bare) < 2 or bare.isdigit() or bare in RECEIVED else Part.OTHER


def _signed(clauses: list[Clause]) -> tuple[Clause, ...]:
    """A short last clause that follows on form, passing on or a promise is the unit's name below its letter."""
    if len(clauses) < 2:
        return tuple(clauses)
    before, last = clauses[-2:]
    signature = last.part is Part.OTHER and last.letters <= SIGNATURE and last.text[-1] in UNITS
    if signature and before.part in (Part.FORM, Part.PASSED_ON, Part.PROMISE):
        clauses[-1] = replace(last, part=Part.FORM)
    return tuple(clauses)
