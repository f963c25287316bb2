"""Category and unit by models trained on the city's own decisions, behind the same port as the pack's rules.

What a sender told (its own category code, a camera's class) and what a model knows nothing about stays with the rules. The models
propose; `Basis.PROMISED` says that category and unit hold the promised accuracy, and casework applies the laws to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Protocol

from city.pack import CityPack
from classifiers.duty import Choice
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row
from classifiers.pack_names import PackNames
from classifiers.pack_rules import Asked, PackClassifier, read
from classifiers.routing import Past, Routing
from classifiers.scan import TermScanner
from schemas.errors import ContractError
from schemas.findings import CategoryProposal, Evidence, Findings
from schemas.words import Basis, EvidenceKind

PATH_FROM: Final = 0.5
"""Confidence from which a category's path is told to the model of units."""
ALSO: Final = 0.1
"""Confidence from which a category that is not the best one has its units among the candidates."""
SHOWN: Final = 3
WORDS_SHOWN: Final = 3
FOREIGN: Final = 0.2
"""Share of a model's training rows with labels that the pack does not have, beyond which the model is another city's."""


class Model(Protocol):
    """What both models can do."""

    def predict(self, rows: Sequence[Row], *, promise: float = ..., labels: Sequence[str] | None = ...) -> list[Prediction]: ...


@dataclass(frozen=True, slots=True)
class Promoted:
    """A model with the version, the promise (0..1) and the share of reports (0..1) that people check, by which it was promoted.

    labels: of its training, with the rows of each.
    """

    model: Model
    version: str
    promise: float
    checked_share: float
    labels: dict[str, int]


