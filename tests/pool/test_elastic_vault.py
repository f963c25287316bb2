"""The vault on a real Elasticsearch: what the port says, and what several machines and an erasure do to each other."""

import multiprocessing
import os
import threading

import orjson
import pytest
from contract.samples import START
from contract.vault_contract import KEY, OTHER, VaultContract, entry
from elastic_backend import elasticsearch_url, new_elastic

from pool.elastic.admin import create_indices
from pool.elastic.mapping import CALLERS, DISCLOSURES, KEYS, META
from pool.elastic.transport import Elastic
from pool.elastic.vault import ElasticVault
from pool.elastic.versioned import Versioned
from pool.ports import ContactEntry
from schemas.errors import KeyMissing, PoolDamaged, PoolError

pytestmark = pytest.mark.usefixtures("elasticsearch")

MASTER = bytes(range(32))


@pytest.fixture
def elastic():
    with new_elastic() as elastic:
        create_indices(elastic)
        yield elastic


@pytest.fixture
def vault(elastic):
    return ElasticVault(elastic, MASTER)


class TestElasticVault(VaultContract):
    @pytest.fixture
    def vault(self, elastic):
        return ElasticVault(elastic, MASTER)


class Interrupted(Exception):
    """The process ends here."""


class Meanwhile(Elastic):
    """Does `then` once, right before the first bulk whose first item has `action` on `kind`: another machine, or the end."""

    kind = action = ""

    def bulk(self, operations, *, refresh=False):
        head = orjson.loads(operations[0][0]) if self.action else {}
        if head.get(self.action, {}).get("_index") == self.name(self.kind):
            self.action = ""
            self.then()
        return super().bulk(operations, refresh=refresh)


@pytest.fixture
def meanwhile(elastic):
    other = Meanwhile(elasticsearch_url(), prefix=elastic.prefix)

    def vault(kind, action, then):
        vault = ElasticVault(other, MASTER)
        other.kind, other.action, other.then = kind, action, then
        return vault

    yield vault
    other.close()


def die():
    raise Interrupted


def everything(elastic, kinds=(KEYS, CALLERS, DISCLOSURES, META)) -> str:
    elastic.refresh(*kinds)
    return "".join(str(elastic.search(kind, {"size": 1000, "seq_no_primary_term": True})["hits"]["hits"]) for kind in kinds)


def test_nothing_that_the_server_returns_is_readable_without_the_master_key(vault, elastic):
    vault.write({"r1": KEY}, [entry("r1", "k1", vault.keyed_hash("phone", "13000000000"))])
    vault.contact("r1", "clerk-7", "回访", START)
    shown = everything(elastic)
    assert "r1" in shown
    assert "clerk-7" in shown
    assert not any(word in shown for word in (KEY.decode(), KEY.hex(), "13000000000", "甲某", MASTER.hex()))


def test_another_master_key_is_noticed(vault, elastic):
    with pytest.raises(KeyMissing, match="不是密钥库"):
        ElasticVault(elastic, b"x" * 32)
    with pytest.raises(KeyMissing, match="32 字节"):
        ElasticVault(elastic, b"short")


def test_another_master_key_is_noticed_where_only_the_keys_came_back_from_a_backup(vault, elastic):
    vault.write({"r1": KEY}, [])
    vault.erase("r0")
    elastic.request("DELETE", f"/{elastic.name(META)}/_doc/vault")
    with pytest.raises(KeyMissing, match="打不开"):
        ElasticVault(elastic, b"x" * 32)
    assert ElasticVault(elastic, MASTER).keys(["r1"]) == {"r1": KEY}


def test_a_vault_of_a_newer_version_is_refused(vault, elastic):
    meta = Versioned(elastic, META)
    seen = meta.read(["vault"])["vault"]
    assert meta.replace({"vault": ({"doc": {"value": seen.source["doc"]["value"] | {"schema": 99}}}, seen)})
    with pytest.raises(PoolError, match="更新的版本"):
        ElasticVault(elastic, MASTER)


def test_a_wrapped_key_serves_only_the_id_it_was_made_for(vault, elastic):
    vault.write({"r1": KEY, "r2": OTHER}, [])
    keys = Versioned(elastic, KEYS)
    seen = keys.read(["r1", "r2"])
    keys.replace({"r1": (seen["r2"].source, seen["r1"])})
    with pytest.raises(PoolDamaged, match="r1"):
        vault.keys(["r1"])


