"""How soon somebody must act: dangers of the field and the pack's risk words, where the text says that it is so, and now.

Missing a danger costs more than a needless look, so a word raises the level unless something before or after it in its clause
denies it, fears it, remembers it or makes it a topic. Figures: docs/urgency-and-type.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from city.pack import CityPack
from classifiers.lexicon.dangers import CRITICAL, GROUPS, URGENT
from classifiers.matters import Pattern, Slot, read_lexicon
from classifiers.scan import TermScanner
from language.normalise import fold
from schemas.findings import Evidence, UrgencyFinding
from schemas.words import EvidenceKind, Urgency

WINDOW: Final = 16
"""Characters that may stand between a pattern's first word and each of its others."""

NEAR: Final = 6
"""The same for a word of one character."""

SHOWN: Final = 5
"""Reasons that are shown, the gravest first."""

_DENIED: Final = re.compile(
    r"(?:没(?!拴|牵|人|盖|关|有人)有?|未(?!成年)|不会|不是|并非|不存在|不至于|避免|防止|预防|以防|以免|免得|防范|杜绝|谨防|严防|禁止|严禁|不得|(?<!消)防|"
    r"模拟|演示|新闻|电影|小说|电视剧|听说别|报道)[^,。!?;:、\s]{0,6}$"
)
_FEARED: Final = re.compile(
    r"(?:容易|担心|害怕|生怕|唯恐|万一|如果|假如|要是|一旦|恐怕|可能|会不会|是否|怕|易|倘若|若是|难免|存在|引发|引起|何时才|"
    r"(?<![社开机约聚大委协居集年])会)[^,。!?;:、\s]{0,6}$"
)
_SUPPOSED: Final = re.compile(
    r"(?:一旦|一但|如果|万一|假如|若是|要是|倘若|如发生|如出现|如遇|若发生|非要等|一定要等|等到|难道要|等发生|真要|可能会|就怕|不希望|不愿看到|出了)"
    r"[^。!?;]{0,24}$"
)
"""What makes the rest of its sentence a mere case: 一旦失火,火灾、爆炸都有可能."""

_REMEMBERED: Final = re.compile(
    r"(?:去年|前年|上次|以前|曾经?|当时|之前|当年|那年|早年|多年前|几年前|小时候|发生过|出过|有过|(?:19|20)\d\d年[^,。!?;]{0,6})[^,。!?;:、\s]{0,6}$"
)
"""What stands before the word in its clause and makes it a denial, a fear, a memory."""

_TOPIC: Final = re.compile(
    r"^[^,。!?;\s]{0,4}(?:演练|演习|隐患|风险|教训|事故教训|保险|责任险|应急预案|预案|知识|宣传|培训|讲座|课程|报警器|报警装置|"
    r"险情排除|的可能|怎么办|干预|热线电话|警示片|案例|条例|专项|整治行动|优惠|大甩卖)"
    r"|^(?:区(?!政府)|场所|价|式)"
    r"|^[^。!?;]{0,10}(?:都有可能|也有可能|功能|一样|事故频发|频发|事件的?发生|的概率)"
    r"|^[^。!?;]{0,8}(?:不堪设想|谁负责|谁来负责|谁来担责|怎么得了|才会?(?:重视|来管|去管|关注|处理))"
)
"""What makes it a topic when it follows the word."""

_OVER: Final = re.compile(
    r"^[^。!?;]{0,8}(?:已|早已|都已|被|终于)(?:经|被)?"
    r"(?:扑灭|修好|恢复|救出|获救|排除|解决|处理好|控制住|找到|归还|发放到位|结清|补上)"
    r"|^[^。!?;]{0,8}(?:获救|脱困|救出来了)|^(?:了|已|有|近|快){0,2}(?:多年|[一二三四五六七八九十几]多?年)"
)
"""What says that it is over."""

_NOW: Final = re.compile(r"(?:正在|现在|刚刚|刚才|昨天|昨晚|今天|今早|目前|至今|仍然|仍旧|还在|一直|再次|又)[^,。!?;]{0,6}$")
_SURE: Final = re.compile(r"(?:有人|有味|现场|已经)[^,。!?;]{0,6}$")
"""What makes it real again: 有人被困; only the first of the two outweighs a memory."""

