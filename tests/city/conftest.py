import shutil
from pathlib import Path

import pytest

from city import CityPack, load_pack, sample_city


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_pack(sample_city())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample pack, to be broken."""
    copy = tmp_path / "pack"
    shutil.copytree(sample_city(), copy)
    return copy
