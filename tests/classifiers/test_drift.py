"""Drift: quiet on what is the same, loud on what has changed, and always with the figures."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from classifiers.learning import word_shift
from classifiers.learning.drift import EFFECTS, FEWEST, DriftCheck, DriftTest, Measured, Reference, check, reference_of
from classifiers.learning.rows import Row
from classifiers.learning.word_shift import LEAST, count_words, divergence, unknown_share
from language.tokenise import tokenise
from schemas.errors import ContractError

PROMISE = 0.98
MATTERS = (
    "路灯 不亮 晚上 看不见 电线杆", "停水 水龙头 水压 自来水 管道", "噪声 施工 夜里 睡不着 工地", "公交车 司机 站台 等车 线路",
    "医院 挂号 医生 看病 门诊", "学校 老师 学生 招生 学费", "工资 拖欠 老板 合同 打工", "垃圾 清运 臭味 垃圾桶 环卫",
    "违建 楼顶 邻居 搭建 举报", "社保 退休 缴费 养老金 办理",
)  # fmt: skip
COMMON = (
    "希望", "有关部门", "尽快", "处理", "一下", "我们", "小区", "居民", "已经", "反映", "多次", "没有", "解决", "问题", "非常",
    "影响", "生活", "请问", "什么", "时候", "可以",
)  # fmt: skip
NEW = ("充电桩", "电动自行车", "换电柜", "蓄电池", "飞线", "起火", "阻燃", "棚子", "扫码", "插座")
PLACES = [f"{name}{kind}" for name in "望梧铁云松柳梅兰竹菊桂杏" for kind in ("江花园", "桐苑", "东路", "溪街道", "桥新村")]


def report(chance: random.Random, words: Sequence[str]) -> Row:
    said = [chance.choice(PLACES), *chance.sample(words, 4), *chance.sample(COMMON, 7)]
    chance.shuffle(said)
    return Row(f"{said[0]}{said[1]}", ",".join(said) + "。", None, {})


def reports(many: int, seed: int) -> list[Row]:
    """The same city every time: ten matters, some more usual than others."""
    chance = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(MATTERS))]
    return [report(chance, chance.choices(MATTERS, weights)[0].split()) for _ in range(many)]


def sure(many: int, seed: int, usual: float = 0.8) -> list[float]:
    chance = random.Random(seed)
    return [chance.betavariate(8 * usual, 8 * (1 - usual)) for _ in range(many)]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return reference_of(reports(800, 1), sure(800, 1))


def answer(found: DriftCheck, test: DriftTest) -> Measured:
    return next(one for one in found.tests if one.test is test)


def test_two_halves_of_one_distribution_never_alarm() -> None:
    """50 seeds, 4 questions each; no alarm was seen in 200 other seeds either."""
    alarms = 0
    for seed in range(50):
        rows, confidences = reports(600, 1000 + seed), sure(600, seed)
        found = check(reference_of(rows[:300], confidences[:300]), rows[300:], confidences[300:], None, PROMISE)
        assert all(one.enough for one in found.tests[:4])
        alarms += found.alert
    assert alarms == 0


def test_a_fifth_of_the_reports_about_something_new_alarms_and_names_it(reference: Reference) -> None:
    chance = random.Random(5)
    rows = reports(320, 2) + [report(chance, NEW) for _ in range(80)]
    found = check(reference, rows, sure(400, 2), None, PROMISE)
    assert found.alert
    matter = answer(found, DriftTest.NEW_MATTER)
    assert matter.alert
    assert 0.1 <= matter.effect <= 0.2, "the least share that the words prove, and never more than there is"
    assert len({one.word for one in found.risen} & {token for word in NEW for token in tokenise(word)}) >= 5


def test_falling_confidence_alarms_and_rising_confidence_does_not(reference: Reference) -> None:
    fallen = answer(check(reference, reports(400, 2), sure(400, 2, 0.65), None, PROMISE), DriftTest.CONFIDENCE)
    assert fallen.alert
    assert fallen.now < fallen.before - 0.1
    risen = answer(check(reference, reports(400, 2), sure(400, 2, 0.9), None, PROMISE), DriftTest.CONFIDENCE)
    assert not risen.alert


def test_confidences_that_share_one_step_are_the_same_when_only_their_last_digits_differ() -> None:
    steps = [0.9966887417218542] * 200 + [0.61234567] * 40
    known = reference_of(reports(240, 1), steps)
    for shift in (1e-9, -1e-9, -0.005):
        found = answer(check(known, reports(240, 2), [one + shift for one in steps], None, PROMISE), DriftTest.CONFIDENCE)
        assert found.effect < 0.02
    lower = answer(check(known, reports(240, 2), [one - 0.05 for one in steps], None, PROMISE), DriftTest.CONFIDENCE)
    assert lower.alert


def test_a_difference_that_is_sure_but_small_does_not_alarm(reference: Reference) -> None:
    big = reference_of(reports(3000, 1), sure(3000, 1))
    found = answer(check(big, reports(3000, 2), sure(3000, 2, 0.77), None, PROMISE), DriftTest.CONFIDENCE)
    assert found.p < 0.001
    assert found.effect < EFFECTS[DriftTest.CONFIDENCE]
    assert not found.alert


def test_texts_of_another_kind_alarm_by_words_and_by_unknown_words(reference: Reference) -> None:
    strange = [Row("", f"系统测试报文第{number}号设备离线告警编码{number * 7919}自动生成", None, {}) for number in range(150)]
    assert len({row.text for row in strange}) == 150
    chance = random.Random(9)
    foreign = [report(chance, NEW) for _ in range(200)]
    found = check(reference, foreign, sure(200, 2), None, PROMISE)
    assert answer(found, DriftTest.WORDS).alert
    assert answer(found, DriftTest.UNKNOWN_WORDS).alert
    copies = check(reference, strange, sure(150, 2), None, PROMISE)
    assert copies.rows < 150, "near copies count once"


@pytest.mark.parametrize(
    ("wrong", "of", "alert"), [(2, 100, False), (20, 100, True), (3, 100, False), (0, 5, False), (3, 5, True)]
)
def test_checked_reports_are_held_against_the_promise(reference: Reference, wrong: int, of: int, alert: bool) -> None:
    points = [False] * wrong + [True] * (of - wrong)
    found = answer(check(reference, [], [], points, PROMISE), DriftTest.CHECKED)
    assert (found.alert, found.rows, found.before) == (alert, of, PROMISE)
    assert found.now == pytest.approx(1 - wrong / of)


def test_a_promise_that_just_holds_hardly_ever_alarms(reference: Reference) -> None:
    chance = np.random.default_rng(3)
    alarms = sum(check(reference, [], [], list(chance.random(300) < PROMISE), PROMISE).alert for _ in range(400))
    assert alarms <= 8, f"{alarms} of 400 at a risk of 1 %"


def test_many_checked_reports_a_hair_below_the_promise_are_no_alert(reference: Reference) -> None:
    points = [False] * 2200 + [True] * 97800
    found = answer(check(reference, [], [], points, PROMISE), DriftTest.CHECKED)
    assert found.p < 0.01
    assert not found.alert


def test_too_few_reports_say_nothing_but_say_so(reference: Reference) -> None:
    few = check(reference, reports(FEWEST - 10, 4), sure(FEWEST - 10, 4, 0.2), None, PROMISE)
    assert not few.alert
    assert not any(one.enough for one in few.tests)
    assert not check(reference, [], [], None, PROMISE).alert
    with pytest.raises(ContractError) as refused:
        reference_of(reports(40, 1), sure(40, 1))
    assert "40" in str(refused.value)


def test_a_reference_survives_its_file_and_a_damaged_one_is_said(reference: Reference, tmp_path: Path) -> None:
    file = tmp_path / "reference.json"
    file.write_text(json.dumps(asdict(reference), ensure_ascii=False), encoding="utf-8")
    assert Reference.read(file) == reference
    rows, confidences = reports(300, 2), sure(300, 2)
    assert check(Reference.read(file), rows, confidences, None, PROMISE) == check(reference, rows, confidences, None, PROMISE)
    for broken in ("{", "[]", "{}", file.read_text(encoding="utf-8").replace("wentichi-reference-1", "x")):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(ContractError, match="损坏"):
            Reference.read(file)
    with pytest.raises(ContractError, match="没有"):
        Reference.read(tmp_path / "missing.json")


def test_a_check_can_be_written_as_json(reference: Reference) -> None:
    found = check(reference, reports(200, 2), sure(200, 2), [True, False], PROMISE)
    told = json.loads(json.dumps(found.as_json()))
    assert [one["test"] for one in told["tests"]] == list(DriftTest)
    assert told["alert"] is found.alert


def test_the_reference_keeps_no_word_of_few_reports_and_no_text(reference: Reference) -> None:
    rows = [*reports(300, 1), *(Row("", f"{name}反映路灯不亮晚上看不见", None, {}) for name in ("欧阳青松",) * 2)]
    kept = reference_of(rows, sure(302, 1)).words.counts
    assert min(kept.values()) >= LEAST
    assert not {"欧阳", "青松", "欧阳青松"} & kept.keys()
    assert len(reference.words.counts) <= word_shift.WORDS
    assert max(len(word) for word in kept) < 10


def test_divergence_is_nothing_for_the_same_and_one_for_nothing_in_common() -> None:
    bags = [frozenset({"甲", "乙"})] * 10
    known = count_words(bags)
    assert divergence(known, bags) == pytest.approx(0)
    assert divergence(known, [frozenset({"丙"})]) == 0, "none of its words is known: the unknown words say so"
    half = count_words([frozenset({"甲"})] * 10 + [frozenset({"乙"})] * 10)
    assert divergence(half, [frozenset({"甲"})]) == pytest.approx(0.3113, abs=1e-4)
    assert unknown_share([frozenset({"甲", "丙"}), frozenset({"丁"})], known.counts)[0] == pytest.approx(2 / 3)


def test_chance_is_measured_well_enough_for_other_sizes() -> None:
    """What the reference says chance would give is what new texts of the same city show."""
    known = count_words([word_shift.bag_of(row) for row in reports(800, 1)])
    for size in (60, 200, 800):
        found = np.mean([divergence(known, [word_shift.bag_of(row) for row in reports(size, 50 + seed)]) for seed in range(8)])
        assert found == pytest.approx(known.chance(size)[0], rel=0.35), size
