"""What an order says beside its n-grams: whom it asks, which units and places it names, its path in the category tree.

A city's orders are written by its clerks after a few patterns (who reports, the matter, 请…核实处理, then answers of units that
had it before); nothing here knows a unit, a place or a category.
"""

import re
from dataclasses import dataclass
from typing import Final

from classifiers.learning.rows import Row
from language.normalise import fold
from language.tokenise import tokenise

LEVELS: Final = ("l1", "l2", "l3", "l4")
SCHEME: Final = "scheme"
READ: Final = 1200
"""Characters of an order that are looked at: what it is about and whom it asks stand early. 99 of 100 orders are shorter."""
HEAD: Final = 14
"""Characters of the beginning that often say who reports."""

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
_HEAD_ENDS: Final = re.compile("[:,]")


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

    @property
    def head(self) -> str:
        """The first piece of the matter."""
        return _HEAD_ENDS.split(self.matter, maxsplit=1)[0][:HEAD]

    @property
    def asked_ends(self) -> list[str]:
        """The last letters of whom it asks, which say what kind of unit that is."""
        return list(dict.fromkeys(one[-4:] for one in self.asked))[:4]

    @property
    def named(self) -> list[str]:
        """Units that the matter names."""
        return _NAMED.findall(self.matter)

    @property
    def answered_by(self) -> list[str]:
        """The first units that the history names."""
        return _NAMED.findall(self.history)[:3] if self.history else []

    @property
    def places(self) -> list[str]:
        return [*self.districts, *sorted(set(_PLACE.findall(self.matter)))]

    @property
    def words(self) -> list[str]:
        """Of the matter."""
        return tokenise(self.matter)

    @property
    def prefixes(self) -> list[str]:
        """Beginnings of the path."""
        return ["/".join(self.path[:depth]) for depth in range(1, len(self.path) + 1)]

    @property
    def levels(self) -> list[str]:
        """Each level below the first alone: two trees share names below."""
        return [f"{depth}:{name}" for depth, name in enumerate(self.path[1:], 2)]

    @property
    def lowest(self) -> str:
        """The last two levels together."""
        return "34:" + "".join(self.path[2:])

    def row(self) -> Row:
        """The matter, for `TextFeatures`."""
        return Row("", self.matter, None, {})
