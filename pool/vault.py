"""Port Vault in an SQLite file of its own: data keys, contacts, callers, and who was shown a contact.

Nothing in it is readable without the master key, and what is erased is overwritten (secure_delete), not only unlinked.
Several processes may write at once; every write is one transaction that is on disk when it returns.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Final

from pool.ports import ContactEntry
from pool.seal import VaultCipher
from pool.sqlite.rows import by_ids
from pool.sqlite.wal import use_write_ahead_log
from schemas.errors import ContractError, KeyMissing, PoolBusy, PoolError

SCHEMA_VERSION: Final = 1
_BUSY_MS: Final = 30_000
_CHECKPOINT_PAGES: Final = 8_000
_ERASED: Final = b""
_TABLES: Final = (
    "create table meta (key text primary key, value text not null) without rowid",
    # one tree for key and contact of a report, so that a batch dirties one page for both; an empty `wrapped` is the marker of
    # an erasure, null means that a contact came before its key
    "create table keys (id text primary key, wrapped blob, sealed blob) without rowid",
    # uses: how many contacts came with this hash; it goes with the last of them
    "create table caller_hashes (hash text primary key, caller text not null, uses integer not null) without rowid",
    """create table disclosures (
        sequence integer primary key, at text not null, reader text not null, reason text not null, report text not null
    )""",
    "create trigger disclosures_stay before delete on disclosures begin select raise(abort, 'append-only'); end",
    "create trigger disclosures_hold before update on disclosures begin select raise(abort, 'append-only'); end",
)


class SqliteVault:
    """May be used from several threads. Raises KeyMissing when the master key is not this vault's."""

    def __init__(self, path: Path, master_key: bytes) -> None:
        self._cipher = VaultCipher(master_key)
        self._lock = RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
        except (OSError, sqlite3.Error) as error:
            raise PoolError(f"打不开密钥库 {path}:{error};请检查目录是否存在、是否可写") from error
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise PoolError(f"密钥库 {path} 无法使用:{error};请检查它是否被占用,或用备份恢复") from error
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, path: Path) -> None:
        self._db.execute(f"pragma busy_timeout = {_BUSY_MS}")
        use_write_ahead_log(self._db, _BUSY_MS / 1000)
        self._db.execute("pragma synchronous = full")
        self._db.execute("pragma secure_delete = on")
        self._db.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        self._db.execute("pragma temp_store = memory")
        self._db.execute("pragma cache_size = -32768")
        with self._writing():
            version = int(self._db.execute("pragma user_version").fetchone()[0])
            if version > SCHEMA_VERSION:
                raise PoolError(f"密钥库 {path} 由更新的版本建立(结构 {version});请升级本程序")
            if version == 0:
                for statement in _TABLES:
                    self._db.execute(statement)
                self._db.execute("insert into meta values ('check', ?)", (self._cipher.check,))
                self._db.execute(f"pragma user_version = {SCHEMA_VERSION}")
            row = self._db.execute("select value from meta where key = 'check'").fetchone()
            if row is None or row[0] != self._cipher.check:
                raise KeyMissing(f"主密钥不是密钥库 {path} 的主密钥;请使用建立该问题池时的主密钥")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]:
        with self._lock:
            rows = list(by_ids(self._db, "select id, wrapped from keys", "wrapped is not null and id", ids))
        return {id_: self._cipher.unwrap(id_, wrapped) if wrapped else None for id_, wrapped in rows}

    def callers(self, hashes: Iterable[str]) -> dict[str, str]:
        with self._lock:
            return dict(by_ids(self._db, "select hash, caller from caller_hashes", "hash", hashes))

    def write(self, keys: Mapping[str, bytes], contacts: Sequence[ContactEntry]) -> set[str]:
        """See the port. The same key written twice under one id has not lost. An entry that lost one of its hashes, or
        whose key lost or was erased, leaves nothing but its key behind. The first contact of a report stays."""
        wrapped = {id_: self._cipher.wrap(id_, key) for id_, key in keys.items()}
        sealed = [self._cipher.seal(entry.report, entry.contact, entry.hashes) for entry in contacts]
        with self._writing():
            reports = [entry.report for entry in contacts]
            rows = by_ids(self._db, "select id, wrapped, sealed is not null from keys", "id", [*keys, *reports])
            present = {id_: (old, has_contact) for id_, old, has_contact in rows}
            lost = {
                id_
                for id_, (old, _) in present.items()
                if id_ in keys and old is not None and (old == _ERASED or self._cipher.unwrap(id_, old) != keys[id_])
            }
            closed = lost | {id_ for id_, (old, has_contact) in present.items() if has_contact or old == _ERASED}
            kept = self._write_hashes(contacts, sealed, closed, lost)
            self._write_rows(wrapped, kept, present)
        return lost

    def _write_hashes(
        self, contacts: Sequence[ContactEntry], sealed: Sequence[bytes], closed: set[str], lost: set[str]
    ) -> dict[str, bytes]:
        """The sealed contacts to store, by report; adds to `lost` every hash that belongs to another caller."""
        hashes = (hash_ for entry in contacts for hash_ in entry.hashes)
        owners: dict[str, str] = dict(by_ids(self._db, "select hash, caller from caller_hashes", "hash", hashes))
        kept: dict[str, bytes] = {}
        used = []
        for entry, blob in zip(contacts, sealed, strict=True):
            taken = {hash_ for hash_ in entry.hashes if owners.get(hash_, entry.caller) != entry.caller}
            lost |= taken
            if taken or entry.report in closed or entry.report in kept:
                continue
            kept[entry.report] = blob
            owners.update(dict.fromkeys(entry.hashes, entry.caller))
            used += [(hash_, entry.caller) for hash_ in dict.fromkeys(entry.hashes)]
        self._db.executemany("insert into caller_hashes values (?, ?, 1) on conflict (hash) do update set uses = uses + 1", used)
        return kept

    def _write_rows(
        self, wrapped: Mapping[str, bytes], kept: Mapping[str, bytes], present: Mapping[str, tuple[bytes | None, bool]]
    ) -> None:
        new, filled = [], []
        for id_ in {**wrapped, **kept}:
            if id_ not in present:
                new.append((id_, wrapped.get(id_), kept.get(id_)))
            elif id_ in kept or present[id_][0] is None:
                filled.append((wrapped.get(id_), kept.get(id_), id_))
        self._db.executemany("insert into keys values (?, ?, ?)", new)
        self._db.executemany("update keys set wrapped = coalesce(wrapped, ?), sealed = coalesce(sealed, ?) where id = ?", filled)

    def erase(self, report: str) -> None:
        """See the port. The marker is set even where there was no key, so that a later delivery stores nothing."""
        with self._writing():
            row = self._db.execute("select sealed from keys where id = ?", (report,)).fetchone()
            if row is not None and row[0] is not None:
                for hash_ in self._cipher.hashes(report, row[0]):
                    self._db.execute("update caller_hashes set uses = uses - 1 where hash = ?", (hash_,))
                    self._db.execute("delete from caller_hashes where hash = ? and uses < 1", (hash_,))
            self._db.execute("insert or replace into keys values (?, ?, null)", (report, _ERASED))
        with self._lock:  # the write-ahead log holds the page as it was; another reader may hold it a little longer
            self._db.execute("pragma wal_checkpoint (truncate)").fetchone()

    def erased(self) -> list[str]:
        """In order of id."""
        with self._lock:
            return [id_ for (id_,) in self._db.execute("select id from keys where wrapped = ? order by id", (_ERASED,))]

    def note_disclosure(self, report: str, reader: str, reason: str, at: datetime) -> None:
        for field, value in (("reason", reason), ("reader", reader)):
            if not value.strip():
                raise ContractError(field, "查看个人信息必须说明", "请填写查看人和查看理由")
        with self._writing():
            values = (at.isoformat(), reader, reason, report)
            self._db.execute("insert into disclosures (at, reader, reason, report) values (?, ?, ?, ?)", values)

    def contact(self, report: str, reader: str, reason: str, at: datetime) -> Mapping[str, str] | None:
        self.note_disclosure(report, reader, reason, at)  # whether or not there is a contact: who asked is what counts
        with self._lock:
            row = self._db.execute("select sealed from keys where id = ?", (report,)).fetchone()
        return None if row is None or row[0] is None else self._cipher.open(report, row[0])

    def disclosures(self, report: str = "") -> list[tuple[str, str, str, str]]:
        """(at, reader, reason, report) in the order of asking; of one report, or of all."""
        query = "select at, reader, reason, report from disclosures where report = ? or ? = '' order by sequence"
        with self._lock:
            return self._db.execute(query, (report, report)).fetchall()

    def keyed_hash(self, kind: str, value: str) -> str:
        return self._cipher.keyed_hash(kind, value)

    def compact(self) -> None:
        """Leaves no byte of what was erased in the files; with no other process at work."""
        with self._lock:
            self._db.execute("vacuum")
            (busy, _, _) = self._db.execute("pragma wal_checkpoint (truncate)").fetchone()
        if busy:
            raise PoolBusy("密钥库正被其他进程读取,未能清空日志;请停止其他进程后再试")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            try:
                self._db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                raise PoolBusy(f"密钥库正忙:{error};请稍后再试") from error
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise
