import pytest

from language.place_sound import sounded


@pytest.mark.parametrize(
    ("one", "other"),
    [("望江花园", "旺将花圆"), ("书院路", "舒苑路"), ("新村", "鑫村"), ("榆荫", "渝阴"), ("鹭洲", "路州"), ("岐山", "其山")],
)
def test_characters_of_one_sound_become_the_same(one: str, other: str) -> None:
    assert sounded(one) == sounded(other)


@pytest.mark.parametrize(("one", "other"), [("望江", "望乡"), ("和平", "和苹果"), ("一中", "二中"), ("南桥", "蓝桥")])
def test_characters_of_another_sound_stay_apart(one: str, other: str) -> None:
    assert sounded(one) != sounded(other)


def test_what_is_no_frequent_character_stays_and_the_length_too() -> None:
    assert sounded("A3区2栋,𠮷") == f"A3{sounded('区')}2{sounded('栋')},𠮷"
