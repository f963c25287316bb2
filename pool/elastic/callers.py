"""Which caller a keyed hash belongs to: an index that follows from the contacts, kept by whoever writes or erases one.

A hash is written only after the contact that names it stands in `keys`, and taken away only when no contact names it. So
what an erasure must take away is found from its contact, and a search of `keys` tells whether a hash is still used.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pool.elastic.mapping import CALLERS, KEYS
from pool.elastic.transport import Elastic
from pool.elastic.versioned import Versioned

_AT_ONCE: Final = 1_000


class Callers:
    """keyed hash -> caller. Usable from several threads."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._hashes = Versioned(elastic, CALLERS)

    def read(self, hashes: Iterable[str]) -> dict[str, str]:
        wanted = dict.fromkeys(hashes)
        if not wanted:
            return {}
        return {hash_: str(source["caller"]) for hash_, source in self._elastic.mget(CALLERS, wanted).items()}

    def claim(self, wanted: Mapping[str, str]) -> tuple[set[str], dict[str, str]]:
        """(hashes that this call wrote, owner of every hash): the first to write a hash has it."""
        written: set[str] = set()
        owners: dict[str, str] = {}
        while missing := {hash_: caller for hash_, caller in wanted.items() if hash_ not in owners}:
            created = self._hashes.create({hash_: {"caller": caller} for hash_, caller in missing.items()})
            written |= created
            owners.update({hash_: missing[hash_] for hash_ in created})
            owners.update(self.read(missing.keys() - created))  # one that was released in between is claimed again
        return written, owners

    def release(self, hashes: Iterable[str]) -> None:
        """Takes away those that no contact uses.

        Asked before, so that what is used never disappears, and again after: a writer whose contact came between the
        question and the deletion may have found the hash still there. It gets it back, unless in these milliseconds a third one
        has claimed it: then one person goes under two caller ids, and nothing else comes of it.
        """
        wanted = sorted(set(hashes))
        for first in range(0, len(wanted), _AT_ONCE):
            seen = self._hashes.read(wanted[first : first + _AT_ONCE])
            gone = self._hashes.delete({hash_: seen[hash_] for hash_ in seen.keys() - self._used(seen)})
            self._hashes.create({hash_: seen[hash_].source for hash_ in self._used(gone)})

    def sweep(self) -> None:
        """Releases what a crash between two requests left unused."""
        page: list[str] = []
        for hash_, _ in self._hashes.scan({"match_all": {}}):
            page.append(hash_)
            if len(page) == _AT_ONCE:
                self.release(page)
                page = []
        self.release(page)

    def _used(self, hashes: Iterable[str]) -> set[str]:
        """Those that a contact names which is not erased."""
        wanted = list(hashes)
        if not wanted:
            return set()
        self._elastic.refresh(KEYS)
        body = {
            "size": 0,
            "query": {"bool": {"filter": [{"terms": {"hashes": wanted}}, {"term": {"erased": False}}]}},
            "aggs": {"used": {"terms": {"field": "hashes", "include": wanted, "size": len(wanted)}}},
        }
        return {str(bucket["key"]) for bucket in self._elastic.search(KEYS, body)["aggregations"]["used"]["buckets"]}
