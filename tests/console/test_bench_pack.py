"""The big made-up city: sound, the same every time, as large as was asked, and measured."""

from pathlib import Path

import pytest

from city import Severity, check_pack, load_pack
from city.layout import PackFile
from console.bench.big_city import BigCity, big_city
from console.bench.pack import bench_pack
from schemas.errors import ContractError

SMALL = BigCity(categories=250, duty=400, grids=700, units=110)


def test_the_city_is_sound_and_as_large_as_asked(tmp_path: Path) -> None:
    folder = big_city(tmp_path / "pack", SMALL)
    assert {(fault.file, fault.severity) for fault in check_pack(folder)} <= {(PackFile.CALENDAR, Severity.WARNING)}
    pack = load_pack(folder)
    assert (len(pack.leaves()), len(pack.duty_items), len(pack.grids), len(pack.units)) == (250, 400, 700, 110)
    for place in (place for found in pack.place_names.values() for place in found):
        assert place.lon is not None
        assert place.lat is not None
        assert (grid := pack.grid_at(place.lon, place.lat))
        assert grid.code == place.grid


def test_the_same_sizes_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = big_city(tmp_path / "one", SMALL), big_city(tmp_path / "other", SMALL)
    assert {file.name: file.read_bytes() for file in one.iterdir()} == {file.name: file.read_bytes() for file in other.iterdir()}


@pytest.mark.parametrize(
    "size", [BigCity(units=60), BigCity(grids=10), BigCity(categories=9, duty=8), BigCity(categories=10**6, duty=10**6)]
)
def test_sizes_that_are_no_city_are_refused(tmp_path: Path, size: BigCity) -> None:
    with pytest.raises(ContractError):
        big_city(tmp_path / "pack", size)


@pytest.mark.slow
def test_the_bench_measures_and_leaves_nothing(tmp_path: Path) -> None:
    figures = bench_pack(SMALL, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert figures["load"]["counted"] == {"categories": 250, "duty": 400, "grids": 700, "units": 110}
    assert figures["load"]["seconds"] > 0
    assert figures["decisions"]["ratio"] > 0
