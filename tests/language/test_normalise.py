from hypothesis import given
from hypothesis import strategies as st

from language.normalise import fold, strip_controls


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_folded_text_is_one_line_and_can_be_encoded(text: str) -> None:
    folded = fold(text)
    folded.encode("utf-8")
    assert "\n" not in folded
    assert "  " not in folded
    assert folded == folded.strip()


def test_full_width_letters_and_digits_become_ordinary_lower_case_ones() -> None:
    assert fold("Ａ３区，１２栋（Ｂ座）") == "a3区,12栋(b座)"


def test_traditional_characters_become_simplified() -> None:
    assert fold("馬路對面沒有路燈，請處理") == "马路对面没有路灯,请处理"


def test_simplified_characters_that_are_also_traditional_stay() -> None:
    assert fold("乾隆著书") == "乾隆著书"


def test_invisible_characters_go_and_white_space_becomes_one_space() -> None:
    assert fold(" 路\u200b灯\u202e坏\x00了 \u3000\n\t三天 ") == "路灯坏了 三天"


def test_circled_numbers_do_not_run_into_the_digits_beside_them() -> None:
    assert fold("3①2") == "3(1)2"


def test_shown_text_keeps_its_lines_and_loses_overrides() -> None:
    assert strip_controls("第一行\r\n第二行\u202e\u200b\x07\t完") == "第一行\n第二行 完"


def test_shown_text_keeps_width_case_and_markup() -> None:
    assert strip_controls("Ａ区<b>馬路</b>😀") == "Ａ区<b>馬路</b>😀"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_stripping_twice_is_stripping_once_and_the_result_can_be_encoded(text: str) -> None:
    stripped = strip_controls(text)
    stripped.encode("utf-8")
    assert strip_controls(stripped) == stripped
