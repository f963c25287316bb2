"""A pool on the shared servers, in a namespace of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite(*(f"on_servers.{name}" for name in ("erased", "rebuilding", "served", "whole")))

from on_servers.served import Served  # noqa: E402 - after its assertions are rewritten


@pytest.fixture
def served(kafka: str, elasticsearch: str, namespace: str, tmp_path: Path) -> Iterator[Served]:
    pool = Served(kafka, elasticsearch, namespace, tmp_path)
    yield pool
    pool.close()
