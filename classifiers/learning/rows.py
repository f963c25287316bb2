"""Labelled and unlabelled texts from a file of JSON lines, plain or packed by xz (known by its first bytes, not its name)."""

import hashlib
import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from language.normalise import strip_controls
from schemas.errors import ContractError, NotFound


class Task(StrEnum):
    """What a model answers; also the name of the field that holds the label."""

    CATEGORY = "category"
    DEPARTMENT = "department"


FIELDS: Final = {Task.CATEGORY: ("id",), Task.DEPARTMENT: ("id", "l1", "l2", "l3", "l4", "scheme")}
"""What a model may see beside title and text. A closed list: other columns of an export (who closed it, the reply) are
written after the decision and would give the answer away."""

LONGEST_LINE: Final = 64 << 20
"""Bytes. A longer line is no row but a wrong file; it would have to be held in memory whole."""
LONGEST_LABEL: Final = 200
SHOWN: Final = 5
"""How many further bad lines a message names."""

_XZ: Final = b"\xfd7zXZ\x00"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """title and text: what people wrote, safe to show; either may be empty. label: None where none was asked for.

    fields: the `FIELDS` of the task that the row has, none of them empty. when: the column `time` as it stands, ISO 8601 where it
    is right; for splitting old from new only, no model sees it and it is no part of the fingerprint.
    """

    title: str
    text: str
    label: str | None
    fields: Mapping[str, str]
    when: str = ""


def read_rows(path: Path, wanted: Task, labelled: bool) -> list[Row]:
    """The rows of a file in order; lines with nothing but white space are no rows.

    labelled: every row must have its label and a title or a text; else labels are not looked at and both may be empty,
    though one of the two fields must be there (else it is another kind of file).
    Raises NotFound without the file, and ContractError for the first bad line, which also says which others are bad.
    """
    rows: list[Row] = []
    first: ContractError | None = None
    bad: list[int] = []
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            rows.append(_row(_value(line), wanted, labelled))
        except ContractError as error:
            first = first or ContractError(error.field, f"{path} 第 {number} 行:{error.rule}", error.remedy)
            bad.append(number)
    if first is not None:
        raise ContractError(first.field, first.rule + _others(bad[1:]), first.remedy) from first
    if labelled and not rows:
        raise ContractError("(整个文件)", f"{path} 里没有一行数据", "训练需要每行一个 JSON 对象,请检查文件")
    return rows


def fingerprint(rows: Iterable[Row]) -> str:
    """16 hex digits that change with any title, text, label or field, and with the order of the rows."""
    digest = hashlib.blake2b(digest_size=8)
    for row in rows:
        digest.update(orjson.dumps([row.title, row.text, row.label, sorted(row.fields.items())]))
    return digest.hexdigest()


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


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line without its end)."""
    with _opened(path) as source:
        number = 0
        while line := _next_line(source, path, number + 1):
            number += 1
            if number == 1:
                if line.startswith(_UTF16_MARKS):
                    raise ContractError("(整个文件)", f"{path} 是 UTF-16 编码,须为 UTF-8", "请另存为 UTF-8 后再用")
                line = line.removeprefix(_UTF8_MARK)
            yield number, line.rstrip(b"\r\n")


def _next_line(source: BinaryIO, path: Path, number: int) -> bytes:
    try:
        line = source.readline(LONGEST_LINE)
    except (lzma.LZMAError, EOFError) as error:
        raise ContractError("(整个文件)", f"{path} 第 {number} 行起解压失败({error})", "文件已损坏,请重新取得") from error
    if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
        rule = f"{path} 第 {number} 行超过 {LONGEST_LINE >> 20} MB"
        raise ContractError("(整行)", rule, "每行应是一个 JSON 对象,请检查文件格式")
    return line


def _value(line: bytes) -> dict[str, Any]:
    """The object of a line. Half an emoji (an escape without its pair) is let through here and taken out of the texts later."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        value = _value_slowly(line, error)
    if not isinstance(value, dict):
        raise ContractError("(整行)", "须是一个 JSON 对象", '例如 {"title": "…", "text": "…"}')
    return value


def _value_slowly(line: bytes, error: orjson.JSONDecodeError) -> Any:
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        guess = "看来是 GB18030(GBK)" if _is_gb18030(line) else f"第 {wrong.start + 1} 个字节读不懂"
        raise ContractError("(整行)", f"不是 UTF-8 编码,{guess}", "请把文件转成 UTF-8 后再用") from wrong
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ContractError("(整行)", f"不是完整的 JSON(第 {error.pos + 1} 个字符处)", "请改正这一行,或删去") from error


def _is_gb18030(line: bytes) -> bool:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _row(value: dict[str, Any], wanted: Task, labelled: bool) -> Row:
    if "title" not in value and "text" not in value:
        raise ContractError("text", "title 和 text 都没有", "每行至少要有其中一个字段")
    title, text = _text(value, "title"), _text(value, "text")
    label = _label(value, wanted) if labelled else None
    if labelled and not title and not text:
        raise ContractError("text", "标题和正文都是空的", "训练用的每行都要有文字,请补上或删去这一行")
    fields = {name: found for name in FIELDS[wanted] if (found := _text(value, name))}
    when = value.get("time")
    return Row(title, text, label, fields, strip_controls(when).strip() if isinstance(when, str) else "")


def _label(value: dict[str, Any], wanted: Task) -> str:
    label = " ".join(_text(value, wanted.value).split())
    if not label:
        raise ContractError(wanted.value, "缺少标签", "训练用的每行都要有标签,请补上或删去这一行")
    if len(label) > LONGEST_LABEL:
        raise ContractError(wanted.value, f"标签超过 {LONGEST_LABEL} 字", "标签应是名称,请检查是否填错了字段")
    return label


def _text(value: dict[str, Any], name: str) -> str:
    """Empty where the field is missing or null. A whole number counts as its digits (codes are often written so)."""
    found = value.get(name)
    if found is None:
        return ""
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        raise ContractError(name, "须为文字", '请写成 "…"')
    return strip_controls(found).strip()


def _others(numbers: list[int]) -> str:
    if not numbers:
        return ""
    named = "、".join(map(str, numbers[:SHOWN]))
    return f"(另有 {len(numbers)} 行有错:第 {named} 行{'等' if len(numbers) > SHOWN else ''})"
