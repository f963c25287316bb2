"""The check of a reply by rules alone: works on the first day, without training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from classifiers.replies.phrases import Mark
from classifiers.replies.reading import Part, Reading, read_reply
from classifiers.replies.relevance import Likeness, likeness
from schemas.replies import ReplyFault, ReplyFinding, ReplyFindings

RULES: Final = "reply-rules-1"

JUDGED: Final = 60
"""Letters of content from which a reply can be off the topic; a shorter one says too little to tell."""
SAID: Final = 0.7
"""Confidence from which off_topic is named."""
BARE: Final = 6
"""Letters that belong to no kind of clause and may still stand in a reply that says nothing (a unit's name, a slip)."""
SCANT: Final = 24
CURT: Final = 60
"""Letters of content up to which a refusal can be one without reasons: what is longer mostly tells them in other words."""
OF_THE_CASE: Final = 3
"""Telling pairs of letters that request and reply share from which a reply is no mere template."""
BOILERPLATE: Final = 0.8
"""Share of the letters from which a reply without substance is a template."""
SURE, LIKELY, UNSURE = 0.95, 0.7, 0.6
"""Confidences of the rules; what they were worth when measured stands in docs/replies.md."""


@dataclass(frozen=True, slots=True)
class Asked:
    """request: the title, a newline and the text of what came in; reply: what the unit writes to the caller."""

    request: str
    reply: str


class ReplyChecker(Protocol):
    """One answer per pair, in order; the same pair gets the same answer in any company. Never raises for any text."""

    def check(self, asked: Sequence[Asked]) -> list[ReplyFindings]: ...


class RuleChecker:
    """Has no state; about 0.3 ms a pair."""

    def check(self, asked: Sequence[Asked]) -> list[ReplyFindings]:
        return [found(one.request, read_reply(one.reply)) for one in asked]


def found(request: str, reading: Reading) -> ReplyFindings:
    """What the rules find in one reply."""
    alike = likeness(request, reading.folded)
    faults = [
        fault
        for fault in (_off_topic(reading, alike), _no_answer(reading), _template(reading, alike), _no_reason(reading))
        if fault is not None
    ]
    return ReplyFindings(faults=sorted(faults, key=lambda one: -one.confidence), model=RULES)


def _off_topic(reading: Reading, alike: Likeness) -> ReplyFinding | None:
    if not alike.request or reading.letters(Part.SUBSTANCE, Part.OTHER) < JUDGED:
        return None
    confidence = alike.off_topic()
    if confidence < SAID:
        return None
    rules = [name for name, holds in (("nothing_of_the_opening", not alike.opening), ("little_in_common", True)) if holds]
    return ReplyFinding(fault=ReplyFault.OFF_TOPIC, confidence=round(confidence, 4), evidence=rules)


def _no_answer(reading: Reading) -> ReplyFinding | None:
    """No clause of substance: only received, passed on, promised, or sent elsewhere."""
    left = reading.letters(Part.OTHER)
    if reading.letters(Part.SUBSTANCE) or left > SCANT:
        return None
    passed, promised, referred = (reading.letters(part) for part in (Part.PASSED_ON, Part.PROMISE, Part.REFERRAL))
    if not reading.letters():
        confidence, rule = SURE, "empty"
    elif left > (BARE if passed else 0):
        confidence, rule = UNSURE, "no_substance"
    elif referred:
        confidence, rule = UNSURE, "only_referred"
    elif passed:
        confidence, rule = SURE, "only_passed_on"
    elif promised:
        confidence, rule = LIKELY, "only_promised"
    else:
        confidence, rule = SURE, "only_received"
    words = reading.words(Part.PASSED_ON, Part.PROMISE, Part.REFERRAL)
    return ReplyFinding(fault=ReplyFault.NO_ANSWER, confidence=confidence, evidence=[rule, *words])


def _template(reading: Reading, alike: Likeness) -> ReplyFinding | None:
    letters, left = reading.letters(), reading.letters(Part.OTHER)
    if not letters or reading.letters(Part.SUBSTANCE) or alike.shared >= OF_THE_CASE or 1 - left / letters < BOILERPLATE:
        return None
    confidence = SURE if left <= BARE and not reading.letters(Part.REFERRAL) else UNSURE
    words = reading.words(Part.FORM, Part.PASSED_ON, Part.PROMISE)
    return ReplyFinding(fault=ReplyFault.TEMPLATE, confidence=confidence, evidence=["set_phrases", *words])


def _no_reason(reading: Reading) -> ReplyFinding | None:
    """A short refusal without basis, cause or finding anywhere in the reply."""
    marks, content = reading.marks, reading.letters(Part.SUBSTANCE, Part.OTHER)
    told = any(marks.get(mark) for mark in (Mark.BASIS, Mark.CAUSE, Mark.FINDING))
    if told or not marks.get(Mark.REFUSAL) or content > CURT:
        return None
    evidence = ["refused_without_reason", *reading.words_of(Mark.REFUSAL)]
    return ReplyFinding(fault=ReplyFault.NO_REASON, confidence=UNSURE, evidence=evidence)
