"""Whether a reply explains its reasons, learned from marked replies: logistic regression on how a reply is built (`signs`).

No words of anybody are in the model. Models on words and characters were no better (docs/replies.md).
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from classifiers.replies.phrases import fingerprint
from classifiers.replies.reading import Reading
from classifiers.replies.signs import NAMES, Floats, signs
from schemas.errors import ContractError

FORMAT: Final = "wentichi-replies-1"
FILE: Final = "replies.skops"
STRENGTH: Final = 0.1
"""C of the regression, by cross-validation on the dev part."""
SHOWN: Final = 3
_AGAIN: Final = "请重新训练(wentichi train replies)"


@dataclass(frozen=True)
class ReasonCard:
    """What stands in every model (law 10). created: ISO 8601, UTC; data: 16 hex digits of the replies and marks it was fitted on;
    rows: of them, explaining: those marked 1; rules: `phrases.fingerprint`; metrics: figures on held-out folds, plain JSON."""

    created: str
    program: str
    data: str
    rows: int
    explaining: int
    rules: str
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"reply-reasons-{self.data[:8]}"


class ReasonModel:
    """fit, probabilities, missing, save, load. Deterministic."""

    def __init__(self, pipeline: Any, card: ReasonCard) -> None:
        self._pipeline, self.card = pipeline, card

    @classmethod
    def fit(
        cls, readings: Sequence[Reading], explains: Sequence[bool], metrics: Mapping[str, Any] | None = None
    ) -> "ReasonModel":
        """Of replies with both marks, one mark a reply."""
        data = hashlib.blake2b(digest_size=8)
        for reading, mark in zip(readings, explains, strict=True):
            data.update(orjson.dumps([reading.folded, bool(mark)]))
        card = ReasonCard(
            created=datetime.now(UTC).isoformat(timespec="seconds"), program=version("wentichi-app"), data=data.hexdigest(),
            rows=len(readings), explaining=sum(map(bool, explains)), rules=fingerprint(), metrics=dict(metrics or {}),
        )  # fmt: skip
        return cls(fitted(signs(readings), np.asarray(explains, dtype=bool)), card)

    def probabilities(self, readings: Sequence[Reading]) -> NDArray[np.float64]:
        """0..1 of each: that it explains its reasons."""
        if not readings:
            return np.zeros(0)
        return np.asarray(self._pipeline.predict_proba(signs(readings))[:, 1], dtype=np.float64)

    def missing(self, reading: Reading) -> list[str]:
        """Names of the signs that spoke most against an explanation, the strongest first."""
        scaler, regression = self._pipeline[0], self._pipeline[-1]
        worth = scaler.transform(signs([reading]))[0] * regression.coef_[0]
        return [NAMES[place] for place in np.argsort(worth)[:SHOWN] if worth[place] < 0]

    def save(self, folder: Path) -> None:
        """One file, written beside and moved into place: a reader finds the old model or the new one, whole."""
        from skops.io import dump  # noqa: PLC0415 - imports all of scikit-learn

        if folder.exists() and not folder.is_dir():
            raise ContractError("--model", f"{folder} 是文件,不是文件夹", "请换一个路径")
        folder.mkdir(parents=True, exist_ok=True)
        card = orjson.dumps({**asdict(self.card), "format": FORMAT}).decode()
        handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
        try:
            with os.fdopen(handle, "w+b") as file:
                dump({"card": card, "signs": np.array(NAMES), "pipeline": self._pipeline}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)  # temporary files are their owner's alone
            Path(name).replace(folder / FILE)
        finally:
            Path(name).unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path) -> "ReasonModel":
        """Raises ContractError where the folder holds no model, a damaged one, one of other rules, or one with a type that skops
        does not trust by itself (plain values, arrays, scikit-learn's own estimators)."""
        found = _loaded(folder / FILE)
        try:
            card = orjson.loads(found["card"])
            shape, names = card.pop("format"), found["signs"].tolist()
            made = cls(found["pipeline"], ReasonCard(**card))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _damaged(folder) from error
        if shape != FORMAT or made.card.rules != fingerprint() or names != list(NAMES):
            raise ContractError("--model", f"{folder} 的模型是按别的版本的规则训练的", _AGAIN)
        return made


def fitted(values: Floats, explains: NDArray[np.bool_]) -> Any:
    """A pipeline of scikit-learn: every column to mean 0 and deviation 1, then logistic regression."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - see above
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - see above

    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000)).fit(values, explains)


def _loaded(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        rule = f"{path.parent} 里没有答复检查的模型({FILE})"
        raise ContractError("--model", rule, "请检查路径,或先用 wentichi train replies 训练")
    from sklearn.exceptions import InconsistentVersionWarning  # noqa: PLC0415 - imports all of scikit-learn
    from skops.io import get_untrusted_types, load  # noqa: PLC0415 - see above

    try:
        foreign = get_untrusted_types(file=path)
        if foreign:
            rule = f"{path} 含有不受信任的类型 {'、'.join(sorted(foreign)[:SHOWN])}"
            raise ContractError("--model", rule, "来历不明的模型不要使用,请重新训练")
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            found = load(path)
    except ContractError:
        raise
    except InconsistentVersionWarning as error:
        rule = f"{path} 由 scikit-learn {error.original_sklearn_version} 训练,现在是 {error.current_sklearn_version}"
        raise ContractError("--model", rule, _AGAIN) from error
    except Exception as error:  # skops raises what it stumbles over: archive, JSON, names
        raise _damaged(path.parent) from error
    if not isinstance(found, dict):
        raise _damaged(path.parent)
    return found


def _damaged(folder: Path) -> ContractError:
    return ContractError("--model", f"{folder} 里答复检查的模型已损坏", _AGAIN)
