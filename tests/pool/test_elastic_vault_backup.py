"""The vault of Elasticsearch in a file and back: nothing readable, nothing lost, and what was erased stays erased."""

import lzma
import stat

import pytest
from contract.samples import START
from contract.vault_contract import KEY, OTHER, entry
from elastic_backend import new_elastic

from pool.elastic.admin import create_indices
from pool.elastic.backup import export_vault, import_vault
from pool.elastic.vault import ElasticVault
from schemas.errors import KeyMissing, PoolError

pytestmark = pytest.mark.usefixtures("elasticsearch")

MASTER = bytes(range(32))


@pytest.fixture
def vaults():
    """Two pools on one server, under one master key."""
    with new_elastic() as first, new_elastic() as second:
        create_indices(first)
        create_indices(second)
        yield ElasticVault(first, MASTER), ElasticVault(second, MASTER)


@pytest.fixture
def filled(vaults, tmp_path):
    """A file of a vault with a live report, an erased one and a problem's key; the vault that it came from, an empty one."""
    old, new = vaults
    old.write({"r1": KEY, "r2": KEY, "p1": OTHER}, [entry("r1"), entry("r2", "k2", "h2")])
    old.contact("r1", "clerk-7", "回访", START)
    old.erase("r2")
    assert export_vault(old, tmp_path / "vault.xz") == {"keys": 4, "callers": 1, "disclosures": 1}
    return tmp_path / "vault.xz", old, new


def test_a_vault_comes_back_from_its_file_into_an_empty_pool(filled):
    path, old, new = filled
    assert import_vault(new, path) == {"keys": 2, "callers": 1, "disclosures": 1}
    assert new.keys(["r1", "r2", "p1"]) == {"r1": KEY, "r2": None, "p1": OTHER}
    assert new.callers(["h1", "h2"]) == {"h1": "k1"}
    assert new.disclosures() == old.disclosures() != []
    assert new.contact("r1", "a", "b", START) == {"phone": "13000000000", "name": "甲某"}
    assert import_vault(new, path) == {"keys": 0, "callers": 0, "disclosures": 0}


def test_the_file_is_its_owners_alone_and_unreadable_without_the_master_key(filled):
    path, _, _ = filled
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = lzma.decompress(path.read_bytes())
    assert b'"r1"' in text
    assert not any(word in text for word in (KEY, KEY.hex().encode(), b"13000000000", "甲某".encode(), MASTER.hex().encode()))
    with pytest.raises(PoolError, match="已存在"):
        export_vault(filled[1], path)


def test_what_was_erased_after_the_backup_stays_erased_where_it_is_known(filled):
    path, old, _ = filled
    old.erase("r1")
    assert import_vault(old, path)["keys"] == 0
    assert old.keys(["r1", "p1"]) == {"r1": None, "p1": OTHER}
    assert old.callers(["h1"]) == {}
    assert old.contact("r1", "a", "b", START) is None


def test_what_is_erased_in_the_file_is_erased_in_the_pool_too(filled):
    path, _, new = filled
    new.write({"r2": OTHER, "r1": OTHER}, [entry("r2", "k9", "h9")])
    import_vault(new, path)
    assert new.keys(["r1", "r2"]) == {"r1": OTHER, "r2": None}
    assert new.callers(["h9"]) == {}


def test_a_file_of_another_master_key_a_cut_one_and_another_file_change_nothing(filled, tmp_path):
    path, _, new = filled
    text = lzma.decompress(path.read_bytes())
    (tmp_path / "short.xz").write_bytes(lzma.compress(b"".join(text.splitlines(keepends=True)[:-2])))
    (tmp_path / "other.xz").write_bytes(lzma.compress(text.replace(new.check.encode(), b"0" * 64)))
    (tmp_path / "cut.xz").write_bytes(path.read_bytes()[:-40])
    (tmp_path / "text.xz").write_bytes(b"not a backup")
    for name, error, words in (
        ("short.xz", PoolError, "不完整"), ("other.xz", KeyMissing, "另一把主密钥"),
        ("cut.xz", PoolError, "读不出"), ("text.xz", PoolError, "读不出"), ("none.xz", PoolError, "读不出"),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            import_vault(new, tmp_path / name)
    assert new.keys(["r1", "p1"]) == {}


def test_an_export_that_fails_leaves_no_file(filled, tmp_path, monkeypatch):
    _, old, _ = filled
    monkeypatch.setattr(lzma.LZMAFile, "write", lambda self, data: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(PoolError, match="磁盘"):
        export_vault(old, tmp_path / "second.xz")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["vault.xz"]
