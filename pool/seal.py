"""What the vault encrypts with: keys derived from the master key, one for each use."""

import hmac
import os
from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pool.master_key import KEY_BYTES
from schemas.errors import KeyMissing, PoolDamaged

_NONCE: Final = 12


class VaultCipher:
    """Wraps data keys, seals contacts (AES-256-GCM, random nonce, bound to the id they belong to), hashes values.

    `check` tells this master key from another without giving it away.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise KeyMissing(f"主密钥应为 {KEY_BYTES} 字节,实为 {len(master_key)} 字节;请检查主密钥")
        self._wrapping = AESGCM(_derived(master_key, b"data keys"))
        self._contacts = AESGCM(_derived(master_key, b"contacts"))
        self._index = _derived(master_key, b"index")
        self.check: Final = _derived(master_key, b"check").hex()

    def wrap(self, id_: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._wrapping.encrypt(nonce, key, id_.encode())

    def unwrap(self, id_: str, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], id_.encode())
        except (InvalidTag, ValueError) as error:
            raise PoolDamaged(f"密钥库中 {id_} 的密钥已损坏;请用备份恢复密钥库") from error

    def seal(self, report: str, contact: Mapping[str, str], hashes: Sequence[str]) -> bytes:
        """The hashes are sealed with the contact: an erasure must find them, nobody else needs to."""
        nonce = os.urandom(_NONCE)
        return nonce + self._contacts.encrypt(nonce, orjson.dumps([dict(contact), list(hashes)]), report.encode())

    def open(self, report: str, sealed: bytes) -> dict[str, str]:
        """The contact."""
        return {str(name): str(value) for name, value in self._opened(report, sealed)[0].items()}

    def hashes(self, report: str, sealed: bytes) -> list[str]:
        """The different keyed hashes that came with the contact."""
        return list(dict.fromkeys(self._opened(report, sealed)[1]))

    def _opened(self, report: str, sealed: bytes) -> tuple[dict[str, str], list[str]]:
        try:
            contact, hashes = orjson.loads(self._contacts.decrypt(sealed[:_NONCE], sealed[_NONCE:], report.encode()))
        except (InvalidTag, ValueError) as error:
            raise PoolDamaged(f"密钥库中 {report} 的联系方式已损坏;请用备份恢复密钥库") from error
        return contact, hashes

    def keyed_hash(self, kind: str, value: str) -> str:
        """HMAC-SHA256 under the index key, its first 32 hexadecimal digits."""
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._index, message, "sha256").hex()[:32]


def _derived(master_key: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=b"wentichi vault 1", info=use).derive(master_key)
