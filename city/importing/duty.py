"""The duty list: each row one item with exactly one lead. Names of units are matched, and every doubt is named."""

from dataclasses import dataclass
from typing import Final

from city.importing.categories import CategoryBook
from city.importing.codes import Codes, free_number
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import LEVELS, Field, Kind
from city.importing.names import How
from city.importing.text import CROSSES, TICKS, parts
from city.importing.units import UnitBook
from city.importing.work import Work
from city.layout import PackFile
from city.terms import ListKind, TownshipRole

_LEADS: Final = ("主责", "主办", "牵头", "负责", "履行主体责任", "承担主责")
_HELPS: Final = ("配合", "协助", "协同", "协办", "参与", "支持")
_NONE: Final = ("无", "不承担", "不涉及", "不属于")
_MARK: Final = 4
"""Characters of the longest mark for a role; a longer text is a sentence that says what the grassroots does."""
_LISTS: Final = {
    ListKind.DUTY: ("履职", "基本"),
    ListKind.ENABLED: ("赋能", "配合"),
    ListKind.NEGATIVE: ("负面", "收回", "禁止", "上级"),
}


@dataclass(slots=True)
class _Taken:
    """What a row gave; a value that could not be taken is None, and then the row is left out."""

    categories: list[str] | None
    lead: str | None
    cooperators: list[str]
    role: TownshipRole | None
    basis: str | None


