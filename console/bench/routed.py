"""`wentichi bench routed`: a city as big as they come, from a text to place, category and unit by a trained model."""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from city.pack import CityPack, load_pack
from classifiers.learning.category import CategoryModel
from classifiers.learning.rows import Row
from classifiers.pack_rules import PackClassifier
from classifiers.trained import Promoted, TrainedClassifier
from console.bench.big_city import BigCity, big_city
from console.bench.processes import load_average, peak_mb
from console.bench.texts import rows
from intake.clean import Asked, Hints
from intake.locate import Locator
from schemas.reports import OnlineMessage

ASKED: Final = 2000
BATCH: Final = 500
ROUNDS: Final = 3
GOAL: Final = 500
"""Texts a second on one core."""


def bench_routed(size: BigCity, many: int, seed: int = 1) -> dict[str, Any]:
    """many: rows that the category model is trained on, at least one a leaf. Speeds are of processor time."""
    with tempfile.TemporaryDirectory(prefix="wentichi-routed-") as folder:
        pack = load_pack(big_city(Path(folder) / "pack", size))
    dice = random.Random(seed)
    learned = _labelled(pack, dice, many)
    began = time.perf_counter()
    model = CategoryModel.fit(learned)
    trained = round(time.perf_counter() - began, 1)
    promoted = Promoted(model, "0" * 12, 0.98, 0.0, dict(model.card.labels))
    classifier, locator = TrainedClassifier(pack, PackClassifier(pack), promoted, None), Locator(pack)
    messages = [message for message, _ in islice(_messages(pack, dice), ASKED)]
    best, found = 0.0, 0
    for _ in range(ROUNDS):
        used, found = time.process_time(), 0
        for start in range(0, len(messages), BATCH):
            asked = [_asked(locator, message) for message in messages[start : start + BATCH]]
            found += sum(bool(findings.units) for findings in classifier.findings(asked))
        best = max(best, len(messages) / (time.process_time() - used))
    return {
        "leaves": len(pack.leaves()),
        "rows": len(learned),
        "training_seconds": trained,
        "texts": len(messages),
        "with_candidate_units": found,
        "texts_per_second": round(best),
        "goal": GOAL,
        "load": load_average(),
        "peak_mb": peak_mb(None),
    }


def _asked(locator: Locator, message: OnlineMessage) -> Asked:
    title = message.title or ""
    return Asked(message.text[:8], title, message.text, locator.locate(message, "", title, message.text).place, Hints())


def _labelled(pack: CityPack, dice: random.Random, many: int) -> list[Row]:
    """At least one row of each leaf, in its own words."""
    leaves = [leaf for leaf in pack.leaves() if leaf.words]
    paths = {leaf.code: "/".join([*(above.code for above in reversed(pack.ancestors(leaf.code))), leaf.code]) for leaf in leaves}
    made = [Row(dice.choice(leaf.words), f"{dice.choice(leaf.words)},请派人处理", paths[leaf.code], {}) for leaf in leaves]
    wanted = max(0, many - len(made))
    return made + [
        Row(message.title or "", message.text, paths[code], {}) for message, code in islice(_messages(pack, dice), wanted)
    ]


def _messages(pack: CityPack, dice: random.Random) -> Iterator[tuple[OnlineMessage, str]]:
    """Messages of the usual length, with words of a leaf and its code."""
    leaves = [leaf for leaf in pack.leaves() if leaf.words]
    for _, row in rows(pack, dice.randrange(1 << 30), datetime(2026, 3, 2, tzinfo=UTC)):
        leaf = dice.choice(leaves)
        own = ",".join(dice.choice(leaf.words) for _ in range(3))
        fields = {"title": row["title"], "time": row["time"], "user": row["user"], "text": f"{own},{row['text']}"}
        yield OnlineMessage.model_validate(fields), leaf.code
