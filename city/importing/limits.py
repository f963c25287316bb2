"""Limits: one row for each 环节 and 紧急程度, columns for either, or the 办理时限 column of a duty list; perhaps a 类型."""

import re
from typing import Final

from city.importing.categories import CategoryBook
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import LEVELS, Field, Kind
from city.importing.limit_text import LimitText, parse_limit, unit_in
from city.importing.names import How
from city.importing.text import parts
from city.importing.work import Row, Work
from city.layout import PackFile
from city.terms import Clock, LimitUnit, RequestKind, Urgency

_CLOCKS: Final = (
    (Clock.SIGN, ("签收", "接收", "接单")),
    (Clock.WHISTLE_ARRIVE, ("到场", "报到")),
    (Clock.WHISTLE_ANSWER, ("吹哨",)),
    (Clock.CHECK, ("答复审核", "审核答复", "办结审核")),
    (Clock.ADMISSION, ("准入",)),
    (Clock.CALLBACK, ("回访",)),
    (Clock.REDO, ("重办", "重新办理")),
    (Clock.CONFERENCE, ("会商", "会诊")),
    (Clock.SUPPLEMENT, ("补充", "补正")),
    (Clock.SUPERVISE, ("督办",)),
    (Clock.ARCHIVE, ("归档",)),
    (Clock.COOPERATE, ("协办",)),
    (Clock.DISPATCH, ("派单", "派遣", "派发")),
    (Clock.CONTACT, ("联系", "响应")),
    (Clock.RETURN, ("退单", "退回")),
    (Clock.REVIEW, ("审核",)),
    (Clock.EXTEND, ("延期",)),
    (Clock.PARK, ("挂账",)),
    (Clock.RECHECK, ("回头看", "复查")),
    (Clock.MERGE_RETRY, ("并单重试",)),
    (Clock.PROGRESS_PARK, ("待件留存",)),
    (Clock.HANDLE, ("办理", "办结", "处置", "处理", "完成")),
)
_URGENCIES: Final = (
    (Urgency.CRITICAL, ("特急", "特别紧急", "重大")),
    (Urgency.URGENT, ("紧急", "加急", "急件")),
    (Urgency.NORMAL, ("一般", "普通", "常规", "正常")),
)
_KINDS: Final = "|".join(kind.label for kind in RequestKind)
_BESIDE_KINDS: Final = re.compile(rf"{_KINDS}|[类件型、,，;；/和及与\s]")
_ALL: Final = ("", "全部", "所有", "通用", "全部分类", "各类", "全部类型")
_Key = tuple[Clock, Urgency, str, str]
"""Clock, urgency, category (empty: all), label of the kind of request (empty: all)."""


