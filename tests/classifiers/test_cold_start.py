"""A city that brings only the names of its categories gets answers."""

from pathlib import Path

import numpy as np
import pytest

from classifiers.learning.cold import ColdStart, read_tree, tree_or_error
from classifiers.learning.cold_places import places
from classifiers.learning.cold_words import WordVotes
from classifiers.learning.rows import Row
from classifiers.lexicon.topics import read_topics, topics
from schemas.errors import ContractError, NotFound

TREE = [
    ("住房城建", "物业", "小区物业"),
    ("住房城建", "市政", "供水"),
    ("生态环境", "污染", "噪声污染"),
    ("生态环境", "污染", "大气污染"),
    ("教育", "学校", "招生入学"),
    ("教育", "学校", "其他"),
    ("人力资源社会保障", "劳动", "工资发放"),
    ("人力资源社会保障", "社会保险", "养老保险"),
]


def row(title: str, text: str = "") -> Row:
    return Row(title, text, None, {})


def label(tree: list[tuple[str, ...]], title: str, text: str = "") -> str:
    return ColdStart(tree).predict([row(title, text)])[0].label


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("物业公司把小区公共收益装进自己口袋", "住房城建"),
        ("隔壁工厂夜里机器轰鸣噪音扰民", "生态环境"),
        ("外地孩子上小学怎么报名入学", "教育"),
        ("工地老板拖欠工资半年不发", "人力资源社会保障"),
    ],
)
def test_a_letter_goes_to_the_field_it_speaks_of(title: str, level: str) -> None:
    assert label(TREE, title).split("/")[0] == level


def test_a_clear_letter_is_answered_to_the_leaf_and_a_vague_one_with_its_field_only() -> None:
    assert label(TREE, "自来水停水两天了", "小区供水什么时候恢复,水压也不够") == "住房城建/市政/供水"
    assert label(TREE, "住房和城建的事") == "住房城建"


def test_a_name_that_the_lexicon_has_never_heard_of_is_found_by_its_own_words() -> None:
    tree = [("甲", "雪橇租赁"), ("甲", "热气球放飞"), ("乙", "灯塔值守")]
    assert label(tree, "湖边放飞热气球没有人看着") == "甲/热气球放飞"
    assert label(tree, "灯塔晚上没有人值守") == "乙/灯塔值守"


def test_labels_leave_only_these_names_and_their_confidences_sum_to_one() -> None:
    found = ColdStart(TREE).predict([row("物业费太贵"), row("")], labels=["教育", "生态环境"])
    assert {name for one in found for name, _ in one.top} == {"教育", "生态环境"}
    assert [sum(share for _, share in one.top) for one in found] == pytest.approx([1.0, 1.0])
    assert found[1].confidence == pytest.approx(0.5)


def test_a_topic_moves_to_the_next_best_place_when_its_own_is_not_among_the_labels() -> None:
    tree = [("政法", "交通管理"), ("交通运输", "客货运输"), ("教育", "学校")]
    letter = [row("路口红绿灯坏了堵车,交警也不来")]
    cold = ColdStart(tree)
    assert cold.predict(letter)[0].label.startswith("政法")
    assert cold.predict(letter, labels=["交通运输", "教育"])[0].label == "交通运输"


def test_nothing_is_accepted_without_labels_whatever_is_promised() -> None:
    letters = [row("拖欠工资", "老板拖欠工资,讨薪无门,劳动监察不管")]
    for promise in (0.0, 0.5, 0.98):
        (found,) = ColdStart(TREE).predict(letters, promise=promise)
        assert found.confidence > 0.8
        assert not found.accepted


def test_an_answer_does_not_depend_on_what_stands_beside_it() -> None:
    letters = [row(f"第{number}封", text) for number, text in enumerate(["噪音扰民", "养老保险断缴", "", "😀", "物业"] * 500)]
    cold = ColdStart(TREE)
    together = cold.predict(letters)
    assert [cold.predict([one])[0] for one in letters[:5]] == together[:5] == together[-5:]


def test_empty_texts_emoji_and_a_text_of_a_megabyte_are_answered() -> None:
    found = ColdStart(TREE).predict([row(""), row("😀😀"), row("", "噪音扰民" * 260_000), row("\ud83d", "a" * 100)])
    assert [one.label.split("/")[0] for one in found[2:3]] == ["生态环境"]
    assert found[0].confidence == found[1].confidence < 0.5
    assert ColdStart(TREE).predict([]) == []


