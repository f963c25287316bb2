"""Urgency by the pack's risk words, where the text speaks of something that is so and is now."""

import re
from collections.abc import Mapping
from typing import Final

from city.pack import CityPack
from classifiers.scan import TermScanner
from language.normalise import fold
from schemas.findings import Evidence, UrgencyFinding
from schemas.words import EvidenceKind, Urgency

_BEFORE: Final = re.compile(
    r"(?:没有?|未|不会|不是|并非|并没有|避免|防止|预防|以防|防范|杜绝|容易|担心|害怕|生怕|万一|如果|假如|要是|一旦|恐怕|可能|会不会|是否|去年|前年|"
    r"上次|以前|曾经?|之前|当年|新闻|听说|模拟|引发|引起|造成|导致|怕|防|易|存在|有)[^,。!?;:、\s]{0,6}$"
)
"""What makes it a denial, a fear, a memory or a wish when it stands before the word in the same clause."""

_AFTER: Final = re.compile(
    r"^[^,。!?;\s]{0,4}(?:演练|演习|隐患|风险|事故教训|保险|应急预案|预案|知识|宣传|培训|讲座|报警器|险情排除|的可能|怎么办)"
)
"""What makes it a topic when it follows the word."""

_SURE: Final = re.compile(r"(?:有人|有味|现场|正在|现在|刚刚|已经)[^,。!?;]{0,6}$")
"""What makes it real again: 有人被困."""

_LEVELS: Final = (Urgency.NORMAL, Urgency.URGENT, Urgency.CRITICAL)


class RiskWords:
    """Built once from a pack; `terms` are to be scanned for together with all others."""

    def __init__(self, pack: CityPack) -> None:
        self._risk = {fold(word.word): word for word in pack.risk_words if len(fold(word.word)) >= 2}
        self.terms = frozenset(self._risk)
        self._scanner = TermScanner(self.terms)

    def scan(self, text: str) -> dict[str, list[int]]:
        """Where risk words stand in a folded text that nobody has scanned yet."""
        return self._scanner.scan(text)

    def finding(self, text: str, positions: Mapping[str, list[int]]) -> UrgencyFinding:
        """text: folded; positions: a scan of it."""
        level = 0
        evidence: list[Evidence] = []
        for term in self.terms.intersection(positions):
            if any(_is_real(text, start, start + len(term)) for start in positions[term]):
                word = self._risk[term]
                level = max(level, _LEVELS.index(Urgency(word.urgency.value)))
                evidence.append(Evidence(kind=EvidenceKind.RISK_WORD, ref=word.kind, word=word.word, weight=1.0))
        evidence.sort(key=lambda one: (one.ref, one.word))
        return UrgencyFinding(level=_LEVELS[level], evidence=evidence[:5])


def _is_real(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 14) : start]
    if _AFTER.match(text[end : end + 12]):
        return False
    return _BEFORE.search(before) is None or _SURE.search(before) is not None
