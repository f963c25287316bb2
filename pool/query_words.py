"""What a query asks for, checked and in words; the same for every back end."""

import math
import re
from datetime import datetime
from typing import Final

from language.tokenise import characters
from pool.query import Filters, Query, Sort
from schemas.errors import ContractError

LONGEST_TEXT: Final = 1000
MOST_WORDS: Final = 50
MOST_HITS: Final = 1000
_LONGEST_CODE: Final = 500
_PIECES: Final = re.compile(r'["“”]([^"“”]*)["“”]|([^\s"“”]+)')


def search_words(text: str) -> list[str]:
    """The words that must all occur, each as the letters and digits of its folded form; [] when the text is blank.

    A quoted phrase is one word. A quotation mark without its partner counts as white space.
    Raises ContractError: too long, too many words, or nothing but punctuation.
    """
    if len(text) > LONGEST_TEXT:
        raise ContractError("text", f"查询文字最多 {LONGEST_TEXT} 字", "请缩短查询文字")
    pieces = (match[1] or match[2] or "" for match in _PIECES.finditer(text))
    words = list(dict.fromkeys(word for piece in pieces if (word := "".join(characters(piece)))))
    if len(words) > MOST_WORDS:
        raise ContractError("text", f"查询词最多 {MOST_WORDS} 个", "请减少查询词")
    if not words and text.strip():
        raise ContractError("text", "没有可以查找的字", "请输入汉字、字母或数字")
    return words


def check(query: Query) -> None:
    """Raises ContractError for what no back end can answer; `text` and `cursor` are checked where they are read."""
    check_limit(query.limit)
    filters = query.filters
    if query.sort is Sort.DISTANCE and filters.near is None:
        raise ContractError("sort", "按距离排序必须给出中心点", "请同时给出 near(经度、纬度、半径米)")
    for name in ("category_path", "area_path", "unit", "problem", "source"):
        _check_code(f"filters.{name}", getattr(filters, name))
    for name, moment in (("since", filters.since), ("until", filters.until)):
        _check_moment(f"filters.{name}", moment)
    _check_place(filters)


def check_limit(limit: int) -> None:
    """Raises ContractError unless 1..1000."""
    if not 1 <= limit <= MOST_HITS:
        raise ContractError("limit", f"每页条数必须在 1 到 {MOST_HITS} 之间", "请改用范围内的数")


def _check_code(field: str, value: str) -> None:
    if len(value) > _LONGEST_CODE or not value.isprintable():
        raise ContractError(field, f"必须是可显示的文字,最多 {_LONGEST_CODE} 字", "请使用城市配置包中的编码")


def _check_moment(field: str, moment: datetime | None) -> None:
    if moment is not None and moment.utcoffset() is None:
        raise ContractError(field, "时间必须带时区", "例如 2026-05-01T00:00:00+08:00")


def _check_place(filters: Filters) -> None:
    if filters.near is not None:
        lon, lat, metres = filters.near
        if not (_on_earth(lon, lat) and math.isfinite(metres) and metres > 0):
            raise ContractError("filters.near", "应为经度、纬度、大于零的半径(米)", "请检查坐标和半径")
    if filters.box is not None:
        west, south, east, north = filters.box
        if not (_on_earth(west, south) and _on_earth(east, north) and west <= east and south <= north):
            raise ContractError("filters.box", "应为西、南、东、北,且西不大于东、南不大于北", "请检查坐标")


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90
