import pytest
from world import World

from city import CityPack, load_pack, sample_city


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_pack(sample_city())


@pytest.fixture
def world(pack: CityPack) -> World:
    return World(pack)
