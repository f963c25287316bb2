"""Files that are no reports, damaged pools, keys, folders and packs: one clear sentence, never a crash or a hang."""

import base64
import lzma
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import orjson
import pytest

from faults.clear import fault
from faults.conftest import COMMAND, Said, environment
from faults.rows import row
from schemas.words import Channel


def files(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("empty", "folder", "damaged.xz", "cut.xz", "garbage.xz", "long")}
    made["empty"].write_bytes(b"")
    made["folder"].mkdir()
    packed = lzma.compress(row(Channel.MESSAGE, "x") * 1000)
    made["damaged.xz"].write_bytes(packed[:60] + b"\xff" * 20 + packed[80:])
    made["cut.xz"].write_bytes(packed[: len(packed) // 2])
    made["garbage.xz"].write_bytes(b"\xfd7zXZ\x00" + os.urandom(100))
    made["long"].write_bytes(b"x" * (65 << 20))
    return made


def test_files_that_are_no_files_of_reports(folder, here, tmp_path):
    made = files(tmp_path)
    empty = here("push", made["empty"], "--channel", "message", "--json")
    assert empty.status == 0
    assert orjson.loads(empty.out)["lines"] == 0
    for name in ("folder", "damaged.xz", "cut.xz", "garbage.xz", "long"):
        said = fault(here("push", made[name], "--channel", "message"))
        assert name in said, said


def damage(folder: Path, how: str) -> None:  # noqa: C901 - a list of damages
    pool, vault, key = folder / "pool.db", folder / "vault.db", folder / "master.key"
    match how:
        case "pool is text":
            pool.write_text("这不是数据库\n" * 500, "utf-8")
        case "pool is damaged inside":
            raw = bytearray(pool.read_bytes())
            raw[8192 : len(raw) - 8192] = os.urandom(len(raw) - 16384)
            pool.write_bytes(raw)
        case "pool is cut":
            pool.write_bytes(pool.read_bytes()[:20_000])
        case "pool is a folder":
            pool.unlink()
            pool.mkdir()
        case "pool is of a later version":
            with sqlite3.connect(pool) as connection:
                connection.execute("pragma user_version = 99")
            connection.close()
        case "vault is text":
            vault.write_text("这不是数据库\n" * 500, "utf-8")
        case "vault is damaged inside":
            raw = bytearray(vault.read_bytes())
            raw[4096:] = os.urandom(len(raw) - 4096)
            vault.write_bytes(raw)
        case "key is gone":
            key.unlink()
        case "key is another":
            key.write_bytes(base64.b64encode(os.urandom(32)))
        case "key is half":
            key.write_bytes(key.read_bytes()[:20])
        case "key is binary":
            key.write_bytes(os.urandom(200))
        case "key is readable by others":
            key.chmod(0o644)
        case "key is a folder":
            key.unlink()
            key.mkdir()
    for name in ("pool.db", "vault.db"):
        if how.split(maxsplit=1)[0] in name:
            for tail in ("-wal", "-shm"):
                (folder / (name + tail)).unlink(missing_ok=True)


DAMAGES = (
    "pool is text",
    "pool is damaged inside",
    "pool is cut",
    "pool is a folder",
    "pool is of a later version",
    "vault is text",
    "vault is damaged inside",
    "key is gone",
    "key is another",
    "key is half",
    "key is binary",
    "key is readable by others",
    "key is a folder",
)


@pytest.mark.slow
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_pool_is_said_clearly_by_every_command(how, copied, here, tmp_path):
    good = tmp_path / "good.jsonl"
    good.write_bytes(row(Channel.MESSAGE, "x") + b"\n")
    damage(copied, how)
    push_it, back_up = ("push", good, "--channel", "message"), ("backup", tmp_path / "b")
    for command in (("stats",), ("search", "停水"), push_it, ("audit", "verify"), back_up):
        said = here(*command)
        if how in ("pool is damaged inside", "vault is damaged inside") and said.status in (0, 1):
            continue  # a command that reads no damaged page cannot know
        fault(said)
        shutil.rmtree(tmp_path / "b", ignore_errors=True)


@pytest.mark.slow
def test_a_master_key_in_the_environment_that_is_none(copied, wentichi):
    for value in ("x", "0" * 63, "00" * 32, "密钥"):
        done = wentichi("stats", WENTICHI_MASTER_KEY=value)
        fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("setpriv") is None and os.geteuid() == 0, reason="root may write everywhere: needs setpriv")
@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("command", [("stats",), ("search", "停水"), ("pool", "compact")], ids=str)
def test_a_folder_that_may_not_be_written_or_read(command, mode, copied):
    """Root may do everything, so the command runs without root's privileges."""
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    for file in copied.iterdir():
        file.chmod(file.stat().st_mode & 0o400)
    copied.chmod(mode)
    done = subprocess.run(
        [*bare, COMMAND, *command], env=environment(copied), capture_output=True, text=True, timeout=60, check=False
    )
    copied.chmod(0o755)
    fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
def test_a_home_that_cannot_be_made(wentichi, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    for home in (Path("/proc/wentichi"), file, file / "below"):
        done = wentichi("stats", home=home)
        fault(Said(done.returncode, done.stdout, done.stderr))


@pytest.mark.slow
def test_a_pack_that_is_none(wentichi, tmp_path):
    for pack in (tmp_path, tmp_path / "nowhere", Path("/etc/hostname")):
        done = wentichi("stats", WENTICHI_PACK=str(pack))
        fault(Said(done.returncode, done.stdout, done.stderr), lines=20)
