"""Likeness: fitted from the pack alone, kept in a cache folder, never trusted when damaged."""

from pathlib import Path

import numpy as np
import pytest

from city.pack import CityPack, load_pack
from city.sample import sample_city
from classifiers.likeness import Likeness, fit, likeness_of


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return load_pack(sample_city())


@pytest.fixture(scope="module")
def fitted(pack: CityPack) -> Likeness:
    return fit(pack)


def name_of(pack: CityPack, likeness: Likeness, text: str) -> str:
    return pack.categories[likeness.shares(text, 1)[0][0]].name


def test_a_text_is_most_like_the_category_it_is_about(pack: CityPack, fitted: Likeness) -> None:
    assert name_of(pack, fitted, "整条街的灯一到晚上全黑着") == "路灯故障"
    assert name_of(pack, fitted, "干完活老板不给工钱") == "拖欠工资"


def test_shares_are_of_one_whole_best_first(fitted: Likeness) -> None:
    shares = [share for _, share in fitted.shares("水管冻裂了楼道里全是水", len(fitted.categories))]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0, abs=1e-4)


def test_a_text_without_any_known_piece_is_like_nothing(fitted: Likeness) -> None:
    assert fitted.shares("???? 12345 abc", 3) == []
    assert fitted.shares("", 3) == []


def test_what_is_read_from_the_cache_says_the_same(
    pack: CityPack, fitted: Likeness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENTICHI_CACHE", str(tmp_path))
    likeness_of(pack)
    stored = likeness_of(pack)
    text = "饭馆油烟直接排到我家窗户"
    assert [code for code, _ in stored.shares(text, 3)] == [code for code, _ in fitted.shares(text, 3)]


@pytest.mark.slow
def test_a_damaged_cache_is_fitted_again(
    pack: CityPack, fitted: Likeness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENTICHI_CACHE", str(tmp_path))
    likeness_of(pack)
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(b"not an archive")
    mended = likeness_of(pack)
    assert np.allclose(mended.scores("停水三天了"), fitted.scores("停水三天了"), atol=1e-4)


@pytest.mark.slow
def test_a_cache_folder_that_cannot_be_written_is_no_fault(
    pack: CityPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", "utf-8")
    monkeypatch.setenv("WENTICHI_CACHE", str(blocked / "below"))
    assert name_of(pack, likeness_of(pack), "晚上路灯不亮") == "路灯故障"