class DutyList:
    def __init__(self, work: Work, units: UnitBook, categories: CategoryBook, version: str) -> None:
        self._work = work
        self._units = units
        self._categories = categories
        self._version = version
        self._base = {row["name"]: row for row in work.base_rows(PackFile.DUTY)}
        listed = work.entries(Kind.DUTY)
        self._codes = Codes((value for entry in listed for value in entry.values.get(Field.CODE, [])), work.findings)
        self._given: dict[str, Spot] = {}
        self._seen: dict[tuple[str, ...], Spot] = {}
        self._without_basis(listed)
        for entry in listed:
            self._read(entry)
        self._number()

    def _read(self, entry: Entry) -> None:
        findings = self._work.findings
        name = entry.name(Field.NAME) or next((entry.name(level) for level in reversed(LEVELS) if level in entry.values), "")
        taken = _Taken(
            self._categories_of(entry, name),
            self._lead(entry),
            self._cooperators(entry),
            self._role(entry),
            self._basis(entry, name),
        )
        code = self._code(entry)
        if not name:
            findings.fault(entry.spot(Field.NAME), Rule.NAME, "事项名称为空", "请填写,或删去这一行")
            return
        if taken.categories is None or taken.lead is None or taken.role is None or taken.basis is None or code is None:
            return
        if taken.lead in taken.cooperators:
            taken.cooperators.remove(taken.lead)
            message = "主办单位又列在协办中,协办里的未计入"
            findings.guess(entry.spot(Field.COOPERATORS), Rule.LEAD, message, "请从协办中删去主办单位")
        key = (name, *taken.categories, taken.lead)
        if key in self._seen:
            where = self._seen[key].cell
            findings.fault(
                entry.spot(Field.NAME), Rule.REPEATED, f"“{name}”与 {where} 的事项、分类、主办都相同", "请删去其中一行"
            )
            return
        self._seen[key] = entry.spot(Field.NAME)
        self._add(entry, name, code, taken)

    def _add(self, entry: Entry, name: str, code: str, taken: _Taken) -> None:
        words = [part for value in entry.values.get(Field.WORDS, []) for part in parts(value.text)]
        row = {
            "code": code,
            "name": name,
            "categories": ";".join(taken.categories or ()),
            "lead": taken.lead or "",
            "cooperators": ";".join(taken.cooperators),
            "township_role": (taken.role or TownshipRole.NONE).label,
            "list_kind": self._list(entry).label,
            "legal_basis": taken.basis or "",
            "words": ";".join(dict.fromkeys(words)) or self._base.get(name, {}).get("words", ""),
            "version": self._version,
        } | self._clear(entry, name, taken.role)
        spots = {column: entry.spot(field) for column, field in _COLUMNS.items() if field in entry.values}
        self._work.rows(PackFile.DUTY).add(row, spots | {"": entry.spot(Field.NAME)})

    def _clear(self, entry: Entry, name: str, role: TownshipRole | None) -> dict[str, str]:
        """What the grassroots does and what the department gives for it; where the table has neither, as the base says."""
        said = entry.first(Field.GRASSROOTS)
        roles = (entry.first(field) for field in (Field.TOWNSHIP, Field.TOWNSHIP_LEADS, Field.TOWNSHIP_HELPS))
        sentences = [value.sentence for value in roles if value is not None and _is_sentence(value)]
        does = said.sentence if said else next(iter(sentences), "")
        support = entry.first(Field.SUPPORT)
        if role is TownshipRole.NONE:
            return {"grassroots_does": said.sentence if said else "", "support": support.sentence if support else ""}
        known = self._base.get(name, {})
        return {
            "grassroots_does": does or known.get("grassroots_does", ""),
            "support": support.sentence if support else known.get("support", ""),
        }

    # columns

    def _code(self, entry: Entry) -> str | None:
        """The code given, "" where there is none, None where it is damaged or given twice."""
        value = entry.first(Field.CODE)
        if value is None:
            return ""
        code = self._codes.read(value)
        if code in self._given:
            message = f"事项编码“{code}”与 {self._given[code].cell} 重复"
            self._work.findings.fault(value.spot, Rule.REPEATED, message, "请改用别的编码,或删去其中一行")
            return None
        if code:
            self._given[code] = value.spot
        return code or None

    def _categories_of(self, entry: Entry, name: str) -> list[str] | None:
        steps = tuple(entry.name(level) for level in LEVELS if level in entry.values)
        if steps:
            code = self._categories.code_at(steps)
            return [code] if code else None
        value = entry.first(Field.CATEGORY)
        written = [(part, value.spot) for part in parts(value.text)] if value else [(name, entry.spot(Field.NAME))]
        found = [code for part, spot in written if part and (code := self._category(part, spot, value is not None))]
        return list(dict.fromkeys(found)) or None

    def _category(self, written: str, spot: Spot, said: bool) -> str | None:
        match = self._categories.match(written)
        if match.found is None:
            message = f"没有叫“{written}”的分类" if said else f"没有写对应的分类,也没有与“{written}”同名的分类"
            remedy = "请改用分类的名称、编码或“一级/二级/三级”,或在对照文件的 categories 下写明"
            self._work.findings.fault(spot, Rule.CATEGORY, message, remedy, match.candidates)
        elif match.how is How.LIKE or not said:
            message = f"“{written}”按分类“{match.candidates[0][0]}”理解" if match.candidates else f"按同名的分类“{written}”理解"
            self._work.findings.guess(spot, Rule.CATEGORY, message, "请核对;最好改用分类的全名", match.candidates)
        return match.found

    def _lead(self, entry: Entry) -> str | None:
        value = entry.first(Field.LEAD)
        if value is None:
            self._work.findings.fault(entry.spot(Field.LEAD), Rule.LEAD, "主办单位为空", "每个事项要有一个主办单位")
            return None
        written = parts(value.text)
        if len(written) != 1:
            remedy = "一件事只有一个主办单位,其余填到协办"
            self._work.findings.fault(value.spot, Rule.LEAD, f"写了 {len(written)} 个主办单位:{'、'.join(written)}", remedy)
            return None
        return self._unit(written[0], value.spot)

    def _cooperators(self, entry: Entry) -> list[str]:
        written = [(part, value.spot) for value in entry.values.get(Field.COOPERATORS, []) for part in parts(value.text)]
        found = [self._unit(part, spot) for part, spot in written]
        return list(dict.fromkeys(code for code in found if code))

    def _unit(self, written: str, spot: Spot) -> str | None:
        match = self._units.names.match(written)
        if match.found is None:
            remedy = "请改用单位全名,或在对照文件的 units 下写明"
            self._work.findings.fault(spot, Rule.UNIT, f"认不出单位“{written}”", remedy, match.candidates)
        elif not match.sure:
            said = f"“{written}”按“{self._units.shown(match.found)}”导入({match.how}{',' + match.doubt if match.doubt else ''})"
            remedy = "请核对;最好改用单位全名,或把它写进单位的别名"
            self._work.findings.guess(spot, Rule.UNIT, said, remedy, match.candidates)
        return match.found

    def _role(self, entry: Entry) -> TownshipRole | None:
        marks = ((Field.TOWNSHIP_LEADS, TownshipRole.LEAD), (Field.TOWNSHIP_HELPS, TownshipRole.SUPPORT))
        ticked = [role for field, role in marks if entry.name(field) not in CROSSES]
        if len(ticked) == 2:
            spot = entry.spot(Field.TOWNSHIP_HELPS)
            self._work.findings.fault(spot, Rule.TOWNSHIP, "主责和配合都打了勾", "一个事项中乡镇街道只有一种职责")
            return None
        value = entry.first(Field.TOWNSHIP)
        if ticked:
            return ticked[0]
        if value is not None:
            return self._role_in(value)
        does = entry.first(Field.GRASSROOTS)
        if does is None or entry.table.fields & {Field.TOWNSHIP, Field.TOWNSHIP_LEADS, Field.TOWNSHIP_HELPS}:
            return TownshipRole.NONE
        message = f"没有写乡镇街道职责,却写了基层做什么,按“{TownshipRole.SUPPORT.label}”导入"
        self._work.findings.guess(does.spot, Rule.TOWNSHIP, message, "请核对;最好增加“乡镇街道职责”一列")
        return TownshipRole.SUPPORT

    def _role_in(self, value: Value) -> TownshipRole | None:
        said = value.name
        for words, role in ((_NONE, TownshipRole.NONE), (_HELPS, TownshipRole.SUPPORT), (_LEADS, TownshipRole.LEAD)):
            if said.startswith(words):
                if len(said) > _MARK:
                    self._guess_role(value, role)
                return role
        if _is_sentence(value):
            self._guess_role(value, TownshipRole.SUPPORT)
            return TownshipRole.SUPPORT
        self._work.findings.fault(value.spot, Rule.TOWNSHIP, f"看不出“{said[:20]}”是哪种职责", "请填 主责、配合 或 无")
        return None

    def _guess_role(self, value: Value, role: TownshipRole) -> None:
        kept = "" if role is TownshipRole.NONE else ",全文记入“基层做什么”"
        message = f"“{value.name[:12]}…”按“{role.label}”导入{kept}"
        self._work.findings.guess(value.spot, Rule.TOWNSHIP, message, "请核对;职责一列最好只填 主责、配合、无")

    def _list(self, entry: Entry) -> ListKind:
        said = entry.name(Field.LIST)
        known = next((kind for kind, words in _LISTS.items() if any(word in said for word in words)), None)
        if said and known is None:
            message, remedy = f"清单类型“{said}”认不出,按“{ListKind.DUTY.label}”导入", f"请填 {ListKind.labels()}"
            self._work.findings.guess(entry.spot(Field.LIST), Rule.VALUE, message, remedy)
        return known or ListKind.DUTY

    def _basis(self, entry: Entry, name: str) -> str | None:
        value = entry.first(Field.BASIS)
        known = value.sentence if value else self._base.get(name, {}).get("legal_basis")
        if known is None and Field.BASIS in entry.table.fields:
            remedy = "派单要出示依据:请填写法律、三定规定或文件的名称"
            self._work.findings.fault(entry.spot(Field.BASIS), Rule.BASIS, "法律依据为空", remedy)
        return known

    def _without_basis(self, listed: list[Entry]) -> None:
        """Said once for a sheet that has no such column."""
        for table in {id(entry.table): entry.table for entry in listed}.values():
            if Field.BASIS not in table.fields:
                remedy = "请增加“法律依据”一列;全表同一依据的,可在对照文件中给这张表写 fill: {法律依据: 《…》}"
                self._work.findings.fault(table.sheet.spot(table.header[1], 1), Rule.BASIS, "表中没有法律依据一列", remedy)

    def _number(self) -> None:
        """Items without a code: the base's code for the same name, else the next Q0001 that is free."""
        rows = self._work.rows(PackFile.DUTY).rows
        taken = {row["code"] for row in rows} | {row["code"] for row in self._base.values()}
        own = {row["code"] for row in rows}
        for row in rows:
            if not row["code"]:
                known = self._base.get(row["name"], {}).get("code", "")
                row["code"] = known if known and known not in own else free_number(taken, "Q", 4)
                taken.add(row["code"])
                own.add(row["code"])


def _is_sentence(value: Value) -> bool:
    return len(value.name) > _MARK and value.name not in TICKS | CROSSES


_COLUMNS: Final = {
    "code": Field.CODE,
    "name": Field.NAME,
    "categories": Field.CATEGORY,
    "lead": Field.LEAD,
    "cooperators": Field.COOPERATORS,
    "township_role": Field.TOWNSHIP,
    "list_kind": Field.LIST,
    "legal_basis": Field.BASIS,
    "words": Field.WORDS,
    "grassroots_does": Field.GRASSROOTS,
    "support": Field.SUPPORT,
}
