"""`wentichi bench models`: the figures are there, and the generated tree has every leaf."""

from collections import Counter

from console.bench.models import generated
from tests.console.conftest import Cli


def test_every_generated_leaf_has_a_text_and_the_same_seed_gives_the_same() -> None:
    rows = generated(40, 200)
    counts = Counter(row.label for row in rows)
    assert len(counts) == 40
    assert counts.total() == 200
    assert all(str(label).count("/") == 2 for label in counts)
    assert rows == generated(40, 200)


def test_model_and_plain_pipeline_are_measured_on_the_same_rows(cli: Cli) -> None:
    found = cli("bench", "models", "--leaves", "12", "--rows", "300").json
    assert (found["rows"], found["labels"]) == (300, 12)
    assert found["model"]["texts_per_second"] > 0
    assert found["plain"]["texts_per_second"] > 0
    assert found["model"]["accuracy"] > 0.5
