import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.normalise import fold
from language.tokenise import (
    characters,
    cutter,
    fingerprint,
    tokenise,
    tokenise_with,
    words_and_characters,
)

TEXTS = [
    "您好，我是阳光花园3栋2单元的业主，小区门口的路灯坏了三个月，打了12345也没人修！",
    "关于A3区桂花路与青石路交叉口80-90米处积水4.2.3厘米的问题——请尽快处理。",
    "楼下夜宵摊每晚11:30还在营业，油烟、噪音扰民，QQ群里都在说；物业说“不归我们管”…",
    "2019-02-28起停水#3天，100%没通知，C++补习班T恤卡拉OK AA制",
    "柳塘街道㙍村罝业口嫚墈边的水沟堵了，张喆喆家进水。",
    "ニュース привет café 😀 😀三 \ue000 测试",
    "",
    "，。！",
]


@pytest.mark.parametrize("text", TEXTS)
def test_both_engines_give_the_same_tokens(text: str) -> None:
    pytest.importorskip("rjieba")
    assert tokenise_with(text, cutter_of["rjieba"]) == tokenise_with(text, cutter_of["jieba"])


@given(st.text(alphabet="路灯坏了小区业主反映A3b.-_+#%&，。 ９①〇のé😀\ue000\n", max_size=40))
def test_both_engines_agree_whatever_stands_between_the_characters(text: str) -> None:
    assert tokenise_with(text, cutter_of["rjieba"]) == tokenise_with(text, cutter_of["jieba"])


cutter_of = {"rjieba": cutter("rjieba"), "jieba": cutter("jieba")}


def test_digits_and_letters_are_tokens_of_their_own() -> None:
    assert tokenise("A3区80-90米，2.5公里") == ["a3", "区", "80", "90", "米", "2.5", "公里"]


def test_punctuation_emoji_and_private_use_are_dropped() -> None:
    assert tokenise("路灯，\ue000😀！") == ["路灯"]


@given(st.text())
def test_no_token_is_empty_or_holds_a_space(text: str) -> None:
    assert all(token and not any(c.isspace() for c in token) for token in tokenise(text))


@given(st.text(alphabet="A3区路灯，。 b-", max_size=20), st.text(alphabet="a3区路灯", min_size=1, max_size=4))
def test_a_phrase_of_characters_is_a_substring(text: str, query: str) -> None:
    found = " ".join(characters(query)) in " ".join(characters(text))
    assert found == (query in "".join(c for c in fold(text) if c.isalnum()))


@given(st.text())
def test_words_and_characters_are_the_two_joined(text: str) -> None:
    assert words_and_characters(text) == (" ".join(tokenise(text)), " ".join(characters(text)))


def test_the_fingerprint_is_short_and_stays() -> None:
    assert fingerprint() == fingerprint()
    assert len(fingerprint()) == 16


def test_without_rjieba_jieba_works_quietly_with_the_same_fingerprint_and_no_temporary_folder() -> None:
    program = (
        "import sys; sys.modules['rjieba'] = None\n"
        "from language.tokenise import engine, fingerprint, tokenise\n"
        "tokenise('小区路灯坏了'); print(engine(), fingerprint())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"TMPDIR": "/nonexistent", "PYTHONPATH": ":".join(p for p in sys.path if p)},
    )
    assert done.stdout.split() == ["jieba", fingerprint()]
    assert done.stderr == ""
