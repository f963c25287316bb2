"""Which version of the city pack a pool decides by, from when: the one it was opened with, then each adopted one from its day.

The adopted versions lie in the pool's own file, so that a change of the folder they came from changes nothing and a backup holds
them. The folder `packs` beside it is only where they are unpacked to be read.
"""

import io
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import takewhile
from pathlib import Path
from typing import Generic, TypeVar

import orjson

from city.fault import PackError
from city.layout import PackFile
from city.pack import CityPack, load_pack
from city.read import fingerprint
from city.upgrade import check_upgrade
from schemas.errors import PoolError
from streams.effects import LogRecord

T = TypeVar("T")

FOLDER = "packs"
_SCHEMA = """
create table if not exists packs(since text primary key, version text not null, fingerprint text not null, files blob not null)
    without rowid;
"""
_BEGINNING = ""
"""`since` of the version that a pool had before it adopted any."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A version and the moment from which it decides; None: from the beginning."""

    version: str
    fingerprint: str
    since: datetime | None


class Packs:
    """The versions of one pool, oldest first; each is read when it is first needed."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, first: Callable[[], CityPack]) -> None:
        """first: the pack for a pool that has adopted none."""
        self._folder = folder / FOLDER
        self._db = connection
        self._first = first
        self._loaded: dict[str, CityPack] = {}
        self._rows: list[tuple[str, str, str]] = []
        self.versions: tuple[Adopted, ...] = ()

    def create(self) -> None:
        """Make the table; idempotent, in a transaction of its own."""
        self._db.executescript(_SCHEMA)
        self.refresh()

    def refresh(self) -> None:
        """Take notice of what another process has adopted."""
        rows = self._db.execute("select since, version, fingerprint from packs order by since").fetchall()
        if rows != self._rows:
            self._rows = rows
            self.versions = tuple(
                Adopted(version, mark, datetime.fromisoformat(since) if since else None) for since, version, mark in rows
            )

    @property
    def several(self) -> bool:
        """Whether the moment decides which pack is meant."""
        return len(self.versions) > 1

    def at(self, moment: datetime) -> CityPack:
        """The pack that decides what came at this moment (with a zone)."""
        chosen = next((one for one in reversed(self.versions) if one.since is None or one.since <= moment), None)
        return self._load(chosen.fingerprint if chosen else "")

    def knows(self, mark: str) -> bool:
        """Whether a pack of this fingerprint is one of the pool's; any is, while none was adopted."""
        return not self.versions or any(one.fingerprint == mark for one in self.versions)

    def next_after(self, moment: datetime) -> Adopted | None:
        """The version that waits for its day."""
        return next((one for one in self.versions if one.since is not None and one.since > moment), None)

    def adopt(self, folder: Path, used: Path, now: datetime) -> Adopted:
        """Register the pack in `folder` as the next version; it decides from its day, at the earliest from now.

        used: the folder of the pack in use so far, which is kept too when this is the first adoption. Raises PackError for a pack
        that is not sound or may not follow, PoolError for another city's or one that is registered already.
        """
        new = load_pack(folder)
        last = self._load(self.versions[-1].fingerprint if self.versions else "")
        if new.name != last.name:
            raise PoolError(f"这个池属于城市“{last.name}”,{folder} 是“{new.name}”的配置包;请换本市的配置包")
        if self.knows(new.fingerprint) and (self.versions or new.fingerprint == last.fingerprint):
            raise PoolError(f"{new.name} {new.version} 已经在用或已登记,内容没有变化;要更换请先修改并换一个版本号")
        faults = check_upgrade(last, new)
        if faults:
            raise PackError(folder, faults)
        begins = datetime.combine(new.effective, time(), new.calendar.zone).astimezone(UTC)
        since = max(begins, now, *(one.since for one in self.versions if one.since))
        self._db.execute("begin immediate")
        try:
            if not self.versions:
                self._insert(_BEGINNING, last, used)
            self._db.execute("delete from packs where since = ?", (since.isoformat(),))  # corrected before its day
            self._insert(since.isoformat(), new, folder)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")
        self.refresh()
        return Adopted(new.version, new.fingerprint, since)

    def _insert(self, since: str, pack: CityPack, folder: Path) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in PackFile:
                if (folder / file).is_file():
                    packed.write(folder / file, file)
        if fingerprint(folder) != pack.fingerprint:
            raise PoolError(f"{folder} 的内容刚才变了,没有登记;请不要边改边登记,重新运行本命令")
        row = (since, pack.version, pack.fingerprint, content.getvalue())
        self._db.execute("insert into packs(since, version, fingerprint, files) values (?, ?, ?, ?)", row)

    def _load(self, mark: str) -> CityPack:
        """By fingerprint; "" is the first pack of a pool that has adopted none."""
        if mark not in self._loaded:
            self._loaded[mark] = load_pack(self._unpacked(mark)) if mark else self._first()
        return self._loaded[mark]

    def _unpacked(self, mark: str) -> Path:
        folder = self._folder / mark[:16]
        if folder.is_dir() and fingerprint(folder) == mark:
            return folder
        (files,) = self._db.execute("select files from packs where fingerprint = ?", (mark,)).fetchone()
        draft = self._folder / f"{mark[:16]}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        with zipfile.ZipFile(io.BytesIO(files)) as packed:
            for file in PackFile:
                if file in packed.namelist():
                    (draft / file).write_bytes(packed.read(file))
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        return folder


class ByPack(Generic[T]):
    """One of something for each version of the pack, made when it is first needed."""

    def __init__(self, packs: Packs, make: Callable[[CityPack], T]) -> None:
        self._packs = packs
        self._make = make
        self._made: dict[str, T] = {}

    def at(self, moment: datetime) -> T:
        pack = self._packs.at(moment)
        if pack.fingerprint not in self._made:
            self._made[pack.fingerprint] = self._make(pack)
        return self._made[pack.fingerprint]


def of_one_pack(packs: Packs, batch: Sequence[LogRecord], moment: Callable[[LogRecord], datetime]) -> Sequence[LogRecord]:
    """The records from the first on that one version decides."""
    if not packs.several or not batch:
        return batch
    first = packs.at(moment(batch[0]))
    return list(takewhile(lambda record: packs.at(moment(record)) is first, batch))


def arrived(record: LogRecord) -> datetime:
    """What decides of a report and of a unit's answer: when it was received."""
    return record.at


def asked(record: LogRecord) -> datetime:
    """What decides of a command: the time that its maker set. Of one that cannot be read: when it was appended."""
    try:
        return datetime.fromisoformat(orjson.loads(record.value or b"")["at"])
    except (ValueError, KeyError, TypeError):
        return record.at
