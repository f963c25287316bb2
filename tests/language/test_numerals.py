import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.numerals import chinese, number, with_digits


@given(st.integers(0, 9999))
def test_what_is_written_in_chinese_is_read_back(value: int) -> None:
    assert number(chinese(value)) == value


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三", 3),
        ("十二", 12),
        ("二十三", 23),
        ("廿三", 23),
        ("一百一十", 110),
        ("一百零三", 103),
        ("三百五", 350),
        ("两千三", 2300),
        ("一千零五", 1005),
        ("一万二", 12000),
        ("三亿二千万", 320_000_000),
        ("二〇一九", 2019),
        ("贰拾叁", 23),
        ("12", 12),
        ("１２", 12),
    ],
)
def test_a_numeral_has_the_value_people_mean(numeral: str, value: int) -> None:
    assert number(numeral) == value


@pytest.mark.parametrize("text", ["", "万", "百", "一二百", "十栋", "abc", "-3"])
def test_what_is_no_numeral_has_no_value(text: str) -> None:
    assert number(text) is None


def test_numerals_in_a_name_become_digits() -> None:
    assert with_digits("三栋十二单元一千零一室") == "3栋12单元1001室"


def test_a_value_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 9999"):
        chinese(10000)
