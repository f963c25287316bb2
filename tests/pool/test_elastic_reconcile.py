"""The comparison with the log on Elasticsearch: a copy of an embedded pool shows no drift, and damage is found."""

import time
from dataclasses import dataclass

import orjson
import pytest
from elastic_backend import STORED, ElasticBackend, new_backend

from console.push_rows import row_of
from pool.elastic.mapping import CLAIMS, EVENTS, PROBLEMS, REPORTS
from pool.elastic.store import ElasticStore
from pool.ports import Writes
from pool.reconcile import reconcile
from schemas.words import Channel, Mode, ProblemState, intake_topic
from streams.local.home import Home, open_home
from streams.local.session import Session

pytestmark = pytest.mark.usefixtures("elasticsearch")

MATTERS = ("路灯不亮", "停水了", "垃圾没人清运", "夜里施工很吵", "井盖坏了", "烧烤油烟")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Sixty messages, worked to the end."""
    home = open_home(tmp_path_factory.mktemp("pool"))
    rows = [
        {
            "id": f"m{n}", "user": f"u{n}", "title": MATTERS[n % 6], "time": f"2026-05-06T{n % 24:02d}:00:00",
            "text": f"望江花园{n // 9}栋门口{MATTERS[n % 6]}，请处理",
        }
        for n in range(60)
    ]  # fmt: skip
    with Session(home) as session:
        records = [row_of(orjson.dumps(row), Channel.MESSAGE, "push/message", Mode.LIVE) for row in rows]
        home.append(intake_topic(Channel.MESSAGE), records)
        session.work(lambda: False, drain=True)
    yield home
    home.close()


@dataclass
class Copy:
    home: Home
    backend: ElasticBackend

    def look(self):
        return reconcile(self.backend.store, self.home.vault.keys, self.home.pack)

    def damage(self, kind: str, id_: str, **fields: object) -> None:
        """Changes a document behind the application's back, as a failing disk would: it keeps its version."""
        elastic = self.backend.elastic
        path = f"/{elastic.name(kind)}/_doc/{id_}"
        _, found = elastic.request("GET", path)
        source = found["_source"]
        if "doc" in source:
            source["doc"] |= fields
        else:
            source |= fields
        elastic.request("PUT", path, source, params={"version": found["_version"], "version_type": "external_gte"})

    def remove(self, kind: str, id_: str) -> None:
        """Nothing is left that remembers its version."""
        elastic, name = self.backend.elastic, self.backend.elastic.name(kind)
        elastic.request("PUT", f"/{name}/_settings", {"index.gc_deletes": "0s"})
        elastic.request("DELETE", f"/{name}/_doc/{id_}", params={"refresh": "true"})
        time.sleep(0.5)  # the server's own clock for this goes in steps of 0.2 s
        elastic.refresh(kind)


@pytest.fixture
def pool(home):
    store = home.store
    with new_backend(STORED) as backend:
        backend.store = ElasticStore(backend.elastic, home.pack)
        backend.write(Writes(
            claims=list(store.claims(store.claim_ids()).values()),
            states=list(store.problems(store.state_ids()).values()),
            events=[(event.aggregate, event.version, event.line) for event in store.events_after(0, 10_000)],
            reports=list(store.report_documents(store.report_ids()).values()),
        ))  # fmt: skip
        yield Copy(home, backend)


def test_a_copy_of_an_embedded_pool_shows_no_drift(pool):
    found, embedded = pool.look(), reconcile(pool.home.store, pool.home.vault.keys, pool.home.pack)
    assert found.faults == []
    assert (found.aggregates, found.events, found.compared) == (embedded.aggregates, embedded.events, embedded.compared)
    assert found.compared > 100


def test_a_changed_field_and_missing_documents_are_found_named_and_mended(pool):
    store = pool.backend.store
    first, second = list(store.state_ids())[:2]
    report, (claim, other) = next(store.report_ids()), list(store.claim_ids())[:2]
    pool.damage(PROBLEMS, first, category="made-up")
    pool.damage(REPORTS, report, lead="made-up")
    pool.damage(CLAIMS, other, revision=9)
    pool.remove(PROBLEMS, second)
    pool.remove(CLAIMS, claim)
    found = pool.look()
    assert sorted(found.faults) == sorted([
        f"问题 {first} 的文档与事件记录不符,字段:category", f"问题 {second} 缺文档",
        f"来件 {report} 的文档与事件记录不符,字段:lead", f"登记 {claim} 缺文档",
        f"登记 {other} 的文档与事件记录不符,字段:revision",
    ])  # fmt: skip
    pool.backend.write(found.repairs)
    assert pool.look().faults == []


def test_changed_removed_and_forged_lines_of_the_log_are_found(pool):
    store = pool.backend.store
    one, two, three = [id_ for id_ in store.aggregates() if len(store.events_of(id_)) > 1][:3]
    line = store.events_of(one)[0].line.decode()
    pool.damage(EVENTS, f"{one}-1", line=line.replace('"at":"2', '"at":"3', 1))
    pool.remove(EVENTS, f"{two}-1")
    pool.remove(EVENTS, f"{three}-{len(store.events_of(three))}")
    faults = "\n".join(pool.look().faults)
    assert f"{one} 第 1 版事件与其哈希不符" in faults
    assert f"{two} 缺第 1 版事件" in faults
    assert f"问题 {three} 的文档是第" in faults


def test_a_made_up_problem_is_found(pool):
    store = pool.backend.store
    (state,) = store.problems([next(store.state_ids())]).values()
    forged = state.model_copy(update={"id": state.id[:5] + "0" * 24, "state": ProblemState.WAITING})
    store.write_states([forged])
    assert any(forged.id in fault for fault in pool.look().faults)
