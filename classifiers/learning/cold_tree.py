"""A city's tree of categories: its leaves as paths of names, the file it is read from, and the part under chosen names."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from language.normalise import strip_controls
from schemas.errors import ContractError, NotFound

SEPARATOR: Final = "/"
"""Between the names of a path where a label is one string."""
MOST_LEVELS: Final = 9
_FORM: Final = "请用 level1,level2,level3 为表头,每行一个末级类别"

Leaf = tuple[str, ...]


def read_tree(path: Path) -> list[Leaf]:
    """The leaves of a CSV with the columns level1, level2, …, in its order, repeated ones once.

    UTF-8, with or without a mark; other columns are not looked at. A branch may end early: its deeper names are empty.
    Raises NotFound without the file; ContractError, with the line, for what is no such table or leaves a gap in a path.
    """
    if not path.is_file():
        raise NotFound(f"没有类别树文件 {path};请检查路径")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError("tree", f"{path} 不是 UTF-8 编码", "请把类别树另存为 UTF-8 编码的 CSV") from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise ContractError("tree", f"{path} 不是 CSV 表格({error})", _FORM) from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    columns = [header.index(name) for number in range(1, MOST_LEVELS + 1) if (name := f"level{number}") in header]
    if "level1" not in header:
        raise ContractError("level1", f"{path} 的表头里没有 level1 列", _FORM)
    leaves = [_leaf(row, columns, path, number) for number, row in enumerate(rows[1:], 2) if any(map(str.strip, row))]
    return list(checked(leaves))


def checked(leaves: Sequence[Sequence[str]]) -> tuple[Leaf, ...]:
    """The distinct leaves. Raises ContractError for no leaf at all, an empty name or one that holds the separator."""
    if not leaves:
        raise ContractError("tree", "类别树里一个类别也没有", _FORM)
    for leaf in leaves:
        if not leaf or not all(name.strip() for name in leaf):
            raise ContractError("tree", f"类别名称为空:{SEPARATOR.join(leaf) or '(空行)'}", "请补上名称,或删去这一行")
        if any(SEPARATOR in name for name in leaf):
            rule = f"类别名称里有“{SEPARATOR}”:{'、'.join(leaf)}"
            raise ContractError("tree", rule, f"请换成别的写法,“{SEPARATOR}”用来分隔上下级")
    return tuple(dict.fromkeys(map(tuple, leaves)))


def under(leaves: Sequence[Leaf], labels: Sequence[str]) -> list[int]:
    """Numbers of the leaves under the level-1 names. Raises ContractError for a name that the tree has not, or for none."""
    wanted = set(labels)
    known = {leaf[0] for leaf in leaves}
    strange = sorted(wanted - known)
    if strange or not wanted:
        named = "、".join(strange) or "(空)"
        raise ContractError("labels", f"类别树的一级类别里没有:{named}", f"可用的一级类别:{'、'.join(sorted(known))}")
    return [number for number, leaf in enumerate(leaves) if leaf[0] in wanted]


def _leaf(row: Sequence[str], columns: Sequence[int], path: Path, number: int) -> Leaf:
    names = [strip_controls(row[column]).strip() if column < len(row) else "" for column in columns]
    filled = [name for name in names if name]
    if not filled or names[: len(filled)] != filled:
        raise ContractError(
            f"level{names.index('') + 1}", f"{path} 第 {number} 行:上级名称为空", "请补上上级名称,或删去这一行"
        )
    return tuple(filled)
