"""Pools on a real Elasticsearch for the tests of this room."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from pool.elastic.admin import create_indices, drop_all
from pool.elastic.mapping import DEAD_LETTERS, KINDS, OUTCOMES, REBUILT
from pool.elastic.search import ElasticSearch
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic
from pool.ports import Writes

STORED = (*REBUILT, OUTCOMES, DEAD_LETTERS)
"""What a store writes."""


def elasticsearch_url() -> str:
    """Where the server is; for tests that use the fixture `elasticsearch`."""
    return os.environ["WENTICHI_TEST_ELASTICSEARCH"]


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
    """Indices of their own; making them is the dearest part of a test. What `write` wrote can be searched on return."""

    def __init__(self, elastic: Elastic, kinds: Iterable[str] = KINDS) -> None:
        self.elastic = elastic
        create_indices(elastic, kinds)
        self.store = ElasticStore(elastic)
        self.search = ElasticSearch(elastic)

    def write(self, writes: Writes) -> None:
        self.store.write(writes)
        self.elastic.refresh(*STORED)


@contextmanager
def new_backend(kinds: Iterable[str] = KINDS) -> Iterator[ElasticBackend]:
    with new_elastic() as elastic:
        yield ElasticBackend(elastic, kinds)
