"""Near copies are found, others are left alone."""

import random
import time

from classifiers.learning.duplicates import near_groups

LAMP = "望江花园3栋门口的路灯坏了半个月,晚上漆黑一片,老人出门很不安全,请尽快派人修理。"
WATER = "梧桐苑五号楼从昨天早上开始停水,打物业电话没有人接,家里有孩子,请问什么时候能恢复供水?"


def test_copies_with_additions_punctuation_and_other_width_share_a_number() -> None:
    texts = [LAMP, WATER, LAMP.replace(",", " ").replace("3", "3"), "您好!" + LAMP + "谢谢。", WATER[:-6]]
    assert near_groups(texts).tolist() == [0, 1, 0, 0, 1]


def test_other_texts_in_the_same_frame_do_not() -> None:
    frame = "市民来电反映:{},请相关部门核实处理。"
    matters = ("阳光小区楼下烧烤店油烟扰民直到凌晨", "和平路与建设路口红绿灯时间太短", "退休金本月没有到账")
    assert near_groups([frame.format(matter) for matter in matters]).tolist() == [0, 1, 2]


def test_texts_without_letters_are_copies_of_each_other_and_short_ones_are_compared_whole() -> None:
    assert near_groups(["", "😀", "水", "水!", "电", "停水"]).tolist() == [0, 0, 1, 1, 2, 3]
    assert near_groups([]).tolist() == []
    assert near_groups([LAMP]).tolist() == [0]


def test_what_is_joined_does_not_depend_on_the_other_texts_or_their_order() -> None:
    texts = [f"{LAMP}第{n}次反映" for n in range(20)] + [f"{WATER}{n}单元" for n in range(20)]
    shuffled = list(range(len(texts)))
    random.Random(1).shuffle(shuffled)
    numbers = near_groups([texts[place] for place in shuffled])
    assert len(set(numbers.tolist())) == 2
    assert len({(place < 20, number) for place, number in zip(shuffled, numbers.tolist(), strict=True)}) == 2


def test_thousands_of_texts_take_seconds_even_where_all_are_long_or_all_are_alike() -> None:
    chance = random.Random(7)
    letters = "的一是不了人我在有他这上们来到时大地为子中你说生国年着就那和要她出也得里后自以会"
    texts = ["".join(chance.choices(letters, k=150)) for _ in range(3000)]
    begun = time.monotonic()
    assert len(set(near_groups(texts + ["水" * 1_000_000] * 3 + [LAMP] * 2000).tolist())) == 3002
    assert time.monotonic() - begun < 20
