"""The vault in a file and back: keys and contacts as they are stored, still under the master key, which is not in the file.

The file is JSON lines in xz: a head with the check value of the master key, then one line a document (kind, id, source), then a
line with the number of documents, without which the file is not whole. Ids, keyed hashes, random caller ids and the log of
disclosures stand in it as they stand in the store; keep it as the vault is kept, and apart from the master key.
"""

import lzma
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import orjson

from pool.elastic.callers import Callers
from pool.elastic.mapping import CALLERS, DISCLOSURES, KEYS
from pool.elastic.transport import Elastic
from pool.elastic.vault import ElasticVault
from pool.elastic.versioned import Source, Versioned
from schemas.errors import KeyMissing, PoolError

FORMAT: Final = "wentichi-vault-1"
_FAST: Final = 1
"""xz preset: what is encrypted does not get smaller by more effort."""
_AT_ONCE: Final = 1_000
_ERASED: Final[dict[str, Any]] = {"term": {"erased": True}}
_ALL: Final[dict[str, Any]] = {"match_all": {}}

Line = tuple[str, str, Source]


def export_vault(vault: ElasticVault, path: Path) -> dict[str, int]:
    """Copy a vault that may be at work; returns the number of documents by kind. The file is whole or not there.

    Keys come first and hashes after, so that every contact in the file has its caller; what was erased meanwhile is
    listed again. Raises PoolError: the file exists already, or cannot be written.
    """
    if path.exists():
        raise PoolError(f"文件 {path} 已存在;请换一个名字,以免盖掉旧的备份")
    draft = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with lzma.open(file, "wb", preset=_FAST) as packed:
                counts = _write(packed, vault.check, _documents(vault.elastic))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise PoolError(f"密钥库的备份没有写成:{error};请检查磁盘空间和权限后重做") from error
    finally:
        draft.unlink(missing_ok=True)
    return counts


def import_vault(vault: ElasticVault, path: Path) -> dict[str, int]:
    """Puts back what is not there; returns the number of documents added, by kind. May be done again, and while others write.

    What stands in the store stays. An id that is erased in the file or in the store is erased after it. Nothing is written before
    the file was read to its end. Raises KeyMissing when the file is under another master key, PoolError when it is not whole.
    """
    erased = sorted({id_ for kind, id_, source in _read(path, vault.check) if kind == KEYS and source["erased"]})
    forgotten = set(erased)
    added: Counter[str] = Counter()
    for kind in (KEYS, CALLERS, DISCLOSURES):  # a hash only after the contact that names it
        documents = Versioned(vault.elastic, kind)
        lines = ((id_, source) for found, id_, source in _read(path, vault.check) if found == kind)
        kept = ((id_, source) for id_, source in lines if kind != KEYS or id_ not in forgotten)
        while batch := dict(islice(kept, _AT_ONCE)):
            added[kind] += len(documents.create(batch))
    for id_ in erased:
        vault.erase(id_)
    Callers(vault.elastic).sweep()  # hashes of contacts that are erased in the store or here
    return dict(added)


def _documents(elastic: Elastic) -> Iterator[Line]:
    for kind, query, sort in (
        (KEYS, _ALL, ("_shard_doc",)),
        (CALLERS, _ALL, ("_shard_doc",)),
        (DISCLOSURES, _ALL, ("at", "_seq_no")),
        (KEYS, _ERASED, ("_shard_doc",)),
    ):
        yield from ((kind, id_, source) for id_, source in Versioned(elastic, kind).scan(query, sort))


def _write(packed: IO[bytes], check: str, documents: Iterable[Line]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    packed.write(orjson.dumps({"format": FORMAT, "check": check}) + b"\n")
    for line in documents:
        packed.write(orjson.dumps(line) + b"\n")
        counts[line[0]] += 1
    packed.write(orjson.dumps({"documents": counts.total()}) + b"\n")
    return dict(counts)


def _read(path: Path, check: str) -> Iterator[Line]:
    """Every document of the file. Raises as `import_vault` says, at its end at the latest."""
    number = 0
    try:
        with lzma.open(path, "rb") as packed:
            head = orjson.loads(packed.readline())
            if head["format"] != FORMAT:
                raise PoolError(f"{path} 的格式 {head['format']} 不是本程序的 {FORMAT};请用写出它的版本导入")
            if head["check"] != check:
                raise KeyMissing(f"备份 {path} 是用另一把主密钥加密的;请使用写出它时的主密钥")
            for line in packed:
                content = orjson.loads(line)
                if isinstance(content, dict):
                    if content["documents"] == number:
                        return
                    break
                kind, id_, source = content
                yield kind, id_, source
                number += 1
    except (OSError, EOFError, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise PoolError(f"读不出密钥库的备份 {path}:{error};请换一份备份") from error
    raise PoolError(f"密钥库的备份 {path} 不完整(只有 {number} 条);请换一份备份")
