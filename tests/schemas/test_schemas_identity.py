"""Names are functions of what they name; a wrong digit in an order number is found."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.identity import (
    check_digit,
    command_id,
    is_order_number,
    order_number,
    problem_id,
    report_id,
    slot_of_problem,
)

always = settings(max_examples=100, derandomize=True, deadline=None, database=None)
digits = st.text("0123456789", min_size=1, max_size=16)
numbers = st.builds(order_number, st.sampled_from(["260501", "991231"]), st.integers(0, 999), st.text(), st.integers(0, 99))


@always
@given(digits, st.data())
def test_the_check_digit_finds_every_single_wrong_digit(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    for other in set("0123456789") - {body[place]}:
        assert check_digit(body[:place] + other + body[place + 1 :]) != check_digit(body)


@always
@given(numbers)
def test_every_order_number_is_one_and_with_any_digit_changed_is_none(number: str) -> None:
    assert is_order_number(number)
    assert is_order_number(number.replace("-", ""))
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit} if digit != "-" else ():
            assert not is_order_number(number[:place] + other + number[place + 1 :])


@always
@given(st.text(max_size=20))
def test_no_text_makes_the_check_of_an_order_number_stumble(text: str) -> None:
    assert is_order_number(text) in (True, False)


@pytest.mark.parametrize("text", ["", "260501", "٢٦٠٥٠١-003-4820193-6", "260501-003-482019３-6"])
def test_what_only_looks_like_digits_is_no_order_number(text: str) -> None:
    assert not is_order_number(text)


def test_the_next_attempt_is_another_number_of_the_same_day_and_slot() -> None:
    tried = {order_number("260501", 3, "founding", attempt) for attempt in range(20)}
    assert len(tried) == 20
    assert {number[:10] for number in tried} == {"260501-003"}


@always
@given(st.integers(0, 999), st.text())
def test_a_problem_says_in_which_slot_it_lives(slot: int, founding: str) -> None:
    assert slot_of_problem(problem_id(slot, founding)) == slot


@pytest.mark.parametrize(
    "text", ["", "p003", "p003-", "x003-" + "0" * 24, "p0x3-" + "0" * 24, "p²03-" + "0" * 24, "p٠٠٣-" + "0" * 24]
)
def test_what_is_no_problem_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="不是问题编号"):
        slot_of_problem(text)


@always
@given(st.text(), st.text(), st.text(), st.text())
def test_names_do_not_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    """ "ab"+"c" is another source than "a"+"bc"."""
    assume((a, b) != (c, d))
    assert report_id(a, b) != report_id(c, d)
    assert command_id(a, b) != command_id(c, d)


def test_ids_are_what_they_have_always_been() -> None:
    """Stored claims and documents hold them: another hash would lose every redelivery."""
    assert report_id("push/message", "188006") == "r4587a42b616a889bebf0159ade6f22c7"
    assert problem_id(3, "founding") == "p003-a7ee5e3c4f5d787d7aba899d"
    assert command_id("intake", "r1") == "c723f1e4fd162577d6bb8ca02a7333d28"
    assert order_number("260501", 3, "founding", 0) == "260501-003-0500033-7"


@pytest.mark.parametrize("name", ["\ud800", "a\udfff"])
def test_a_lone_surrogate_in_a_source_still_gets_a_name(name: str) -> None:
    assert len(report_id(name, name)) == 33
