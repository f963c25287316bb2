"""The master key of a pool: 32 bytes from the environment, or from a file that only its owner can read."""

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from schemas.errors import KeyMissing

MASTER_KEY_VARIABLE: Final = "WENTICHI_MASTER_KEY"
KEY_BYTES: Final = 32
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")


def master_key(path: Path, environment: Mapping[str, str] = os.environ, *, create: bool = False) -> bytes:
    """From WENTICHI_MASTER_KEY (64 hexadecimal digits, or base64) if that is set, else from the file `path`.

    create: makes the file when there is none, readable by its owner only. A pool that has keys already must not create one.
    Raises KeyMissing, with the remedy.
    """
    given = environment.get(MASTER_KEY_VARIABLE, "").strip()
    if given:
        return _parse(given, f"环境变量 {MASTER_KEY_VARIABLE}")
    try:
        return _read(path)
    except FileNotFoundError as error:
        if not create:
            raise KeyMissing(
                f"没有主密钥:未设置环境变量 {MASTER_KEY_VARIABLE},也没有文件 {path};请从备份恢复主密钥,丢失后无法解密"
            ) from error
    try:
        return _create(path)
    except FileExistsError:  # another process was faster
        return _read(path)
    except OSError as error:
        raise KeyMissing(f"无法建立主密钥文件 {path}:{error.strerror};请检查目录是否可写") from error


def _create(path: Path) -> bytes:
    """Written beside and linked into place, so that nobody ever reads half a key; raises FileExistsError."""
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyMissing(f"无法读取主密钥文件 {path}:{error.strerror};请用建立它的用户运行") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyMissing(f"主密钥文件 {path} 的权限是 {mode:04o},其他用户可以读取;请执行 chmod 600 {path}")
        return _parse(file.read(1024).decode("ascii", "replace").strip(), f"主密钥文件 {path}")


def _parse(text: str, place: str) -> bytes:
    try:
        key = (
            bytes.fromhex(text)
            if _HEX.fullmatch(text)
            else base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
        )
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"{place} 不是 {KEY_BYTES} 字节的密钥;应为 64 位十六进制数或 base64,请检查是否抄写完整")
    return key
