"""Posts of the grid ladder, from lists of the people who hold them. Nobody's name is read: several people can hold one post."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from city.cells import MOBILE_NUMBER, TOPIC
from city.check_workers import ABOVE, SERVED
from city.importing.areas import AreaBook
from city.importing.codes import Codes, made_code
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.grids import GridList
from city.importing.headings import Field, Kind
from city.importing.units import UnitBook
from city.importing.work import Work
from city.importing.workbook import LARGEST_EXACT, Stored
from city.layout import PackFile
from city.terms import AreaLevel, WorkerLevel
from language.mask import identity_checksum_holds

_SAID: Final = re.compile(r"([一二三123])级|^([一二三123])$")
_LEVELS: Final = dict(zip("一二三123", (WorkerLevel.STREET, WorkerLevel.COMMUNITY, WorkerLevel.GRID) * 2, strict=True))
_CALLED: Final = (
    (re.compile("(?:镇街|街道|乡镇|镇|乡)级?(?:总)?网格长"), WorkerLevel.STREET),
    (re.compile("(?:社区|村居|村)级?网格长"), WorkerLevel.COMMUNITY),
    (re.compile("(?:专职|兼职|专属)?网格员"), WorkerLevel.GRID),
)
_IDENTITY: Final = re.compile(r"\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]")
_EXACT: Final = len(str(LARGEST_EXACT)) - 1
_FEW: Final = 5


@dataclass(slots=True)
class _Post:
    """`place`: a grid's code for a 三级, else an area's. `unit`, `upper`: None where no row of the post says them."""

    code: str
    level: WorkerLevel
    place: str
    entry: Entry
    unit: str | None
    upper: str | None


class PostList:
    """Writes the posts, from the street's down: a post is taken when the one right above it was."""

    def __init__(self, work: Work, areas: AreaBook, grids: GridList, units: UnitBook) -> None:
        self._work = work
        self._areas = areas
        self._grids = grids
        self._units = units
        self._posts: dict[str, _Post] = {}
        self._named: defaultdict[tuple[WorkerLevel, str], list[Spot]] = defaultdict(list)
        self._taken: defaultdict[tuple[WorkerLevel, str], list[str]] = defaultdict(list)
        self._counts: defaultdict[str, Counter[Spot]] = defaultdict(Counter)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for code, row in grids.rows.items():
            self._by_name[row["name"]].append(code)
        self._base: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for row in work.base_rows(PackFile.WORKERS):
            self._base[row["level"], row["grid"] or row["area"]].append(row["code"])
        listed = work.entries(Kind.POSTS)
        self._grid_codes = Codes((v for entry in listed for v in entry.values.get(Field.GRID, [])), work.findings)
        both = (Field.CODE, Field.UPPER)
        self._codes = Codes((v for entry in listed for field in both for v in entry.values.get(field, [])), work.findings)
        for entry in listed:
            self._read(entry)
        for level in reversed(WorkerLevel):
            for post in [post for post in self._posts.values() if post.level is level]:
                self._write(post)
        for message, counts in self._counts.items():
            for spot, number in counts.items():
                work.findings.note(spot, Rule.SOURCE, f"{number} {message}")

    def _fault(self, spot: Spot, rule: Rule, message: str, remedy: str) -> None:
        self._work.findings.fault(spot, rule, message, remedy)

    def _read(self, entry: Entry) -> None:
        level = self._level(entry)
        place = self._place(entry, level) if level else None
        if level is None or place is None:
            return
        self._named[level, place].append(_level_spot(entry))
        code = self._code(entry, level, place)
        said_upper = Field.UPPER in entry.values and ABOVE[level] is not None
        upper = self._given(entry, Field.UPPER) if said_upper else None
        value = entry.first(Field.UNIT)
        unit = self._units.named(value) if value else None
        if code is None or (upper is None and said_upper) or (unit is None and value):
            return
        self._join(_Post(code, level, place, entry, unit, upper))

    def _join(self, post: _Post) -> None:
        """Several people on one post are one post; what they have in common must not differ."""
        known = self._posts.setdefault(post.code, post)
        if known is post:
            return
        first = _level_spot(known.entry).cell
        if (known.level, known.place) != (post.level, post.place):
            message, remedy = f"岗位编码“{post.code}”已用于 {first} 的岗位", "一个编码只用于一个岗位,请改正"
            self._fault(_spot(post.entry, Field.CODE), Rule.REPEATED, message, remedy)
            return
        for field, one, other in ((Field.UNIT, known.unit, post.unit), (Field.UPPER, known.upper, post.upper)):
            if one and other and one != other:
                message, remedy = f"与 {first} 是同一岗位,{field.value}却不同", "请改为一致;确是两个岗位的,请各给岗位编码"
                self._fault(_spot(post.entry, field), Rule.REPEATED, message, remedy)
                return
        known.unit, known.upper = known.unit or post.unit, known.upper or post.upper
        self._count(post, "行与前面的行是同一岗位,合为一个")

    def _count(self, post: _Post, message: str) -> None:
        self._counts[message][post.entry.table.sheet.whole()] += 1

    # level, place, code

    def _level(self, entry: Entry) -> WorkerLevel | None:
        """What the cells hold is not shown: some offices write a name beside the level."""
        values = [value for field in (Field.POST, Field.KIND) for value in entry.values.get(field, [])]
        for value in values:
            said = {_LEVELS[one or other] for one, other in _SAID.findall(value.name)}
            if len(said) == 1:
                return said.pop()
        for value in values:
            called = next((level for pattern, level in _CALLED if pattern.fullmatch(value.name)), None)
            if called is not None:
                message = f"没有写级别,“{value.name}”按“{called.label}”导入"
                self._work.findings.guess(value.spot, Rule.VALUE, message, f"请填 {WorkerLevel.labels()}")
                return called
        said_what = "看不出是哪一级" if values else "没有写级别"
        remedy = f"请填 {WorkerLevel.labels()}(三级管网格,二级管村社区,一级管镇街)"
        self._fault(_level_spot(entry), Rule.VALUE, f"岗位{said_what}", remedy)
        return None

    def _place(self, entry: Entry, level: WorkerLevel) -> str | None:
        return self._grid(entry) if level is WorkerLevel.GRID else self._area(entry, level, SERVED[level])

    def _grid(self, entry: Entry) -> str | None:
        value, name = entry.first(Field.GRID), entry.first(Field.NAME)
        if value is not None:
            code = self._grids.coded(value, self._grid_codes)
        elif name is not None:
            code = name.name if name.name in self._grids.codes else self._grid_called(entry, name)
        else:
            spot = _spot(entry, Field.GRID, Field.NAME)
            self._fault(spot, Rule.NAME, "三级岗位没有写网格", "请填写网格编码,一行一个网格")
            return None
        if code is not None:
            self._grids.doubt_community(entry, code)
        return code

    def _grid_called(self, entry: Entry, value: Value) -> str | None:
        """By name; of several, the one in the community of the row."""
        found = self._by_name.get(value.name, [])
        if len(found) > 1 and Field.COMMUNITY in entry.values:
            area = self._areas.named(entry, make=False)
            if area is None:
                return None
            found = [code for code in found if self._grids.codes[code] == area]
        if len(found) == 1:
            return found[0]
        said = f"有 {len(found)} 个叫“{value.name}”的网格" if found else f"没有叫“{value.name}”的网格"
        self._fault(value.spot, Rule.NAME, said, "请填写网格编码,一行一个网格")
        return None

    def _area(self, entry: Entry, level: WorkerLevel, served: AreaLevel) -> str | None:
        areas = self._areas
        name, code = {
            AreaLevel.COMMUNITY: (Field.COMMUNITY, Field.COMMUNITY_CODE),
            AreaLevel.STREET: (Field.STREET, Field.STREET_CODE),
        }[served]
        for field in (code, Field.AREA):
            if areas.levels.get(entry.name(field)) is served:
                return entry.name(field)
        if name in entry.values:
            found = areas.named(entry, make=False)
            return areas.round(found, served) if found else None
        value = entry.first(Field.AREA)
        known = areas.find(value.name, served) if value else []
        if len(known) == 1:
            return known[0]
        said = f"“{value.name}”不是{served.label},或不止一个" if value else f"{level.label}岗位没有写{served.label}"
        spot = value.spot if value else _spot(entry, name, code, Field.AREA)
        self._fault(spot, Rule.AREA, said, f"{level.label}岗位请填写所在的{served.label},同名的再填区县、镇街")
        return None

    def _code(self, entry: Entry, level: WorkerLevel, place: str) -> str | None:
        """The one that is written, else the base's where the place has one post, else made from the place."""
        if Field.CODE in entry.values:
            return self._given(entry, Field.CODE)
        known = self._base.get((level.label, place), [])
        made = f"w-{place}"
        if len(known) == 1:
            return known[0]
        return made if TOPIC.fullmatch(made) and not MOBILE_NUMBER.search(made) else made_code("w-", place)

    def _given(self, entry: Entry, field: Field) -> str | None:
        """A code of a post. One that cannot be is not shown: it may be somebody's name or telephone."""
        value = entry.first(field)
        if value is None:
            return None
        if not _can_be_code(value):
            remedy = "用英文字母、数字和连字符(如 w-990102001001001),整列用文本格式,不写姓名、手机号和身份证号;没有编码的请空着"
            self._fault(value.spot, Rule.CODE, f"{'岗位编码' if field is Field.CODE else field.value}不能用", remedy)
            return None
        return self._codes.read(value) or None

    # the post above, the unit, the row

    def _write(self, post: _Post) -> None:
        upper = self._upper(post)
        unit = post.unit or self._usual_unit(post)
        if upper is None or unit is None:
            return
        if upper and post.upper is None:
            self._count(post, "个岗位没有写上级岗位,按级别归入:三级归网格所在村社区的二级,二级归所在镇街的一级")
        if post.unit is None:
            self._count(post, "个岗位没有写所属单位:三级取网格的所属单位,二级和一级取当地的村社区或乡镇街道单位")
        self._taken[post.level, post.place].append(post.code)
        row = {"code": post.code, "level": post.level.label, "upper": upper, "unit": unit}
        row["grid" if post.level is WorkerLevel.GRID else "area"] = post.place
        entry = post.entry
        where = _spot(entry, Field.GRID, Field.NAME) if post.level is WorkerLevel.GRID else _spot(entry, Field.COMMUNITY)
        spots = {"": _level_spot(entry), "code": _spot(entry, Field.CODE), "unit": _spot(entry, Field.UNIT)}
        spots |= {"grid": where, "area": where, "upper": _spot(entry, Field.UPPER)}
        self._work.rows(PackFile.WORKERS).add(row, spots)

    def _upper(self, post: _Post) -> str | None:
        """The code of the post right above, "" for a 一级."""
        above = ABOVE[post.level]
        if above is None:
            return ""
        grid = post.level is WorkerLevel.GRID
        home = self._grids.codes[post.place] if grid else self._areas.above[post.place]
        taken, name = self._taken[above, home], self._areas.names[home]
        if post.upper in taken:
            return post.upper
        if post.upper is None and len(taken) == 1:
            return taken[0]
        remedy = f"请增加“{name}”的{above.label}岗位一行(姓名可以不填)"
        if post.upper is None and taken:
            message = f"“{name}”有 {len(taken)} 个{above.label}岗位({'、'.join(taken[:_FEW])}),不知道归哪一个"
            remedy = "请在“上级岗位编码”一列写明"
        elif post.upper is not None and taken:
            message = f"上级岗位“{post.upper}”不是“{name}”的{above.label}岗位"
            remedy = f"请改正,可用的是 {'、'.join(taken[:_FEW])}"
        elif named := self._named.get((above, home)):
            message, remedy = f"上一级({named[0].cell})没有导入", f"请先改正 {named[0]} 一行"
        else:
            message = f"“{name}”没有{above.label}岗位,{post.level.label}岗位没有上一级"
        self._fault(_spot(post.entry, Field.UPPER, Field.POST, Field.KIND), Rule.POST, message, remedy)
        return None

    def _usual_unit(self, post: _Post) -> str | None:
        """The one that the grid names, else the office of the community or street."""
        grid = self._grids.rows[post.place] if post.level is WorkerLevel.GRID else None
        found = grid["worker_unit"] if grid else self._units.of_area(post.place)
        if found is None:
            message = f"没有所属单位,“{self._areas.names[post.place]}”也没有村社区或乡镇街道的单位"
            remedy = "请填写“所属单位”,或在单位名录中增加居委会、街道办"
            self._fault(_spot(post.entry, Field.UNIT, Field.POST, Field.KIND), Rule.UNIT, message, remedy)
        return found


def _can_be_code(value: Value) -> bool:
    """No name, telephone or identity number, also not one of which Excel has lost the end."""
    name = value.name
    person = MOBILE_NUMBER.search(name) or (_IDENTITY.fullmatch(name) and identity_checksum_holds(name))
    damaged = value.stored is Stored.NUMBER and len(name) > _EXACT
    return TOPIC.fullmatch(name) is not None and not person and not damaged


def _spot(entry: Entry, *fields: Field) -> Spot:
    """The cell of the first of these fields that the table has a column for."""
    return entry.spot(next((field for field in fields if entry.table.columns_of(field)), fields[0]))


def _level_spot(entry: Entry) -> Spot:
    return _spot(entry, Field.POST, Field.KIND)
