"""Records that come twice, too early, in the wrong order, spoiled, or to a stage or a store that does not take them."""

import pytest

pytest.register_assert_rewrite(*(f"on_servers.{name}" for name in ("controls", "defects", "records", "refused")))

from on_servers.controls import changes_are_found  # noqa: E402 - after assertions are rewritten
from on_servers.defects import every_record, one_record  # noqa: E402 - see above
from on_servers.records import twice_and_poisoned  # noqa: E402 - see above
from on_servers.refused import one_in_a_bulk  # noqa: E402 - see above
from on_servers.scenario import SHORT  # noqa: E402 - see above
from on_servers.served import Served  # noqa: E402 - see above


def test_what_comes_twice_too_early_or_spoiled_and_the_comparison_that_says_so_can_fail(served: Served) -> None:
    print(twice_and_poisoned(served, SHORT))
    print(changes_are_found(served, SHORT))


def test_a_document_that_the_store_refuses_costs_no_other_and_comes_with_a_replay(served: Served) -> None:
    print(one_in_a_bulk(served, SHORT))


def test_a_bug_on_one_record_costs_that_record_until_it_is_replayed(served: Served) -> None:
    print(one_record(served, SHORT))


def test_a_stage_that_fails_on_everything_stops_and_loses_nothing(served: Served) -> None:
    print(every_record(served, SHORT))
