"""The folder of an embedded pool: pool file, vault file, master key, owner's lock; opened as ports."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from city.pack import CityPack, load_pack
from city.read import fingerprint
from city.sample import sample_city
from pool import backup as copies
from pool.master_key import master_key
from pool.ports import Reader, Writes
from pool.sqlite.connection import open_pool
from pool.sqlite.rows import by_ids, decoder
from pool.sqlite.search import SqliteSearch
from pool.sqlite.store import SqliteReader, SqliteStore
from pool.vault import SqliteVault
from schemas.documents import DeadLetter
from schemas.errors import PoolError
from schemas.words import DISPATCH_PREFIX
from streams.clock import Clock, WallClock
from streams.dead_letters import key_name
from streams.effects import LogRecord
from streams.failpoints import FailPoint, reach
from streams.local.log import LocalLog
from streams.local.packs import Packs

POOL_FILE = "pool.db"
VAULT_FILE = "vault.db"
KEY_FILE = "master.key"
LOCK_FILE = "owner.lock"
_letter = decoder(DeadLetter)


def home_folder() -> Path:
    """WENTICHI_HOME, else `.wentichi` in the current folder."""
    return Path(os.environ.get("WENTICHI_HOME") or ".wentichi")


def pack_folder() -> Path:
    """WENTICHI_PACK, else the built-in sample city."""
    chosen = os.environ.get("WENTICHI_PACK")
    return Path(chosen) if chosen else sample_city()


@dataclass(slots=True)
class Home:
    """An open pool. One thread at a time; every process opens its own."""

    folder: Path
    packs: Packs
    connection: sqlite3.Connection
    store: SqliteStore
    search: SqliteSearch
    vault: SqliteVault
    log: LocalLog
    clock: Clock

    @property
    def name(self) -> str:
        """Where the pool is, for people."""
        return str(self.folder)

    @property
    def pack(self) -> CityPack:
        """The version that decides now."""
        return self.packs.at(self.clock.now())

    @property
    def notebook(self) -> sqlite3.Connection:
        """The pool file: what is noted with an append commits with it."""
        return self.connection

    @property
    def reader(self) -> Reader:
        """What the stages read through."""
        return SqliteReader(self.store, self.vault)

    def append(self, topic: str, records: Sequence[tuple[str | None, bytes | None]]) -> int:
        """Durably append (key, value) pairs; the next free offset of the topic."""
        with transaction(self.connection):
            following = self.log.append(topic, records, self.clock.now())
            reach(FailPoint.APPEND_WRITTEN)
        reach(FailPoint.APPEND_COMMITTED)
        return following

    def letters_at(self, places: Iterable[str]) -> dict[str, DeadLetter]:
        """Dead letters by id; those that are not there are absent."""
        return {id_: _letter(blob) for id_, blob in by_ids(self.connection, "select id, json from dead_letters", "id", places)}

    def drop_letters(self, ids: Sequence[str]) -> None:
        """In the transaction that is open, else in none."""
        self.store.delete_dead_letters(ids)

    def mend(self, writes: Writes) -> None:
        """Write what a comparison with the log has found to be right."""
        with transaction(self.connection):
            self.store.write(writes)

    def views(self, unit: str, reader: str, *, from_start: bool) -> "LocalViews":
        """What `reader` has not received yet of what the unit was sent."""
        return LocalViews(self, DISPATCH_PREFIX + unit, f"subscriber.{reader}", from_start=from_start)

    def note_erasure(self, report: str) -> tuple[Path, ...]:
        """Tell every backup in reach; those that could not be told."""
        return tuple(copies.note_erasure(self.folder, report))

    def forget_unworked(self, report: str) -> int:
        """Dead letters and raw records of the report, keys first; how many letters there were."""
        letters = self.store.dead_letters_of(report)
        for letter in letters:
            self.vault.erase(key_name(letter.id))
        with transaction(self.connection):
            self.drop_letters([letter.id for letter in letters])
            self.log.forget_key(report, "intake.")
        return len(letters)

    def close(self) -> None:
        """Close both files."""
        self.connection.close()
        self.vault.close()


class LocalViews:
    """One subscriber's reading of a dispatch topic. See streams.session.Views."""

    def __init__(self, home: Home, topic: str, reader: str, *, from_start: bool) -> None:
        self._home = home
        self._topic = topic
        self._reader = reader
        self._position = 0 if from_start else home.log.position(reader, topic)

    def read(self, limit: int) -> list[LogRecord]:
        records = self._home.log.read(self._topic, self._position, limit)
        if records:
            self._position = records[-1].offset + 1
        return records

    def done(self) -> None:
        with transaction(self._home.connection):
            self._home.log.advance(self._reader, self._topic, self._position)

    def close(self) -> None:
        """Holds nothing."""


def open_home(folder: Path, *, pack: CityPack | None = None, clock: Clock | None = None) -> Home:
    """Open, and make on first use. Raises PoolError when the pool belongs to another city or plays by another clock."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = open_pool(folder / POOL_FILE)
    log = LocalLog(connection)
    log.create()
    clock = clock or WallClock()
    packs = open_packs(folder, connection, pack)
    city = packs.at(clock.now()).name
    _belongs(connection, "city", city, "请用原来的城市配置包(WENTICHI_PACK),或另选一个文件夹(WENTICHI_HOME)")
    _belongs(connection, "clock", clock.name, "演示用的池与真实时钟的池不能混用,请另选一个文件夹(WENTICHI_HOME)")
    store = SqliteStore(connection, lambda: packs.at(clock.now()))
    store.complete()
    return Home(folder, packs, connection, store, SqliteSearch(connection), open_vault(folder), log, clock)


def open_packs(folder: Path, connection: sqlite3.Connection, pack: CityPack | None = None) -> Packs:
    """The pool's versions; for a pool that has adopted none `pack`, else that of WENTICHI_PACK.

    Raises PoolError when a pack was named that is none of the versions: it would be taken for the one in use.
    """
    packs = Packs(folder, connection, lambda: pack or load_pack(pack_folder()))
    packs.create()
    named = os.environ.get("WENTICHI_PACK")
    mark = pack.fingerprint if pack else fingerprint(Path(named)) if named and packs.versions else ""
    if mark and not packs.knows(mark):
        used = "、".join(one.version for one in packs.versions)
        remedy = "请用 wentichi pack adopt 登记它,或不设 WENTICHI_PACK"
        raise PoolError(f"这个池登记的配置包版本是 {used},所给的配置包不在其中;{remedy}")
    return packs


def open_vault(folder: Path) -> SqliteVault:
    """Keys and contacts; makes the master key with the first vault, never for one that is there. Raises KeyMissing."""
    key = master_key(folder / KEY_FILE, create=not (folder / VAULT_FILE).exists())
    return SqliteVault(folder / VAULT_FILE, key)


def _belongs(connection: sqlite3.Connection, name: str, value: str, remedy: str) -> None:
    row = connection.execute("select value from meta where key = ?", (name,)).fetchone()
    if row is None:  # written once; a mere look at the pool never waits for the writer
        connection.execute("insert or ignore into meta(key, value) values (?, ?)", (name, value))
        row = connection.execute("select value from meta where key = ?", (name,)).fetchone()
    held = row[0]
    if held != value:
        raise PoolError(f"这个池的 {name} 是“{held}”,与现在的“{value}”不同;{remedy}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction; rolled back when the body raises."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def ownership(folder: Path) -> Iterator[bool]:
    """True for the one process that owns the stages; the kernel frees the lock when that process ends, kill -9 too."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
