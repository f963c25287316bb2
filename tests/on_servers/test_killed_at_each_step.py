"""Workers are killed between each pair of protocol steps, under load; every failure point of the Kafka runner is reached."""

import pytest

pytest.register_assert_rewrite("on_servers.steps")

from on_servers import steps  # noqa: E402 - after its assertions are rewritten
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_a_worker_killed_at_each_step_loses_nothing_and_doubles_nothing(served: Served) -> None:
    print(steps.killed_at_each_step(served, SHORT))
