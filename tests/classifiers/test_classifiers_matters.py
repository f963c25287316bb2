"""A pattern is found where its slots stand near one another, in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.lexicon import cues, matters, settings
from classifiers.matters import MatterFinder, entries, read_lexicon
from classifiers.scan import TermScanner

GROUPS = {"坏": "不亮|坏了"}


def found(lexicon: str, text: str) -> list[str]:
    finder = MatterFinder(read_lexicon(lexicon, GROUPS))
    return [match.pattern.matter for match in finder.find(text, TermScanner(finder.terms).scan(text))]


@pytest.mark.parametrize("text", ["路灯不亮", "路灯一直都不亮", "不亮的是路灯", "路灯坏了"])
def test_order_and_words_between_do_not_matter(text: str) -> None:
    assert found("灯: 路灯 + $坏", text) == ["灯"]


@pytest.mark.parametrize("text", ["路灯", "不亮", "路灯很漂亮,我们小区旁边的大超市门口昨天那个牌子坏了"])
def test_what_is_missing_or_far_away_is_no_match(text: str) -> None:
    assert found("灯: 路灯 + $坏", text) == []


def test_a_term_that_must_not_stand_near_voids_the_match() -> None:
    assert found("灯: 路灯 + $坏 ! 公园", "路灯坏了") == ["灯"]
    assert found("灯: 路灯 + $坏 ! 公园", "公园路灯坏了") == []


def test_one_character_counts_only_beside_the_rest() -> None:
    assert found("灯: 路灯 + 灭", "路灯又灭了") == ["灯"]
    assert found("灯: 路灯 + 灭", "灭了。我们这边的大马路上面现在换成新的路灯") == []


@pytest.mark.parametrize("written", ["no colon", "灯: 路灯 + ", "灯: 灭"])
def test_a_line_that_is_no_matter_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"matter|slot"):
        read_lexicon(written, GROUPS)


def test_a_line_goes_on_in_the_next() -> None:
    assert list(entries("灯: 路灯|\n    街灯\n")) == [("灯", " 路灯|    街灯")]


def test_every_matter_has_cues_and_the_other_way_round() -> None:
    assert {pattern.matter for pattern in matters().patterns} == set(cues())
    assert settings().patterns


@given(st.lists(st.text("路灯不亮坏了a", min_size=2, max_size=4), max_size=8), st.text("路灯不亮坏了a b", max_size=40))
def test_a_scan_finds_what_stands_in_the_text(terms: list[str], text: str) -> None:
    expected = {term: [at for at in range(len(text)) if text.startswith(term, at)] for term in set(terms) if term in text}
    assert {term: sorted(starts) for term, starts in TermScanner(terms).scan(text).items()} == expected
