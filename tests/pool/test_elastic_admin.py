"""Indices are made once whoever comes first, looked over, and swapped in one step."""

import threading

import pytest
from contract.samples import claims, document
from elastic_backend import new_backend, new_elastic

from pool.elastic.admin import check_indices, create_indices, drop_all, new_index, recall, remember, swap
from pool.elastic.mapping import CLAIMS, KINDS, MAPPING_VERSION, PROBLEMS, REPORTS, body_of
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from schemas.errors import PoolDamaged

pytestmark = pytest.mark.usefixtures("elasticsearch")


@pytest.fixture
def elastic():
    """Without indices."""
    with new_elastic() as elastic:
        yield elastic


@pytest.fixture
def backend():
    with new_backend() as backend:
        yield backend


def names(elastic: Elastic) -> dict[str, list[str]]:
    """Index -> its aliases, of all that begins with this pool's prefix."""
    _, found = elastic.request("GET", f"/{elastic.prefix}-*/_alias")
    return {name: list(index["aliases"]) for name, index in found.items()}


def test_every_kind_gets_an_index_behind_its_alias_and_a_second_time_changes_nothing(elastic):
    assert [fault for fault in check_indices(elastic) if "缺少别名" not in fault] == []
    assert len(check_indices(elastic)) == len(KINDS)
    create_indices(elastic)
    assert check_indices(elastic) == []
    made = names(elastic)
    assert made == {f"{elastic.name(kind)}-000001": [elastic.name(kind)] for kind in KINDS}
    create_indices(elastic)
    assert names(elastic) == made


def test_several_who_create_at_once_create_one_of_each(elastic):
    begin, failed = threading.Barrier(4), []

    def create() -> None:
        begin.wait()
        try:
            create_indices(elastic)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert check_indices(elastic) == []
    assert len(names(elastic)) == len(KINDS)


def test_what_does_not_fit_is_named_with_its_remedy(elastic):
    create_indices(elastic)
    alias = {kind: elastic.name(kind) for kind in KINDS}
    elastic.request("DELETE", f"/{alias[CLAIMS]}-000001/_alias/{alias[CLAIMS]}")
    other = body_of(PROBLEMS)
    other["mappings"]["_meta"]["mapping_version"] = MAPPING_VERSION + 1
    elastic.request("PUT", f"/{alias[PROBLEMS]}-000002", other)
    swap(elastic, {PROBLEMS: f"{alias[PROBLEMS]}-000002"})
    folded = body_of(REPORTS)
    folded["mappings"]["_meta"]["characters"] = "another"
    elastic.request("PUT", f"/{alias[REPORTS]}-000002", folded)
    swap(elastic, {REPORTS: f"{alias[REPORTS]}-000002"})
    elastic.request("PUT", f"/{elastic.prefix}-spare", {"aliases": {alias["events"]: {}}})
    elastic.request("DELETE", f"/{alias['outcomes']}-000001")
    elastic.request("PUT", f"/{alias['outcomes']}", {})
    faults = check_indices(elastic)
    assert [fault.split(";")[0] for fault in faults] == [
        f"缺少别名 {alias[CLAIMS]}",
        f"索引 {alias[PROBLEMS]}-000002 的结构是第 {MAPPING_VERSION + 1} 版,本程序是第 {MAPPING_VERSION} 版",
        f"索引 {alias[REPORTS]}-000002 按另一套文字折叠规则建立,会查不全",
        f"别名 {alias['events']} 指向多个索引:{alias['events']}-000001、{elastic.prefix}-spare",
        f"{alias['outcomes']} 是索引而不是别名",
    ]
    assert all("请" in fault.split(";")[1] for fault in faults)


def test_a_new_index_is_filled_beside_the_old_one_and_swapped_in(backend):
    elastic, store = backend.elastic, backend.store
    store.write_claims(claims(1))
    store.write_reports([document(1)])
    left = new_index(elastic, CLAIMS)
    new = {kind: new_index(elastic, kind) for kind in (CLAIMS, REPORTS)}
    assert [left, *new.values()] == [
        f"{elastic.name(CLAIMS)}-000002", f"{elastic.name(CLAIMS)}-000003", f"{elastic.name(REPORTS)}-000002",
    ]  # fmt: skip
    beside = ElasticStore(elastic.beside(new))
    assert beside.write_claims(claims(2)) == set()
    assert beside.write_reports([document(2)]) == {}
    assert (len(store.claims(c.id for c in claims(2))), len(beside.claims(c.id for c in claims(1)))) == (0, 0)
    swap(elastic, new)
    assert check_indices(elastic) == []
    assert [c.id for c in claims(1) if c.id in store.claims(c.id for c in claims(1))] == []
    assert set(store.claims(c.id for c in claims(2))) == {c.id for c in claims(2)}
    assert set(store.report_documents([document(2).id])) == {document(2).id}
    kept = names(elastic)
    assert len(kept) == len(KINDS)
    assert kept[new[CLAIMS]] == [elastic.name(CLAIMS)]
    assert store.write_claims(claims(3)) == set()


def test_no_reader_meets_a_kind_without_index_or_with_two_while_it_is_swapped(backend):
    store, elastic = backend.store, backend.elastic
    store.write_claims(claims(1))
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.append(len(store.claims([claims(1)[0].id])))
            except Exception as error:
                seen.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        name = new_index(elastic, CLAIMS)
        ElasticStore(elastic.beside({CLAIMS: name})).write_claims(claims(1))
        swap(elastic, {CLAIMS: name})
    stop.set()
    reader.join()
    assert set(seen) == {1}


def test_swapping_in_what_is_not_there_changes_nothing(backend):
    before = names(backend.elastic)
    with pytest.raises(PoolDamaged, match="没有索引"):
        swap(backend.elastic, {CLAIMS: f"{backend.elastic.name(CLAIMS)}-000009"})
    assert names(backend.elastic) == before


def test_what_was_remembered_first_stands(backend):
    elastic = backend.elastic
    assert recall(elastic, "city") is None
    assert remember(elastic, "city", "sample") == "sample"
    assert remember(elastic, "city", "other") == "sample"
    assert recall(elastic, "city") == "sample"
    for name, value in (("partitions", 8), ("clock", {"kind": "played", "start": None}), ("list", [1, "a", []])):
        assert remember(elastic, name, value) == recall(elastic, name) == value


def test_dropping_leaves_the_indices_of_others_alone(elastic):
    create_indices(elastic)
    elastic.request("PUT", f"/{elastic.prefix}-x-claims-000001", {})
    drop_all(elastic)
    assert list(names(elastic)) == [f"{elastic.prefix}-x-claims-000001"]
    elastic.request("DELETE", f"/{elastic.prefix}-x-claims-000001")
    drop_all(elastic)
