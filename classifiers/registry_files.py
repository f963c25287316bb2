"""The files of the registry of models: copied whole, checked against their checksums, replaced in one step, under one lock."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import orjson

from classifiers.learning.artifact import CARD, read_card
from classifiers.learning.rows import Task
from classifiers.learning.seen import seen_file
from schemas.errors import ContractError

PATIENCE: Final = 60.0
"""Seconds to wait for another change; one takes as long as copying a model."""

_AGAIN: Final = "请重新训练,或从备份取回整个文件夹"


def version_of(folder: Path, task: Task) -> str:
    """12 hex digits of what the card says: which files, and when it was made. Raises ContractError where it is no model."""
    card = read_card(folder, task)
    return hashlib.sha256(orjson.dumps([parts_of(folder), card.created], option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def parts_of(folder: Path) -> dict[str, str]:
    """Name and sha256 of every part; `read_card` has checked the card's form."""
    found = json.loads((folder / CARD).read_bytes())["files"]
    return {str(one["file"]): str(one["sha256"]) for one in found.values()}


def copy_model(folder: Path, beside: Path) -> None:
    """The card, the parts it names and the list of seen rows; nothing else that may lie there."""
    names = [*parts_of(folder), *([seen.name] if (seen := seen_file(folder)).is_file() else []), CARD]
    try:
        for name in names:
            shutil.copyfile(folder / name, beside / name)
            to_disk(beside / name)
    except FileNotFoundError as error:
        raise torn(folder) from error
    beside.chmod(0o755)  # temporary folders are their owner's alone
    to_disk(beside)


def check_parts(folder: Path, named: Path) -> None:
    """Raises ContractError where a part is not what the card says; named: the folder that people know."""
    for name, wanted in parts_of(folder).items():
        path = folder / name
        if not path.is_file():
            raise ContractError("models", f"模型 {named} 已损坏:缺少 {name}", _AGAIN)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                raise ContractError("models", f"模型 {named} 已损坏:{name} 的校验值不符", _AGAIN)


def torn(folder: Path) -> ContractError:
    return ContractError("models", f"{folder} 里的模型不完整,或正在被替换", "请等训练结束后再试;仍然如此,请重新训练")


def created_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / CARD).read_bytes())["created"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def is_readable(folder: Path, task: Task) -> bool:
    try:
        read_card(folder, task)
        check_parts(folder, folder)
    except (ContractError, OSError):
        return False
    return True


def lock(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise ContractError("models", f"另一个进程正在更换 {folder} 里的模型", "请等它结束后再试") from error
            time.sleep(0.02)
        else:
            return


def write_whole(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # temporary files are their owner's alone
        Path(name).replace(path)
        to_disk(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
