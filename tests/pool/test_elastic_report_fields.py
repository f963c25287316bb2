"""What of a report the server indexes."""

import json
from collections import Counter

import pytest
from contract.samples import content, document
from hypothesis import given
from hypothesis import strategies as st

from language.tokenise import characters
from pool.elastic.mapping import PROPERTIES, REPORTS
from pool.elastic.report_fields import ancestors, bigrams, query_terms, source_of


@pytest.mark.parametrize(("text", "terms"), [("柳岸小区", "柳岸 岸小 小区"), ("灯", ""), ("", ""), ("A3 栋", "a3 3栋")])
def test_a_text_stands_as_pairs(text, terms):
    assert bigrams(characters(text)) == terms


@given(st.text("路灯不亮12a,", max_size=12), st.text("路灯不亮12a", min_size=2, max_size=5))
def test_a_word_of_two_characters_or_more_is_found_exactly_where_it_stands(text, word):
    terms, asked = bigrams(characters(text)).split(), query_terms(word)
    found = any(terms[at : at + len(asked)] == asked for at in range(len(terms)))
    assert found == (word in "".join(characters(text)))


@pytest.mark.parametrize(("path", "paths"), [
    ("", []), ("/01/", ["/01/"]), ("/01/0102/", ["/01/", "/01/0102/"]), ("/a/a1/a11/", ["/a/", "/a/a1/", "/a/a1/a11/"]),
])  # fmt: skip
def test_a_path_stands_with_all_above_it(path, paths):
    assert ancestors(path) == paths


def test_text_address_and_places_are_values_of_their_own_and_the_title_counts_four_times():
    given = content("1", title="题目", text="正文", address="", places=["甲路", "乙巷"])
    source = json.loads(source_of(document(1, content=given)))
    assert source["body"] == [*["题目"] * 4, "正文", "甲路", "乙巷"]


def test_each_character_stands_once_and_those_of_the_title_four_times_more():
    given = content("1", title="路路灯", text="灯坏了,坏了", address="路口")
    source = json.loads(source_of(document(1, content=given)))
    assert Counter(source["characters"].split()) == {"路": 5, "灯": 5, "坏": 1, "了": 1, "口": 1}


@pytest.mark.parametrize(("lon", "lat", "point"), [
    (120.5, 30.0, {"lon": 120.5, "lat": 30.0}), (120.5, None, None), (None, None, None),
])  # fmt: skip
def test_a_point_needs_both_coordinates(lon, lat, point):
    assert json.loads(source_of(document(1, content=content("1", lon=lon, lat=lat)))).get("point") == point


def test_of_an_erased_report_nothing_of_its_words_is_left():
    source = json.loads(source_of(document(1, content=None, erased=True, category="01", category_path="/01/", units=["u1"])))
    assert (source["caller"], source["place_key"], source["simhash"]) == (None, "", 0)
    assert (source["category_paths"], source["units"]) == (["/01/"], ["u1"])
    assert not {"body", "characters", "point", "source", "source_id"} & set(source)


def test_every_field_stands_in_the_mapping_and_every_one_of_the_mapping_is_written():
    source = json.loads(source_of(document(1, content=content("1", title="题", text="文", lon=1.0, lat=1.0))))
    assert set(source) == set(PROPERTIES[REPORTS])