def test_ids_with_colons_points_and_chinese_are_ids(vault):
    ids = ["dead:intake.message-0-5.1", "p/1 2?", "网格-7"]
    assert vault.write(dict.fromkeys(ids, KEY), []) == set()
    vault.erase(ids[0])
    assert vault.keys(ids) == {ids[0]: None, ids[1]: KEY, ids[2]: KEY}


def test_who_was_shown_a_contact_is_logged_in_the_order_of_asking(vault):
    vault.write({"r1": KEY}, [entry("r1")])
    for number in range(12):
        vault.contact("r1", f"clerk-{number}", "回访", START)
    vault.contact("r2", "clerk-8", "核实", START)
    assert [(reader, report) for _, reader, _, report in vault.disclosures()] == [
        *((f"clerk-{number}", "r1") for number in range(12)), ("clerk-8", "r2"),
    ]  # fmt: skip
    assert vault.disclosures("r2") == [("2026-02-26T15:00:00.000000+00:00", "clerk-8", "核实", "r2")]


def test_after_compacting_the_segments_hold_nothing_deleted_and_no_hash_without_a_contact(vault, elastic):
    hash_ = vault.keyed_hash("phone", "13000000000")
    vault.write({f"r{n}": KEY for n in range(50)}, [entry("r1", "caller-to-forget", hash_), entry("r2", "k2", "h2")])
    vault.erase("r1")
    Versioned(elastic, CALLERS).create({"left by a crash": {"caller": "k9"}})
    deleted = f"/{elastic.name(KEYS)},{elastic.name(CALLERS)}/_stats/docs"
    elastic.refresh(KEYS, CALLERS)
    assert elastic.request("GET", deleted)[1]["_all"]["total"]["docs"]["deleted"] > 0
    vault.compact()
    assert elastic.request("GET", deleted)[1]["_all"]["total"]["docs"]["deleted"] == 0
    assert not any(trace in everything(elastic) for trace in ("caller-to-forget", hash_))
    assert vault.keys(["r1", "r2"]) == {"r1": None, "r2": KEY}
    assert vault.callers(["h2", "left by a crash"]) == {"h2": "k2"}


def _write_many(url: str, prefix: str, caller: str) -> None:
    """Ten batches as intake writes them: what is stored is used, what is not is drawn, and what lost runs again."""
    elastic = Elastic(url, prefix=prefix)
    vault = ElasticVault(elastic, MASTER)
    for number in range(10):
        ids = [f"r{number}-{n}" for n in range(40)]
        lost = {"not tried yet"}
        while lost:
            keys = {id_: os.urandom(32) for id_ in ids} | vault.keys(ids)
            owner = vault.callers([f"h-{number}"]).get(f"h-{number}", caller)
            lost = vault.write(keys, [ContactEntry(id_, owner, (f"h-{number}",), {"phone": id_}) for id_ in ids])
            stored = vault.keys(ids)
            assert all((stored[id_] == key) == (id_ not in lost) for id_, key in keys.items())
    elastic.close()


def test_several_processes_write_at_once_and_each_key_and_hash_has_one_winner(vault, elastic):
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=_write_many, args=(elasticsearch_url(), elastic.prefix, f"k{n}")) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(90)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    ids = [f"r{number}-{n}" for number in range(10) for n in range(40)]
    assert len(vault.keys(ids)) == 400
    callers = vault.callers(f"h-{number}" for number in range(10))
    assert len(callers) == 10
    assert set(callers.values()) <= {"k0", "k1", "k2"}
    assert all(vault.contact(id_, "a", "b", START) == {"phone": id_} for id_ in ids[::40])


