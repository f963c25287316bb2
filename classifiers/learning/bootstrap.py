"""Categories learned from a city's own unlabelled letters: the cold start says what they are about, a model learns from that.

Self-training in rounds: a ridge regression over n-grams learns the level-1 shares that the cold start gives, every category
counting alike; both together give the shares of the next round. The model learns the city's words that no lexicon has; the
cold start stays beside it in every answer, so that the model's own errors cannot feed on themselves.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.artifact import Card, card_of, load, save
from classifiers.learning.cold import ColdStart, Floats, Shares, answer, batches
from classifiers.learning.cold_tree import SEPARATOR
from classifiers.learning.duplicates import near_groups
from classifiers.learning.folds import folds
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row, Task
from classifiers.learning.text_features import TextFeatures
from schemas.errors import ContractError

KIND: Final = "category-bootstrap-1"
ROUNDS: Final = 3
LEAST: Final = 50
"""Letters, near copies counted once, below which there is nothing to learn from."""
MOST: Final = 20_000
"""Letters that are learned from, drawn at random from more, so that learning stays within minutes."""
RARE: Final = 40.0
"""A category counts alike with the others from so many letters on; a rarer one less, for its shares are mostly noise."""
LEARN_SHARPER: Final = 2.0
"""Power put on the cold start's shares before they are learned."""
SAY: Final = 2.0
"""Factor of the model's scores beside the logarithm of the cold start's shares, in answers; LEARN in the rounds."""
LEARN: Final = 8.0
SHARPNESSES: Final = tuple(np.geomspace(0.4, 2.5, 22).tolist())
NOTE: Final = "没有标注,准确率无从证明:置信度只按同一封信的标题与正文两种看法是否一致来校准,任何承诺下都不自动采纳"


class BootstrapModel:
    """predict, probabilities, save, load, as `category.CategoryModel` has them; made by `bootstrap`."""

    def __init__(self, cold: ColdStart, features: TextFeatures, weights: NDArray[np.float32], card: Card) -> None:
        """weights: (columns + 1) × level-1 names in the order of the tree, the last row the constants."""
        self.cold, self.features, self.weights, self.card = cold, features, weights, card
        self._tops = list(dict.fromkeys(leaf[0] for leaf in cold.leaves))
        self._sharpness = float(card.settings["sharpness"])

    def predict(self, rows: Sequence[Row], *, promise: float = 0.98, labels: Sequence[str] | None = None) -> list[Prediction]:
        """labels: level-1 names to choose from; then the answer is one of them. Without: the deepest node that is sure enough.

        accepted is never True, whatever the promise: a bound on accuracy needs labels, and the letters had none. Agreement of
        two views bounds nothing, for both may be wrong together. A city that has labels trains a CategoryModel.
        Raises ContractError for labels that the tree has not.
        """
        del promise
        return [one for part in batches(rows) for one in answer(self._shares(part, labels), whole=labels is None)]

    def probabilities(self, rows: Sequence[Row], labels: Sequence[str] | None = None) -> tuple[list[str], Floats]:
        """(level-1 names, texts × names), rows sum to 1."""
        parts = [self._shares(part, labels) for part in batches(rows)]
        return list(parts[0].tops), np.concatenate([part.top for part in parts])

    def save(self, folder: Path) -> None:
        tree = np.array([SEPARATOR.join(leaf) for leaf in self.cold.leaves])
        save(folder, self.card, {"tree": tree, "features": self.features.state(), "weights": self.weights})

    @classmethod
    def load(cls, folder: Path) -> "BootstrapModel":
        """Raises ContractError where the folder holds no bootstrapped model or a damaged one."""
        card, parts = load(folder, Task.CATEGORY)
        if card.kind != KIND:
            raise ContractError("--model", f"{folder} 是 {card.kind} 模型,这里要 {KIND}", "请换成相应的模型文件夹")
        try:
            cold = ColdStart([str(leaf).split(SEPARATOR) for leaf in parts["tree"]])
            return cls(cold, TextFeatures.restored(parts["features"]), parts["weights"], card)
        except (KeyError, TypeError, ValueError) as error:
            raise ContractError("--model", f"{folder} 缺少内容", "请重新运行 wentichi bootstrap category") from error

    def _shares(self, rows: Sequence[Row], labels: Sequence[str] | None) -> Shares:
        cold = self.cold.shares(rows, labels)
        columns = [self._tops.index(name) for name in cold.tops]
        matrix = self.features.transform(rows)
        scores = np.asarray(matrix @ self.weights[:-1][:, columns]) + self.weights[-1, columns]
        top = _joined(cold.top, scores, SAY) ** self._sharpness
        return Shares(cold.leaves, cold.tops, cold.top_of, _norm(top), cold.inside)


