"""The category tree: from levels side by side, from codes that begin like their parents', from parents named in a column."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from city.importing.codes import Codes, free_number
from city.importing.entries import Entry, Value
from city.importing.findings import Rule, Spot
from city.importing.headings import LEVEL_CODES, LEVELS, Field, Kind
from city.importing.names import How, Match, closest
from city.importing.text import parts
from city.importing.work import Work
from city.layout import PackFile
from language.normalise import fold

Path = tuple[str, ...]
_LEVEL_OF: Final = dict(zip(LEVELS, LEVEL_CODES, strict=True))


@dataclass(slots=True)
class Node:
    """One category while the tree is being made."""

    path: Path
    spot: Spot
    code: str = ""
    code_spot: Spot | None = None
    aliases: dict[str, None] = field(default_factory=dict)
    words: dict[str, None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path[-1]


class _Flat:
    """Rows of a list by code, or by ?name where they have none."""

    def __init__(self) -> None:
        self.rows: dict[str, Entry] = {}
        self.by_name: defaultdict[str, list[str]] = defaultdict(list)
        self.shortest = 99

    def add(self, key: str, entry: Entry) -> None:
        self.rows[key] = entry
        self.by_name[entry.name(Field.NAME)].append(key)
        if not key.startswith("?"):
            self.shortest = min(self.shortest, len(key))


class CategoryBook:
    """The categories by path (names from the root) and by code. Without any in the workbooks they are the base's."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._nodes: dict[Path, Node] = {}
        self._base = _base_paths(work)
        listed = work.entries(Kind.CATEGORIES)
        own = bool(listed) or any(_path_of(entry) for entry in work.entries(Kind.DUTY))
        if listed:
            self._read_list(listed)
        if own:
            self._read_levels(work.entries(Kind.DUTY), leaf=False)
        else:
            for path, row in self._base.items():
                self._nodes[path] = Node(path, Spot("原配置包"), row["code"])
                self._nodes[path].aliases = dict.fromkeys(part for part in row["aliases"].split(";") if part)
                self._nodes[path].words = dict.fromkeys(part for part in row["words"].split(";") if part)
        self.from_base = not own
        self._give_codes()
        self._index()
        made = work.rows(PackFile.CATEGORIES)
        for path, node in self._nodes.items():
            made.add(
                {
                    "code": node.code,
                    "name": node.name,
                    "parent": self._nodes[path[:-1]].code if len(path) > 1 else "",
                    "aliases": ";".join(node.aliases),
                    "words": ";".join(node.words),
                },
                {"": node.spot} | ({"code": node.code_spot} if node.code_spot else {}),
            )

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(node.code for node in self._nodes.values())

    def code_at(self, path: Path) -> str | None:
        node = self._nodes.get(path)
        return node.code if node else None

    def moved(self, code: str) -> str | None:
        """Which category the base's one has become: the same path, else the only one of the same name."""
        row = self._base_codes.get(code)
        if row is None:
            return None
        same = self.code_at(row)
        named = self._by_name.get(fold(row[-1]), [])
        return same or (named[0].code if len(named) == 1 else None)

    def match(self, written: str) -> Match[str]:
        """A category's code by code, path (市政公用/供水/停水), name or alias."""
        name = fold(written).replace(" ", "")
        said = self._work.mapping.categories.get(written)
        for key, how in ((fold(said) if said else "", How.SAID), (name, How.EXACT)):
            if key in self._by_code:
                return Match(how, self._by_code[key].code)
            found = self._by_name.get(key, [])
            leaves = [node for node in found if node.path not in self._inner] or found
            if len(leaves) == 1:
                return Match(how, leaves[0].code)
            if leaves:
                return Match(How.NOT, None, tuple(("/".join(node.path), 1.0) for node in leaves[:5]))
        steps = tuple(step for step in name.replace(">", "/").replace("-", "/").split("/") if step)
        if len(steps) > 1:
            ends = [node for node in self._nodes.values() if tuple(fold(one) for one in node.path[-len(steps) :]) == steps]
            if len(ends) == 1:
                return Match(How.EXACT, ends[0].code)
        alias = self._by_alias.get(name, [])
        if len(alias) == 1:
            return Match(How.ALIAS, alias[0].code)
        near = closest(name, self._leaves, lambda node: fold(node.name), lambda node: "/".join(node.path))
        return Match(near.how, near.found.code if near.found else None, near.candidates)

    # reading

    def _read_list(self, listed: list[Entry]) -> None:
        by_levels = [entry for entry in listed if entry.table.columns_of(Field.LEVEL_1)]
        self._read_levels(by_levels, leaf=True)
        flat = [entry for entry in listed if not entry.table.columns_of(Field.LEVEL_1)]
        if flat:
            self._read_flat(flat)

    def _read_levels(self, rows: list[Entry], *, leaf: bool) -> None:
        """leaf: the finest level of a row is a category of its own, named once; else many rows may name it (a duty list)."""
        codes = {column: self._codes_of(rows, column) for column in (*LEVEL_CODES, Field.CODE)}
        ended: set[Path] = set()
        for entry in rows:
            steps = _path_of(entry)
            if not steps:
                if leaf:
                    self._work.findings.fault(entry.spot(LEVELS[0]), Rule.NAME, "分类名称为空", "请填写,或删去这一行")
                continue
            self._name_gaps(entry, [level for level, _ in steps])
            whole = tuple(value.name for _, value in steps)
            if leaf and whole in ended:
                self._repeated(steps[-1][1], self._nodes[whole].spot)
                continue
            ended.add(whole)
            path: Path = ()
            for number, (level, value) in enumerate(steps, start=1):
                path = (*path, value.name)
                last = number == len(steps)
                node = self._nodes.setdefault(path, Node(path, value.spot))
                column = _LEVEL_OF.get(level, Field.CODE)
                self._take_code(node, entry, column, codes)
                if last and leaf:
                    self._take_code(node, entry, Field.CODE, codes)
                    _take_words(node, entry)

    def _parents(self) -> set[Path]:
        return {path[:-1] for path in self._nodes}

    def _name_gaps(self, entry: Entry, filled: list[Field]) -> None:
        order = (*LEVELS, Field.NAME)
        for level in order[: order.index(filled[-1])]:
            if level not in filled and entry.table.columns_of(level):
                message, remedy = f"“{level}”留空,直接归入更高的一级", "若有这一级,请补上"
                self._work.findings.guess(entry.spot(level), Rule.CATEGORY, message, remedy)

    def _read_flat(self, rows: list[Entry]) -> None:
        """编码 | 名称 | 上级: the parent is named, or is whose code this one begins with."""
        codes = self._codes_of(rows, Field.CODE)
        flat = _Flat()
        for entry in rows:
            name, value = entry.first(Field.NAME), entry.first(Field.CODE)
            if name is None:
                self._work.findings.fault(entry.spot(Field.NAME), Rule.NAME, "分类名称为空", "请填写,或删去这一行")
                continue
            code = codes.read(value) if value else ""
            if value is not None and not code:
                continue
            if code and code in flat.rows:
                self._repeated(value or name, flat.rows[code].spot(Field.CODE))
                continue
            flat.add(code or f"?{name.name}", entry)
        parents = {key: self._parent_of(key, entry, flat, codes) for key, entry in flat.rows.items()}
        names = {key: entry.name(Field.NAME) for key, entry in flat.rows.items()}
        for key, entry in flat.rows.items():
            path = _path_up(key, parents, names)
            if path in self._nodes:
                self._repeated(entry.values[Field.NAME][0], self._nodes[path].spot)
            elif path:
                code = "" if key.startswith("?") else key
                node = self._nodes[path] = Node(path, entry.spot(Field.NAME), code, entry.spot(Field.CODE) if code else None)
                _take_words(node, entry)
        self._nodes = dict(sorted(self._nodes.items(), key=lambda one: len(one[0])))

    def _parent_of(self, key: str, entry: Entry, flat: "_Flat", codes: Codes) -> str | None:
        """The key of the parent; "" for the top, None (with a finding) where it is not to be found."""
        said = entry.first(Field.PARENT)
        if said is not None:
            above = codes.read(said) if said.name.isdecimal() else said.name
            named = [above] if above in flat.rows else flat.by_name.get(said.name, [])
            if len(named) == 1:
                return named[0]
            message = f"上级“{said.name}”{'不止一个' if named else '不在表中'}"
            self._work.findings.fault(said.spot, Rule.CATEGORY, message, "请改正上级,或先增加上级分类")
            return None
        if Field.PARENT in entry.table.fields or key.startswith("?"):
            return ""
        above = next((key[:length] for length in range(len(key) - 1, 0, -1) if key[:length] in flat.rows), "")
        if not above and len(key) > flat.shortest:
            message = f"编码“{key}”的上级分类不在表中"
            self._work.findings.fault(entry.spot(Field.CODE), Rule.CATEGORY, message, "请补上上级分类这一行,或改正编码")
            return None
        return above

    def _codes_of(self, rows: list[Entry], column: Field) -> Codes:
        values = [value for entry in rows for value in entry.values.get(column, [])]
        if column is Field.CODE:
            values += [value for entry in rows for value in entry.values.get(Field.PARENT, []) if value.name.isdecimal()]
        return Codes(values, self._work.findings, tree=True)

    def _take_code(self, node: Node, entry: Entry, column: Field, codes: dict[Field, Codes]) -> None:
        value = entry.first(column)
        if value is None or node.code or entry.table.kind is Kind.DUTY:
            return
        node.code, node.code_spot = codes[column].read(value), value.spot

    def _repeated(self, value: Value, first: Spot) -> None:
        where = first.cell if first.sheet == value.spot.sheet else str(first)
        self._work.findings.fault(value.spot, Rule.REPEATED, f"“{value.name}”与 {where} 重复", "请删去其中一行,或改名、改编码")

    # codes and look-ups

    def _give_codes(self) -> None:
        """The base's code where the path is the same, else the next number below the parent; a code belongs to one path."""
        owner: dict[str, Path] = {}
        own_base = (
            {path: row["code"] for path, row in self._base.items()} if self._work.base and self._work.base.same_city else {}
        )
        kept = set(own_base.values())
        for path, node in self._nodes.items():
            if node.code and node.code in owner:
                first = self._nodes[owner[node.code]]
                message = f"编码“{node.code}”已给了“{first.name}”({(first.code_spot or first.spot).cell})"
                self._work.findings.fault(node.code_spot or node.spot, Rule.REPEATED, message, "请改用别的编码")
                node.code = ""
            if node.code:
                owner[node.code] = path
        for path, node in self._nodes.items():
            if not node.code:
                known = own_base.get(path, "")
                above = self._nodes[path[:-1]].code if len(path) > 1 else ""
                node.code = known if known and known not in owner else free_number(owner.keys() | kept, above, 2)
                owner[node.code] = path

    def _index(self) -> None:
        self._inner = self._parents()
        self._leaves = [node for path, node in self._nodes.items() if path not in self._inner]
        self._by_code = {fold(node.code): node for node in self._nodes.values()}
        self._base_codes = {row["code"]: path for path, row in self._base.items()}
        self._by_name: defaultdict[str, list[Node]] = defaultdict(list)
        self._by_alias: defaultdict[str, list[Node]] = defaultdict(list)
        for node in self._nodes.values():
            self._by_name[fold(node.name)].append(node)
            for alias in node.aliases:
                self._by_alias[fold(alias)].append(node)


