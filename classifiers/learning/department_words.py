"""What an order says beside its n-grams: whom it asks, which units and places it names, its path in the category tree.

Every kind of sign is a block of plain strings. A city's orders are written by its clerks after a few patterns (who reports,
the matter, 请…核实处理, then answers of units that had it before); nothing here knows a unit, a place or a category.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from classifiers.learning.rows import Row
from language.normalise import fold
from language.tokenise import tokenise

LEVELS: Final = ("l1", "l2", "l3", "l4")
SCHEME: Final = "scheme"
READ: Final = 1200
"""Characters of an order that are looked at: what it is about and whom it asks stand early. 99 of 100 orders are shorter."""

_WORDS: Final = 150
"""Words of an order that are crossed with its addressee and district."""

_ANSWERED: Final = re.compile(r"20\d\d[-年/.]\d{1,2}[-月/.]\d{1,2}日?")
"""Where the dated answer of a unit begins, when the order has been sent before."""
_ASKED: Final = re.compile(
    r"(?:[请转由望]|要求|希望|建议|联系)([^,。;、()!?:\s]{2,18}?)"
    r"(?:尽快|按规定|按照|给予|予以|加强|进行|协助|核实|处理|查处|核查|到场|解决|联系|加大|在\d|在三十|派)"
)
_NAMED: Final = re.compile(
    r"[\u4e00-\u9fff]{1,14}?(?:局|公司|街道办事处|街道办|街道|镇政府|镇|农场|医院|学校|小学|中学|幼儿园|大队|支队|派出所|管委会|委员会"
    r"|办公室|指挥部|中心|集团|政府|银行|法院|检察院|居委会|村委会|管理所|养护所|机场|车站|码头|物业|部门)"
)
_DISTRICT: Final = re.compile(r"[\u4e00-\u9fff]{2}[区县]|[\u4e00-\u9fff]{1,3}[镇乡]")
_PLACE: Final = re.compile(
    r"[\u4e00-\u9fff]{2,4}?(?:大道|路|街道|街|巷|镇|村|社区|小区|花园|大厦|广场|市场|桥|区|苑|港|站|岛)"
)


class Sign(StrEnum):
    """A block of strings. The last four need a path."""

    SCHEME = "scheme"
    ASKED = "asked"
    HEAD = "head"
    NAMED = "named"
    PLACE = "place"
    HISTORY = "history"
    ANSWERED_BY = "answered_by"
    ASKED_CROSSED = "asked_crossed"
    DISTRICT_CROSSED = "district_crossed"
    ASKED_IN_SCHEME = "asked_in_scheme"
    WORDS_IN_SCHEME = "words_in_scheme"
    PATH = "path"
    PATH_IN_SCHEME = "path_in_scheme"
    PATH_CROSSED = "path_crossed"


@dataclass(frozen=True, slots=True)
class Order:
    """matter: folded, before the first dated answer; history: from there on. asked: whom the matter names after 请, 转, 由 …"""

    matter: str
    history: str
    asked: tuple[str, ...]
    districts: tuple[str, ...]
    path: tuple[str, ...]
    scheme: str

    @classmethod
    def of(cls, row: Row) -> "Order":
        text = fold(f"{row.title}。{row.text[: 2 * READ]}" if row.title else row.text[: 2 * READ])[:READ]
        answer = _ANSWERED.search(text, 20)
        matter, history = (text[: answer.start()], text[answer.start() :]) if answer else (text, "")
        path = tuple(fold(row.fields.get(level, "")) for level in LEVELS)
        districts = tuple(sorted(set(_DISTRICT.findall(matter))))
        return cls(matter, history, tuple(_ASKED.findall(matter)), districts, path, fold(row.fields.get(SCHEME, "")))

    @property
    def has_path(self) -> bool:
        return any(self.path)

    def row(self) -> Row:
        """The matter, for `TextFeatures`."""
        return Row("", self.matter, None, {})


def grams(text: str, shortest: int, longest: int) -> Iterator[str]:
    """All runs of that many characters."""
    for size in range(shortest, longest + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def signs_of(order: Order) -> Mapping[Sign, Sequence[str]]:
    """The strings of every block; those of a missing path or scheme are empty."""
    words = tokenise(order.matter)[:_WORDS]
    asked = [piece for one in order.asked for piece in (one, *grams(one, 2, 4))]
    ends = list(dict.fromkeys(one[-4:] for one in order.asked))[:4] or ["-"]
    districts = order.districts[:2] or ("-",)
    head = re.split("[:,]", order.matter, maxsplit=1)[0][:14]
    found: dict[Sign, Sequence[str]] = {
        Sign.ASKED: asked or ["-"],
        Sign.HEAD: ["^" + head, *grams(head, 2, 3)],
        Sign.NAMED: [piece for one in _NAMED.findall(order.matter) for piece in (one, one[-4:], one[-3:])],
        Sign.PLACE: [*order.districts, *sorted(set(_PLACE.findall(order.matter)))],
        Sign.HISTORY: list(grams(order.history, 2, 3)),
        Sign.ANSWERED_BY: [piece for one in _NAMED.findall(order.history)[:3] for piece in (one, *grams(one, 2, 3))],
        Sign.ASKED_CROSSED: [f"{end}|{other}" for end in ends for other in (*districts, *words)],
        Sign.DISTRICT_CROSSED: [f"{one}|{word}" for one in districts for word in words],
    }
    if order.scheme:
        found[Sign.SCHEME] = [order.scheme]
        found[Sign.ASKED_IN_SCHEME] = [f"{order.scheme}#{piece}" for piece in asked or ["-"]]
        found[Sign.WORDS_IN_SCHEME] = [f"{order.scheme}#{word}" for word in words]
    if order.has_path:
        found |= _path_signs(order, ends, districts)
    return found


def _path_signs(order: Order, ends: Sequence[str], districts: Sequence[str]) -> dict[Sign, Sequence[str]]:
    """Prefixes of the path, each level alone (two trees share names below), and both crossed with addressee and district."""
    levels = order.path
    prefixes = ["/".join(levels[:depth]) for depth in range(1, len(levels) + 1)]
    alone = [f"{depth}:{name}" for depth, name in enumerate(levels[1:], 2)]
    whole = [*prefixes, *alone, f"34:{levels[2]}{levels[3]}", *grams("".join(levels), 2, 2)]
    crossed = [f"{one}|{other}" for one in (prefixes[2], prefixes[3], *alone[1:]) for other in districts]
    crossed += [f"{one}|{end}" for one in prefixes[1:] for end in ends]
    found: dict[Sign, Sequence[str]] = {Sign.PATH: whole, Sign.PATH_CROSSED: crossed}
    if order.scheme:
        found[Sign.PATH_IN_SCHEME] = [f"{order.scheme}#{piece}" for piece in whole]
    return found