class TrainedClassifier:
    """Built when a model is promoted; `findings` has no state. department: None where no model of past orders stands."""

    def __init__(self, pack: CityPack, rules: PackClassifier, category: Promoted, department: Promoted | None) -> None:
        """Raises ContractError for a model whose labels are not this pack's."""
        self._pack, self._rules, self._category, self._department = pack, rules, category, department
        self._names = names = PackNames(pack)
        self._codes = _meant(category.labels, names.category, "类别")
        self._units = _meant(department.labels, names.unit, "单位") if department else {}
        self._routing = Routing(pack)
        self._phrases = rules.profile.numbers
        self._scanner = TermScanner(rules.duty.terms | rules.risk.terms | rules.types.terms | self._phrases.keys())
        versions = [f"category/{category.version}"] + ([f"department/{department.version}"] if department else [])
        self.name = "+".join([*versions, rules.name])

    def findings(self, asked: Sequence[Asked]) -> list[Findings]:
        """Of each report, in order."""
        told = [self._told(one) for one in asked]
        rows = [Row(one.title, one.text, None, {}) for one, known in zip(asked, told, strict=True) if not known]
        named = iter(self._category.model.predict(rows, promise=self._category.promise)) if rows else iter(())
        categories = [None if known else next(named) for known in told]
        past = self._past(asked, categories)
        return [
            self._of_rules(one) if said is None else self._finding(one, said, orders)
            for one, said, orders in zip(asked, categories, past, strict=True)
        ]

    def _told(self, one: Asked) -> bool:
        hints = one.hints
        return hints.category in self._pack.categories or (hints.alarm_class or "") in self._pack.camera_classes

    def _of_rules(self, one: Asked) -> Findings:
        return self._drawn(one, self._rules.finding(one).model_copy(update={"model": self.name}))

    def _past(self, asked: Sequence[Asked], categories: Sequence[Prediction | None]) -> list[Past | None]:
        """What the model of past orders says; None for each without such a model or without words."""
        model = self._department
        if model is None:
            return [None] * len(asked)
        places = [place for place, said in enumerate(categories) if said is not None]
        rows = [Row(asked[place].title, asked[place].text, None, self._path(categories[place])) for place in places]
        found: list[Past | None] = [None] * len(asked)
        for place, said in zip(places, model.model.predict(rows, promise=model.promise) if rows else (), strict=True):
            shares: dict[str, float] = {}
            for label, share in said.top:
                if (unit := self._units.get(label)) is not None:
                    shares[unit] = shares.get(unit, 0.0) + share
            found[place] = Past(shares, self._units.get(said.label) if said.accepted else None, model.version)
        return found

    def _path(self, said: Prediction | None) -> dict[str, str]:
        code = self._codes.get(said.label) if said is not None and said.confidence >= PATH_FROM else None
        if code is None:
            return {}
        return {f"l{level}": name for level, name in enumerate(self._names.path(code).split("/"), 1)}

    def _finding(self, one: Asked, said: Prediction, past: Past | None) -> Findings:
        shares = [(code, share) for label, share in said.top if (code := self._code(label)) is not None]
        if not shares:
            return self._of_rules(one)
        _, words = read(one.title, one.text)
        positions = self._scanner.scan(words)
        choices = [
            (share, self._rules.duty.choose(code, share, one.place, positions))
            for rank, (code, share) in enumerate(shares)
            if not rank or share >= ALSO
        ]
        choice = self._routing.choose(choices[:SHOWN], one.place, past)
        found = Findings(
            categories=self._proposals(shares[:SHOWN], positions),
            units=choice.units,
            urgency=self._rules.urgency(words, positions, one.text),
            place=one.place,
            request_type=self._rules.types.finding(words, positions),
            basis=self._basis(said, shares[0][0], choice),
            model=self.name,
        )
        return self._drawn(one, found)

    def _code(self, label: str) -> str | None:
        """Also of a parent that the model answers where its leaves are unsure."""
        return self._codes[label] if label in self._codes else self._names.category(label)

    def _basis(self, said: Prediction, code: str, choice: Choice) -> Basis:
        if not said.accepted or self._code(said.label) != code:
            return Basis.UNSURE_CATEGORY
        return Basis.PROMISED if choice.basis is Basis.ONE_DUTY_ITEM else choice.basis

    def _drawn(self, one: Asked, found: Findings) -> Findings:
        """A fixed share of the reports, drawn by their ids, is decided by people whatever the model says (质量检查点)."""
        drawn = int.from_bytes(blake2b(one.report.encode(), digest_size=4).digest()) / 2**32 < self._category.checked_share
        return found.model_copy(update={"basis": Basis.DRAWN_TO_CHECK.value}) if drawn else found

    def _proposals(self, shares: Sequence[tuple[str, float]], positions: dict[str, list[int]]) -> list[CategoryProposal]:
        """With the pack's own words for the category that stand in the text as evidence, the most telling first."""
        phrases = self._rules.profile.phrases
        said = [phrases[at] for text in self._phrases.keys() & positions.keys() for at in self._phrases[text]]
        found = []
        for code, share in shares:
            seen = [Evidence(kind=EvidenceKind.MODEL, ref=f"category/{self._category.version}", weight=round(share, 4))]
            own = sorted((one for one in said if one.category == code), key=lambda one: (-one.share, -len(one.text), one.text))
            seen += [
                Evidence(kind=phrase.kind, ref=phrase.ref, word=phrase.text, weight=round(phrase.share, 3))
                for phrase in own[:WORDS_SHOWN]
            ]
            found.append(CategoryProposal(code=code, confidence=round(min(share, 1.0), 4), evidence=seen))
        return found


def _meant(labels: dict[str, int], meaning: Callable[[str], str | None], what: str) -> dict[str, str]:
    """Label -> code, of the labels that mean something in the pack."""
    found = {label: code for label in labels if (code := meaning(label)) is not None}
    foreign = [label for label in labels if label not in found]
    share = sum(labels[label] for label in foreign) / max(1, sum(labels.values()))
    if share > FOREIGN:
        named = "、".join(sorted(foreign, key=lambda label: -labels[label])[:3])
        rule = f"模型的训练数据有 {share:.0%} 的{what}不在城市配置包里,例如“{named}”"
        raise ContractError("model", rule, "请用本市的数据训练,标签用配置包里的代码或名称")
    return found
