"""A worker that finds pool and log apart decides nothing until somebody has mended it."""

import pytest

pytest.register_assert_rewrite("on_servers.snapshot")

from on_servers import snapshot  # noqa: E402 - after its assertions are rewritten
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_behind_an_old_snapshot_a_worker_waits_for_the_rebuild_and_goes_on(served: Served) -> None:
    print(snapshot.old_one_restored(served, SHORT))


def test_ahead_of_a_log_that_was_made_anew_a_worker_refuses(served: Served) -> None:
    print(snapshot.log_made_anew(served, SHORT))
