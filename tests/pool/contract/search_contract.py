"""Port Search: what every back end must answer."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from contract import oracle
from contract.samples import START, UNITS, claims, content, corpus, document, problem
from language.tokenise import characters
from pool.ports import Writes
from pool.query import Facet, Filters, Interval, Query, Sort
from pool.scope import ALL, NOTHING, Scope
from schemas.identity import problem_id
from schemas.problem import Problem
from schemas.words import Channel, Mode, ProblemState, Urgency

CORPUS = corpus(300, seed=7)


def random_query(draw: random.Random) -> Query:
    texts = ("title", "text", "address")
    field = getattr(draw.choice(CORPUS).content, draw.choice(texts))
    start = draw.randrange(max(1, len(field)))
    text = field[start : start + draw.randint(1, 6)].replace('"', "")
    if not characters(text):
        text = ""
    point = (120.0 + draw.random() / 5, 30.0 + draw.random() / 5)
    choices = {
        "states": frozenset(draw.sample(list(ProblemState), 3)),
        "channels": frozenset(draw.sample(list(Channel), 2)),
        "urgencies": frozenset(draw.sample(list(Urgency), 2)),
        "modes": frozenset({draw.choice(list(Mode))}),
        "category_path": draw.choice(["/01/", "/01/0101/", "/01/0101/010102/", "/03/"]),
        "area_path": draw.choice(["/a/", "/a/a1/", "/b/b1/"]),
        "unit": draw.choice([*UNITS, "u0", "u01|u02"]),
        "problem": draw.choice(CORPUS).problem,
        "source": draw.choice(["letters-test", "nobody"]),
        "caller": f"k{draw.randrange(31)}",
        "since": START + timedelta(days=draw.randrange(120)),
        "until": START + timedelta(days=draw.randrange(120), seconds=0.25),
        "near": (*point, draw.choice([500.0, 3000.0, 15_000.0])),
        "box": (point[0] - 0.05, point[1] - 0.05, point[0] + 0.05, point[1] + 0.05),
    }
    names = draw.sample(sorted(choices), draw.choice([0, 0, 1, 1, 2]))
    return Query(text, Filters(**{name: choices[name] for name in names}), limit=1000)


def random_scope(draw: random.Random) -> Scope:
    return draw.choice([
        ALL, ALL, NOTHING,
        Scope(units=frozenset({"u01"})), Scope(units=frozenset({"u1", "u03"})),
        Scope(area_paths=frozenset({"/a/a1/"})), Scope(units=frozenset({"u02"}), area_paths=frozenset({"/b/"})),
    ])  # fmt: skip


def ids(hits) -> list[str]:
    return [hit.report.id for hit in hits]


NO_ALARMS = {"seen": 0, "observed": 0, "unconfirmed": 0}


class SearchContract:
    """Needs the fixtures `backend` (an empty pool for this test) and `full` (a pool with CORPUS, shared by the tests)."""

    @pytest.mark.parametrize("seed", range(200))
    def test_a_random_question_is_answered_as_by_looking_at_every_report(self, full, seed):
        draw = random.Random(seed)
        query, scope = random_query(draw), random_scope(draw)
        expected = oracle.found(query, scope, CORPUS)
        page = full.search.search(query, scope)
        assert sorted(ids(page.hits)) == sorted(report.id for report in expected)
        assert page.total == full.search.count(query, scope) == len(expected)
        facets = full.search.facets(query, list(Facet), scope, limit=1000)
        assert facets == {wanted: oracle.facet(expected, wanted) for wanted in Facet}
        for interval in Interval:
            histogram = full.search.histogram(query, interval, scope)
            assert {day: n for day, n in histogram if n} == oracle.histogram(expected, interval)
            assert [day for day, _ in histogram] == sorted({day for day, _ in histogram})

    @pytest.mark.parametrize("length", [1, 2, 3, 4])
    def test_a_word_of_any_length_finds_all_that_contain_it_and_nothing_else(self, full, length):
        draw = random.Random(length)
        for _ in range(60):
            text = "".join(characters(draw.choice(CORPUS).content.text))
            start = draw.randrange(len(text) - length)
            query = Query(text[start : start + length], limit=1000)
            expected = {report.id for report in oracle.found(query, ALL, CORPUS)}
            assert set(ids(full.search.search(query, ALL).hits)) == expected

    def test_all_words_must_occur_in_any_field(self, backend):
        one = document(1, content=content("1", title="井盖", text="翻了", address="东风路18号", places=["望湖公园"]))
        backend.write(Writes(reports=[one, document(2)]))
        assert backend.search.count(Query("井盖 东风路 公园"), ALL) == 1
        assert backend.search.count(Query("井盖 漏水"), ALL) == 0

    def test_no_word_runs_across_two_fields(self, backend):
        backend.write(Writes(reports=[
            document(1, content=content("1", title="东风", text="路灯坏", address="望湖", places=["公园", "北门"])),
        ]))  # fmt: skip
        for across in ("风路", "坏望", "湖公", "园北"):
            assert backend.search.count(Query(across), ALL) == 0, across
        assert backend.search.count(Query("公园"), ALL) == 1

    def test_full_width_traditional_and_capital_forms_find_each_other(self, backend):
        backend.write(Writes(reports=[document(1, content=content("1", text="ＡＢＣ幼儿园電梯困人"))]))
        for asked in ("abc", "ABC幼儿园", "电梯", "電梯"):
            assert backend.search.count(Query(asked), ALL) == 1, asked

    def test_quotation_marks_keep_a_phrase_together(self, backend):
        backend.write(Writes(reports=[
            document(1, content=content("1", text="在 Metro 5号线口")), document(2, content=content("2", text="5号的 metro")),
        ]))  # fmt: skip
        assert backend.search.count(Query("metro 5号"), ALL) == 2
        assert backend.search.count(Query('"metro 5号"'), ALL) == 1
        assert backend.search.count(Query("“metro 5号”"), ALL) == 1

    def test_a_rarer_word_and_a_word_in_the_title_rank_higher(self, backend):
        backend.write(Writes(reports=[
            document(1, content=content("1", title="别的", text="路灯 路边的事情说来话长也说不完")),
            document(2, content=content("2", title="路灯", text="路边的事情说来话长也说不完的")),
            *(document(n, content=content(str(n), text="别的事情")) for n in range(3, 20)),
        ]))  # fmt: skip
        page = backend.search.search(Query("路灯"), ALL)
        assert ids(page.hits) == [document(2).id, document(1).id]
        assert page.hits[0].score > page.hits[1].score > 0

    @pytest.mark.parametrize("sort", list(Sort))
    @pytest.mark.parametrize("text", ["", "路"])
    def test_pages_are_disjoint_and_together_are_all_hits_in_order(self, full, sort, text):
        near = (120.1, 30.1, 9000.0) if sort is Sort.DISTANCE else None
        whole = full.search.search(Query(text, Filters(near=near), sort, limit=1000), ALL)
        gathered, cursor = [], ""
        while True:
            page = full.search.search(Query(text, Filters(near=near), sort, limit=7, cursor=cursor), ALL)
            assert page.total == whole.total
            gathered += ids(page.hits)
            cursor = page.cursor
            if not cursor:
                break
            assert len(page.hits) == 7
        assert gathered == ids(whole.hits)
        assert whole.cursor == ""

    def test_sorting_by_time_and_distance_holds_and_ties_go_by_id(self, full):
        newest = full.search.search(Query(sort=Sort.NEWEST, limit=1000), ALL).hits
        assert ids(newest) == [r.id for r in sorted(CORPUS, key=lambda r: (-r.time.timestamp(), r.id))]
        oldest = full.search.search(Query(sort=Sort.OLDEST, limit=1000), ALL).hits
        assert ids(oldest) == [r.id for r in sorted(CORPUS, key=lambda r: (r.time, r.id))]
        near = Query(filters=Filters(near=(120.1, 30.1, 9000.0)), sort=Sort.DISTANCE, limit=1000)
        distances = [(hit.distance, hit.report.id) for hit in full.search.search(near, ALL).hits]
        assert distances == sorted(distances)
        assert all(distance <= 9000 for distance, _ in distances)

    def test_a_page_goes_on_where_it_ended_though_new_reports_came_in(self, backend):
        backend.write(Writes(reports=[document(n) for n in range(30)]))
        for sort in (Sort.NEWEST, Sort.RELEVANCE):
            first = backend.search.search(Query("路灯", sort=sort, limit=10), ALL)
            backend.write(Writes(reports=[document(n) for n in range(1000, 1005)]))
            rest = backend.search.search(Query("路灯", sort=sort, limit=1000, cursor=first.cursor), ALL)
            assert not set(ids(first.hits)) & set(ids(rest.hits))
            assert {document(n).id for n in range(30)} <= {*ids(first.hits), *ids(rest.hits)}

    def test_highlights_point_at_the_words_as_they_were_written(self, backend):
        text = "門口（ＡＢＣ）的路 灯、路灯都坏了"
        backend.write(Writes(reports=[document(1, content=content("1", title="路灯", text=text))]))
        (hit,) = backend.search.search(Query("abc 路灯 门", highlight=True), ALL).hits
        assert [text[start:end] for start, end in hit.highlights["text"]] == ["門", "ＡＢＣ", "路 灯", "路灯"]
        assert hit.highlights["title"] == [(0, 2)]
        assert backend.search.search(Query("abc"), ALL).hits[0].highlights == {}

    def test_facets_put_the_most_frequent_first_and_count_what_has_no_value(self, backend):
        reports = [document(n, category=c) for n, c in enumerate(["b", "a", None, "b", "a", "c"])]
        backend.write(Writes(reports=reports))
        counted = backend.search.facets(Query(), [Facet.CATEGORY], ALL)
        assert counted == {Facet.CATEGORY: [("a", 2), ("b", 2), ("", 1), ("c", 1)]}
        assert backend.search.facets(Query(), [Facet.CATEGORY], ALL, limit=1) == {Facet.CATEGORY: [("a", 2)]}

    def test_days_begin_at_midnight_in_shanghai_and_empty_ones_are_shown(self, backend):
        times = [datetime(2026, 2, 27, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 0, tzinfo=UTC)]
        backend.write(Writes(reports=[document(n, time=time) for n, time in enumerate(times)]))
        histogram = backend.search.histogram
        assert histogram(Query(), Interval.DAY, ALL) == [
            ("2026-02-27", 1), ("2026-02-28", 0), ("2026-03-01", 0), ("2026-03-02", 1),
        ]  # fmt: skip
        assert histogram(Query(), Interval.WEEK, ALL) == [("2026-02-23", 1), ("2026-03-02", 1)]
        assert histogram(Query(), Interval.MONTH, ALL) == [("2026-02-01", 1), ("2026-03-01", 1)]
        assert histogram(Query("没有"), Interval.DAY, ALL) == []

    def test_no_role_sees_nothing(self, full):
        assert full.search.search(Query(), NOTHING).total == 0
        assert full.search.stats(NOTHING) == {
            "reports": 0, "problems": 0, "dead_letters": 0, "by_state": {}, "by_channel": {}, "alarms": NO_ALARMS,
        }  # fmt: skip
        assert full.search.report(CORPUS[0].id, NOTHING) is None
        assert full.search.similar(CORPUS[0].id, NOTHING) == []

    def test_who_asked_for_secrecy_is_hidden_from_all_but_those_who_may_see(self, backend):
        backend.write(Writes(reports=[document(1, caller="k1", secret=True)]))
        plain = Scope(everything=True)
        for report in (
            backend.search.search(Query(), plain).hits[0].report,
            backend.search.report(document(1).id, plain),
            backend.search.reports_of(document(1).problem, plain)[0],
            backend.search.by_source_id("S-00001", plain)[0],
        ):
            assert (report.caller, report.secret) == (None, False)
        assert backend.search.report(document(1).id, ALL).caller == "k1"

    def test_a_report_of_the_same_matter_is_more_similar_than_others_and_none_of_its_own_problem(self, backend):
        told = "望湖公园北门的景观喷泉漏电,昨天有个孩子被电到手,至今没有围挡"
        again = "景观喷泉漏电的事,望湖公园那边还是没有围挡"
        reports = [document(n, content=content(str(n), text=f"第{n}栋暖气片是冰的")) for n in range(5, 40)]
        reports += [
            document(1, content=content("1", text=told)), document(2, content=content("2", text=again)),
            document(3, content=content("3", text=told), problem=document(1).problem),
            document(4, content=content("4", text="公园里的围挡太高")),
        ]  # fmt: skip
        backend.write(Writes(reports=reports))
        alike = backend.search.similar(document(1).id, ALL)
        assert [report.id for report, _ in alike[:2]] == [document(2).id, document(4).id]
        assert all(0 < likeness <= 1 for _, likeness in alike)
        assert document(3).id not in {report.id for report, _ in alike}

    def test_a_problem_is_in_scope_when_one_of_its_reports_is(self, backend):
        backend.write(Writes(states=[problem(1)], claims=claims(1), reports=[document(1, units=["u01", "u02"])]))
        for scope, seen in ((ALL, True), (Scope(units=frozenset({"u02"})), True), (Scope(units=frozenset({"u0"})), False)):
            assert (backend.search.problem(problem(1).id, scope) is not None) is seen
            assert (backend.search.by_order_number(problem(1).order_number, scope) is not None) is seen
            assert len(backend.search.reports_of(problem(1).id, scope)) == seen
        assert backend.search.problem("p001-none", ALL) is None
        assert backend.search.by_order_number(document(1).id, ALL) is None

    def test_a_problem_that_only_keeps_what_arrived_for_it_does_not_exist(self, backend):
        backend.write(Writes(states=[Problem(id=problem_id(1, "x"), slot=1, version=0)]))
        assert backend.search.problem(problem_id(1, "x"), ALL) is None
        assert backend.search.stats(ALL)["problems"] == 0

    def test_the_senders_own_number_finds_the_report(self, full):
        assert [r.id for r in full.search.by_source_id("S-00007", ALL)] == [CORPUS[7].id]
        assert full.search.by_source_id("S-0000", ALL) == []

    def test_figures_leave_out_problems_that_were_merged_away(self, backend):
        states = [problem(1), problem(2, state=ProblemState.MERGED), problem(3, state=ProblemState.CLOSED)]
        reports = [document(1, units=["u01"]), document(2, problem=problem(1).id), document(3, channel=Channel.GRID)]
        backend.write(Writes(states=states, reports=reports))
        assert backend.search.stats(ALL) == {
            "reports": 3, "problems": 2, "dead_letters": 0, "by_state": {"closed": 1, "waiting": 1},
            "by_channel": {"grid": 1, "hotline": 2}, "alarms": NO_ALARMS,
        }  # fmt: skip
        assert backend.search.stats(Scope(units=frozenset({"u01"})))["by_state"] == {"waiting": 1}

    def test_a_changed_text_is_found_by_its_new_words_only(self, backend):
        backend.write(Writes(reports=[document(1, content=content("1", text="喷泉漏电"))]))
        backend.write(Writes(reports=[document(1, version=2, content=content("1", text="喷泉停了"))]))
        assert backend.search.count(Query("漏电"), ALL) == 0
        assert backend.search.count(Query("喷泉停"), ALL) == 1

    def test_an_erased_report_keeps_its_category_and_loses_its_words_place_and_number(self, backend):
        located = content("77", text="喷泉漏电", lon=120.0, lat=30.0)
        backend.write(Writes(reports=[document(1, content=located, category="c")]))
        backend.write(Writes(reports=[document(1, version=2, content=None, erased=True, category="c")]))
        assert backend.search.count(Query("喷泉"), ALL) == 0
        assert backend.search.by_source_id("77", ALL) == []
        assert backend.search.count(Query(filters=Filters(near=(120.0, 30.0, 100.0))), ALL) == 0
        assert backend.search.facets(Query(), [Facet.CATEGORY], ALL) == {Facet.CATEGORY: [("c", 1)]}
        assert backend.search.similar(document(1).id, ALL) == []
