"""Port Search against what nobody should ask."""

import string
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.errors import ContractError


class HostileQueryContract:
    """Needs the fixture `full`: a pool with `search_contract.CORPUS`. Whatever is asked, only ContractError may come of it."""

    def test_a_cursor_of_another_query_or_an_invented_one_is_refused(self, full):
        cursor = full.search.search(Query("路", limit=5), ALL).cursor
        assert cursor
        hostile = [cursor[:-4], "x" + cursor[1:], "' or 1=1 --", "\0", "é", "=" * 3000, cursor * 2, "AAAAAAAAAAAAAAAA"]
        for wrong in hostile:
            with pytest.raises(ContractError):
                full.search.search(Query("路", limit=5, cursor=wrong), ALL)
        with pytest.raises(ContractError):
            full.search.search(Query("灯", limit=5, cursor=cursor), ALL)

    @pytest.mark.parametrize("text", [
        '"', '""', "*", "a*", "路 OR 灯", "NOT 路", "title:路", "NEAR(路 灯)", "路^2", "(路", "路)", "-路", "+", "{a b}: c",
        "\0", "路\0灯", "!!!", "，。；", "字" * 10_000, "a " * 60, "\ud800", "\ue000", "%_", "'; drop table reports; --",
        "é" * 900, "👍", "\n\t", "“路", "ﬁ", "1" * 1000,
    ])  # fmt: skip
    def test_hostile_words_are_searched_or_refused_and_nothing_else(self, full, text):
        for ask in (full.search.search, full.search.count):
            with suppress(ContractError):
                ask(Query(text, highlight=True), ALL)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.text(st.characters(codec=None) | st.sampled_from(string.punctuation + '"“”路灯 '), max_size=40))
    def test_any_text_at_all_is_searched_or_refused(self, full, text):
        try:
            page = full.search.search(Query(text, highlight=True), ALL)
        except ContractError:
            return
        for hit in page.hits:
            for name, spans in hit.highlights.items():
                assert all(0 <= start < end <= len(getattr(hit.report.content, name)) for start, end in spans)

    @pytest.mark.parametrize("query", [
        Query(limit=0), Query(limit=1001), Query(sort=Sort.DISTANCE), Query(filters=Filters(near=(float("nan"), 0, 1))),
        Query(filters=Filters(near=(120, 95, 1))), Query(filters=Filters(near=(120, 30, float("inf")))),
        Query(filters=Filters(box=(2, 0, 1, 1))), Query(filters=Filters(since=datetime(2026, 1, 1))),  # noqa: DTZ001
        Query(filters=Filters(category_path="/\ud800/")), Query(filters=Filters(unit="a\0b")),
        Query(filters=Filters(area_path="/a" * 1000)),
    ])  # fmt: skip
    def test_what_cannot_be_asked_is_refused_with_the_field_named(self, full, query):
        with pytest.raises(ContractError) as refused:
            full.search.search(query, ALL)
        assert refused.value.field
