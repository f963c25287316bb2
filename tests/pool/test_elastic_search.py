"""Elasticsearch answers as the port Search says, and as SQLite does."""

import base64
import random
from datetime import timedelta

import orjson
import pytest
from contract.hostile_query_contract import HostileQueryContract
from contract.samples import START, content, document
from contract.search_contract import CORPUS, SearchContract, ids, random_query, random_scope
from elastic_backend import new_backend

from pool.elastic.mapping import REPORTS
from pool.ports import Writes
from pool.query import Facet, Filters, Interval, Query, Sort
from pool.scope import ALL

pytestmark = pytest.mark.usefixtures("elasticsearch")


@pytest.fixture(scope="module")
def full_elastic_backend():
    with new_backend() as backend:
        backend.write(Writes(reports=CORPUS))
        yield backend


class TestElasticSearch(SearchContract, HostileQueryContract):
    @pytest.fixture
    def backend(self):
        with new_backend() as backend:
            yield backend

    @pytest.fixture
    def full(self, full_elastic_backend):
        return full_elastic_backend


class TestSameAsSqlite:
    @pytest.mark.parametrize("seed", range(200))
    def test_both_back_ends_give_the_same_answer(self, full_elastic_backend, full_sqlite_backend, seed):
        draw = random.Random(seed)
        query, scope = random_query(draw), random_scope(draw)
        asked = Query(query.text, query.filters, draw.choice([Sort.NEWEST, Sort.OLDEST]), query.limit)
        elastic, sqlite = full_elastic_backend.search, full_sqlite_backend.search
        one, other = elastic.search(asked, scope), sqlite.search(asked, scope)
        assert (one.total, ids(one.hits)) == (other.total, ids(other.hits))
        assert [hit.report for hit in one.hits] == [hit.report for hit in other.hits]
        by_relevance, its = elastic.search(query, scope), sqlite.search(query, scope)
        assert (by_relevance.total, sorted(ids(by_relevance.hits))) == (its.total, sorted(ids(its.hits)))
        for limit in (3, 1000):
            facets = sqlite.facets(query, list(Facet), scope, limit)
            assert elastic.facets(query, list(Facet), scope, limit) == facets
            assert elastic.search_and_facets(query, list(Facet), scope, limit) == (by_relevance, facets)
        for interval in Interval:
            assert elastic.histogram(query, interval, scope) == sqlite.histogram(query, interval, scope)
        assert elastic.stats(scope) == sqlite.stats(scope)

    @pytest.mark.parametrize("number", range(20))
    def test_both_find_the_same_reports_alike(self, full_elastic_backend, full_sqlite_backend, number):
        """With as many candidates as there are reports; among fewer each takes those it ranks first."""
        one, other = (
            [(report.id, likeness) for report, likeness in backend.search.similar(CORPUS[number].id, ALL, limit=1000)]
            for backend in (full_elastic_backend, full_sqlite_backend)
        )
        assert dict(one) == pytest.approx(dict(other))
        assert len(one) > 20

    def test_distances_and_pages_by_distance_are_the_same_to_the_last_digit(self, full_elastic_backend, full_sqlite_backend):
        filters = Filters(near=(120.1, 30.1, 9000.0))
        walks = []
        for backend in (full_elastic_backend, full_sqlite_backend):
            hits, cursor = [], ""
            while True:
                page = backend.search.search(Query(filters=filters, sort=Sort.DISTANCE, limit=11, cursor=cursor), ALL)
                hits += [(hit.report.id, hit.distance) for hit in page.hits]
                cursor = page.cursor
                if not cursor:
                    break
            walks.append(hits)
        assert walks[0] == walks[1]
        assert len(walks[0]) > 33


@pytest.fixture
def pool():
    with new_backend() as backend:
        yield backend


class TestEdges:
    def test_a_circle_and_a_box_hold_what_lies_on_their_edge_and_nothing_beyond(self, pool):
        draw = random.Random(3)
        places = [(120.0 + draw.random(), 30.0 + draw.random()) for _ in range(60)]
        reports = [document(n, content=content(str(n), lon=lon, lat=lat)) for n, (lon, lat) in enumerate(places)]
        pool.write(Writes(reports=reports))
        for report, (lon, lat) in zip(reports, places, strict=True):
            far = pool.search.search(Query(filters=Filters(near=(120.5, 30.5, 200_000.0)), limit=1000), ALL).hits
            (radius,) = (hit.distance for hit in far if hit.report.id == report.id)
            for metres, inside in ((radius, True), (radius - 1e-6, False), (radius + 1e-6, True)):
                page = pool.search.search(Query(filters=Filters(near=(120.5, 30.5, metres)), limit=1000), ALL)
                assert (report.id in ids(page.hits)) is inside
                assert page.total == pool.search.count(Query(filters=Filters(near=(120.5, 30.5, metres))), ALL)
            for box, inside in (((lon, lat, lon, lat), True), ((lon + 1e-12, 30.0, 121.0, 31.0), False)):
                assert (report.id in ids(pool.search.search(Query(filters=Filters(box=box), limit=100), ALL).hits)) is inside

    def test_the_ends_of_the_earth_are_on_it(self, pool):
        corners = [(-180.0, -90.0), (180.0, 90.0), (180.0, 0.0), (0.0, 90.0), (0.0, 0.0)]
        reports = [document(n, content=content(str(n), lon=lon, lat=lat)) for n, (lon, lat) in enumerate(corners)]
        pool.write(Writes(reports=reports))
        assert pool.search.count(Query(filters=Filters(box=(-180.0, -90.0, 180.0, 90.0))), ALL) == 5
        assert pool.search.count(Query(filters=Filters(near=(0.0, 0.0, 30_000_000.0))), ALL) == 5
        assert pool.search.count(Query(filters=Filters(near=(-180.0, 0.0, 1.0))), ALL) == 1
        assert pool.search.count(Query(filters=Filters(near=(0.0, 0.0, 1e-9))), ALL) == 1


