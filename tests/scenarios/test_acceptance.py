"""The stories that are also told on Kafka and Elasticsearch (tests/on_servers/test_handling.py), on the embedded pool."""

from collections.abc import Callable

import pytest

from scenarios.stories import STORIES
from scenarios.storyteller import City, PlayedCity

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_story(city: PlayedCity, story: Callable[[City], None]) -> None:
    story(city)