_HABIT: Final = re.compile(r"经常|多次|频繁|屡次|常常|时常|时有|总是|家常便饭|接二连三|三天两头|隔三差五|好几次|几次")
"""What happens again and again is an open danger, not one of this hour."""

_CLAUSE: Final = 16
_STOPS: Final = "。!?;\n"
_FEARED_TOO: Final = frozenset(("轻生",))
"""Kinds for which somebody's fear is a reason to act: 怕她想不开."""

_MAY_BE_HABIT: Final = frozenset(("被困", "火情", "火灾", "触电", "暴力", "坠落"))

_STATED: Final = frozenset(("危险", "风险", "隐患", "可能", "随时", "威胁", "岌岌可危", "濒临"))
"""Words that are themselves the danger when a pattern has them: 有倒塌危险 is no fear but a fact."""

_UNCONDITIONAL: Final = frozenset(("轻生", "扬言伤人", "扬言", "群体事件", "欠薪", "人身侵害", "病困"))
"""Kinds that an `if` makes no less real: 如果再不解决我就跳下去."""

_LEVELS: Final = (Urgency.NORMAL, Urgency.URGENT, Urgency.CRITICAL)


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where a pattern or a risk word stands, and the lexicon's words that make it up."""

    start: int
    end: int
    words: tuple[str, ...]


class RiskWords:
    """Built once from a pack; `terms` are to be scanned for together with all others."""

    def __init__(self, pack: CityPack) -> None:
        self._risk = {fold(word.word): word for word in pack.risk_words if len(fold(word.word)) >= 2}
        self._dangers = _dangers()
        self.terms = frozenset(self._risk) | self._dangers.terms
        self._scanner = TermScanner(self.terms)

    def scan(self, text: str) -> dict[str, list[int]]:
        """Where risk words stand in a folded text that nobody has scanned yet."""
        return self._scanner.scan(text)

    def finding(self, text: str, positions: Mapping[str, list[int]]) -> UrgencyFinding:
        """text: folded; positions: a scan of it for `terms` at least."""
        grounds: dict[tuple[str, str], int] = {}
        for term in self._risk.keys() & positions.keys():
            word = self._risk[term]
            level = _LEVELS.index(Urgency(word.urgency.value))
            hits = (_Hit(start, start + len(term), (term,)) for start in positions[term])
            grounds[word.kind, word.word] = max((_level(text, hit, word.kind, level) for hit in hits), default=0)
        for level, kind, hit in self._dangers.find(text, positions):
            key = kind, "、".join(hit.words)
            grounds[key] = max(level, grounds.get(key, 0))
        strongest = sorted(grounds.items(), key=lambda one: (-one[1], one[0]))
        return UrgencyFinding(
            level=_LEVELS[max(grounds.values(), default=0)],
            evidence=[
                Evidence(kind=EvidenceKind.RISK_WORD, ref=kind, word=word, weight=float(level))
                for (kind, word), level in strongest[:SHOWN]
                if level
            ],
        )


class DangerFinder:
    """Finds patterns of dangers, each with the level it raises to (1 urgent, 2 critical), where they are real."""

    def __init__(self, patterns: Iterable[tuple[int, Pattern]]) -> None:
        self._patterns = tuple(patterns)
        self._slots: dict[str, list[tuple[int, int]]] = {}
        for number, (_, pattern) in enumerate(self._patterns):
            for index, slot in enumerate(pattern.slots):
                for term in slot.terms:
                    self._slots.setdefault(term, []).append((number, 1 << index))
        self._needed = tuple(
            sum(1 << index for index, slot in enumerate(pattern.slots) if not slot.characters) for _, pattern in self._patterns
        )
        self.terms = frozenset(self._slots) | {term for _, pattern in self._patterns for term in pattern.without.terms}

    def find(self, text: str, positions: Mapping[str, list[int]]) -> Iterator[tuple[int, str, _Hit]]:
        """Level, kind and place of the gravest real match of each pattern. positions: a scan of `text` for `terms`."""
        filled: dict[int, int] = {}
        for term in self._slots.keys() & positions.keys():
            for number, bit in self._slots[term]:
                filled[number] = filled.get(number, 0) | bit
        for number, bits in filled.items():
            if bits & self._needed[number] == self._needed[number]:
                level, pattern = self._patterns[number]
                found = [
                    (_level(text, hit, pattern.matter, level), hit)
                    for hit in _hits(pattern, text, positions)
                    if not _voided(pattern.without, text, hit)
                ]
                best, hit = max(found, key=lambda one: one[0], default=(0, None))
                if best and hit:
                    yield best, pattern.matter, hit


