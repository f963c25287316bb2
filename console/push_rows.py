"""Lines of a file to records of an intake topic.

A bare row of a channel is wrapped in a CloudEvent; what cannot be read stays as it is.
"""

import hashlib
import lzma
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import orjson

from intake.whole_json import require_distinct_keys
from schemas.cloudevent import event_type
from schemas.errors import ContractError, NotFound
from schemas.identity import report_id
from schemas.words import Channel, Mode

STANDARD_INPUT: Final = "-"
_EDGE: Final = 64 * 1024
_XZ: Final = b"\xfd7zXZ\x00"
LONGEST_LINE: Final = 64 << 20
"""Bytes of one line. A longer one is no report but a wrong file; it would have to be held in memory whole."""

T = TypeVar("T")
Row = tuple[str | None, bytes]
"""(record key, bytes of the record): the key is the report id, where source and id can be read."""


def identity(file: str, channel: Channel, source: str, mode: Mode) -> str | None:
    """What a push is remembered by: size and both edges of the file, and how it is pushed. None for standard input."""
    if file == STANDARD_INPUT:
        return None
    path = Path(file)
    if not path.is_file():
        raise NotFound(f"没有文件 {file};请检查路径,标准输入用 -")
    size = path.stat().st_size
    digest = hashlib.sha256(f"{size}\n{channel.value}\n{source}\n{mode.value}\n".encode())
    with path.open("rb") as raw:
        digest.update(raw.read(_EDGE))
        raw.seek(max(0, size - _EDGE))
        digest.update(raw.read(_EDGE))
    return digest.hexdigest()


@contextmanager
def opened(file: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """(lines, raw file). Unpacked when it is .xz by its first bytes, whatever its name; the raw file tells how far reading is."""
    if file == STANDARD_INPUT:
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    with Path(file).open("rb") as raw:
        packed = raw.read(len(_XZ)) == _XZ
        raw.seek(0)
        if packed:
            with lzma.open(raw) as unpacked:
                yield unpacked, raw  # type: ignore[misc]
        else:
            yield raw, raw


def lines_of(file: str, source: BinaryIO) -> Iterator[bytes]:
    """One line after the other without its end. Raises ContractError for a broken archive, naming the line."""
    number = 0
    while True:
        try:
            line = source.readline(LONGEST_LINE)
        except (lzma.LZMAError, EOFError) as error:
            raise ContractError(file, f"第 {number + 1} 行起解压失败({error})", "文件已损坏,请重新取得后再推") from error
        if not line:
            return
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            rule = f"第 {number} 行超过 {LONGEST_LINE >> 20} MB"
            raise ContractError(file, rule, "每行应是一件来件的 JSON,请检查文件格式")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield line.rstrip(b"\r\n")


def row_of(line: bytes, channel: Channel, source: str, mode: Mode) -> Row:
    """The record of a line that is not empty. Never raises: what breaks the contract becomes a dead letter in intake.

    A row without an id is wrapped like the others, so that the letter says which field is missing.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None, line
    if not isinstance(value, dict):
        return None, line
    if "specversion" in value:
        return _key(value.get("source"), value.get("id")), line
    had_id = "id" in value
    own = value.pop("id", None)
    if isinstance(own, int | float) and not isinstance(own, bool):
        own = str(own)
    event = {
        "specversion": "1.0",
        "id": own,
        "source": source,
        "type": event_type(channel),
        "poolmode": mode.value,
        "data": value,
    }
    if own is None:
        del event["id"]
    try:
        require_distinct_keys(line, value, {"id": own} if had_id else {})
    except ContractError:  # intake says it of the record; the keys that stand twice must still be there
        del event["data"]
        return _key(source, own), orjson.dumps(event)[:-1] + b',"data":' + line + b"}"
    try:
        return _key(source, own), orjson.dumps(event)
    except (orjson.JSONEncodeError, UnicodeEncodeError):  # a lone surrogate or a number beyond 64 bits
        return _key(source, own), line


def _key(source: object, own: object) -> str | None:
    if not (isinstance(source, str) and isinstance(own, str)) or not source.strip() or not own.strip():
        return None
    return report_id(source.strip(), own.strip())  # as the envelope's contract trims them


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter. Takes no item before it is needed."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