def bootstrap(rows: Sequence[Row], tree: Sequence[Sequence[str]], *, seed: int = 0) -> BootstrapModel:
    """The same rows, tree and seed give the same model; labels of the rows are not looked at.

    Raises ContractError for a bad tree, one with a single level-1 name, or fewer than LEAST letters that are no near copies.
    """
    cold = ColdStart(tree)
    tops = list(dict.fromkeys(leaf[0] for leaf in cold.leaves))
    if len(tops) < 2:
        raise ContractError("tree", f"类别树只有一个一级类别“{tops[0]}”", "至少要有两个一级类别才有可学的")
    letters = _drawn(rows, seed)
    groups = near_groups([f"{row.title}\n{row.text}" for row in letters])
    if len(set(groups.tolist())) < LEAST:
        rule = f"只有 {len(set(groups.tolist()))} 条互不相同的文本,至少要 {LEAST} 条"
        raise ContractError("text", rule, "请提供更多历史来件;暂时可以不带 --model 直接用类别树判断")
    features = TextFeatures().fit(letters)
    start = cold.probabilities(letters)[1]
    weights = _taught(features, letters, start)
    settings = {"seed": seed, "rounds": ROUNDS, **_calibrated(cold, features, letters, groups, seed)}
    found = {name: int(count) for name, count in zip(tops, np.bincount(start.argmax(axis=1), minlength=len(tops)), strict=True)}
    card = card_of(Task.CATEGORY, KIND, letters, metrics={"first_guesses": found, "calibration": NOTE}, settings=settings)
    return BootstrapModel(cold, features, weights, card)


def _drawn(rows: Sequence[Row], seed: int) -> list[Row]:
    """MOST of the rows at most, in their order, without labels."""
    kept = np.sort(np.random.default_rng(seed).permutation(len(rows))[:MOST]).tolist()
    return [Row(rows[at].title, rows[at].text, None, rows[at].fields) for at in kept]


def _taught(features: TextFeatures, rows: Sequence[Row], start: Floats) -> NDArray[np.float32]:
    """The weights after all rounds, see BootstrapModel. start: the cold start's shares."""
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - half a second that only training pays

    matrix = features.transform(rows)
    shares = start = _norm(start**LEARN_SHARPER)
    weights = np.zeros((len(features) + 1, start.shape[1]), np.float32)
    for _ in range(ROUNDS):
        worth = shares @ (1 / np.maximum(shares.sum(axis=0), RARE))
        model = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-3).fit(matrix, shares, sample_weight=worth / worth.mean())
        weights = np.vstack([model.coef_.T, model.intercept_[None, :]]).astype(np.float32)
        shares = _joined(start, np.asarray(matrix @ weights[:-1]) + weights[-1], LEARN)
    return weights


def _calibrated(
    cold: ColdStart, features: TextFeatures, rows: Sequence[Row], groups: NDArray[np.intp], seed: int
) -> dict[str, float]:
    """sharpness: the power at which the shares of bodies tell best (log loss) what the titles of the same letters say;
    agreement: how often both name the same category; compared: letters that have both. Each half is judged by a model taught
    on the other.

    A title is right less often than the whole letter, so the confidences come out rather low than high. 1.0 where too few
    letters have both.
    """
    titles = cold.probabilities([Row(row.title, "", None, {}) for row in rows])[1]
    bodies = [Row("", row.text, None, {}) for row in rows]
    start = cold.probabilities(bodies)[1]
    speak = (np.ptp(titles, axis=1) > 1e-9) & (np.ptp(start, axis=1) > 1e-9)
    if speak.sum() < LEAST:
        return {"sharpness": 1.0, "agreement": 0.0, "compared": int(speak.sum())}
    says = titles.argmax(axis=1)
    shares = np.zeros_like(start)
    for train, test in folds(says, groups, 2, seed):
        weights = _taught(features, [rows[at] for at in train], cold.probabilities([rows[at] for at in train])[1])
        scores = np.asarray(features.transform([bodies[at] for at in test]) @ weights[:-1]) + weights[-1]
        shares[test] = _joined(start[test], scores, SAY)
    shares, says = shares[speak], says[speak]
    losses = [-np.log(_norm(shares**power)[np.arange(len(says)), says] + 1e-12).mean() for power in SHARPNESSES]
    agreement = float((shares.argmax(axis=1) == says).mean())
    return {"sharpness": SHARPNESSES[int(np.argmin(losses))], "agreement": round(agreement, 4), "compared": len(says)}


def _joined(cold: Floats, scores: NDArray[np.floating[Any]], factor: float) -> Floats:
    return _norm(cold * np.exp(factor * (scores.astype(np.float64) - scores.max(axis=1, keepdims=True))))


def _norm(table: Floats) -> Floats:
    shares: Floats = table / table.sum(axis=1, keepdims=True)
    return shares