def _path_of(entry: Entry) -> list[tuple[Field, Value]]:
    """The levels of a row from the root. In a list of categories the name stands for the finest level."""
    fields = [*LEVELS, Field.NAME] if entry.table.kind is Kind.CATEGORIES else list(LEVELS)
    return [(one, entry.values[one][0]) for one in fields if one in entry.values]


def _take_words(node: Node, entry: Entry) -> None:
    for column, into in ((Field.ALIASES, node.aliases), (Field.WORDS, node.words)):
        into.update(dict.fromkeys(part for value in entry.values.get(column, []) for part in parts(value.text)))


def _path_up(key: str, parents: dict[str, str | None], names: dict[str, str]) -> Path:
    """Names from the root; empty where a parent is missing or the chain runs in a circle."""
    path: list[str] = []
    at: str | None = key
    while at:
        path.insert(0, names[at])
        if len(path) > len(names):
            return ()
        at = parents[at]
    return () if at is None else tuple(path)


def _base_paths(work: Work) -> dict[Path, dict[str, str]]:
    """The base's categories by path, for their codes; another city's too, whose tree may be taken over."""
    if work.base is None:
        return {}
    rows = {row["code"]: row for row in work.base.rows(PackFile.CATEGORIES)}
    parents: dict[str, str | None] = {code: row["parent"] for code, row in rows.items()}
    names = {code: row["name"] for code, row in rows.items()}
    return {_path_up(code, parents, names): row for code, row in rows.items()}
