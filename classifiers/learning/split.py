"""Which rows are learned from and which are tested: never a row, nor a near copy of it, on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.duplicates import near_groups
from classifiers.learning.folds import folds
from classifiers.learning.rows import Row
from classifiers.learning.seen import are_seen, read_seen
from schemas.errors import ContractError

PARTS: Final = 5
"""One part of so many is tested."""
CHINA: Final = timezone(timedelta(hours=8))
"""Of a time without a zone."""

Places = NDArray[np.intp]
"""Numbers of rows, or one number per row."""


class Split(StrEnum):
    GROUPED = "grouped"
    TIME = "time"
    UNSEEN = "unseen"
    """What an existing model was not trained on."""


@dataclass(frozen=True)
class Sides:
    """train, test: numbers of rows, ascending; groups: of every row, near copies share one; set_aside: rows that are neither,
    for they are near copies of what is trained on; since: the oldest time that is tested, "" without times."""

    train: Places
    test: Places
    groups: Places
    set_aside: int
    since: str = ""


def groups_of(rows: Sequence[Row]) -> Places:
    return near_groups([f"{row.title}\n{row.text}" for row in rows])


def split(rows: Sequence[Row], how: Split, seed: int) -> Sides:
    """One fifth to test on, by label and group (GROUPED) or the newest (TIME), without near copies of the other four.

    Raises ContractError where nothing can be held out, and for rows without a time where one is needed.
    """
    groups = groups_of(rows)
    if how is Split.TIME:
        return _newest(rows, groups)
    train, test = folds([str(row.label) for row in rows], groups, PARTS, seed)[0]
    return Sides(train, test, groups, 0)


def unseen(rows: Sequence[Row], models: Sequence[Path]) -> Sides:
    """Test: what none of the models was trained on, nor a near copy of it; train: the rest.

    Raises ContractError where nothing is left, and for a model that does not say what it was trained on.
    """
    groups = groups_of(rows)
    known = are_seen(rows, groups, [read_seen(folder) for folder in models])
    if known.all():
        rule = f"全部 {len(rows):,} 行都是模型训练时见过的(或其近似副本),没有可检验的"
        raise ContractError("--held-out", rule, "请换一个文件,里面要有训练之后新来的、由人定过标签的来件")
    return Sides(np.flatnonzero(known), np.flatnonzero(~known), groups, int(known.sum()))


def _newest(rows: Sequence[Row], groups: Places) -> Sides:
    times = _times(rows)
    order = np.argsort(times, kind="stable")
    first = times[order[len(rows) - max(1, round(len(rows) / PARTS))]]
    late = times >= first
    train = np.flatnonzero(~late)
    if not len(train):
        rule = f"全部 {len(rows):,} 行的时间都一样,或只有一行,分不出新旧"
        raise ContractError("time", rule, "请检查 time 列,或用 --split grouped")
    copies = np.isin(groups, groups[train])
    test = np.flatnonzero(late & ~copies)
    if not len(test):
        rule = f"最新的 {int(late.sum()):,} 行都是更早来件的近似副本,没有可检验的"
        raise ContractError("text", rule, "请提供更多不同的文本,或用 --split grouped")
    since = datetime.fromtimestamp(float(first), CHINA).isoformat(timespec="seconds")
    return Sides(train, test, groups, int((late & copies).sum()), since)


def _times(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Seconds since 1970. Raises ContractError where a row has no time; says how many."""
    found = [_seconds(row.when) for row in rows]
    bad = [place for place, seconds in enumerate(found) if seconds is None]
    if bad:
        shown = rows[bad[0]].when[:40]
        what = f"time 列“{shown}”不是时间" if shown else "没有 time 列"
        rule = f"{len(bad):,} 行没有可用的时间,第一处是第 {bad[0] + 1} 条数据:{what}"
        raise ContractError("time", rule, "请写成 2026-05-06T07:00:00 这样的 ISO 8601,或用 --split grouped")
    return np.array(found, dtype=np.float64)


def _seconds(when: str) -> float | None:
    try:
        time = datetime.fromisoformat(when)
        return (time if time.tzinfo else time.replace(tzinfo=CHINA)).timestamp()
    except (ValueError, OverflowError):
        return None
