"""SQLite answers as the port Search says."""

import pytest
from contract.hostile_query_contract import HostileQueryContract
from contract.search_contract import SearchContract


class TestSqliteSearch(SearchContract, HostileQueryContract):
    @pytest.fixture
    def backend(self, sqlite_backend):
        return sqlite_backend

    @pytest.fixture
    def full(self, full_sqlite_backend):
        return full_sqlite_backend
