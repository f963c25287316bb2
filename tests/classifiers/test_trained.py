"""Trained models behind the classifier's port: they propose, the duty list and the place say which unit, the rules stay where
nothing was learned."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.dispatch import WITHOUT_A_PERSON, basis_of, lawful_lead
from city.pack import CityPack
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row
from classifiers.pack_rules import PackClassifier
from classifiers.trained import Promoted, TrainedClassifier
from schemas.errors import ContractError
from schemas.findings import Findings, Place
from schemas.words import Basis, EvidenceKind, RequestType, Urgency

HERE = Place(area="990102001001", confidence=0.9)
NOWHERE = Place()
HEATING, DRAINS, LAMPS = "01/0104/010401", "01/0106/010601", "01/0105/010503"


@dataclass(frozen=True)
class Hints:
    category: str | None = None
    alarm_class: str | None = None
    event_type: str | None = None


@dataclass(frozen=True)
class Asked:
    title: str
    text: str
    place: Place = field(default_factory=lambda: HERE)
    hints: Hints = Hints()
    report: str = "r1"


@dataclass
class Says:
    """A model that always says the same, and remembers what it was asked."""

    label: str
    share: float = 0.97
    accepted: bool = True
    others: tuple[tuple[str, float], ...] = ()
    asked: list[Row] = field(default_factory=list)

    def predict(self, rows: Sequence[Row], *, promise: float = 0.98, labels: Sequence[str] | None = None) -> list[Prediction]:
        assert 0 < promise < 1
        assert labels is None
        self.asked += rows
        return [Prediction(self.label, self.share, ((self.label, self.share), *self.others), self.accepted) for _ in rows]


def promoted(model: Says, *labels: str, checked: float = 0.0) -> Promoted:
    return Promoted(model, "0123456789ab", 0.98, checked, dict.fromkeys([model.label, *labels], 50))


@pytest.fixture
def ask(pack: CityPack, classifier: PackClassifier):  # type: ignore[no-untyped-def]
    def asked(category: Says, department: Says | None = None, place: Place = HERE, checked: float = 0.0) -> Findings:
        orders = promoted(department) if department else None
        trained = TrainedClassifier(pack, classifier, promoted(category, checked=checked), orders)
        (found,) = trained.findings([Asked("家里冷", "量了一下,屋里才十四度", place)])
        return found

    return asked


def lead_of(pack: CityPack, item: str) -> str:
    unit = pack.resolve(pack.duty_items[item].lead, HERE.area)
    assert unit is not None
    return unit.code


def test_what_holds_the_promise_and_has_one_duty_item_is_promised_with_its_evidence(ask, pack) -> None:  # type: ignore[no-untyped-def]
    found = ask(Says(HEATING))
    assert (found.categories[0].code, found.basis) == ("010401", Basis.PROMISED)
    assert (found.units[0].unit, found.units[0].duty_item) == (lead_of(pack, "Q013"), "Q013")
    assert found.units[0].legal_basis
    kinds = {evidence.kind for evidence in found.categories[0].evidence}
    assert EvidenceKind.MODEL in kinds
    assert found.categories[0].evidence[0].ref == "category/0123456789ab"
    assert found.model.startswith("category/0123456789ab+pack-rules/")


def test_what_does_not_hold_the_promise_waits_for_a_person(ask) -> None:  # type: ignore[no-untyped-def]
    assert ask(Says(HEATING, 0.6, accepted=False)).basis == Basis.UNSURE_CATEGORY


def test_names_and_paths_of_names_mean_the_same_as_codes(ask, pack) -> None:  # type: ignore[no-untyped-def]
    names = "/".join([*(above.name for above in reversed(pack.ancestors("010401"))), pack.categories["010401"].name])
    assert ask(Says(names)).categories[0].code == "010401"
    assert ask(Says("010401")).categories[0].code == "010401"


def test_a_parent_that_is_answered_is_no_certain_category(ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(Says(HEATING, 0.4, accepted=False, others=(("01/0104", 0.4),)))
    assert [one.code for one in found.categories] == ["010401", "0104"]
    assert found.basis == Basis.UNSURE_CATEGORY


def test_past_orders_tell_two_duty_items_apart_only_where_they_are_sure(ask, pack) -> None:  # type: ignore[no-untyped-def]
    assert ask(Says(DRAINS)).basis == Basis.SEVERAL_DUTY_ITEMS
    water = lead_of(pack, "Q020")
    sure = ask(Says(DRAINS), Says(water))
    assert (sure.units[0].unit, sure.units[0].duty_item, sure.basis) == (water, "Q020", Basis.PROMISED)
    assert ask(Says(DRAINS), Says(water, 0.7, accepted=False)).basis == Basis.SEVERAL_DUTY_ITEMS


def test_past_orders_that_are_sure_of_another_unit_bring_a_person_in(ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(Says(HEATING), Says("yunxi-gongan"))
    assert found.basis == Basis.UNITS_DISAGREE
    assert {unit.unit for unit in found.units} >= {"yunxi-gongan"}


def test_a_unit_of_the_same_line_elsewhere_speaks_for_the_one_that_serves_the_place(ask, pack) -> None:  # type: ignore[no-untyped-def]
    water = lead_of(pack, "Q020")
    own = pack.units[water]
    elsewhere = next(
        unit.code
        for unit in pack.units.values()
        if unit.line == own.line and unit.code != water and pack.areas[unit.area].level is pack.areas[own.area].level
    )
    found = ask(Says(DRAINS), Says(elsewhere))
    assert (found.units[0].unit, found.basis) == (water, Basis.PROMISED)


def test_without_a_place_nobody_is_sent(ask) -> None:  # type: ignore[no-untyped-def]
    assert ask(Says(LAMPS), place=NOWHERE).basis in (Basis.NO_TERRITORY, Basis.SEVERAL_DUTY_ITEMS)


def test_the_share_that_is_drawn_waits_for_a_person_and_is_the_same_every_time(pack, classifier) -> None:  # type: ignore[no-untyped-def]
    trained = TrainedClassifier(pack, classifier, promoted(Says(HEATING), checked=0.1), None)
    asked = [Asked("家里冷", "屋里才十四度", report=f"r{number}") for number in range(1000)]
    drawn = [found.basis == Basis.DRAWN_TO_CHECK for found in trained.findings(asked)]
    assert 60 < sum(drawn) < 140
    assert drawn == [found.basis == Basis.DRAWN_TO_CHECK for found in trained.findings(asked)]


def test_what_a_sender_told_is_not_asked_of_the_model(pack: CityPack, classifier: PackClassifier) -> None:
    model = Says(HEATING)
    trained = TrainedClassifier(pack, classifier, promoted(model), None)
    (found,) = trained.findings([Asked("", "", hints=Hints(alarm_class="沿街晾晒"))])
    assert (found.categories[0].code, model.asked) == ("020204", [])
    (found,) = trained.findings([Asked("家里冷", "没有暖气", hints=Hints(category="不在包里"))])
    assert len(model.asked) == 1


def test_a_danger_and_the_type_are_found_beside_the_model(pack: CityPack, classifier: PackClassifier) -> None:
    trained = TrainedClassifier(pack, classifier, promoted(Says(HEATING)), None)
    (found,) = trained.findings([Asked("咨询", "请问供暖什么时候开始?楼下有人触电,人躺在地上不动了")])
    assert found.urgency.level is Urgency.CRITICAL
    assert found.request_type is not None
    assert found.request_type.type is RequestType.CONSULT


def test_the_categorys_path_is_told_to_the_model_of_units(pack: CityPack, classifier: PackClassifier) -> None:
    orders = Says("yunxi-gongan")
    trained = TrainedClassifier(pack, classifier, promoted(Says(HEATING)), promoted(orders))
    trained.findings([Asked("家里冷", "屋里才十四度")])
    assert orders.asked[0].fields["l3"] == pack.categories["010401"].name


def test_another_citys_model_is_refused(pack: CityPack, classifier: PackClassifier) -> None:
    with pytest.raises(ContractError, match="不在城市配置包里"):
        TrainedClassifier(pack, classifier, promoted(Says("别的城市的类别")), None)
    with pytest.raises(ContractError, match="单位"):
        TrainedClassifier(pack, classifier, promoted(Says(HEATING)), promoted(Says("别的城市的局")))


def test_labels_are_asked_in_one_call_and_answers_keep_their_order(pack: CityPack, classifier: PackClassifier) -> None:
    trained = TrainedClassifier(pack, classifier, promoted(Says(HEATING)), None)
    alarm = Asked("", "", hints=Hints(alarm_class="沿街晾晒"))
    asked = [alarm, Asked("家里冷", "十四度"), alarm]
    assert [found.categories[0].code for found in trained.findings(asked)] == ["020204", "010401", "020204"]
    assert trained.findings([]) == []


@dataclass
class Anything:
    """A classifier whose models say what an example wants."""

    trained: TrainedClassifier
    category: Says
    orders: Says


@pytest.fixture(scope="module")
def anything(pack: CityPack, classifier: PackClassifier) -> Anything:
    category, orders = Says("010401"), Says("yunxi-gongan")
    acting = [code for code in pack.units if pack.acting_unit(code) is not None]
    trained = TrainedClassifier(pack, classifier, promoted(category, *pack.categories), promoted(orders, *acting))
    return Anything(trained, category, orders)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_models_say_no_law_is_broken(pack: CityPack, anything: Anything, data: st.DataObject) -> None:
    codes, units = sorted(pack.categories), sorted(pack.units)
    for says, names in ((anything.category, codes), (anything.orders, units)):
        says.label, says.share = data.draw(st.sampled_from(names)), data.draw(st.floats(0, 1))
        says.accepted = data.draw(st.booleans())
        says.others = tuple(data.draw(st.lists(st.tuples(st.sampled_from(names), st.floats(0, 1)), max_size=4)))
    area = data.draw(st.sampled_from([None, *sorted(pack.areas)]))
    asked = Asked("反映问题", data.draw(st.text(max_size=60)), Place(area=area, confidence=1.0))
    (found,) = anything.trained.findings([asked])
    best = found.categories[0].code if found.categories else None
    assert all(0 <= one.confidence <= 1 for one in [*found.categories, *found.units])
    if basis_of(pack, found, best) in WITHOUT_A_PERSON:
        lead = found.units[0]
        item = pack.duty_items[lead.duty_item]
        assert best is not None
        assert item in pack.duty_items_for(best)
        assert lawful_lead(pack, lead.unit, lead.duty_item, best) is None
        assert pack.resolve(item.lead, area) == pack.units[lead.unit]
        assert anything.category.accepted
