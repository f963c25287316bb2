"""Requests with their replies from a file of JSON lines, plain or packed by xz (known by its first bytes)."""

import lzma
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from classifiers.replies.checker import Asked
from language.normalise import strip_controls
from schemas.errors import ContractError, NotFound

_XZ: Final = b"\xfd7zXZ\x00"
_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """id: "" where the file has none. explains: whether the reply gives its reasons, as a person marked it; None: unmarked."""

    id: str
    asked: Asked
    explains: bool | None


def read_replies(path: Path) -> list[ReplyRow]:
    """Fields text and reply, and title, id, explains (0 or 1) where they are there. Raises NotFound, and ContractError naming the
    line that is wrong."""
    rows = [_row(value, f"{path} 第 {number} 行") for number, value in _values(path)]
    if not rows:
        raise ContractError("(整个文件)", f"{path} 里没有一行数据", "每行应是一个 JSON 对象,有 text 和 reply")
    return rows


def with_marks(rows: Sequence[ReplyRow], path: Path) -> list[ReplyRow]:
    """The rows with the marks of another file (id, explains) in place of their own. Raises ContractError where no id agrees."""
    marks = {str(value.get("id", "")): _explains(value, f"{path} 第 {number} 行") for number, value in _values(path)}
    found = [replace(row, explains=marks.get(row.id, row.explains)) for row in rows]
    if not any(row.id in marks for row in rows if row.id):
        raise ContractError("id", f"{path} 里的编号与来件文件的没有一个相同", "请检查是否拿错了文件")
    return found


def marked(rows: Sequence[ReplyRow]) -> tuple[list[ReplyRow], list[bool]]:
    """The rows that have a mark, and the marks. Raises ContractError without both kinds: nothing can be learned or measured."""
    chosen = [(row, row.explains) for row in rows if row.explains is not None]
    truth = [explains for _, explains in chosen]
    if len(set(truth)) < 2:
        rule = "没有一行带 explains" if not truth else f"{len(truth):,} 行的 explains 全都一样"
        raise ContractError("explains", rule, "训练和检验须有说明了理由的(1)和没有说明的(0)两种答复")
    return [row for row, _ in chosen], truth


def _values(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line from 1, object)."""
    with _opened(path) as file:
        for number, line in enumerate(_lines(file, path), 1):
            if not line.strip():
                continue
            try:
                value = orjson.loads(line.removeprefix(_MARK) if number == 1 else line)
            except orjson.JSONDecodeError as error:
                rule = f"{path} 第 {number} 行不是完整的 UTF-8 JSON"
                raise ContractError("(整行)", rule, "请改正或删去这一行") from error
            if not isinstance(value, dict):
                raise ContractError("(整行)", f"{path} 第 {number} 行不是 JSON 对象", '例如 {"text": "…", "reply": "…"}')
            yield number, value


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        yield from file
    except (lzma.LZMAError, EOFError) as error:
        raise ContractError("(整个文件)", f"{path} 解压失败({error})", "文件已损坏,请重新取得") from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not path.is_file():
        raise NotFound(f"没有文件 {path};请检查路径")
    with path.open("rb") as raw:
        packed = raw.read(len(_XZ)) == _XZ
        raw.seek(0)
        if packed:
            with lzma.open(raw) as unpacked:
                yield unpacked  # type: ignore[misc]
        else:
            yield raw


def _row(value: Mapping[str, Any], where: str) -> ReplyRow:
    if "reply" not in value or ("text" not in value and "title" not in value):
        raise ContractError("reply", f"{where}:没有 reply,或 title 和 text 都没有", "每行要有来件文字和答复")
    title, text, reply = (_text(value, name, where) for name in ("title", "text", "reply"))
    explains = _explains(value, where) if value.get("explains") is not None else None
    return ReplyRow(str(value.get("id") or ""), Asked(f"{title}\n{text}".strip(), reply), explains)


def _text(value: Mapping[str, Any], name: str, where: str) -> str:
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise ContractError(name, f"{where}:须为文字", '请写成 "…"')
    return strip_controls(found or "").strip()


def _explains(value: Mapping[str, Any], where: str) -> bool:
    found = value.get("explains")
    if found not in (0, 1):
        raise ContractError("explains", f"{where}:须为 1(说明了理由)或 0(没有说明)", "请改正这一行")
    return bool(found)
