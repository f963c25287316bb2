"""Which unit an order goes to, learned from a city's own dispatches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from classifiers.learning.artifact import Card, card_of, load, save
from classifiers.learning.department_bank import Bank
from classifiers.learning.department_doubt import Doubt, doubtful
from classifiers.learning.department_features import OrderFeatures, View
from classifiers.learning.department_fit import PATH, TEXT, Fitted, HeldOut, fit, key_of, metrics_of
from classifiers.learning.department_names import Names
from classifiers.learning.department_panel import Panel, Scene
from classifiers.learning.department_past import Neighbour, Past
from classifiers.learning.department_signs import Sign
from classifiers.learning.department_trees import Judge
from classifiers.learning.department_trust import Trust
from classifiers.learning.department_words import Order
from classifiers.learning.prediction import Prediction
from classifiers.learning.promise import Promise
from classifiers.learning.rows import Row, Task
from schemas.errors import ContractError

KIND: Final = "department-2"
PROMISE: Final = 0.98
BATCH: Final = 500
TOP: Final = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """words: of the order, with what they added to the unit's margin, the most first; past: the most similar past orders."""

    words: tuple[tuple[str, float], ...]
    past: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    order: Order
    panel: str
    labels: list[int]
    shares: list[float]


class DepartmentModel:
    """fit, predict, probabilities, evidence, likely_wrong, save, load.

    An order may have a category path (l1 to l4) and a scheme. Where it has a path and the model has learned from paths, the
    panel that reads them answers, else the one that reads the text alone; each has its own trust and thresholds.
    """

    def __init__(self, fitted: Fitted, card: Card) -> None:
        self.fitted, self.card = fitted, card
        self._names = Names(fitted.labels)
        self._thresholds: dict[tuple[str, float], float] = {}

    @classmethod
    def fit(cls, rows: Sequence[Row], *, seed: int = 0) -> "DepartmentModel":
        """A model of rows that all have labels; the same rows and seed give the same model.

        Raises ContractError with fewer than two units, or without two texts that are no near copies of each other.
        """
        with threadpool_limits(1):  # many small fits, each too short for threads
            fitted = fit(rows, seed)
        metrics = {
            name: metrics_of(held, fitted.labels) for name, held in fitted.held_out.items()
        }
        promises = {name: {str(PROMISE): asdict(held.promise(PROMISE))} for name, held in fitted.held_out.items()}
        card = card_of(Task.DEPARTMENT, KIND, rows, metrics=metrics, promises=promises, settings={"seed": seed})
        return cls(fitted, card)

    def predict(
        self, rows: Sequence[Row], *, promise: float = PROMISE, labels: Sequence[str] | None = None
    ) -> list[Prediction]:
        """One answer per row, in order. labels: answer only these.

        A row without letters is answered by what is frequent, and never accepted. Raises ContractError for unknown units.
        """
        names = self.fitted.labels
        found: list[Prediction] = []
        for answer in self._answers(rows, self._may(labels)):
            top = tuple((names[one], share) for one, share in zip(answer.labels, answer.shares, strict=True))[:TOP]
            read = any(letter.isalnum() for letter in answer.order.matter + answer.order.history)
            accepted = read and top[0][1] >= self._threshold(answer.panel, promise)
            found.append(Prediction(*top[0], top, accepted))
        return found

    def probabilities(self, rows: Sequence[Row]) -> tuple[list[str], NDArray[np.float32]]:
        """(labels, rows × labels), calibrated; 0 for what is no candidate of the row. A row sums to 1 at most."""
        found = np.zeros((len(rows), len(self.fitted.labels)), np.float32)
        for row, answer in enumerate(self._answers(rows, self._may(None))):
            found[row, answer.labels] = answer.shares
        return list(self.fitted.labels), found

    def evidence(self, row: Row, label: str, words: int = 8, past: int = 3) -> Evidence:
        """Why this unit. Raises ContractError for an unknown one."""
        place = int(np.flatnonzero(self._may([label]))[0])
        order = Order.of(row)
        fitted = self.fitted
        text = fitted.bank.weights(View.PLAIN, None, fitted.features, place)
        whole = fitted.bank.weights(View.PLAIN, Sign.WORD, fitted.features, place)
        spoke = [(word, worth) for word, worth in fitted.features.words(order, text, whole) if worth > 0]
        near = fitted.past.nearest(fitted.features.text.transform([order.row()]), fitted.labels, past)
        return Evidence(tuple(([one for one in spoke if len(one[0]) > 1] or spoke)[:words]), near)

    def likely_wrong(self, rows: Sequence[Row]) -> list[Doubt]:
        """Labelled rows whose label a person should look at, the most doubtful first.

        A row of the training is judged by what the model answered while the row was held out, any other by the model itself.
        """
        number = {label: place for place, label in enumerate(self.fitted.labels)}
        places = [place for place, row in enumerate(rows) if row.label in number]
        if not places:
            return []
        known = self._held_out_by_key()
        fresh = [place for place in places if key_of(rows[place]) not in known]
        judged = {place: known[key_of(rows[place])] for place in places if key_of(rows[place]) in known}
        for place, answer in zip(fresh, self._answers([rows[place] for place in fresh], self._may(None)), strict=True):
            shares = dict(zip(answer.labels, answer.shares, strict=True))
            judged[place] = (answer.labels[0], answer.shares[0], shares.get(number[str(rows[place].label)], 0.0))
        truth = np.array([number[str(rows[place].label)] for place in places], dtype=np.intp)
        said, sure, own = (np.array(some) for some in zip(*(judged[place] for place in places), strict=True))
        found = [
            Doubt(places[one], str(rows[places[one]].label), self.fitted.labels[said[one]], float(sure[one]), float(own[one]))
            for one in np.flatnonzero(doubtful(truth, said, sure, own))
        ]
        return sorted(found, key=lambda doubt: (doubt.own - doubt.confidence, doubt.row))

    def save(self, folder: Path) -> None:
        fitted = self.fitted
        panels = {
            name: [[view.value for view in panel.views], asdict(panel.judge), asdict(panel.trust)]
            for name, panel in fitted.panels.items()
        }
        parts = {
            "labels": np.array(fitted.labels),
            "features": fitted.features.state(),
            "bank": fitted.bank.state(),
            "scene": {"names": list(fitted.scene.names), "counts": fitted.scene.counts},
            "panels": panels,
            "held_out": {name: asdict(held) for name, held in fitted.held_out.items()},
            "past": {"ids": fitted.past.ids, "labels": fitted.past.labels, "matrix": fitted.past.matrix},
        }
        save(folder, self.card, parts)

    @classmethod
    def load(cls, folder: Path) -> "DepartmentModel":
        """Raises ContractError where the folder holds no model of units or a damaged one."""
        card, parts = load(folder, Task.DEPARTMENT)
        if card.kind != KIND:
            raise ContractError("--model", f"{folder} 是 {card.kind} 模型,这里要 {KIND}", "请换成相应的模型文件夹,或重新训练")
        try:
            return cls(_restored(parts), card)
        except (KeyError, TypeError, ValueError) as error:
            raise ContractError("--model", f"{folder} 缺少内容", "请重新训练,或从备份取回整个文件夹") from error

    def _answers(self, rows: Sequence[Row], may: NDArray[np.bool_]) -> Iterator[_Answer]:
        for start in range(0, len(rows), BATCH):
            orders = [Order.of(row) for row in rows[start : start + BATCH]]
            panels = [PATH if order.has_path and PATH in self.fitted.panels else TEXT for order in orders]
            found: dict[int, _Answer] = {}
            for name in dict.fromkeys(panels):
                places = [place for place, panel in enumerate(panels) if panel == name]
                some = [orders[place] for place in places]
                for place, labels, shares in zip(places, *self._judged(name, some, may), strict=True):
                    kept = [one for one, label in enumerate(labels) if may[label]]
                    found[place] = _Answer(orders[place], name, [labels[one] for one in kept], [shares[one] for one in kept])
            yield from (found[place] for place in range(len(orders)))

    def _judged(self, name: str, orders: Sequence[Order], may: NDArray[np.bool_]) -> tuple[list[list[int]], list[list[float]]]:
        panel = self.fitted.panels[name]
        margins = self.fitted.bank.margins(self.fitted.features.blocks(orders), panel.views)
        labels, shares = panel.candidates(margins, orders, self.fitted.scene, self._names, may)
        return labels.tolist(), panel.trust.probabilities(labels, shares).tolist()

    def _may(self, labels: Sequence[str] | None) -> NDArray[np.bool_]:
        if labels is None:
            return np.ones(len(self.fitted.labels), dtype=bool)
        unknown = [label for label in labels if label not in self.fitted.labels]
        if unknown or not labels:
            rule = f"模型里没有单位“{'”“'.join(unknown)}”" if unknown else "没有给出任何单位"
            raise ContractError("--labels", rule, "请只写训练数据里有的单位名称")
        return np.isin(self.fitted.labels, labels)

    def _threshold(self, panel: str, promise: float) -> float:
        if (panel, promise) not in self._thresholds:
            self._thresholds[panel, promise] = self.fitted.held_out[panel].promise(promise).threshold
        return self._thresholds[panel, promise]

    def promise_for(self, row: Row, promise: float) -> Promise:
        """Of the panel that answers such a row."""
        return self.fitted.held_out[PATH if Order.of(row).has_path and PATH in self.fitted.panels else TEXT].promise(promise)

    def _held_out_by_key(self) -> dict[str, tuple[int, float, float]]:
        """(answer, its confidence, share of the label) of the orders of training; by the panel that reads the path,
        where there is one."""
        found: dict[str, tuple[int, float, float]] = {}
        for held in self.fitted.held_out.values():
            answers = zip(held.answers.tolist(), held.confidence.tolist(), held.own.tolist(), strict=True)
            found |= dict(zip(held.keys.tolist(), answers, strict=True))
        return found


def _restored(parts: Mapping[str, Any]) -> Fitted:
    panels = {
        name: Panel(tuple(View(view) for view in views), Judge(**judge), Trust(**trust))
        for name, (views, judge, trust) in parts["panels"].items()
    }
    scene = Scene(tuple(parts["scene"]["names"]), parts["scene"]["counts"])
    held = {name: HeldOut(**found) for name, found in parts["held_out"].items()}
    features = OrderFeatures.restored(parts["features"])
    bank = Bank.restored(parts["bank"])
    return Fitted(parts["labels"].tolist(), features, bank, scene, panels, held, Past(**parts["past"]))
