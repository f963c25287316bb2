"""Workers that die, come, go and stand still under load: nothing is lost, nothing is doubled."""

import pytest

pytest.register_assert_rewrite("on_servers.ending", "on_servers.workers")

from on_servers import ending, workers  # noqa: E402 - after their assertions are rewritten
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_of_two_workers_of_every_stage_one_dies_and_one_joins(served: Served) -> None:
    print(workers.one_dies_one_joins(served, SHORT))


def test_a_worker_of_each_stage_is_killed_in_its_turn(served: Served) -> None:
    print(workers.each_kind_killed(served, SHORT))


def test_a_worker_that_stood_still_notices_and_ends(served: Served) -> None:
    print(workers.stood_still(served, SHORT))


def test_a_worker_that_ends_with_records_in_hand_acks_none_behind_them(served: Served) -> None:
    print(ending.with_a_backlog(served, SHORT))