def test_two_workers_with_the_same_batch_end_with_one_key_one_contact_and_one_caller(elastic):
    ids = [f"r{n}" for n in range(300)]

    def work(name):
        vault = ElasticVault(elastic, MASTER)
        while True:  # as intake does: what is stored is used, what is not is drawn
            stored, known = vault.keys(ids), vault.callers(f"h-{id_}" for id_ in ids)
            keys = {id_: os.urandom(32) for id_ in ids if id_ not in stored}
            if not vault.write(keys, [entry(id_, known.get(f"h-{id_}", f"{name}-{id_}"), f"h-{id_}") for id_ in ids]):
                results.append(stored | keys)
                return

    results = []
    workers = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    vault = ElasticVault(elastic, MASTER)
    assert results == [vault.keys(ids), vault.keys(ids)]
    assert len(vault.callers(f"h-{id_}" for id_ in ids)) == 300
    stored = Versioned(elastic, KEYS).read(ids)
    assert all(stored[id_].source["hashes"] == [f"h-{id_}"] for id_ in ids)


def test_an_erasure_before_the_key_is_written_wins(vault, meanwhile):
    writer = meanwhile(KEYS, "create", lambda: vault.erase("r1"))
    assert writer.write({"r1": KEY, "r2": KEY}, [entry("r1"), entry("r2", "k2", "h2")]) == {"r1"}
    assert vault.keys(["r1", "r2"]) == {"r1": None, "r2": KEY}
    assert vault.callers(["h1", "h2"]) == {"h2": "k2"}


def test_an_erasure_between_contact_and_hash_wins(vault, meanwhile):
    writer = meanwhile(CALLERS, "create", lambda: vault.erase("r1"))
    writer.write({"r1": KEY, "r2": KEY}, [entry("r1"), entry("r2", "k2", "h2")])
    assert vault.keys(["r1"]) == {"r1": None}
    assert vault.callers(["h1", "h2"]) == {"h2": "k2"}


def test_an_erasure_wins_against_a_contact_that_is_added_to_a_key(vault, meanwhile, elastic):
    vault.write({"r1": KEY}, [])
    writer = meanwhile(KEYS, "index", lambda: vault.erase("r1"))
    writer.write({"r1": KEY}, [entry("r1")])
    assert Versioned(elastic, KEYS).read(["r1"])["r1"].source == {"erased": True}
    assert vault.callers(["h1"]) == {}


def test_a_contact_that_comes_while_its_caller_is_forgotten_keeps_the_caller(vault, meanwhile):
    vault.write({"r1": KEY}, [entry("r1")])
    eraser = meanwhile(CALLERS, "delete", lambda: vault.write({"r2": KEY}, [entry("r2")]))
    eraser.erase("r1")
    assert vault.callers(["h1"]) == {"h1": "k1"}
    vault.erase("r2")
    assert vault.callers(["h1"]) == {}


def test_a_contact_written_at_the_same_moment_by_another_caller_is_taken_back(vault, meanwhile):
    writer = meanwhile(CALLERS, "create", lambda: vault.write({"r1": KEY}, [entry("r1", "k1", "h1")]))
    assert writer.write({"r2": KEY}, [entry("r2", "k2", "h1", "h2")]) == {"h1"}
    assert vault.keys(["r1", "r2"]) == {"r1": KEY, "r2": KEY}
    assert vault.callers(["h1", "h2"]) == {"h1": "k1"}
    assert vault.contact("r2", "a", "b", START) is None


@pytest.mark.parametrize("step", [(KEYS, "create"), (CALLERS, "create")])
def test_after_a_crash_between_two_requests_the_same_batch_completes(vault, meanwhile, step):
    writer = meanwhile(*step, die)
    with pytest.raises(Interrupted):
        writer.write({"r1": KEY}, [entry("r1", "drawn-first")])
    key = vault.keys(["r1"]).get("r1", KEY)
    assert vault.write({"r1": key}, [entry("r1", vault.callers(["h1"]).get("h1", "drawn-again"))]) == set()
    assert vault.keys(["r1"]) == {"r1": KEY}
    assert vault.callers(["h1"]) == {"h1": "drawn-again"}
    vault.erase("r1")
    assert vault.callers(["h1"]) == {}


def test_an_erasure_that_was_cut_short_forgets_no_hash(vault, meanwhile):
    vault.write({"r1": KEY}, [entry("r1")])
    with pytest.raises(Interrupted):
        meanwhile(CALLERS, "delete", die).erase("r1")
    assert vault.keys(["r1"]) == {"r1": None}
    assert vault.contact("r1", "a", "b", START) is None
    vault.erase("r1")
    assert vault.callers(["h1"]) == {}
