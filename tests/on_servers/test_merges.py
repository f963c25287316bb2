"""Merges and splits between slots on several workers: reversible, and no member lost or doubled."""

import pytest

pytest.register_assert_rewrite("on_servers.merges")

from on_servers import merges  # noqa: E402 - after its assertions are rewritten
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_two_problems_merged_into_each_other_go_free_or_one_stands(served: Served) -> None:
    print(merges.into_each_other(served, SHORT))


def test_merge_split_and_undo_with_casework_killed_at_each_step(served: Served) -> None:
    print(merges.killed_at_each_step(served, SHORT))
