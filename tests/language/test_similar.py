import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.similar import fingerprint64, hamming, near_same, shingles
from language.tokenise import tokenise

FIRST = "阳光花园三栋楼下的路灯坏了半个月，晚上一片漆黑，老人小孩出门很不安全，请尽快派人维修。"
COPY = "您好！阳光花园三栋楼下的路灯坏了半个月，晚上一片漆黑，老人小孩出门很不安全，请尽快派人来维修！谢谢"
OTHER = "桂花路小学的入学政策是什么，外地户口需要准备哪些材料，什么时候开始报名？"


@given(st.lists(st.text(max_size=5)))
def test_a_fingerprint_has_64_bits(tokens: list[str]) -> None:
    assert 0 <= fingerprint64(tokens) < 2**64


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    assert fingerprint64(["路灯", "坏", "了"]) == 5293959093137383446


def test_the_order_of_the_tokens_does_not_matter() -> None:
    assert fingerprint64(["a", "b", "c"]) == fingerprint64(["c", "a", "b"])


def test_alike_texts_have_near_fingerprints_and_others_far_ones() -> None:
    first, copy, other = (fingerprint64(tokenise(text)) for text in (FIRST, COPY, OTHER))
    assert hamming(first, first) == 0
    assert hamming(first, copy) < 16 < hamming(first, other)


def test_alike_texts_are_near_the_same_and_others_not() -> None:
    assert near_same(FIRST, FIRST) == 1.0
    assert near_same(FIRST, COPY) > 0.8
    assert near_same(FIRST, OTHER) < 0.1


def test_width_case_and_punctuation_make_no_difference() -> None:
    assert near_same("A3区路灯坏了。", "ａ３区，路灯坏了") == 1.0


def test_a_text_without_letters_is_like_nothing() -> None:
    assert near_same("！！！", "！！！") == 0.0
    assert shingles("。") == frozenset()


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    assert near_same(a, b) == near_same(b, a)
    assert 0.0 <= near_same(a, b) <= 1.0


def test_a_shingle_has_at_least_one_character() -> None:
    with pytest.raises(ValueError, match="at least one"):
        shingles("路灯", 0)
