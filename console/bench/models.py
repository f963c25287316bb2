"""`wentichi bench models`: trained models beside scikit-learn's plain pipeline, on the same rows in the same process."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.learning.category import CategoryModel
from classifiers.learning.department import DepartmentModel
from classifiers.learning.measure import measure
from classifiers.learning.prediction import Prediction
from classifiers.learning.rows import Row, Task
from classifiers.learning.split import Split, split
from console.bench.processes import load_average, peak_mb

BATCH: Final = 500
"""Texts at once, as intake takes them."""
ROUNDS: Final = 3
GOALS: Final = {
    "texts_per_second_50_leaves": 3000,
    "texts_per_second_3329_leaves": 500,
    "training_seconds_100000": 600,
    "megabytes": 500,
}


def bench_models(rows: Sequence[Row], task: Task, *, plain: bool = True, seed: int = 0) -> dict[str, Any]:
    """A fifth is held out, near copies on one side. Speeds are texts a second of processor time on one core.

    plain: also characters 1 to 3 of title and text in one, TF-IDF, linear SVM; its probabilities are not calibrated.
    """
    sides = split(rows, Split.GROUPED, seed)
    learned, asked = [rows[place] for place in sides.train], [rows[place] for place in sides.test]
    found: dict[str, Any] = {
        "task": task.value, "rows": len(rows), "labels": len({row.label for row in rows}), "load": load_average(), "goals": GOALS,
    }  # fmt: skip
    with _one_thread():
        found["model"] = _model(learned, asked, task)
        if plain:
            found["plain"] = _plain(learned, asked)
            ratio = found["model"]["texts_per_second"] / found["plain"]["texts_per_second"]
            found["speed_times_plain"] = round(ratio, 2)
    found["peak_mb"] = peak_mb(None)
    return found


def generated(leaves: int, many: int, seed: int = 1) -> list[Row]:
    """Texts of dictionary words on a tree of three levels.

    Each level of a leaf has its own telling words among common ones; a few leaves have most of the texts and every leaf at least
    one. What accuracy they give says nothing of real texts.
    """
    dice = random.Random(seed)
    words = _dictionary()
    cumulative = list(accumulate(1 / (place + 1) for place in range(len(words))))
    paths = [(leaf % 15, leaf % 117, leaf) for leaf in range(leaves)]
    shares = list(accumulate((place + 1) ** -0.6 for place in range(leaves)))
    told: dict[tuple[int, int], list[str]] = {}
    chosen = [*range(leaves), *dice.choices(range(leaves), cum_weights=shares, k=max(0, many - leaves))][:many]
    rows = []
    for leaf in chosen:
        length = int(np.exp(dice.uniform(3.0, 5.2)))
        text = dice.choices(words, cum_weights=cumulative, k=length)
        for level, node in enumerate(paths[leaf]):
            own = told.setdefault((level, node), dice.sample(words, 30))
            text += dice.choices(own, k=2 + length // 10)
        dice.shuffle(text)
        label = "/".join(f"{level}级{node}" for level, node in enumerate(paths[leaf], 1))
        rows.append(Row("".join(text[:5]), "".join(text), label, {}))
    return rows


def _dictionary() -> list[str]:
    """Words of two characters and more, the most frequent first."""
    import jieba  # noqa: PLC0415 - beside its only use

    jieba.setLogLevel("ERROR")
    jieba.initialize()
    counted = ((word, count) for word, count in jieba.dt.FREQ.items() if count and len(word) > 1)
    return [word for word, _ in sorted(counted, key=lambda one: (-one[1], one[0]))[:30_000]]


def _model(learned: Sequence[Row], asked: Sequence[Row], task: Task) -> dict[str, Any]:
    kind: Any = CategoryModel if task is Task.CATEGORY else DepartmentModel
    began, used = time.perf_counter(), time.process_time()
    model = kind.fit(learned)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        megabytes = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        began = time.perf_counter()
        model = kind.load(Path(folder))
        loaded = time.perf_counter() - began
    answers: list[Prediction] = model.predict(asked)
    figures = measure([str(row.label) for row in asked], answers)
    return {
        "training_seconds": round(seconds, 1),
        "training_processor_seconds": round(processor, 1),
        "load_seconds": round(loaded, 2),
        "megabytes": round(megabytes, 1),
        "texts_per_second": _speed(model.predict, asked),
        "accuracy": round(figures.accuracy, 4),
        "macro_f1": round(figures.macro_f1, 4),
        "ece": round(figures.ece, 4),
        "accepted": round(figures.accepted, 4),
        "accepted_accuracy": None if figures.accepted_accuracy is None else round(figures.accepted_accuracy, 4),
    }


def _plain(learned: Sequence[Row], asked: Sequence[Row]) -> dict[str, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - beside its only use
    from sklearn.metrics import f1_score  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    pipeline = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2), LinearSVC())
    began = time.perf_counter()
    pipeline.fit([_joined(row) for row in learned], [row.label for row in learned])
    seconds = time.perf_counter() - began
    truth, said = [str(row.label) for row in asked], pipeline.predict([_joined(row) for row in asked])
    return {
        "training_seconds": round(seconds, 1),
        "texts_per_second": _speed(lambda rows: pipeline.predict([_joined(row) for row in rows]), asked),
        "accuracy": round(float(np.mean(said == np.array(truth))), 4),
        "macro_f1": round(float(f1_score(truth, said, average="macro", zero_division=0)), 4),
    }


def _joined(row: Row) -> str:
    return f"{row.title}\n{row.text}"


def _speed(answer: Callable[[Sequence[Row]], Any], rows: Sequence[Row]) -> int:
    """The best of `ROUNDS`, a batch at a time."""
    best = 0.0
    for _ in range(ROUNDS):
        used = time.process_time()
        for start in range(0, len(rows), BATCH):
            answer(rows[start : start + BATCH])
        best = max(best, len(rows) / max(time.process_time() - used, 1e-9))
    return round(best)


def _one_thread() -> Any:
    """A figure for one core must not come from two."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn
    except ImportError:
        return nullcontext()
    return threadpool_limits(1)
