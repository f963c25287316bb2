"""Words sealed with a key of their own: AES-256-GCM, random nonce, the owner's id as associated data.

Form: urlsafe base64 of version (1 byte) ‖ nonce (12 bytes) ‖ ciphertext and tag. To destroy the key is to erase the words
(law 6). The owner is the report, problem or dead letter whose key it is; a text cannot be moved to another owner unnoticed.
"""

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import PoolDamaged

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


def new_key() -> bytes:
    """A fresh random key for one owner."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, owner: str, plain: bytes) -> str:
    """The sealed text. The same words sealed twice differ. Raises ValueError when the key is not 32 bytes long."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    nonce = os.urandom(_NONCE_BYTES)
    return urlsafe_b64encode(_VERSION + nonce + AESGCM(key).encrypt(nonce, plain, owner.encode())).decode("ascii")


def is_sealed(text: str) -> bool:
    """Has it the form of a sealed text? What officials wrote in the open, or what stands in the duty list, has not."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return False
    return len(raw) >= 1 + _NONCE_BYTES + _TAG_BYTES and raw[:1] == _VERSION


def unseal(key: bytes, owner: str, sealed: str) -> bytes:
    """What was sealed. Raises PoolDamaged, naming the owner, for another key, another owner or a changed text."""
    try:
        raw = urlsafe_b64decode(sealed.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise PoolDamaged(f"{owner} 的密封内容不是有效的编码;请从备份恢复该文档,或用日志重建") from error
    if len(raw) < 1 + _NONCE_BYTES + _TAG_BYTES or raw[:1] != _VERSION:
        raise PoolDamaged(f"{owner} 的密封内容残缺或版本不识;请从备份恢复该文档,或升级本程序后再读")
    try:
        return AESGCM(key).decrypt(raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise PoolDamaged(f"{owner} 的密封内容与密钥不符;请核对密钥库与文档是否出自同一备份") from error
