"""The sample city and a classifier for it."""

import pytest

from city.pack import CityPack, load_pack
from city.sample import sample_city
from classifiers.pack_rules import PackClassifier


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_pack(sample_city())


@pytest.fixture(scope="session")
def classifier(pack: CityPack) -> PackClassifier:
    return PackClassifier(pack)