class TestWalks:
    def test_reports_of_one_moment_come_by_id_on_whatever_page_they_are(self, pool):
        reports = [document(n, time=START + timedelta(minutes=n % 3)) for n in range(30)]
        pool.write(Writes(reports=reports))
        for sort, ahead in ((Sort.NEWEST, -1), (Sort.OLDEST, 1)):
            expected = [r.id for r in sorted(reports, key=lambda r: (ahead * r.time.timestamp(), r.id))]
            for limit in (1, 3, 10, 29):
                walked, cursor = [], ""
                while len(walked) < 30:
                    page = pool.search.search(Query(sort=sort, limit=limit, cursor=cursor), ALL)
                    assert page.total == 30
                    walked += ids(page.hits)
                    cursor = page.cursor
                assert (walked, cursor) == (expected, ""), (sort, limit)

    @pytest.mark.parametrize("text", ["路", "路灯", "路灯井", "路 井", "路灯 井", "路灯井 灯井 井路灯"])
    def test_a_walk_by_relevance_neither_loses_nor_doubles_whatever_is_written_meanwhile(self, pool, text):
        texts = ["路灯井盖", "路灯井路灯井", "别的", "路灯井路灯井路灯井"]
        old = [document(n, content=content(str(n), title=texts[n % 3], text=texts[n % 4])) for n in range(60)]
        pool.write(Writes(reports=old))
        whole = ids(pool.search.search(Query(text, limit=1000), ALL).hits)
        assert 30 < len(whole) < 60
        for limit in (4, 20, len(whole) - 1):
            page = pool.search.search(Query(text, limit=limit), ALL)
            walked, number = ids(page.hits), 1000 * (limit + 1)
            while page.cursor:
                if number % 1000 < 90:
                    texts = [content(str(number + n), title="别的", text="路灯井" * n) for n in range(30)]
                    pool.write(Writes(reports=[document(number + n, content=words) for n, words in enumerate(texts)]))
                    pool.write(Writes(reports=[report.model_copy(update={"version": number}) for report in old[::7]]))
                    number += len(texts)
                page = pool.search.search(Query(text, limit=limit, cursor=page.cursor), ALL)
                walked += ids(page.hits)
            assert len(set(walked)) == len(walked)
            assert [id_ for id_ in walked if id_ in set(whole)] == whole

    def test_of_several_words_the_title_counts_more_and_then_the_longer_word(self, pool):
        texts = {1: "路灯灭了井盖在", 2: "路灯灭了路灯灭了井盖在", 3: "路灯灭了井盖井盖在", 4: "路灯灭了"}
        titles = {4: "井盖"}
        told = {n: content(str(n), title=titles.get(n, "别的"), text=text) for n, text in texts.items()}
        pool.write(Writes(reports=[document(n, content=words) for n, words in told.items()]))
        hits = pool.search.search(Query("路灯灭了 井盖"), ALL).hits
        assert ids(hits) == [document(n).id for n in (2, 4, 3, 1)]
        assert len({hit.score for hit in hits}) == 4

    def test_only_who_turns_the_page_of_one_word_leaves_a_moment_open_on_the_server(self, pool):
        pool.write(Writes(reports=[document(n) for n in range(30)]))
        first = pool.search.search(Query("路灯", limit=10), ALL)
        assert _moments(pool) == 0
        second = pool.search.search(Query("路灯", limit=10, cursor=first.cursor), ALL)
        assert _moments(pool) == 1
        pool.search.search(Query("路灯", limit=10, cursor=second.cursor), ALL)
        assert _moments(pool) == 0

    def test_a_walk_whose_moment_is_gone_goes_on_behind_its_last_hit(self, pool):
        pool.write(Writes(reports=[document(n) for n in range(30)]))
        page = pool.search.search(Query("路灯", limit=10), ALL)
        walked = ids(page.hits)
        while page.cursor:
            if moment := _moment(page.cursor):
                pool.elastic.request("DELETE", "/_pit", {"id": moment})
            page = pool.search.search(Query("路灯", limit=10, cursor=page.cursor), ALL)
            walked += ids(page.hits)
        assert len(set(walked)) == len(walked) == 30


def _moments(pool) -> int:
    """Points in time open on the reports."""
    _, answer = pool.elastic.request("GET", f"/{pool.elastic.name(REPORTS)}/_stats/search")
    return answer["_all"]["total"]["search"]["open_contexts"]


def _moment(cursor: str) -> str:
    return orjson.loads(base64.urlsafe_b64decode(cursor)[8:])[1].partition(" ")[2]