def test_probabilities_are_shares_of_the_level_1_names() -> None:
    names, table = ColdStart(TREE).probabilities([row("噪音"), row("工资")])
    assert names == ["住房城建", "生态环境", "教育", "人力资源社会保障"]
    np.testing.assert_allclose(table.sum(axis=1), 1.0)


def test_a_name_that_is_not_in_the_tree_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ContractError, match=r"没有:农业.*住房城建"):
        ColdStart(TREE).predict([row("噪音")], labels=["农业", "教育"])
    with pytest.raises(ContractError, match="labels"):
        ColdStart(TREE).predict([row("噪音")], labels=[])


@pytest.mark.parametrize("tree", [[], [()], [("甲", "")], [("甲/乙",)]])
def test_a_tree_without_names_is_refused(tree: list[tuple[str, ...]]) -> None:
    with pytest.raises(ContractError, match="tree"):
        ColdStart(tree)


def test_without_a_model_and_a_tree_the_error_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"--model.*--tree"):
        tree_or_error(None)
    with pytest.raises(NotFound, match="没有类别树文件"):
        tree_or_error(tmp_path / "none.csv")


def test_a_tree_is_read_with_a_mark_other_columns_repeated_lines_and_short_branches(tmp_path: Path) -> None:
    file = tmp_path / "tree.csv"
    file.write_bytes("\ufeffcode,level1,level2,level3\n1,甲,乙,丙\n2,甲,乙,丙\n,,,\n3,甲,丁,\n4,戊\n".encode())
    assert read_tree(file) == [("甲", "乙", "丙"), ("甲", "丁"), ("戊",)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "没有 level1"),
        (b"", "没有 level1"),
        (b"level1,level2\n", "一个类别也没有"),
        ("level1,level2\n甲,乙\n,乙\n".encode(), "第 3 行.*上级名称为空"),
        ("level1,level2\n甲,乙\n".encode("gb18030"), "UTF-8"),
    ],
)
def test_a_file_that_is_no_tree_is_refused(content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "tree.csv"
    file.write_bytes(content)
    with pytest.raises(ContractError, match=says):
        read_tree(file)


def test_topics_stand_under_their_own_field_where_a_name_is_in_the_tree_twice() -> None:
    (topic,) = read_topics("= 住建: 住建\n安全: 安全生产 > 住建 = 隐患|塌方")
    (shares,) = places([topic], [("经济", "安全生产"), ("住建", "安全生产"), ("住建", "房屋")])
    assert shares[1] > shares[0] > shares[2] == 0
    assert shares.sum() == pytest.approx(1.0)


def test_a_topic_falls_back_along_its_names_and_to_nothing_when_none_fits() -> None:
    (topic,) = read_topics("= 住建: 住建\n供暖: 供暖 > 市政 = 暖气|供热")
    assert places([topic], [("住建", "市政"), ("住建", "房屋")]).tolist() == [[1.0, 0.0]]
    assert places([topic], [("住建", "甲"), ("住建", "其他")]).tolist() == [[0.25, 0.75]]
    assert places([topic], [("教育", "学校")]).tolist() == [[0.0]]


def test_a_word_of_two_bags_counts_half_in_each_and_a_title_twice() -> None:
    votes = WordVotes([{"噪音": 2.0, "工资": 1.0}, {"噪音": 2.0}])
    body, title = votes.votes([row("", "噪音"), row("噪音")])
    assert body.tolist() == pytest.approx([np.log(2), np.log(2)])
    assert title.tolist() == pytest.approx((2 * body).tolist())
    assert votes.votes([row("工资 加班")])[0, 1] == 0


@pytest.mark.parametrize("written", ["供暖: 供暖 = 暖气", "= 住建: 住建\n供暖: 供暖", "= 住建: 住建\n供暖: 供暖 = 冷"])
def test_a_line_that_is_no_topic_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="供暖"):
        list(read_topics(written))


def test_every_topic_of_the_lexicon_has_a_name_of_its_own_and_words_enough() -> None:
    found = topics()
    assert len({topic.name for topic in found}) == len(found) > 80
    assert all(topic.field and all(topic.chain) for topic in found)
    few = [topic.name for topic in found if len(topic.words) < 5 and topic.name != "公积金"]
    assert few == []
