"""After an erasure nothing of the report's words comes out of any port or topic of the servers."""

import pytest

pytest.register_assert_rewrite("on_servers.erasing")

from on_servers import erasing  # noqa: E402 - after its assertions are rewritten
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_a_report_erased_under_load_is_gone_from_every_port_and_topic(served: Served) -> None:
    print(erasing.under_load(served, SHORT))
