"""Elasticsearch gives the figures of the port Search, and the same as SQLite."""

import pytest
from contract.measures_contract import DRAWN, PACK, MeasuresContract
from elastic_backend import new_backend

from pool.elastic.mapping import PROBLEMS
from pool.elastic.store import ElasticStore
from pool.ports import Writes

pytestmark = pytest.mark.usefixtures("elasticsearch")
KINDS = ("claims", PROBLEMS, "reports", "events", "outcomes", "dead-letters")


@pytest.fixture(scope="module")
def full_elastic_measured():
    with new_backend(KINDS) as backend:
        backend.store = ElasticStore(backend.elastic, PACK)
        backend.write(Writes(states=DRAWN))
        yield backend


class TestElasticMeasures(MeasuresContract):
    @pytest.fixture
    def backend(self):
        with new_backend(KINDS) as backend:
            backend.store = ElasticStore(backend.elastic, PACK)
            yield backend

    @pytest.fixture
    def full_measured(self, full_elastic_measured):
        return full_elastic_measured
