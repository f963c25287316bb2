"""The finder of answers: what fits comes first, what must not be told is never found."""

import random
from dataclasses import dataclass, replace
from time import process_time

import pytest

from classifiers.answers import EMPTY, AnswerFinder
from language.tokenise import tokenise
from schemas.words import KnowledgeState


@dataclass(frozen=True)
class Item:
    id: str
    question: str
    answer: str = "请到政务服务中心办理。"
    edition: int = 1
    state: KnowledgeState = KnowledgeState.VALID
    categories: tuple[str, ...] = ()


CARD = Item("k1", "社会保障卡丢失怎么补办?", "带身份证到社保经办窗口挂失,再申请补卡。", categories=("0501",))
PARKING = Item("k2", "小区门口的停车位怎么收费?", "按物业服务合同收费,公示后执行。", categories=("0203",))
HEATING = Item("k3", "供暖温度不达标如何退费?", "室温低于十八摄氏度的,由供热单位测温后按日退费。", categories=("0302",))
WATER = Item("k4", "停水通知在哪里看?", "供水公司提前二十四小时公告。", categories=("0301",))
ITEMS = [CARD, PARKING, HEATING, WATER]


def names(finder: AnswerFinder, text: str, **asked: object) -> list[str]:
    return [found.item for found in finder.find(text, **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("我的社会保障卡丢了,想补办一张", "k1"),
        ("家里供暖温度只有十五度,能退费吗", "k3"),
        ("停车位收费太贵了", "k2"),
        ("今天停水了,怎么没有通知", "k4"),
    ],
)
def test_the_item_of_the_callers_matter_comes_first(said: str, wanted: str) -> None:
    assert names(AnswerFinder(ITEMS), said)[0] == wanted


def test_a_word_that_is_cut_differently_in_another_sentence_is_found_all_the_same() -> None:
    assert tokenise("停水") == ["停水"]
    assert "停水" not in tokenise(WATER.question)
    (found,) = AnswerFinder(ITEMS).find("停水")
    assert (found.item, found.words) == ("k4", ("停水",))


def test_it_says_by_which_words() -> None:
    (found,) = AnswerFinder(ITEMS).find("请问供暖不达标,温度低,怎么退费")
    assert found.item == "k3"
    assert {"供暖", "温度", "退费"} <= set(found.words)
    assert not set(found.words) & EMPTY


@pytest.mark.parametrize("said", ["", "???", "请问怎么", "的了是我", "火星移民", "\ud83d"])
def test_what_nothing_answers_finds_nothing(said: str) -> None:
    assert AnswerFinder(ITEMS).find(said) == []


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert AnswerFinder().find("停水") == []


def test_a_word_in_the_question_counts_more_than_one_in_the_answer() -> None:
    asked = Item("k8", "居住证续签", "带材料到窗口。")
    answered = Item("k5", "带材料到窗口。", "居住证续签")
    assert names(AnswerFinder([answered, asked, WATER]), "居住证") == ["k8", "k5"]


def test_of_equals_the_one_of_the_proposed_category_comes_first_and_else_the_id_decides() -> None:
    one, other = replace(WATER, id="k5", categories=("A",)), replace(WATER, id="k6", categories=("B",))
    finder = AnswerFinder([other, one, CARD])
    assert names(finder, "停水") == ["k5", "k6"]
    assert names(finder, "停水", category="B") == ["k6", "k5"]
    assert names(finder, "停水", category="C") == ["k5", "k6"]


def test_a_category_alone_finds_nothing() -> None:
    assert AnswerFinder(ITEMS).find("火星", category="0301") == []


@pytest.mark.parametrize("state", KnowledgeState)
def test_only_what_is_in_force_is_found_and_the_doubted_is_marked(state: KnowledgeState) -> None:
    found = AnswerFinder([replace(WATER, state=state), CARD]).find("停水通知")
    if state in (KnowledgeState.DRAFT, KnowledgeState.WITHDRAWN):
        assert found == []
    else:
        assert [(one.item, one.doubted) for one in found] == [("k4", state is KnowledgeState.DOUBTED)]


def test_no_more_than_asked_for_and_nothing_far_behind_the_best() -> None:
    many = [replace(WATER, id=f"k{number}") for number in range(20)]
    assert len(AnswerFinder(many).find("停水", limit=3)) == 3
    weak = Item("k9", "公告栏在哪里?", "社区门口。")
    assert "k9" not in names(AnswerFinder([*ITEMS, weak]), "停水通知在供水公司公告")


def test_a_refreshed_index_answers_like_a_new_one() -> None:
    draw, finder = random.Random(5), AnswerFinder()
    held: dict[str, Item] = {}
    for step in range(60):
        name = f"k{draw.randrange(8)}"
        if draw.random() < 0.2:
            held.pop(name, None)
        else:
            base = draw.choice(ITEMS)
            held[name] = replace(base, id=name, edition=step + 1, state=draw.choice(list(KnowledgeState)))
        finder.refresh(held.values())
        new = AnswerFinder(held.values())
        assert len(finder) == len(new)
        for said in ("停水通知", "社会保障卡补办", "供暖退费收费"):
            found, wanted = finder.find(said), new.find(said)
            assert [replace(one, score=0) for one in found] == [replace(one, score=0) for one in wanted]
            assert [one.score for one in found] == pytest.approx([one.score for one in wanted])


def test_an_item_of_the_same_edition_is_not_read_again() -> None:
    finder = AnswerFinder([WATER])
    finder.refresh([replace(WATER, question="供暖", state=KnowledgeState.DOUBTED)])
    assert finder.find("供暖") == []
    assert finder.find("停水")[0].doubted


def test_five_thousand_items_are_answered_at_once() -> None:
    draw = random.Random(1)
    first, second = "供水电气暖路灯公交学校医保社房产车证", "费卡证件站点线票务管单位户口补退停修"
    words = [one + other for one in first for other in second]
    items = [
        Item(f"k{number}", "".join(draw.choices(words, k=10)) + "怎么办理?", ",".join(draw.choices(words, k=60)))
        for number in range(5000)
    ]
    begun = process_time()
    finder = AnswerFinder(items)
    built = process_time() - begun
    begun = process_time()
    for _ in range(20):
        assert finder.find("请问" + ",".join(draw.choices(words, k=30)))
    asked = (process_time() - begun) / 20
    print(f"build {built:.2f} s, one question {asked * 1000:.1f} ms")
    assert built < 5
    assert asked < 0.05