@cache
def _dangers() -> DangerFinder:
    texts = ((2, CRITICAL), (1, URGENT))
    return DangerFinder((level, pattern) for level, text in texts for pattern in read_lexicon(text, GROUPS))


def _hits(pattern: Pattern, text: str, positions: Mapping[str, list[int]]) -> Iterator[_Hit]:
    """All places where every slot is filled in one sentence, near the slot that has the fewest places."""
    places = [
        sorted((start, start + len(term)) for term in slot.terms & positions.keys() for start in positions[term])
        for slot in pattern.slots
    ]
    anchor = min((at for at in range(len(places)) if places[at]), key=lambda at: len(places[at]))
    for span in places[anchor]:
        chosen = [span]
        low, high = _sentence(text, span)
        for at, slot in enumerate(pattern.slots):
            if at != anchor:
                nearest = _nearest(slot, places[at], text, span, (low, high))
                if nearest is None:
                    break
                chosen.append(nearest)
        else:
            chosen.sort()
            words = tuple(dict.fromkeys(text[start:end] for start, end in chosen))
            yield _Hit(chosen[0][0], max(end for _, end in chosen), words)


def _nearest(
    slot: Slot, places: list[tuple[int, int]], text: str, span: tuple[int, int], bounds: tuple[int, int]
) -> tuple[int, int] | None:
    """The place of the slot that is nearest to the span, apart from it, within the bounds."""
    low, high = max(bounds[0], span[0] - WINDOW), min(bounds[1], span[1] + WINDOW)
    found = [(s, e) for s, e in places if low <= s <= high and e <= bounds[1] and (e <= span[0] or s >= span[1])]
    for character in slot.characters:
        before = text.rfind(character, max(low, span[0] - NEAR), span[0])
        after = text.find(character, span[1], min(high, span[1] + NEAR))
        found += [(at, at + 1) for at in (before, after) if at >= 0]
    return min(found, key=lambda one: max(one[0] - span[1], span[0] - one[1]), default=None)


def _sentence(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Bounds of the sentence around the span, looked for as far as a pattern reaches."""
    low, high = max(0, span[0] - WINDOW - _CLAUSE), min(len(text), span[1] + WINDOW + _CLAUSE)
    low = max([low, *(text.rfind(stop, low, span[0]) + 1 for stop in _STOPS)])
    ends = [at for stop in _STOPS if (at := text.find(stop, span[1], high)) >= 0]
    return low, min(ends, default=high)


def _voided(without: Slot, text: str, hit: _Hit) -> bool:
    near = text[max(0, hit.start - WINDOW) : hit.end + WINDOW]
    return any(word in near for word in without.terms | without.characters)


def _level(text: str, hit: _Hit, kind: str, level: int) -> int:
    """What the hit raises to: 0 where it is not real, less where it tells a habit."""
    if not _is_real(text, hit, kind):
        return 0
    habit = kind in _MAY_BE_HABIT and _HABIT.search(text, max(0, hit.start - _CLAUSE), hit.end + _CLAUSE)
    return min(level, 1) if habit else level


def _is_real(text: str, hit: _Hit, kind: str) -> bool:
    """Whether the hit is told as something that is so, and now."""
    before = text[max(0, hit.start - _CLAUSE) : hit.start]
    after = text[hit.end : hit.end + _CLAUSE]
    if _TOPIC.match(after) or _OVER.match(after):
        return False
    if _NOW.search(before):
        return True
    if _REMEMBERED.search(before) or (_DENIED.search(before) and not _SURE.search(before)):
        return False
    if _SURE.search(before) or kind in _FEARED_TOO or not _STATED.isdisjoint(hit.words):
        return True
    return _FEARED.search(before) is None and not _is_supposed(text, hit, kind)


def _is_supposed(text: str, hit: _Hit, kind: str) -> bool:
    return kind not in _UNCONDITIONAL and _SUPPOSED.search(text, max(0, hit.start - 2 * _CLAUSE), hit.start) is not None
