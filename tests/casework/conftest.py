import pytest
from world import World, sample_pack

from city import CityPack


@pytest.fixture(scope="session")
def pack() -> CityPack:
    """One pack for all: a property cannot take it as an argument, a failure would print it whole."""
    return sample_pack()


@pytest.fixture
def world(pack: CityPack) -> World:
    return World(pack)
