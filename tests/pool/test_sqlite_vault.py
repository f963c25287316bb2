"""The vault in a file: what the port says, and that the file gives nothing away."""

import base64
import multiprocessing
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from contract.samples import START
from contract.vault_contract import KEY, VaultContract, entry

from pool.master_key import MASTER_KEY_VARIABLE, master_key
from pool.ports import ContactEntry
from pool.vault import SqliteVault
from schemas.errors import KeyMissing, PoolDamaged, PoolError

MASTER = bytes(range(32))


class TestSqliteVault(VaultContract):
    @pytest.fixture
    def vault(self, tmp_path):
        vault = SqliteVault(tmp_path / "vault.db", MASTER)
        yield vault
        vault.close()


@pytest.fixture
def vault(tmp_path):
    vault = SqliteVault(tmp_path / "vault.db", MASTER)
    yield vault
    vault.close()


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.glob("vault.db*"))


def test_nothing_in_the_file_is_readable_without_the_master_key(vault, tmp_path):
    vault.write({"r1": KEY}, [entry("r1")])
    assert not any(word in bytes_of(tmp_path) for word in (KEY, b"13000000000", "甲某".encode(), MASTER))


def test_after_erasing_and_compacting_no_byte_of_key_contact_or_hash_is_left(vault, tmp_path):
    hash_ = vault.keyed_hash("phone", "13000000000")
    vault.write({"r1": KEY, "r2": KEY}, [entry("r1", "caller-to-forget", hash_), entry("r2", "k2", "h2")])
    with sqlite3.connect(tmp_path / "vault.db") as db:
        wrapped, sealed = db.execute("select wrapped, sealed from keys where id = 'r1'").fetchone()
    db.close()
    vault.erase("r1")
    vault.compact()
    left = bytes_of(tmp_path)
    assert not any(trace in left for trace in (wrapped, sealed, hash_.encode(), b"caller-to-forget"))
    assert vault.keys(["r1", "r2"]) == {"r1": None, "r2": KEY}


def test_erasing_alone_leaves_no_byte_in_the_files_either(vault, tmp_path):
    vault.write({"r1": KEY}, [entry("r1", "caller-to-forget", "hash-to-forget")])
    vault.erase("r1")
    assert b"to-forget" not in bytes_of(tmp_path)


def test_another_master_key_is_noticed(vault, tmp_path):
    vault.write({"r1": KEY}, [])
    with pytest.raises(KeyMissing, match="不是密钥库"):
        SqliteVault(tmp_path / "vault.db", b"x" * 32)
    with pytest.raises(KeyMissing, match="32 字节"):
        SqliteVault(tmp_path / "vault.db", b"short")


def test_a_wrapped_key_serves_only_the_id_it_was_made_for(vault, tmp_path):
    vault.write({"r1": KEY, "r2": b"2" * 32}, [])
    with sqlite3.connect(tmp_path / "vault.db") as db:
        db.execute("update keys set wrapped = (select wrapped from keys where id = 'r2') where id = 'r1'")
    db.close()
    with pytest.raises(PoolDamaged, match="r1"):
        vault.keys(["r1"])


def test_who_was_shown_a_contact_is_logged_and_the_log_cannot_be_changed(vault, tmp_path):
    vault.write({"r1": KEY}, [entry("r1")])
    vault.contact("r1", "clerk-7", "回访", START)
    vault.contact("r2", "clerk-8", "核实", START)
    assert [(reader, reason, report) for _, reader, reason, report in vault.disclosures()] == [
        ("clerk-7", "回访", "r1"), ("clerk-8", "核实", "r2"),
    ]  # fmt: skip
    assert len(vault.disclosures("r1")) == 1
    with sqlite3.connect(tmp_path / "vault.db") as db:
        for statement in ("delete from disclosures", "update disclosures set reader = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)
    db.close()


def test_a_vault_of_a_newer_version_and_a_broken_one_are_refused(tmp_path):
    SqliteVault(tmp_path / "vault.db", MASTER).close()
    with sqlite3.connect(tmp_path / "vault.db") as db:
        db.execute("pragma user_version = 99")
    db.close()
    with pytest.raises(PoolError, match="更新的版本"):
        SqliteVault(tmp_path / "vault.db", MASTER)
    (tmp_path / "broken.db").write_bytes(b"not a vault " * 500)
    with pytest.raises(PoolError, match="备份"):
        SqliteVault(tmp_path / "broken.db", MASTER)


def _write_many(path: Path, caller: str) -> None:
    vault = SqliteVault(path, MASTER)
    for number in range(20):
        keys = {f"r{number}-{n}": os.urandom(32) for n in range(20)}
        contacts = [ContactEntry(id_, caller, (f"h-{id_}",), {"phone": id_}) for id_ in keys]
        lost = vault.write(keys, contacts)
        stored = vault.keys(keys)
        assert all((stored[id_] == key) == (id_ not in lost) for id_, key in keys.items())
    vault.close()


def test_several_processes_write_at_once_and_each_key_has_one_winner(vault, tmp_path):
    spawning = multiprocessing.get_context("fork")
    writers = [spawning.Process(target=_write_many, args=(tmp_path / "vault.db", f"k{n}")) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    ids = [f"r{number}-{n}" for number in range(20) for n in range(20)]
    assert len(vault.keys(ids)) == 400
    assert set(vault.callers(f"h-{id_}" for id_ in ids).values()) <= {"k0", "k1", "k2"}


def test_the_master_key_comes_from_the_environment_in_hex_or_base64(tmp_path):
    for text in (MASTER.hex(), base64.b64encode(MASTER).decode(), base64.urlsafe_b64encode(b"\xff" * 32).decode()):
        assert len(master_key(tmp_path / "key", {MASTER_KEY_VARIABLE: f" {text}\n"})) == 32
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("text", ["abc", "z" * 64, MASTER.hex()[:-2], base64.b64encode(b"x" * 31).decode(), "甲乙丙丁"])
def test_a_master_key_of_wrong_length_is_refused_and_never_shown(tmp_path, text):
    with pytest.raises(KeyMissing) as refused:
        master_key(tmp_path / "key", {MASTER_KEY_VARIABLE: text})
    assert text not in str(refused.value)


def test_the_key_file_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "keys" / "master.key"
    made = master_key(path, {}, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert master_key(path, {}) == master_key(path, {}, create=True) == made
    assert [p.name for p in path.parent.iterdir()] == ["master.key"]


def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "master.key"
    master_key(path, {}, create=True)
    path.chmod(0o640)
    with pytest.raises(KeyMissing, match="chmod 600"):
        master_key(path, {})


def test_a_missing_or_cut_key_file_is_refused(tmp_path):
    with pytest.raises(KeyMissing, match="备份"):
        master_key(tmp_path / "none", {})
    (tmp_path / "cut").touch(0o600)
    (tmp_path / "cut").chmod(0o600)
    with pytest.raises(KeyMissing, match="32 字节"):
        master_key(tmp_path / "cut", {})
