"""Pools on a real Elasticsearch for the tests of this room."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from pool.elastic.admin import create_indices, drop_all
from pool.elastic.mapping import CLAIMS, EVENTS, OUTCOMES, PROBLEMS, REPORTS
from pool.elastic.mapping import DEAD_LETTERS as LETTERS
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from pool.ports import Writes


def elasticsearch_url() -> str:
    """Where the server is; skips the test when there is none."""
    url = os.environ.get("WENTICHI_TEST_ELASTICSEARCH", "")
    if not url:
        pytest.skip("needs a server: set WENTICHI_TEST_ELASTICSEARCH to its URL")
    return url


@contextmanager
def new_elastic(**options) -> Iterator[Elastic]:
    """A prefix of its own on the server, without indices; what was made under it is deleted."""
    elastic = Elastic(elasticsearch_url(), prefix=f"test-{uuid4().hex[:12]}", **options)
    try:
        yield elastic
    finally:
        drop_all(elastic)
        elastic.close()


class ElasticBackend:
    """Indices of their own. What `write` wrote can be searched on return."""

    def __init__(self, elastic: Elastic) -> None:
        self.elastic = elastic
        create_indices(elastic)
        self.store = ElasticStore(elastic)
        self.search = ElasticSearch(elastic)

    def write(self, writes: Writes) -> None:
        self.store.write(writes)
        self.elastic.refresh(CLAIMS, PROBLEMS, REPORTS, EVENTS, OUTCOMES, LETTERS)


@contextmanager
def new_backend() -> Iterator[ElasticBackend]:
    with new_elastic() as elastic:
        yield ElasticBackend(elastic)
