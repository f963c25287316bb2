"""Opens a pool on Elasticsearch: the store, and keys and contacts, checked before anything is worked."""

import os
from dataclasses import dataclass
from pathlib import Path

from city.pack import CityPack
from pool.elastic.admin import check_indices, recall
from pool.elastic.mapping import KINDS
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic, Patience
from pool.elastic.vault import ElasticVault
from pool.master_key import master_key
from pool.ports import Reader, Vault
from pool.vault import SqliteVault
from schemas.errors import PoolError
from streams.kafka.settings import Servers

KEY_FILE = "master.key"
VAULT_FILE = "vault.db"
VAULT = "WENTICHI_VAULT"
"""`file`: keys and contacts in a file of the pool's folder, for one machine; else in Elasticsearch, shared by all."""


class ElasticReader:
    """Port Reader: documents from Elasticsearch, keys and callers from the vault."""

    def __init__(self, store: ElasticStore, vault: Vault) -> None:
        self.claims = store.claims
        self.states = store.states
        self.problems = store.problems
        self.report_documents = store.report_documents
        self.match_entries = store.match_entries
        self.keys = vault.keys
        self.callers = vault.callers


@dataclass(slots=True)
class ElasticPool:
    """An open pool. The store may be used from several threads."""

    servers: Servers
    pack: CityPack
    elastic: Elastic
    store: ElasticStore
    search: ElasticSearch
    vault: Vault

    @property
    def reader(self) -> Reader:
        return ElasticReader(self.store, self.vault)

    def close(self) -> None:
        if isinstance(self.vault, SqliteVault):
            self.vault.close()
        self.elastic.close()


def open_elastic_pool(servers: Servers, pack: CityPack, folder: Path, *, patience: Patience | None = None) -> ElasticPool:
    """Raises PoolError: no indices yet, indices of another version, or the pool of another city."""
    elastic = Elastic(servers.elasticsearch, prefix=servers.prefix, patience=patience, access=servers.access)
    faults = check_indices(elastic)
    if len(faults) == len(KINDS):
        raise PoolError(f"Elasticsearch 里还没有问题池 {servers.prefix};首次使用请先运行 wentichi pool create")
    if faults:
        raise PoolError(f"Elasticsearch 里的问题池不能用:{';'.join(faults)};首次使用请先运行 wentichi pool create")
    city = recall(elastic, "city")
    if city is not None and city != pack.name:
        raise PoolError(f"这个池属于城市“{city}”,现在的配置包是“{pack.name}”;请用原来的配置包(WENTICHI_PACK)")
    return ElasticPool(servers, pack, elastic, ElasticStore(elastic, pack), ElasticSearch(elastic), open_vault(elastic, folder))


def open_vault(elastic: Elastic, folder: Path, *, create: bool = False) -> Vault:
    """create: makes a master key in the folder where neither the environment nor a file has one."""
    if os.environ.get(VAULT) == "file":
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = master_key(folder / KEY_FILE, create=create or not (folder / VAULT_FILE).exists())
        return SqliteVault(folder / VAULT_FILE, key)
    return ElasticVault(elastic, master_key(folder / KEY_FILE, create=create))
