"""Backup and restore of an embedded pool; erasures outlive both.

A backup is a folder: pool.db, vault.db (keys and contacts, encrypted under the master key), erased.txt, manifest.json, and
master.key only when it was asked for. Each backup's place is remembered, and an erasure made later is written into its
erased.txt, so that also a restore into an empty folder keeps erased what was erased.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import orjson

from schemas.errors import PoolError

POOL_FILE, VAULT_FILE, KEY_FILE = "pool.db", "vault.db", "master.key"
ERASED_FILE, MANIFEST_FILE = "erased.txt", "manifest.json"
PLACES_FILE = "backups.json"


def backup(home: Path, target: Path, *, with_key: bool, at: datetime) -> dict[str, object]:
    """Copy a pool that may be at work. The vault is copied last, so it holds every key that the pool's copy needs.

    Returns the manifest. Raises PoolError when the target is not an empty folder or cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PoolError(f"备份目标 {target} 不是空文件夹;请另选一个,以免盖掉旧的备份")
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (POOL_FILE, VAULT_FILE):
            _copy(home / name, target / name)
        (target / ERASED_FILE).write_text("".join(f"{report}\n" for report in erased_in(target / VAULT_FILE)), "utf-8")
        if with_key and (home / KEY_FILE).is_file():
            shutil.copyfile(home / KEY_FILE, target / KEY_FILE)
            (target / KEY_FILE).chmod(0o600)
        manifest: dict[str, object] = {
            "at": at.isoformat(),
            "with_key": (target / KEY_FILE).is_file(),
            "files": {name: _sha256(target / name) for name in (POOL_FILE, VAULT_FILE)},
        }
        (target / MANIFEST_FILE).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    except (OSError, sqlite3.Error) as error:
        raise PoolError(f"备份没有完成:{error};请检查磁盘空间和权限,删去 {target} 后重做") from error
    _remember(home, target.resolve())
    return manifest


def restore(source: Path, home: Path, *, replace: bool) -> list[str]:
    """Put a backup in place; returns the reports that must be erased (again): the caller erases them before anything is read.

    They are those of the backup's own list and of the pool that is replaced. Raises PoolError: damaged or no backup,
    home not empty without `replace`.
    """
    manifest = _manifest(source)
    files = manifest["files"]
    for name in (POOL_FILE, VAULT_FILE):
        if not (source / name).is_file() or _sha256(source / name) != files[name]:  # type: ignore[index]
            raise PoolError(f"备份 {source} 的 {name} 缺失或已损坏(与 {MANIFEST_FILE} 不符);请换一份备份")
    present = [home / name for name in (POOL_FILE, VAULT_FILE) if (home / name).exists()]
    if present and not replace:
        raise PoolError(f"{home} 里已有问题池;确要用备份替换(现有内容会被删除),请加 --replace")
    erased = set(erased_in(home / VAULT_FILE)) if (home / VAULT_FILE).exists() else set()
    erased |= set(_lines(source / ERASED_FILE))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if present:
        _remove(home)
    for name in (POOL_FILE, VAULT_FILE):
        shutil.copyfile(source / name, home / name)
    if (source / KEY_FILE).is_file() and not (home / KEY_FILE).is_file():
        shutil.copyfile(source / KEY_FILE, home / KEY_FILE)
        (home / KEY_FILE).chmod(0o600)
    _remember(home, source.resolve())
    return sorted(erased)


def note_erasure(home: Path, report: str) -> list[Path]:
    """Write an erasure into the backups that were made or used; returns those that could not be reached."""
    missed = []
    for place in _places(home):
        try:
            if report not in _lines(place / ERASED_FILE):
                with (place / ERASED_FILE).open("a", encoding="utf-8") as file:
                    file.write(f"{report}\n")
        except OSError:
            missed.append(place)
    return missed


def erased_in(vault: Path) -> list[str]:
    """Ids whose key was destroyed, read without the master key."""
    with closing(sqlite3.connect(vault)) as connection:
        query = "select id from keys where wrapped is not null and length(wrapped) = 0 order by id"
        return [name for (name,) in connection.execute(query)]


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("pragma journal_mode = delete")
    target.chmod(0o600)


def _remove(home: Path) -> None:
    """What is replaced is not kept: two pools of the same reports would go different ways."""
    for name in (POOL_FILE, VAULT_FILE):
        for path in (home / name, home / f"{name}-wal", home / f"{name}-shm"):
            path.unlink(missing_ok=True)


def _manifest(source: Path) -> dict[str, object]:
    try:
        manifest = orjson.loads((source / MANIFEST_FILE).read_bytes())
        return {"files": dict(manifest["files"]), **manifest}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PoolError(f"{source} 不是完整的备份:缺少或读不出 {MANIFEST_FILE};请选 wentichi backup 建立的文件夹") from error


def _remember(home: Path, place: Path) -> None:
    places = [str(known) for known in _places(home)]
    if str(place) not in places:
        (home / PLACES_FILE).write_bytes(orjson.dumps([*places, str(place)]))


def _places(home: Path) -> list[Path]:
    try:
        return [Path(place) for place in orjson.loads((home / PLACES_FILE).read_bytes())]
    except FileNotFoundError:
        return []


def _lines(path: Path) -> Iterable[str]:
    return path.read_text("utf-8").split() if path.is_file() else []


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
