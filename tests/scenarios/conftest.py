"""Cities in which stories are played."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

pytest.register_assert_rewrite("scenarios.stories", "scenarios.storyteller")

from scenarios.storyteller import PlayedCity, played_city  # noqa: E402 - after its assertions are rewritten

Play = Callable[..., PlayedCity]


@pytest.fixture(scope="module")
def settings() -> Iterator[None]:
    """Nothing of the tester's own pool is meant."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("WENTICHI_PACK", "WENTICHI_MASTER_KEY", "WENTICHI_FAIL_AT"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def play(settings: None, tmp_path: Path) -> Iterator[Play]:
    """play("2026-05-06T08:30+08:00"): an empty pool in which it is this time; pack: a folder, else the sample city's."""
    with ExitStack() as stack:

        def begin(start: str, pack: Path | None = None) -> PlayedCity:
            return stack.enter_context(played_city(tmp_path / "pool", datetime.fromisoformat(start), pack))

        yield begin


@pytest.fixture(scope="module")
def one_city(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedCity]:
    """The sample city on a Monday; its stories are told one after the other, for a pool takes seconds to begin."""
    with played_city(tmp_path_factory.mktemp("city") / "pool", datetime.fromisoformat("2026-05-11T08:30+08:00")) as city:
        yield city


@pytest.fixture
def city(one_city: PlayedCity) -> PlayedCity:
    """The sample city on a Monday when its offices open: the next one after the story before."""
    today = one_city.pack.calendar.local(one_city.now)
    monday = datetime.combine(today.date() + timedelta(days=(7 - today.weekday()) % 7 or 7), time(8, 30), today.tzinfo)
    one_city.wait_until(monday)
    return one_city
