"""The pack alone names category and unit where it can, says why where it cannot, and shows its reasons."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from city.pack import CityPack
from classifiers.pack_rules import PackClassifier
from schemas.findings import Findings, Place
from schemas.words import Basis, EvidenceKind, Urgency


@dataclass(frozen=True)
class Said:
    """Hints of a sender."""

    category: str | None = None
    alarm_class: str | None = None
    event_type: str | None = None


@dataclass(frozen=True)
class Told:
    """One report as a classifier is asked about it."""

    title: str
    text: str
    place: Place
    hints: Said
    report: str = "r1"


HERE = Place(area="990102001001", confidence=0.9)
DEV = [json.loads(line) for line in (Path(__file__).parent / "dev_reports.jsonl").read_text("utf-8").splitlines()]


def read(classifier: PackClassifier, text: str, place: Place = HERE, title: str = "", said: Said | None = None) -> Findings:
    return classifier.finding(Told(title, text, place, said or Said()))


@pytest.mark.parametrize("text", ["路灯一直都不亮", "灯杆上的灯全灭了,路上一片漆黑", "晚上黑灯瞎火的,一盏路灯都没有亮"])
def test_other_words_and_another_order_name_the_same_matter(classifier: PackClassifier, text: str) -> None:
    found = read(classifier, text)
    assert found.categories[0].code == "010503"
    assert found.units[0].unit == "yunxi-chengguan"
    assert found.basis == Basis.ONE_DUTY_ITEM


def test_evidence_is_the_packs_own_words(classifier: PackClassifier, pack: CityPack) -> None:
    found = read(classifier, "路灯一直都不亮")
    known = {pack.categories["010503"].name, *pack.categories["010503"].aliases, *pack.categories["010503"].words, "城市照明维护"}
    assert {one.word for one in found.categories[0].evidence} <= known
    assert found.units[0].evidence[0].ref == "Q018"
    assert EvidenceKind.TERRITORY in {one.kind for one in found.units[0].evidence}


def test_greetings_histories_and_signatures_do_not_drown_the_matter(classifier: PackClassifier) -> None:
    chaff = "尊敬的领导您好,我是一名普通市民,孩子要考试,老伴身体不好,社区街道都跑过,没有下文。"
    found = read(classifier, chaff + "我家门口的路灯坏了一个月。" + "恳请有关部门尽快处理,谢谢!此致敬礼" + chaff)
    assert found.categories[0].code == "010503"


def test_the_name_of_a_place_is_not_the_matter(classifier: PackClassifier) -> None:
    found = read(classifier, "书院小学门口路灯坏了")
    assert found.categories[0].code == "010503"


@pytest.mark.parametrize("text", ["你好", "我想问一下那个事情", "", "谢谢领导", "1" * 500])
def test_what_says_nothing_waits_for_a_person(classifier: PackClassifier, text: str) -> None:
    assert read(classifier, text).basis in (Basis.NO_CATEGORY, Basis.UNSURE_CATEGORY)


def test_without_a_place_a_territorial_duty_has_no_unit(classifier: PackClassifier) -> None:
    found = read(classifier, "路灯一直都不亮,黑灯瞎火", Place())
    assert (found.basis, found.units) == (Basis.NO_TERRITORY, [])


def test_a_matter_without_a_duty_item_waits_for_a_person(classifier: PackClassifier) -> None:
    found = read(classifier, "楼上卫生间漏水漏到我家,天花板滴水发霉")
    assert (found.categories[0].code, found.basis) == ("040106", Basis.NO_DUTY_ITEM)


def test_two_duty_items_are_told_apart_by_their_words(classifier: PackClassifier) -> None:
    inside = read(classifier, "小区里单元楼下化粪池满了,污水外溢,物业不管")
    outside = read(classifier, "马路边市政管网堵塞,污水井往外溢,路上全是污水")
    assert (inside.units[0].duty_item, inside.basis) == ("Q021", Basis.ONE_DUTY_ITEM)
    assert (outside.units[0].duty_item, outside.basis) == ("Q020", Basis.ONE_DUTY_ITEM)
    assert read(classifier, "下水道堵塞,污水外溢").basis == Basis.SEVERAL_DUTY_ITEMS


def test_a_camera_class_names_its_category(classifier: PackClassifier) -> None:
    found = classifier.finding(Told("", "", HERE, Said(alarm_class="沿街晾晒")))
    assert (found.categories[0].code, found.basis) == ("020204", Basis.ONE_DUTY_ITEM)


def test_a_grid_events_type_does_not_outvote_the_words(classifier: PackClassifier) -> None:
    found = read(classifier, "路灯一直都不亮,黑灯瞎火", said=Said(event_type="矛盾纠纷"))
    assert found.categories[0].code == "010503"


def test_a_category_that_the_pack_has_not_is_passed_over(classifier: PackClassifier) -> None:
    assert read(classifier, "路灯不亮", said=Said(category="nowhere")).categories[0].code == "010503"


def test_a_danger_at_the_end_of_a_long_letter_counts(classifier: PackClassifier) -> None:
    assert read(classifier, "路灯不亮,希望修一修。" * 100 + "我妈说她不想活了").urgency.level is Urgency.CRITICAL


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("五楼着火了,快来", Urgency.CRITICAL),
        ("闻到很浓的煤气味", Urgency.CRITICAL),
        ("没有着火,只是烟味", Urgency.NORMAL),
        ("昨天搞了火灾演练,很吵", Urgency.NORMAL),
        ("担心着火", Urgency.NORMAL),
        ("消防通道被堵", Urgency.URGENT),
        ("路灯不亮", Urgency.NORMAL),
    ],
)
def test_urgency_needs_a_risk_that_is_real(classifier: PackClassifier, text: str, level: Urgency) -> None:
    found = read(classifier, text).urgency
    assert found.level is level
    assert bool(found.evidence) == (level is not Urgency.NORMAL)


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=300))
def test_the_grassroots_never_gets_what_is_not_its_own(classifier: PackClassifier, pack: CityPack, title: str, text: str) -> None:
    found = read(classifier, text, title=title)
    if found.basis == Basis.ONE_DUTY_ITEM:
        unit, item = pack.units[found.units[0].unit], pack.duty_items[found.units[0].duty_item]
        assert not unit.grassroots or item.township_role.value == "lead"


def test_the_development_reports_stay_decided(classifier: PackClassifier) -> None:
    """A guard against falling back, no measure: the lexicon knows these reports' words. tests/decisions measures."""
    right = wrong = decidable = 0
    for row in DEV:
        decidable += row["unit"] is not None
        found = classifier.finding(Told(row["title"], row["text"], Place(area=row["area"]), Said()))
        if found.basis == Basis.ONE_DUTY_ITEM:
            good = found.categories[0].code in row["categories"] and found.units[0].unit == (row["unit"] or found.units[0].unit)
            right, wrong = right + good, wrong + (not good)
    assert right >= 0.6 * decidable
    assert wrong <= 0.02 * (right + wrong)
