"""Port Attachments in a folder: files of reports by their hash, each sealed with its report's key.

Erasing a report destroys its key, so what a backup or a forgotten copy still holds cannot be read; the files go as well. Nothing
here is shared between reports: the same photo sent twice lies there twice, and each can be erased alone.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import ContractError, PoolDamaged, PoolError

VARIABLE: Final = "WENTICHI_ATTACHMENTS"
_NONCE: Final = 12
_HEX: Final = frozenset("0123456789abcdef")


class FolderAttachments:
    """Usable by several processes and, on a shared folder, several machines: every file is written once and moved into place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, report: str, data: bytes, sha256: str, key: bytes) -> None:
        """Durable on return. The same file again changes nothing. Raises ContractError when the hash is not that of the data."""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ContractError("attachments.sha256", "文件与来件登记的哈希不符", "请传来件登记的那个文件")
        place = self._place(report, sha256)
        if place.exists():
            return
        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(key).encrypt(nonce, data, _bound(report, sha256))
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as draft:
                draft.write(sealed)
                draft.flush()
                os.fsync(draft.fileno())
            Path(draft.name).replace(place)
        except OSError as error:
            raise PoolError(f"附件写不进 {self._folder}:{error.strerror};请检查目录权限和剩余空间") from error

    def get(self, report: str, sha256: str, key: bytes) -> bytes | None:
        """None when it was never put, or erased. Raises PoolDamaged when the bytes are not what was put."""
        try:
            sealed = self._place(report, sha256).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(report, sha256))
        except (InvalidTag, ValueError) as error:
            raise PoolDamaged(f"来件 {report} 的附件 {sha256[:12]} 已损坏;请从备份恢复附件目录") from error

    def held(self, report: str, wanted: Iterable[str]) -> set[str]:
        """Which of these files are there."""
        return {sha256 for sha256 in wanted if self._place(report, sha256).exists()}

    def erase(self, report: str) -> None:
        """Every file of the report. Idempotent."""
        shutil.rmtree(self._home(report), ignore_errors=True)

    def _home(self, report: str) -> Path:
        if report[:1] != "r" or not _HEX.issuperset(report[1:]):
            raise ContractError("report", "不是来件编号", "来件编号以 r 开头")
        return self._folder / report[1:3] / report

    def _place(self, report: str, sha256: str) -> Path:
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise ContractError("attachments.sha256", "不是 SHA-256", "应为 64 位十六进制小写字符")
        return self._home(report) / sha256


def attachments_in(home: Path) -> FolderAttachments:
    """In the folder that WENTICHI_ATTACHMENTS names (one for all machines of a pool), else beside the pool."""
    chosen = os.environ.get(VARIABLE)
    return FolderAttachments(Path(chosen) if chosen else home / "attachments")


def _bound(report: str, sha256: str) -> bytes:
    return f"{report}/{sha256}".encode()
