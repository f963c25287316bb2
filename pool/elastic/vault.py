"""Port Vault on Elasticsearch: keys, contacts and callers that several machines share. Same meaning as SqliteVault.

`keys` has one document per report or problem: wrapped key, sealed contact and the contact's keyed hashes, or the marker of an
erasure. To create it is the commit: key and contact stand together or not at all, and the first to create it has won.
`callers` (hash -> caller) follows from it and is written after it. The other order was not chosen: two workers with the same
batch would each win some hashes and some keys, and a crash between the two requests would leave hashes that no contact
names, so that no erasure could find them.

Every order of two writers and every crash, with C = create in `keys`, H = create in `callers`:
- Same report twice: one C wins. The other reads what stands: the same key is no loss, another is; only the entry whose
  contact stands goes on to H, with the hashes that stand.
- Different reports, one hash, two caller ids: one H wins. The other takes its contact back (as last seen, so it undoes
  only its own) and releases the hashes it wrote. Until then, for milliseconds, its contact can be read.
- Crash after C: the batch runs again with the stored key, finds its contact and does H. Crash before a contact was
  taken back: it runs again with the hash's owner, to whom the contact then belongs.
- An erasure before C: C fails and the marker is found. Between C and H: the writer looks once more at the reports for which H
  wrote something new, and releases the hashes of those that are erased. After H: the erasure finds the hashes in the document.
- A crash within that last look, or before a loser's release, leaves a hash that no contact names: a keyed hash and a random
  id; the next report of that caller uses it, and `compact` takes it away.
What is erased stays erased: every change of a document names the state that was read (if_seq_no), so a writer that read the key
before the erasure is refused and reads the marker.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from pool.elastic.admin import recall, remember
from pool.elastic.callers import Callers
from pool.elastic.expunge import expunge
from pool.elastic.mapping import CALLERS, DISCLOSURES, KEYS
from pool.elastic.transport import Elastic
from pool.elastic.versioned import Source, Versioned
from pool.ports import ContactEntry
from pool.seal import VaultCipher
from schemas.errors import ContractError, KeyMissing, PoolDamaged, PoolError

SCHEMA_VERSION: Final = 1
CHECK: Final = "vault"
_ERASED: Final[Source] = {"erased": True}


class ElasticVault:
    """May be used from several threads. Raises KeyMissing when the master key is not this vault's."""

    def __init__(self, elastic: Elastic, master_key: bytes) -> None:
        self.elastic: Final = elastic
        self._cipher = VaultCipher(master_key)
        self.check: Final = self._cipher.check
        """Tells this master key from another without giving it away."""
        self._keys = Versioned(elastic, KEYS)
        self._callers = Callers(elastic)
        self._check_master_key()

    def _check_master_key(self) -> None:
        """The first vault of a pool leaves a value that only its master key gives; no other key may write beside it.

        Keys without that value (a vault restored by itself) are asked first, or a wrong key could take their place.
        """
        stored = recall(self.elastic, CHECK)
        if stored is None:
            self._check_a_stored_key()
            stored = remember(self.elastic, CHECK, {"check": self.check, "schema": SCHEMA_VERSION})
        if stored["schema"] > SCHEMA_VERSION:
            raise PoolError(f"密钥库 {self._name} 由更新的版本建立(结构 {stored['schema']});请升级本程序")
        if stored["check"] != self.check:
            raise KeyMissing(f"主密钥不是密钥库 {self._name} 的主密钥;请使用建立该问题池时的主密钥")

    def _check_a_stored_key(self) -> None:
        for id_, source in self._keys.scan({"term": {"erased": False}}):
            if "wrapped" in source:
                try:
                    self._cipher.unwrap(id_, b64decode(source["wrapped"]))
                except PoolDamaged as error:
                    raise KeyMissing(f"主密钥打不开密钥库 {self._name} 中已有的密钥;请使用建立该问题池时的主密钥") from error
                return

    @property
    def _name(self) -> str:
        return self.elastic.name(KEYS)

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]:
        found = self.elastic.mget(KEYS, ids, "wrapped,erased")
        return {id_: self._key(id_, source) for id_, source in found.items() if source["erased"] or "wrapped" in source}

    def callers(self, hashes: Iterable[str]) -> dict[str, str]:
        return self._callers.read(hashes)

    def write(self, keys: Mapping[str, bytes], contacts: Sequence[ContactEntry]) -> set[str]:
        """See the port. The same key written twice under one id has not lost. An entry that lost one of its hashes, or
        whose key lost or was erased, leaves nothing but its key behind. The first contact of a report stays."""
        entries, lost = _agreeing(contacts)
        drafts = {id_: self._draft(id_, keys.get(id_), entries.get(id_)) for id_ in {**keys, **entries}}
        stored = self._settle(drafts, keys)
        refused = {id_ for id_, key in keys.items() if stored[id_] is not drafts[id_] and self._key(id_, stored[id_]) != key}
        standing = {id_: set(stored[id_].get("hashes", ())) for id_ in entries.keys() - refused if "sealed" in stored[id_]}
        wanted = {
            hash_: entries[id_].caller for id_, hashes in standing.items() for hash_ in entries[id_].hashes if hash_ in hashes
        }
        written, owners = self._callers.claim(wanted)
        owners |= self._callers.read({hash_ for entry in entries.values() for hash_ in entry.hashes} - wanted.keys())
        taken = {id_: _taken(entry, owners) for id_, entry in entries.items()}
        losers = {id_ for id_ in standing if taken[id_]}
        self._take_back({id_: drafts[id_] for id_ in losers})
        gone = self._erased_of({id_ for id_ in standing.keys() - losers if standing[id_] & written})
        self._callers.release({hash_ for id_ in losers | gone for hash_ in standing[id_] & written})
        return lost.union(refused, *taken.values())

    def _draft(self, id_: str, key: bytes | None, entry: ContactEntry | None) -> Source:
        draft: Source = {"erased": False}
        if key is not None:
            draft["wrapped"] = b64encode(self._cipher.wrap(id_, key)).decode()
        if entry is not None:
            draft["sealed"] = b64encode(self._cipher.seal(id_, entry.contact, entry.hashes)).decode()
            draft["hashes"] = list(dict.fromkeys(entry.hashes))
        return draft

    def _settle(self, drafts: Mapping[str, Source], keys: Mapping[str, bytes]) -> dict[str, Source]:
        """What stands under every id, with whatever of the drafts could be added to it; a new one is the draft itself."""
        stored: dict[str, Source] = {}
        fresh = dict(drafts)
        while True:
            stored.update({id_: fresh[id_] for id_ in self._keys.create(fresh)})
            waiting = drafts.keys() - stored.keys()
            if not waiting:
                return stored
            changes = {}
            seen = self._keys.read(waiting)
            for id_, old in seen.items():
                merged = self._merged(id_, old.source, drafts[id_], keys.get(id_))
                if merged == old.source:
                    stored[id_] = merged
                else:
                    changes[id_] = (merged, old)
            stored.update({id_: changes[id_][0] for id_ in self._keys.replace(changes)})
            fresh = {id_: drafts[id_] for id_ in waiting - stored.keys() if id_ not in seen}

    def _merged(self, id_: str, old: Source, draft: Source, key: bytes | None) -> Source:
        if old["erased"] or ("wrapped" in old and key is not None and self._key(id_, old) != key):
            return old
        if "sealed" in old:
            draft = {name: value for name, value in draft.items() if name not in ("sealed", "hashes")}
        return draft | old

    def _key(self, id_: str, source: Source) -> bytes | None:
        return None if source["erased"] else self._cipher.unwrap(id_, b64decode(source["wrapped"]))

    def _take_back(self, drafts: Mapping[str, Source]) -> None:
        """Removes the contacts that this writer stored; what stood before, or was erased since, is left as it is."""
        waiting = set(drafts)
        while waiting:
            found = self._keys.read(waiting)
            own = {id_: seen for id_, seen in found.items() if seen.source.get("sealed") == drafts[id_]["sealed"]}
            keyed = {id_: seen for id_, seen in own.items() if "wrapped" in seen.source}
            done = self._keys.replace({id_: (_only_key(seen.source), seen) for id_, seen in keyed.items()})
            done |= self._keys.delete({id_: seen for id_, seen in own.items() if id_ not in keyed})
            waiting = own.keys() - done

    def _erased_of(self, ids: set[str]) -> set[str]:
        found = self.elastic.mget(KEYS, ids, "erased") if ids else {}
        return {id_ for id_ in ids if id_ not in found or found[id_]["erased"]}

    def erase(self, report: str) -> None:
        """See the port. The marker is set even where there was no key, so that a later delivery stores nothing.

        First the marker, which keeps the hashes so that a crash forgets none of them, then the hashes, then the bare marker.
        """
        while True:
            seen = self._keys.read([report]).get(report)
            if seen is None:
                if self._keys.create({report: _ERASED}):
                    return
                continue
            hashes = seen.source.get("hashes", [])
            if not seen.source["erased"]:
                self._keys.replace({report: (_ERASED | ({"hashes": hashes} if hashes else {}), seen)})
            elif hashes:
                self._callers.release(hashes)
                self._keys.replace({report: (_ERASED, seen)})
            else:
                return

    def erased(self) -> list[str]:
        """In order of id."""
        return sorted(id_ for id_, _ in self._keys.scan({"term": {"erased": True}}))

    def note_disclosure(self, report: str, reader: str, reason: str, at: datetime) -> None:
        for field, value in (("reason", reason), ("reader", reader)):
            if not value.strip():
                raise ContractError(field, "查看个人信息必须说明", "请填写查看人和查看理由")
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        asked = {"at": moment, "reader": reader, "reason": reason, "report": report}
        Versioned(self.elastic, DISCLOSURES).create({secrets.token_hex(16): asked})

    def contact(self, report: str, reader: str, reason: str, at: datetime) -> Mapping[str, str] | None:
        self.note_disclosure(report, reader, reason, at)  # whether or not there is a contact: who asked is what counts
        source = self.elastic.mget(KEYS, [report]).get(report)
        if source is None or "sealed" not in source:
            return None
        return self._cipher.open(report, b64decode(source["sealed"]))

    def disclosures(self, report: str = "") -> list[tuple[str, str, str, str]]:
        """(at, reader, reason, report) in the order of asking, `at` in UTC; of one report, or of all."""
        query = {"term": {"report": report}} if report else {"match_all": {}}
        rows = Versioned(self.elastic, DISCLOSURES).scan(query, ("at", "_seq_no"))
        return [(row["at"], row["reader"], row["reason"], row["report"]) for _, row in rows]

    def keyed_hash(self, kind: str, value: str) -> str:
        return self._cipher.keyed_hash(kind, value)

    def compact(self) -> None:
        """Leaves no byte of what was erased in the segments; others may be at work. May take a minute (see `expunge`)."""
        self._callers.sweep()
        expunge(self.elastic, KEYS, CALLERS)


def _agreeing(contacts: Sequence[ContactEntry]) -> tuple[dict[str, ContactEntry], set[str]]:
    """(first contact of every report, hashes that an earlier entry of the batch has under another caller)."""
    entries: dict[str, ContactEntry] = {}
    owners: dict[str, str] = {}
    lost: set[str] = set()
    for entry in contacts:
        taken = _taken(entry, owners)
        lost |= taken
        if not taken and entry.report not in entries:
            entries[entry.report] = entry
            owners.update(dict.fromkeys(entry.hashes, entry.caller))
    return entries, lost


def _taken(entry: ContactEntry, owners: Mapping[str, str]) -> set[str]:
    return {hash_ for hash_ in entry.hashes if owners.get(hash_, entry.caller) != entry.caller}


def _only_key(source: Source) -> Source:
    return {"erased": False, "wrapped": source["wrapped"]}