class LimitTable:
    """Writes the limits: those of the workbooks, and of the base those that they do not say."""

    def __init__(self, work: Work, categories: CategoryBook) -> None:
        self._work = work
        self._categories = categories
        self._given: dict[_Key, tuple[LimitText, Spot]] = {}
        for entry in work.entries(Kind.LIMITS):
            self._read(entry)
        for entry in work.entries(Kind.DUTY):
            self._read_duty(entry)

    def says(self, row: Row) -> bool:
        """Whether the workbooks say a limit for what this row of the base is for."""
        clock, urgency = Clock.from_label(row["clock"]), Urgency.from_label(row["urgency"])
        if clock is None or urgency is None:
            return False
        return (clock, urgency, row["category"], row.get("type", "")) in self._given

    def _read(self, entry: Entry) -> None:
        kinds = self._kinds(entry)
        by_kind = kinds is not None or Field.CATEGORY in entry.table.fields
        category = self._category(entry.first(Field.CATEGORY if by_kind else Field.KIND))
        if category is None or (by_kind and kinds is None):
            return
        for value in entry.values.get(Field.LIMIT, []):
            clock = self._clock(entry, value)
            urgency = self._urgency(entry, value)
            if clock is not None and urgency is not None:
                for kind in kinds or ("",):
                    self._take(entry, value, (clock, urgency, category, kind))
        if Field.LIMIT not in entry.values:
            self._work.findings.fault(entry.spot(Field.LIMIT), Rule.LIMIT, "时限为空", "请填写,或删去这一行")

    def _read_duty(self, entry: Entry) -> None:
        value = entry.first(Field.LIMIT)
        if value is None:
            return
        steps = tuple(entry.name(level) for level in LEVELS if level in entry.values)
        said = entry.first(Field.CATEGORY)
        written = parts(said.text) if said else [entry.name(Field.NAME)]
        codes = [self._categories.code_at(steps)] if steps else [self._categories.match(part).found for part in written]
        for code in codes:
            if code:  # what is not known was named with the duty item
                self._take(entry, value, (Clock.HANDLE, Urgency.NORMAL, code, ""))

    def _take(self, entry: Entry, value: Value, key: _Key) -> None:
        findings = self._work.findings
        limit = parse_limit(value.text, unit_in(value.column.heading))
        if isinstance(limit, str):
            remedy = f"请写成“5个工作日”“24小时”,单位可用 {LimitUnit.labels()}"
            findings.fault(value.spot, Rule.LIMIT, f"时限“{value.name}”:{limit}", remedy)
            return
        if limit.doubt:
            message = f"时限“{value.name}”按“{limit.amount}{limit.unit.label}”导入:{limit.doubt}"
            findings.guess(value.spot, Rule.LIMIT, message, "请核对;最好只写一个数和单位")
        known = self._given.get(key)
        if known is not None:
            if known[0][:2] != limit[:2]:
                message = f"与 {known[1].cell} 的时限({known[0].amount}{known[0].unit.label})不一致,未导入"
                findings.fault(value.spot, Rule.LIMIT, message, "同一环节、同一分类、同一类型只能有一个时限")
            return
        self._given[key] = (limit, value.spot)
        clock, urgency, category, kind = key
        basis = entry.first(Field.BASIS) if entry.table.kind is Kind.LIMITS else None
        row = {
            "clock": clock.label,
            "urgency": urgency.label,
            "category": category,
            "type": kind,
            "amount": str(limit.amount),
            "unit": limit.unit.label,
            "source": basis.sentence if basis else entry.source(),
        }
        self._work.rows(PackFile.LIMITS).add(row, {"": value.spot})

    def _kinds(self, entry: Entry) -> tuple[str, ...] | None:
        """The kinds of requests that the row is for, by their labels, ("",) for all. None where the cell says something else: a
        fault with a column of categories beside it, else the category itself."""
        said = entry.name(Field.KIND)
        if said in _ALL:
            return ("",)
        found = tuple(kind.label for kind in RequestKind if kind.label in said)
        if found and not _BESIDE_KINDS.sub("", said):
            return found
        if Field.CATEGORY in entry.table.fields:
            message, remedy = f"没有“{said}”这个诉求类型", f"可用的类型:{RequestKind.labels()}"
            self._work.findings.fault(entry.spot(Field.KIND), Rule.LIMIT, message, remedy)
        return None

    def _category(self, value: Value | None) -> str | None:
        """The category's code, "" for all, None where it is not known."""
        if value is None or value.name in _ALL:
            return ""
        match = self._categories.match(value.name)
        if match.found is None:
            message = f"没有叫“{value.name}”的分类"
            self._work.findings.fault(value.spot, Rule.CATEGORY, message, "请改用分类的名称或编码", match.candidates)
        elif match.how is How.LIKE:
            message = f"“{value.name}”按分类“{match.candidates[0][0]}”理解"
            self._work.findings.guess(value.spot, Rule.CATEGORY, message, "请核对;最好改用分类的全名", match.candidates)
        return match.found

    def _clock(self, entry: Entry, value: Value) -> Clock | None:
        said = entry.first(Field.CLOCK)
        text = said.name if said else value.column.heading
        found = Clock.from_label(text) or next((clock for clock, words in _CLOCKS if any(word in text for word in words)), None)
        if found is None and said is not None:
            self._work.findings.fault(said.spot, Rule.LIMIT, f"没有“{text}”这个环节", f"可用的环节:{Clock.labels()}")
            return None
        return found or Clock.HANDLE

    def _urgency(self, entry: Entry, value: Value) -> Urgency | None:
        said = entry.first(Field.URGENCY)
        text = said.name if said else value.column.heading
        found = next((urgency for urgency, words in _URGENCIES if any(word in text for word in words)), None)
        if found is None and said is not None:
            self._work.findings.fault(said.spot, Rule.LIMIT, f"没有“{text}”这个紧急程度", f"可用的:{Urgency.labels()}")
            return None
        return found or Urgency.NORMAL
