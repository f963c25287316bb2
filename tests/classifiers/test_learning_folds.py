"""Parts for cross-validation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.learning.folds import folds
from schemas.errors import ContractError

rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 12)), min_size=2, max_size=60)


@given(rows, st.integers(2, 6), st.integers(0, 3))
def test_every_row_is_tested_once_and_no_group_is_on_both_sides(rows: list[tuple[str, int]], n: int, seed: int) -> None:
    labels, groups = [label for label, _ in rows], np.array([group for _, group in rows])
    if len(set(groups.tolist())) < 2:
        with pytest.raises(ContractError, match="无法留出"):
            folds(labels, groups, n, seed)
        return
    parts = folds(labels, groups, n, seed)
    assert len(parts) == min(n, len(set(groups.tolist())))
    assert sorted(np.concatenate([test for _, test in parts]).tolist()) == list(range(len(rows)))
    for train, test in parts:
        assert len(train)
        assert len(test)
        assert len(train) + len(test) == len(rows)
        assert not set(groups[train]) & set(groups[test])


def test_labels_sorted_in_the_file_are_spread_evenly() -> None:
    labels = ["a"] * 50 + ["b"] * 10 + ["c"] * 5
    for _, test in folds(labels, np.arange(65), 5, seed=3):
        assert [sum(labels[row] == label for row in test) for label in "abc"] == [10, 2, 1]


def test_the_seed_decides_and_nothing_else() -> None:
    labels, groups = ["a", "b"] * 30, np.arange(60)

    def dealt(seed: int) -> list[list[int]]:
        return [test.tolist() for _, test in folds(labels, groups, 3, seed)]

    assert dealt(1) == dealt(1)
    assert dealt(1) != dealt(2)


def test_a_large_group_does_not_crowd_its_part() -> None:
    labels, groups = ["a"] * 40, [0] * 10 + list(range(1, 31))
    assert [len(test) for _, test in folds(labels, groups, 4, seed=0)] == [10] * 4


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="parts"):
        folds(["a", "b"], [0, 1], 1, 0)
    with pytest.raises(ValueError, match="per row"):
        folds(["a", "b"], [0], 2, 0)
